import { ActionIcon, Button, FileButton, Menu, Modal, Skeleton } from "@mantine/core";
import { IconDots, IconFileUpload, IconSchool, IconTable } from "@tabler/icons-react";
import { type DragEvent, useState } from "react";
import { asApiError } from "@/shared/api";
import { t, tn } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatAgo, formatInstant, formatNumber } from "@/shared/lib/format";
import { Confirm, Empty, Failure, Problem, Rename, tell } from "@/shared/ui";
import {
  type Dataset,
  type DatasetVersion,
  type Upload,
  useDatasets,
  useDeleteDataset,
  useExamples,
  useRenameDataset,
  useUpload,
} from "../api/datasets";
import classes from "./tuning.module.css";

const ACCEPTED = ".jsonl,.json,.csv,.parquet";

/** Examples to learn from: uploads in versions. */
export function Datasets({ tune }: { tune: (version: string) => void }) {
  const list = useDatasets();
  const upload = useUpload();
  const [sent, setSent] = useState<Upload | null>(null);
  const send = (one: Upload) => {
    setSent(one);
    upload.mutate(one, {
      onSuccess: () => {
        setSent(null);
        tell.done(t("“{name}” was read.", { name: one.file.name }));
      },
    });
  };
  const button = (
    <FileButton accept={ACCEPTED} onChange={(file) => file && send({ file })}>
      {(props) => (
        <Button
          {...props}
          size="compact-md"
          variant="default"
          loading={upload.isPending}
          leftSection={<IconFileUpload size={15} />}
        >
          {t("Upload a dataset")}
        </Button>
      )}
    </FileButton>
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same for a keyboard
    <div
      onDragOver={(event) => event.dataTransfer.types.includes("Files") && event.preventDefault()}
      onDrop={(event: DragEvent) => {
        const file = event.dataTransfer.files[0];
        if (!file) return;
        event.preventDefault();
        send({ file });
      }}
    >
      <div className={classes.head}>
        <h2 id="datasets">{t("Datasets")}</h2>
        <span className={classes.quiet}>
          {t("JSONL, JSON, CSV or Parquet: messages, ShareGPT, Alpaca, question and answer, or pairs.")}
        </span>
        <span className={classes.actions}>{button}</span>
      </div>
      {list.isError && !list.data ? <Failure error={list.error} retry={list.refetch} /> : null}
      {list.isPending ? <Skeleton height={44} role="status" aria-label={t("Loading")} /> : null}
      {list.data?.length === 0 ? (
        <Empty icon={<IconTable size={26} />} title={t("No datasets yet")}>
          {t("Drop a file here. Every row is checked, and a broken one is named by its number.")}
        </Empty>
      ) : null}
      {list.data?.length ? (
        <ul className={classes.rows}>
          {list.data.map((dataset) => (
            <li key={dataset.id}>
              <Row dataset={dataset} send={send} tune={tune} />
            </li>
          ))}
        </ul>
      ) : null}
      {upload.error && sent ? (
        <Refused
          error={upload.error}
          upload={sent}
          close={() => {
            setSent(null);
            upload.reset();
          }}
          again={() => send({ ...sent, leaveOut: true })}
        />
      ) : null}
    </div>
  );
}

interface RowProps {
  dataset: Dataset;
  send: (upload: Upload) => void;
  tune: (version: string) => void;
}

function Row({ dataset, send, tune }: RowProps) {
  const [opened, setOpened] = useState(false);
  const [asked, ask] = useState<"rename" | "delete" | null>(null);
  const [remove, rename] = [useDeleteDataset(), useRenameDataset()];
  const close = () => ask(null);
  const newest = dataset.versions[0];
  if (!newest) return null;
  return (
    <div style={{ display: "flex", alignItems: "center" }}>
      <button type="button" className={classes.row} onClick={() => setOpened(true)}>
        <span className={classes.quiet}>{newest.objective === "dpo" ? t("Pairs") : t("Examples")}</span>
        <span className={classes.name}>{dataset.name}</span>
        <span className={classes.cut}>{factsOf(newest)}</span>
        <span className={classes.end}>{t("version {n}", { n: newest.number })}</span>
        <span className={classes.end} title={formatInstant(newest.created_at)}>
          {formatAgo(newest.created_at)}
        </span>
      </button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon mr="sm" aria-label={t("More about {name}", { name: dataset.name })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSchool size={15} />} onClick={() => tune(newest.id)}>
            {t("Fine-tune on it")}
          </Menu.Item>
          <FileButton accept={ACCEPTED} onChange={(file) => file && send({ file, dataset: dataset.id })}>
            {(props) => (
              <Menu.Item {...props} closeMenuOnClick={false} leftSection={<IconFileUpload size={15} />}>
                {t("Upload a further version")}
              </Menu.Item>
            )}
          </FileButton>
          <Menu.Item onClick={() => ask("rename")}>{t("Rename")}</Menu.Item>
          <Menu.Item color="red" onClick={() => ask("delete")}>
            {t("Delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Rename
        of={asked === "rename" ? dataset.name : null}
        label={t("Name")}
        save={(name, done) => rename.mutate({ id: dataset.id, name }, { onSuccess: done })}
        mutation={rename}
        close={close}
      />
      <Confirm
        of={asked === "delete" ? dataset.id : null}
        title={t("Delete “{name}”?", { name: dataset.name })}
        mutation={remove}
        close={close}
      >
        {t("All its versions go with it. Models that were trained on it stay.")}
      </Confirm>
      {opened ? (
        <Look
          dataset={dataset}
          close={() => setOpened(false)}
          tune={(version) => {
            setOpened(false);
            tune(version);
          }}
        />
      ) : null}
    </div>
  );
}

function factsOf(version: DatasetVersion): string {
  return [
    tn(version.examples, "{n} example", "{n} examples"),
    t("{n} tokens, the longest {longest}", {
      n: formatNumber(version.tokens),
      longest: formatNumber(version.longest),
    }),
    version.left_out ? tn(version.left_out, "{n} row left out", "{n} rows left out") : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The first examples of a dataset, of any of its versions. */
function Look({ dataset, close, tune }: { dataset: Dataset; close: () => void; tune: RowProps["tune"] }) {
  const [chosen, setChosen] = useState(dataset.versions[0]);
  const examples = useExamples(chosen?.id);
  return (
    <Modal opened onClose={close} size="xl" title={dataset.name}>
      <div className={classes.form}>
        <div className={classes.head} style={{ marginBlockEnd: 0 }}>
          {dataset.versions.map((version) => (
            <Button
              key={version.id}
              size="compact-sm"
              variant={version === chosen ? "light" : "subtle"}
              aria-pressed={version === chosen}
              onClick={() => setChosen(version)}
            >
              {t("version {n}", { n: version.number })}
            </Button>
          ))}
          {chosen ? (
            <span className={classes.actions}>
              <Button size="compact-sm" onClick={() => tune(chosen.id)}>
                {t("Fine-tune on it")}
              </Button>
            </span>
          ) : null}
        </div>
        {chosen ? <p className={classes.quiet}>{`${chosen.file_name} · ${factsOf(chosen)}`}</p> : null}
        {examples.error ? <Failure error={examples.error} retry={examples.refetch} /> : null}
        {examples.isPending ? <Skeleton height={160} role="status" aria-label={t("Loading")} /> : null}
        <ol className={classes.examples}>
          {(examples.data?.examples ?? []).map((example, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: examples have no other name, and don't move
            <li key={index}>
              <Example example={example as Record<string, unknown>} />
            </li>
          ))}
        </ol>
      </div>
    </Modal>
  );
}

interface Message {
  role: string;
  content: string;
}

function Example({ example }: { example: Record<string, unknown> }) {
  const parts: [string, Message][] = Object.entries(example).flatMap(([key, messages]) =>
    Array.isArray(messages)
      ? messages.map((one: Message): [string, Message] => [
          key === "messages" || key === "prompt" ? one.role : key,
          one,
        ])
      : [],
  );
  return (
    <dl>
      {parts.map(([label, { content }], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the turns of a conversation don't move
        <div key={index} style={{ display: "contents" }}>
          <dt>{label}</dt>
          <dd>{content}</dd>
        </div>
      ))}
    </dl>
  );
}

interface RefusedProps {
  error: unknown;
  upload: Upload;
  close: () => void;
  again: () => void;
}

/** A file with broken rows: which they are, and the choice to go on without them. */
function Refused({ error, upload, close, again }: RefusedProps) {
  const { extra } = asApiError(error);
  const { rows, usable } = extra as { rows?: { row: number; message: string }[]; usable?: number };
  return (
    <Modal opened onClose={close} title={t("“{name}” was not taken", { name: upload.file.name })}>
      <div className={classes.form}>
        <Problem error={error} />
        {rows?.length ? (
          <ul className={classes.broken}>
            {rows.map((one) => (
              <li key={one.row}>
                {t("Row {n}", { n: one.row })}: {serverWords(one.message)}
              </li>
            ))}
          </ul>
        ) : null}
        <div className={classes.head} style={{ marginBlockEnd: 0 }}>
          <span className={classes.actions}>
            <Button variant="default" onClick={close}>
              {t("Close")}
            </Button>
            {usable ? (
              <Button onClick={again}>
                {tn(usable, "Take the {n} usable row", "Take the {n} usable rows")}
              </Button>
            ) : null}
          </span>
        </div>
      </div>
    </Modal>
  );
}
