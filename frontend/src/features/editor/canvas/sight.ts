/** How far a canvas moves so that people go on seeing what they saw. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface View {
  x: number;
  y: number;
  zoom: number;
}

export interface Room {
  width: number;
  height: number;
}

/** Below this zoom a title can't be read. */
export const READABLE = 0.5;
const MARGIN = 32;

export function around(boxes: Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  };
}

export function isSeen(box: Box, view: View, room: Room): boolean {
  const left = box.x * view.zoom + view.x;
  const top = box.y * view.zoom + view.y;
  const right = left + box.width * view.zoom;
  return left >= 0 && top >= 0 && right <= room.width && top + box.height * view.zoom <= room.height;
}

/** The nearest view that shows the box whole, its beginning where it is too large. */
export function shifted(box: Box, view: View, room: Room): View {
  return {
    x: view.x + shift(box.x * view.zoom + view.x, box.width * view.zoom, room.width),
    y: view.y + shift(box.y * view.zoom + view.y, box.height * view.zoom, room.height),
    zoom: view.zoom,
  };
}

/** The view that shows the box whole, smaller where it must; null where it could not be read then. */
export function fitted(box: Box, view: View, room: Room): View | null {
  const zoom = Math.min(
    view.zoom,
    (room.width - 2 * MARGIN) / box.width,
    (room.height - 2 * MARGIN) / box.height,
  );
  if (zoom === view.zoom) return shifted(box, view, room);
  if (zoom < READABLE) return null;
  const x = room.width / 2 - (box.x + box.width / 2) * zoom;
  return shifted(box, { x, y: view.y + (box.y + box.height / 2) * (view.zoom - zoom), zoom }, room);
}

/** Whether the box can be seen whole without making it smaller. */
export function hasRoom(box: Box, view: View, room: Room): boolean {
  return (
    box.width * view.zoom <= room.width - 2 * MARGIN && box.height * view.zoom <= room.height - 2 * MARGIN
  );
}

function shift(start: number, size: number, room: number): number {
  if (start < MARGIN || size > room - 2 * MARGIN) return MARGIN - start;
  const over = start + size - (room - MARGIN);
  return over > 0 ? -over : 0;
}
