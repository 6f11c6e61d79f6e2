import fc from "fast-check";
import fastPatch from "fast-json-patch";
import { describe, expect, it } from "vitest";
import { clipText, copyNodes, paste, readClip } from "./clipboard";
import { downstream, refusalOf } from "./connect";
import { emptyDocument, indexOf } from "./document";
import { catalogue } from "./fixtures/catalogue";
import { type Edit, edits } from "./fixtures/edits";
import { record, redo, startHistory, undo } from "./history";
import { diff } from "./patch";
import type { FlowDocument, Graph } from "./types";

const edited = (changes: Edit[], start = emptyDocument()) =>
  changes.reduce((document, change) => change(document), start);
const plain = (document: unknown) => JSON.parse(JSON.stringify(document)) as FlowDocument;

/** Rules that hold whatever was done. */
function expectSound(document: FlowDocument): void {
  const seen = new Set<string>();
  const visit = (graph: Graph) => {
    for (const [id, node] of Object.entries(graph.nodes)) {
      expect(seen.has(id)).toBe(false);
      seen.add(id);
      expect(id).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
      if (node.body) {
        visit(node.body);
        const inside = Object.values(node.body.nodes).map((inner) => inner.kind);
        expect(inside.filter((kind) => kind === "body_input")).toHaveLength(1);
        expect(inside.filter((kind) => kind === "body_output")).toHaveLength(1);
      }
    }
    for (const edge of Object.values(graph.edges)) {
      expect(graph.nodes).toHaveProperty([edge.source]);
      expect(graph.nodes).toHaveProperty([edge.target]);
    }
  };
  visit(document.graph);
  expect(new Set(Object.keys(document.ui.positions))).toEqual(seen);
  for (const { edge } of indexOf(document).edges.values()) {
    expect(downstream(document, edge.target).has(edge.source)).toBe(false);
  }
  const kinds = new Set([...indexOf(document).nodes.values()].map((placed) => placed.node.kind));
  for (const kind of Object.keys(document.requirements?.kinds ?? {}))
    expect([...kinds, "body_input", "body_output"]).toContain(kind);
}

describe("a document under random edits", () => {
  it("stays sound", () => {
    fc.assert(
      fc.property(edits, (changes) => expectSound(edited(changes))),
      { numRuns: 250 },
    );
  });

  it("is never changed in place", () => {
    fc.assert(
      fc.property(edits, edits, (first, second) => {
        const document = edited(first);
        const before = JSON.stringify(document);
        edited(second, document);
        expect(JSON.stringify(document)).toBe(before);
      }),
      { numRuns: 120 },
    );
  });

  it("is reached again by the patch between two states", () => {
    fc.assert(
      fc.property(edits, edits, (first, second) => {
        const before = edited(first);
        const now = edited(second, before);
        const patched = fastPatch.applyPatch(
          plain(before),
          plain(diff(before, now)) as never,
          true,
        ).newDocument;
        expect(patched).toEqual(plain(now));
      }),
      { numRuns: 200 },
    );
  });

  it("comes back step by step by undo, and forth by redo", () => {
    fc.assert(
      fc.property(edits, (changes) => {
        let history = startHistory(emptyDocument());
        const states = [history.present];
        for (const change of changes) {
          const next = change(history.present);
          if (next !== history.present) states.push(next);
          history = record(history, next, "edit");
        }
        for (const state of [...states].reverse().slice(1)) {
          history = undo(history);
          expect(history.present).toBe(state);
        }
        for (const state of states.slice(1)) {
          history = redo(history);
          expect(history.present).toBe(state);
        }
      }),
      { numRuns: 120 },
    );
  });

  it("survives copy to text and paste into another flow", () => {
    fc.assert(
      fc.property(edits, edits, (first, second) => {
        const from = edited(first);
        const clip = copyNodes(from, catalogue, indexOf(from).nodes.keys());
        fc.pre(clip !== null);
        const read = clip && readClip(clipText(clip));
        expect(read).toEqual(plain(clip));
        const target = edited(second);
        const count = indexOf(target).nodes.size;
        const pasted = read && paste(target, catalogue, read, { x: 40, y: 40 });
        expect(pasted).not.toBeNull();
        if (!pasted) return;
        expectSound(pasted.document);
        expect(indexOf(pasted.document).nodes.size).toBe(count + indexOf(from).nodes.size);
        expect(indexOf(pasted.document).edges.size).toBe(
          indexOf(target).edges.size + indexOf(from).edges.size,
        );
      }),
      { numRuns: 120 },
    );
  });

  it("refuses what it has already", () => {
    fc.assert(
      fc.property(edits, (changes) => {
        const document = edited(changes);
        for (const { edge } of indexOf(document).edges.values()) {
          expect(refusalOf(document, catalogue, edge)).not.toBeNull();
        }
      }),
      { numRuns: 80 },
    );
  });
});
