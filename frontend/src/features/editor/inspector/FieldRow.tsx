import { Input } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { sameValue } from "../model/patch";
import { type Field, valueIn, wrongWith } from "../model/schema";
import type { Port, Settings } from "../model/types";
import { widgetFor } from "../widgets/widget";
import { InputWires } from "./InputWires";
import styles from "./inspector.module.css";

interface Props {
  nodeId: string;
  field: Field;
  settings: Settings;
  idPrefix: string;
  /** In a list: without the long description. */
  compact?: boolean;
  /** What the compiler says of this field. */
  remark?: string | undefined;
  /** The line of the text in which it is. */
  line?: number | undefined;
  /** The port it becomes where it may take its value along a wire, and whether it does. */
  wire?: { port: Port; on: boolean; set(on: boolean): void } | undefined;
  change(name: string, value: unknown): void;
  done(): void;
}

/** A field with its label, what it is for, and at once what is wrong with it. */
export function FieldRow({
  nodeId,
  field,
  settings,
  idPrefix,
  compact,
  remark,
  line,
  wire,
  change,
  done,
}: Props) {
  const Widget = widgetFor(field);
  const id = `${idPrefix}-${field.name}`;
  const wrong = wrongWith(field, settings);
  const error = wrong ? t(wrong.message, wrong.values) : remark;
  const described = [!compact && field.schema.description ? `${id}-about` : "", error ? `${id}-error` : ""]
    .filter(Boolean)
    .join(" ");
  const title = t(field.schema.title ?? field.name);
  return (
    <Input.Wrapper
      id={id}
      label={title}
      labelProps={wire ? { className: styles.wireLabel } : undefined}
      withAsterisk={field.required}
      description={compact || !field.schema.description ? undefined : t(field.schema.description)}
      descriptionProps={{ id: `${id}-about`, className: styles.about }}
      error={error}
      errorProps={{ id: `${id}-error` }}
      inputWrapperOrder={["label", "description", "input", "error"]}
      data-field={field.name}
    >
      {wire && (
        <button
          type="button"
          className={styles.wireToggle}
          aria-pressed={wire.on}
          title={wire.on ? t("Write the value here") : t("Take the value from a wire")}
          aria-label={
            wire.on
              ? t("{field}: write the value here", { field: title })
              : t("{field}: take the value from a wire", { field: title })
          }
          onClick={() => wire.set(!wire.on)}
        >
          <IconPlugConnected size={15} aria-hidden />
        </button>
      )}
      {wire?.on ? (
        <ul className={styles.wires} id={id}>
          <InputWires
            nodeId={nodeId}
            port={wire.port.name}
            title={t("From a wire")}
            type={wire.port.type}
            required
            multiple={false}
          />
        </ul>
      ) : (
        <Widget
          id={id}
          field={field}
          value={valueIn(field, settings)}
          invalid={error !== undefined}
          problem={error && line ? { line, message: error } : undefined}
          describedBy={described || undefined}
          nodeId={nodeId}
          within={compact}
          change={(value) => change(field.name, sameValue(value, field.schema.default) ? undefined : value)}
          done={done}
        />
      )}
    </Input.Wrapper>
  );
}
