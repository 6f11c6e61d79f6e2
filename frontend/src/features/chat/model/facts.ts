/** What a chat reads in a flow's document: how it greets, what it suggests, and which nodes speak. */

export type Takes = "none" | "pictures" | "documents" | "all";

export interface ChatFacts {
  greeting: string;
  suggestions: string[];
  /** The flow takes chat messages at all. */
  listens: boolean;
  /** What may be attached to a message. */
  takes: Takes;
  /** Chat output nodes by id, each with the nodes whose words it shows. */
  speakers: Record<string, string[]>;
  /** Title by node id, for saying what is under way. */
  titles: Record<string, string>;
}

interface Node {
  kind?: string;
  title?: string;
  settings?: Record<string, unknown>;
  body?: Graph;
  disabled?: boolean;
}

interface Graph {
  nodes?: Record<string, Node>;
  edges?: Record<string, { source?: string; target?: string; target_port?: string }>;
}

const TAKES: unknown[] = ["pictures", "documents", "all"];

export function chatFacts(document: unknown): ChatFacts {
  const facts: ChatFacts = {
    greeting: "",
    suggestions: [],
    listens: false,
    takes: "none",
    speakers: {},
    titles: {},
  };
  read((document as { graph?: Graph } | null | undefined)?.graph ?? {}, facts);
  return facts;
}

function read(graph: Graph, facts: ChatFacts): void {
  for (const [id, node] of Object.entries(graph.nodes ?? {})) {
    if (node.disabled) continue;
    if (node.title) facts.titles[id] = node.title;
    if (node.kind === "chat_output") {
      const edges = Object.values(graph.edges ?? {});
      const into = edges.filter((edge) => edge.target === id && edge.target_port === "text");
      facts.speakers[id] = into.flatMap((edge) => edge.source ?? []);
    }
    if (node.kind === "chat_input") {
      const { greeting, suggestions, files } = node.settings ?? {};
      facts.listens = true;
      if (TAKES.includes(files)) facts.takes = files as Takes;
      if (typeof greeting === "string") facts.greeting = greeting;
      if (Array.isArray(suggestions))
        facts.suggestions = suggestions.filter((one) => typeof one === "string" && one);
    }
    if (node.body) read(node.body, facts);
  }
}
