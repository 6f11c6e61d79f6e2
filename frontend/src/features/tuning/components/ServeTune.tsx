import { Button, Group, Modal, SegmentedControl, Select, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { Problem, tell } from "@/shared/ui";
import { type Tune, useAdapterServices, useKeepTune, useServeTune } from "../api/tuning";
import classes from "./tuning.module.css";

interface Props {
  tune: Tune;
  close: () => void;
  /** Called with the model as flows name it. */
  served: (model: string) => void;
}

type How = "model" | "adapter" | "keep";

/** Three ways on: a service of its own, an adapter in a running service of its base, a folder in the store. */
export function ServeTune({ tune, close, served }: Props) {
  const [how, setHow] = useState<How>("model");
  const [name, setName] = useState(() => slug(tune.name));
  const [service, setService] = useState<string | null>(null);
  const services = useAdapterServices().data ?? [];
  const [serve, keep] = [useServeTune(), useKeepTune()];
  const failed = how === "keep" ? keep.error : serve.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (how === "keep") {
      const done = () => {
        close();
        tell.done(t("“{name}” is in the store of models now.", { name }));
      };
      keep.mutate({ id: tune.id, name }, { onSuccess: done });
      return;
    }
    const into = how === "adapter" ? service : null;
    serve.mutate(
      { id: tune.id, name, service: into },
      {
        onSuccess: ({ model }) => {
          close();
          served(model);
          tell.done(t("“{model}” starts; the page Models shows how far it is.", { model }));
        },
      },
    );
  };
  return (
    <Modal opened onClose={close} title={t("Serve or keep “{name}”", { name: tune.name })}>
      <form onSubmit={submit} className={classes.form}>
        <SegmentedControl
          fullWidth
          value={how}
          onChange={(next) => setHow(next as How)}
          data={[
            { value: "model", label: t("Serve it") },
            { value: "adapter", label: t("As an adapter") },
            { value: "keep", label: t("Keep it") },
          ]}
        />
        <p className={classes.quiet}>
          {how === "model"
            ? t(
                "A service of its own, by the built-in engine where there is a GGUF file. Flows choose it as a model.",
              )
            : how === "adapter"
              ? t("A running vLLM service of the base model answers under this name too; nothing restarts.")
              : t("The merged model goes into the store of models: to serve it later, or to teach it more.")}
        </p>
        <TextInput
          label={t("Name")}
          required
          withAsterisk={false}
          maxLength={50}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {how === "adapter" ? (
          <Select
            label={t("Service")}
            placeholder={services.length ? undefined : t("None that takes adapters is ready")}
            data={services.map((one) => ({ value: one.id, label: one.name }))}
            value={service}
            onChange={setService}
            description={<Link to="/models">{t("Start one on the page Models")}</Link>}
          />
        ) : null}
        {failed ? <Problem error={failed} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button
            type="submit"
            loading={serve.isPending || keep.isPending}
            disabled={!name.trim() || (how === "adapter" && !service)}
          >
            {how === "keep" ? t("Keep it") : t("Serve it")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

function slug(name: string): string {
  const found = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return found.slice(0, 40) || "tuned";
}
