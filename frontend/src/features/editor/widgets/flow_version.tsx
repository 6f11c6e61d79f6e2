import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { t } from "@/shared/i18n";
import { getVersions } from "../api";
import { nodeAt } from "../model/document";
import { versionTitle } from "../model/versionTitle";
import { useEditor, useEditorStore } from "../store/context";
import { chooseFlow } from "../store/subflows";
import type { WidgetProps } from "./widget";

/** Which state of the saved flow a node runs. */
export default function FlowVersionWidget({ id, value, invalid, describedBy, nodeId }: WidgetProps) {
  const store = useEditorStore();
  const flow = useEditor((state) => nodeAt(state.history.present, nodeId)?.settings.flow);
  const flowId = typeof flow === "string" ? flow : "";
  const versions = useQuery({
    queryKey: ["editor", flowId, "versions"],
    queryFn: () => getVersions(flowId),
    enabled: flowId !== "",
    staleTime: 10_000,
  });
  const numbers = (versions.data ?? []).map(({ number, message }) => ({
    value: String(number),
    label: message ? t("Version {n}: {message}", { n: number, message }) : versionTitle(String(number)),
  }));
  const wanted = typeof value === "string" ? value : "published";
  const strange = /^\d+$/.test(wanted) && !numbers.some((one) => one.value === wanted);
  return (
    <Select
      id={id}
      data={[
        ...["published", "draft"].map((one) => ({ value: one, label: versionTitle(one) })),
        ...numbers,
        ...(strange ? [{ value: wanted, label: versionTitle(wanted) }] : []),
      ]}
      value={wanted}
      error={invalid}
      disabled={flowId === ""}
      allowDeselect={false}
      aria-describedby={describedBy}
      onChange={(next) => {
        if (next) void chooseFlow(store, nodeId, { id: flowId, name: "" }, next);
      }}
    />
  );
}
