import { Button, Group, Select } from "@mantine/core";
import { IconArrowDownRight, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { t } from "@/shared/i18n";
import { getFlows } from "../api";
import { nodeAt } from "../model/document";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { chooseFlow, dive } from "../store/subflows";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

/** The saved flow that a node runs. Choosing one brings its inputs and outputs along. */
export default function FlowWidget({ id, value, invalid, describedBy, nodeId }: WidgetProps) {
  const session = useSession();
  const { store } = session;
  const own = useEditor((state) => state.flowId);
  const version = useEditor((state) => nodeAt(state.history.present, nodeId)?.settings.flow_version);
  const flows = useQuery({ queryKey: ["editor", "flows"], queryFn: getFlows, staleTime: 10_000 });
  const chosen = typeof value === "string" ? value : "";
  const offered = (flows.data ?? []).filter((flow) => flow.id !== own);
  const known = offered.find((flow) => flow.id === chosen);
  return (
    <>
      <Select
        id={id}
        data={offered.map((flow) => ({ value: flow.id, label: flow.name }))}
        value={known ? chosen : null}
        error={invalid}
        searchable
        allowDeselect={false}
        placeholder={flows.isLoading ? t("Loading") : t("Choose a flow")}
        nothingFoundMessage={t("No such flow")}
        aria-describedby={describedBy}
        onChange={(next) => {
          const flow = offered.find((one) => one.id === next);
          if (flow) void chooseFlow(store, nodeId, flow, flow.published_version ? "published" : "draft");
        }}
      />
      {chosen !== "" && (
        <Group gap="xs" mt={8}>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconArrowDownRight size={15} aria-hidden />}
            onClick={() => void dive(session, nodeId)}
          >
            {t("Open this flow")}
          </Button>
          <Button
            size="xs"
            variant="subtle"
            leftSection={<IconRefresh size={14} aria-hidden />}
            onClick={() =>
              void chooseFlow(
                store,
                nodeId,
                { id: chosen, name: known?.name ?? "" },
                typeof version === "string" ? version : "published",
              )
            }
          >
            {t("Read its inputs and outputs again")}
          </Button>
        </Group>
      )}
      {chosen !== "" && flows.isSuccess && !known && (
        <p className={styles.bad}>{t("This flow is not among yours.")}</p>
      )}
    </>
  );
}
