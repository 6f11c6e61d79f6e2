import { expect, it } from "vitest";
import { connect } from "../model/connect";
import { absolutePosition } from "../model/containers";
import { emptyDocument, indexOf } from "../model/document";
import { catalogue } from "../model/fixtures/catalogue";
import { shapeOf } from "../model/geometry";
import { addNode } from "../model/nodes";
import { createEditor } from "./editor";
import { insertKind } from "./gestures";

it("puts an inserted node on none that lay between the ends of its wire", () => {
  let document = emptyDocument();
  for (const [kind, x] of [
    ["chat_input", 0],
    ["chat_model", 1200],
    ["count", 520],
    ["count", 860],
  ] as const)
    document = addNode(document, catalogue, { kind, position: { x, y: 0 } }).document;
  document = connect(document, catalogue, {
    source: "chat_input_1",
    source_port: "text",
    target: "chat_model_1",
    target_port: "messages",
  });
  const store = createEditor({
    flowId: "one",
    name: "",
    catalogue,
    document,
    findings: [],
    savedAt: null,
  });
  const [wire = ""] = indexOf(store.getState().history.present).edges.keys();
  insertKind(store, wire, "prompt");
  const drawn = store.getState().history.present;
  const boxes = Object.keys(drawn.graph.nodes).map((id) => ({
    ...absolutePosition(drawn, id),
    ...shapeOf(drawn, catalogue, id),
  }));
  expect(boxes).toHaveLength(5);
  const apart = boxes.every((one, at) =>
    boxes
      .slice(at + 1)
      .every(
        (other) =>
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y,
      ),
  );
  expect(apart).toBe(true);
});
