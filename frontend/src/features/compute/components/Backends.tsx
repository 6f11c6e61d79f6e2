import { ActionIcon, Button, Loader, Menu, Skeleton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleX,
  IconDotsVertical,
  IconPencil,
  IconPlayerPlay,
  IconPlus,
  IconStar,
  IconTrash,
} from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { t, tn } from "@/shared/i18n";
import { formatAgo } from "@/shared/lib/format";
import { Confirm, Failure, Problem, tell } from "@/shared/ui";
import {
  type Backend,
  useBackendKinds,
  useBackends,
  useCheckBackend,
  useChoice,
  useChoose,
  useRemoveBackend,
} from "../api/compute";
import { BackendDialog } from "./BackendDialog";
import classes from "./compute.module.css";
import { Queue } from "./Queue";

interface Props {
  /** Whether this person sets up backends. */
  owner: boolean;
  /** Shows a job, for instance the one that a check sent. */
  show: (job: string) => void;
}

/** The places to compute: this machine and those that were added. */
export function Backends({ owner, show }: Props) {
  const list = useBackends();
  const [edited, edit] = useState<Backend | "new" | null>(null);
  const [removed, remove] = useState<Backend | null>(null);
  const [saved, setSaved] = useState({ id: "", times: 0 });
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  return (
    <>
      <ul className={classes.list}>
        {list.data?.map((backend) => (
          <BackendCard
            key={backend.id}
            backend={backend}
            saved={saved.id === backend.id ? saved.times : 0}
            show={show}
            edit={() => edit(backend)}
            remove={() => remove(backend)}
          />
        ))}
        {list.isPending ? <Skeleton component="li" height={74} radius="lg" /> : null}
      </ul>
      {owner ? (
        <Button mt="md" variant="default" leftSection={<IconPlus size={16} />} onClick={() => edit("new")}>
          {t("Add a backend")}
        </Button>
      ) : (
        <p className={classes.quiet}>{t("Only the owner of the studio adds backends.")}</p>
      )}
      <BackendDialog
        key={edited === null || edited === "new" ? "new" : edited.id}
        backend={edited === "new" ? null : edited}
        opened={edited !== null}
        close={() => edit(null)}
        saved={({ id }) => setSaved({ id, times: saved.times + 1 })}
      />
      <RemoveDialog backend={removed} close={() => remove(null)} />
    </>
  );
}

interface CardProps {
  backend: Backend;
  /** Grows with each time it is saved: then it is checked by itself. */
  saved: number;
  show: (job: string) => void;
  edit: () => void;
  remove: () => void;
}

function BackendCard({ backend, saved, show, edit, remove }: CardProps) {
  const kind = useBackendKinds().data?.find((one) => one.key === backend.kind);
  const check = useCheckBackend();
  const choice = useChoice().data;
  const choose = useChoose();
  const { mutate: ask } = check;
  const [queue, setQueue] = useState(false);
  const chosen = choice?.backend === backend.id && choice.scope === "person";
  useEffect(() => {
    if (saved) ask({ id: backend.id, job: false });
  }, [saved, ask, backend.id]);
  const prefer = () =>
    choose.mutate({ scope: "person", backend: chosen ? null : backend.id }, { onError: tell.failure });
  return (
    <li className={classes.item} aria-label={backend.name}>
      <div className={classes.head}>
        <h3>{backend.always ? t("This machine") : backend.name}</h3>
        {backend.always ? null : <span className={classes.quiet}>{t(kind?.title ?? backend.kind)}</span>}
        {backend.shared && !backend.always ? <span className={classes.tag}>{t("Shared")}</span> : null}
        {chosen ? <span className={classes.tag}>{t("Your standard")}</span> : null}
        <span className={classes.actions}>
          {kind?.queues ? (
            <Button
              size="compact-sm"
              variant="subtle"
              aria-expanded={queue}
              onClick={() => setQueue((open) => !open)}
            >
              {t("Queue")}
            </Button>
          ) : null}
          <Button
            size="compact-sm"
            variant="default"
            loading={check.isPending && check.variables?.job === false}
            onClick={() => check.mutate({ id: backend.id, job: false })}
          >
            {t("Check")}
          </Button>
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon aria-label={t("More for {name}", { name: backend.name })}>
                <IconDotsVertical size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                leftSection={<IconPlayerPlay size={15} />}
                onClick={() =>
                  check.mutate(
                    { id: backend.id, job: true },
                    { onSuccess: ({ job }) => job && show(job), onError: tell.failure },
                  )
                }
              >
                {t("Send a tiny job")}
              </Menu.Item>
              <Menu.Item leftSection={<IconStar size={15} />} onClick={prefer}>
                {chosen ? t("No longer my standard for runs") : t("Make it my standard for runs")}
              </Menu.Item>
              {backend.mine ? (
                <>
                  <Menu.Item leftSection={<IconPencil size={15} />} onClick={edit}>
                    {t("Change")}
                  </Menu.Item>
                  <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={remove}>
                    {t("Remove")}
                  </Menu.Item>
                </>
              ) : null}
            </Menu.Dropdown>
          </Menu>
        </span>
      </div>
      <p className={classes.quiet}>
        {backend.running + backend.waiting === 0
          ? t("No jobs there now.")
          : [
              backend.running ? tn(backend.running, "{n} job runs", "{n} jobs run") : "",
              backend.waiting ? tn(backend.waiting, "{n} job waits", "{n} jobs wait") : "",
            ]
              .filter(Boolean)
              .join(" · ")}
      </p>
      {backend.silent_since ? (
        <p className={classes.silent} role="alert">
          <IconAlertTriangle size={16} aria-hidden />
          <span>
            {t("Silent since {ago}; what was known of its jobs still holds.", {
              ago: formatAgo(backend.silent_since),
            })}{" "}
            {backend.silence}
          </span>
        </p>
      ) : null}
      <Checked check={check} />
      {queue ? <Queue backend={backend} show={show} /> : null}
    </li>
  );
}

function Checked({ check }: { check: ReturnType<typeof useCheckBackend> }) {
  if (check.isPending)
    return (
      <p className={classes.verdict} role="status">
        <Loader size={14} aria-hidden /> {t("Asking it …")}
      </p>
    );
  if (check.error) return <Problem error={check.error} />;
  if (!check.data) return null;
  const good = check.data.score > 0;
  return (
    <p className={classes.verdict} data-good={good} role="status">
      {good ? <IconCircleCheck size={16} aria-hidden /> : <IconCircleX size={16} aria-hidden />}
      <span>
        <strong>{good ? t("Can be used.") : t("Cannot be used.")}</strong> {t(check.data.reason)}
      </span>
    </p>
  );
}

function RemoveDialog({ backend, close }: { backend: Backend | null; close: () => void }) {
  return (
    <Confirm
      of={backend?.id ?? null}
      title={t("Remove “{name}”?", { name: backend?.name ?? "" })}
      act={t("Remove")}
      mutation={useRemoveBackend()}
      close={close}
    >
      {t("Its secrets are deleted. Its jobs stay in the list, their logs are out of reach.")}
    </Confirm>
  );
}
