import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCopy, IconDots, IconMessageCircle, IconPencil, IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";
import { t, tn } from "@/shared/i18n";
import { formatAgo, formatInstant } from "@/shared/lib/format";
import { tell } from "@/shared/ui";
import { type Flow, useCopyFlow } from "../api/flows";
import classes from "./Cards.module.css";
import { DeleteFlow } from "./DeleteFlow";
import { EditFlow } from "./EditFlow";

export function FlowCard({ flow }: { flow: Flow }) {
  const [editing, edit] = useDisclosure(false);
  const [deleting, remove] = useDisclosure(false);
  const copy = useCopyFlow();
  return (
    <article className={classes.card}>
      <h3 className={classes.name}>
        <Link to={`/flows/${flow.id}`} className={classes.whole}>
          {flow.name}
        </Link>
      </h3>
      <p className={classes.about}>{flow.description}</p>
      <footer className={classes.facts}>
        <span>{tn(flow.node_count, "{n} node", "{n} nodes")}</span>
        <span title={formatInstant(flow.updated_at)}>{formatAgo(flow.updated_at)}</span>
        {flow.published_version === null ? null : (
          <span className={classes.published}>
            {t("Version {number}", { number: flow.published_version })}
          </span>
        )}
      </footer>
      <Menu>
        <Menu.Target>
          <ActionIcon className={classes.menu} aria-label={t("More for {name}", { name: flow.name })}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component={Link}
            to={`/flows/${flow.id}/chat`}
            leftSection={<IconMessageCircle size={16} />}
          >
            {t("Open the chat")}
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={edit.open}>
            {t("Rename")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopy size={16} />}
            onClick={() =>
              copy.mutate(
                { id: flow.id, name: t("{name} (copy)", { name: flow.name }) },
                {
                  onError: tell.failure,
                  onSuccess: (made) => tell.done(t("Copied as “{name}”.", { name: made.name })),
                },
              )
            }
          >
            {t("Duplicate")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={remove.open}>
            {t("Delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <EditFlow flow={flow} opened={editing} close={edit.close} />
      <DeleteFlow flow={flow} opened={deleting} close={remove.close} />
    </article>
  );
}
