import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import { t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { CopyButton } from "../CopyButton";
import { Markdown } from "../markdown/Markdown";
import { tell } from "../tell";
import { JsonTree } from "./JsonTree";
import { asText, type Message, shapeOf } from "./shape";
import classes from "./ValueView.module.css";

interface Props {
  value: unknown;
  /** What stands over it, such as the port's title. */
  label?: React.ReactNode;
  /** Fetches the value where `value` is only the beginning of it. */
  whole?: () => Promise<unknown>;
}

const ROWS = 50;

/** Any value of a port: text plain or as Markdown, messages by role, everything else as a tree. */
export function ValueView({ value: given, label, whole }: Props) {
  const [rendered, setRendered] = useState(false);
  const [opened, setOpened] = useState<{ of: unknown; value: unknown } | null>(null);
  const value = opened !== null && opened.of === given ? opened.value : given;
  const open = async () => {
    try {
      setOpened({ of: given, value: await whole?.() });
    } catch (thrown) {
      tell.failure(thrown);
    }
  };
  const shape = shapeOf(value);
  const isText = shape.kind === "text" || shape.kind === "clipped";
  return (
    <section className={classes.value}>
      <header className={classes.head}>
        <h4 className={classes.label}>{label}</h4>
        {isText && shape.text ? (
          <SegmentedControl
            size="xs"
            aria-label={t("Show as")}
            value={rendered ? "markdown" : "text"}
            onChange={(chosen) => setRendered(chosen === "markdown")}
            data={[
              { value: "text", label: t("Text") },
              { value: "markdown", label: t("Markdown") },
            ]}
          />
        ) : null}
        {shape.kind === "stream" ? null : <CopyButton text={() => asText(value)} />}
      </header>
      <div className={classes.body}>
        {isText ? <Text text={shape.text} rendered={rendered} /> : null}
        {shape.kind === "clipped" ? (
          <p className={classes.note}>
            {t("Only the beginning is kept here; the whole value has {size}.", {
              size: formatBytes(shape.bytes),
            })}{" "}
            {whole ? (
              <button type="button" className={classes.open} onClick={() => void open()}>
                {t("Open whole")}
              </button>
            ) : null}
          </p>
        ) : null}
        {shape.kind === "stream" ? (
          <p className={classes.note}>{t("A live stream: its text came piece by piece.")}</p>
        ) : null}
        {shape.kind === "messages" ? <Messages messages={shape.messages} /> : null}
        {shape.kind === "table" ? <Table columns={shape.columns} rows={shape.rows} /> : null}
        {shape.kind === "image" ? (
          <img className={classes.image} src={shape.source} alt={t("The value as an image")} />
        ) : null}
        {shape.kind === "json" ? <JsonTree value={value} /> : null}
      </div>
    </section>
  );
}

function Table({ columns, rows }: { columns: string[]; rows: Record<string, unknown>[] }) {
  const [shown, show] = useState(ROWS);
  return (
    <div className={classes.table}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column}>{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row has no other name
            <tr key={index}>
              {columns.map((column) => (
                <td key={column}>{row[column] === undefined ? "" : String(row[column])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > shown ? (
        <button type="button" className={classes.open} onClick={() => show(shown + 200)}>
          {t("{n} more", { n: rows.length - shown })}
        </button>
      ) : null}
    </div>
  );
}

function Text({ text, rendered }: { text: string; rendered: boolean }) {
  if (!text) return <p className={classes.note}>{t("Empty text")}</p>;
  return rendered ? <Markdown text={text} /> : <div className={classes.text}>{text}</div>;
}

function Messages({ messages }: { messages: Message[] }) {
  return (
    <ol className={classes.messages}>
      {messages.map(({ role, content }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message has no other name
        <li key={index}>
          <span className={classes.role}>{role}</span>
          <span className={classes.text}>{content}</span>
        </li>
      ))}
    </ol>
  );
}
