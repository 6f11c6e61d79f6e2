import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { usageBrief } from "@/features/runs";
import { t } from "@/shared/i18n";
import { KindIcon } from "@/shared/ui/KindIcon";
import { nodeAt } from "../model/document";
import { showsText } from "../model/geometry";
import { kindOf } from "../model/ports";
import { agentOf, toolName, toolSays } from "../model/tools";
import type { CanvasNode } from "../store/canvasElements";
import { useEditor } from "../store/context";
import styles from "./node.module.css";
import { PortRows } from "./PortRows";
import { Preview } from "./Preview";
import { StateBadge } from "./StateBadge";
import { useNodeRun } from "./useNodeRun";
import { useRemarkLevel } from "./useRemarkLevel";

/** A node as a card: what it is, its ports, the most telling setting or its text as it comes. */
export const NodeCard = memo(function NodeCard({ id, data, selected }: NodeProps<CanvasNode>) {
  const node = useEditor((state) => nodeAt(state.history.present, id));
  const kind = useEditor((state) => (node ? kindOf(state.catalogue, node.kind) : undefined));
  const detail = useEditor((state) => state.detail);
  const inspected = useEditor((state) => state.inspected === id);
  const level = useRemarkLevel(id);
  const { step, run, changed } = useNodeRun(id, level);
  const other = useEditor((state) => Object.values(state.others).find((one) => one.node === id)?.name);
  const agent = useEditor((state) => agentOf(state.history.present, state.catalogue, id));
  if (!node) return null;
  const called = agent && kind ? toolName(node, id) : "";
  if (detail === "blocks") {
    return (
      <div
        className={styles.block}
        data-level={level}
        data-run={run}
        data-selected={selected || undefined}
        data-disabled={node.disabled || undefined}
        data-group={kind?.group}
      />
    );
  }
  const title = node.title || t(kind?.title ?? node.kind);
  return (
    <div
      className={styles.card}
      data-level={level}
      data-run={run}
      data-changed={changed || undefined}
      data-selected={selected || undefined}
      data-inspected={inspected || undefined}
      data-disabled={node.disabled || undefined}
      data-unknown={kind ? undefined : true}
      data-group={kind?.group}
      data-detail={detail}
      style={{ width: data.shape.width, height: data.shape.height }}
    >
      {other && <span className={styles.other}>{other}</span>}
      <header className={styles.header}>
        <span className={styles.icon}>
          <KindIcon name={kind?.icon ?? "help"} size={detail === "full" ? 18 : 26} />
        </span>
        <span className={styles.titles}>
          <span className={styles.title} title={title}>
            {title}
          </span>
          {detail === "full" && (
            <span className={styles.kind}>
              {[
                called !== node.title && called ? called : subtitle(node.title, kind?.title, node.kind),
                ...(step ? usageBrief(step.usage) : []),
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          )}
        </span>
        {detail === "full" && (
          <StateBadge id={id} level={level} disabled={Boolean(node.disabled)} step={step} changed={changed} />
        )}
      </header>
      <PortRows id={id} ports={data.shape.ports} labels={detail === "full"} />
      {detail === "full" && (
        <Preview
          node={node}
          kind={kind}
          tall={showsText(kind)}
          step={step}
          changed={changed}
          says={agent && kind ? (toolSays(agent, node, id) ?? t(kind.description)) : undefined}
        />
      )}
    </div>
  );
});

function subtitle(own: string | undefined, kindTitle: string | undefined, key: string): string {
  if (kindTitle === undefined) return t("Unknown kind: {kind}", { kind: key });
  return own ? t(kindTitle) : "";
}
