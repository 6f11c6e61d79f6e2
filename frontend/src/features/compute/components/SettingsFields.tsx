import { NumberInput, PasswordInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { t } from "@/shared/i18n";
import type { Field, Settings } from "../model/form";
import classes from "./compute.module.css";

interface Props {
  fields: Field[];
  values: Settings;
  /** Names of the secrets that are kept. */
  kept: string[];
  /** What the server said about a field. */
  wrong: Record<string, string>;
  change: (name: string, value: unknown) => void;
}

/** The settings of one kind of backend; what few people need is folded away until it says something. */
export function SettingsFields({ fields, values, kept, wrong, change }: Props) {
  const more = fields.filter((field) => field.advanced);
  const [unfolded, unfold] = useState(() => more.some(({ name }) => values[name] !== undefined));
  const draw = (field: Field) => (
    <SettingField
      key={field.name}
      field={field}
      value={values[field.name]}
      kept={kept.includes(field.name)}
      error={wrong[field.name]}
      change={(value) => change(field.name, value)}
    />
  );
  return (
    <>
      {fields.filter((field) => !field.advanced).map(draw)}
      {more.length ? (
        <details
          className={classes.more}
          open={unfolded || more.some(({ name }) => wrong[name])}
          onToggle={({ currentTarget }) => unfold(currentTarget.open)}
        >
          <summary>{t("More settings")}</summary>
          <div className={classes.form}>{more.map(draw)}</div>
        </details>
      ) : null}
    </>
  );
}

interface FieldProps {
  field: Field;
  value: unknown;
  kept: boolean;
  error: string | undefined;
  change: (value: unknown) => void;
}

function SettingField({ field, value, kept, error, change }: FieldProps) {
  const common = {
    label: t(field.title),
    description: field.description ? t(field.description) : undefined,
    required: field.required,
    error,
  };
  const text = typeof value === "string" ? value : "";
  switch (field.kind) {
    case "secret":
      return (
        <PasswordInput
          {...common}
          autoComplete="off"
          placeholder={kept ? t("One is kept; write here to replace it") : undefined}
          visibilityToggleButtonProps={{ "aria-label": t("Show or hide it") }}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
        />
      );
    case "number":
      return (
        <NumberInput
          {...common}
          allowDecimal={!field.whole}
          min={field.low}
          max={field.high}
          placeholder={field.standard === null ? undefined : String(field.standard ?? "")}
          value={typeof value === "number" ? value : ""}
          onChange={change}
        />
      );
    case "list":
      return (
        <TagsInput
          {...common}
          splitChars={[]}
          value={Array.isArray(value) ? value : []}
          onChange={change}
          placeholder={t("Enter after each")}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          allowDeselect={false}
          data={field.choices}
          value={text || String(field.standard ?? "")}
          onChange={change}
        />
      );
    case "switch":
      return (
        <Switch
          label={common.label}
          description={common.description}
          checked={(value ?? field.standard) === true}
          onChange={(event) => change(event.currentTarget.checked)}
        />
      );
    default:
      return (
        <TextInput
          {...common}
          placeholder={String(field.standard ?? "")}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
        />
      );
  }
}
