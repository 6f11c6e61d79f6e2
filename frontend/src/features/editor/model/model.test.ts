import fc from "fast-check";
import fastPatch from "fast-json-patch";
import { describe, expect, it } from "vitest";
import { clipText, copyNodes, paste, readClip } from "./clipboard";
import { downstream, refusalOf } from "./connect";
import { emptyDocument, indexOf } from "./document";
import { extract, putSubflow } from "./extract";
import { catalogue } from "./fixtures/catalogue";
import { type Edit, edits } from "./fixtures/edits";
import { record, redo, startHistory, undo } from "./history";
import { merge } from "./merge";
import { addNode, rename, setField } from "./nodes";
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

  it("merges with what somebody else did from the same draft, and stays sound", () => {
    fc.assert(
      fc.property(edits, edits, edits, (before, first, second) => {
        const base = edited(before);
        const mine = edited(first, base);
        const theirs = edited(second, base);
        const { document, conflicts } = merge(base, mine, theirs);
        expectSound(document);
        expectSound(merge(base, mine, theirs, "theirs").document);
        expect(merge(base, mine, base).document).toEqual(mine);
        expect(merge(base, base, theirs).document).toEqual(theirs);
        if (conflicts.length > 0) return;
        for (const [id, placed] of indexOf(theirs).nodes) {
          const was = indexOf(base).nodes.get(id)?.node;
          if (was === undefined) expect(indexOf(document).nodes.get(id)?.node.kind).toBe(placed.node.kind);
        }
      }),
      { numRuns: 250 },
    );
  });

  it("takes both sides where they touched different settings of one node", () => {
    const base = addNode(emptyDocument(), catalogue, {
      kind: "chat_model",
      position: { x: 0, y: 0 },
    }).document;
    const mine = setField(rename(base, "chat_model_1", "Mine"), catalogue, "chat_model_1", "temperature", 1);
    const theirs = setField(base, catalogue, "chat_model_1", "model", "other/large");
    const { document, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(indexOf(document).nodes.get("chat_model_1")?.node).toMatchObject({
      title: "Mine",
      settings: { temperature: 1, model: "other/large" },
    });
    const both = merge(base, setField(base, catalogue, "chat_model_1", "model", "mine/small"), theirs);
    expect(both.conflicts).toEqual([
      { node: "chat_model_1", field: "model", mine: "mine/small", theirs: "other/large" },
    ]);
  });

  it("keeps two new nodes that both got the same id", () => {
    const mine = addNode(emptyDocument(), catalogue, { kind: "text", position: { x: 0, y: 0 } }).document;
    const theirs = addNode(emptyDocument(), catalogue, {
      kind: "text",
      position: { x: 0, y: 0 },
      settings: { text: "theirs" },
    }).document;
    const { document, renamed } = merge(emptyDocument(), mine, theirs);
    expect([...indexOf(document).nodes.keys()].sort()).toEqual(["text_1", "text_2"]);
    expect(renamed).toEqual(new Map([["text_1", "text_2"]]));
  });

  it("takes a part out and runs it in its place with the same wires around it", () => {
    fc.assert(
      fc.property(edits, fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), (changes, ats) => {
        const document = edited(changes);
        const all = [...indexOf(document).nodes.keys()];
        const found = extract(document, catalogue, new Set(ats.map((at) => all[at % all.length] ?? "")));
        fc.pre(typeof found !== "string");
        if (typeof found === "string") return;
        expectSound(found.inner);
        const put = putSubflow(document, catalogue, found, { id: "f", name: "F" });
        expectSound(put.document);
        const node = indexOf(put.document).nodes.get(put.id)?.node;
        expect(node?.settings).toMatchObject({ flow: "f", takes: found.takes, gives: found.gives });
        for (const id of found.ids) expect(indexOf(put.document).nodes.has(id)).toBe(false);
      }),
      { numRuns: 150 },
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
