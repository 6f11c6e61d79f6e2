import { Anchor, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { getModels, type ModelFacts } from "../api";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

/** The models that the connections offer, with what is honestly to be said of the chosen one. */
export default function ModelWidget({ id, value, field, invalid, describedBy, change, done }: WidgetProps) {
  const models = useQuery({
    queryKey: ["models"],
    queryFn: ({ signal }) => getModels(signal),
    staleTime: 60_000,
  });
  const job = field.schema["x-job"] ?? "chat";
  const offered = (models.data ?? []).filter((model) => model.job === job);
  const ref = typeof value === "string" ? value : "";
  const chosen = offered.find((model) => model.ref === ref);
  const strange = ref !== "" && models.isSuccess && !chosen;
  return (
    <>
      <Select
        id={id}
        data={choices(offered, strange ? ref : null)}
        value={ref || null}
        error={invalid || strange}
        searchable
        clearable={!field.required}
        allowDeselect={false}
        nothingFoundMessage={t("No such model")}
        placeholder={models.isLoading ? t("Loading") : t("Choose a model")}
        aria-describedby={describedBy}
        onChange={(next) => {
          change(next ?? undefined);
          done();
        }}
      />
      {models.isError && <p className={styles.bad}>{t("The list of models could not be fetched.")}</p>}
      {strange && <p className={styles.bad}>{t("No connection offers this model at present.")}</p>}
      {chosen?.note && <p className={styles.note}>{t(chosen.note)}</p>}
      <Anchor component={Link} to="/settings" className={styles.note}>
        {t("Connect other models in Settings")}
      </Anchor>
    </>
  );
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
