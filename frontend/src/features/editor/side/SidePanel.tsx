import { ActionIcon } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { ChatPanel } from "@/features/chat";
import { FlowPlace } from "@/features/compute";
import { ApiPanel } from "@/features/exports";
import { msg, t } from "@/shared/i18n";
import { NodesInSight } from "@/shared/ui";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { nodeTitle } from "../store/gestures";
import { goTo } from "../store/walking";
import { CodePanel } from "./CodePanel";
import { InputForm } from "./InputForm";
import styles from "./side.module.css";

const titles = {
  chat: { label: msg("Chat"), heading: msg("Chat with the draft") },
  form: { label: msg("Run"), heading: msg("Run") },
  api: { label: msg("API"), heading: msg("Call it from a program") },
  code: { label: msg("Code"), heading: msg("The draft as Python") },
};

/** Beside the canvas: the chat with the draft, the form of its inputs, or its code. */
export function SidePanel() {
  const session = useSession();
  const { store, autosave } = session;
  const side = useEditor((state) => state.side);
  const savedAt = useEditor(({ save }) => (save.is === "saved" ? (save.at?.getTime() ?? null) : null));
  if (side === null) return null;
  const sight = {
    titleOf: (id: string) => nodeTitle(store, id),
    go: (id: string, field: string | null) => {
      goTo(session, id);
      store.getState().inspect(id, "settings", field);
    },
  };
  return (
    <aside className={styles.side} data-side={side} aria-label={t(titles[side].label)}>
      <header className={styles.head}>
        <h2>{t(titles[side].heading)}</h2>
        <ActionIcon aria-label={t("Close")} title={t("Close")} onClick={() => store.setState({ side: null })}>
          <IconX size={18} aria-hidden />
        </ActionIcon>
      </header>
      {side === "chat" && <FlowPlace flowId={store.getState().flowId} />}
      <div className={styles.content}>
        <NodesInSight.Provider value={sight}>
          {side === "chat" ? (
            <ChatPanel
              flowId={store.getState().flowId}
              version="draft"
              getDocument={() => store.getState().history.present}
              beforeSend={() => autosave.flush()}
              onRun={(runId) =>
                store.setState({
                  runId,
                  lastRunId: runId,
                  runInChat: true,
                  ranWith: store.getState().history.present,
                })
              }
            />
          ) : side === "form" ? (
            <InputForm />
          ) : side === "api" ? (
            <ApiPanel flowId={store.getState().flowId} savedAt={savedAt} />
          ) : (
            <CodePanel />
          )}
        </NodesInSight.Provider>
      </div>
    </aside>
  );
}
