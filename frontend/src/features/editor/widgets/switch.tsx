import { Switch } from "@mantine/core";
import { t } from "@/shared/i18n";
import type { WidgetProps } from "./widget";

export default function SwitchWidget({ id, value, describedBy, change, done }: WidgetProps) {
  return (
    <Switch
      id={id}
      checked={value === true}
      label={value === true ? t("Yes") : t("No")}
      aria-describedby={describedBy}
      onChange={(event) => {
        change(event.currentTarget.checked);
        done();
      }}
    />
  );
}
