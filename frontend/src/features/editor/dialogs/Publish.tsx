import { Button, Group, Modal, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "@/shared/api";
import { t, tn } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import { publish } from "../api";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import styles from "./dialogs.module.css";

/** Freezes the draft as the next version, which is the one that others meet. */
export default function Publish({ close }: { close(): void }) {
  const { store, autosave } = useSession();
  const client = useQueryClient();
  const flowId = useEditor((state) => state.flowId);
  const errors = useEditor((state) => state.remarks.filter((remark) => remark.level === "error").length);
  const [message, setMessage] = useState("");
  const publishing = useMutation({
    mutationFn: async () => {
      await autosave.flush();
      return publish(flowId, message.trim());
    },
    onSuccess: (version) => {
      void client.invalidateQueries({ queryKey: ["flows"] });
      notifications.show({ color: "green", message: t("Published as version {n}.", { n: version.number }) });
      store.getState().say(t("Published as version {n}.", { n: version.number }));
      close();
    },
  });
  return (
    <Modal opened onClose={close} title={t("Publish")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          publishing.mutate();
        }}
      >
        <p className={styles.lead}>
          {t(
            "The draft becomes a numbered version that stays as it is. Editing goes on in the draft and changes nothing that is published.",
          )}
        </p>
        <Textarea
          data-autofocus
          label={t("What is new")}
          placeholder={t("For example: shorter answers, new greeting")}
          autosize
          minRows={2}
          maxLength={500}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        {errors > 0 && (
          <p className={styles.bad}>
            {tn(
              errors,
              "{n} thing has to be put right first; the checklist says which.",
              "{n} things have to be put right first; the checklist says which.",
            )}
          </p>
        )}
        {publishing.isError && <Problem error={asApiError(publishing.error)} />}
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={publishing.isPending} disabled={errors > 0}>
            {t("Publish")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
