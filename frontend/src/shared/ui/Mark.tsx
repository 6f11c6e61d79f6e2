import type { Icon as TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Mark.module.css";

export interface Sign {
  tone: "quiet" | "spark" | "good" | "bad";
  Icon: TablerIcon;
  /** Something goes on. */
  turns?: boolean;
}

interface Props extends Sign {
  label: string;
  /** Without words the label is read to those who don't see it. */
  words?: boolean;
  size?: number;
  children?: ReactNode;
}

/** Where something stands: a sign, a colour and a word, so that none of them has to carry it alone. */
export function Mark({ tone, Icon, turns, label, words = true, size = 16, children }: Props) {
  return (
    <span className={classes.mark} data-tone={tone} title={words ? undefined : label}>
      <Icon size={size} aria-hidden className={turns ? classes.turns : undefined} />
      <span className={words ? undefined : "visually-hidden"}>{label}</span>
      {children}
    </span>
  );
}
