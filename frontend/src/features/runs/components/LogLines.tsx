import type { LogEvent } from "../model/events";
import classes from "./LogLines.module.css";

interface Props {
  lines: LogEvent[];
  titleOf?: (nodeId: string) => string;
}

/** What nodes wrote into the log. */
export function LogLines({ lines, titleOf }: Props) {
  return (
    <ol className={classes.logs}>
      {lines.map((line) => (
        <li key={line.seq} data-level={line.level}>
          {titleOf ? <code>{titleOf(line.node_id)}</code> : null} {line.message}
        </li>
      ))}
    </ol>
  );
}
