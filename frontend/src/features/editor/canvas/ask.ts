/** Opening the menu of kinds at a place on the page. */
import type { PortEnd } from "../model/connect";
import { absolutePosition } from "../model/containers";
import { indexOf, scopeOf } from "../model/document";
import { HEADER_HEIGHT, NODE_WIDTH, shapeOf } from "../model/geometry";
import type { EditorStore } from "../store/editor";

interface Point {
  x: number;
  y: number;
}

/** Room between two nodes that follow each other. */
const GAP = 72;

/** For a port that was clicked: the new node goes beside its node. */
export function askForPort(store: EditorStore, end: PortEnd, type: string, page: Point): void {
  const { history, catalogue } = store.getState();
  const document = history.present;
  const origin = absolutePosition(document, end.node);
  const shape = shapeOf(document, catalogue, end.node);
  const index = indexOf(document);
  const wires = (end.side === "output" ? index.outgoing : index.incoming).get(end.node) ?? [];
  const at = {
    x: end.side === "output" ? origin.x + shape.width + GAP : origin.x - GAP,
    y: origin.y + (wires.length > 0 ? wires.length * 140 : 0),
  };
  store.setState({
    question: { for: "port", end, type, left: page.x, top: page.y, at, scope: scopeOf(document, end.node) },
  });
}

/** For a wire released on the empty canvas at a canvas point. */
export function askForDrop(store: EditorStore, end: PortEnd, type: string, page: Point, at: Point): void {
  const { history } = store.getState();
  const place = { x: at.x, y: at.y - HEADER_HEIGHT };
  store.setState({
    question: {
      for: "port",
      end,
      type,
      left: page.x,
      top: page.y,
      at: place,
      scope: scopeOf(history.present, end.node),
    },
  });
}

export function askForEdge(store: EditorStore, edge: string, page: Point): void {
  const placed = indexOf(store.getState().history.present).edges.get(edge);
  store.setState({
    question: {
      for: "edge",
      edge,
      left: page.x,
      top: page.y,
      at: { x: 0, y: 0 },
      scope: placed?.scope ?? null,
    },
  });
}

export function askForReplacement(store: EditorStore, node: string, page: Point): void {
  store.setState({
    question: {
      for: "replace",
      node,
      left: page.x,
      top: page.y,
      at: { x: 0, y: 0 },
      scope: scopeOf(store.getState().history.present, node),
    },
  });
}

export function askForPlace(store: EditorStore, page: Point, at: Point): void {
  store.setState({
    question: {
      for: "place",
      left: page.x,
      top: page.y,
      at: { x: at.x - NODE_WIDTH / 2, y: at.y },
      scope: null,
    },
  });
}
