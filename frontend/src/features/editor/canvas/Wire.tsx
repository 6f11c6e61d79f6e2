import { IconPlus, IconX } from "@tabler/icons-react";
import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import { t } from "@/shared/i18n";
import { portColor } from "@/shared/ui";
import { detour } from "../layout/detour";
import type { CanvasEdge } from "../store/canvasElements";
import { useEditor, useEditorStore } from "../store/context";
import { deleteWire } from "../store/gestures";
import { askForEdge } from "./ask";
import { holdWire, leaveWire } from "./hover";
import { useWireCount, useWireRun } from "./useWireRun";
import styles from "./wire.module.css";

/** A wire in the colour of what it carries; under the mouse it offers to insert a node, or to go. */
export const Wire = memo(function Wire(props: EdgeProps<CanvasEdge>) {
  const { id, data, selected } = props;
  const store = useEditorStore();
  const hovered = useEditor((state) => state.hoveredEdge === id);
  const readable = useEditor((state) => state.detail === "full");
  const count = useWireCount(props);
  const around = useEditor((state) => detour(state.nodes, props));
  const [curve, curveX, curveY] = getBezierPath({ ...props, curvature: 0.3 });
  const { path, x, y } = around ?? { path: curve, x: curveX, y: curveY };
  return (
    <>
      <BaseEdge
        id={id}
        path={path}
        interactionWidth={18}
        className={styles.wire}
        data-selected={selected || undefined}
        data-hovered={hovered || undefined}
        data-lost={data?.lost || undefined}
        data-run={useWireRun(props)}
        style={{ ["--type" as string]: portColor(data?.type ?? "any") }}
      />
      {count !== undefined && readable && !hovered && !selected && (
        <EdgeLabelRenderer>
          <span
            className={`${styles.count} nodrag nopan`}
            title={t("Items that passed: {n}", { n: count })}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {count}
          </span>
        </EdgeLabelRenderer>
      )}
      {(hovered || selected) && (
        <EdgeLabelRenderer>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: only keeps the two buttons up while the mouse is on them */}
          <div
            className={`${styles.tools} nodrag nopan`}
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
            onMouseEnter={() => holdWire(store, id)}
            onMouseLeave={() => leaveWire(store)}
          >
            <button
              type="button"
              className={styles.tool}
              title={t("Insert a node")}
              aria-label={t("Insert a node")}
              onClick={(event) => askForEdge(store, id, { x: event.clientX, y: event.clientY })}
            >
              <IconPlus size={14} stroke={2.4} aria-hidden />
            </button>
            <button
              type="button"
              className={styles.tool}
              data-danger
              title={t("Delete wire")}
              aria-label={t("Delete wire")}
              onClick={() => deleteWire(store, id)}
            >
              <IconX size={14} stroke={2.4} aria-hidden />
            </button>
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});
