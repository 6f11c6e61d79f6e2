/** What the canvas, the menus and the keys do to the document; each is one step of undo. */
import { t, tn } from "@/shared/i18n";
import { align, distribute, type Line } from "../model/align";
import { duplicate } from "../model/clipboard";
import { bestPort, connect, disconnect, type PortEnd, reaches } from "../model/connect";
import { absolutePosition, relativeTo, rescope } from "../model/containers";
import { graphAt, indexOf, nodeAt, scopeOf } from "../model/document";
import { NODE_WIDTH, shapeOf } from "../model/geometry";
import { addGroup, groupIn, groupOf, groupsOf, removeGroup, setGroup } from "../model/groups";
import { addNode, move, setDisabled, titleOf } from "../model/nodes";
import { kindOf, portNamed } from "../model/ports";
import { removeNodes } from "../model/remove";
import { insertOnEdge, replaceKind } from "../model/replace";
import type { Catalogue, FlowDocument, FlowEdge, Position, Scope } from "../model/types";
import { openVariable } from "../model/upstream";
import { canvasNodes } from "./canvasElements";
import type { EditorStore, KindQuestion } from "./editor";

interface Point {
  x: number;
  y: number;
}

const GAP = 72;

export function nodeTitle(store: EditorStore, id: string): string {
  const { history, catalogue } = store.getState();
  const node = nodeAt(history.present, id);
  return node ? (node.title ?? t(titleOf(node, kindOf(catalogue, node.kind)))) : id;
}

/** Adds a node; with `end` it is wired to that port. Returns its id. */
export function addKind(
  store: EditorStore,
  kind: string,
  place: { at: Point; scope: Scope; end?: PortEnd },
): string {
  const { catalogue, change } = store.getState();
  let id = "";
  change(t("Add {title}", { title: t(kindOf(catalogue, kind)?.title ?? kind) }), (document) => {
    const added = addNode(document, catalogue, {
      kind,
      position: rounded(relativeTo(document, place.scope, place.at)),
      scope: place.scope,
    });
    id = added.id;
    return place.end ? wiredTo(store, added.document, place.end, id) : added.document;
  });
  focusNew(store, id);
  return id;
}

function wiredTo(store: EditorStore, document: FlowDocument, end: PortEnd, id: string): FlowDocument {
  const { catalogue } = store.getState();
  const port = bestPort(document, catalogue, end, id);
  if (!port) {
    const node = nodeAt(document, end.node);
    const from = node && portNamed(node, catalogue, end.side, end.port);
    if (!from || end.side !== "output") return document;
    return (
      openVariable(document, catalogue, id, { node: end.node, port: from }, nodeTitle(store, end.node)) ??
      document
    );
  }
  return connect(
    document,
    catalogue,
    end.side === "output"
      ? { source: end.node, source_port: end.port, target: id, target_port: port }
      : { source: id, source_port: port, target: end.node, target_port: end.port },
  );
}

function focusNew(store: EditorStore, id: string): void {
  const state = store.getState();
  state.select([id]);
  state.inspect(id, "settings");
  store.setState({ reveal: id });
  state.say(t("Added {title}.", { title: nodeTitle(store, id) }));
}

/** Answers the menu of kinds: adds, inserts, or replaces. */
export function answerKind(store: EditorStore, question: KindQuestion, kind: string): void {
  const { catalogue, change } = store.getState();
  store.setState({ question: null });
  if (question.for === "replace") {
    let id = question.node;
    change(t("Replace {title}", { title: nodeTitle(store, question.node) }), (document) => {
      const replaced = replaceKind(document, catalogue, question.node, kind);
      id = replaced.id;
      return replaced.document;
    });
    focusNew(store, id);
  } else if (question.for === "edge") {
    insertKind(store, question.edge, kind);
  } else {
    const at =
      question.for === "port" && question.end.side === "input"
        ? { x: question.at.x - NODE_WIDTH, y: question.at.y }
        : question.at;
    addKind(store, kind, {
      at,
      scope: question.scope,
      ...(question.for === "port" ? { end: question.end } : {}),
    });
  }
}

/** Puts a node on a wire; what lies right of it makes room. */
export function insertKind(store: EditorStore, key: string, kind: string): void {
  const { catalogue, change } = store.getState();
  let id = "";
  change(t("Insert {title}", { title: t(kindOf(catalogue, kind)?.title ?? kind) }), (document) => {
    const edge = indexOf(document).edges.get(key)?.edge;
    if (!edge) return document;
    const { positions } = document.ui;
    const source = positions[edge.source] ?? { x: 0, y: 0 };
    const target = positions[edge.target] ?? { x: 0, y: 0 };
    const sourceRight = source.x + shapeOf(document, catalogue, edge.source).width;
    const between = target.x - sourceRight;
    const x = between >= NODE_WIDTH + GAP ? sourceRight + (between - NODE_WIDTH) / 2 : sourceRight + GAP;
    const added = insertOnEdge(document, catalogue, key, kind, rounded({ x, y: (source.y + target.y) / 2 }));
    if (!added) return document;
    id = added.id;
    return setApart(madeRoom(added.document, store, id), catalogue, id);
  });
  if (id) focusNew(store, id);
}

/** Shifts what an inserted node pushes aside, and all that follows it, to the right. */
function madeRoom(document: FlowDocument, store: EditorStore, id: string): FlowDocument {
  const { catalogue } = store.getState();
  const index = indexOf(document);
  const { positions } = document.ui;
  const here = positions[id];
  const out = index.outgoing.get(id)?.[0]?.edge.target;
  const next = out === undefined ? undefined : positions[out];
  if (!here || !next || out === undefined) return document;
  const right = here.x + shapeOf(document, catalogue, id).width + GAP;
  if (next.x >= right) return document;
  const by = right - next.x;
  const moved: Record<string, Position> = {};
  for (const other of Object.keys(index.nodes.get(out)?.scope === null ? document.graph.nodes : {})) {
    const place = positions[other];
    if (place && other !== id && place.x >= next.x) moved[other] = { ...place, x: place.x + by };
  }
  if (Object.keys(moved).length === 0) moved[out] = { ...next, x: next.x + by };
  return move(document, moved);
}

/** Puts an inserted node below what lay between the ends of its wire already. */
function setApart(document: FlowDocument, catalogue: Catalogue, id: string): FlowDocument {
  const scope = indexOf(document).nodes.get(id)?.scope ?? null;
  const { height } = shapeOf(document, catalogue, id);
  const spot = freeSpot(document, catalogue, absolutePosition(document, id), { scope, id, height });
  return move(document, { [id]: relativeTo(document, scope, spot) });
}

/** From the palette by click or Enter: after the selected node and wired to it, else in the middle. */
export function addFromPalette(store: EditorStore, kind: string, middle: Point): void {
  const { history, catalogue, selectedNodes } = store.getState();
  const document = history.present;
  const index = indexOf(document);
  const [only] = selectedNodes.size === 1 ? selectedNodes : [];
  const placed = only === undefined ? undefined : index.nodes.get(only);
  if (!placed || only === undefined) {
    addKind(store, kind, { at: freeSpot(document, catalogue, middle, { scope: null }), scope: null });
    return;
  }
  const origin = absolutePosition(document, only);
  const shape = shapeOf(document, catalogue, only);
  const used = new Set((index.outgoing.get(only) ?? []).map((wire) => wire.edge.source_port));
  const out = shape.ports.outputs.find((port) => !used.has(port.name)) ?? shape.ports.outputs[0];
  const right = { x: origin.x + shape.width + GAP, y: origin.y };
  const at = freeSpot(document, catalogue, right, { scope: placed.scope });
  addKind(store, kind, {
    at,
    scope: placed.scope,
    ...(out ? { end: { node: only, port: out.name, side: "output" as const } } : {}),
  });
}

/** Down from a point until no other node of the scope lies there. */
function freeSpot(
  document: FlowDocument,
  catalogue: Catalogue,
  wanted: Point,
  { scope, id, height = 100 }: { scope: Scope; id?: string; height?: number },
): Point {
  const spot = { ...wanted };
  const others = Object.keys(graphAt(document, scope).nodes)
    .filter((other) => other !== id)
    .map((other) => ({ ...absolutePosition(document, other), ...shapeOf(document, catalogue, other) }));
  for (let tries = 0; tries < 40; tries++) {
    const hit = others.find(
      (other) =>
        spot.x < other.x + other.width &&
        spot.x + NODE_WIDTH > other.x &&
        spot.y < other.y + other.height + 16 &&
        spot.y + height > other.y,
    );
    if (!hit) break;
    spot.y = hit.y + hit.height + 24;
  }
  return spot;
}

export function deleteSelection(store: EditorStore): void {
  const { selectedEdges, selectedGroup, change, catalogue, say, history } = store.getState();
  const group = selectedGroup === null ? undefined : groupsOf(history.present)[selectedGroup];
  const selectedNodes = new Set([...store.getState().selectedNodes, ...(group?.node_ids ?? [])]);
  const count = selectedNodes.size + selectedEdges.size;
  if (count === 0) return;
  const label =
    selectedNodes.size > 0
      ? tn(selectedNodes.size, "Delete {n} node", "Delete {n} nodes")
      : tn(selectedEdges.size, "Delete {n} wire", "Delete {n} wires");
  change(label, (document) => removeNodes(disconnect(document, selectedEdges), catalogue, selectedNodes), {
    select: [],
  });
  say(label);
}

export function deleteWire(store: EditorStore, key: string): void {
  store.getState().change(t("Delete wire"), (document) => disconnect(document, [key]));
  store.getState().say(t("Wire deleted."));
}

export function connectPorts(store: EditorStore, edge: FlowEdge): void {
  const { change, catalogue, say } = store.getState();
  change(t("Connect"), (document) => connect(document, catalogue, edge));
  say(
    t("Connected {from} to {to}.", {
      from: nodeTitle(store, edge.source),
      to: nodeTitle(store, edge.target),
    }),
  );
}

/** A wire onto a node that has no port for it, but a text: the text names the value, which makes the port. */
export function wireIntoText(store: EditorStore, end: PortEnd, id: string): void {
  const { catalogue, change, history, say } = store.getState();
  const from = nodeAt(history.present, end.node);
  const port = from && portNamed(from, catalogue, end.side, end.port);
  if (!port || end.side !== "output" || reaches(history.present, id, end.node)) return;
  change(
    t("Connect"),
    (document) =>
      openVariable(document, catalogue, id, { node: end.node, port }, nodeTitle(store, end.node)) ?? document,
  );
  say(t("Connected {from} to {to}.", { from: nodeTitle(store, end.node), to: nodeTitle(store, id) }));
}

export function rewire(store: EditorStore, key: string, edge: FlowEdge): void {
  const { change, catalogue } = store.getState();
  change(t("Move wire"), (document) => connect(disconnect(document, [key]), catalogue, edge));
}

export function duplicateSelection(store: EditorStore): void {
  const { selectedNodes, change, catalogue } = store.getState();
  if (selectedNodes.size === 0) return;
  let ids: string[] = [];
  change(t("Duplicate"), (document) => {
    const made = duplicate(document, catalogue, selectedNodes);
    ids = made.ids;
    return made.document;
  });
  if (ids.length === 0) return;
  store.getState().select(ids);
  store.getState().say(tn(ids.length, "Duplicated {n} node.", "Duplicated {n} nodes."));
}

export function toggleDisabled(store: EditorStore): void {
  const { selectedNodes, history, change, say } = store.getState();
  const nodes = [...selectedNodes].map((id) => nodeAt(history.present, id));
  const disable = nodes.some((node) => node && !node.disabled);
  const label = disable ? t("Disable") : t("Enable");
  change(label, (document) => setDisabled(document, selectedNodes, disable));
  say(label);
}

/** After a drag: keeps the places, and moves nodes into or out of a container they were dropped on. */
export function dropNodes(store: EditorStore, ids: string[], scope: Scope | undefined): { cut: number } {
  const { nodes, change, history, catalogue } = store.getState();
  const places: Record<string, Position> = {};
  const before = new Map(
    canvasNodes(history.present, catalogue, [], new Set()).map((node) => [node.id, node.position]),
  );
  for (const node of nodes)
    if (ids.includes(node.id) && groupIn(node.id) === null) places[node.id] = node.position;
  // A frame takes along the nodes in it that were not dragged themselves.
  for (const node of nodes) {
    const key = ids.includes(node.id) ? groupIn(node.id) : null;
    const from = before.get(node.id);
    if (key === null || !from) continue;
    for (const id of groupsOf(history.present)[key]?.node_ids ?? []) {
      const old = history.present.ui.positions[id] ?? { x: 0, y: 0 };
      places[id] ??= { ...old, x: old.x + node.position.x - from.x, y: old.y + node.position.y - from.y };
    }
  }
  const count = Object.keys(places).length;
  let cut = 0;
  change(tn(count, "Move {n} node", "Move {n} nodes"), (document) => {
    const moved = move(document, places);
    if (scope === undefined) return moved;
    const rescoped = rescope(moved, Object.keys(places), scope);
    cut = rescoped.cut;
    return rescoped.document;
  });
  store.setState({ dropScope: null });
  const state = store.getState();
  state.select(state.selectedNodes, state.selectedEdges, state.selectedGroup);
  return { cut };
}

/** Moves the selection by whole grid steps; the steps of one key held are one step of undo. */
export function nudge(store: EditorStore, by: Point): void {
  const { selectedNodes, change } = store.getState();
  change(
    t("Move"),
    (document) => {
      const places: Record<string, Position> = {};
      for (const id of selectedNodes) {
        const old = document.ui.positions[id] ?? { x: 0, y: 0 };
        places[id] = { ...old, x: old.x + by.x, y: old.y + by.y };
      }
      return move(document, places);
    },
    { key: "nudge" },
  );
}

/** Takes the selected nodes one container further out. */
export function moveOut(store: EditorStore): void {
  const { selectedNodes, history, change } = store.getState();
  const ids = [...selectedNodes];
  const scope = ids[0] === undefined ? null : scopeOf(history.present, ids[0]);
  if (scope === null) return;
  change(t("Move out"), (document) => rescope(document, ids, scopeOf(document, scope)).document, {
    select: ids,
  });
}

export function groupSelection(store: EditorStore): void {
  const { selectedNodes, change, say } = store.getState();
  let id: string | null = null;
  change(t("Group"), (document) => {
    const added = addGroup(document, selectedNodes, t("Group"));
    id = added?.id ?? null;
    return added?.document ?? document;
  });
  if (id === null) return;
  store.getState().select(selectedNodes, [], id);
  store.setState({ namedGroup: id });
  say(tn(selectedNodes.size, "Grouped {n} node.", "Grouped {n} nodes."));
}

/** The group that is meant: the one that was clicked, else the one around the selected nodes. */
export function meantGroup(store: EditorStore): string | null {
  const { selectedGroup, selectedNodes, history } = store.getState();
  if (selectedGroup !== null) return selectedGroup;
  for (const id of selectedNodes) {
    const found = groupOf(history.present, id);
    if (found !== null) return found;
  }
  return null;
}

export function ungroup(store: EditorStore, id = meantGroup(store)): void {
  if (id === null) return;
  const { change, say, history } = store.getState();
  const members = groupsOf(history.present)[id]?.node_ids ?? [];
  change(t("Ungroup"), (document) => removeGroup(document, id), { select: members });
  say(t("Ungrouped."));
}

export function foldGroup(store: EditorStore, id = meantGroup(store)): void {
  if (id === null) return;
  const { change, say, history, inspected } = store.getState();
  const group = groupsOf(history.present)[id];
  if (!group) return;
  const collapsed = !group.collapsed;
  change(collapsed ? t("Fold group") : t("Unfold group"), (document) =>
    setGroup(document, id, { collapsed }),
  );
  store.getState().select([], [], id);
  if (collapsed && inspected !== null && group.node_ids.includes(inspected)) store.getState().inspect(null);
  say(
    collapsed ? t("Folded {title}.", { title: group.title }) : t("Unfolded {title}.", { title: group.title }),
  );
}

export function alignSelection(store: EditorStore, line: Line): void {
  const { selectedNodes, change, catalogue, say } = store.getState();
  change(t("Align"), (document) => align(document, catalogue, selectedNodes, line));
  say(t("Aligned."));
}

export function distributeSelection(store: EditorStore, along: "x" | "y"): void {
  const { selectedNodes, change, catalogue, say } = store.getState();
  change(t("Distribute"), (document) => distribute(document, catalogue, selectedNodes, along));
  say(t("Distributed."));
}

function rounded(point: Point): Point {
  return { x: Math.round(point.x), y: Math.round(point.y) };
}
