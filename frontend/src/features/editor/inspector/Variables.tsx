import { placeholders } from "../model/ports";
import { InputWires } from "./InputWires";
import styles from "./inspector.module.css";

/** The variables of a text and where each comes from. */
export function Variables({ nodeId, text }: { nodeId: string; text: string }) {
  const names = placeholders(text);
  if (names.length === 0) return null;
  return (
    <ul className={styles.wires}>
      {names.map((name) => (
        <InputWires
          key={name}
          nodeId={nodeId}
          port={name}
          title={`{${name}}`}
          type="text"
          required
          multiple={false}
        />
      ))}
    </ul>
  );
}
