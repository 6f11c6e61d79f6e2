import ELK from "elkjs/lib/elk.bundled.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connect } from "../model/connect";
import { emptyDocument, indexOf } from "../model/document";
import { catalogue } from "../model/fixtures/catalogue";
import { shapeOf } from "../model/geometry";
import { addNode, move } from "../model/nodes";
import type { FlowDocument } from "../model/types";
import { arranged } from "./arrange";

const elk = new ELK();

async function tidy(document: FlowDocument): Promise<{ document: FlowDocument; moved: string[] }> {
  const places = await arranged(document, catalogue, elk);
  return { document: move(document, places), moved: Object.keys(places) };
}

/** Prompts in a line, strewn over the canvas; `forks` wires one more after some of them. */
function strewn(count: number, forks: number[], spots: [number, number][]): FlowDocument {
  let document = emptyDocument();
  const ids: string[] = [];
  const add = (after: string | undefined) => {
    const [x = 0, y = 0] = spots[ids.length % spots.length] ?? [];
    const added = addNode(document, catalogue, {
      kind: "prompt",
      position: { x, y },
      settings: { template: "{text}" },
    });
    ids.push(added.id);
    document = after
      ? connect(added.document, catalogue, {
          source: after,
          source_port: "output",
          target: added.id,
          target_port: "text",
        })
      : added.document;
  };
  for (let at = 0; at < count; at++) add(ids.at(-1));
  for (const at of forks) add(ids[at % count]);
  return document;
}

const drawings = fc
  .record({
    count: fc.integer({ min: 2, max: 8 }),
    forks: fc.array(fc.nat({ max: 7 }), { maxLength: 4 }),
    spots: fc.array(fc.tuple(fc.nat({ max: 900 }), fc.nat({ max: 600 })), { minLength: 2, maxLength: 12 }),
  })
  .map(({ count, forks, spots }) => strewn(count, forks, spots));

const box = (document: FlowDocument, id: string) => {
  const { x = 0, y = 0 } = document.ui.positions[id] ?? {};
  return { x, y, ...shapeOf(document, catalogue, id) };
};

describe("arranging", () => {
  it("leads every wire to the right and lays no node on another", async () => {
    await fc.assert(
      fc.asyncProperty(drawings, async (drawing) => {
        const { document } = await tidy(drawing);
        for (const { edge } of indexOf(document).edges.values()) {
          const [from, to] = [box(document, edge.source), box(document, edge.target)];
          expect(from.x + from.width).toBeLessThan(to.x);
        }
        const boxes = Object.keys(document.graph.nodes).map((id) => box(document, id));
        for (const [at, one] of boxes.entries()) {
          for (const other of boxes.slice(at + 1)) {
            const apart =
              one.x + one.width <= other.x ||
              other.x + other.width <= one.x ||
              one.y + one.height <= other.y ||
              other.y + other.height <= one.y;
            expect(apart).toBe(true);
          }
        }
      }),
      { numRuns: 6 },
    );
  }, 30_000);

  it("moves nothing that is arranged already", async () => {
    await fc.assert(
      fc.asyncProperty(drawings, async (drawing) => {
        const once = await tidy(drawing);
        expect((await tidy(once.document)).moved).toEqual([]);
      }),
      { numRuns: 6 },
    );
  }, 30_000);

  it("moves a new node to its place and leaves the others in theirs", async () => {
    const { document } = await tidy(strewn(6, [], [[0, 0]]));
    const added = addNode(document, catalogue, {
      kind: "prompt",
      position: { x: 60, y: 500 },
      settings: { template: "{text}" },
    });
    const last = Object.keys(document.graph.nodes).at(-1) ?? "";
    const edge = { source: last, source_port: "output", target: added.id, target_port: "text" };
    const { moved } = await tidy(connect(added.document, catalogue, edge));
    expect(moved).toEqual([added.id]);
  });
});
