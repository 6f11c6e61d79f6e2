import { Button, Menu } from "@mantine/core";
import {
  IconArrowBarToRight,
  IconChevronDown,
  IconEdit,
  IconPinFilled,
  IconPinnedOff,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerTrackNextFilled,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { RunInspector, type StepState, useRun, useStepState } from "@/features/runs";
import { t } from "@/shared/i18n";
import { ValueView } from "@/shared/ui";
import { LazyCode } from "../code/LazyCode";
import { pinOf, wholeValues } from "../model/pins";
import { portsOf } from "../model/ports";
import type { FlowNode, Kind } from "../model/types";
import { useSession } from "../session";
import { toggleBreakpoints } from "../store/breakpoints";
import { useEditor, useEditorStore } from "../store/context";
import {
  earlierRun,
  lastStep,
  pinLast,
  pinOutputs,
  runFrom,
  runNode,
  runTo,
  unpinNode,
  whatIf,
} from "../store/partRuns";
import styles from "./inspector.module.css";

interface Props {
  id: string;
  node: FlowNode;
  kind: Kind;
}

type Editing = "inputs" | "outputs" | "pin" | null;
type Values = Record<string, unknown>;

/** What a node did last, and what can be done with that: run it again, pin it, ask what if. */
export function LastRun({ id, node, kind }: Props) {
  const session = useSession();
  const store = useEditorStore();
  const shown = useEditor((state) => state.runId ?? state.lastRunId);
  const base = useEditor((state) => state.baseRunId);
  const pauses = useEditor((state) => state.breakpoints.has(id));
  const pinned = useEditor((state) => pinOf(state.history.present, id));
  useRun(shown);
  useRun(base);
  const own = useStepState(shown, id);
  const before = useStepState(base, id);
  const step: StepState | undefined = own ?? before;
  const runId = own || !before ? shown : base;
  const [editing, edit] = useState<Editing>(null);
  const { active } = session.running;
  const { inputs, outputs } = portsOf(node, kind);
  const portTitles = Object.fromEntries([...inputs, ...outputs].map((port) => [port.name, port.title]));
  const blank = Object.fromEntries(inputs.map((port) => [port.name, null]));
  const stepKey = () => lastStep(store, id)?.key ?? id;
  const done = (act: () => void) => {
    edit(null);
    act();
  };

  return (
    <div className={styles.form}>
      <div className={styles.acts}>
        <Button
          size="xs"
          disabled={active || node.disabled}
          leftSection={<IconPlayerPlayFilled size={13} aria-hidden />}
          onClick={() => void runNode(session, id)}
        >
          {t("Run this node")}
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="xs" variant="default" rightSection={<IconChevronDown size={13} aria-hidden />}>
              {t("More")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconArrowBarToRight size={15} />}
              disabled={active}
              onClick={() => void runTo(session, id)}
            >
              {t("Run to here")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconPlayerTrackNextFilled size={15} />}
              disabled={active || earlierRun(store) === null}
              onClick={() => void runFrom(session, id)}
            >
              {t("Run from here")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item leftSection={<IconEdit size={15} />} disabled={active} onClick={() => edit("inputs")}>
              {t("Run with other inputs…")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconEdit size={15} />}
              disabled={active || step?.state !== "succeeded"}
              onClick={() => edit("outputs")}
            >
              {t("What if it had given…")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconPinFilled size={15} />}
              disabled={step?.state !== "succeeded" || pinned !== undefined}
              onClick={() => void pinLast(store, id)}
            >
              {t("Pin its output")}
            </Menu.Item>
            <Menu.Item leftSection={<IconEdit size={15} />} onClick={() => edit("pin")}>
              {t("Pin a value of your own…")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconPlayerPauseFilled size={15} />}
              onClick={() => toggleBreakpoints(store, [id])}
            >
              {pauses ? t("Remove the breakpoint") : t("Pause before this node")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {pinned ? (
        <section className={styles.pinned} aria-label={t("Its output is pinned")}>
          <header>
            <IconPinFilled size={14} aria-hidden />
            <span>{t("Runs of the editor use this instead of running the node.")}</span>
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconPinnedOff size={13} aria-hidden />}
              onClick={() => unpinNode(store, id)}
            >
              {t("Unpin")}
            </Button>
          </header>
          {editing === "pin"
            ? null
            : Object.entries(pinned).map(([port, value]) => (
                <ValueView key={port} label={t(portTitles[port] ?? port)} value={value} />
              ))}
        </section>
      ) : null}
      {editing === "inputs" ? (
        <EditValues
          key="inputs"
          title={t("Run with other inputs…")}
          hint={t("By input, as JSON. “Run on from here” also runs what comes after.")}
          first={wholeValues(step?.inputs) ?? blank}
          cancel={() => edit(null)}
          acts={[
            { title: t("Run this node"), run: (values) => done(() => void runNode(session, id, values)) },
            ...(earlierRun(store) === null
              ? []
              : [
                  {
                    title: t("Run on from here"),
                    run: (values: Values) =>
                      done(() => void whatIf(session, { step: stepKey(), inputs: values })),
                  },
                ]),
          ]}
        />
      ) : null}
      {editing === "outputs" ? (
        <EditValues
          key="outputs"
          title={t("What if it had given…")}
          hint={t("By output, as JSON. What comes after the node runs with this.")}
          first={wholeValues(step?.outputs) ?? {}}
          cancel={() => edit(null)}
          acts={[
            {
              title: t("Run on from here"),
              run: (values) => done(() => void whatIf(session, { step: stepKey(), outputs: values })),
            },
          ]}
        />
      ) : null}
      {editing === "pin" ? (
        <EditValues
          key="pin"
          title={t("Pin a value of your own…")}
          hint={t("By output, as JSON. Published versions run the node all the same.")}
          first={
            pinned ??
            wholeValues(step?.outputs) ??
            Object.fromEntries(outputs.map((port) => [port.name, null]))
          }
          cancel={() => edit(null)}
          acts={[{ title: t("Pin"), run: (values) => done(() => pinOutputs(store, id, values)) }]}
        />
      ) : null}
      {runId ? (
        <RunInspector runId={runId} nodeId={id} portTitles={portTitles} />
      ) : (
        <p className={styles.hint}>{t("This flow has not run yet. Ctrl+Enter runs it.")}</p>
      )}
    </div>
  );
}

interface EditProps {
  title: string;
  hint: string;
  first: Values;
  cancel(): void;
  acts: { title: string; run(values: Values): void }[];
}

/** Values by port, as JSON that a person edits. */
function EditValues({ title, hint, first, cancel, acts }: EditProps): ReactNode {
  const [text, setText] = useState(() => JSON.stringify(first, null, 2));
  const values = read(text);
  return (
    <section className={styles.editValues} aria-label={title}>
      <div className={styles.label}>{title}</div>
      <p className={styles.hint}>{hint}</p>
      <LazyCode
        id="edit-values"
        language="json"
        value={text}
        describedBy={undefined}
        change={setText}
        done={() => undefined}
      />
      {values === null && (
        <p className={styles.hint} role="alert">
          {t("This is no JSON object.")}
        </p>
      )}
      <div className={styles.acts}>
        {acts.map((act, place) => (
          <Button
            key={act.title}
            size="xs"
            variant={place === 0 ? "filled" : "default"}
            disabled={values === null}
            onClick={() => values && act.run(values)}
          >
            {act.title}
          </Button>
        ))}
        <Button size="xs" variant="subtle" onClick={cancel}>
          {t("Cancel")}
        </Button>
      </div>
    </section>
  );
}

function read(text: string): Values | null {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Values) : null;
  } catch {
    return null;
  }
}
