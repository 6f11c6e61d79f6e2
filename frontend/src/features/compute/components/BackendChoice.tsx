import { Anchor, Button, Checkbox, Modal, NumberInput, Select, TextInput } from "@mantine/core";
import { useState } from "react";
import { t } from "@/shared/i18n";
import { CopyButton, Problem, tell } from "@/shared/ui";
import { useBackends, useChoice, useChoose, usePreview } from "../api/compute";
import type { Chosen, Resources } from "../model/chosen";
import classes from "./compute.module.css";

interface Props {
  flowId: string;
  /** The draft as it stands, and the inputs, for the preview. */
  asked: () => { document: object; inputs: Record<string, unknown> };
  chosen: Chosen;
}

const STUDIO = "studio";

/** Where a run computes, and on request exactly what would be submitted there. Nothing to choose shows nothing. */
export function BackendChoice({ flowId, asked, chosen }: Props) {
  const { value, change, resources, ask } = chosen;
  const backends = useBackends().data?.filter((one) => !one.always) ?? [];
  const choice = useChoice(flowId).data;
  const choose = useChoose();
  const preview = usePreview();
  const [opened, setOpened] = useState(false);
  if (backends.length === 0) return null;
  const kept = choice?.scope === "flow" && choice.backend === value;
  const show = () => {
    const { document, inputs } = asked();
    setOpened(true);
    preview.mutate({
      flow: flowId,
      body: {
        document: document as Record<string, unknown>,
        inputs,
        backend: value,
        resources: { ...resources },
        queue: "interactive",
        origin: "editor",
        reuse: false,
        pins: false,
      },
    });
  };
  return (
    <div className={classes.choice}>
      <Select
        label={t("Runs on")}
        allowDeselect={false}
        data={[
          { value: STUDIO, label: t("The studio") },
          ...backends.map((one) => ({ value: one.id, label: one.name })),
        ]}
        value={value ?? STUDIO}
        onChange={(next) => change(next === null || next === STUDIO ? null : next)}
      />
      {value === null ? null : (
        <div className={classes.under}>
          <Checkbox
            size="xs"
            label={t("Always for this flow")}
            checked={kept}
            onChange={() =>
              choose.mutate(
                { scope: "flow", flow: flowId, backend: kept ? null : value },
                { onError: tell.failure },
              )
            }
          />
          <Anchor component="button" type="button" size="xs" onClick={show}>
            {t("Show what will be submitted")}
          </Anchor>
        </div>
      )}
      {value === null ? null : <Asked resources={resources} ask={ask} />}
      <Modal opened={opened} onClose={() => setOpened(false)} size="xl" title={t("What will be submitted")}>
        <p className={classes.quiet} style={{ marginBlockEnd: 12 }}>
          {t("The flow, its inputs and its keys travel in secret variables; their values are not shown.")}
        </p>
        {preview.error ? <Problem error={preview.error} /> : null}
        {preview.data ? (
          <div className={classes.log}>
            <div className={classes.logHead}>
              <span>{FORMS[preview.data.form]()}</span>
              <CopyButton text={() => preview.data.text} />
            </div>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
            <pre tabIndex={0}>{preview.data.text}</pre>
          </div>
        ) : null}
        {preview.isPending ? <p role="status">{t("Asking it …")}</p> : null}
        <Button mt="md" variant="default" onClick={() => setOpened(false)}>
          {t("Close")}
        </Button>
      </Modal>
    </div>
  );
}

function Asked({ resources, ask }: { resources: Resources; ask: (resources: Resources) => void }) {
  const number = (name: "cpus" | "gpus" | "seconds", factor = 1) => ({
    size: "xs" as const,
    min: name === "gpus" ? 0 : 1,
    allowDecimal: false,
    value: resources[name] === undefined ? "" : (resources[name] ?? 0) / factor,
    onChange: (value: string | number) => {
      const { [name]: _gone, ...rest } = resources;
      ask(typeof value === "number" ? { ...rest, [name]: value * factor } : rest);
    },
  });
  return (
    <details className={classes.asked}>
      <summary>{t("What the job gets")}</summary>
      <div className={classes.four}>
        <NumberInput label={t("Cores")} {...number("cpus")} />
        <TextInput
          size="xs"
          label={t("Memory")}
          placeholder="8GiB"
          value={resources.memory ?? ""}
          onChange={({ currentTarget: { value } }) => {
            const { memory: _gone, ...rest } = resources;
            ask(value ? { ...rest, memory: value } : rest);
          }}
        />
        <NumberInput label={t("GPUs")} {...number("gpus")} />
        <NumberInput label={t("Minutes")} {...number("seconds", 60)} />
      </div>
    </details>
  );
}

const FORMS = {
  command: () => t("Command"),
  script: () => t("Batch script"),
  manifest: () => t("Manifest"),
};
