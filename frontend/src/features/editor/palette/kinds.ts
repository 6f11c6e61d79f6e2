/** The kinds a person may add, as groups, narrowed by what they type. */
import { t } from "@/shared/i18n";
import { BODY_INPUT, BODY_OUTPUT } from "../model/nodes";
import type { Catalogue, Kind } from "../model/types";

export interface KindGroup {
  key: string;
  title: string;
  kinds: Kind[];
}

export function kindGroups(
  catalogue: Catalogue,
  search: string,
  fits: (kind: Kind) => boolean = () => true,
): KindGroup[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const kinds = catalogue.kinds.filter(
    (kind) => kind.key !== BODY_INPUT && kind.key !== BODY_OUTPUT && fits(kind) && matches(kind, words),
  );
  return catalogue.groups
    .map((key) => ({ key, title: groupTitle(key), kinds: kinds.filter((kind) => kind.group === key) }))
    .filter((group) => group.kinds.length > 0);
}

function matches(kind: Kind, words: string[]): boolean {
  if (words.length === 0) return true;
  const text = [kind.key, kind.title, t(kind.title), kind.description, t(kind.description), kind.group]
    .join(" ")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

function groupTitle(key: string): string {
  const title = key.charAt(0).toUpperCase() + key.slice(1).replaceAll("_", " ");
  return t(title);
}

/** Best first: a title that begins with what was typed, then the order of the groups. */
export function bestKinds(groups: KindGroup[], search: string): Kind[] {
  const typed = search.trim().toLowerCase();
  const kinds = groups.flatMap((group) => group.kinds);
  if (typed === "") return kinds;
  const rank = (kind: Kind) =>
    t(kind.title).toLowerCase().startsWith(typed) || kind.title.toLowerCase().startsWith(typed) ? 0 : 1;
  return [...kinds].sort((one, other) => rank(one) - rank(other));
}
