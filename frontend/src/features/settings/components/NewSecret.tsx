import { Button, TextInput } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { CopyButton, Problem } from "@/shared/ui";
import classes from "./Settings.module.css";

interface Props {
  label: string;
  /** Given the name; what it returns is shown this once. */
  create: Pick<
    UseMutationResult<{ token: string }, Error, string>,
    "mutate" | "isPending" | "error" | "data"
  >;
}

/** Makes a secret for a program and shows it this once. */
export function NewSecret({ label, create }: Props) {
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name.trim(), { onSuccess: () => setName("") });
  };
  return (
    <>
      <form onSubmit={submit} className={classes.inline}>
        <TextInput
          label={label}
          placeholder={t("What will use it")}
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={create.isPending} disabled={!name.trim()}>
          {t("Create")}
        </Button>
      </form>
      {create.error ? <Problem error={create.error} /> : null}
      {create.data ? (
        <div className={classes.secret} role="status">
          <p>{t("Copy it now: it is shown this once.")}</p>
          <div>
            <code>{create.data.token}</code>
            <CopyButton text={() => create.data?.token ?? ""} />
          </div>
        </div>
      ) : null}
    </>
  );
}
