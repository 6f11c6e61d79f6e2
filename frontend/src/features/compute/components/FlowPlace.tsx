import { Select } from "@mantine/core";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { useBackends, useChoice, useChoose } from "../api/compute";
import classes from "./compute.module.css";

/** Where a flow computes that is talked to: what is chosen stays for it. Nothing to choose shows nothing. */
export function FlowPlace({ flowId }: { flowId: string }) {
  const backends = useBackends().data ?? [];
  const choice = useChoice(flowId).data;
  const choose = useChoose();
  const here = backends.find((one) => one.always)?.id;
  if (backends.length < 2 || !choice || here === undefined) return null;
  return (
    <div className={classes.place}>
      <Select
        size="xs"
        label={t("Runs on")}
        allowDeselect={false}
        disabled={choose.isPending}
        data={backends.map((one) => ({ value: one.id, label: one.always ? t("The studio") : one.name }))}
        value={choice.backend ?? here}
        onChange={(backend) =>
          choose.mutate({ scope: "flow", flow: flowId, backend }, { onError: tell.failure })
        }
      />
    </div>
  );
}
