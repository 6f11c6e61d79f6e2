import type { ReactNode } from "react";
import classes from "./Page.module.css";

/** The margins of a page that scrolls; `narrow` for what is read line by line. */
export function Page({ narrow, children }: { narrow?: boolean; children: ReactNode }) {
  return <div className={narrow ? `${classes.page} ${classes.narrow}` : classes.page}>{children}</div>;
}
