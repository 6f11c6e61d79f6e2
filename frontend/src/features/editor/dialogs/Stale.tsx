import { Button, Modal, Skeleton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "@/shared/api";
import { t, tn } from "@/shared/i18n";
import { formatTime } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import { copyFlow, getDraft } from "../api";
import { nodeAt } from "../model/document";
import { kindOf } from "../model/kinds";
import type { Conflict } from "../model/merge";
import { partTitle, partValue } from "../model/partTitle";
import type { Kind } from "../model/types";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { dropKept } from "../store/device";
import { nodeTitle } from "../store/gestures";
import styles from "./dialogs.module.css";

/** Both changed the same: nothing is overwritten until the person has chosen. All else is joined by itself. */
export default function Stale({ close }: { close(): void }) {
  const { store, autosave, open } = useSession();
  const flowId = useEditor((state) => state.flowId);
  const name = useEditor((state) => state.name);
  const save = useEditor((state) => state.save);
  const mine = useEditor((state) => state.history.present);
  const catalogue = useEditor((state) => state.catalogue);
  const [working, setWorking] = useState(false);
  const theirs = useQuery({
    queryKey: ["editor", flowId, "theirs", save],
    queryFn: () => getDraft(flowId),
    staleTime: 0,
  });
  const at = theirs.data?.saved_at ?? (save.is === "stale" ? save.at : null);
  const by = save.is === "stale" ? save.by : null;
  const conflicts = theirs.data ? autosave.conflicts(theirs.data) : [];
  const kindAt = (id: string) => kindOf(catalogue, nodeAt(mine, id)?.kind ?? "");

  const join = (prefer: "mine" | "theirs") => {
    if (!theirs.data) return;
    autosave.join(theirs.data, prefer);
    close();
  };
  const keepAsCopy = async () => {
    if (!theirs.data) return;
    setWorking(true);
    try {
      const copy = await copyFlow(flowId, t("{name} (my changes)", { name }), mine);
      store.getState().load(theirs.data.document, theirs.data.findings);
      autosave.rebase(theirs.data);
      dropKept(flowId);
      close();
      open(`/flows/${copy.id}`);
    } catch (thrown) {
      setWorking(false);
      const error = asApiError(thrown);
      notifications.show({ color: "red", title: error.words, message: error.advice });
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
            )}{" "}
        {tn(
          conflicts.length,
          "Both of you changed {n} thing; all else is joined.",
          "Both of you changed {n} things; all else is joined.",
        )}
      </p>
      {theirs.isError && <Problem error={theirs.error} />}
      {theirs.isPending && <Skeleton height={96} radius="md" role="status" aria-label={t("Loading")} />}
      <ul className={styles.differences}>
        {conflicts.map((conflict) => (
          <li key={`${conflict.node}/${conflict.field}`} data-change="changed">
            <strong>{nodeTitle(store, conflict.node)}</strong>
            <div className={styles.detail}>
              {conflict.field && <strong>{partTitle(kindAt(conflict.node), conflict.field)}</strong>}
              <span className={styles.side}>{t("Theirs")}</span>
              <del>{sideText(conflict, "theirs", kindAt(conflict.node))}</del>
              <span className={styles.side}>{t("Mine")}</span>
              <ins>{sideText(conflict, "mine", kindAt(conflict.node))}</ins>
            </div>
          </li>
        ))}
      </ul>
      <div className={styles.answers}>
        <Button variant="subtle" loading={working} disabled={!theirs.data} onClick={keepAsCopy}>
          {t("Keep mine as a copy")}
        </Button>
        <Button variant="default" disabled={!theirs.data} onClick={() => join("theirs")}>
          {t("Take theirs there")}
        </Button>
        <Button data-autofocus disabled={!theirs.data} onClick={() => join("mine")}>
          {t("Keep mine there")}
        </Button>
      </div>
    </Modal>
  );
}

function sideText(conflict: Conflict, side: "mine" | "theirs", kind: Kind | undefined): string {
  const value = conflict[side];
  if (conflict.field === null) return value === undefined ? t("Deleted") : t("Changed");
  if (value === undefined) return t("Back to the default");
  return partValue(kind, conflict.field, value);
}
