import { ActionIcon, Button, Group, Modal, Skeleton, TextInput } from "@mantine/core";
import { IconDownload, IconHistory, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t, tn } from "@/shared/i18n";
import { formatInstant, formatNumber } from "@/shared/lib/format";
import { Confirm, Empty, Failure, tell } from "@/shared/ui";
import { type Knowledge, useVersionChange, useVersions, type Version } from "../api/knowledge";
import classes from "./Knowledge.module.css";

/** The base as it was at several times, and as a file to take along. */
export function Versions({ knowledge }: { knowledge: Knowledge }) {
  const versions = useVersions(knowledge.id);
  const { save, restore, remove } = useVersionChange(knowledge.id);
  const [note, setNote] = useState("");
  const [back, setBack] = useState<Version | null>(null);
  const [forgotten, setForgotten] = useState<Version | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(note.trim(), {
      onError: tell.failure,
      onSuccess: ({ version, isNew }) => {
        setNote("");
        tell.done(
          isNew
            ? t("Kept as version {n}.", { n: version.number })
            : t("Nothing has changed since version {n}.", { n: version.number }),
        );
      },
    });
  };
  return (
    <div className={classes.stack}>
      <section className={classes.panel}>
        <h2 className={classes.title}>{t("Versions")}</h2>
        <p className={classes.quiet}>
          {t("A version keeps settings, documents, chunks, edits and test cases, so that you can go back.")}
        </p>
        <form onSubmit={submit} className={classes.tools}>
          <TextInput
            className={classes.grow}
            aria-label={t("Note")}
            placeholder={t("What is special about it? (not needed)")}
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Button type="submit" loading={save.isPending} disabled={!knowledge.document_count}>
            {t("Keep a version")}
          </Button>
        </form>
        {versions.isError && !versions.data ? (
          <Failure error={versions.error} retry={versions.refetch} />
        ) : null}
        {versions.isPending ? <Skeleton height={90} /> : null}
        {versions.data?.length === 0 ? (
          <Empty icon={<IconHistory size={24} />} title={t("No version yet")}>
            {t("Keep one before larger changes.")}
          </Empty>
        ) : null}
        <ul className={classes.cases}>
          {versions.data?.map((one) => (
            <li key={one.id}>
              <b className={classes.number}>{one.number}</b>
              <span className={classes.grow}>{noteOf(one)}</span>
              <span className={classes.quiet}>
                {tn(one.document_count, "{n} document", "{n} documents")} ·{" "}
                {tn(one.chunk_count, "{n} chunk", "{n} chunks", { n: formatNumber(one.chunk_count) })}
              </span>
              <time className={classes.quiet} dateTime={one.created_at}>
                {formatInstant(one.created_at)}
              </time>
              <Button size="compact-sm" variant="default" onClick={() => setBack(one)}>
                {t("Go back to it")}
              </Button>
              <ActionIcon
                aria-label={t("Forget version {n}", { n: one.number })}
                onClick={() => setForgotten(one)}
              >
                <IconTrash size={15} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      </section>
      <section className={classes.panel}>
        <h2 className={classes.title}>{t("Take it along")}</h2>
        <p className={classes.quiet}>
          {t(
            "One file with originals, chunks and edits. Vectors are used again where the same embedding model is, else made anew. Import it on the page Knowledge.",
          )}
        </p>
        <Group mt="sm">
          <Button
            component="a"
            variant="default"
            href={`/api/v1/knowledge/${knowledge.id}/export`}
            download
            leftSection={<IconDownload size={16} />}
          >
            {t("Export with vectors")}
          </Button>
          <Button
            component="a"
            variant="default"
            href={`/api/v1/knowledge/${knowledge.id}/export?vectors=false`}
            download
            leftSection={<IconDownload size={16} />}
          >
            {t("Export without vectors")}
          </Button>
        </Group>
      </section>
      <Confirm
        of={forgotten?.id ?? null}
        title={t("Forget version {n}?", { n: forgotten?.number ?? 0 })}
        act={t("Forget it")}
        mutation={remove}
        close={() => setForgotten(null)}
      >
        {t("Nothing leads back to how the base was then. The base as it is now stays.")}
      </Confirm>
      <Modal
        opened={back !== null}
        onClose={() => setBack(null)}
        title={t("Go back to version {n}?", { n: back?.number ?? 0 })}
      >
        <p className={classes.flush}>
          {t("Documents and edits that came later go. The base as it is now is kept as a version first.")}
        </p>
        <Group justify="flex-end" mt="md">
          <Button variant="default" data-autofocus onClick={() => setBack(null)}>
            {t("Cancel")}
          </Button>
          <Button
            loading={restore.isPending}
            onClick={() =>
              back &&
              restore.mutate(back.id, {
                onError: tell.failure,
                onSuccess: () => {
                  tell.done(t("The base is as it was in version {n}.", { n: back.number }));
                  setBack(null);
                },
              })
            }
          >
            {t("Go back")}
          </Button>
        </Group>
      </Modal>
    </div>
  );
}

/** The studio's own notes are translated, a person's stay. */
function noteOf(version: Version): string {
  const number = version.note?.match(/^Before going back to version (\d+)$/)?.[1];
  return number ? t("Before going back to version {n}", { n: number }) : (version.note ?? "");
}
