import { Select, Skeleton } from "@mantine/core";
import { t } from "@/shared/i18n";
import { Failure, Problem } from "@/shared/ui";
import { type Model, useDefaults, useModels, useSetDefaults } from "../api/hub";
import classes from "./Connections.module.css";

/** Which model each job takes where a node or a page says “default”. */
export function DefaultModels() {
  const chosen = useDefaults();
  const models = useModels();
  const save = useSetDefaults();
  if (chosen.isError && !chosen.data) return <Failure error={chosen.error} retry={chosen.refetch} />;
  if (!chosen.data || !models.data) return <Skeleton height={64} radius="lg" />;
  const field = (job: Exclude<Model["job"], "module" | "service">, label: string) => {
    const offered = models.data.filter((model) => model.job === job);
    const ref = chosen.data[job] ?? "";
    const gone = ref !== "" && !offered.some((model) => model.ref === ref);
    return (
      <Select
        label={label}
        searchable
        clearable
        data={[...offered.map((model) => model.ref), ...(gone ? [ref] : [])]}
        value={ref || null}
        error={gone ? t("No connection offers this model at present.") : undefined}
        placeholder={offered.length ? t("None chosen") : t("No connection offers one")}
        nothingFoundMessage={t("No such model")}
        onChange={(next) => save.mutate({ [job]: next ?? "" })}
      />
    );
  };
  return (
    <div className={classes.item}>
      <div className={classes.pair}>
        {field("chat", t("Chat"))}
        {field("embedding", t("Embedding"))}
        {field("rerank", t("Reranking"))}
      </div>
      {save.error ? <Problem error={save.error} /> : null}
    </div>
  );
}
