import { type ReactNode, useEffect } from "react";
import { t } from "@/shared/i18n";

/** Names the browser's tab after the page; a page that knows better (a flow's name) sets it itself. */
export function Titled({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${t(title)} · Flowloft`;
  }, [title]);
  return children;
}
