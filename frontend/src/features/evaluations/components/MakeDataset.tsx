import { Anchor, Button, Group, Modal, Select, Skeleton, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { useDatasets } from "@/features/tuning";
import { t, tn } from "@/shared/i18n";
import { Failure, Problem } from "@/shared/ui";
import { type EvaluationRow, useMakeDataset, useRows, type WholeEvaluation } from "../api/evaluations";
import { MOST, rowsSent } from "../model/chosen";
import classes from "./evaluations.module.css";

interface Props {
  one: WholeEvaluation;
  /** None means all bad ones. */
  chosen: EvaluationRow[];
  close: () => void;
}

/** Questions with the answers that were wanted, put right where they were wrong, as examples to learn from. */
export function MakeDataset({ one, chosen, close }: Props) {
  const all = chosen.length === 0;
  const bad = useRows(one.id, { bad: true, q: "", order: "number", offset: 0, limit: MOST }, one.rows_done);
  const datasets = useDatasets().data ?? [];
  const make = useMakeDataset(one.id);
  const [name, setName] = useState(() => `${one.name.slice(0, 80)} · ${t("bad cases")}`);
  const [target, setTarget] = useState<string | null>(null);
  const [edits, setEdits] = useState<Record<number, string>>({});
  const rows = all ? (bad.data?.results ?? []) : chosen;
  const count = all ? (bad.data?.count ?? one.rows_bad) : chosen.length;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ rows: rowsSent(rows, edits, all), name: target ? "" : name, dataset: target });
  };
  if (make.data)
    return (
      <Modal opened onClose={close} title={t("The dataset is made")}>
        <div className={classes.form}>
          <p>
            {tn(
              make.data.version.examples,
              "“{name}” has {n} example in version {version}.",
              "“{name}” has {n} examples in version {version}.",
              { name: make.data.name, version: make.data.version.number },
            )}
          </p>
          <Group justify="flex-end">
            <Anchor component={Link} to="/tuning#datasets">
              {t("See the datasets")}
            </Anchor>
            <Button component={Link} to={`/tuning?learn=${make.data.version.id}`}>
              {t("Fine-tune on it")}
            </Button>
          </Group>
        </div>
      </Modal>
    );
  return (
    <Modal opened onClose={close} size="xl" title={t("Make a dataset")}>
      <form className={classes.form} onSubmit={submit}>
        <div className={classes.pair}>
          <Select
            label={t("Where to")}
            allowDeselect={false}
            data={[
              { value: "", label: t("A new dataset") },
              ...datasets
                .filter((each) => each.versions[0]?.objective === "sft")
                .map((each) => ({
                  value: each.id,
                  label: t("A further version of {name}", { name: each.name }),
                })),
            ]}
            value={target ?? ""}
            onChange={(id) => setTarget(id || null)}
            description={
              target ? t("With the examples it has; what is asked in both is answered as here.") : undefined
            }
          />
          {target ? null : (
            <TextInput
              label={t("Name")}
              required
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
          )}
        </div>
        <p className={classes.quiet}>
          {tn(
            count,
            "{n} example: the question with the answer that was expected. Put it right where it is wrong.",
            "{n} examples: the questions with the answers that were expected. Put them right where they are wrong.",
          )}
        </p>
        {all && bad.isError ? <Failure error={bad.error} retry={bad.refetch} /> : null}
        {all && bad.isPending ? (
          <Skeleton height={160} role="status" aria-label={t("Loading")} />
        ) : (
          <ol className={classes.cases}>
            {rows.map((row) => (
              <li key={row.number}>
                <p>{row.question}</p>
                {row.answer === null ? null : (
                  <p className={classes.quiet}>{t("Answered: {text}", { text: row.answer })}</p>
                )}
                <Textarea
                  aria-label={t("Answer to row {n}", { n: row.number })}
                  autosize
                  minRows={1}
                  maxRows={8}
                  disabled={count > MOST && all}
                  value={edits[row.number] ?? row.expected}
                  onChange={({ currentTarget: { value } }) => setEdits({ ...edits, [row.number]: value })}
                />
              </li>
            ))}
          </ol>
        )}
        {count > rows.length && rows.length ? (
          <p className={classes.quiet}>
            {t(
              "These are the first {n}; all go into the dataset as they are. To put answers right, choose rows.",
              {
                n: rows.length,
              },
            )}
          </p>
        ) : null}
        {make.error ? <Problem error={make.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={make.isPending} disabled={!rows.length || (!target && !name.trim())}>
            {t("Make it")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
