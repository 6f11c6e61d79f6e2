import { Button, Loader, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatTime } from "@/shared/lib/format";
import { Failure } from "@/shared/ui";
import { getVersion, getVersions } from "../api";
import { settle } from "../model/geometry";
import type { FlowDocument } from "../model/types";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { DifferenceList } from "./DifferenceList";
import styles from "./dialogs.module.css";

/** The published versions, newest first: what differs from the draft, and the way back. */
export default function Versions({ close }: { close(): void }) {
  const { store } = useSession();
  const flowId = useEditor((state) => state.flowId);
  const present = useEditor((state) => state.history.present);
  const catalogue = useEditor((state) => state.catalogue);
  const [chosen, choose] = useState<number | null>(null);
  const versions = useQuery({
    queryKey: ["editor", flowId, "versions"],
    queryFn: () => getVersions(flowId),
    staleTime: 0,
  });
  const version = useQuery({
    queryKey: ["editor", flowId, "versions", chosen],
    queryFn: () => getVersion(flowId, chosen ?? 0),
    enabled: chosen !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });

  const restore = (document: FlowDocument) => {
    store.getState().change(t("Restore version {n}", { n: chosen ?? 0 }), () => settle(document, catalogue), {
      select: [],
    });
    notifications.show({
      message: t("Version {n} is in the draft. Ctrl+Z takes it back.", { n: chosen ?? 0 }),
    });
    close();
  };
  return (
    <Modal opened onClose={close} title={t("Versions")} size="xl">
      {versions.isError && (
        <Failure error={asApiError(versions.error)} retry={() => void versions.refetch()} />
      )}
      {versions.isPending && <Loader size="sm" aria-label={t("Loading")} />}
      {versions.data?.length === 0 && (
        <p className={styles.lead}>
          {t("Nothing is published yet. Publish keeps the draft as a version to come back to.")}
        </p>
      )}
      <div className={styles.versions}>
        <ul>
          {versions.data?.map(({ number, message, created_at }) => (
            <li key={number}>
              <button type="button" aria-pressed={number === chosen} onClick={() => choose(number)}>
                <strong>{t("Version {n}", { n: number })}</strong>
                <span>{message || t("No message")}</span>
                <time dateTime={created_at}>{formatTime(created_at)}</time>
              </button>
            </li>
          ))}
        </ul>
        {version.data && chosen !== null && (
          <section aria-live="polite">
            <h3>{t("From the draft to version {n}", { n: chosen })}</h3>
            <DifferenceList before={present} after={settle(version.data, catalogue)} />
            <Button mt="md" onClick={() => restore(version.data)}>
              {t("Restore into the draft")}
            </Button>
          </section>
        )}
      </div>
    </Modal>
  );
}
