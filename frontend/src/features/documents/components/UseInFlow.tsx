import { Button, Group, Modal, Select, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { allPages, answer, api, type Schemas } from "@/shared/api";
import { t } from "@/shared/i18n";
import { Problem, tell } from "@/shared/ui";
import type { Knowledge, SearchSettings } from "../api/knowledge";
import { type Drawn, intoFlow, inWordsOf, retrieversOf } from "../model/intoFlow";
import classes from "./Knowledge.module.css";

interface Props {
  knowledge: Knowledge;
  settings: SearchSettings;
  opened: boolean;
  close: () => void;
}

const NEW = "new";
const ANOTHER = "another";

/** Takes a search over into a flow: into the retriever it has, or as a new node. */
export function UseInFlow({ knowledge, settings, opened, close }: Props) {
  return (
    <Modal opened={opened} onClose={close} title={t("Use in a flow")}>
      <Choice knowledge={knowledge} settings={settings} close={close} />
    </Modal>
  );
}

async function draftOf(id: string) {
  const draft = await answer(api.GET("/api/v1/flows/{id}/draft", { params: { path: { id } } }));
  return { revision: draft.revision, document: draft.document as unknown as Drawn };
}

function Choice({ knowledge, settings, close }: Omit<Props, "opened">) {
  const flows = useQuery({
    queryKey: ["knowledge", "flows"],
    queryFn: () => allPages((cursor) => api.GET("/api/v1/flows", { params: { query: { cursor } } })),
  });
  const [flow, setFlow] = useState(NEW);
  const [node, setNode] = useState<string | null>(null);
  const draft = useQuery({
    queryKey: ["knowledge", "draft", flow],
    queryFn: () => draftOf(flow),
    enabled: flow !== NEW,
    gcTime: 0,
  });
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const there = draft.data ? retrieversOf(draft.data.document) : [];
  const into = node ?? there[0] ?? ANOTHER;
  const go = async () => {
    setBusy(true);
    try {
      const id = flow === NEW ? await made(knowledge) : flow;
      const { revision, document } = await draftOf(id);
      const first = flow === NEW ? (retrieversOf(document)[0] ?? null) : into === ANOTHER ? null : into;
      const { patch } = intoFlow(document, knowledge.id, settings, first);
      if (flow === NEW)
        patch.push(
          ...inWordsOf(
            document,
            knowledge.name.slice(0, 80),
            t("Ask me about “{name}”.", { name: knowledge.name }),
          ),
        );
      await answer(
        api.PATCH("/api/v1/flows/{id}/draft", {
          params: { path: { id }, header: { "If-Match": `"${revision}"` } },
          body: patch as Schemas["OperationRequest"][],
        }),
      );
      close();
      navigate(`/flows/${id}`);
    } catch (thrown) {
      tell.failure(thrown);
      setBusy(false);
    }
  };
  if (flows.isPending) return <Skeleton height={120} />;
  return (
    <div className={classes.stack}>
      {flows.error ? <Problem error={flows.error} /> : null}
      <Select
        label={t("Flow")}
        allowDeselect={false}
        searchable
        data={[
          { value: NEW, label: t("A new flow that answers with citations") },
          ...(flows.data ?? []).map((one) => ({ value: one.id, label: one.name })),
        ]}
        value={flow}
        onChange={(next) => {
          setFlow(next ?? NEW);
          setNode(null);
        }}
      />
      {flow !== NEW && there.length ? (
        <Select
          label={t("Node")}
          allowDeselect={false}
          data={[
            ...there.map((id) => ({
              value: id,
              label: t("Change “{name}”", { name: titleOf(draft.data, id) }),
            })),
            { value: ANOTHER, label: t("Add another retriever") },
          ]}
          value={into}
          onChange={(next) => setNode(next)}
        />
      ) : null}
      {draft.error ? <Problem error={draft.error} /> : null}
      <p className={classes.quiet}>{t("Only the draft changes; what is published stays as it is.")}</p>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("Cancel")}
        </Button>
        <Button loading={busy} disabled={flow !== NEW && !draft.data} onClick={() => void go()}>
          {t("Take over and open")}
        </Button>
      </Group>
    </div>
  );
}

function titleOf(draft: { document: Drawn } | undefined, id: string): string {
  const node = draft?.document.graph.nodes[id] as { title?: string } | undefined;
  return node?.title || id;
}

/** A flow from the template that answers from documents. */
async function made(knowledge: Knowledge): Promise<string> {
  const name = t("Ask {name}", { name: knowledge.name }).slice(0, 200);
  const body = { name, description: "", template: "rag" };
  return (await answer(api.POST("/api/v1/flows", { body }))).id;
}
