import { Button, Group, Modal, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "@/shared/api";
import { t, tn } from "@/shared/i18n";
import { CopyButton, Problem } from "@/shared/ui";
import { publish } from "../api";
import { hasChat } from "../model/entrance";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import styles from "./dialogs.module.css";

/** Freezes the draft as the next version, which is the one that others meet. */
export default function Publish({ close }: { close(): void }) {
  const { store, autosave } = useSession();
  const client = useQueryClient();
  const flowId = useEditor((state) => state.flowId);
  const errors = useEditor((state) => state.remarks.filter((remark) => remark.level === "error").length);
  const chat = useEditor((state) => hasChat(state.history.present));
  const [message, setMessage] = useState("");
  const publishing = useMutation({
    mutationFn: async () => {
      await autosave.flush();
      return publish(flowId, message.trim());
    },
    onSuccess: (version) => {
      void client.invalidateQueries({ queryKey: ["flows"] });
      store.getState().say(t("Published as version {n}.", { n: version.number }));
    },
  });
  if (publishing.data) {
    return (
      <Modal
        opened
        onClose={close}
        title={t("Published as version {n}.", { n: publishing.data.number })}
        size="lg"
      >
        <p className={styles.lead}>
          {t("Others reach it here; what you edit from now on changes nothing there.")}
        </p>
        <Addresses flowId={flowId} chat={chat} />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={() => store.setState({ dialog: "share" })}>
            {t("Share…")}
          </Button>
          <Button data-autofocus onClick={close}>
            {t("Close")}
          </Button>
        </Group>
      </Modal>
    );
  }
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

/** Where the published version is used: by people, and by programs. */
function Addresses({ flowId, chat }: { flowId: string; chat: boolean }) {
  const { origin } = window.location;
  const run = `curl ${origin}/api/v1/flows/${flowId}/runs -H "Authorization: Bearer $TOKEN" -H "Prefer: wait=60" --json '${JSON.stringify(
    { version: "published", inputs: chat ? { text: "Hello" } : {} },
  )}'`;
  const lines = [
    ...(chat ? [{ label: t("Chat page"), text: `${origin}/flows/${flowId}/chat` }] : []),
    { label: t("From a program"), text: run },
    {
      label: t("Its description (OpenAPI)"),
      text: `${origin}/api/v1/flows/${flowId}/openapi.json?version=published`,
    },
  ];
  return (
    <dl className={styles.addresses}>
      {lines.map(({ label, text }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {/^http\S+$/.test(text) ? (
              <a href={text} target="_blank" rel="noreferrer">
                {text}
              </a>
            ) : (
              <code>{text}</code>
            )}
            <CopyButton text={() => text} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
