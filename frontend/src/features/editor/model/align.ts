/** Putting nodes in line, and at equal distances. */
import { indexOf } from "./document";
import { shapeOf } from "./geometry";
import { move } from "./nodes";
import type { Catalogue, FlowDocument, Position } from "./types";

export type Line = "left" | "center" | "right" | "top" | "middle" | "bottom";

interface Box {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The boxes of nodes that stand in the same graph as the first. */
function boxesOf(document: FlowDocument, catalogue: Catalogue, ids: Iterable<string>): Box[] {
  const index = indexOf(document);
  const all = [...ids];
  const scope = index.nodes.get(all[0] ?? "")?.scope;
  return all
    .filter((id) => index.nodes.get(id)?.scope === scope)
    .map((id) => {
      const { x, y } = document.ui.positions[id] ?? { x: 0, y: 0 };
      const { width, height } = shapeOf(document, catalogue, id);
      return { id, x, y, width, height };
    });
}

export function align(
  document: FlowDocument,
  catalogue: Catalogue,
  ids: Iterable<string>,
  line: Line,
): FlowDocument {
  const boxes = boxesOf(document, catalogue, ids);
  if (boxes.length < 2) return document;
  const left = Math.min(...boxes.map((box) => box.x));
  const top = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  const place: Record<Line, (box: Box) => { x: number; y: number }> = {
    left: ({ y }) => ({ x: left, y }),
    center: ({ y, width }) => ({ x: (left + right - width) / 2, y }),
    right: ({ y, width }) => ({ x: right - width, y }),
    top: ({ x }) => ({ x, y: top }),
    middle: ({ x, height }) => ({ x, y: (top + bottom - height) / 2 }),
    bottom: ({ x, height }) => ({ x, y: bottom - height }),
  };
  return moved(document, boxes, place[line]);
}

/** The same room between each two neighbours; the outermost stay. */
export function distribute(
  document: FlowDocument,
  catalogue: Catalogue,
  ids: Iterable<string>,
  along: "x" | "y",
): FlowDocument {
  const side = along === "x" ? "width" : "height";
  const boxes = boxesOf(document, catalogue, ids).sort((one, other) => one[along] - other[along]);
  const first = boxes[0];
  const last = boxes.at(-1);
  if (boxes.length < 3 || !first || !last) return document;
  const taken = boxes.reduce((sum, box) => sum + box[side], 0);
  const gap = (last[along] + last[side] - first[along] - taken) / (boxes.length - 1);
  let at = first[along];
  const starts = new Map(
    boxes.map((box) => {
      const start = at;
      at += box[side] + gap;
      return [box.id, start];
    }),
  );
  return moved(document, boxes, ({ id, x, y }) => ({ x, y, [along]: starts.get(id) ?? 0 }));
}

function moved(
  document: FlowDocument,
  boxes: Box[],
  place: (box: Box) => { x: number; y: number },
): FlowDocument {
  const places: Record<string, Position> = {};
  for (const box of boxes) places[box.id] = { ...document.ui.positions[box.id], ...place(box) };
  return move(document, places);
}
