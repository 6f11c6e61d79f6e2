const KEPT = "flowloft.reloaded";
const ONCE_IN = 20_000;

/**
 * A page that was open while the studio was updated asks for files that are gone: it loads itself anew.
 * Once only, so that a file that is really missing leads to an error and not to a page that blinks.
 */
export function reloadWhenOutdated(): void {
  window.addEventListener("vite:preloadError", (event) => {
    const last = Number(sessionStorage.getItem(KEPT) ?? 0);
    if (Date.now() - last < ONCE_IN) return;
    sessionStorage.setItem(KEPT, String(Date.now()));
    event.preventDefault();
    window.location.reload();
  });
}
