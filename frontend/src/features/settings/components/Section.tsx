import type { ReactNode } from "react";
import classes from "./Settings.module.css";

export function Section({ title, about, children }: { title: string; about: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2>{title}</h2>
      <p>{about}</p>
      {children}
    </section>
  );
}
