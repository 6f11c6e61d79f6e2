import { ActionIcon, Button, Group, Modal, Skeleton } from "@mantine/core";
import { IconKey, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "@/shared/i18n";
import { Failure, Problem } from "@/shared/ui";
import { type Connection, useConnections, useDeleteConnection, useModels } from "../api/hub";
import { ConnectionDialog } from "./ConnectionDialog";
import classes from "./Connections.module.css";
import { ModelChips } from "./ModelChips";

/** Where models answer: the one in the box and every address that was added. */
export function Connections() {
  const list = useConnections();
  const [edited, edit] = useState<Connection | "new" | null>(null);
  const [removed, remove] = useState<Connection | null>(null);
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  return (
    <>
      <ul className={classes.list}>
        <BuiltIn />
        {list.data?.map((connection) => (
          <li key={connection.id} className={classes.item}>
            <div className={classes.head}>
              <h3>{connection.name}</h3>
              <span className={classes.quiet}>{connection.base_url || connection.provider}</span>
              {connection.has_key ? (
                <span className={classes.key}>
                  <IconKey size={14} aria-hidden />
                  {t("Key kept")}
                </span>
              ) : null}
              <span className={classes.actions}>
                <ActionIcon
                  aria-label={t("Change {name}", { name: connection.name })}
                  onClick={() => edit(connection)}
                >
                  <IconPencil size={16} />
                </ActionIcon>
                <ActionIcon
                  aria-label={t("Remove {name}", { name: connection.name })}
                  onClick={() => remove(connection)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </span>
            </div>
            <ModelChips models={connection.models} />
          </li>
        ))}
        {list.isPending ? <Skeleton component="li" height={74} radius="lg" /> : null}
      </ul>
      <Button mt="md" variant="default" leftSection={<IconPlus size={16} />} onClick={() => edit("new")}>
        {t("Add a connection")}
      </Button>
      <ConnectionDialog
        key={edited === null || edited === "new" ? "new" : edited.id}
        connection={edited === "new" ? null : edited}
        opened={edited !== null}
        close={() => edit(null)}
      />
      <RemoveDialog connection={removed} close={() => remove(null)} />
    </>
  );
}

function BuiltIn() {
  const models = useModels().data?.filter((model) => model.builtin) ?? [];
  return (
    <li className={classes.item}>
      <div className={classes.head}>
        <h3>{t("Built in")}</h3>
        <span className={classes.quiet}>{t("Runs on this machine, without a key.")}</span>
      </div>
      {models.map((model) => (
        <div key={model.ref} className={classes.built}>
          <span>{t(model.title)}</span>
          <span className={classes.quiet}>{t(model.note)}</span>
        </div>
      ))}
    </li>
  );
}

function RemoveDialog({ connection, close }: { connection: Connection | null; close: () => void }) {
  const remove = useDeleteConnection();
  return (
    <Modal
      opened={connection !== null}
      onClose={close}
      title={t("Remove “{name}”?", { name: connection?.name ?? "" })}
    >
      <p style={{ marginBlockStart: 0 }}>
        {t("Its key is deleted. Flows that use its models fail until another is chosen.")}
      </p>
      {remove.error ? <Problem error={remove.error} /> : null}
      <Group justify="flex-end" mt="md">
        <Button variant="default" data-autofocus onClick={close}>
          {t("Keep it")}
        </Button>
        <Button
          color="red"
          loading={remove.isPending}
          onClick={() => connection && remove.mutate(connection.id, { onSuccess: close })}
        >
          {t("Remove")}
        </Button>
      </Group>
    </Modal>
  );
}
