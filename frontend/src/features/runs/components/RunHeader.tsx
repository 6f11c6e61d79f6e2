import { Anchor, Button, Menu } from "@mantine/core";
import {
  IconChevronDown,
  IconLink,
  IconPlayerStopFilled,
  IconPlayerTrackNextFilled,
  IconRefresh,
  IconScale,
  IconShare,
  IconShareOff,
} from "@tabler/icons-react";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { copyText } from "@/shared/lib/copy";
import { formatDuration, formatInstant } from "@/shared/lib/format";
import { PageHeader, tell } from "@/shared/ui";
import { type RunRecord, useCancelRun, useRunList, useShareRun } from "../api/runs";
import { isOver, type RunState } from "../model/events";
import { totalUsage, usageBrief } from "../model/usage";
import { versionName } from "./RunList";
import classes from "./RunView.module.css";
import { StateMark } from "./StateMark";
import { useContinue, useReproduce } from "./StepActs";

/** What run it is, how it went, and what can be done with it. */
export function RunHeader({ run, state }: { run: RunRecord; state: RunState }) {
  const cancel = useCancelRun();
  const { go, busy } = useContinue(run);
  const reproduce = useReproduce(run);
  const over = isOver(state.status);
  const took = state.finished_at && state.started_at ? state.finished_at - state.started_at : null;
  return (
    <PageHeader
      above={
        <Anchor component={Link} to="/runs" size="sm">
          {t("Runs")}
        </Anchor>
      }
      title={run.flow_name}
      about={
        <span className={classes.facts}>
          <StateMark state={state.status} />
          <span>{versionName(run.version)}</span>
          <span>{formatInstant(run.created_at)}</span>
          {took === null ? null : <span>{formatDuration(took)}</span>}
          {usageBrief(totalUsage(state)).map((words) => (
            <span key={words}>{words}</span>
          ))}
          {state.attempt > 1 ? <span>{t("Attempt {n}", { n: state.attempt })}</span> : null}
          {run.from_run ? (
            <Anchor component={Link} to={`/runs/${run.from_run}`} size="sm">
              {t("Goes on from an earlier run")}
            </Anchor>
          ) : null}
          {run.mine ? null : <span>{t("A run of {owner}, shared with you", { owner: run.owner })}</span>}
        </span>
      }
      actions={
        run.mine ? (
          <>
            {over ? null : (
              <Button
                color="red"
                leftSection={<IconPlayerStopFilled size={15} />}
                loading={cancel.isPending || state.status === "cancelling"}
                onClick={() => cancel.mutate(run.id, { onError: tell.failure })}
              >
                {t("Stop")}
              </Button>
            )}
            {over && state.status !== "succeeded" ? (
              <Button
                leftSection={<IconPlayerTrackNextFilled size={15} aria-hidden />}
                loading={busy}
                title={t("What finished stays, what failed or was stopped runs again.")}
                onClick={() => go({})}
              >
                {t("Resume")}
              </Button>
            ) : null}
            {over ? (
              <Button
                variant="default"
                leftSection={<IconRefresh size={15} aria-hidden />}
                loading={reproduce.busy}
                title={t("The same flow, inputs and seed, every node anew.")}
                onClick={() => void reproduce.again()}
              >
                {t("Run again")}
              </Button>
            ) : null}
            {over ? <CompareMenu run={run} /> : null}
            <ShareMenu run={run} />
            <Button component={Link} to={`/flows/${run.flow}`} variant="default">
              {t("Open the flow")}
            </Button>
          </>
        ) : null
      }
    />
  );
}

/** The runs beside which this one can be put: that it goes on from, and the newest of the flow. */
function CompareMenu({ run }: { run: RunRecord }) {
  const list = useRunList({ flow: run.flow });
  const others = (list.data?.pages[0]?.results ?? []).filter((one) => one.id !== run.id).slice(0, 8);
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconScale size={16} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {t("Compare")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("With another run of the flow")}</Menu.Label>
        {run.from_run && !others.some((one) => one.id === run.from_run) ? (
          <Menu.Item component={Link} to={`/runs/${run.from_run}/compare/${run.id}`}>
            {t("The run that it goes on from")}
          </Menu.Item>
        ) : null}
        {others.map((one) => (
          <Menu.Item
            key={one.id}
            component={Link}
            to={`/runs/${one.id}/compare/${run.id}`}
            leftSection={<StateMark state={one.status} words={false} />}
          >
            {formatInstant(one.created_at)} · {versionName(one.version)}
          </Menu.Item>
        ))}
        {list.data && !others.length ? (
          <Menu.Item disabled>{t("There is no other run of this flow.")}</Menu.Item>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

function ShareMenu({ run }: { run: RunRecord }) {
  const share = useShareRun(run.id);
  const link = async () => {
    const copied = await copyText(`${window.location.origin}/runs/${run.id}`);
    tell.done(copied ? t("The link is copied.") : t("Copy the address of this page."));
  };
  const shared = run.shared === true;
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button
          variant={shared ? "light" : "default"}
          loading={share.isPending}
          leftSection={<IconShare size={16} aria-hidden />}
        >
          {shared ? t("Shared") : t("Share")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {shared
            ? t("Everybody with an account here can look at this run, with all that went in and came out.")
            : t("Only you can look at this run.")}
        </Menu.Label>
        <Menu.Item
          leftSection={<IconLink size={15} aria-hidden />}
          onClick={() =>
            shared ? void link() : share.mutate(true, { onSuccess: () => void link(), onError: tell.failure })
          }
        >
          {shared ? t("Copy the link") : t("Share and copy the link")}
        </Menu.Item>
        {shared ? (
          <Menu.Item
            leftSection={<IconShareOff size={15} aria-hidden />}
            onClick={() => share.mutate(false, { onError: tell.failure })}
          >
            {t("Stop sharing")}
          </Menu.Item>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}
