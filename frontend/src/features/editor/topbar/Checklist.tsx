import { Popover, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import { t, tn } from "@/shared/i18n";
import { remarkWords } from "../inspector/remarkWords";
import type { Remark } from "../model/validate";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { nodeTitle } from "../store/gestures";
import { goTo } from "../store/walking";
import styles from "./topbar.module.css";

/** What is to be put right before the flow runs; a line leads to its node and field. */
export function Checklist() {
  const session = useSession();
  const { store } = session;
  const remarks = useEditor((state) => state.remarks);
  const [open, setOpen] = useState(false);
  const errors = remarks.filter((remark) => remark.level === "error").length;
  const go = (remark: Remark) => {
    setOpen(false);
    if (remark.edge) store.getState().select([], [remark.edge]);
    if (remark.node === null) return;
    goTo(session, remark.node);
    store.getState().inspect(remark.node, "settings", remark.field ?? null);
  };
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-end"
      width={380}
      shadow="lg"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <UnstyledButton
          className={styles.check}
          data-tone={errors > 0 ? "bad" : remarks.length > 0 ? "spark" : "good"}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {remarks.length === 0 ? (
            <IconCircleCheck size={17} aria-hidden />
          ) : (
            <IconAlertTriangle size={17} aria-hidden />
          )}
          {remarks.length === 0 ? t("Ready") : tn(remarks.length, "{n} remark", "{n} remarks")}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={styles.checklist}>
        <h2>
          {errors > 0 ? tn(errors, "{n} thing to put right", "{n} things to put right") : t("Ready to run")}
        </h2>
        {remarks.length === 0 && <p>{t("Nothing stands in the way of a run.")}</p>}
        <ul>
          {remarks.map((remark, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two remarks may be alike in every word
            <li key={place}>
              <button type="button" data-level={remark.level} onClick={() => go(remark)}>
                {remark.level === "info" ? (
                  <IconInfoCircle size={16} aria-hidden />
                ) : (
                  <IconAlertTriangle size={16} aria-hidden />
                )}
                <span>
                  <strong>{remark.node ? nodeTitle(store, remark.node) : t("Flow")}</strong>
                  <span>{remarkWords(remark).message}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
