/** The messages of a chat are a tree: what was said otherwise stands beside what was said first. */

interface Line {
  id: string;
  parent: string | null;
}

export interface Placed<M> {
  message: M;
  /** All that was said at this place, oldest first; one of them is `message`. */
  beside: M[];
}

/** The branch in view, oldest first: up from its last message, and down from it to the newest that follows. */
export function branch<M extends Line>(messages: M[], head: string | null | undefined): Placed<M>[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const following = new Map<string | null, M[]>();
  for (const message of messages)
    following.set(message.parent, [...(following.get(message.parent) ?? []), message]);
  let last = (head && byId.get(head)) || messages.at(-1);
  while (last) {
    const next: M | undefined = following.get(last.id)?.at(-1);
    if (!next) break;
    last = next;
  }
  const found: Placed<M>[] = [];
  for (let at = last; at; at = at.parent === null ? undefined : byId.get(at.parent))
    found.unshift({ message: at, beside: following.get(at.parent) ?? [at] });
  return found;
}

/** The last message of the branch that goes through a message: the newest. */
export function leaf<M extends Line>(messages: M[], id: string): string {
  let last = id;
  for (const message of messages) if (message.parent === last) last = message.id;
  return last;
}
