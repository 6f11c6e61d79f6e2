/** Looking a kind up. */
import type { Catalogue, Kind } from "./types";

const kindMaps = new WeakMap<Catalogue, Map<string, Kind>>();

export function kindOf(catalogue: Catalogue, key: string): Kind | undefined {
  let map = kindMaps.get(catalogue);
  if (!map) {
    map = new Map(catalogue.kinds.map((kind) => [kind.key, kind]));
    kindMaps.set(catalogue, map);
  }
  return map.get(key);
}
