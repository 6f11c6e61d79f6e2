import { RunQuestions } from "@/features/runs";
import { t } from "@/shared/i18n";
import { nodeAt } from "../model/document";
import { kindOf } from "../model/ports";
import { useEditor } from "../store/context";
import styles from "./waiting.module.css";

/** Over the canvas while the run on it asks something: the form, the approval, the breakpoint. */
export function Waiting() {
  const runId = useEditor((state) => state.runId);
  const document = useEditor((state) => state.history.present);
  const catalogue = useEditor((state) => state.catalogue);
  const asked = useEditor((state) => state.runInChat && state.side === "chat");
  if (!runId || asked) return null;
  const titleOf = (id: string) => {
    const node = nodeAt(document, id);
    return node?.title || t(kindOf(catalogue, node?.kind ?? "")?.title ?? id);
  };
  return (
    <div className={styles.waiting}>
      <RunQuestions runId={runId} titleOf={titleOf} />
    </div>
  );
}
