import { Button, Checkbox, Group, Modal, NumberInput, Select, Skeleton, TextInput } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { reasonWords } from "@/shared/i18n/reasons";
import { formatBytes, formatMoney } from "@/shared/lib/format";
import { CopyButton, Mark, Problem } from "@/shared/ui";
import { type Fit, NO_WISH, useCreateService, useFits, useFrameworks, type Weights } from "../api/serving";
import { RateField } from "./RateField";
import { Rejected } from "./ServiceCard";
import classes from "./serving.module.css";

interface Props {
  weights: Weights | null;
  close: () => void;
}

/** Where a model fits and where not, why, by which command; then the start. */
export function StartService({ weights, close }: Props) {
  return (
    <Modal
      opened={weights !== null}
      onClose={close}
      size="xl"
      title={t("Serve {name}", { name: weights?.name ?? "" })}
    >
      {weights ? <Form weights={weights} close={close} /> : null}
    </Modal>
  );
}

type Numbers = "context" | "parallel" | "adapters" | "gpus" | "gpu_memory_gb" | "tensor_parallel";

function Form({ weights, close }: { weights: Weights; close: () => void }) {
  const [wish, setWish] = useState(NO_WISH);
  const [name, setName] = useState("");
  const [idle, setIdle] = useState(0);
  const [shared, share] = useState(true);
  const [backend, choose] = useState<string | null>(null);
  const frameworks = useFrameworks().data ?? [];
  const fits = useFits(weights.id, wish);
  const create = useCreateService();
  const chosen = backend ?? fits.data?.find((one) => one.fits)?.backend ?? null;
  const fitting = fits.data?.some((one) => one.backend === chosen && one.fits);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen === null) return;
    const body = {
      ...wish,
      name,
      weights: weights.id,
      backend: chosen,
      idle_seconds: idle * 60,
      shared,
    };
    create.mutate(body, { onSuccess: close });
  };
  const number = (key: Numbers, label: string) => (
    <NumberInput
      label={label}
      placeholder={t("chosen")}
      min={0}
      value={wish[key] || ""}
      onChange={(value) => setWish({ ...wish, [key]: Number(value) || 0 })}
    />
  );
  return (
    <form onSubmit={submit} className={classes.form}>
      <div className={classes.pair}>
        <TextInput
          label={t("Name of the service")}
          placeholder={t("my-server")}
          required
          withAsterisk={false}
          data-autofocus
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Select
          label={t("Framework")}
          data={[
            { value: "", label: t("Chosen by what fits") },
            ...frameworks.map((one) => ({ value: one.key, label: one.title })),
          ]}
          allowDeselect={false}
          value={wish.framework}
          onChange={(value) => setWish({ ...wish, framework: value ?? "" })}
        />
        {number("context", t("Tokens a request"))}
        {number("parallel", t("Requests at once"))}
        {number("adapters", t("Room for adapters"))}
        {number("gpus", t("GPUs"))}
        {number("gpu_memory_gb", t("GiB of each"))}
        {number("tensor_parallel", t("GPUs for one copy"))}
        <Select
          label={t("Precision")}
          data={[{ value: "", label: t("chosen") }, "bfloat16", "float16", "float32"]}
          allowDeselect={false}
          value={wish.dtype}
          onChange={(value) => setWish({ ...wish, dtype: (value ?? "") as typeof wish.dtype })}
        />
        <NumberInput
          label={t("Sleeps after minutes")}
          placeholder={t("never")}
          min={0}
          value={idle || ""}
          onChange={(value) => setIdle(Number(value) || 0)}
        />
      </div>
      <div aria-live="polite" aria-busy={fits.isFetching}>
        {fits.isPending ? <Skeleton height={120} radius="lg" /> : null}
        {fits.error ? <Problem error={fits.error} /> : null}
        {fits.data?.map((fit) => (
          <FitLine key={fit.backend} fit={fit} chosen={fit.backend === chosen} choose={choose} />
        ))}
      </div>
      {chosen ? (
        <RateField key={chosen} place={chosen} label={t("Price of an hour there, of each GPU")} />
      ) : null}
      <Checkbox
        label={t("Everybody with an account here may use it")}
        checked={shared}
        onChange={(event) => share(event.currentTarget.checked)}
      />
      {create.error ? <Problem error={create.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("Cancel")}
        </Button>
        <Button type="submit" loading={create.isPending} disabled={!name.trim() || !fitting}>
          {t("Start the service")}
        </Button>
      </Group>
    </form>
  );
}

/** By which framework, with how much memory, and what an hour costs. */
function needsOf(fit: Fit): string {
  const memory = formatBytes(fit.memory);
  return [
    fit.framework,
    fit.gpus ? t("{n} GPUs, {memory} of each", { n: fit.gpus, memory }) : t("{memory} of memory", { memory }),
    ...(fit.cost ? [t("{money} an hour", { money: formatMoney(fit.cost.amount, fit.cost.currency) })] : []),
  ].join(" · ");
}

function FitLine({ fit, chosen, choose }: { fit: Fit; chosen: boolean; choose: (id: string) => void }) {
  return (
    <div className={classes.fit}>
      <div className={classes.head}>
        <Mark
          tone={fit.fits ? "good" : "bad"}
          Icon={fit.fits ? IconCircleCheck : IconCircleX}
          label={fit.fits ? t("Fits") : t("Does not fit")}
        />
        <b>{t(fit.backend_name)}</b>
        {fit.fits ? <span className={classes.quiet}>{needsOf(fit)}</span> : null}
        {fit.fits && !chosen ? (
          <Button size="compact-xs" variant="subtle" onClick={() => choose(fit.backend)}>
            {t("Take this place")}
          </Button>
        ) : null}
      </div>
      <p>{reasonWords(fit.reason)}</p>
      {fit.command ? (
        <details open={chosen}>
          <summary className={classes.quiet}>
            {t("The exact command")} <CopyButton text={() => fit.command} />
          </summary>
          <pre className={classes.command}>{fit.command}</pre>
        </details>
      ) : null}
      <Rejected rejected={fit.rejected} />
    </div>
  );
}
