import { Button, Collapse } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { t, useLanguage } from "@/shared/i18n";
import { portTitle } from "../canvas/portTitle";
import { NOTE, setField, setWired } from "../model/nodes";
import { portsOf } from "../model/ports";
import { type Field, fieldsOf, isVisible } from "../model/schema";
import type { FlowNode, Kind } from "../model/types";
import type { Remark } from "../model/validate";
import { useEditor, useEditorStore } from "../store/context";
import { FieldRow } from "./FieldRow";
import { InputWires } from "./InputWires";
import styles from "./inspector.module.css";
import { OutputWires } from "./OutputWires";
import { RemarkLine } from "./RemarkLine";
import { remarkWords } from "./remarkWords";

interface Props {
  id: string;
  node: FlowNode;
  kind: Kind;
}

/** The form of a kind's settings, drawn from its schema, and where its inputs come from. */
export function SettingsTab({ id, node, kind }: Props) {
  const store = useEditorStore();
  const remarks = useEditor((state) => state.remarks);
  const wanted = useEditor((state) => state.wantedField);
  const [more, setMore] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const mine = remarks.filter((remark) => remark.node === id);
  const all = fieldsOf(kind);
  const fields = all.filter((field) => isVisible(field, all, node.settings));
  const main = fields.filter((field) => !field.schema["x-advanced"]);
  const advanced = fields.filter((field) => field.schema["x-advanced"]);
  const inTemplates = new Set(
    fields.filter((field) => field.schema["x-inputs"] === "placeholders").map((field) => field.name),
  );
  const { inputs: ports, outputs } = portsOf(node, kind);
  const inputs = (inTemplates.size > 0 ? ports.filter((port) => kind.inputs.includes(port)) : ports).filter(
    (port) => !node.wired?.includes(port.name),
  );

  useEffect(() => {
    if (wanted === null) return;
    if (advanced.some((field) => field.name === wanted)) setMore(true);
    requestAnimationFrame(() => {
      const row = form.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(wanted)}"]`);
      row?.scrollIntoView({ block: "center" });
      row?.querySelector<HTMLElement>("input, textarea, [contenteditable], button")?.focus();
      store.setState({ wantedField: null });
    });
  }, [wanted, advanced, store]);

  const wireOf = (name: string) => {
    const port = kind.wireable?.find((one) => one.name === name);
    if (!port) return undefined;
    const set = (on: boolean) => {
      const label = on ? t("Take the value from a wire") : t("Write the value here");
      store.getState().change(label, (document) => setWired(document, id, name, on));
    };
    return { port, on: node.wired?.includes(name) ?? false, set };
  };
  const row = (field: Field) => (
    <FieldRow
      key={field.name}
      nodeId={id}
      field={field}
      settings={node.settings}
      idPrefix={`field-${id}`}
      remark={remarkText(mine.find((remark) => remark.field === field.name))}
      line={lineOf(mine.find((remark) => remark.field === field.name))}
      wire={wireOf(field.name)}
      change={(name, value) => {
        const { change, catalogue } = store.getState();
        change(
          t("Edit {field}", { field: t(field.schema.title ?? name) }),
          (document) => setField(document, catalogue, id, name, value),
          {
            key: `${id}/${name}`,
          },
        );
      }}
      done={() => store.getState().seal()}
    />
  );

  return (
    <div ref={form} className={styles.form}>
      {mine
        .filter((remark) => !remark.field)
        .map((remark) => (
          <RemarkLine
            key={`${remark.code}/${remark.message}/${remark.edge ?? ""}/${Object.values(remark.values ?? {}).join()}`}
            remark={remark}
          />
        ))}
      {inputs.length > 0 && (
        <section className={styles.section}>
          <h3>{t("Inputs")}</h3>
          <ul className={styles.wires}>
            {inputs.map((port) => (
              <InputWires
                key={port.name}
                nodeId={id}
                port={port.name}
                title={portTitle(port)}
                type={port.type}
                required={port.required}
                multiple={port.multiple}
              />
            ))}
          </ul>
        </section>
      )}
      {main.map(row)}
      {fields.length === 0 && kind.key !== NOTE && (
        <p className={styles.hint}>{t("This node has no settings.")}</p>
      )}
      {advanced.length > 0 && (
        <>
          <Button
            variant="subtle"
            color="gray"
            size="xs"
            className={styles.more}
            aria-expanded={more}
            leftSection={
              <IconChevronDown
                size={14}
                aria-hidden
                className={styles.chevron}
                data-open={more || undefined}
              />
            }
            onClick={() => setMore(!more)}
          >
            {t("More")}
          </Button>
          <Collapse expanded={more}>
            <div className={styles.form}>{advanced.map(row)}</div>
          </Collapse>
        </>
      )}
      {outputs.length > 0 && (
        <section className={styles.section}>
          <h3>{t("Outputs")}</h3>
          <ul className={styles.wires}>
            {outputs.map((port) => (
              <OutputWires key={port.name} nodeId={id} port={port} />
            ))}
          </ul>
        </section>
      )}
      {kind.docs && (
        <details className={styles.docs}>
          <summary>{t("About this node")}</summary>
          <p>{aboutKind(kind)}</p>
        </details>
      )}
    </div>
  );
}

/** The whole text about a kind, its lines joined to paragraphs; without its Chinese, the first sentence has. */
function aboutKind(kind: Kind): string {
  const whole = kind.docs ?? "";
  const said = t(whole);
  if (said === whole && useLanguage.getState().language !== "en") return t(kind.description);
  return said.replace(/([^\n])\n(?!\n)/g, "$1 ");
}

/** The compiler counts the lines of code from 1. */
function lineOf(remark: Remark | undefined): number | undefined {
  const found = remark?.compiled ? /\bline (\d+)/.exec(remark.message) : null;
  return found ? Number(found[1]) : undefined;
}

function remarkText(remark: Remark | undefined): string | undefined {
  if (!remark) return undefined;
  const { message, hint } = remarkWords(remark);
  return [message, hint].filter(Boolean).join(" ");
}
