import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels from the end that still count as being there. */
const NEAR = 48;

/**
 * Keeps the end of a growing list in sight while the reader is there, and leaves the page alone once they have
 * scrolled up to read.
 */
export function useFollow(
  view: RefObject<HTMLElement | null>,
  inside: RefObject<HTMLElement | null>,
  name: unknown,
) {
  const following = useRef(true);
  const [away, setAway] = useState(false);

  const toEnd = useCallback(
    (behavior: ScrollBehavior = "auto") => {
      const element = view.current;
      following.current = true;
      setAway(false);
      element?.scrollTo({ top: element.scrollHeight, behavior });
    },
    [view],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation begins at its end
  useLayoutEffect(() => toEnd(), [name, toEnd]);

  useEffect(() => {
    const element = view.current;
    const content = inside.current;
    if (!element || !content) return;
    const onScroll = () => {
      following.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
      setAway(!following.current);
    };
    const grown = new ResizeObserver(() => {
      if (following.current) element.scrollTop = element.scrollHeight;
    });
    element.addEventListener("scroll", onScroll, { passive: true });
    grown.observe(content);
    grown.observe(element);
    return () => {
      element.removeEventListener("scroll", onScroll);
      grown.disconnect();
    };
  }, [view, inside]);

  return { away, toEnd };
}
