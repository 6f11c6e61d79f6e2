import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { Failure, Problem } from "@/shared/ui";
import { type Chunk, useChunk, useDocument, useDocumentsAct } from "../api/documents";
import { useKnowledge } from "../api/knowledge";
import { useLive } from "../api/live";
import { languageName } from "../model/languageName";
import { ChunkPane } from "./ChunkPane";
import { DocumentMark } from "./DocumentMark";
import classes from "./DocumentView.module.css";
import { LogDialog } from "./LogDialog";
import { DocumentSkeleton } from "./Skeletons";
import { SourcePane } from "./SourcePane";

/** The source at left, its chunks at right; what is chosen in one is marked in the other. */
export function DocumentView({ knowledgeId, id }: { knowledgeId: string; id: string }) {
  const document = useDocument(id);
  const knowledge = useKnowledge(knowledgeId);
  useLive(knowledgeId);
  const act = useDocumentsAct(knowledgeId);
  const [query, setQuery] = useSearchParams();
  const linked = query.get("chunk");
  const deep = useChunk(id, linked);
  const [chosen, choose] = useState<Chunk | null>(null);
  const [log, setLog] = useState(false);
  const shown = chosen ?? deep.data ?? null;
  if (document.isError && !document.data) return <Failure error={document.error} retry={document.refetch} />;
  if (!document.data) return <DocumentSkeleton />;
  const one = document.data;
  return (
    <div className={classes.view}>
      <header className={classes.head}>
        <div className={classes.words}>
          <Link to={`/knowledge/${knowledgeId}`}>{knowledge.data?.name ?? t("Knowledge")}</Link>
          <h1>{one.title || one.name}</h1>
        </div>
        <span className={classes.facts}>
          {one.name} · {formatBytes(one.size)} {one.language ? `· ${languageName(one.language)}` : ""}
        </span>
        <button type="button" className={classes.log} onClick={() => setLog(true)} title={t("Log")}>
          <DocumentMark document={one} />
        </button>
        <a href={`/api/v1/documents/${id}/original`} download>
          {t("Original")}
        </a>
      </header>
      {one.error ? <Problem error={one.error} /> : null}
      {linked && deep.isError ? (
        <p className={classes.gone} role="status">
          {t("The passage of this link has been changed or deleted since.")}
        </p>
      ) : null}
      <div className={classes.panes}>
        <SourcePane document={one} chunk={shown} page={Number(query.get("page")) || null} />
        <ChunkPane
          document={one}
          groups={knowledge.data?.groups.map((group) => group.name) ?? []}
          chosen={shown}
          choose={(chunk) => {
            choose(chunk);
            setQuery({ chunk: chunk.id }, { replace: true });
          }}
        />
      </div>
      <LogDialog
        document={log ? one : null}
        close={() => setLog(false)}
        retry={(retried) => act.mutate({ action: "retry", ids: [retried] })}
      />
    </div>
  );
}
