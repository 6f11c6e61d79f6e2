import { IconArrowsDiagonal } from "@tabler/icons-react";
import { type NodeProps, NodeResizeControl } from "@xyflow/react";
import { memo } from "react";
import { t } from "@/shared/i18n";
import { KindIcon } from "@/shared/ui";
import { nodeAt } from "../model/document";
import { portsBottom } from "../model/geometry";
import { move } from "../model/nodes";
import { kindOf } from "../model/ports";
import type { CanvasNode } from "../store/canvasElements";
import { useEditor, useEditorStore } from "../store/context";
import styles from "./node.module.css";
import { PortRows } from "./PortRows";
import { summaryOf } from "./Preview";
import { StateBadge } from "./StateBadge";
import { useNodeRun } from "./useNodeRun";
import { useRemarkLevel } from "./useRemarkLevel";

/** A loop or warp: a frame with ports of its own around the body it repeats. */
export const Container = memo(function Container({ id, data, selected }: NodeProps<CanvasNode>) {
  const store = useEditorStore();
  const node = useEditor((state) => nodeAt(state.history.present, id));
  const kind = useEditor((state) => (node ? kindOf(state.catalogue, node.kind) : undefined));
  const detail = useEditor((state) => state.detail);
  const inspected = useEditor((state) => state.inspected === id);
  const over = useEditor((state) => state.dropScope === id);
  const level = useRemarkLevel(id);
  const { step, run, changed } = useNodeRun(id, level);
  if (!node) return null;
  const title = node.title || t(kind?.title ?? node.kind);
  const bodyTop = portsBottom(data.shape.ports);
  return (
    <div
      className={styles.container}
      data-level={level}
      data-run={run}
      data-changed={changed || undefined}
      data-selected={selected || undefined}
      data-inspected={inspected || undefined}
      data-disabled={node.disabled || undefined}
      data-over={over || undefined}
      data-group={kind?.group}
      data-detail={detail}
      style={{ width: data.shape.width, height: data.shape.height }}
    >
      <header className={styles.header}>
        <span className={styles.icon}>
          <KindIcon name={kind?.icon ?? "help"} size={detail === "full" ? 18 : 26} />
        </span>
        <span className={styles.titles}>
          <span className={styles.title} title={title}>
            {title}
          </span>
          {detail === "full" && (
            <span className={styles.kind}>{kind ? summaryOf(node, kind) : node.kind}</span>
          )}
        </span>
        {detail === "full" && (
          <StateBadge id={id} level={level} disabled={Boolean(node.disabled)} step={step} changed={changed} />
        )}
      </header>
      {detail !== "blocks" && <PortRows id={id} ports={data.shape.ports} labels={detail === "full"} />}
      <div className={styles.body} style={{ top: bodyTop }} />
      {selected && (
        <NodeResizeControl
          className={styles.resize}
          position="bottom-right"
          minWidth={320}
          minHeight={bodyTop + 80}
          onResizeEnd={(_event, size) => {
            store.getState().change(t("Resize"), (document) => {
              const place = document.ui.positions[id] ?? { x: 0, y: 0 };
              return move(document, { [id]: { ...place, width: size.width, height: size.height } });
            });
          }}
        >
          <IconArrowsDiagonal size={14} aria-label={t("Resize")} />
        </NodeResizeControl>
      )}
    </div>
  );
});
