import { SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { t } from "@/shared/i18n";
import type { WholeExperiment } from "../api/experiments";
import { type Dot, dotsOf } from "../model/board";
import { axisTitle, chartTitle, figureWords, scoreWords, trialWords } from "../model/words";
import classes from "./experiments.module.css";

const HEIGHT = 260;
/** Pixels around a dot within which the mouse means it. */
const NEAR = 22;

interface Props {
  one: WholeExperiment;
  names: Map<string, string>;
  /** A dot was clicked. */
  pick: (trial: number) => void;
}

/** The score of each trial over what it cost or how long it took; the line is the best that can be had for so much. */
export function FrontChart({ one, names, pick }: Props) {
  const [chosen, choose] = useState<string | null>(null);
  const axis = chosen && one.axes.includes(chosen) ? chosen : one.axes[0];
  const dots = axis ? dotsOf(one.trials, axis) : [];
  if (!axis || !dots.length) return null;
  return (
    <section className={classes.card} aria-labelledby="front">
      <div className={classes.head}>
        <h2 id="front">{chartTitle(axis, one.axes)}</h2>
        {one.axes.length > 1 ? (
          <SegmentedControl
            aria-label={t("What the score is weighed against")}
            size="xs"
            value={axis}
            onChange={choose}
            data={one.axes.map((each) => ({ value: each, label: axisTitle(each, one.axes) }))}
          />
        ) : null}
      </div>
      <figure className={classes.chart}>
        <Dots
          key={axis}
          axis={axis}
          dots={dots}
          words={(dot) => wordsOf(dot, axis, one, names)}
          pick={pick}
        />
        <figcaption>
          <span className={classes.key}>{t("On the front: no other trial scores as well for less")}</span>
        </figcaption>
      </figure>
    </section>
  );
}

function wordsOf(
  { trial, x, y }: Dot,
  axis: string,
  one: WholeExperiment,
  names: Map<string, string>,
): string[] {
  return [
    `${t("Trial {n}", { n: trial.number })} · ${scoreWords(y)} · ${figureWords(x, axis)}`,
    ...trialWords(trial, one.grid, names),
  ];
}

/** The dot under the mouse, and where it stands. */
interface Near {
  dot: Dot;
  left: number;
  top: number;
}

interface DotsProps {
  axis: string;
  dots: Dot[];
  words: (dot: Dot) => string[];
  pick: (trial: number) => void;
}

function Dots({ axis, dots, words, pick }: DotsProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [near, setNear] = useState<Near | null>(null);
  const { colorScheme } = useMantineColorScheme();
  const data: uPlot.AlignedData = [
    dots.map((dot) => dot.x),
    dots.map((dot) => (dot.front ? null : dot.y)),
    dots.map((dot) => (dot.front ? dot.y : null)),
  ];
  const latest = useRef({ data, dots, pick });
  latest.current = { data, dots, pick };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew where they change
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let under: Near | null = null;
    const style = getComputedStyle(element);
    const colour = (name: string) => style.getPropertyValue(name);
    const scale = { stroke: colour("--ink-faint"), font: "11px sans-serif", ticks: { show: false } };
    const grid = { stroke: colour("--line"), width: 1 };
    const drawn = new uPlot(
      {
        width: element.clientWidth || 300,
        height: HEIGHT,
        legend: { show: false },
        cursor: { x: false, y: false, drag: { x: false, y: false }, points: { show: false } },
        scales: {
          x: { time: false, range: (_, least, most) => padded(least, most) },
          y: { range: (_, least, most) => padded(least, most) },
        },
        axes: [
          {
            ...{ ...scale, grid, size: 30, space: 80 },
            values: (_, ticks) => ticks.map((tick) => (tick < 0 ? "" : figureWords(tick, axis))),
          },
          {
            ...{ ...scale, grid, size: 48, space: 34 },
            values: (_, ticks) => ticks.map((tick) => (tick < 0 || tick > 1 ? "" : scoreWords(tick))),
          },
        ],
        series: [
          {},
          {
            stroke: colour("--ink-faint"),
            paths: () => null,
            points: { show: true, size: 8, fill: colour("--surface") },
          },
          {
            stroke: colour("--accent"),
            width: 1.75,
            spanGaps: true,
            // Until more is spent, the best stays what it was.
            paths: uPlot.paths.stepped?.({ align: 1 }),
            points: { show: true, size: 10, fill: colour("--accent") },
          },
        ],
        hooks: {
          setCursor: [
            (self) => {
              under = nearest(self, latest.current.dots);
              setNear(under);
            },
          ],
        },
      },
      latest.current.data,
      element,
    );
    plot.current = drawn;
    drawn.over.addEventListener("click", () => under && latest.current.pick(under.dot.trial.number));
    const watch = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [colorScheme]);
  const told = JSON.stringify(data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew where the figures change
  useEffect(() => plot.current?.setData(data), [told]);
  // The leaderboard below says the same to those who don't see the chart or use no mouse.
  return (
    <div className={classes.dots} aria-hidden>
      <div ref={place} data-near={near !== null} />
      {near ? (
        <div
          className={classes.tip}
          style={{ insetInlineStart: near.left, insetBlockStart: near.top }}
          data-late={near.left > (place.current?.clientWidth ?? 0) / 2}
        >
          {words(near.dot).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      ) : null}
    </div>
  );
}

/** Some room on both sides, so that no dot is cut, also where all stand on one place. */
function padded(least: number, most: number): [number, number] {
  const room = (most - least) * 0.08 || Math.abs(most) * 0.1 || 0.1;
  return [least - room, most + room];
}

function nearest(self: uPlot, dots: Dot[]): Near | null {
  const { left = -1, top = -1 } = self.cursor;
  if (left < 0) return null;
  let found: Near | null = null;
  let closest = NEAR;
  for (const dot of dots) {
    const at = { left: self.valToPos(dot.x, "x"), top: self.valToPos(dot.y, "y") };
    const distance = Math.hypot(at.left - left, at.top - top);
    if (distance > closest) continue;
    closest = distance;
    const { offsetLeft, offsetTop } = self.over;
    found = { dot, left: at.left + offsetLeft, top: at.top + offsetTop };
  }
  return found;
}
