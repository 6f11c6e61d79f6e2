/** Nodes inside an agent: each is a tool of its own, without wires. */
import { indexOf } from "./document";
import { kindOf } from "./kinds";
import type { Catalogue, FlowDocument, FlowNode } from "./types";

/** The agent that a node is a tool of; null for any other node. */
export function agentOf(document: FlowDocument, catalogue: Catalogue, id: string): FlowNode | null {
  const index = indexOf(document);
  const scope = index.nodes.get(id)?.scope;
  const owner = scope ? index.nodes.get(scope)?.node : undefined;
  return owner && kindOf(catalogue, owner.kind)?.tools ? owner : null;
}

/** The name that the model calls a tool by: the same rule as the runtime's. */
export function toolName(node: FlowNode, id: string): string {
  const plain = (text: string) => text.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^[_-]+|[_-]+$/g, "");
  return (plain(node.title ?? "") || plain(id) || "tool").slice(0, 64);
}

/** What the model is told of a tool; null where that is what its kind says. */
export function toolSays(agent: FlowNode, node: FlowNode, id: string): string | null {
  const name = toolName(node, id);
  const notes = Array.isArray(agent.settings.notes) ? agent.settings.notes : [];
  const note = (notes as { tool?: unknown; description?: unknown }[]).find((one) => one?.tool === name);
  if (typeof note?.description === "string" && note.description.trim()) return note.description;
  const code = node.settings.code;
  const own = typeof code === "string" ? /\bdef run\([^\n]*\n\s+"""([\s\S]*?)"""/.exec(code)?.[1] : undefined;
  return own?.trim().replace(/\s+/g, " ") || null;
}
