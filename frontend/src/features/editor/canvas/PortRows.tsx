import { Handle, Position } from "@xyflow/react";
import { type MouseEvent, memo } from "react";
import { t } from "@/shared/i18n";
import { portColor } from "@/shared/ui/port-color";
import { HEADER_HEIGHT, PORT_HEIGHT, PORTS_PADDING } from "../model/geometry";
import type { ShownPorts, Side } from "../model/ports";
import type { Port } from "../model/types";
import { useEditor, useEditorStore } from "../store/context";
import { askForPort } from "./ask";
import styles from "./ports.module.css";
import { portTitle, typeTitle } from "./portTitle";

interface Props {
  id: string;
  ports: ShownPorts;
  labels: boolean;
}

/** Inputs at the left border, outputs at the right, row by row. */
export const PortRows = memo(function PortRows({ id, ports, labels }: Props) {
  return (
    <>
      {ports.inputs.map((port, row) => (
        <PortDot
          key={`i-${port.name}`}
          id={id}
          port={port}
          side="input"
          row={row}
          label={labels}
          lost={ports.lost.has(`input:${port.name}`)}
        />
      ))}
      {ports.outputs.map((port, row) => (
        <PortDot
          key={`o-${port.name}`}
          id={id}
          port={port}
          side="output"
          row={row}
          label={labels}
          lost={ports.lost.has(`output:${port.name}`)}
        />
      ))}
    </>
  );
});

interface DotProps {
  id: string;
  port: Port;
  side: Side;
  row: number;
  label: boolean;
  lost: boolean;
}

const PortDot = memo(function PortDot({ id, port, side, row, label, lost }: DotProps) {
  const store = useEditorStore();
  const fit = useEditor(({ connecting }) => {
    if (!connecting) return undefined;
    const { end, fits } = connecting;
    if (end.node === id && end.port === port.name && end.side === side) return "start";
    return end.side !== side && fits.get(id)?.has(port.name) ? "yes" : "no";
  });
  const top = HEADER_HEIGHT + PORTS_PADDING / 2 + PORT_HEIGHT * (row + 0.5);
  const title = portTitle(port);
  const open = (event: MouseEvent) => {
    event.stopPropagation();
    askForPort(store, { node: id, port: port.name, side }, port.type, { x: event.clientX, y: event.clientY });
  };
  return (
    <>
      <Handle
        id={port.name}
        type={side === "input" ? "target" : "source"}
        position={side === "input" ? Position.Left : Position.Right}
        className={styles.dot}
        style={{ top, ["--type" as string]: portColor(port.type) }}
        data-fit={fit}
        data-type={port.type}
        data-lost={lost || undefined}
        data-many={port.multiple || undefined}
        data-optional={(side === "input" && !port.required) || undefined}
        title={`${title}: ${typeTitle(port.type)}${port.description ? `\n${t(port.description)}` : ""}`}
        role="img"
        aria-label={
          side === "input"
            ? t("Input {port}, takes {type}", { port: title, type: typeTitle(port.type) })
            : t("Output {port}, gives {type}", { port: title, type: typeTitle(port.type) })
        }
        onClick={open}
      />
      {label && (
        <span
          className={side === "input" ? styles.inputLabel : styles.outputLabel}
          style={{ top: top - PORT_HEIGHT / 2, height: PORT_HEIGHT }}
          data-fit={fit}
          data-lost={lost || undefined}
        >
          {title}
          {side === "input" && port.required && (
            <span className={styles.needed} aria-hidden="true">
              *
            </span>
          )}
        </span>
      )}
    </>
  );
});
