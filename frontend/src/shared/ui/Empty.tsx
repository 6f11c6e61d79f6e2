import type { ReactNode } from "react";
import classes from "./Empty.module.css";

interface Props {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** What a list shows before there is anything in it: what it is for, and the way to the first entry. */
export function Empty({ icon, title, children, action }: Props) {
  return (
    <div className={classes.empty}>
      {icon ? <div className={classes.icon}>{icon}</div> : null}
      <h2 className={classes.title}>{title}</h2>
      {children ? <div className={classes.text}>{children}</div> : null}
      {action}
    </div>
  );
}
