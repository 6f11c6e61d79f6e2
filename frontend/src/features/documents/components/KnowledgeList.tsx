import { Button, Group, Modal, Select, Skeleton, Textarea, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBooks, IconPlus, IconUpload } from "@tabler/icons-react";
import { type FormEvent, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";
import { t, tn } from "@/shared/i18n";
import { formatAgo, formatBytes, formatInstant, formatNumber } from "@/shared/lib/format";
import { Empty, Failure, PageHeader, Problem, tell } from "@/shared/ui";
import { sendBytes } from "../api/bytes";
import {
  type Knowledge,
  useCreateKnowledge,
  useKnowledgeList,
  useModels,
  useOptions,
} from "../api/knowledge";
import classes from "./Knowledge.module.css";

/** The knowledge bases there are, and the way to a new one. */
export function KnowledgeList() {
  const list = useKnowledgeList();
  const [making, make] = useDisclosure(false);
  const all = list.data?.pages.flatMap((page) => page.results);
  return (
    <>
      <PageHeader
        title={t("Knowledge")}
        about={t("Documents that flows can search: parsed, cut into chunks, found by meaning and by words.")}
        actions={
          <>
            <ImportButton />
            <Button leftSection={<IconPlus size={16} />} onClick={make.open}>
              {t("New knowledge base")}
            </Button>
          </>
        }
      />
      {list.isError && !list.data ? <Failure error={list.error} retry={list.refetch} /> : null}
      {list.isPending ? <Skeleton height={140} radius="lg" /> : null}
      {all?.length === 0 ? (
        <Empty
          icon={<IconBooks size={26} />}
          title={t("No knowledge base yet")}
          action={<Button onClick={make.open}>{t("New knowledge base")}</Button>}
        >
          {t("Make one and drop files into it: PDF, Word, PowerPoint, Excel, Markdown, HTML, text and more.")}
        </Empty>
      ) : null}
      <ul className={classes.cards}>
        {all?.map((one) => (
          <li key={one.id}>
            <Card knowledge={one} />
          </li>
        ))}
      </ul>
      {list.hasNextPage ? (
        <Button
          mt="md"
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("More")}
        </Button>
      ) : null}
      <Modal opened={making} onClose={make.close} title={t("New knowledge base")}>
        <Form close={make.close} />
      </Modal>
    </>
  );
}

function Card({ knowledge }: { knowledge: Knowledge }) {
  return (
    <article className={classes.card}>
      <h3>
        <Link to={`/knowledge/${knowledge.id}`} className={classes.whole}>
          {knowledge.name}
        </Link>
      </h3>
      <p className={classes.about}>{knowledge.description}</p>
      <footer className={classes.facts}>
        <span>{tn(knowledge.document_count, "{n} document", "{n} documents")}</span>
        <span>
          {tn(knowledge.chunk_count, "{n} chunk", "{n} chunks", { n: formatNumber(knowledge.chunk_count) })}
        </span>
        <span>{formatBytes(knowledge.byte_count)}</span>
        <span title={formatInstant(knowledge.updated_at)}>{formatAgo(knowledge.updated_at)}</span>
        {knowledge.active_count ? (
          <span data-tone="spark">{t("{n} in work", { n: knowledge.active_count })}</span>
        ) : null}
        {knowledge.failed_count ? (
          <span data-tone="bad">{t("{n} failed", { n: knowledge.failed_count })}</span>
        ) : null}
      </footer>
    </article>
  );
}

function Form({ close }: { close: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const options = useOptions();
  const models = useModels("embedding");
  const [embedding, setEmbedding] = useState<string | null>(null);
  const create = useCreateKnowledge();
  const navigate = useNavigate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { name: name.trim(), description: description.trim(), ...(embedding ? { embedding } : {}) },
      {
        onSuccess: (made) => {
          close();
          navigate(`/knowledge/${made.id}`);
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className={classes.stack}>
      <TextInput
        label={t("Name")}
        data-autofocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label={t("Description")}
        autosize
        minRows={2}
        maxLength={2000}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Select
        label={t("Embedding model")}
        description={t("Turns texts into vectors. The built-in one needs no key; it can be changed later.")}
        allowDeselect={false}
        data={models.map((model) => ({ value: model.ref, label: t(model.title) }))}
        value={embedding ?? options.data?.default_embedding ?? null}
        onChange={setEmbedding}
      />
      {create.error ? <Problem error={create.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("Cancel")}
        </Button>
        <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
          {t("Create")}
        </Button>
      </Group>
    </form>
  );
}

function ImportButton() {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    try {
      const made = (await sendBytes("POST", "/api/v1/knowledge/import", file)) as Knowledge;
      navigate(`/knowledge/${made.id}`);
    } catch (thrown) {
      tell.failure(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <input
        ref={input}
        type="file"
        accept=".zip"
        hidden
        aria-label={t("Import a knowledge base")}
        onChange={(event) => void take(event.currentTarget.files?.[0])}
      />
      <Button
        variant="default"
        leftSection={<IconUpload size={16} />}
        loading={busy}
        onClick={() => input.current?.click()}
      >
        {t("Import")}
      </Button>
    </>
  );
}
