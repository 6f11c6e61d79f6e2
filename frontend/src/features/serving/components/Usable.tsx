import { Skeleton } from "@mantine/core";
import { t } from "@/shared/i18n";
import { priceBrief } from "@/shared/lib/price";
import { Failure } from "@/shared/ui";
import { useUsable } from "../api/serving";
import classes from "./serving.module.css";

/** Every model that flows can use: built in, of connections, of services. */
export function Usable() {
  const list = useUsable();
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Skeleton height={120} radius="lg" />;
  return (
    <div className={classes.item} style={{ overflowX: "auto" }}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("Model")}</th>
            <th scope="col">{t("For")}</th>
            <th scope="col">{t("Name in nodes")}</th>
            <th scope="col">{t("A million tokens")}</th>
            <th scope="col">{t("Good to know")}</th>
          </tr>
        </thead>
        <tbody>
          {list.data?.map((model) => (
            <tr key={model.ref}>
              <td>{t(model.title)}</td>
              <td>{JOBS[model.job]()}</td>
              <td>
                <code>{model.ref}</code>
              </td>
              <td>{priceBrief(model.price)}</td>
              <td>{model.note ? t(model.note) : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const JOBS = {
  chat: () => t("Chat"),
  embedding: () => t("Embedding"),
  rerank: () => t("Reranking"),
};
