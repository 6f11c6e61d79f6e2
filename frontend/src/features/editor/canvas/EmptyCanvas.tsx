import { Button } from "@mantine/core";
import { IconMessageCircle, IconPlus } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { Empty } from "@/shared/ui";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { beginWithChat } from "../store/starters";
import styles from "./canvas.module.css";

/** What an empty canvas says: the first step, and the ways to take it. */
export function EmptyCanvas() {
  const session = useSession();
  const empty = useEditor((state) => state.nodes.length === 0);
  if (!empty) return null;
  const begin = () => {
    beginWithChat(session.store);
    requestAnimationFrame(() => void session.flow.fitView({ maxZoom: 1, padding: 0.2 }));
  };
  return (
    <div className={styles.empty}>
      <Empty
        title={t("Where does it begin?")}
        action={
          <div className={styles.first}>
            <Button leftSection={<IconMessageCircle size={17} aria-hidden />} onClick={begin}>
              {t("Begin with a chat")}
            </Button>
            <Button
              variant="default"
              leftSection={<IconPlus size={17} aria-hidden />}
              onClick={() => session.askToAdd()}
            >
              {t("Add a node")}
            </Button>
          </div>
        }
      >
        {t(
          "Drag a node from the list at the left or double-click here, then draw a wire from its right side to the next. A flow file can be dropped here, too.",
        )}
      </Empty>
    </div>
  );
}
