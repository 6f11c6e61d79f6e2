import { Anchor, Skeleton } from "@mantine/core";
import { IconEqual } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { t, tn } from "@/shared/i18n";
import { formatDuration, formatInstant, formatNumber } from "@/shared/lib/format";
import { Failure, KindIcon, PageHeader, TextDiff, ValueView } from "@/shared/ui";
import { type StepFacts, useStepFacts } from "../api/kinds";
import { type Comparison, type RunRecord, useComparison, useRunRecord } from "../api/runs";
import { usageBrief, usageWords } from "../model/usage";
import classes from "./RunComparison.module.css";
import { versionName } from "./RunList";
import { StateMark } from "./StateMark";

type Difference = Comparison["inputs"][number];
type StepDifference = Comparison["steps"][number];

/** Two runs side by side: what was different, and what came of it. */
export function RunComparison({ leftId, rightId }: { leftId: string; rightId: string }) {
  const found = useComparison(leftId, rightId);
  const left = useRunRecord(leftId);
  const right = useRunRecord(rightId);
  const facts = useStepFacts(rightId);
  const before = useStepFacts(leftId);
  const factsOf = (id: string) => (facts(id).title === id ? before(id) : facts(id));
  const failed = [found, left, right].find((one) => one.isError && !one.data);
  if (failed) return <Failure error={failed.error} retry={failed.refetch} />;
  if (!found.data || !left.data || !right.data) return <ComparisonSkeleton />;
  const { conditions, inputs, settings, outputs, steps, measures } = found.data;
  const same = conditions.length + inputs.length + settings.length === 0;
  return (
    <>
      <PageHeader
        above={
          <Anchor component={Link} to="/runs" size="sm">
            {t("Runs")}
          </Anchor>
        }
        title={t("Two runs side by side")}
        about={
          same
            ? t("The same flow, inputs, settings and models: what differs below is chance.")
            : t("What came of it comes first, what was different after.")
        }
      />
      <div className={classes.heads}>
        <Head run={left.data} />
        <Head run={right.data} />
      </div>
      <Measures rows={measures} />
      <Section title={t("What came out")} rows={outputs}>
        {(row) => <Pair key={row.name} row={row} label={row.name} />}
      </Section>
      <Section title={t("What went in")} rows={inputs}>
        {(row) => <Pair key={row.name} row={row} label={row.name} />}
      </Section>
      <Section title={t("Settings of nodes")} rows={settings}>
        {(row) => <Pair key={row.name} row={row} label={settingName(row.name, factsOf)} />}
      </Section>
      <Section title={t("Conditions: versions, models, seed")} rows={conditions}>
        {(row) => <Pair key={row.name} row={row} label={row.name} />}
      </Section>
      <section className={classes.section}>
        <h2>{t("Steps")}</h2>
        {steps.length === 0 ? <Same /> : null}
        {steps.length ? (
          <>
            <p className={classes.count}>
              {tn(steps.length, "{n} step went otherwise", "{n} steps went otherwise")}
            </p>
            <ul className={classes.steps}>
              {steps.map((row) => (
                <Step key={row.step} row={row} factsOf={factsOf} />
              ))}
            </ul>
          </>
        ) : null}
      </section>
    </>
  );
}

/** Every part where it will stand. */
function ComparisonSkeleton() {
  return (
    <div role="status" aria-label={t("Loading")}>
      <Skeleton height={14} width={44} mt={24} />
      <Skeleton height={28} width={280} mt={10} />
      <Skeleton height={16} width={360} mt={10} mb={26} />
      <div className={classes.heads}>
        <Skeleton height={46} radius="lg" />
        <Skeleton height={46} radius="lg" />
      </div>
      <Skeleton height={132} radius="lg" mt="lg" />
      {["outputs", "inputs"].map((part) => (
        <div key={part} className={classes.section}>
          <Skeleton height={16} width={110} mb={10} />
          <div className={classes.sides}>
            <Skeleton height={96} radius="lg" />
            <Skeleton height={96} radius="lg" />
          </div>
        </div>
      ))}
    </div>
  );
}

function Head({ run }: { run: RunRecord }) {
  return (
    <Link to={`/runs/${run.id}`} className={classes.head}>
      <StateMark state={run.status} />
      <strong>{run.flow_name}</strong>
      <span>
        {versionName(run.version)} · {formatInstant(run.created_at)}
      </span>
    </Link>
  );
}

interface SectionProps {
  title: string;
  rows: Difference[];
  children: (row: Difference) => ReactNode;
}

function Section({ title, rows, children }: SectionProps) {
  return (
    <section className={classes.section} aria-label={title}>
      <h2>{title}</h2>
      {rows.length ? rows.map(children) : <Same />}
    </section>
  );
}

function Same() {
  return (
    <p className={classes.same}>
      <IconEqual size={15} aria-hidden /> {t("The same in both")}
    </p>
  );
}

/** `ask/system` as `Chat model › system`. */
function settingName(name: string, factsOf: (id: string) => StepFacts): string {
  const [node = "", ...rest] = name.split("/");
  return `${factsOf(node).title} › ${rest.join("/")}`;
}

/** A value on both sides; of two texts, what changed between them. */
function Pair({ row, label }: { row: Difference; label: string }) {
  const { left, right } = row as { left: unknown; right: unknown };
  const texts = typeof left === "string" && typeof right === "string";
  return (
    <div className={classes.pair}>
      <h3>{label}</h3>
      {texts && left.length + right.length > 60 ? <TextDiff before={left} after={right} /> : null}
      <div className={classes.sides}>
        <div>
          <Side value={left} />
        </div>
        <div>
          <Side value={right} />
        </div>
      </div>
    </div>
  );
}

function Side({ value }: { value: unknown }) {
  return value === null || value === undefined ? (
    <p className={classes.none}>{t("Not there")}</p>
  ) : (
    <ValueView value={value} />
  );
}

const TITLES: Record<string, () => string> = {
  status: () => t("Status"),
  seconds: () => t("Time"),
  steps: () => t("Steps"),
};

function Measures({ rows }: { rows: Difference[] }) {
  if (!rows.length) return null;
  return (
    <section className={classes.section} aria-label={t("Time and cost")}>
      <h2>{t("Time and cost")}</h2>
      <table className={classes.measures}>
        <tbody>
          {rows.map(({ name, left, right }) => (
            <tr key={name}>
              <th scope="row">{TITLES[name]?.() ?? usageWords(name, 0)[0]}</th>
              <td>{amount(name, left)}</td>
              <td>{amount(name, right)}</td>
              <td className={classes.change}>{name === "steps" ? "" : change(left, right)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function amount(name: string, value: unknown): ReactNode {
  if (name === "status") return <StateMark state={value as RunRecord["status"]} />;
  if (typeof value !== "number") return "—";
  if (name === "seconds") return formatDuration(value);
  return name === "steps" ? formatNumber(value) : usageWords(name, value)[1];
}

function change(left: unknown, right: unknown): string {
  if (typeof left !== "number" || typeof right !== "number" || left === 0) return "";
  const percent = Math.round((right / left - 1) * 100);
  return percent === 0 ? "" : `${percent > 0 ? "+" : "−"}${formatNumber(Math.abs(percent))} %`;
}

interface StepProps {
  row: StepDifference;
  factsOf: (id: string) => StepFacts;
}

interface Went {
  state: RunRecord["status"];
  duration: number | null;
  cached: boolean;
  usage: Record<string, number>;
  outputs: Record<string, unknown> | null;
}

function Step({ row, factsOf }: StepProps) {
  const [open, setOpen] = useState(false);
  const id = row.step.slice(row.step.lastIndexOf("/") + 1);
  const { title, icon, ports } = factsOf(id);
  const left = row.left as Went | null;
  const right = row.right as Went | null;
  const names = [...new Set([...Object.keys(left?.outputs ?? {}), ...Object.keys(right?.outputs ?? {})])];
  const differ = names.filter(
    (name) => JSON.stringify(left?.outputs?.[name]) !== JSON.stringify(right?.outputs?.[name]),
  );
  return (
    <li>
      <button type="button" className={classes.step} aria-expanded={open} onClick={() => setOpen(!open)}>
        <KindIcon name={icon} size={16} />
        <span className={classes.title}>
          {title}
          {row.step.includes("/") ? <small> {row.step.slice(0, row.step.lastIndexOf("/"))}</small> : null}
        </span>
        <WentBrief went={left} />
        <WentBrief went={right} />
        <span className={classes.differs}>{differ.length ? t("Other outputs") : t("Same outputs")}</span>
      </button>
      {open ? (
        <div className={classes.inside}>
          {differ.map((name) => (
            <Pair
              key={name}
              label={t(ports[name] ?? name)}
              row={{ name, left: left?.outputs?.[name], right: right?.outputs?.[name] } as Difference}
            />
          ))}
          {differ.length ? null : <Same />}
        </div>
      ) : null}
    </li>
  );
}

function WentBrief({ went }: { went: Went | null }) {
  if (!went) return <span className={classes.brief}>{t("Not there")}</span>;
  const words = [
    went.duration === null ? "" : formatDuration(went.duration),
    went.cached ? t("From an earlier run") : "",
    ...usageBrief(went.usage),
  ].filter(Boolean);
  return (
    <span className={classes.brief}>
      <StateMark state={went.state} words={false} size={14} /> {words.join(" · ")}
    </span>
  );
}
