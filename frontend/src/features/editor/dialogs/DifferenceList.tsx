import { useEffect, useRef } from "react";
import { msg, t } from "@/shared/i18n";
import { TextDiff } from "@/shared/ui";
import type { Difference } from "../model/differences";
import styles from "./dialogs.module.css";

const WORDS: Record<Difference["what"], Record<Difference["change"], string>> = {
  node: {
    added: msg("Node added"),
    removed: msg("Node removed"),
    changed: msg("Node changed"),
    moved: msg("Node moved"),
  },
  wire: {
    added: msg("Wire added"),
    removed: msg("Wire removed"),
    changed: msg("Wire changed"),
    moved: msg("Wire moved"),
  },
};

interface Props {
  found: Difference[];
  /** Node to bring into view. */
  chosen: string | null;
}

/** Two states of a flow in words; texts with what went and what came. */
export function DifferenceList({ found, chosen }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    if (chosen === null) return;
    list.current?.querySelector(`[data-node="${CSS.escape(chosen)}"]`)?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  if (found.length === 0) return <p className={styles.lead}>{t("They are the same.")}</p>;
  return (
    <ul ref={list} className={styles.differences}>
      {found.map(({ change, what, id, title, details }) => (
        <li
          key={`${change}/${what}/${id}/${title}`}
          data-change={change}
          data-node={what === "node" ? id : undefined}
          data-chosen={(what === "node" && id === chosen) || undefined}
        >
          <span className={styles.change}>{t(WORDS[what][change])}</span>
          <span>{title}</span>
          {details.map(({ name, title: part, before, after }) => (
            <div key={name} className={styles.detail}>
              <strong>{part}</strong>
              <TextDiff before={before} after={after} />
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}
