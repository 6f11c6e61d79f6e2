import {
  Anchor,
  Badge,
  Button,
  Checkbox,
  Group,
  Modal,
  SegmentedControl,
  Select,
  Skeleton,
  TextInput,
} from "@mantine/core";
import { IconDatabasePlus, IconThumbDown, IconThumbUp } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { t, tn } from "@/shared/i18n";
import { formatInstant, formatTime } from "@/shared/lib/format";
import { Empty, Failure, Problem, tell } from "@/shared/ui";
import { type Rated, type Rating, useDatasetOfFeedback, useDatasets, useRated } from "../api/feedback";
import classes from "./FeedbackList.module.css";
import { REASONS } from "./FeedbackTools";

/** What was thought of a flow's answers, and the way from there to examples to learn from. */
export function FeedbackList({ flowId, flowName }: { flowId: string; flowName: string }) {
  const [rating, setRating] = useState<Rating | undefined>();
  const list = useRated(flowId, rating);
  const [saving, save] = useState(false);
  const rows = list.data?.pages.flatMap((page) => page.results);
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  return (
    <>
      <Group justify="space-between" mb="md">
        <SegmentedControl
          size="xs"
          aria-label={t("Which answers")}
          value={rating ?? "all"}
          onChange={(value) => setRating(value === "all" ? undefined : (value as Rating))}
          data={[
            { value: "all", label: t("All") },
            { value: "good", label: t("Good") },
            { value: "bad", label: t("Bad") },
          ]}
        />
        <Button
          size="xs"
          leftSection={<IconDatabasePlus size={16} aria-hidden />}
          disabled={!rows?.length}
          onClick={() => save(true)}
        >
          {t("Save as dataset")}
        </Button>
      </Group>
      {rows === undefined ? (
        <Skeleton height={96} radius="lg" role="status" aria-label={t("Loading")} />
      ) : null}
      {rows?.length === 0 ? (
        <Empty icon={<IconThumbUp size={26} />} title={t("Nobody has said yet what they think")}>
          {t(
            "Thumbs under the answers of the chat stand here, with what was asked and how it should have been.",
          )}
        </Empty>
      ) : null}
      <ul className={classes.list}>
        {rows?.map((one) => (
          <li key={one.message}>
            <RatedAnswer rated={one} />
          </li>
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button
          mt="md"
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("Earlier ones")}
        </Button>
      ) : null}
      <Modal opened={saving} onClose={() => save(false)} title={t("Save as dataset")}>
        {saving ? <SaveForm flowId={flowId} flowName={flowName} done={() => save(false)} /> : null}
      </Modal>
    </>
  );
}

function RatedAnswer({ rated }: { rated: Rated }) {
  const good = rated.rating === "good";
  const reason = REASONS[rated.reason as keyof typeof REASONS];
  return (
    <article className={classes.rated}>
      <header>
        <span data-good={good || undefined}>
          {good ? (
            <IconThumbUp size={16} aria-label={t("Good answer")} />
          ) : (
            <IconThumbDown size={16} aria-label={t("Bad answer")} />
          )}
        </span>
        {rated.reason && reason ? (
          <Badge variant="light" color="red" size="sm" tt="none">
            {t(reason)}
          </Badge>
        ) : null}
        {rated.visitor ? (
          <Badge variant="default" size="sm" tt="none">
            {t("From a visitor")}
          </Badge>
        ) : null}
        <time title={formatInstant(rated.updated_at)}>{formatTime(rated.updated_at)}</time>
        {rated.run_id ? (
          <Anchor component={Link} to={`/runs/${rated.run_id}`} size="sm">
            {t("How it came about")}
          </Anchor>
        ) : null}
      </header>
      <dl>
        <dt>{t("Question")}</dt>
        <dd>{rated.question}</dd>
        <dt>{t("Answer")}</dt>
        <dd data-wrong={rated.correction ? true : undefined}>{rated.answer}</dd>
        {rated.correction ? (
          <>
            <dt>{t("As it should have been")}</dt>
            <dd>{rated.correction}</dd>
          </>
        ) : null}
        {rated.comment ? (
          <>
            <dt>{t("Why")}</dt>
            <dd>{rated.comment}</dd>
          </>
        ) : null}
      </dl>
    </article>
  );
}

const NEW = "new";

function SaveForm({ flowId, flowName, done }: { flowId: string; flowName: string; done: () => void }) {
  const datasets = useDatasets(true);
  const save = useDatasetOfFeedback(flowId);
  const [dataset, setDataset] = useState(NEW);
  const [visitors, setVisitors] = useState(false);
  const [name, setName] = useState(() => t("{flow}: liked answers", { flow: flowName }).slice(0, 100));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const where = dataset === NEW ? { name: name.trim() } : { dataset };
    save.mutate(
      { ...where, visitors },
      {
        onSuccess: (saved) => {
          const [version] = saved.versions;
          const n = version?.examples ?? 0;
          tell.done(
            tn(
              n,
              "{n} example is in “{name}”, version {version}.",
              "{n} examples are in “{name}”, version {version}.",
              {
                name: saved.name,
                version: version?.number ?? 1,
              },
            ),
          );
          done();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className={classes.form}>
      <p>
        {t(
          "Each good answer becomes an example with its question and what was said before; each correction does in place of the answer that it corrects. Bad answers without a correction are left out.",
        )}
      </p>
      {save.error ? <Problem error={save.error} /> : null}
      <Select
        label={t("Dataset")}
        allowDeselect={false}
        value={dataset}
        onChange={(value) => setDataset(value ?? NEW)}
        data={[
          { value: NEW, label: t("A new one") },
          ...(datasets.data ?? []).map((one) => ({
            value: one.id,
            label: t("{name}: the next version", { name: one.name }),
          })),
        ]}
      />
      {dataset === NEW ? (
        <TextInput
          label={t("Name")}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      ) : null}
      <Checkbox
        label={t("Also what visitors thought")}
        description={t("Anybody with the link may have written it: read it first.")}
        checked={visitors}
        onChange={(event) => setVisitors(event.currentTarget.checked)}
      />
      <Button type="submit" loading={save.isPending} disabled={dataset === NEW && !name.trim()}>
        {t("Save")}
      </Button>
    </form>
  );
}
