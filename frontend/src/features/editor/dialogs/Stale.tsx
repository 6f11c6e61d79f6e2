import { Button, Loader, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatTime } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import { copyFlow, getDraft } from "../api";
import { settle } from "../model/geometry";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { dropKept } from "../store/device";
import { DifferenceList } from "./DifferenceList";
import styles from "./dialogs.module.css";

/** Somebody else saved this draft meanwhile: nothing is overwritten until the person has chosen. */
export default function Stale({ close }: { close(): void }) {
  const { store, autosave, open } = useSession();
  const flowId = useEditor((state) => state.flowId);
  const name = useEditor((state) => state.name);
  const save = useEditor((state) => state.save);
  const mine = useEditor((state) => state.history.present);
  const catalogue = useEditor((state) => state.catalogue);
  const [comparing, compare] = useState(false);
  const [working, setWorking] = useState(false);
  const theirs = useQuery({
    queryKey: ["editor", flowId, "theirs", save],
    queryFn: () => getDraft(flowId),
    staleTime: 0,
  });
  const at = theirs.data?.saved_at ?? (save.is === "stale" ? save.at : null);
  const by = save.is === "stale" ? save.by : null;

  const reload = () => {
    if (!theirs.data) return;
    store.getState().load(theirs.data.document, theirs.data.findings);
    autosave.rebase(theirs.data);
    close();
  };
  const keepAsCopy = async () => {
    setWorking(true);
    try {
      const copy = await copyFlow(flowId, t("{name} (my changes)", { name }), mine);
      reload();
      dropKept(flowId);
      open(`/flows/${copy.id}`);
    } catch (thrown) {
      setWorking(false);
      const error = asApiError(thrown);
      notifications.show({ color: "red", title: error.words, message: error.hint });
    }
  };
  return (
    <Modal opened onClose={close} title={t("This flow was changed elsewhere")} size="lg">
      <p className={styles.lead}>
        {by && at
          ? t(
              "{person} saved it at {time}, after you opened it. Your changes are kept on this device and nothing was overwritten.",
              { person: by, time: formatTime(at) },
            )
          : t(
              "It was saved in another window after you opened it. Your changes are kept on this device and nothing was overwritten.",
            )}
      </p>
      {theirs.isError && <Problem error={theirs.error} />}
      {comparing &&
        (theirs.data ? (
          <section className={styles.compare}>
            <h3>{t("From the saved state to yours")}</h3>
            <DifferenceList before={settle(theirs.data.document, catalogue)} after={mine} />
          </section>
        ) : (
          <Loader size="sm" aria-label={t("Loading")} />
        ))}
      <div className={styles.answers}>
        <Button variant="subtle" onClick={() => compare(!comparing)}>
          {comparing ? t("Hide the differences") : t("Compare")}
        </Button>
        <Button variant="default" loading={theirs.isPending} onClick={reload}>
          {t("Load the saved state")}
        </Button>
        <Button data-autofocus loading={working} disabled={!theirs.data} onClick={keepAsCopy}>
          {t("Keep mine as a copy")}
        </Button>
      </div>
    </Modal>
  );
}
