import { Anchor, Button, Group, Modal, Skeleton, Switch, TagsInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { t } from "@/shared/i18n";
import { Confirm, CopyButton, Failure, Problem } from "@/shared/ui";
import { changeShare, getFlow, getShare, renewShare } from "../api";
import { hasChat } from "../model/entrance";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import styles from "./dialogs.module.css";
import { FlowKeys } from "./FlowKeys";

/** The ways by which others meet the published version: a link, a frame in a site, a tool of a program. */
export default function Share({ close }: { close(): void }) {
  const { store } = useSession();
  const flowId = useEditor((state) => state.flowId);
  const chat = useEditor((state) => hasChat(state.history.present));
  const flow = useQuery({
    queryKey: ["editor", flowId, "facts"],
    queryFn: () => getFlow(flowId),
    staleTime: 0,
  });
  const failed = flow.isError && !flow.data;
  return (
    <Modal opened onClose={close} title={t("Share")} size="lg">
      {failed ? <Failure error={flow.error} retry={flow.refetch} /> : null}
      {flow.isPending ? <Skeleton height={180} /> : null}
      {flow.data && flow.data.published_version === null ? (
        <>
          <p className={styles.lead}>
            {t("Others meet the published version, and nothing is published yet. Publish the draft first.")}
          </p>
          <Group justify="flex-end">
            <Button onClick={() => store.setState({ dialog: "publish" })}>{t("Publish…")}</Button>
          </Group>
        </>
      ) : null}
      {flow.data && flow.data.published_version !== null ? (
        <div className={styles.shares}>
          {chat ? <Link flowId={flowId} /> : null}
          <Tool flowId={flowId} />
        </div>
      ) : null}
    </Modal>
  );
}

function Link({ flowId }: { flowId: string }) {
  const client = useQueryClient();
  const key = ["editor", flowId, "share"];
  const share = useQuery({ queryKey: key, queryFn: () => getShare(flowId), staleTime: 0 });
  const settle = {
    onSuccess: (data: Awaited<ReturnType<typeof getShare>>) => client.setQueryData(key, data),
  };
  const change = useMutation({
    mutationFn: (body: { open?: boolean; origins?: string[] }) => changeShare(flowId, body),
    ...settle,
  });
  const renew = useMutation({ mutationFn: renewShare, ...settle });
  const [renewing, askToRenew] = useState<string | null>(null);
  if (share.isError && !share.data) return <Failure error={share.error} retry={share.refetch} />;
  if (!share.data) return <Skeleton height={120} />;
  const { open, code, origins = [] } = share.data;
  const { origin } = window.location;
  const frame = `<iframe src="${origin}/embed/${code}" title="Chat" style="width: 100%; height: 600px; border: 0"></iframe>`;
  return (
    <>
      <section className={styles.share}>
        <Switch
          label={t("Anybody with the link may talk with the published version")}
          description={t("Without an account, in your name: answers use your keys and your budget.")}
          checked={open}
          disabled={change.isPending}
          onChange={(event) => change.mutate({ open: event.currentTarget.checked })}
        />
        {open ? (
          <>
            <Line text={`${origin}/s/${code}`} link />
            <Group gap="xs">
              <Button size="compact-sm" variant="default" onClick={() => askToRenew(flowId)}>
                {t("Make a new link")}
              </Button>
              <span className={styles.hint}>{t("The old one leads nowhere from then on.")}</span>
              <Confirm
                of={renewing}
                title={t("Make a new link?")}
                act={t("Make a new link")}
                mutation={renew}
                close={() => askToRenew(null)}
              >
                {t(
                  "The old one leads nowhere from then on, and the chats begun by it are closed to visitors.",
                )}
              </Confirm>
            </Group>
          </>
        ) : null}
      </section>
      {open ? (
        <section className={styles.share}>
          <TagsInput
            label={t("In a page of your own")}
            description={t("Sites that may show the chat in a frame; no other can.")}
            placeholder={origins.length ? undefined : "https://www.example.org"}
            clearable
            splitChars={[",", " "]}
            value={origins}
            onChange={(wanted) => change.mutate({ origins: wanted })}
          />
          {origins.length ? <Line text={frame} /> : null}
        </section>
      ) : null}
      {change.error ? <Problem error={change.error} /> : null}
    </>
  );
}

function Tool({ flowId }: { flowId: string }) {
  const address = `${window.location.origin}/api/v1/flows/${flowId}/mcp`;
  const settings = JSON.stringify(
    { mcpServers: { flowloft: { type: "http", url: address, headers: { Authorization: "Bearer KEY" } } } },
    null,
    2,
  );
  return (
    <section className={styles.share}>
      <h3>{t("As a tool of other programs (MCP)")}</h3>
      <p className={styles.hint}>
        {t(
          "Assistants and agents call the published version as a tool. They ask with a key of this flow, which opens nothing else.",
        )}
      </p>
      <Line text={address} />
      <details className={styles.more}>
        <summary>{t("Settings for a client")}</summary>
        <Line text={settings} />
      </details>
      <FlowKeys flowId={flowId} />
    </section>
  );
}

function Line({ text, link }: { text: string; link?: boolean }) {
  return (
    <div className={styles.line}>
      {link ? (
        <Anchor href={text} target="_blank" rel="noreferrer" size="sm">
          {text}
        </Anchor>
      ) : (
        <code>{text}</code>
      )}
      <CopyButton text={() => text} />
    </div>
  );
}
