import { Button, Modal, TextInput } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { Problem } from "./Failure";

interface Props {
  /** What it is called now; `null` while nothing is renamed. */
  of: string | null;
  /** What it has: a name, a title. */
  label: string;
  save: (name: string, done: () => void) => void;
  /** What `save` sets going; what it refuses is said here. */
  mutation: Pick<UseMutationResult<unknown, Error, never>, "isPending" | "error" | "reset">;
  close: () => void;
}

/** Asks for a new name. */
export function Rename({ of, close, ...form }: Props) {
  const leave = () => {
    form.mutation.reset();
    close();
  };
  return (
    <Modal opened={of !== null} onClose={leave} title={t("Rename")}>
      {of === null ? null : <NameForm of={of} close={leave} {...form} />}
    </Modal>
  );
}

function NameForm({ of, label, save, mutation, close }: Props & { of: string }) {
  const [name, setName] = useState(of);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save(name.trim(), close);
  };
  return (
    <form onSubmit={submit}>
      {mutation.error ? <Problem error={mutation.error} /> : null}
      <TextInput
        label={label}
        data-autofocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button mt="md" type="submit" loading={mutation.isPending} disabled={!name.trim()}>
        {t("Save")}
      </Button>
    </form>
  );
}
