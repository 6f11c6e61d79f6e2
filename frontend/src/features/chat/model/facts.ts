/** What a chat reads in a flow's document: how it greets, what it suggests, and which nodes speak. */

export interface ChatFacts {
  greeting: string;
  suggestions: string[];
  /** The flow takes chat messages at all. */
  listens: boolean;
  /** Ids of the chat output nodes. */
  speakers: string[];
  /** Title by node id, for saying what is under way. */
  titles: Record<string, string>;
}

interface Node {
  kind?: string;
  title?: string;
  settings?: Record<string, unknown>;
  body?: { nodes?: Record<string, Node> };
  disabled?: boolean;
}

export function chatFacts(document: unknown): ChatFacts {
  const facts: ChatFacts = { greeting: "", suggestions: [], listens: false, speakers: [], titles: {} };
  const graph = (document as { graph?: { nodes?: Record<string, Node> } } | null | undefined)?.graph;
  read(graph?.nodes ?? {}, facts);
  return facts;
}

function read(nodes: Record<string, Node>, facts: ChatFacts): void {
  for (const [id, node] of Object.entries(nodes)) {
    if (node.disabled) continue;
    if (node.title) facts.titles[id] = node.title;
    if (node.kind === "chat_output") facts.speakers.push(id);
    if (node.kind === "chat_input") {
      const { greeting, suggestions } = node.settings ?? {};
      facts.listens = true;
      if (typeof greeting === "string") facts.greeting = greeting;
      if (Array.isArray(suggestions))
        facts.suggestions = suggestions.filter((one) => typeof one === "string" && one);
    }
    if (node.body?.nodes) read(node.body.nodes, facts);
  }
}
