import { Button, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import { type Service, useAsk } from "../api/serving";
import classes from "./serving.module.css";

/** One question to a service, or to an adapter of it. */
export function ServiceChat({ service }: { service: Service }) {
  const [text, setText] = useState("");
  const [model, setModel] = useState(service.model);
  const ask = useAsk();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate({ id: service.id, model, text });
  };
  return (
    <form onSubmit={submit} className={classes.open}>
      <div className={classes.ask}>
        {service.adapters.length ? (
          <Select
            label={t("Model")}
            allowDeselect={false}
            data={[service.model, ...service.adapters.map((one) => one.name)]}
            value={model}
            onChange={(chosen) => chosen && setModel(chosen)}
          />
        ) : null}
        <TextInput
          label={t("Question")}
          data-autofocus
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit" loading={ask.isPending} disabled={!text.trim()}>
          {t("Ask")}
        </Button>
      </div>
      <div aria-live="polite">
        {ask.error ? <Problem error={ask.error} /> : null}
        {ask.data === undefined ? null : <p className={classes.said}>{ask.data}</p>}
      </div>
    </form>
  );
}
