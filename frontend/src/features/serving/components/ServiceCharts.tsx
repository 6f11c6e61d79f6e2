import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { msg, t } from "@/shared/i18n";
import { formatBytes, formatClock, formatNumber } from "@/shared/lib/format";
import type { Service } from "../api/serving";
import classes from "./serving.module.css";

type Samples = Service["samples"];

/** Bytes are counted in powers of two: ticks at 256 MB and not at 238.4. */
const BYTES = Array.from({ length: 24 }, (_, power) => 2 ** (20 + power));

const LINES = [
  { key: "tokens_per_second", label: msg("Tokens per second"), show: formatNumber },
  { key: "running", label: msg("Requests under way"), show: formatNumber },
  { key: "waiting", label: msg("Requests that wait"), show: formatNumber },
  { key: "memory", label: msg("Memory"), show: formatBytes },
  { key: "device_memory", label: msg("Memory of the GPUs"), show: formatBytes },
] as const;

/** What the engine measured lately. What it does not measure is not drawn. */
export function ServiceCharts({ samples }: { samples: Samples }) {
  const last = samples.at(-1) ?? {};
  return (
    <div className={classes.charts}>
      {LINES.filter((line) => line.key in last).map((line) => (
        <figure key={line.key} className={classes.chart} style={{ margin: 0 }}>
          <h4>
            {t(line.label)}: {line.show(Number(last[line.key]))}
          </h4>
          <Line samples={samples} name={line.key} show={line.show} />
        </figure>
      ))}
    </div>
  );
}

interface LineProps {
  samples: Samples;
  name: string;
  show: (value: number) => string;
}

function Line({ samples, name, show }: LineProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { colorScheme } = useMantineColorScheme();
  const data: uPlot.AlignedData = [
    samples.map((sample) => Number(sample.at)),
    samples.map((sample) => (name in sample ? Number(sample[name]) : null)),
  ];
  const latest = useRef(data);
  latest.current = data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew where they change
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const ink = style.getPropertyValue("--ink-faint");
    const grid = { stroke: style.getPropertyValue("--line"), width: 1 };
    const drawn = new uPlot(
      {
        width: element.clientWidth || 240,
        height: 96,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] } },
        axes: [
          {
            stroke: ink,
            grid: { show: false },
            ticks: { show: false },
            size: 22,
            space: 64,
            font: "11px sans-serif",
            values: (_, ticks, __, ___, apart) => ticks.map((tick) => formatClock(tick * 1000, apart < 60)),
          },
          {
            stroke: ink,
            grid,
            ticks: { show: false },
            size: 56,
            space: 34,
            font: "11px sans-serif",
            values: (_, ticks) => ticks.map(show),
            ...(show === formatBytes ? { incrs: BYTES } : {}),
          },
        ],
        series: [{}, { stroke: style.getPropertyValue("--accent"), width: 1.5, points: { show: false } }],
      },
      latest.current,
      element,
    );
    plot.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: 96 }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [show, colorScheme]);
  useEffect(() => plot.current?.setData(data));
  return <div ref={place} aria-hidden />;
}
