import { Button, Skeleton } from "@mantine/core";
import { msg, t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatNumber } from "@/shared/lib/format";
import { priceBrief } from "@/shared/lib/price";
import { Failure, tell } from "@/shared/ui";
import { useMeasure, useMeasurements, useUsable } from "../api/serving";
import classes from "./serving.module.css";

type Model = NonNullable<ReturnType<typeof useUsable>["data"]>[number];
type Measured = NonNullable<ReturnType<typeof useMeasurements>["data"]>[number];

/** Every model that flows can use: built in, of connections, of services; and how to rerank without one. */
export function Usable() {
  const list = useUsable();
  const measured = useMeasurements().data;
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Skeleton height={120} radius="lg" role="status" aria-label={t("Loading")} />;
  const found = JOBS.flatMap((job) => list.data?.filter((model) => model.job === job) ?? []);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={classes.item} style={{ overflowX: "auto" }} tabIndex={0} aria-labelledby="usable">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("Model, and its name in nodes")}</th>
            <th scope="col">{t("For")}</th>
            <th scope="col">{t("A million tokens")}</th>
            <th scope="col">{t("Languages")}</th>
            <th scope="col" className={classes.figure}>
              {t("Dimensions")}
            </th>
            <th scope="col" className={classes.figure}>
              {t("Texts a second")}
            </th>
            <th scope="col">{t("Good to know")}</th>
          </tr>
        </thead>
        <tbody>
          {found.map((model) => (
            <Line key={model.ref} model={model} measured={measured?.find((one) => one.ref === model.ref)} />
          ))}
          {WITHOUT_MODEL.map((way) => (
            <tr key={way.name}>
              <td>{t(way.title)}</td>
              <td>{t("Reranking")}</td>
              <td />
              <td>{t("All")}</td>
              <td />
              <td />
              <td>{t(way.note)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({ model, measured }: { model: Model; measured: Measured | undefined }) {
  const dimensions = measured?.dimensions || model.dimensions;
  return (
    <tr>
      <td>
        {model.builtin ? t(model.title) : model.title}
        <br />
        <code>{model.ref}</code>
      </td>
      <td>{NAMES[model.job]()}</td>
      <td>{priceBrief(model.price)}</td>
      <td>{model.languages ? t(model.languages) : null}</td>
      <td className={classes.figure}>{dimensions ? formatNumber(dimensions) : null}</td>
      <td className={classes.figure}>{model.job === "chat" ? null : <Speed {...{ model, measured }} />}</td>
      <td>{model.note ? t(serverWords(model.note)) : null}</td>
    </tr>
  );
}

function Speed({ model, measured }: { model: Model; measured: Measured | undefined }) {
  const measure = useMeasure();
  const known = measured?.texts_per_second || model.texts_per_second;
  return (
    <span className={classes.speed}>
      {known ? (
        <span title={measured ? t("Measured here") : t("Measured elsewhere, on one thread")}>
          {measured ? "" : "≈ "}
          {formatNumber(known)}
        </span>
      ) : null}
      <Button
        size="compact-xs"
        variant="subtle"
        loading={measure.isPending}
        aria-label={t("Measure {name}", { name: model.ref })}
        onClick={() => measure.mutate(model.ref, { onError: tell.failure })}
      >
        {t("Measure")}
      </Button>
    </span>
  );
}

const JOBS = ["chat", "embedding", "rerank"] as const;

const NAMES = {
  chat: () => t("Chat"),
  embedding: () => t("Embedding"),
  rerank: () => t("Reranking"),
  module: () => t("Flows"),
  service: () => t("Keys"),
};

const WITHOUT_MODEL = [
  {
    name: "keyword",
    title: msg("By keywords"),
    note: msg("No model: the share of the question's words that a text has."),
  },
  {
    name: "embedding",
    title: msg("By an embedding model"),
    note: msg("Any embedding model above, by the cosine of its vectors."),
  },
  {
    name: "rrf",
    title: msg("By ranks"),
    note: msg("No model: joins the ranks that each search gave a text."),
  },
] as const;
