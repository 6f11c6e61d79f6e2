import {
  Background,
  BackgroundVariant,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
} from "@xyflow/react";
import { memo, useMemo } from "react";
import { t } from "@/shared/i18n";
import { KindIcon } from "@/shared/ui";
import { absolutePosition } from "../model/containers";
import type { Difference } from "../model/differences";
import { indexOf } from "../model/document";
import { shapeOf } from "../model/geometry";
import { titleOf } from "../model/nodes";
import { kindOf } from "../model/ports";
import type { Catalogue, FlowDocument, FlowEdge } from "../model/types";
import { useEditor } from "../store/context";
import styles from "./diff.module.css";

type Mark = Difference["change"] | "same";
type DiffNode = Node<{ title: string; icon: string; mark: Mark; holds: boolean }, "diff">;

const nodeTypes = { diff: memo(DiffCard) };

interface Props {
  before: FlowDocument;
  after: FlowDocument;
  differences: Difference[];
  chosen: string | null;
  choose(node: string): void;
}

/** Both states in one drawing, to look at: what came, what went, what changed. */
export function DiffCanvas({ before, after, differences, chosen, choose }: Props) {
  const catalogue = useEditor((state) => state.catalogue);
  const nodes = useMemo(
    () => diffNodes(before, after, differences, catalogue),
    [before, after, differences, catalogue],
  );
  const edges = useMemo(() => diffEdges(before, after), [before, after]);
  return (
    <div className={styles.canvas} role="img" aria-label={t("Both states in one drawing")}>
      <ReactFlowProvider>
        <ReactFlow
          nodes={nodes.map((node) => (node.id === chosen ? { ...node, selected: true } : node))}
          edges={edges}
          nodeTypes={nodeTypes}
          onNodeClick={(_event, node) => choose(node.id)}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          deleteKeyCode={null}
          fitView
          fitViewOptions={{ maxZoom: 0.9, padding: 0.1 }}
          minZoom={0.05}
          proOptions={{ hideAttribution: true }}
        >
          <Background variant={BackgroundVariant.Dots} gap={24} size={1.2} color="var(--line-strong)" />
        </ReactFlow>
      </ReactFlowProvider>
    </div>
  );
}

function DiffCard({ data, width, height, selected }: NodeProps<DiffNode>) {
  return (
    <div
      className={styles.card}
      data-mark={data.mark}
      data-holds={data.holds || undefined}
      data-chosen={selected || undefined}
      style={{ width, height }}
    >
      <Handle type="target" position={Position.Left} className={styles.end} isConnectable={false} />
      <KindIcon name={data.icon} size={24} />
      <span>{data.title}</span>
      <Handle type="source" position={Position.Right} className={styles.end} isConnectable={false} />
    </div>
  );
}

function diffNodes(
  before: FlowDocument,
  after: FlowDocument,
  differences: Difference[],
  catalogue: Catalogue,
): DiffNode[] {
  const marks = new Map(differences.filter((one) => one.what === "node").map((one) => [one.id, one.change]));
  const drawn = (document: FlowDocument, id: string): DiffNode => {
    const placed = indexOf(document).nodes.get(id);
    const kind = kindOf(catalogue, placed?.node.kind ?? "");
    const { width, height } = shapeOf(document, catalogue, id);
    return {
      id,
      type: "diff",
      position: absolutePosition(document, id),
      width,
      height,
      measured: { width, height },
      zIndex: placed?.chain.length ?? 0,
      data: {
        title: placed?.node.title ?? t(placed ? titleOf(placed.node, kind) : id),
        icon: kind?.icon ?? "help",
        mark: marks.get(id) ?? "same",
        holds: placed?.node.body !== undefined,
      },
    };
  };
  const now = indexOf(after).nodes;
  const gone = [...indexOf(before).nodes.keys()].filter((id) => !now.has(id));
  return [...[...now.keys()].map((id) => drawn(after, id)), ...gone.map((id) => drawn(before, id))];
}

function diffEdges(before: FlowDocument, after: FlowDocument): Edge[] {
  const key = (edge: FlowEdge) =>
    JSON.stringify([edge.source, edge.source_port, edge.target, edge.target_port]);
  const wires = (document: FlowDocument) =>
    new Map([...indexOf(document).edges.values()].map(({ edge }) => [key(edge), edge]));
  const [old, now] = [wires(before), wires(after)];
  return [...new Map([...old, ...now])].map(([id, edge]) => ({
    id,
    source: edge.source,
    target: edge.target,
    className: !old.has(id) ? styles.came : !now.has(id) ? styles.went : styles.stayed,
    zIndex: 0,
  }));
}
