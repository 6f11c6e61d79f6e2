import { ActionIcon, Button, Checkbox, PasswordInput, TextInput, Tooltip } from "@mantine/core";
import { IconPlus, IconRefresh, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatAgo, formatInstant, formatTime } from "@/shared/lib/format";
import { Confirm, Problem, tell } from "@/shared/ui";
import { type Connection, type ConnectionKey, useAddKey, useCheckKey, useDeleteKey } from "../api/hub";
import classes from "./Connections.module.css";

/** The keys of a connection: which answered last, which rest and until when. */
export function Keys({ connection }: { connection: Connection }) {
  const [adding, add] = useState(false);
  const { keys } = connection;
  const newest = keys.reduce<string>(
    (last, key) => ((key.answered_at ?? "") > last ? (key.answered_at ?? "") : last),
    "",
  );
  return (
    <div className={classes.part}>
      {keys.length ? (
        <ul className={classes.keys} aria-label={t("Keys of {name}", { name: connection.name })}>
          {keys.map((key) => (
            <KeyLine key={key.id} found={key} last={keys.length > 1 && key.answered_at === newest} />
          ))}
        </ul>
      ) : (
        <p className={classes.quiet}>{t("It has no key.")}</p>
      )}
      {adding ? (
        <NewKey connection={connection} close={() => add(false)} />
      ) : (
        <Button
          className={classes.plain}
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={15} />}
          onClick={() => add(true)}
        >
          {keys.length ? t("Add another key") : t("Add a key")}
        </Button>
      )}
    </div>
  );
}

function KeyLine({ found, last }: { found: ConnectionKey; last: boolean }) {
  const check = useCheckKey();
  const remove = useDeleteKey();
  const [doomed, doom] = useState<string | null>(null);
  const name = serverWords(found.name);
  const bad = found.state === "refused" || found.state === "quota";
  const mark = bad ? "bad" : found.resting ? "resting" : found.state === "answered" ? "good" : "new";
  return (
    <li className={classes.key}>
      <span className={classes.dot} data-mark={mark} aria-hidden />
      <span className={classes.keyName}>{name}</span>
      <span className={classes.quiet}>
        <KeyWords found={found} last={last} />
      </span>
      <span className={classes.actions}>
        <Tooltip label={t("Try this key now")}>
          <ActionIcon
            aria-label={t("Check {name}", { name })}
            loading={check.isPending}
            onClick={() => check.mutate(found.id, { onError: tell.failure })}
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t("Remove")}>
          <ActionIcon aria-label={t("Remove {name}", { name })} onClick={() => doom(found.id)}>
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      </span>
      <Confirm
        of={doomed}
        title={t("Remove the key “{name}”?", { name })}
        act={t("Remove")}
        mutation={remove}
        close={() => doom(null)}
      >
        {t(
          "It is deleted here and cannot be shown again. At the provider it stays valid until you revoke it there.",
        )}
      </Confirm>
      {found.message && (bad || found.resting) ? <p className={classes.said}>{found.message}</p> : null}
    </li>
  );
}

function KeyWords({ found, last }: { found: ConnectionKey; last: boolean }) {
  const words: string[] = [];
  if (found.state === "refused") words.push(t("Refused"));
  if (found.state === "quota") words.push(t("No credit left"));
  if (found.resting && found.resting_until)
    words.push(t("Rests until {time}", { time: formatTime(found.resting_until) }));
  if (found.answered_at) {
    const ago = formatAgo(found.answered_at);
    words.push(last ? t("Answered last, {ago}", { ago }) : t("Answered {ago}", { ago }));
  } else if (!words.length) words.push(found.state === "new" ? t("Not tried yet") : t("Ready again"));
  return (
    <span title={found.answered_at ? formatInstant(found.answered_at) : undefined}>{words.join(" · ")}</span>
  );
}

function NewKey({ connection, close }: { connection: Connection; close: () => void }) {
  const [secret, setSecret] = useState("");
  const [name, setName] = useState("");
  const [unchecked, setUnchecked] = useState(false);
  const add = useAddKey();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const form = { id: connection.id, api_key: secret.trim(), name: name.trim(), unchecked };
    add.mutate(form, { onSuccess: close });
  };
  return (
    <form className={classes.newKey} onSubmit={submit}>
      <div className={classes.pair}>
        <TextInput
          label={t("Name")}
          placeholder={t("Key {n}", { n: connection.keys.length + 1 })}
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("Key")}
          autoComplete="off"
          data-autofocus
          required
          withAsterisk={false}
          maxLength={4000}
          value={secret}
          visibilityToggleButtonProps={{ "aria-label": t("Show or hide the key") }}
          onChange={(event) => setSecret(event.currentTarget.value)}
        />
      </div>
      {add.error ? (
        <>
          <Problem error={add.error} />
          <Checkbox
            label={t("Keep it although it does not answer now")}
            checked={unchecked}
            onChange={(event) => setUnchecked(event.currentTarget.checked)}
          />
        </>
      ) : null}
      <div className={classes.buttons}>
        <Button type="submit" size="compact-md" loading={add.isPending} disabled={!secret.trim()}>
          {t("Check and keep")}
        </Button>
        <Button size="compact-md" variant="default" onClick={close}>
          {t("Cancel")}
        </Button>
      </div>
    </form>
  );
}
