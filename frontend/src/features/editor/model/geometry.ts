/**
 * Sizes of nodes and places of their ports, in canvas pixels. The canvas draws by these numbers,
 * so that nothing has to be measured in the page: a thousand nodes appear at once.
 */
import { graphAt, indexOf, nodeAt, withPositions } from "./document";
import { NOTE } from "./nodes";
import { kindOf, type ShownPorts, shownPorts } from "./ports";
import type { Catalogue, FlowDocument, Kind, Position, Scope } from "./types";

export const GRID = 8;
export const NODE_WIDTH = 232;
export const HEADER_HEIGHT = 44;
export const PORT_HEIGHT = 24;
export const PORTS_PADDING = 8;
/** One line that tells the most telling setting. */
export const SUMMARY_HEIGHT = 32;
/** Three lines of a model's text as it comes. */
export const PREVIEW_HEIGHT = 64;
export const BODY_PADDING = 24;
const NOTE_HEIGHT = 120;

export interface Size {
  width: number;
  height: number;
}

export interface PortPlace {
  name: string;
  x: number;
  y: number;
}

export interface Shape extends Size {
  ports: ShownPorts;
  inputs: PortPlace[];
  outputs: PortPlace[];
}

/** A kind whose text comes piece by piece shows it on its card. */
export function showsText(kind: Kind | undefined): boolean {
  return kind?.outputs.some((port) => port.streams) ?? false;
}

export function shapeOf(document: FlowDocument, catalogue: Catalogue, id: string): Shape {
  const ports = shownPorts(document, catalogue, id);
  const node = nodeAt(document, id);
  const kind = node ? kindOf(catalogue, node.kind) : undefined;
  const place = document.ui.positions[id];
  if (node?.kind === NOTE) {
    const size = { width: place?.width ?? NODE_WIDTH, height: place?.height ?? NOTE_HEIGHT };
    return { ...size, ports, inputs: [], outputs: [] };
  }
  let width = NODE_WIDTH;
  let height = portsBottom(ports) + (showsText(kind) ? PREVIEW_HEIGHT : SUMMARY_HEIGHT);
  if (node?.body) {
    const inner = insideOf(document, catalogue, id);
    width = Math.max(place?.width ?? 0, inner.width, 320);
    height = Math.max(place?.height ?? 0, inner.height, portsBottom(ports) + 80);
  }
  const row = (index: number) => HEADER_HEIGHT + PORTS_PADDING / 2 + PORT_HEIGHT * (index + 0.5);
  return {
    width,
    height,
    ports,
    inputs: ports.inputs.map((port, index) => ({ name: port.name, x: 0, y: row(index) })),
    outputs: ports.outputs.map((port, index) => ({ name: port.name, x: width, y: row(index) })),
  };
}

/** Where the rows of ports end. */
export function portsBottom(ports: ShownPorts): number {
  const rows = Math.max(ports.inputs.length, ports.outputs.length);
  return HEADER_HEIGHT + (rows === 0 ? 0 : rows * PORT_HEIGHT + PORTS_PADDING);
}

/** The first y of a container's body that its own ports leave free. */
export function bodyTop(document: FlowDocument, catalogue: Catalogue, id: string): number {
  return portsBottom(shownPorts(document, catalogue, id)) + 12;
}

/** The room a container's body takes. */
function insideOf(document: FlowDocument, catalogue: Catalogue, id: string): Size {
  let width = 0;
  let height = 0;
  for (const inner of Object.keys(graphAt(document, id).nodes)) {
    const place = document.ui.positions[inner] ?? { x: 0, y: 0 };
    const shape = shapeOf(document, catalogue, inner);
    width = Math.max(width, place.x + shape.width + BODY_PADDING);
    height = Math.max(height, place.y + shape.height + BODY_PADDING);
  }
  return { width, height };
}

/**
 * Gives every node a place: one that has none goes into a row, and a body that starts above its
 * container's own ports or left of its border moves in.
 */
export function settle(document: FlowDocument, catalogue: Catalogue): FlowDocument {
  const scopes: Scope[] = [null];
  for (const [id, placed] of indexOf(document).nodes) if (placed.node.body) scopes.push(id);
  // From the inside out: a container is as wide as what it holds.
  return scopes.reduceRight((settled, scope) => settleScope(settled, catalogue, scope), document);
}

function settleScope(document: FlowDocument, catalogue: Catalogue, scope: Scope): FlowDocument {
  const moved: Record<string, Position> = {};
  const ids = Object.keys(graphAt(document, scope).nodes);
  const placed = ids.filter((id) => document.ui.positions[id]);
  const bottom = Math.max(
    0,
    ...placed.map((id) => (document.ui.positions[id]?.y ?? 0) + shapeOf(document, catalogue, id).height + 64),
  );
  let x = BODY_PADDING;
  for (const id of ids) {
    if (document.ui.positions[id]) continue;
    moved[id] = { x, y: placed.length > 0 ? bottom : 0 };
    x += shapeOf(document, catalogue, id).width + 64;
  }
  if (scope !== null && ids.length > 0) {
    const at = (id: string) => moved[id] ?? document.ui.positions[id] ?? { x: 0, y: 0 };
    const down = Math.max(0, bodyTop(document, catalogue, scope) - Math.min(...ids.map((id) => at(id).y)));
    const right = Math.max(0, BODY_PADDING - Math.min(...ids.map((id) => at(id).x)));
    if (down > 0 || right > 0) {
      for (const id of ids) moved[id] = { ...at(id), x: at(id).x + right, y: at(id).y + down };
    }
  }
  return Object.keys(moved).length === 0 ? document : withPositions(document, moved);
}
