/** Keys that a person chose for commands, kept on this browser. */
import { create } from "zustand";

const KEY = "flowloft.keys";

type Chosen = Record<string, string[]>;

function kept(): Chosen {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "{}") as unknown;
    if (typeof found !== "object" || found === null) return {};
    return Object.fromEntries(
      Object.entries(found).filter(
        ([, keys]) => Array.isArray(keys) && keys.every((chord) => typeof chord === "string"),
      ),
    ) as Chosen;
  } catch {
    return {};
  }
}

export const useBindings = create<{ chosen: Chosen }>(() => ({ chosen: kept() }));

function keep(chosen: Chosen): void {
  useBindings.setState({ chosen });
  try {
    localStorage.setItem(KEY, JSON.stringify(chosen));
  } catch {
    // Storage is full or off: the keys hold until the page is closed.
  }
}

/** `null` takes a command back to the keys it came with. */
export function bind(command: string, keys: string[] | null): void {
  const { [command]: _old, ...rest } = useBindings.getState().chosen;
  keep(keys === null ? rest : { ...rest, [command]: keys });
}

export function unbindAll(): void {
  keep({});
}
