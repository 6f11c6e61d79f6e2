/** Frames around nodes: a title, a colour, folded or not. Drawing only; nothing here changes a run. */
import { indexOf, withBody } from "./document";
import { HEADER_HEIGHT, NODE_WIDTH, shapeOf } from "./geometry";
import type { Catalogue, FlowDocument, Group, Scope } from "./types";

export const GROUP_COLORS = ["gray", "green", "blue", "amber", "pink", "violet"] as const;

/** The canvas draws a group as a node of this id; ids of nodes hold no colon. */
const MARK = "group:";

export const groupNodeId = (id: string) => `${MARK}${id}`;

export function groupIn(nodeId: string): string | null {
  return nodeId.startsWith(MARK) ? nodeId.slice(MARK.length) : null;
}

const PADDING = 20;
export const GROUP_HEADER = 34;

export interface Frame {
  x: number;
  y: number;
  width: number;
  height: number;
  scope: Scope;
}

export function groupsOf(document: FlowDocument): Record<string, Group> {
  return document.ui.groups ?? {};
}

export function groupOf(document: FlowDocument, id: string): string | null {
  const found = Object.entries(groupsOf(document)).find(([, group]) => group.node_ids.includes(id));
  return found ? found[0] : null;
}

/** What the frame covers; in the pixels of the graph that its nodes stand in. */
export function frameOf(document: FlowDocument, catalogue: Catalogue, group: Group): Frame {
  const boxes = group.node_ids.map((id) => {
    const { x, y } = document.ui.positions[id] ?? { x: 0, y: 0 };
    const { width, height } = shapeOf(document, catalogue, id);
    return { left: x, top: y, right: x + width, bottom: y + height };
  });
  const x = Math.min(...boxes.map((box) => box.left)) - PADDING;
  const y = Math.min(...boxes.map((box) => box.top)) - PADDING - GROUP_HEADER;
  const scope = indexOf(document).nodes.get(group.node_ids[0] ?? "")?.scope ?? null;
  if (group.collapsed) return { x, y, width: NODE_WIDTH, height: HEADER_HEIGHT + 20, scope };
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.right)) + PADDING - x,
    height: Math.max(...boxes.map((box) => box.bottom)) + PADDING - y,
    scope,
  };
}

const hiddenBy = new WeakMap<FlowDocument, Map<string, string>>();

/** Nodes that a folded group hides, those in their bodies included: node id to group id. */
export function hiddenNodes(document: FlowDocument): Map<string, string> {
  const known = hiddenBy.get(document);
  if (known) return known;
  const hidden = new Map<string, string>();
  for (const [key, group] of Object.entries(groupsOf(document))) {
    if (!group.collapsed) continue;
    for (const id of group.node_ids) for (const inner of withBody(document, id)) hidden.set(inner, key);
  }
  hiddenBy.set(document, hidden);
  return hidden;
}

/** Puts nodes of one graph into a new group; whatever groups they were in let them go. */
export function addGroup(
  document: FlowDocument,
  ids: Iterable<string>,
  title: string,
): { document: FlowDocument; id: string } | null {
  const index = indexOf(document);
  const all = [...ids].filter((id) => index.nodes.has(id));
  const scope = index.nodes.get(all[0] ?? "")?.scope ?? null;
  const members = all.filter((id) => index.nodes.get(id)?.scope === scope);
  if (members.length === 0) return null;
  const groups = groupsOf(without(document, members));
  let number = 1;
  while (`group_${number}` in groups) number += 1;
  const id = `group_${number}`;
  const color = GROUP_COLORS[number % GROUP_COLORS.length] ?? "gray";
  return { document: withGroups(document, { ...groups, [id]: { title, color, node_ids: members } }), id };
}

export function setGroup(document: FlowDocument, id: string, change: Partial<Group>): FlowDocument {
  const groups = groupsOf(document);
  const group = groups[id];
  if (!group) return document;
  const { collapsed, ...rest } = { ...group, ...change };
  return withGroups(document, { ...groups, [id]: collapsed ? { ...rest, collapsed } : rest });
}

export function removeGroup(document: FlowDocument, id: string): FlowDocument {
  const { [id]: gone, ...rest } = groupsOf(document);
  return gone ? withGroups(document, rest) : document;
}

function without(document: FlowDocument, ids: string[]): FlowDocument {
  return withGroups(
    document,
    Object.fromEntries(
      Object.entries(groupsOf(document))
        .map(([key, group]): [string, Group] => [
          key,
          { ...group, node_ids: group.node_ids.filter((id) => !ids.includes(id)) },
        ])
        .filter(([, group]) => group.node_ids.length > 0),
    ),
  );
}

export function withGroups(document: FlowDocument, groups: Record<string, Group>): FlowDocument {
  return { ...document, ui: { ...document.ui, groups } };
}

/** Groups hold nodes that are there, of one graph, each in one group; an empty group goes. */
export function tidyGroups(document: FlowDocument): FlowDocument {
  const groups = groupsOf(document);
  const index = indexOf(document);
  const taken = new Set<string>();
  let changed = false;
  const kept: Record<string, Group> = {};
  for (const [key, group] of Object.entries(groups)) {
    const first = group.node_ids.find((id) => index.nodes.has(id));
    const scope = index.nodes.get(first ?? "")?.scope ?? null;
    const members = group.node_ids.filter((id) => {
      const fits = index.nodes.has(id) && index.nodes.get(id)?.scope === scope && !taken.has(id);
      if (fits) taken.add(id);
      return fits;
    });
    const same = members.length === group.node_ids.length;
    changed ||= !same;
    if (members.length > 0) kept[key] = same ? group : { ...group, node_ids: members };
    else changed = true;
  }
  return changed ? withGroups(document, kept) : document;
}
