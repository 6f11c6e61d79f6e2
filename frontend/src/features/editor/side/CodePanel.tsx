import { ActionIcon, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { t } from "@/shared/i18n";
import { CopyButton, Failure } from "@/shared/ui";
import { getFile } from "../api";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { exportFlow } from "../store/wholeFlow";
import styles from "./side.module.css";

const CodeView = lazy(() => import("../code/CodeView"));

/** The saved draft as Python; each save brings it up to date. */
export function CodePanel() {
  const session = useSession();
  const { flowId } = session.store.getState();
  const savedAt = useEditor(({ save }) => (save.is === "saved" ? (save.at?.getTime() ?? 0) : null));
  const source = useQuery({
    queryKey: ["editor", flowId, "code", savedAt],
    queryFn: ({ signal }) => getFile(flowId, "python", signal),
    // While a change is on its way to the server, what was saved last stays on show.
    enabled: savedAt !== null,
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  if (source.isError) return <Failure error={source.error} retry={() => void source.refetch()} />;
  const text = source.data?.text ?? "";
  return (
    <div className={styles.source}>
      <div className={styles.sourceBar}>
        <span className={styles.hint}>{t("To read and to copy; changes are made on the canvas.")}</span>
        <CopyButton text={() => text} />
        <Tooltip label={t("Export as Python")}>
          <ActionIcon
            size="sm"
            aria-label={t("Export as Python")}
            onClick={() => void exportFlow(session, "python")}
          >
            <IconDownload size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <Suspense fallback={null}>
        <CodeView label={t("The draft as Python")} text={text} />
      </Suspense>
    </div>
  );
}
