import { Button, PasswordInput, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import classes from "./Gate.module.css";

/** The frame of the pages before one is in: what Flowloft is beside what it asks. */
export function Gate({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  return (
    <main className={classes.gate}>
      <section className={classes.card}>
        <div className={classes.brand}>
          <img src="/flowloft.svg" alt="" width={30} height={30} />
          <span>Flowloft</span>
        </div>
        <h1 className={classes.title}>{title}</h1>
        {about ? <div className={classes.about}>{about}</div> : null}
        {children}
      </section>
      <p className={classes.foot}>{t("Draw a flow, save it, run it anywhere.")}</p>
    </main>
  );
}

interface FormProps {
  action: string;
  /** `new` sets a password, which the browser then offers to keep. */
  kind: "new" | "known";
  error: unknown;
  pending: boolean;
  submit: (username: string, password: string) => void;
}

export function NameAndPassword({ action, kind, error, pending, submit }: FormProps) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const short = kind === "new" && password.length < 8;
  const send = (event: FormEvent) => {
    event.preventDefault();
    submit(username.trim(), password);
  };
  return (
    <form onSubmit={send} className={classes.form}>
      <TextInput
        label={t("User name")}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        withAsterisk={false}
        maxLength={150}
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("Password")}
        description={kind === "new" ? t("At least eight characters.") : undefined}
        name="password"
        autoComplete={kind === "new" ? "new-password" : "current-password"}
        required
        withAsterisk={false}
        value={password}
        visibilityToggleButtonProps={{ "aria-label": t("Show or hide the password") }}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      {error ? <Problem error={error} /> : null}
      <Button
        type="submit"
        fullWidth
        size="md"
        loading={pending}
        disabled={!username.trim() || !password || short}
      >
        {action}
      </Button>
    </form>
  );
}
