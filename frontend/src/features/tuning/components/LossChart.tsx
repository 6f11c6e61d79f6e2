import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { t } from "@/shared/i18n";
import type { Step } from "../model/told";
import classes from "./tuning.module.css";

const HEIGHT = 210;

/** The loss by step, and beside it the learning rate. */
export function LossChart({ steps }: { steps: Step[] }) {
  const last = steps.findLast((one) => one.loss !== undefined);
  const measured = steps.findLast((one) => one.validation !== undefined);
  const rate = steps.findLast((one) => one.rate !== undefined);
  return (
    <div className={rate ? classes.charts : undefined}>
      <figure className={classes.chart}>
        <figcaption>
          <span className={classes.key} data-line="loss">
            {t("Loss")} {last?.loss?.toFixed(4) ?? ""}
          </span>
          {measured ? (
            <span className={classes.key} data-line="validation">
              {t("Loss on what was kept apart")} {measured.validation?.toFixed(4)}
            </span>
          ) : null}
        </figcaption>
        <Lines
          steps={steps}
          lines={[
            { of: (one) => one.loss, colour: "--accent" },
            { of: (one) => one.validation, colour: "--spark" },
          ]}
          show={(value) => (value < 0.1 ? value.toPrecision(2) : value.toFixed(2))}
        />
      </figure>
      {rate ? (
        <figure className={classes.chart}>
          <figcaption>
            <span className={classes.key} data-line="loss">
              {t("Learning rate")} {rate.rate?.toExponential(2)}
            </span>
          </figcaption>
          <Lines
            steps={steps}
            lines={[{ of: (one) => one.rate, colour: "--accent" }]}
            show={(value) => (value ? value.toExponential(1) : "0")}
          />
        </figure>
      ) : null}
    </div>
  );
}

interface Line {
  of: (step: Step) => number | undefined;
  colour: string;
}

function Lines({ steps, lines, show }: { steps: Step[]; lines: Line[]; show: (value: number) => string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { colorScheme } = useMantineColorScheme();
  const data: uPlot.AlignedData = [
    steps.map((one) => one.step),
    ...lines.map((line) => steps.map((one) => line.of(one) ?? null)),
  ];
  const latest = useRef({ data, lines, show });
  latest.current = { data, lines, show };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew where they change
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const ink = style.getPropertyValue("--ink-faint");
    const axis = { stroke: ink, font: "11px sans-serif", ticks: { show: false } };
    const grid = { stroke: style.getPropertyValue("--line"), width: 1 };
    const drawn = new uPlot(
      {
        width: element.clientWidth || 300,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false },
          y: { range: (_, least, most) => [Math.min(0, least), most * 1.05 || 1] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 26,
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
          },
          {
            ...axis,
            grid,
            size: 52,
            space: 34,
            values: (_, ticks) => ticks.map((tick) => latest.current.show(tick)),
          },
        ],
        series: [
          {},
          ...latest.current.lines.map((line) => ({
            stroke: style.getPropertyValue(line.colour),
            width: 1.75,
            spanGaps: true,
            points: { show: false },
          })),
        ],
      },
      latest.current.data,
      element,
    );
    plot.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [colorScheme]);
  useEffect(() => plot.current?.setData(data));
  return <div ref={place} aria-hidden />;
}
