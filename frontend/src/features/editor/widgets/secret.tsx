import { PasswordInput } from "@mantine/core";
import { t } from "@/shared/i18n";
import type { WidgetProps } from "./widget";

export default function SecretWidget({ id, value, invalid, describedBy, change, done }: WidgetProps) {
  return (
    <PasswordInput
      id={id}
      autoComplete="off"
      value={typeof value === "string" ? value : ""}
      error={invalid}
      placeholder={t("Left out of copies and exports")}
      aria-describedby={describedBy}
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={done}
    />
  );
}
