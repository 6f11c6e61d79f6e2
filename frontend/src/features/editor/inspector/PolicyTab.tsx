import { NumberInput, SegmentedControl, Switch } from "@mantine/core";
import { useState } from "react";
import { t } from "@/shared/i18n";
import { LazyCode } from "../code/LazyCode";
import { setPolicy } from "../model/nodes";
import type { FlowNode, Policy } from "../model/types";
import { useEditorStore } from "../store/context";
import styles from "./inspector.module.css";

interface Props {
  id: string;
  node: FlowNode;
}

/** What happens when a node fails: stop, go on with a value, or take another way; after how many tries. */
export function PolicyTab({ id, node }: Props) {
  const store = useEditorStore();
  const policy = node.policy ?? {};
  const onError = policy.on_error ?? "stop";
  const retry = policy.retry ?? { attempts: 1, delay: 1 };
  const set = (change: Partial<Policy>, key: string) =>
    store
      .getState()
      .change(t("Edit error policy"), (document) => setPolicy(document, id, { ...policy, ...change }), {
        key: `${id}/policy/${key}`,
      });
  const seal = () => store.getState().seal();

  return (
    <div className={styles.form}>
      <div>
        <div className={styles.label} id="on-error">
          {t("When it fails")}
        </div>
        <SegmentedControl
          fullWidth
          size="sm"
          aria-labelledby="on-error"
          value={onError}
          data={[
            { value: "stop", label: t("Stop the run") },
            { value: "default", label: t("Use a value") },
            { value: "branch", label: t("Error branch") },
          ]}
          onChange={(value) => {
            set({ on_error: value as Policy["on_error"] }, "on_error");
            seal();
          }}
        />
        <p className={styles.hint}>{t(explained(onError))}</p>
      </div>
      {onError === "default" && (
        <DefaultValue
          policy={policy}
          set={(value) => set({ default: value }, "default")}
          seal={seal}
          id={id}
        />
      )}
      <NumberInput
        label={t("Attempts")}
        description={t("How often it is tried in all. 1 means no retry.")}
        min={1}
        max={10}
        allowDecimal={false}
        value={retry.attempts}
        onChange={(value) =>
          typeof value === "number" && set({ retry: { ...retry, attempts: value } }, "attempts")
        }
        onBlur={seal}
      />
      {retry.attempts > 1 && (
        <NumberInput
          label={t("Pause before the next attempt")}
          description={t("Doubled each time.")}
          suffix={` ${t("s")}`}
          min={0}
          max={300}
          step={0.5}
          value={retry.delay}
          onChange={(value) =>
            typeof value === "number" && set({ retry: { ...retry, delay: value } }, "delay")
          }
          onBlur={seal}
        />
      )}
      <NumberInput
        label={t("Time limit")}
        description={t("For one attempt. Empty means none.")}
        suffix={` ${t("s")}`}
        min={0.1}
        max={86_400}
        value={policy.timeout ?? ""}
        onChange={(value) =>
          set({ timeout: typeof value === "number" && value > 0 ? value : undefined }, "timeout")
        }
        onBlur={seal}
      />
      <Switch
        label={t("Always run it anew")}
        description={t(
          "Otherwise a run of the editor uses the result of an earlier one with the same inputs and settings.",
        )}
        checked={policy.cache === "never"}
        onChange={(event) => {
          set({ cache: event.currentTarget.checked ? "never" : undefined }, "cache");
          seal();
        }}
      />
    </div>
  );
}

function explained(onError: NonNullable<Policy["on_error"]>): string {
  if (onError === "default") return "The run goes on with this value in place of the output.";
  if (onError === "branch")
    return "The error leaves by the output “error”; wire it to what should happen then.";
  return "The run ends as failed, and its other branches are stopped.";
}

function DefaultValue({
  id,
  policy,
  set,
  seal,
}: {
  id: string;
  policy: Policy;
  set(value: unknown): void;
  seal(): void;
}) {
  const [text, setText] = useState(() =>
    policy.default === undefined ? "" : JSON.stringify(policy.default, null, 2),
  );
  return (
    <div>
      <label className={styles.label} htmlFor={`policy-default-${id}`}>
        {t("Value")}
      </label>
      <LazyCode
        id={`policy-default-${id}`}
        language="json"
        value={text}
        describedBy={undefined}
        change={(next) => {
          setText(next);
          set(read(next));
        }}
        done={seal}
      />
      <p className={styles.hint}>{t("JSON; anything else is taken as a text.")}</p>
    </div>
  );
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
