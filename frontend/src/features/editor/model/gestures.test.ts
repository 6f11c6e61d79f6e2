import { describe, expect, it } from "vitest";
import { remarkWords } from "../inspector/remarkWords";
import { copyNodes, duplicate, readClip } from "./clipboard";
import { bestPort, connect, fitsFrom } from "./connect";
import { absolutePosition, rescope } from "./containers";
import { differences } from "./differences";
import { emptyDocument, indexOf, nodeAt } from "./document";
import { catalogue } from "./fixtures/catalogue";
import { bodyTop, settle, shapeOf } from "./geometry";
import { record, seal, startHistory, undo } from "./history";
import { addNode, setField, setPolicy } from "./nodes";
import { kindOf, placeholders, shownPorts } from "./ports";
import { removeNodes } from "./remove";
import { insertOnEdge, replaceKind } from "./replace";
import type { FlowDocument, Kind } from "./types";
import { sourcesFor, variableFor, writeVariable } from "./upstream";
import { remarkOfFinding, remarksOf } from "./validate";
import { neighbour } from "./walk";

/** Nodes in a row, 300 pixels apart, named `kind_1`, `kind_2`, ... */
function row(...kinds: string[]): FlowDocument {
  return kinds.reduce(
    (document, kind, at) => addNode(document, catalogue, { kind, position: { x: at * 300, y: 0 } }).document,
    emptyDocument(),
  );
}

function wired(document: FlowDocument, ...wires: string[]): FlowDocument {
  return wires.reduce((next, wire) => {
    const [source = "", source_port = "", target = "", target_port = ""] = wire.split(" ");
    const done = connect(next, catalogue, { source, source_port, target, target_port });
    expect(done, wire).not.toBe(next);
    return done;
  }, document);
}

function wires(document: FlowDocument): string[] {
  return [...indexOf(document).edges.values()]
    .map(({ edge }) => `${edge.source} ${edge.source_port} ${edge.target} ${edge.target_port}`)
    .sort();
}

const chat = wired(
  row("chat_input", "chat_model", "chat_output"),
  "chat_input_1 text chat_model_1 messages",
  "chat_model_1 output chat_output_1 text",
);

describe("wires", () => {
  it("join what stood around a deleted node", () => {
    expect(wires(removeNodes(chat, catalogue, ["chat_model_1"]))).toEqual([
      "chat_input_1 text chat_output_1 text",
    ]);
  });

  it("are not joined where the types don't fit", () => {
    const document = wired(
      row("chat_input", "count", "join"),
      "chat_input_1 messages count_1 value",
      "count_1 output join_1 items",
    );
    expect(wires(removeNodes(document, catalogue, ["count_1"]))).toEqual([
      "chat_input_1 messages join_1 items",
    ]);
    const text = wired(
      row("chat_input", "chat_model", "chat_output"),
      "chat_input_1 messages chat_model_1 messages",
      "chat_model_1 output chat_output_1 text",
    );
    expect(wires(removeNodes(text, catalogue, ["chat_model_1"]))).toEqual([]);
  });

  it("take a node in between", () => {
    const [key = ""] = indexOf(chat).edges.keys();
    const inserted = insertOnEdge(chat, catalogue, key, "join", { x: 0, y: 0 });
    expect(inserted && wires(inserted.document)).toEqual([
      "chat_input_1 text join_1 items",
      "chat_model_1 output chat_output_1 text",
      "join_1 output chat_model_1 messages",
    ]);
  });

  it("become a variable of a prompt put in between", () => {
    const [key = ""] = indexOf(chat).edges.keys();
    const inserted = insertOnEdge(chat, catalogue, key, "prompt", { x: 0, y: 0 });
    expect(inserted && nodeAt(inserted.document, "prompt_1")?.settings.template).toBe("{text}");
    expect(inserted && wires(inserted.document)).toContain("chat_input_1 text prompt_1 text");
  });

  it("stay when a node is replaced by another kind", () => {
    const replaced = replaceKind(chat, catalogue, "chat_model_1", "join");
    expect(replaced.id).toBe("join_1");
    expect(wires(replaced.document)).toEqual([
      "chat_input_1 text join_1 items",
      "join_1 output chat_output_1 text",
    ]);
    expect(replaced.document.ui.positions.join_1).toEqual({ x: 300, y: 0 });
  });

  it("follow a variable that is renamed letter by letter", () => {
    let document = setField(row("chat_input", "prompt"), catalogue, "prompt_1", "template", "Say {name}");
    document = wired(document, "chat_input_1 text prompt_1 name");
    for (const text of ["Say {names}", "Say {nam}", "Say {title}"]) {
      document = setField(document, catalogue, "prompt_1", "template", text);
    }
    expect(wires(document)).toEqual(["chat_input_1 text prompt_1 title"]);
  });

  it("wait at a lost port while a brace is missing", () => {
    let document = setField(row("chat_input", "prompt"), catalogue, "prompt_1", "template", "{name}");
    document = wired(document, "chat_input_1 text prompt_1 name");
    document = setField(document, catalogue, "prompt_1", "template", "{name");
    expect(shownPorts(document, catalogue, "prompt_1").lost).toEqual(new Set(["input:name"]));
    expect(remarksOf(document, catalogue).map((remark) => remark.code)).toContain("unknown_port");
    document = setField(document, catalogue, "prompt_1", "template", "{name}");
    expect(shownPorts(document, catalogue, "prompt_1").lost.size).toBe(0);
  });

  it("never close a circle", () => {
    expect(
      fitsFrom(chat, catalogue, { node: "chat_model_1", port: "output", side: "output" }).has("chat_input_1"),
    ).toBe(false);
    const two = wired(row("join", "join"), "join_1 output join_2 items");
    expect([...fitsFrom(two, catalogue, { node: "join_2", port: "output", side: "output" }).keys()]).toEqual(
      [],
    );
  });

  it("choose the needed port first", () => {
    expect(
      bestPort(
        row("text", "chat_model"),
        catalogue,
        { node: "text_1", port: "output", side: "output" },
        "chat_model_1",
      ),
    ).toBe("messages");
  });
});

describe("ports", () => {
  it("come from the braces of a text", () => {
    expect(placeholders("{a} {{b}} {a} {not this} {1x} {名前} {_c}")).toEqual(["a", "名前", "_c"]);
  });

  it("come from an error branch and from the entries of a list", () => {
    let document = setField(row("switch"), catalogue, "switch_1", "cases", [{ name: "yes" }, { name: "no" }]);
    document = setPolicy(document, "switch_1", { on_error: "branch" });
    expect(shownPorts(document, catalogue, "switch_1").outputs.map((port) => port.name)).toEqual([
      "yes",
      "no",
      "otherwise",
      "error",
    ]);
    expect(nodeAt(setPolicy(document, "switch_1", { on_error: "stop" }), "switch_1")).not.toHaveProperty(
      "policy",
    );
  });
});

describe("containers", () => {
  const loop = addNode(row("chat_input", "chat_model"), catalogue, {
    kind: "loop",
    position: { x: 700, y: 50 },
  }).document;

  it("begin with a way in and a way out, wired", () => {
    expect(wires(loop)).toEqual(["body_input_1 value body_output_1 value"]);
    expect(removeNodes(loop, catalogue, ["body_input_1"])).toBe(loop);
  });

  it("take nodes in where they stand, cutting the wires that would cross", () => {
    const document = wired(loop, "chat_input_1 text chat_model_1 messages");
    const taken = rescope(document, ["chat_model_1"], "loop_1");
    expect(taken).toMatchObject({ moved: ["chat_model_1"], cut: 1 });
    expect(absolutePosition(taken.document, "chat_model_1")).toEqual({ x: 300, y: 0 });
    const out = rescope(taken.document, ["chat_model_1"], null);
    expect(out.document.ui.positions.chat_model_1).toEqual({ x: 300, y: 0 });
  });

  it("never hold themselves", () => {
    expect(rescope(loop, ["loop_1"], "loop_1").moved).toEqual([]);
  });

  it("grow with what they hold, and make room for their own ports", () => {
    const low = settle(
      { ...loop, ui: { positions: { ...loop.ui.positions, body_input_1: { x: 900, y: 10 } } } },
      catalogue,
    );
    expect(low.ui.positions.body_input_1?.y).toBe(bodyTop(low, catalogue, "loop_1"));
    expect(shapeOf(low, catalogue, "loop_1").width).toBeGreaterThan(900);
  });

  it("stand beside each other where nothing says where they stand", () => {
    const two = duplicate(loop, catalogue, ["loop_1"]).document;
    const placed = settle({ ...two, ui: { positions: {} } }, catalogue);
    const first = placed.ui.positions.loop_1?.x ?? 0;
    expect(placed.ui.positions.loop_2?.x).toBeGreaterThan(first + shapeOf(placed, catalogue, "loop_1").width);
  });

  it("are copied with their bodies", () => {
    const made = duplicate(loop, catalogue, ["loop_1"]);
    expect(made.ids).toEqual(["loop_2"]);
    expect(made.document.ui.positions.loop_2).toEqual({ x: 740, y: 90 });
    expect(wires(made.document)).toContain("body_input_2 value body_output_2 value");
  });

  it("keep a copy of what is inside in the same place inside", () => {
    const inner = addNode(loop, catalogue, {
      kind: "join",
      position: { x: 40, y: 200 },
      scope: "loop_1",
    }).document;
    expect(duplicate(inner, catalogue, ["join_1"]).document.ui.positions.join_2).toEqual({ x: 80, y: 240 });
  });
});

describe("the clipboard", () => {
  it("carries no secret", () => {
    const document = setField(
      setField(row("text"), catalogue, "text_1", "text", "hello"),
      catalogue,
      "text_1",
      "secret",
      "hunter2",
    );
    expect(JSON.stringify(copyNodes(document, catalogue, ["text_1"]))).not.toContain("hunter2");
  });

  it("takes an exported flow too, and nothing else", () => {
    expect(readClip(JSON.stringify(chat))?.graph).toEqual(chat.graph);
    for (const text of [
      "",
      "hello",
      "[1]",
      "{}",
      '{"schema":"flowloft/clip","graph":{"nodes":{"a":5},"edges":{}}}',
    ]) {
      expect(readClip(text)).toBeNull();
    }
  });
});

describe("history", () => {
  it("takes the keystrokes of a field as one step, until it is left", () => {
    const states = ["H", "He", "Hey"].map((text) => setField(row("text"), catalogue, "text_1", "text", text));
    let history = startHistory(row("text"));
    for (const state of states) history = record(history, state, "Edit", "text_1/text");
    expect(history.past).toHaveLength(1);
    history = record(
      seal(history),
      setField(row("text"), catalogue, "text_1", "text", "Hey!"),
      "Edit",
      "text_1/text",
    );
    expect(history.past).toHaveLength(2);
    expect(nodeAt(undo(history).present, "text_1")?.settings.text).toBe("Hey");
  });
});

describe("variables", () => {
  it("are named after what they hold, and found again", () => {
    const document = row("chat_input", "prompt");
    const [source] = sourcesFor(document, catalogue, "prompt_1", "text");
    expect(source).toMatchObject({ node: "chat_input_1", port: { name: "text" } });
    if (!source) return;
    const name = variableFor(document, "prompt_1", "", source, "Chat input");
    const written = writeVariable(document, catalogue, "prompt_1", "template", `Say {${name}}`, name, source);
    expect(wires(written)).toEqual(["chat_input_1 text prompt_1 text"]);
    expect(variableFor(written, "prompt_1", "Say {text}", source, "Chat input")).toBe("text");
  });
});

describe("remarks", () => {
  it("name the node and the field", () => {
    const document = setField(row("chat_model"), catalogue, "chat_model_1", "temperature", 5);
    expect(remarksOf(document, catalogue)).toMatchObject([
      {
        code: "bad_setting",
        node: "chat_model_1",
        field: "temperature",
        message: "At most {limit}.",
        values: { limit: 2 },
      },
      { code: "missing_input", node: "chat_model_1" },
    ]);
  });

  it("keep a node of an unknown kind, with its wires", () => {
    const strange = {
      ...chat,
      graph: {
        ...chat.graph,
        nodes: { ...chat.graph.nodes, chat_model_1: { kind: "future", settings: { a: 1 } } },
      },
    };
    expect(remarksOf(strange, catalogue).map((remark) => remark.code)).toEqual(["unknown_kind"]);
    expect(shownPorts(strange, catalogue, "chat_model_1")).toMatchObject({
      inputs: [{ name: "messages" }],
      outputs: [{ name: "output" }],
    });
  });

  it("read the field off the compiler's pointer", () => {
    const finding = {
      level: "error",
      code: "x",
      node_id: "a",
      path: "/graph/nodes/a/settings/te~1xt/0",
      message: "m",
    } as const;
    expect(remarkOfFinding(finding)).toMatchObject({ node: "a", field: "te/xt" });
  });

  it("call a setting as its form does, a part of it too", () => {
    const rows = { type: "array", items: { $ref: "#/$defs/Row" } };
    const kind = {
      ...kindOf(catalogue, "prompt"),
      settings_schema: {
        properties: { cases: { ...rows, title: "Cases" } },
        $defs: { Row: { properties: { name: { type: "string", title: "Name" } } } },
      },
    } as unknown as Kind;
    const path = "/graph/nodes/a/settings/cases/1/name";
    const said = (message: string) =>
      remarkWords(remarkOfFinding({ level: "error", code: "x", node_id: "a", path, message }, kind)).message;
    expect(said("“cases.1.name”: Input should be a valid string.")).toBe(
      "“Cases › 2 › Name”: Input should be a valid string.",
    );
    expect(said("“name” is missing.")).toBe("“Cases › 2 › Name” is missing.");
  });
});

describe("differences", () => {
  it("are told in words", () => {
    const after = setField(
      removeNodes(chat, catalogue, ["chat_output_1"]),
      catalogue,
      "chat_model_1",
      "model",
      "other/model",
    );
    expect(differences(chat, after, catalogue)).toEqual([
      { change: "removed", what: "node", id: "chat_output_1", title: "chat_output", details: [] },
      {
        change: "changed",
        what: "node",
        id: "chat_model_1",
        title: "chat_model",
        details: [{ name: "model", title: "model", before: "", after: "other/model" }],
      },
      {
        change: "removed",
        what: "wire",
        id: "chat_output_1",
        title: "chat_model · output → chat_output · text",
        details: [],
      },
    ]);
  });
});

describe("arrows", () => {
  it("follow the wires, else the eye", () => {
    expect(neighbour(chat, "chat_input_1", "right")).toBe("chat_model_1");
    expect(neighbour(chat, "chat_output_1", "left")).toBe("chat_model_1");
    expect(neighbour(chat, "chat_input_1", "left")).toBeNull();
  });
});
