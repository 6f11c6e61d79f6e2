/** The ports a node has under its settings, and which of them may be wired together. */
import { indexOf } from "./document";
import { kindOf } from "./kinds";
import { type Field, fieldsOf, valueIn } from "./schema";
import { agentOf } from "./tools";
import type { Catalogue, FlowDocument, FlowNode, Kind, Port } from "./types";

export { kindOf } from "./kinds";

export type Side = "input" | "output";

export interface Ports {
  inputs: Port[];
  outputs: Port[];
}

export const ERROR_PORT = "error";

/** A literal brace pair, or a name in braces: the same rule as the runtime's. */
const PLACEHOLDER = /\{\{|\}\}|\{([^{}\s]+)\}/gu;
const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

export interface Placeholder {
  name: string;
  start: number;
  end: number;
}

export function placeholdersAt(template: string): Placeholder[] {
  const found: Placeholder[] = [];
  for (const match of template.matchAll(PLACEHOLDER)) {
    const name = match[1];
    if (name !== undefined && NAME.test(name)) {
      found.push({ name, start: match.index, end: match.index + match[0].length });
    }
  }
  return found;
}

export function placeholders(template: string): string[] {
  return [...new Set(placeholdersAt(template).map((found) => found.name))];
}

export function isName(text: string): boolean {
  return NAME.test(text);
}

/** The text of a kind that may name values, each of which is a port then. */
export function variableField(kind: Kind): Field | undefined {
  return fieldsOf(kind).find(
    ({ schema }) => schema["x-inputs"] === "placeholders" && schema["x-widget"] === "template",
  );
}

const portsByNode = new WeakMap<FlowNode, { kind: Kind; ports: Ports }>();

export function portsOf(node: FlowNode, kind: Kind | undefined): Ports {
  if (!kind) return { inputs: [], outputs: [] };
  const known = portsByNode.get(node);
  if (known?.kind === kind) return known.ports;
  const ports = {
    inputs: [
      ...kind.inputs,
      ...declared(node, kind, "x-inputs", "any"),
      ...(kind.wireable ?? []).filter((port) => node.wired?.includes(port.name)),
    ],
    outputs: [
      ...declared(node, kind, "x-outputs", kind.declared_type ?? kind.outputs[0]?.type ?? "any"),
      ...kind.outputs,
    ],
  };
  if (node.policy?.on_error === "branch") ports.outputs.push(plainPort(ERROR_PORT, "record"));
  portsByNode.set(node, { kind, ports });
  return ports;
}

function declared(node: FlowNode, kind: Kind, marker: "x-inputs" | "x-outputs", type: string): Port[] {
  const ports = new Map<string, Port>();
  for (const field of fieldsOf(kind)) {
    const how = field.schema[marker];
    if (!how) continue;
    const value = valueIn(field, node.settings);
    if (how === "placeholders") {
      for (const name of textsIn(value).flatMap(placeholders)) ports.set(name, plainPort(name, "text"));
    } else if (Array.isArray(value)) {
      for (const item of value) {
        const port = declaredPort(item, type);
        if (port) ports.set(port.name, port);
      }
    }
  }
  return [...ports.values()];
}

/** A text that may name values, or the texts of a list of records. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return [];
  return value
    .flatMap((item) => Object.values((item ?? {}) as Record<string, unknown>))
    .filter((text) => typeof text === "string");
}

/** A name, or a record with one; where the record says more (a saved flow's inputs do), it counts. */
function declaredPort(item: unknown, type: string): Port | null {
  const said = (typeof item === "string" ? { name: item } : (item ?? {})) as Record<string, unknown>;
  if (typeof said.name !== "string" || said.name === "") return null;
  return {
    ...plainPort(said.name, typeof said.type === "string" ? said.type : type),
    required: said.required !== false,
  };
}

function plainPort(name: string, type: string): Port {
  return { name, title: name, type, required: true, multiple: false, streams: false, own: true };
}

export interface ShownPorts extends Ports {
  /** Ports that wires use and the node does not have (any more). */
  lost: Set<string>;
}

/** The ports to draw: also those that only wires still name, so that no wire ends in the air. */
export function shownPorts(document: FlowDocument, catalogue: Catalogue, id: string): ShownPorts {
  const index = indexOf(document);
  const placed = index.nodes.get(id);
  if (!placed) return { inputs: [], outputs: [], lost: new Set() };
  const ports = agentOf(document, catalogue, id)
    ? { inputs: [], outputs: [] }
    : portsOf(placed.node, kindOf(catalogue, placed.node.kind));
  const lost = new Set<string>();
  const add = (list: Port[], side: Side, names: string[]): Port[] => {
    const have = new Set(list.map((port) => port.name));
    const extra = [...new Set(names)].filter((name) => !have.has(name));
    for (const name of extra) lost.add(`${side}:${name}`);
    return extra.length === 0 ? list : [...list, ...extra.map((name) => plainPort(name, "any"))];
  };
  return {
    inputs: add(
      ports.inputs,
      "input",
      (index.incoming.get(id) ?? []).map((e) => e.edge.target_port),
    ),
    outputs: add(
      ports.outputs,
      "output",
      (index.outgoing.get(id) ?? []).map((e) => e.edge.source_port),
    ),
    lost,
  };
}

export function portNamed(node: FlowNode, catalogue: Catalogue, side: Side, name: string): Port | undefined {
  const ports = portsOf(node, kindOf(catalogue, node.kind));
  return (side === "input" ? ports.inputs : ports.outputs).find((port) => port.name === name);
}

export function typesConnect(catalogue: Catalogue, source: string, target: string): boolean {
  return catalogue.connects[source]?.includes(target) ?? source === target;
}
