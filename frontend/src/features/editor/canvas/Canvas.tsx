import {
  Background,
  BackgroundVariant,
  MiniMap,
  type OnConnectEnd,
  type OnConnectStart,
  ReactFlow,
  SelectionMode,
  useReactFlow,
  useStore,
  type Viewport,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { notifications } from "@mantine/notifications";
import { type DragEvent, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { t, tn } from "@/shared/i18n";
import { type PortEnd, refusalOf } from "../model/connect";
import { nodeAt } from "../model/document";
import { GRID } from "../model/geometry";
import { groupIn } from "../model/groups";
import { portNamed } from "../model/ports";
import { KIND_DRAG } from "../palette/drag";
import { useSession } from "../session";
import type { CanvasEdge, CanvasNode } from "../store/canvasElements";
import { useEditor } from "../store/context";
import type { Detail } from "../store/editor";
import { addKind, connectPorts, deleteWire, dropNodes, rewire, wireIntoText } from "../store/gestures";
import { dive } from "../store/subflows";
import { takeFile } from "../store/wholeFlow";
import { askForDrop, askForPlace } from "./ask";
import { Container } from "./Container";
import { ContextMenu } from "./ContextMenu";
import styles from "./canvas.module.css";
import { EmptyCanvas } from "./EmptyCanvas";
import { GroupFrame } from "./GroupFrame";
import { holdWire, leaveWire } from "./hover";
import { NodeCard } from "./NodeCard";
import { NoteNode } from "./NoteNode";
import { cardAt, containerAt, wireOnto } from "./places";
import { SelectionBar } from "./SelectionBar";
import { useSight } from "./useSight";
import { keepView, keptView } from "./view";
import { Wire } from "./Wire";
import { ZoomBar } from "./ZoomBar";

const nodeTypes = { card: NodeCard, container: Container, note: NoteNode, group: GroupFrame };
const edgeTypes = { wire: Wire };
/** The same arrays each time: the canvas library lets go of a held key when it is given another. */
const SEVERAL = ["Shift", "Control", "Meta"];
const MIDDLE_BUTTON = [1];
const SNAP: [number, number] = [GRID, GRID];
/** Smaller graphs are drawn whole: panning them mounts nothing. */
const WHOLE = 60;

export function Canvas() {
  const session = useSession();
  const { store } = session;
  const nodes = useEditor((state) => state.nodes);
  const edges = useEditor((state) => state.edges);
  const flow = useReactFlow<CanvasNode, CanvasEdge>();
  const shift = useShift();
  useDetail();
  useSight();
  const rewiring = useRef<{ key: string; done: boolean } | null>(null);
  const { flowId } = store.getState();
  const view = useMemo(() => keptView(flowId), [flowId]);
  // On an empty canvas the first node stays where it is dropped.
  const [fit] = useState(view === null && nodes.length > 0);

  const connectStart: OnConnectStart = useCallback(
    (_event, { nodeId, handleId, handleType }) => {
      const { history, catalogue, startConnecting } = store.getState();
      const node = nodeId ? nodeAt(history.present, nodeId) : undefined;
      if (!nodeId || !handleId || !node) return;
      const side = handleType === "source" ? "output" : "input";
      const port = portNamed(node, catalogue, side, handleId);
      startConnecting({ node: nodeId, port: handleId, side }, port?.type ?? "any");
    },
    [store],
  );

  const connectEnd: OnConnectEnd = useCallback(
    (event, { isValid, toHandle }) => {
      const { connecting, stopConnecting, catalogue, history } = store.getState();
      stopConnecting();
      const wire = rewiring.current;
      if (!connecting || isValid || wire) return;
      const page = "changedTouches" in event ? event.changedTouches[0] : event;
      if (!page) return;
      const point = { x: page.clientX, y: page.clientY };
      const card = cardAt(store, connecting.end, point);
      const edge = card && wireOnto(store, connecting.end, card);
      if (edge && refusalOf(history.present, catalogue, edge) === null) connectPorts(store, edge);
      else if (card && !edge) wireIntoText(store, connecting.end, card);
      else if (card === null && !toHandle) {
        askForDrop(store, connecting.end, connecting.type, point, flow.screenToFlowPosition(point));
      }
    },
    [store, flow],
  );

  const dropped = useCallback(
    (event: DragEvent) => {
      const [file] = event.dataTransfer.files;
      if (file) {
        event.preventDefault();
        void takeFile(session, file);
        return;
      }
      const kind = event.dataTransfer.getData(KIND_DRAG);
      if (!kind) return;
      event.preventDefault();
      const point = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const scope = containerAt(store, point, []);
      addKind(store, kind, { at: { x: point.x - 60, y: point.y - 22 }, scope });
      store.setState({ dropScope: null });
    },
    [session, store, flow],
  );

  return (
    <section
      className={styles.canvas}
      aria-label={t("Canvas")}
      data-connecting={useEditor((state) => state.connecting !== null) || undefined}
      onDrop={dropped}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes("Files")) {
          event.preventDefault();
          event.dataTransfer.dropEffect = "copy";
          return;
        }
        if (!event.dataTransfer.types.includes(KIND_DRAG)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        const scope = containerAt(
          store,
          flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }),
          [],
        );
        if (scope !== store.getState().dropScope) store.setState({ dropScope: scope });
      }}
      onKeyUp={(event) => {
        // Who comes to a node by Tab means it, as who clicks it does.
        const id = (event.target as HTMLElement).dataset.id;
        if (event.key === "Tab" && id && nodeAt(store.getState().history.present, id)) {
          store.getState().select([id]);
        }
      }}
      onDoubleClick={(event) => {
        if (!(event.target as Element).classList.contains("react-flow__pane")) return;
        const point = { x: event.clientX, y: event.clientY };
        askForPlace(store, point, flow.screenToFlowPosition(point));
      }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={store.getState().nodesChanged}
        onEdgesChange={store.getState().edgesChanged}
        onConnect={({ source, target, sourceHandle, targetHandle }) => {
          if (!sourceHandle || !targetHandle) return;
          connectPorts(store, { source, source_port: sourceHandle, target, target_port: targetHandle });
        }}
        onConnectStart={connectStart}
        onConnectEnd={connectEnd}
        isValidConnection={({ source, target, sourceHandle, targetHandle }) => {
          const { connecting } = store.getState();
          if (!connecting || !sourceHandle || !targetHandle) return false;
          return fits(connecting.end, connecting.fits, source, sourceHandle, target, targetHandle);
        }}
        onReconnectStart={(_event, edge) => {
          rewiring.current = { key: edge.id, done: false };
        }}
        onReconnect={(old, { source, target, sourceHandle, targetHandle }) => {
          if (!sourceHandle || !targetHandle) return;
          if (rewiring.current) rewiring.current.done = true;
          rewire(store, old.id, { source, source_port: sourceHandle, target, target_port: targetHandle });
        }}
        onReconnectEnd={(_event, edge, _type, { toHandle }) => {
          const wire = rewiring.current;
          rewiring.current = null;
          if (wire && !wire.done && !toHandle) deleteWire(store, edge.id);
        }}
        onNodeClick={(event, node) => {
          if (node.type === "group") return;
          if (event.shiftKey || event.ctrlKey || event.metaKey) return;
          store.getState().inspect(node.id);
          // The panel that opens must not hide the node it is about.
          store.setState({ reveal: node.id });
        }}
        onNodeDoubleClick={(_event, node) => void dive(session, node.id)}
        onNodeContextMenu={(event, node) => {
          event.preventDefault();
          const { selectedNodes, select } = store.getState();
          const group = groupIn(node.id);
          if (group !== null) select([], [], group);
          else if (!selectedNodes.has(node.id)) select([node.id]);
          store.setState({ contextMenu: { on: "nodes", left: event.clientX, top: event.clientY } });
        }}
        onSelectionContextMenu={(event) => {
          event.preventDefault();
          store.setState({ contextMenu: { on: "nodes", left: event.clientX, top: event.clientY } });
        }}
        onPaneContextMenu={(event) => {
          event.preventDefault();
          store.setState({ contextMenu: { on: "canvas", left: event.clientX, top: event.clientY } });
        }}
        onPaneClick={() => store.getState().inspect(null)}
        onEdgeMouseEnter={(_event, edge) => holdWire(store, edge.id)}
        onEdgeMouseLeave={() => leaveWire(store)}
        onNodeDrag={(_event, node, dragged) => {
          const ids = dragged.map((one) => one.id);
          const at = flow.getInternalNode(node.id)?.internals.positionAbsolute ?? node.position;
          const middle = { x: at.x + (node.width ?? 0) / 2, y: at.y + (node.height ?? 0) / 2 };
          const scope = containerAt(store, middle, ids);
          const over = scope === (node.parentId ?? null) ? null : scope;
          if (over !== store.getState().dropScope) store.setState({ dropScope: over });
        }}
        onNodeDragStop={(_event, node, dragged) => {
          const ids = dragged.map((one) => one.id);
          const at = flow.getInternalNode(node.id)?.internals.positionAbsolute ?? node.position;
          const middle = { x: at.x + (node.width ?? 0) / 2, y: at.y + (node.height ?? 0) / 2 };
          const scope = containerAt(store, middle, ids);
          const { cut } = dropNodes(store, ids, scope === (node.parentId ?? null) ? undefined : scope);
          if (cut > 0) {
            notifications.show({
              message: tn(
                cut,
                "{n} wire crossed the border and was removed. Ctrl+Z brings it back.",
                "{n} wires crossed the border and were removed. Ctrl+Z brings them back.",
              ),
            });
          }
        }}
        onMoveEnd={(_event, viewport: Viewport) => {
          keepView(flowId, viewport);
        }}
        defaultViewport={view ?? { x: 0, y: 0, zoom: 1 }}
        fitView={fit}
        fitViewOptions={{ maxZoom: 1, padding: 0.15 }}
        minZoom={0.05}
        maxZoom={2.5}
        connectionRadius={34}
        connectOnClick={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={SEVERAL}
        panActivationKeyCode="Space"
        selectionOnDrag
        selectionMode={SelectionMode.Partial}
        panOnDrag={MIDDLE_BUTTON}
        zoomOnDoubleClick={false}
        selectNodesOnDrag
        snapToGrid={shift}
        snapGrid={SNAP}
        elevateNodesOnSelect={false}
        disableKeyboardA11y
        nodesFocusable
        edgesFocusable={false}
        onlyRenderVisibleElements={nodes.length > WHOLE}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={GRID * 3} size={1.4} color="var(--line-strong)" />
        <ZoomBar />
        <SelectionBar />
        {nodes.length > 0 && (
          <MiniMap
            className={styles.map}
            style={{ width: 168, height: 112 }}
            offsetScale={2}
            position="bottom-right"
            pannable
            zoomable
            nodeBorderRadius={8}
            nodeColor={(node) =>
              node.type === "container"
                ? "var(--sunken)"
                : node.type === "note"
                  ? "var(--note)"
                  : node.type === "group"
                    ? "transparent"
                    : "var(--line-strong)"
            }
            maskColor="color-mix(in srgb, var(--paper) 72%, transparent)"
            ariaLabel={t("Map of the flow")}
          />
        )}
      </ReactFlow>
      <EmptyCanvas />
      <ContextMenu />
    </section>
  );
}

function fits(
  end: PortEnd,
  allowed: Map<string, Set<string>>,
  source: string,
  sourcePort: string,
  target: string,
  targetPort: string,
): boolean {
  return end.side === "output"
    ? source === end.node && sourcePort === end.port && (allowed.get(target)?.has(targetPort) ?? false)
    : target === end.node && targetPort === end.port && (allowed.get(source)?.has(sourcePort) ?? false);
}

/** How much of a node can be read at this zoom, wherever the zoom came from: the wheel, or the last visit. */
function useDetail(): void {
  const { store } = useSession();
  const detail = useStore(
    ({ transform: [, , zoom] }): Detail => (zoom >= 0.5 ? "full" : zoom >= 0.22 ? "titles" : "blocks"),
  );
  useLayoutEffect(() => store.setState({ detail }), [store, detail]);
}

/** Held while dragging, Shift snaps to the grid. */
function useShift(): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const change = (event: KeyboardEvent) => setHeld(event.shiftKey);
    const off = () => setHeld(false);
    window.addEventListener("keydown", change);
    window.addEventListener("keyup", change);
    window.addEventListener("blur", off);
    return () => {
      window.removeEventListener("keydown", change);
      window.removeEventListener("keyup", change);
      window.removeEventListener("blur", off);
    };
  }, []);
  return held;
}
