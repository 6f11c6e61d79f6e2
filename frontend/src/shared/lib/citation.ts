/** Where a part of an answer is from, as the output `citations` of a run has it (`core/knowledge.py`). */
export interface Citation {
  number: number;
  knowledge: string;
  document_id: string;
  chunk_id: string;
  title: string;
  /** The passage, at most 600 characters. */
  quote: string;
  score: number | null;
  heading_path: string[];
  places: { page: number | null; start: number; end: number }[];
}

const BUNDLED = "bundled:";

/**
 * Where a citation leads: a path of the studio, which opens the document at its passage, or a web address;
 * null where its document is in neither. `web` says that it leads out of the studio.
 */
export function citationLink(citation: Citation): { to: string; web: boolean } | null {
  const { knowledge, document_id: id, chunk_id: chunk } = citation;
  if (!id) return null;
  if (!knowledge) return /^https?:\/\//i.test(id) ? { to: id, web: true } : null;
  const base = knowledge.startsWith(BUNDLED)
    ? `bundled/${encodeURIComponent(knowledge.slice(BUNDLED.length))}`
    : encodeURIComponent(knowledge);
  const passage = chunk ? `?chunk=${encodeURIComponent(chunk)}` : "";
  return { to: `/knowledge/${base}/documents/${encodeURIComponent(id)}${passage}`, web: false };
}

/** Reads the output `citations` of a run; what is none is left out. */
export function citationsOf(outputs: Record<string, unknown> | null | undefined): Citation[] {
  const given = outputs?.citations;
  return Array.isArray(given) ? given.filter(isCitation) : [];
}

function isCitation(value: unknown): value is Citation {
  return typeof value === "object" && value !== null && "number" in value && "document_id" in value;
}
