import { Anchor, Button, Group, Modal, Radio, Select } from "@mantine/core";
import { IconAlertTriangle, IconFileZip, IconMinus, IconPlus, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { listed, msg, t, tn } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import {
  type Conflict,
  type Imported,
  type ImportResult,
  useConnections,
  useDryRun,
  useImport,
} from "../api/exports";
import classes from "./Dialogs.module.css";

const CHOICES: { value: Conflict; label: string; about: string }[] = [
  {
    value: "new_version",
    label: msg("Bring up to date"),
    about: msg(
      "It becomes the draft. The draft before it is kept as a version, and what is published stays.",
    ),
  },
  { value: "copy", label: msg("Make a copy"), about: msg("Both stay, side by side.") },
  { value: "skip", label: msg("Leave it as it is"), about: msg("Only what is not here yet is taken.") },
];

interface Props {
  file: File | null;
  close: () => void;
}

/** Shows what an archive would bring, asks what is open, and only then does it. */
export function ImportDialog({ file, close }: Props) {
  return (
    <Modal opened={file !== null} onClose={close} title={t("Import")} size="lg">
      {file ? <Choices key={`${file.name} ${file.lastModified}`} file={file} close={close} /> : null}
    </Modal>
  );
}

function Choices({ file, close }: { file: File; close: () => void }) {
  const [conflict, setConflict] = useState<Conflict>("new_version");
  const [bindings, setBindings] = useState<Record<string, string>>({});
  const dry = useDryRun(file, { conflict, bindings });
  const importing = useImport();
  const done = importing.data;
  const told = done ?? dry.data;
  const changes = (dry.data?.created.length ?? 0) + (dry.data?.updated.length ?? 0) > 0;
  return (
    <div className={classes.form}>
      <div className={classes.file}>
        <IconFileZip size={20} aria-hidden />
        {file.name}
        <span className={classes.quiet}>{formatBytes(file.size)}</span>
      </div>
      {dry.isPending ? (
        <p className={classes.quiet} role="status">
          {t("Reading what is in it…")}
        </p>
      ) : null}
      {dry.isError ? <Problem error={dry.error} /> : null}
      {told && !done ? (
        <>
          {told.conflicts.length ? <Conflicts told={told} value={conflict} choose={setConflict} /> : null}
          {told.credentials.length ? (
            <Credentials told={told} bindings={bindings} bind={setBindings} />
          ) : null}
        </>
      ) : null}
      {told ? <Told told={told} done={done !== undefined} close={close} /> : null}
      {importing.error ? <Problem error={importing.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("Close")}
        </Button>
        {done ? null : (
          <Button
            disabled={!changes || dry.isError || dry.isPlaceholderData}
            loading={importing.isPending}
            onClick={() => importing.mutate({ file, conflict, bindings })}
          >
            {t("Import")}
          </Button>
        )}
      </Group>
    </div>
  );
}

interface ConflictsProps {
  told: ImportResult;
  value: Conflict;
  choose: (value: Conflict) => void;
}

function Conflicts({ told, value, choose }: ConflictsProps) {
  const names = listed(told.conflicts.map((one) => one.name));
  return (
    <Radio.Group
      label={tn(told.conflicts.length, "{n} thing is here already", "{n} things are here already")}
      description={names}
      value={value}
      onChange={(chosen) => choose(chosen as Conflict)}
    >
      <div className={classes.forms}>
        {CHOICES.map((one) => (
          <Radio key={one.value} value={one.value} label={t(one.label)} description={t(one.about)} />
        ))}
      </div>
    </Radio.Group>
  );
}

interface CredentialsProps {
  told: ImportResult;
  bindings: Record<string, string>;
  bind: (bindings: Record<string, string>) => void;
}

function Credentials({ told, bindings, bind }: CredentialsProps) {
  const connections = useConnections();
  return (
    <div className={classes.forms}>
      {told.credentials.map(({ name, connection }) => (
        <Select
          key={name}
          label={t("Connection for “{name}”", { name })}
          description={t("Models of the flows are asked through it. Keys are never in an archive.")}
          placeholder={t("None: choose models in the flow later")}
          nothingFoundMessage={t("Add a connection on the page Models first")}
          searchable
          clearable={name in bindings}
          data={connections.data?.map((one) => ({ value: one.id, label: one.name })) ?? []}
          value={bindings[name] ?? connection}
          onChange={(id) => {
            const { [name]: _, ...others } = bindings;
            bind(id ? { ...others, [name]: id } : others);
          }}
        />
      ))}
    </div>
  );
}

interface ToldProps {
  told: ImportResult;
  done: boolean;
  close: () => void;
}

/** The answer of an import as people read it; before it is done in the future, afterwards in the past. */
function Told({ told, done, close }: ToldProps) {
  return (
    <div className={classes.groups} role="status">
      <Part
        title={done ? t("Has been created") : t("Will be created")}
        items={told.created}
        close={close}
        Icon={IconPlus}
      />
      <Part
        title={done ? t("Brought up to date") : t("Will be brought up to date")}
        items={told.updated}
        close={close}
        Icon={IconRefresh}
      />
      <Part title={t("Stays as it is")} items={told.skipped} close={close} Icon={IconMinus} />
      {told.warnings.length ? (
        <section>
          <h3>{t("To know")}</h3>
          <ul>
            {told.warnings.map((warning) => (
              <li key={warning}>
                <IconAlertTriangle size={15} aria-hidden color="var(--spark)" />
                <span>{warning}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </div>
  );
}

interface PartProps {
  title: string;
  items: Imported[];
  close: () => void;
  Icon: typeof IconPlus;
}

function Part({ title, items, close, Icon }: PartProps) {
  if (items.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <ul>
        {items.map((one) => (
          <li key={`${one.type} ${one.key} ${one.name}`}>
            <Icon size={15} aria-hidden />
            {one.type === "flow" && one.id ? (
              <Anchor component={Link} to={`/flows/${one.id}`} onClick={close}>
                {one.name}
              </Anchor>
            ) : (
              one.name
            )}
            {one.note ? <span>{t(one.note)}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
