import { Anchor, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatMoney } from "@/shared/lib/format";
import { priceBrief } from "@/shared/lib/price";
import { getModelDefaults, getModels, type ModelDefaults, type ModelFacts } from "../api";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

/** The models that the connections offer, with what is honestly to be said of the chosen one. */
export default function ModelWidget({ id, value, field, invalid, describedBy, change, done }: WidgetProps) {
  const models = useQuery({
    queryKey: ["models"],
    queryFn: ({ signal }) => getModels(signal),
    staleTime: 60_000,
  });
  const defaults = useQuery({
    queryKey: ["model-defaults"],
    queryFn: ({ signal }) => getModelDefaults(signal),
    staleTime: 60_000,
  });
  const job = field.schema["x-job"] ?? "chat";
  const byDefault = `default/${job}`;
  const standard = defaults.data?.[job as keyof ModelDefaults] ?? "";
  const offered = (models.data ?? []).filter((model) => model.job === job);
  const ref = typeof value === "string" ? value : "";
  const chosen = offered.find((model) => model.ref === (ref === byDefault ? standard : ref));
  const strange = ref !== "" && models.isSuccess && defaults.isSuccess && !chosen;
  return (
    <>
      <Select
        id={id}
        data={[
          ...(standard
            ? [
                {
                  group: t("Default"),
                  items: [{ value: byDefault, label: t("Default ({model})", { model: standard }) }],
                },
              ]
            : []),
          ...choices(offered, strange ? ref : null),
        ]}
        value={ref || null}
        error={invalid || strange}
        searchable
        clearable={!field.required}
        allowDeselect={false}
        nothingFoundMessage={t("No such model")}
        placeholder={models.isLoading ? t("Loading") : t("Choose a model")}
        aria-describedby={describedBy}
        renderOption={({ option, checked }) => (
          <span className={styles.choice} data-checked={checked || undefined}>
            <span>{option.label}</span>
            <small>{priceBrief(offered.find((model) => model.ref === option.value)?.price)}</small>
          </span>
        )}
        onChange={(next) => {
          change(next ?? undefined);
          done();
        }}
      />
      {models.isError && <p className={styles.bad}>{t("The list of models could not be fetched.")}</p>}
      {strange && <p className={styles.bad}>{t("No connection offers this model at present.")}</p>}
      {chosen?.note && <p className={styles.note}>{t(serverWords(chosen.note))}</p>}
      {chosen?.price && <p className={styles.note}>{priceWords(chosen.price)}</p>}
      <Anchor component={Link} to="/models" className={styles.note}>
        {t("Connect other models on the page Models")}
      </Anchor>
    </>
  );
}

/** What a million tokens cost, in a line. */
function priceWords(price: NonNullable<ModelFacts["price"]>): string {
  if (price.input === 0 && price.output === 0) return t("It is free.");
  const input = formatMoney(price.input, price.currency);
  if (price.output === 0) return t("{input} for a million tokens", { input });
  const output = formatMoney(price.output, price.currency);
  return t("{input} to read and {output} to write a million tokens", { input, output });
}

function choices(models: ModelFacts[], strange: string | null) {
  const groups = new Map<string, { value: string; label: string }[]>();
  for (const model of models) {
    const group = model.builtin ? t("Built in") : model.connection;
    groups.set(group, [
      ...(groups.get(group) ?? []),
      { value: model.ref, label: model.title || model.model },
    ]);
  }
  if (strange) groups.set(t("Not available"), [{ value: strange, label: strange }]);
  return [...groups].map(([group, items]) => ({ group, items }));
}
