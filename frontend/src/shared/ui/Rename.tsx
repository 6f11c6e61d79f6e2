import { Button, Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { Problem } from "./Failure";

interface Props {
  /** What it is called now; `null` while nothing is renamed. */
  of: string | null;
  /** What it has: a name, a title. */
  label: string;
  save: (name: string, done: () => void) => void;
  saving: boolean;
  error: Error | null;
  close: () => void;
}

/** Asks for a new name. */
export function Rename({ of, close, ...form }: Props) {
  return (
    <Modal opened={of !== null} onClose={close} title={t("Rename")}>
      {of === null ? null : <NameForm of={of} close={close} {...form} />}
    </Modal>
  );
}

function NameForm({ of, label, save, saving, error, close }: Props & { of: string }) {
  const [name, setName] = useState(of);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(name.trim(), close);
  };
  return (
    <form onSubmit={submit}>
      {error ? <Problem error={error} /> : null}
      <TextInput
        label={label}
        data-autofocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button mt="md" type="submit" loading={saving} disabled={!name.trim()}>
        {t("Save")}
      </Button>
    </form>
  );
}
