import { useState } from "react";

/**
 * The conversation of a visitor, remembered in this browser: its id is all that leads back to it. In a frame the
 * browser may keep nothing; then it lasts as long as the page.
 */
export function useGuestSession(code: string): [string | null, (id: string | null) => void] {
  const key = `flowloft.visit.${code}`;
  const [chosen, setChosen] = useState(() => kept((store) => store.getItem(key)));
  const choose = (id: string | null) => {
    setChosen(id);
    kept((store) => (id ? store.setItem(key, id) : store.removeItem(key)));
  };
  return [chosen ?? null, choose];
}

function kept<Value>(use: (store: Storage) => Value): Value | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined; // Browsers throw where a frame may keep nothing.
  }
}
