import { ActionIcon, Button } from "@mantine/core";
import { IconArrowsHorizontal, IconMinus, IconPlus } from "@tabler/icons-react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { t } from "@/shared/i18n";
import { formatDuration } from "@/shared/lib/format";
import { KindIcon } from "@/shared/ui";
import type { StepFacts } from "../api/kinds";
import { isOver, type RunState } from "../model/events";
import { type Bar, chartOf, ticks } from "../model/gantt";
import classes from "./Gantt.module.css";
import { StateMark, stateLabel } from "./StateMark";

interface Props {
  state: RunState;
  facts: (nodeId: string) => StepFacts;
  chosen: string | null;
  choose: (key: string | null) => void;
}

/** Lines drawn at first: a loop may have made ten thousand steps. */
const SHOWN = 200;
const LARGEST_ZOOM = 500;
const NAMES = 220;
/** Room for the time behind the last bar. */
const AFTER = 68;

/** All steps on one scale of time: what ran beside what, and what waited for what. */
export function Gantt({ state, facts, chosen, choose }: Props) {
  const [limit, setLimit] = useState(SHOWN);
  const [zoom, setZoom] = useState(1);
  const view = useRef<HTMLDivElement>(null);
  const width = useWidth(view);
  const now = useNow(!isOver(state.status));
  const { bars, length } = chartOf(state, now);
  const track = Math.max(120, width - NAMES - AFTER) * zoom;
  const scale = track / length;

  const zoomTo = (next: number, at = (view.current?.clientWidth ?? 0) / 2) => {
    const element = view.current;
    const bounded = Math.min(LARGEST_ZOOM, Math.max(1, next));
    if (!element || bounded === zoom) return;
    // What is under the mouse stays there.
    const under = (element.scrollLeft + at - NAMES) / zoom;
    setZoom(bounded);
    requestAnimationFrame(() => element.scrollTo({ left: under * bounded - at + NAMES }));
  };
  useWheelZoom(view, (by, at) => zoomTo(zoom * by, at));

  return (
    <section className={classes.gantt} aria-label={t("Timeline")}>
      <div className={classes.tools}>
        <span>{formatDuration(length)}</span>
        <ActionIcon
          size="sm"
          aria-label={t("Zoom out")}
          disabled={zoom <= 1}
          onClick={() => zoomTo(zoom / 1.6)}
        >
          <IconMinus size={15} />
        </ActionIcon>
        <ActionIcon size="sm" aria-label={t("Zoom in")} onClick={() => zoomTo(zoom * 1.6)}>
          <IconPlus size={15} />
        </ActionIcon>
        <ActionIcon size="sm" aria-label={t("Show all of it")} disabled={zoom <= 1} onClick={() => zoomTo(1)}>
          <IconArrowsHorizontal size={15} />
        </ActionIcon>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the page is scrolled by keyboard */}
      <div ref={view} className={classes.view} tabIndex={0}>
        <div className={classes.inside} style={{ width: NAMES + track + AFTER }}>
          <div className={classes.scale} aria-hidden>
            {ticks(length, Math.max(2, Math.floor(track / 90))).map((at) => (
              <span key={at} style={{ insetInlineStart: NAMES + at * scale }}>
                {formatDuration(at)}
              </span>
            ))}
          </div>
          {bars.slice(0, limit).map((bar) => (
            <Line
              key={bar.key}
              bar={bar}
              scale={scale}
              facts={facts(bar.step.node_id)}
              current={chosen === bar.key}
              choose={() => choose(bar.key)}
            />
          ))}
        </div>
      </div>
      {bars.length > limit ? (
        <Button size="compact-sm" variant="subtle" onClick={() => setLimit(limit + 1_000)}>
          {t("{n} more", { n: bars.length - limit })}
        </Button>
      ) : null}
    </section>
  );
}

interface LineProps {
  bar: Bar;
  scale: number;
  facts: StepFacts;
  current: boolean;
  choose: () => void;
}

function Line({ bar, scale, facts, current, choose }: LineProps) {
  const { step } = bar;
  const round = step.path ? step.path.slice(step.path.lastIndexOf("[")) : "";
  const time = bar.begin === null || step.state === "skipped" ? "" : formatDuration(bar.length);
  return (
    <button
      type="button"
      className={classes.line}
      aria-current={current}
      title={`${facts.title}${round} · ${stateLabel(step.state)}${time ? ` · ${time}` : ""}`}
      onClick={choose}
    >
      <span className={classes.name} style={{ paddingInlineStart: 10 + bar.depth * 12, width: NAMES }}>
        <StateMark state={step.state} words={false} size={14} />
        <KindIcon name={facts.icon} size={14} />
        <span>
          {facts.title}
          {round ? <small>{round}</small> : null}
        </span>
      </span>
      {bar.begin === null ? null : (
        <span className={classes.place} style={{ insetInlineStart: NAMES + bar.begin * scale }}>
          <i
            style={{ width: Math.max(2, bar.length * scale) }}
            data-state={step.state}
            data-cached={step.cached || undefined}
          />
          <small>{time}</small>
        </span>
      )}
    </button>
  );
}

function useWidth(view: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(900);
  useLayoutEffect(() => {
    const element = view.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    setWidth(element.clientWidth);
    watch.observe(element);
    return () => watch.disconnect();
  }, [view]);
  return width;
}

/** Seconds since the epoch; moves while something is under way. */
function useNow(moving: boolean): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    if (!moving) return;
    const timer = setInterval(() => setNow(Date.now() / 1000), 500);
    return () => clearInterval(timer);
  }, [moving]);
  return now;
}

/** Ctrl and the wheel, or a pinch; the page itself must not zoom then. */
function useWheelZoom(
  view: React.RefObject<HTMLDivElement | null>,
  zoom: (by: number, at: number) => void,
): void {
  const latest = useRef(zoom);
  latest.current = zoom;
  useEffect(() => {
    const element = view.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest.current(Math.exp(-event.deltaY / 300), event.clientX - element.getBoundingClientRect().left);
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [view]);
}
