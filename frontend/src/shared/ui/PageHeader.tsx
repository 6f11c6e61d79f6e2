import type { ReactNode } from "react";
import classes from "./PageHeader.module.css";

interface Props {
  title: ReactNode;
  /** One line under the title. */
  about?: ReactNode;
  /** Where the page belongs, as a link above the title. */
  above?: ReactNode;
  actions?: ReactNode;
}

export function PageHeader({ title, about, above, actions }: Props) {
  return (
    <header className={classes.header}>
      <div className={classes.words}>
        {above ? <div className={classes.above}>{above}</div> : null}
        <h1 className={classes.title}>{title}</h1>
        {about ? <p className={classes.about}>{about}</p> : null}
      </div>
      {actions ? <div className={classes.actions}>{actions}</div> : null}
    </header>
  );
}
