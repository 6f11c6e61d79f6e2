/** The way of a wire past cards that stand between its ends: behind one it would seem to end there and begin again. */
import type { CanvasNode } from "../store/canvasElements";

export interface Ends {
  source: string;
  target: string;
  sourceX: number;
  sourceY: number;
  targetX: number;
  targetY: number;
}

interface Card {
  id: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const GAP = 16;
/** What a wire needs to turn into a port. */
const TURN = 24;
const COLUMN = 512;
const SAMPLES = 24;

interface Way {
  path: string;
  x: number;
  y: number;
}

/** Returns the path and its middle, the same object for the same drawing; null where the plain curve meets no card. */
export function detour(nodes: CanvasNode[], ends: Ends): Way | null {
  const { source, target, sourceX, sourceY, targetX, targetY } = ends;
  if (targetX - sourceX < 2 * TURN) return null;
  const { ways } = places(nodes);
  const key = [source, target, sourceX, sourceY, targetX, targetY].join(" ");
  let way = ways.get(key);
  if (way === undefined) {
    way = wayAround(nodes, ends);
    ways.set(key, way);
  }
  return way;
}

function wayAround(nodes: CanvasNode[], ends: Ends): Way | null {
  const { sourceX, sourceY, targetX, targetY } = ends;
  const between = cardsBetween(nodes, ends);
  const met = between.filter((card) => meets(card, ends));
  if (met.length === 0) return null;
  const within = (x: number) => Math.min(Math.max(x, sourceX + TURN), targetX - TURN);
  const left = within(Math.min(...met.map((card) => card.left)) - GAP);
  const right = within(Math.max(...met.map((card) => card.right)) + GAP);
  const beside = between.filter((card) => card.right > left && card.left < right);
  const free = (y: number) => beside.every((card) => y <= card.top - GAP / 2 || y >= card.bottom + GAP / 2);
  const straight = (sourceY + targetY) / 2;
  const y = beside
    .flatMap((card) => [card.top - GAP, card.bottom + GAP])
    .filter(free)
    .sort((one, other) => Math.abs(one - straight) - Math.abs(other - straight))[0];
  if (y === undefined) return null;
  const [out, back] = [(sourceX + left) / 2, (right + targetX) / 2];
  return {
    path: `M${sourceX},${sourceY} C${out},${sourceY} ${out},${y} ${left},${y} L${right},${y} C${back},${y} ${back},${targetY} ${targetX},${targetY}`,
    x: (left + right) / 2,
    y,
  };
}

/** Whether the curve that is drawn otherwise passes behind the card. */
function meets(card: Card, { sourceX, sourceY, targetX, targetY }: Ends): boolean {
  for (let step = 1; step < SAMPLES; step++) {
    const t = step / SAMPLES;
    const x = sourceX + (targetX - sourceX) * (1.5 * t * (1 - t) + t ** 3);
    const y = sourceY + (targetY - sourceY) * (3 * t ** 2 - 2 * t ** 3);
    if (x > card.left && x < card.right && y > card.top && y < card.bottom) return true;
  }
  return false;
}

interface Placed {
  columns: Map<number, Card[]>;
  outer: Set<string>;
  ways: Map<string, Way | null>;
}

const placed = new WeakMap<CanvasNode[], Placed>();

/** The cards that reach between two ends that stand on the canvas itself; inside a container wires are short. */
function cardsBetween(nodes: CanvasNode[], { source, target, sourceX, targetX }: Ends): Card[] {
  const { columns, outer } = places(nodes);
  if (!outer.has(source) || !outer.has(target)) return [];
  const found = new Set<Card>();
  for (let at = Math.floor(sourceX / COLUMN); at <= Math.floor(targetX / COLUMN); at++) {
    for (const card of columns.get(at) ?? []) {
      const isEnd = card.id === source || card.id === target;
      if (!isEnd && card.right > sourceX && card.left < targetX) found.add(card);
    }
  }
  return [...found];
}

/** Sorted once for all wires of a drawing, into the columns of the canvas that cards reach over. */
function places(nodes: CanvasNode[]): Placed {
  const known = placed.get(nodes);
  if (known) return known;
  const columns = new Map<number, Card[]>();
  const outer = new Set<string>();
  for (const { id, type, position, parentId, data } of nodes) {
    if (parentId !== undefined) continue;
    outer.add(id);
    // A note and the frame of an open group lie under the wires.
    if (type === "note" || (type === "group" && data.shape.outputs.length === 0)) continue;
    const { width, height } = data.shape;
    const card = {
      id,
      left: position.x,
      right: position.x + width,
      top: position.y,
      bottom: position.y + height,
    };
    for (let at = Math.floor(card.left / COLUMN); at <= Math.floor(card.right / COLUMN); at++) {
      const column = columns.get(at);
      if (column) column.push(card);
      else columns.set(at, [card]);
    }
  }
  const made: Placed = { columns, outer, ways: new Map() };
  placed.set(nodes, made);
  return made;
}
