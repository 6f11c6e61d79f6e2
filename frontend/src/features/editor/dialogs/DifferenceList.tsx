import { msg, t } from "@/shared/i18n";
import { type Difference, differences } from "../model/differences";
import type { FlowDocument } from "../model/types";
import { useEditor } from "../store/context";
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

/** Two states of a flow in words; settings with their text before and after. */
export function DifferenceList({ before, after }: { before: FlowDocument; after: FlowDocument }) {
  const catalogue = useEditor((state) => state.catalogue);
  const found = differences(before, after, catalogue);
  if (found.length === 0) return <p className={styles.lead}>{t("They are the same.")}</p>;
  return (
    <ul className={styles.differences}>
      {found.map(({ change, what, title, details }) => (
        <li key={`${change}/${what}/${title}`} data-change={change}>
          <span className={styles.change}>{t(WORDS[what][change])}</span>
          <span>{title}</span>
          {details.map(({ name, before: was, after: is }) => (
            <div key={name} className={styles.detail}>
              <code>{name}</code>
              {was !== "" && <del>{was}</del>}
              {is !== "" && <ins>{is}</ins>}
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}
