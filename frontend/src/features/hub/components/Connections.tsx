import { ActionIcon, Button, Collapse, Skeleton, Tooltip } from "@mantine/core";
import { IconChevronDown, IconPencil, IconPlugConnected, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useId, useState } from "react";
import { t, tn } from "@/shared/i18n";
import { formatAgo } from "@/shared/lib/format";
import { Confirm, Empty, Failure, Problem } from "@/shared/ui";
import {
  type Connection,
  useConnections,
  useDeleteConnection,
  useProviders,
  useRefreshConnection,
} from "../api/hub";
import classes from "./Connections.module.css";
import { Keys } from "./Keys";
import { ModelPrices } from "./ModelPrices";

/** Every address that was added, with its keys and its models. */
export function Connections({ edit }: { edit: (connection: Connection | "new") => void }) {
  const list = useConnections();
  const [removed, remove] = useState<Connection | null>(null);
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  return (
    <>
      {list.data?.length === 0 ? (
        <Empty icon={<IconPlugConnected size={28} />} title={t("No vendor is connected yet")}>
          {t(
            "Bring a key of OpenAI, Qwen, DeepSeek, … or the address of a server that speaks their protocol.",
          )}
        </Empty>
      ) : null}
      <ul className={classes.list}>
        {list.data?.map((connection) => (
          <ConnectionCard
            key={connection.id}
            connection={connection}
            edit={() => edit(connection)}
            remove={() => remove(connection)}
          />
        ))}
        {list.isPending ? (
          <Skeleton component="li" height={110} radius="lg" role="status" aria-label={t("Loading")} />
        ) : null}
      </ul>
      <RemoveDialog connection={removed} close={() => remove(null)} />
    </>
  );
}

interface CardProps {
  connection: Connection;
  edit: () => void;
  remove: () => void;
}

function ConnectionCard({ connection, edit, remove }: CardProps) {
  const provider = useProviders().data?.find((one) => one.key === connection.provider);
  const { name } = connection;
  return (
    <li className={classes.item}>
      <div className={classes.head}>
        <h3>{name}</h3>
        <span className={classes.quiet}>
          {[
            provider ? t(provider.title) : connection.provider,
            connection.base_url,
            connection.proxy ? t("by proxy {address}", { address: connection.proxy }) : "",
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        <span className={classes.actions}>
          <Tooltip label={t("Change")}>
            <ActionIcon aria-label={t("Change {name}", { name })} onClick={edit}>
              <IconPencil size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("Remove")}>
            <ActionIcon aria-label={t("Remove {name}", { name })} onClick={remove}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </span>
      </div>
      <Keys connection={connection} />
      {provider?.jobs.includes("service") ? null : <Offered connection={connection} />}
    </li>
  );
}

/** The models of a connection; the key of a web service has none. */
function Offered({ connection }: { connection: Connection }) {
  const refresh = useRefreshConnection();
  const [open, setOpen] = useState(false);
  const models = useId();
  const { name } = connection;
  return (
    <>
      <div className={classes.models}>
        <Button
          className={classes.plain}
          size="compact-sm"
          variant="subtle"
          aria-expanded={open}
          aria-controls={models}
          rightSection={
            <IconChevronDown size={15} className={classes.chevron} data-open={open || undefined} />
          }
          onClick={() => setOpen(!open)}
        >
          {tn(connection.models.length, "{n} model and its price", "{n} models and their prices")}
        </Button>
        <span className={classes.quiet}>
          {connection.models_at
            ? t("listed {ago}", { ago: formatAgo(connection.models_at) })
            : t("named by hand")}
        </span>
        <Tooltip label={t("Ask for the list again")}>
          <ActionIcon
            aria-label={t("Ask {name} for its models again", { name })}
            loading={refresh.isPending}
            onClick={() => refresh.mutate(connection.id)}
          >
            <IconRefresh size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      {refresh.error ? <Problem error={refresh.error} /> : null}
      <Collapse expanded={open} id={models}>
        {open ? <ModelPrices connection={connection} /> : null}
      </Collapse>
    </>
  );
}

function RemoveDialog({ connection, close }: { connection: Connection | null; close: () => void }) {
  return (
    <Confirm
      of={connection?.id ?? null}
      title={t("Remove “{name}”?", { name: connection?.name ?? "" })}
      act={t("Remove")}
      mutation={useDeleteConnection()}
      close={close}
    >
      {t("Its keys are deleted. Flows that use its models fail until another is chosen.")}
    </Confirm>
  );
}
