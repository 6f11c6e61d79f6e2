import { Button, FileButton, Group, Modal, Skeleton } from "@mantine/core";
import { t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";
import { formatDuration, formatInstant } from "@/shared/lib/format";
import { Problem, tell } from "@/shared/ui";
import { useDocumentLog, useReplace } from "../api/documents";
import type { SourceDocument } from "../api/knowledge";
import { DocumentMark } from "./DocumentMark";
import classes from "./Knowledge.module.css";

interface Props {
  document: SourceDocument | null;
  close: () => void;
  retry: (id: string) => void;
}

/** What each step of a document said, and why it failed. */
export function LogDialog({ document, close, retry }: Props) {
  return (
    <Modal opened={document !== null} onClose={close} size="xl" title={document?.name ?? ""}>
      {document ? <Log document={document} close={close} retry={retry} /> : null}
    </Modal>
  );
}

function stepName(step: string): string {
  switch (step) {
    case "fetch":
      return t("fetch");
    case "parse":
      return t("read");
    case "split":
      return t("split");
    case "transform":
      return t("write");
    case "embed":
      return t("embed");
    default:
      return t("index");
  }
}

function Log({ document, close, retry }: Props & { document: SourceDocument }) {
  const log = useDocumentLog(document.id, document.changed_at);
  const replace = useReplace(document.knowledge);
  return (
    <div className={classes.stack}>
      <DocumentMark document={document} />
      {document.error ? <Problem error={document.error} /> : null}
      {log.error ? <Problem error={log.error} /> : null}
      {log.isPending ? <Skeleton height={80} /> : null}
      <ol className={classes.log} hidden={!log.data?.length}>
        {log.data?.map((line) => (
          <li key={`${line.at} ${line.message}`} data-level={line.level}>
            <time dateTime={line.at}>
              {formatInstant(line.at)} · {stepName(line.step)}
            </time>
            <span>{serverWords(line.message)}</span>
            <span className={classes.number}>
              {line.seconds === null || line.seconds === undefined ? "" : formatDuration(line.seconds)}
            </span>
          </li>
        ))}
      </ol>
      {log.data?.length === 0 ? <p className={classes.quiet}>{t("Nothing has been said yet.")}</p> : null}
      {document.state === "failed" || document.state === "cancelled" ? (
        <Group justify="flex-end">
          <FileButton
            onChange={(file) =>
              file && replace.mutate({ id: document.id, file }, { onSuccess: close, onError: tell.failure })
            }
          >
            {(props) => (
              <Button {...props} variant="default" loading={replace.isPending}>
                {t("Replace the file")}
              </Button>
            )}
          </FileButton>
          <Button
            onClick={() => {
              retry(document.id);
              close();
            }}
          >
            {t("Retry")}
          </Button>
        </Group>
      ) : null}
    </div>
  );
}
