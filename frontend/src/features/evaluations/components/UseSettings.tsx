import { Button, Group, Modal, Skeleton } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { Failure, Problem, TextDiff } from "@/shared/ui";
import { type Trial, useApplyTrial, useDrawn, type WholeExperiment } from "../api/experiments";
import { type Change, changesOf } from "../model/applying";
import { settingWords, valueWords } from "../model/words";
import evaluations from "./evaluations.module.css";
import classes from "./experiments.module.css";

interface Props {
  one: WholeExperiment;
  trial: Trial;
  names: Map<string, string>;
  close: () => void;
}

/** Shows what would change in the draft, and writes it when told. */
export function UseSettings({ one, trial, names, close }: Props) {
  const drawn = useDrawn(one.flow, "draft");
  const apply = useApplyTrial(one);
  if (apply.isSuccess)
    return (
      <Modal opened onClose={close} title={t("The draft has these settings now")}>
        <p className={evaluations.quiet}>
          {t("What is published stays as it is, until you publish the draft.")}
        </p>
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            {t("Close")}
          </Button>
          <Button component={Link} to={`/flows/${one.flow}`} data-autofocus>
            {t("Open the flow")}
          </Button>
        </Group>
      </Modal>
    );
  const changes = drawn.data && changesOf(one.grid, trial, drawn.data.document, drawn.data.catalogue);
  const blocked = changes?.some(({ is }) => is === "gone" || is === "wired");
  const idle = changes?.every(({ is }) => is === "same");
  return (
    <Modal opened onClose={close} size="lg" title={t("Use the settings of trial {n}?", { n: trial.number })}>
      <div className={evaluations.form}>
        <p className={evaluations.quiet}>
          {t("These settings go into the draft of “{flow}” as it is now; nothing else of it changes.", {
            flow: one.flow_name,
          })}
        </p>
        {drawn.isError ? <Failure error={drawn.error} retry={drawn.refetch} /> : null}
        {drawn.isPending ? <Skeleton height={96} role="status" aria-label={t("Loading")} /> : null}
        {changes ? (
          <ul className={classes.changes}>
            {changes.map((change) => (
              <OneChange
                key={`${change.setting.node} ${change.setting.field}`}
                change={change}
                names={names}
              />
            ))}
          </ul>
        ) : null}
        {apply.error ? <Problem error={apply.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {t("Cancel")}
          </Button>
          <Button
            loading={apply.isPending}
            disabled={!changes || blocked || idle}
            onClick={() => apply.mutate(trial.number)}
          >
            {t("Write into the draft")}
          </Button>
        </Group>
      </div>
    </Modal>
  );
}

function OneChange({
  change: { setting, now, then, is },
  names,
}: {
  change: Change;
  names: Map<string, string>;
}) {
  const texts = [now, then].every((value) => typeof value === "string" && value.length > 60);
  const [before, after] = [valueWords(now, names), valueWords(then, names)];
  return (
    <li>
      <h3>{settingWords(setting)}</h3>
      {is === "gone" ? <p className={classes.wrong}>{t("The draft has no such setting any more.")}</p> : null}
      {is === "wired" ? (
        <p className={classes.wrong}>{t("In the draft its value now comes along a wire.")}</p>
      ) : null}
      {is === "same" ? (
        <p className={evaluations.quiet}>{t("{value}, as it is already", { value: after })}</p>
      ) : null}
      {is === "new" && texts ? <TextDiff before={before} after={after} /> : null}
      {is === "new" && !texts ? (
        <p className={classes.change}>
          <del>{before}</del>
          <IconArrowRight size={14} aria-label={t("becomes")} />
          <ins>{after}</ins>
        </p>
      ) : null}
    </li>
  );
}
