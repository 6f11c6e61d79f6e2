/** How a run of a flow is started: by chat, by a form of its inputs, or at once. */
import type { FlowDocument, FlowNode } from "./types";

const CHAT_INPUT = "chat_input";
const INPUT = "input";

export function hasChat(document: FlowDocument): boolean {
  return Object.values(document.graph.nodes).some((node) => node.kind === CHAT_INPUT && !node.disabled);
}

export interface AskedInput {
  id: string;
  name: string;
  title: string;
  type: string;
  required: boolean;
  description: string;
  standard: unknown;
}

/** What the form of a flow asks for, from top to bottom of the canvas. */
export function inputNodes(document: FlowDocument): AskedInput[] {
  return Object.entries(document.graph.nodes)
    .filter(([, node]) => node.kind === INPUT && !node.disabled)
    .sort(([one], [other]) => (document.ui.positions[one]?.y ?? 0) - (document.ui.positions[other]?.y ?? 0))
    .map(([id, node]) => asked(id, node));
}

function asked(id: string, node: FlowNode): AskedInput {
  const { name, type, required, description } = node.settings;
  const known = typeof name === "string" && name !== "" ? name : "value";
  return {
    id,
    name: known,
    title: node.title ?? known,
    type: typeof type === "string" ? type : "text",
    required: required !== false,
    description: typeof description === "string" ? description : "",
    standard: node.settings.default,
  };
}
