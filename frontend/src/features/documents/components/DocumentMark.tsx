import {
  IconAlertCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconEyeOff,
  IconLoader2,
  IconPlayerStop,
} from "@tabler/icons-react";
import { msg, t } from "@/shared/i18n";
import { Mark, type Sign } from "@/shared/ui";
import type { DocumentState, SourceDocument } from "../api/knowledge";
import classes from "./Knowledge.module.css";

const MARKS: Record<DocumentState, Sign & { label: string }> = {
  queued: { label: msg("Waiting"), tone: "quiet", Icon: IconCircleDashed },
  fetching: { label: msg("Fetching"), tone: "spark", Icon: IconLoader2, turns: true },
  parsing: { label: msg("Reading"), tone: "spark", Icon: IconLoader2, turns: true },
  splitting: { label: msg("Splitting"), tone: "spark", Icon: IconLoader2, turns: true },
  transforming: { label: msg("Writing"), tone: "spark", Icon: IconLoader2, turns: true },
  embedding: { label: msg("Embedding"), tone: "spark", Icon: IconLoader2, turns: true },
  indexing: { label: msg("Indexing"), tone: "spark", Icon: IconLoader2, turns: true },
  ready: { label: msg("Ready"), tone: "good", Icon: IconCircleCheck },
  failed: { label: msg("Failed"), tone: "bad", Icon: IconAlertCircle },
  cancelled: { label: msg("Stopped"), tone: "quiet", Icon: IconPlayerStop },
  removing: { label: msg("Being deleted"), tone: "quiet", Icon: IconLoader2 },
};

export const OVER: DocumentState[] = ["ready", "failed", "cancelled"];

export function documentState(state: DocumentState): string {
  return t(MARKS[state].label);
}

/** The state of a document; a bar while it is worked on. */
export function DocumentMark({ document }: { document: SourceDocument }) {
  const off = document.state === "ready" && !document.enabled;
  const sign: Sign = off ? { tone: "quiet", Icon: IconEyeOff } : MARKS[document.state];
  const working = !OVER.includes(document.state) && document.state !== "queued";
  return (
    <Mark
      tone={sign.tone}
      Icon={sign.Icon}
      turns={sign.turns}
      label={off ? t("Not searched") : documentState(document.state)}
    >
      {working ? (
        <progress className={classes.bar} max={1} value={document.progress} aria-label={t("Progress")} />
      ) : null}
    </Mark>
  );
}
