import { t } from "@/shared/i18n";
import { portColor } from "@/shared/ui";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

/** Inputs or outputs that come from elsewhere: to read, not to write. */
export default function PortsWidget({ id, value }: WidgetProps) {
  const ports = Array.isArray(value) ? (value as { name: string; type: string; required?: boolean }[]) : [];
  if (ports.length === 0) {
    return (
      <p id={id} className={styles.note}>
        {t("None")}
      </p>
    );
  }
  return (
    <ul id={id} className={styles.ports}>
      {ports.map((port) => (
        <li key={port.name}>
          <span className={styles.portDot} style={{ background: portColor(port.type) }} aria-hidden />
          <code>{port.name}</code>
          <span className={styles.portType}>
            {port.required === false ? t("{type}, optional", { type: port.type }) : port.type}
          </span>
        </li>
      ))}
    </ul>
  );
}
