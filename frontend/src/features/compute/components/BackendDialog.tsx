import { Button, Group, Modal, Select, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import { type Backend, useBackendKinds, useSaveBackend } from "../api/compute";
import { fieldsOf, type Settings, settingsOf } from "../model/form";
import classes from "./compute.module.css";
import { SettingsFields } from "./SettingsFields";

interface Props {
  /** `null` adds a new one. */
  backend: Backend | null;
  opened: boolean;
  close: () => void;
  /** Called with the saved one, so that it can be checked at once. */
  saved: (backend: Backend) => void;
}

/** Names a place to compute and says how to reach it. Saving starts nothing there. */
export function BackendDialog({ backend, opened, close, saved }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      title={backend ? t("Backend “{name}”", { name: backend.name }) : t("Add a backend")}
    >
      <Form backend={backend} close={close} saved={saved} />
    </Modal>
  );
}

function Form({ backend, close, saved }: Omit<Props, "opened">) {
  const kinds = useBackendKinds().data ?? [];
  const save = useSaveBackend();
  const [kind, setKind] = useState(backend?.kind ?? "slurm");
  const [name, setName] = useState(backend?.name ?? "");
  const [python, setPython] = useState(backend?.python ?? "");
  const [shared, setShared] = useState(backend?.shared ?? false);
  const [values, setValues] = useState<Settings>(backend?.settings ?? {});
  const chosen = kinds.find((one) => one.key === kind);
  const fields = fieldsOf(chosen?.schema ?? {});
  const wrong = problemsOf(save.error);

  function submit(event: FormEvent) {
    event.preventDefault();
    const sent = { kind, name, python, shared, settings: settingsOf(fields, values) };
    save.mutate(
      { ...sent, id: backend?.id },
      {
        onSuccess: (found) => {
          close();
          saved(found);
        },
      },
    );
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <div className={classes.pair}>
        <Select
          label={t("Kind")}
          allowDeselect={false}
          disabled={backend !== null}
          data={kinds.map((one) => ({ value: one.key, label: t(one.title) }))}
          value={kind}
          onChange={(next) => {
            if (!next) return;
            setKind(next);
            setValues({});
            save.reset();
          }}
        />
        <TextInput
          label={t("Name")}
          placeholder={t("cluster-b")}
          required
          withAsterisk={false}
          maxLength={60}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </div>
      {chosen ? <p className={classes.quiet}>{t(chosen.summary)}</p> : null}
      <SettingsFields
        fields={fields}
        values={values}
        kept={backend?.secrets ?? []}
        wrong={wrong}
        change={(field, value) => setValues({ ...values, [field]: value })}
      />
      <TextInput
        label={t("Python with Flowloft")}
        description={
          chosen?.shares_files
            ? t("For whole flows. Empty: the one the studio runs on, over the shared files.")
            : t("For whole flows. Empty: python3, as it is found there.")
        }
        maxLength={500}
        value={python}
        onChange={(event) => setPython(event.currentTarget.value)}
      />
      <Switch
        label={t("Everybody in this studio may use it")}
        description={t("Its settings stay yours to see and to change.")}
        checked={shared}
        onChange={(event) => setShared(event.currentTarget.checked)}
      />
      {save.error ? <Problem error={save.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("Cancel")}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
          {t("Save and check")}
        </Button>
      </Group>
    </form>
  );
}

/** By name of the setting what the server found wrong with it. */
function problemsOf(error: unknown): Record<string, string> {
  if (!error) return {};
  const { problems } = asApiError(error).extra as { problems?: { path: string; message: string }[] };
  return Object.fromEntries(
    (problems ?? [])
      .filter(({ path }) => path.startsWith("/settings/"))
      .map(({ path, message }) => [path.split("/")[2], message]),
  );
}
