import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { ChatPanel } from "@/features/chat";
import { t } from "@/shared/i18n";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { InputForm } from "./InputForm";
import styles from "./side.module.css";

/** Beside the canvas: the chat with the draft, or the form of its inputs. */
export function SidePanel() {
  const { store, autosave } = useSession();
  const side = useEditor((state) => state.side);
  if (side === null) return null;
  return (
    <aside className={styles.side} data-side={side} aria-label={side === "chat" ? t("Chat") : t("Run")}>
      <header className={styles.head}>
        <h2>{side === "chat" ? t("Chat with the draft") : t("Run")}</h2>
        <ActionIcon aria-label={t("Close")} title={t("Close")} onClick={() => store.setState({ side: null })}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </header>
      <div className={styles.content}>
        {side === "chat" ? (
          <ChatPanel
            flowId={store.getState().flowId}
            version="draft"
            getDocument={() => store.getState().history.present}
            beforeSend={() => autosave.flush()}
            onRun={(runId) => store.setState({ runId, lastRunId: runId })}
          />
        ) : (
          <InputForm />
        )}
      </div>
    </aside>
  );
}
