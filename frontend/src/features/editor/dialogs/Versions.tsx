import { Badge, Button, Group, Modal, Select, Skeleton } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatTime } from "@/shared/lib/format";
import { Failure } from "@/shared/ui";
import { getFlow, getVersion, getVersions, type Version } from "../api";
import { differences } from "../model/differences";
import { settle } from "../model/geometry";
import type { FlowDocument } from "../model/types";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { DiffCanvas } from "./DiffCanvas";
import { DifferenceList } from "./DifferenceList";
import styles from "./dialogs.module.css";

const DRAFT = 0;

/** The published versions, newest first: what differs between any two, and the way back. */
export default function Versions({ close }: { close(): void }) {
  const { store } = useSession();
  const flowId = useEditor((state) => state.flowId);
  const catalogue = useEditor((state) => state.catalogue);
  const [chosen, choose] = useState<number | null>(null);
  const [other, setOther] = useState<number | null>(null);
  const [node, setNode] = useState<string | null>(null);
  const flow = useQuery({
    queryKey: ["editor", flowId, "facts"],
    queryFn: () => getFlow(flowId),
    staleTime: 0,
  });
  const versions = useQuery({
    queryKey: ["editor", flowId, "versions"],
    queryFn: () => getVersions(flowId),
    staleTime: 0,
  });
  const list = versions.data ?? [];
  // The newest against the draft is what is asked most; an older one against the one before it.
  const now = chosen ?? DRAFT;
  const was =
    other ?? (now === DRAFT ? list[0]?.number : list.find(({ number }) => number < now)?.number) ?? null;
  const after = useDocument(now);
  const before = useDocument(was);
  const found = useMemo(
    () => (before && after ? differences(before, after, catalogue) : null),
    [before, after, catalogue],
  );
  const pick = (number: number) => {
    choose(number);
    setOther(null);
    setNode(null);
  };

  const restore = (number: number, document: FlowDocument) => {
    const { flows: _inside, ...draft } = document as FlowDocument & { flows?: unknown };
    store.getState().change(t("Restore version {n}", { n: number }), () => settle(draft, catalogue), {
      select: [],
    });
    notifications.show({ message: t("Version {n} is in the draft. Ctrl+Z takes it back.", { n: number }) });
    close();
  };
  return (
    <Modal opened onClose={close} title={t("Versions")} size="min(1180px, 94vw)">
      {versions.isError && (
        <Failure error={asApiError(versions.error)} retry={() => void versions.refetch()} />
      )}
      {versions.isPending && <Skeleton height={320} radius="md" role="status" aria-label={t("Loading")} />}
      {versions.data?.length === 0 && (
        <p className={styles.lead}>
          {t("Nothing is published yet. Publish keeps the draft as a version to come back to.")}
        </p>
      )}
      {list.length > 0 && (
        <div className={styles.versions}>
          <ul>
            <li>
              <button type="button" aria-pressed={now === DRAFT} onClick={() => pick(DRAFT)}>
                <strong>{t("Draft")}</strong>
                <span>{t("As it is on the canvas")}</span>
              </button>
            </li>
            {list.map((version) => (
              <Line
                key={version.number}
                version={version}
                live={version.number === flow.data?.published_version}
                chosen={version.number === now}
                choose={() => pick(version.number)}
              />
            ))}
          </ul>
          <section aria-live="polite">
            <Group gap="sm" mb="sm" align="center">
              <h3>{now === DRAFT ? t("Draft") : t("Version {n}", { n: now })}</h3>
              <Select
                size="xs"
                w={190}
                aria-label={t("Compared with")}
                placeholder={t("Compared with")}
                value={was === null ? null : String(was)}
                data={[DRAFT, ...list.map(({ number }) => number)]
                  .filter((number) => number !== now)
                  .map((number) => ({
                    value: String(number),
                    label:
                      number === DRAFT
                        ? t("compared with the draft")
                        : t("compared with version {n}", { n: number }),
                  }))}
                allowDeselect={false}
                onChange={(value) => value !== null && setOther(Number(value))}
              />
              {now !== DRAFT && after && (
                <Button size="xs" variant="light" ml="auto" onClick={() => restore(now, after)}>
                  {t("Restore into the draft")}
                </Button>
              )}
            </Group>
            {found && before && after ? (
              <>
                <DiffCanvas
                  key={`${was}/${now}`}
                  before={before}
                  after={after}
                  differences={found}
                  chosen={node}
                  choose={setNode}
                />
                <div className={styles.found}>
                  <DifferenceList found={found} chosen={node} />
                </div>
              </>
            ) : (
              was === null && <p className={styles.lead}>{t("This is the first version.")}</p>
            )}
          </section>
        </div>
      )}
    </Modal>
  );
}

interface LineProps {
  version: Version;
  live: boolean;
  chosen: boolean;
  choose(): void;
}

function Line({ version, live, chosen, choose }: LineProps) {
  const { number, message, created_at, created_by } = version;
  return (
    <li>
      <button type="button" aria-pressed={chosen} onClick={choose}>
        <span>
          <strong>{t("Version {n}", { n: number })}</strong>{" "}
          {live && (
            <Badge size="xs" variant="light">
              {t("Published")}
            </Badge>
          )}
        </span>
        <span>{message || t("No message")}</span>
        <time dateTime={created_at}>
          {formatTime(created_at)}
          {created_by ? ` · ${created_by}` : ""}
        </time>
      </button>
    </li>
  );
}

/** The document of a version, or what is on the canvas; undefined until it is there. */
function useDocument(number: number | null): FlowDocument | undefined {
  const flowId = useEditor((state) => state.flowId);
  const present = useEditor((state) => state.history.present);
  const catalogue = useEditor((state) => state.catalogue);
  const version = useQuery({
    queryKey: ["editor", flowId, "versions", number],
    queryFn: async () => settle(await getVersion(flowId, number ?? 0), catalogue),
    enabled: number !== null && number !== DRAFT,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return number === DRAFT ? present : version.data;
}
