import { ActionIcon, Button, Group, Modal, NumberInput, Select, TextInput } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { CURRENCIES, formatMoney } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import {
  type Connection,
  type Model,
  type OwnPrice,
  type Price,
  useDeletePrice,
  useModels,
  useOwnPrices,
  useSetPrice,
} from "../api/hub";
import classes from "./Connections.module.css";

const SEARCH_FROM = 12;

/** The models of a connection and what a million tokens of each cost. */
export function ModelPrices({ connection }: { connection: Connection }) {
  const models = useModels().data?.filter((model) => model.connection === connection.name) ?? [];
  const [sought, seek] = useState("");
  const [edited, edit] = useState<Model | null>(null);
  const shown = models.filter((model) => model.ref.toLowerCase().includes(sought.trim().toLowerCase()));
  return (
    <div className={classes.part}>
      {models.length > SEARCH_FROM ? (
        <TextInput
          size="xs"
          aria-label={t("Search models")}
          placeholder={t("Search models")}
          value={sought}
          onChange={(event) => seek(event.currentTarget.value)}
        />
      ) : null}
      <div className={classes.scroll}>
        <table className={classes.table}>
          <caption className="visually-hidden">
            {t("Models of {name}, with prices for a million tokens", { name: connection.name })}
          </caption>
          <thead>
            <tr>
              <th scope="col">{t("Model")}</th>
              <th scope="col">{t("For")}</th>
              <th scope="col" data-number>
                {t("Input")}
              </th>
              <th scope="col" data-number>
                {t("Output")}
              </th>
              <th scope="col">{t("Price as of")}</th>
              <th scope="col">
                <span className="visually-hidden">{t("Actions")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((model) => (
              <tr key={model.ref}>
                <td>{model.model}</td>
                <td>{JOBS[model.job]()}</td>
                <PriceCells price={model.price} job={model.job} />
                <td>
                  <ActionIcon
                    size="sm"
                    aria-label={t("Price of {model}", { model: model.model })}
                    onClick={() => edit(model)}
                  >
                    <IconPencil size={15} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {models.length && !shown.length ? <p className={classes.quiet}>{t("No such model")}</p> : null}
      <p className={classes.quiet}>
        {t("Prices are for a million tokens. What nobody knows, you can write.")}
      </p>
      <Modal
        opened={edited !== null}
        onClose={() => edit(null)}
        title={t("Price of {model}", { model: edited?.model ?? "" })}
      >
        {edited ? <PriceForm model={edited} close={() => edit(null)} /> : null}
      </Modal>
    </div>
  );
}

export const JOBS = {
  chat: () => t("Chat"),
  embedding: () => t("Embedding"),
  rerank: () => t("Reranking"),
  module: () => t("Flows"),
  service: () => t("Keys"),
};

function PriceCells({ price, job }: { price: Price | null; job: Model["job"] }) {
  if (!price)
    return (
      <>
        <td data-number className={classes.faint}>
          {t("unknown")}
        </td>
        <td />
        <td />
      </>
    );
  const free = price.input === 0 && price.output === 0;
  return (
    <>
      <td data-number>{free ? t("free") : formatMoney(price.input, price.currency)}</td>
      <td data-number>{free || job !== "chat" ? "" : formatMoney(price.output, price.currency)}</td>
      <td className={classes.faint}>
        {price.source === "own" ? t("yours, {date}", { date: price.date }) : price.date || price.source}
      </td>
    </>
  );
}

function PriceForm({ model, close }: { model: Model; close: () => void }) {
  const own = useOwnPrices().data?.find(
    (one) => one.provider === model.provider && one.model === model.model,
  );
  const [form, setForm] = useState<OwnPrice>({
    provider: model.provider,
    model: model.model,
    currency: model.price?.currency ?? "USD",
    input: model.price?.input ?? 0,
    output: model.price?.output ?? 0,
    cached: model.price?.cached ?? null,
  });
  const save = useSetPrice();
  const remove = useDeletePrice();
  const set = (part: Partial<OwnPrice>) => setForm({ ...form, ...part });
  const amount = (given: string | number) => (typeof given === "number" ? given : Number(given) || 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(form, { onSuccess: close });
  };
  const rest = { min: 0, max: 1_000_000, decimalScale: 6, allowNegative: false, hideControls: true };
  return (
    <form onSubmit={submit} className={classes.form}>
      <p className={classes.quiet}>
        {t("For a million tokens. It counts for every connection to this provider, from the next call on.")}
      </p>
      <Select
        label={t("Currency")}
        data={CURRENCIES.includes(form.currency) ? CURRENCIES : [...CURRENCIES, form.currency]}
        allowDeselect={false}
        value={form.currency}
        onChange={(currency) => currency && set({ currency })}
      />
      <div className={classes.pair}>
        <NumberInput
          label={t("Input")}
          data-autofocus
          value={form.input}
          onChange={(given) => set({ input: amount(given) })}
          {...rest}
        />
        <NumberInput
          label={t("Output")}
          value={form.output}
          onChange={(given) => set({ output: amount(given) })}
          {...rest}
        />
        <NumberInput
          label={t("Input read before")}
          placeholder={t("as input")}
          value={form.cached ?? ""}
          onChange={(given) => set({ cached: given === "" ? null : amount(given) })}
          {...rest}
        />
      </div>
      {save.error || remove.error ? <Problem error={save.error ?? remove.error} /> : null}
      <Group justify="flex-end">
        {own ? (
          <Button
            variant="default"
            loading={remove.isPending}
            onClick={() => remove.mutate(own.id, { onSuccess: close })}
          >
            {t("Take the provider's price again")}
          </Button>
        ) : null}
        <Button type="submit" loading={save.isPending}>
          {t("Save")}
        </Button>
      </Group>
    </form>
  );
}
