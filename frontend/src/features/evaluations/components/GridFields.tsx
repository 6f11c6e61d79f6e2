import { ActionIcon, Button, Chip, Select, TagsInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { type Field, spoken, widgetFor } from "@/features/editor";
import { t } from "@/shared/i18n";
import { type Axis, formField, givenAs, numberOf, type Variable, wrongIn } from "../model/grid";
import { valueWords } from "../model/words";
import classes from "./experiments.module.css";

interface Props {
  variables: Variable[];
  axes: Axis[];
  change: (axes: Axis[]) => void;
  /** What the server says of a setting, by the key of it. */
  refused: Record<number, string>;
}

/** Which settings are tried out, each with its values. */
export function GridFields({ variables, axes, change, refused }: Props) {
  const add = () => change([...axes, freshAxis(axes, variables)]);
  return (
    <div className={classes.axes}>
      {axes.map((axis) => (
        <OneAxis
          key={axis.key}
          axis={axis}
          variables={variables}
          taken={axes.filter((one) => one !== axis)}
          refused={refused[axis.key]}
          change={(next) => change(axes.map((one) => (one === axis ? next : one)))}
          remove={
            axes.length > 1 || axis.node !== null
              ? () => {
                  const rest = axes.filter((one) => one !== axis);
                  change(rest.length ? rest : [freshAxis(axes, variables)]);
                }
              : null
          }
        />
      ))}
      <Button variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={add}>
        {t("Add a setting")}
      </Button>
    </div>
  );
}

export function freshAxis(axes: Axis[], variables: Variable[]): Axis {
  const only = variables.length === 1 ? (variables[0]?.node ?? null) : null;
  return { key: Math.max(-1, ...axes.map((one) => one.key)) + 1, node: only, field: null, values: [] };
}

interface AxisProps {
  axis: Axis;
  variables: Variable[];
  /** The other settings of the grid. */
  taken: Axis[];
  refused: string | undefined;
  change: (axis: Axis) => void;
  remove: (() => void) | null;
}

function OneAxis({ axis, variables, taken, refused, change, remove }: AxisProps) {
  const about = useId();
  const variable = variables.find((one) => one.node === axis.node);
  const setting = variable?.settings.find(({ field }) => field.name === axis.field);
  const free = (variable?.settings ?? []).filter(
    ({ field }) => !taken.some((one) => one.node === axis.node && one.field === field.name),
  );
  const gone = axis.node !== null && !variable;
  const lost = variable !== undefined && axis.field !== null && !setting;
  const choose = (name: string | null) => {
    const chosen = free.find(({ field }) => field.name === name);
    if (chosen) change({ ...axis, field: name, values: begun(chosen.field, chosen.now) });
  };
  return (
    <fieldset className={classes.axis}>
      <legend className="visually-hidden">{t("A setting to try")}</legend>
      <div className={classes.axisHead}>
        <Select
          label={t("Node")}
          placeholder={t("Choose a node")}
          searchable
          allowDeselect={false}
          data={variables.map((one) => ({ value: one.node, label: one.title }))}
          value={axis.node}
          onChange={(node) => change({ ...axis, node, field: null, values: [] })}
          error={gone ? t("The flow has no such node.") : undefined}
        />
        <Select
          label={t("Setting")}
          placeholder={t("Choose a setting")}
          searchable
          allowDeselect={false}
          disabled={!variable}
          data={free.map(({ field }) => ({ value: field.name, label: titleOf(field) }))}
          value={setting ? axis.field : null}
          onChange={choose}
          error={lost ? t("The node has no such setting.") : undefined}
        />
        {remove ? (
          <ActionIcon
            size={36}
            aria-label={
              setting
                ? t("Take out {setting}", { setting: titleOf(setting.field) })
                : t("Take out this setting")
            }
            onClick={remove}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        ) : null}
      </div>
      {setting ? (
        <>
          {setting.field.schema.description ? (
            <p id={about} className={classes.about}>
              {t(setting.field.schema.description)}
            </p>
          ) : null}
          <Values
            axis={axis}
            field={setting.field}
            describedBy={setting.field.schema.description ? about : undefined}
            change={(values) => change({ ...axis, values })}
          />
          <p className={classes.about}>
            {t("In the flow now: {value}", { value: shortened(valueWords(setting.now)) })}
          </p>
        </>
      ) : null}
      {refused ? (
        <p className={classes.wrong} role="alert">
          {refused}
        </p>
      ) : null}
    </fieldset>
  );
}

/** The value that is drawn is tried too, so that there is something to compare with; of two, both are. */
function begun(field: Field, now: unknown): unknown[] {
  if (field.schema.type === "boolean") return [true, false];
  return givenAs(field) === "forms" || now !== undefined ? [now] : [];
}

const titleOf = ({ name, schema }: Field) => t(schema.title ?? name);

const SHORT = 120;
const shortened = (text: string) => (text.length > SHORT ? `${text.slice(0, SHORT)}…` : text);

interface ValuesProps {
  axis: Axis;
  field: Field;
  describedBy: string | undefined;
  change: (values: unknown[]) => void;
}

function Values(props: ValuesProps) {
  const how = givenAs(props.field);
  if (how === "choices") return <Choices {...props} />;
  return how === "numbers" ? <Numbers {...props} /> : <Forms {...props} />;
}

function Choices({ axis, field, change }: ValuesProps) {
  const known = field.schema.enum ?? [true, false];
  const choices = field.nullable ? [...known, null] : known;
  const label = (choice: unknown) =>
    typeof choice === "string" && choice !== "" ? t(spoken(choice)) : valueWords(choice);
  return (
    <fieldset className={classes.choices} aria-label={t("Values of {setting}", { setting: titleOf(field) })}>
      <Chip.Group
        multiple
        value={axis.values.map((value) => String(choices.indexOf(value)))}
        onChange={(places) => change(choices.filter((_, at) => places.includes(String(at))))}
      >
        {choices.map((choice, at) => (
          <Chip key={String(choice)} value={String(at)} size="sm">
            {label(choice)}
          </Chip>
        ))}
      </Chip.Group>
    </fieldset>
  );
}

function Numbers({ axis, field, describedBy, change }: ValuesProps) {
  const none = t("None");
  const wrong = [...wrongIn(axis, field)].map(([at, words]) => `${valueWords(axis.values[at])}: ${words}`);
  const { minimum, maximum } = field.schema;
  return (
    <TagsInput
      label={t("Values of {setting}", { setting: titleOf(field) })}
      description={
        minimum !== undefined && maximum !== undefined
          ? t("From {low} to {high}.", { low: minimum, high: maximum })
          : undefined
      }
      placeholder={t("Numbers, with Enter or a comma after each")}
      aria-describedby={describedBy}
      splitChars={[",", "，", "、", ";", " "]}
      data={field.nullable ? [none] : []}
      value={axis.values.map((value) => (typeof value === "string" ? value : valueWords(value)))}
      onChange={(texts) =>
        change([...new Set(texts.map((text) => (field.nullable && text === none ? null : numberOf(text))))])
      }
      error={wrong.length ? wrong.join(" ") : undefined}
    />
  );
}

function Forms({ axis, field, describedBy, change }: ValuesProps) {
  const id = useId();
  const drawn = formField(field);
  const Widget = widgetFor(drawn);
  const wrong = wrongIn(axis, field);
  const long = ["textarea", "code", "json"].includes(drawn.schema["x-widget"] ?? "");
  const title = titleOf(field);
  return (
    <fieldset className={classes.forms} aria-label={t("Values of {setting}", { setting: title })}>
      {axis.values.map((value, at) => {
        const name = `${id}-${at}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: values change while they are typed, places stay
          <div key={at} className={classes.form}>
            <label htmlFor={name}>{t("Value {n}", { n: at + 1 })}</label>
            <div className={classes.widget}>
              <Widget
                id={name}
                field={drawn}
                value={value}
                invalid={wrong.has(at)}
                describedBy={describedBy}
                nodeId={axis.node ?? ""}
                change={(next) => change(axis.values.map((old, place) => (place === at ? next : old)))}
                done={() => {}}
              />
              {wrong.has(at) ? <Wrong>{wrong.get(at)}</Wrong> : null}
            </div>
            <ActionIcon
              size={30}
              aria-label={t("Take out value {n}", { n: at + 1 })}
              disabled={axis.values.length < 2}
              onClick={() => change(axis.values.filter((_, place) => place !== at))}
            >
              <IconTrash size={15} aria-hidden />
            </ActionIcon>
          </div>
        );
      })}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        // A long text is seldom written anew: the next begins as the last.
        onClick={() => change([...axis.values, long ? axis.values.at(-1) : undefined])}
      >
        {t("Add a value")}
      </Button>
    </fieldset>
  );
}

function Wrong({ children }: { children: ReactNode }) {
  return <p className={classes.wrong}>{children}</p>;
}
