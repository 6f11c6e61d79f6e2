import { NumberInput, Slider } from "@mantine/core";
import { t } from "@/shared/i18n";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

export default function SliderWidget({ id, value, field, invalid, describedBy, change, done }: WidgetProps) {
  const { minimum = 0, maximum = 1, multipleOf, type, title } = field.schema;
  const step = multipleOf ?? (type === "integer" ? 1 : (maximum - minimum) / 100);
  const number = typeof value === "number" ? value : minimum;
  return (
    <div className={styles.slider}>
      <Slider
        className={styles.track}
        data-unset={typeof value !== "number" || undefined}
        value={number}
        min={minimum}
        max={maximum}
        step={step}
        label={null}
        thumbLabel={t(title ?? field.name)}
        onChange={change}
        onChangeEnd={done}
      />
      <NumberInput
        id={id}
        className={styles.sliderNumber}
        value={typeof value === "number" ? value : ""}
        error={invalid}
        step={step}
        min={minimum}
        max={maximum}
        hideControls
        allowDecimal={type !== "integer"}
        clampBehavior="none"
        aria-describedby={describedBy}
        onChange={(next) => change(next === "" ? undefined : next)}
        onBlur={done}
      />
    </div>
  );
}
