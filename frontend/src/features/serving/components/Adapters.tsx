import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { Problem, tell } from "@/shared/ui";
import { type Service, useLoadAdapter, useUnloadAdapter } from "../api/serving";
import classes from "./serving.module.css";

/** Adapters that are loaded while the service answers, and one more. */
export function Adapters({ service }: { service: Service }) {
  const [name, setName] = useState("");
  const [path, setPath] = useState("");
  const load = useLoadAdapter();
  const unload = useUnloadAdapter();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    load.mutate({ id: service.id, name, path });
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      {service.adapters.map((one) => (
        <div key={one.name} className={classes.head}>
          <code>{one.name}</code>
          <span className={classes.quiet}>{one.path}</span>
          <ActionIcon
            aria-label={t("Remove {name}", { name: one.name })}
            loading={unload.isPending}
            onClick={() => unload.mutate({ id: service.id, name: one.name }, { onError: tell.failure })}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      ))}
      <div className={classes.pair}>
        <TextInput
          label={t("Name of the adapter")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("Its folder")}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={load.isPending} disabled={!name || !path}>
          {t("Load the adapter")}
        </Button>
      </div>
      {load.error ? <Problem error={load.error} /> : null}
    </form>
  );
}
