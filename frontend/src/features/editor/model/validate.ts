/** What the page can say about a draft at once; the compiler's findings come with each save. */
import { edgeKey, graphAt, indexOf, type PlacedNode } from "./document";
import { BODY_INPUT, BODY_OUTPUT, NOTE } from "./nodes";
import { kindOf, portsOf, typesConnect } from "./ports";
import { fieldsOf, isVisible, titlesOf, type Wrong, wrongWith } from "./schema";
import { agentOf } from "./tools";
import type { Catalogue, Finding, FlowDocument, Kind, Level, Port } from "./types";

export interface Remark {
  level: Level;
  code: string;
  /** Node to jump to; null where the whole flow is meant. */
  node: string | null;
  field?: string;
  /** The steps to the setting as the compiler writes them, and as its form calls them. */
  setting?: { steps: string[]; titles: string[] };
  edge?: string;
  /** What `{port}` stands for. */
  port?: Port;
  /** English sentence with {placeholders}. */
  message: string;
  values?: Record<string, string | number>;
  hint?: string;
  /** Said by the compiler, in words that are made already. */
  compiled?: boolean;
}

export function remarksOf(document: FlowDocument, catalogue: Catalogue): Remark[] {
  const remarks: Remark[] = [];
  for (const placed of indexOf(document).nodes.values()) {
    const kind = kindOf(catalogue, placed.node.kind);
    if (!kind) {
      remarks.push({
        level: "error",
        code: "unknown_kind",
        node: placed.id,
        message: "This version of Flowloft has no kind “{kind}”.",
        values: { kind: placed.node.kind },
        hint: "The node is kept as it is. Replace it, or open the flow in a version that has it.",
      });
      continue;
    }
    if (placed.node.disabled || placed.node.kind === NOTE) continue;
    fieldRemarks(placed, kind, remarks);
    inputRemarks(document, catalogue, placed, kind, remarks);
  }
  edgeRemarks(document, catalogue, remarks);
  if (indexOf(document).nodes.size === 0) {
    remarks.push({
      level: "warning",
      code: "empty_flow",
      node: null,
      message: "There is no node in this flow yet.",
      hint: "Add one from the list at the left.",
    });
  }
  return remarks;
}

function fieldRemarks(placed: PlacedNode, kind: Kind, remarks: Remark[]): void {
  const fields = fieldsOf(kind);
  for (const field of fields) {
    if (!isVisible(field, fields, placed.node.settings)) continue;
    const wrong = wrongWith(field, placed.node.settings);
    if (!wrong) continue;
    remarks.push({
      level: "error",
      code: wrong.code === "required" ? "missing_setting" : "bad_setting",
      node: placed.id,
      field: field.name,
      ...said(wrong),
    });
  }
}

function said(wrong: Wrong): { message: string; values?: Record<string, string | number> } {
  return wrong.values ? { message: wrong.message, values: wrong.values } : { message: wrong.message };
}

function inputRemarks(
  document: FlowDocument,
  catalogue: Catalogue,
  placed: PlacedNode,
  kind: Kind,
  remarks: Remark[],
): void {
  const wired = new Set((indexOf(document).incoming.get(placed.id) ?? []).map((one) => one.edge.target_port));
  // What a tool takes comes from the model.
  const needed = agentOf(document, catalogue, placed.id) ? [] : portsOf(placed.node, kind).inputs;
  for (const port of needed) {
    if (!port.required || wired.has(port.name)) continue;
    remarks.push({
      level: "error",
      code: "missing_input",
      node: placed.id,
      message: "Input “{port}” needs a wire.",
      port,
      hint: "Draw a wire to it from an output to its left.",
    });
  }
  if (kind.body && !kind.tools) bodyRemarks(document, catalogue, placed, remarks);
}

function bodyRemarks(
  document: FlowDocument,
  catalogue: Catalogue,
  placed: PlacedNode,
  remarks: Remark[],
): void {
  const kinds = Object.values(graphAt(document, placed.id).nodes).map((node) => node.kind);
  for (const end of [BODY_INPUT, BODY_OUTPUT]) {
    if (kindOf(catalogue, end) && !kinds.includes(end)) {
      remarks.push({
        level: "error",
        code: "missing_body_end",
        node: placed.id,
        message: "The body lacks its “{end}”.",
        values: { end },
      });
    }
  }
}

function edgeRemarks(document: FlowDocument, catalogue: Catalogue, remarks: Remark[]): void {
  const index = indexOf(document);
  for (const { edge, scope, id } of index.edges.values()) {
    const source = index.nodes.get(edge.source);
    const target = index.nodes.get(edge.target);
    const key = edgeKey(scope, id);
    if (!source || !target) {
      remarks.push({
        level: "error",
        code: "lost_wire",
        node: target?.id ?? source?.id ?? null,
        edge: key,
        message: "A wire leads nowhere.",
        hint: "Delete it.",
      });
      continue;
    }
    const sourceKind = kindOf(catalogue, source.node.kind);
    const targetKind = kindOf(catalogue, target.node.kind);
    if (!sourceKind || !targetKind) continue;
    const from = portsOf(source.node, sourceKind).outputs.find((p) => p.name === edge.source_port);
    const to = portsOf(target.node, targetKind).inputs.find((p) => p.name === edge.target_port);
    if (!from || !to) {
      remarks.push({
        level: "error",
        code: "unknown_port",
        node: from ? target.id : source.id,
        edge: key,
        message: "A wire uses the port “{port}”, which this node does not have.",
        values: { port: from ? edge.target_port : edge.source_port },
        hint: "Delete the wire, or bring the port back.",
      });
    } else if (!typesConnect(catalogue, from.type, to.type)) {
      remarks.push({
        level: "error",
        code: "type_mismatch",
        node: target.id,
        edge: key,
        message: "{source} can't go into “{port}”, which takes {target}.",
        values: { source: from.type, port: to.title, target: to.type },
      });
    }
  }
}

/** The compiler's finding in the form of a remark; the setting is read off its JSON pointer.
 *
 * `kind`, of the node it is about, gives the setting the name that its form shows.
 */
export function remarkOfFinding(finding: Finding, kind?: Kind): Remark {
  const steps = (finding.path ?? "").split("/").map(unescaped);
  const at = steps.lastIndexOf("settings");
  const field = at >= 0 ? steps[at + 1] : undefined;
  return {
    level: finding.level,
    code: finding.code,
    node: finding.node_id,
    message: finding.message,
    compiled: true,
    ...(field ? { field } : {}),
    ...(field && kind
      ? { setting: { steps: steps.slice(at + 1), titles: titlesOf(kind, steps.slice(at + 1)) } }
      : {}),
    ...(finding.hint ? { hint: finding.hint } : {}),
  };
}

function unescaped(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}

/** What the page says, then what only the compiler knows. */
export function joinRemarks(own: Remark[], findings: Remark[]): Remark[] {
  const spoken = new Set(own.map((remark) => `${remark.node}/${remark.field ?? ""}`));
  const errors = new Set(own.filter((r) => r.level === "error").map((remark) => remark.node));
  const rest = findings.filter((finding) => {
    if (finding.field) return !spoken.has(`${finding.node}/${finding.field}`);
    return !(finding.level === "error" && finding.node !== null && errors.has(finding.node));
  });
  const rank = { error: 0, warning: 1, info: 2 };
  return [...own, ...rest].sort((one, other) => rank[one.level] - rank[other.level]);
}

const byNode = new WeakMap<Remark[], Map<string | null, Remark[]>>();
const NONE: Remark[] = [];

/** The remarks about one node, gravest first; looked up by a thousand cards at once. */
export function remarksAt(remarks: Remark[], id: string): Remark[] {
  let map = byNode.get(remarks);
  if (!map) {
    map = new Map();
    for (const remark of remarks) {
      const list = map.get(remark.node);
      if (list) list.push(remark);
      else map.set(remark.node, [remark]);
    }
    byNode.set(remarks, map);
  }
  return map.get(id) ?? NONE;
}
