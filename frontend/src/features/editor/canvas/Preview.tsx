import type { StepState } from "@/features/runs";
import { errorSaid } from "@/shared/api";
import { listed, t } from "@/shared/i18n";
import { fieldsOf, isVisible, spoken, valueIn } from "../model/schema";
import type { FlowNode, Kind } from "../model/types";
import { versionTitle } from "../model/versionTitle";
import styles from "./node.module.css";

interface Props {
  node: FlowNode;
  kind: Kind | undefined;
  /** Three lines instead of one. */
  tall: boolean;
  step: StepState | undefined;
  /** Changed since the step ran: what failed may be mended. */
  changed: boolean;
  /** Of a tool: what the model is told of it. */
  says?: string | undefined;
}

/** What fits in three lines. */
const SHOWN = 132;

/** The foot of a card: what went wrong, else its text as it comes, else its most telling setting. */
export function Preview({ node, kind, tall, step, changed, says }: Props) {
  if (step?.error && step.state !== "succeeded" && !changed) {
    return (
      <div className={styles.foot} data-tall={tall || undefined} data-bad title={errorSaid(step.error)}>
        {errorSaid(step.error)}
      </div>
    );
  }
  const said = step ? Object.values(step.text)[0] : undefined;
  if (tall && said) {
    return (
      <div className={styles.foot} data-tall data-said>
        {step?.state === "running" && said.length > SHOWN
          ? `… ${said.slice(-SHOWN)}`
          : said.slice(0, 3 * SHOWN)}
      </div>
    );
  }
  const text =
    says ?? (kind ? summaryOf(node, kind) : t("Kept as it is; replace it or install what brings it."));
  return (
    <div className={styles.foot} data-tall={tall || undefined} data-empty={text ? undefined : true}>
      {text || (kind ? t(kind.description) : "")}
    </div>
  );
}

/** Of an entry of a list: its name, its text, or itself. */
function wordsOf(item: unknown): string {
  if (item === null || typeof item !== "object") return String(item ?? "");
  const { name, text } = item as { name?: unknown; text?: unknown };
  const found = name ?? text;
  return typeof found === "string" ? found.trim().replace(/\s+/g, " ") : "";
}

const NAMELESS = new Set(["flow", "knowledge_base"]);

/** The first setting with something in it: a text, a model, a number with its name. */
export function summaryOf(node: FlowNode, kind: Kind): string {
  const fields = fieldsOf(kind).filter((field) => isVisible(field, fieldsOf(kind), node.settings));
  for (const field of fields) {
    const value = valueIn(field, node.settings);
    // The id of a flow or a knowledge base says nothing; the node bears a name.
    if (field.schema.enum || NAMELESS.has(field.schema["x-widget"] ?? "")) continue;
    if (field.schema["x-widget"] === "flow_version") return versionTitle(String(value ?? ""));
    if (typeof value === "string" && value.trim() !== "") return value.trim().replace(/\s+/g, " ");
    if (typeof value === "number")
      return t("{name}: {value}", { name: t(field.schema.title ?? field.name), value });
    if (Array.isArray(value) && value.length > 0) {
      const said = listed(value.map(wordsOf).filter(Boolean));
      if (said) return said;
    }
  }
  const choice = fields.find((field) => field.schema.enum);
  if (!choice) return "";
  const title = t(choice.schema.title ?? choice.name);
  return t("{name}: {value}", { name: title, value: t(spoken(String(valueIn(choice, node.settings)))) });
}
