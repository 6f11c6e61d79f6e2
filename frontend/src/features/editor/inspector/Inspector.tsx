import { ActionIcon, Button, Menu, Tabs } from "@mantine/core";
import {
  IconCopyPlus,
  IconDots,
  IconEye,
  IconEyeOff,
  IconReplace,
  IconTrash,
  IconX,
} from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { KindIcon } from "@/shared/ui";
import { askForReplacement } from "../canvas/ask";
import menu from "../canvas/menu.module.css";
import { nodeAt } from "../model/document";
import { NOTE, rename } from "../model/nodes";
import { kindOf } from "../model/ports";
import { isFixed } from "../model/remove";
import type { FlowNode, Kind } from "../model/types";
import { useEditor, useEditorStore } from "../store/context";
import type { Tab } from "../store/editor";
import { deleteSelection, duplicateSelection, toggleDisabled } from "../store/gestures";
import styles from "./inspector.module.css";
import { LastRun } from "./LastRun";
import { PolicyTab } from "./PolicyTab";
import { SettingsTab } from "./SettingsTab";

/** The panel of one node: its settings, what happens when it fails, what it did last. */
export function Inspector() {
  const id = useEditor((state) => state.inspected);
  const node = useEditor((state) =>
    state.inspected === null ? undefined : nodeAt(state.history.present, state.inspected),
  );
  const kind = useEditor((state) => (node ? kindOf(state.catalogue, node.kind) : undefined));
  if (id === null || !node) return null;
  return (
    <aside key={id} className={styles.panel} aria-label={t("Panel of the node")}>
      <Head id={id} node={node} kind={kind} />
      {kind ? <KnownKind id={id} node={node} kind={kind} /> : <UnknownKind id={id} node={node} />}
    </aside>
  );
}

function KnownKind({ id, node, kind }: { id: string; node: FlowNode; kind: Kind }) {
  const store = useEditorStore();
  const tab = useEditor((state) => state.tab);
  const runs = kind.key !== NOTE;
  if (!runs) {
    return (
      <div className={styles.scroll}>
        <SettingsTab id={id} node={node} kind={kind} />
      </div>
    );
  }
  return (
    <Tabs
      className={styles.tabs}
      classNames={{ panel: styles.scroll }}
      value={tab}
      keepMounted={false}
      onChange={(value) => value && store.setState({ tab: value as Tab })}
    >
      <Tabs.List>
        <Tabs.Tab value="settings">{t("Settings")}</Tabs.Tab>
        <Tabs.Tab value="policy">{t("On error")}</Tabs.Tab>
        <Tabs.Tab value="run">{t("Last run")}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="settings">
        <SettingsTab id={id} node={node} kind={kind} />
      </Tabs.Panel>
      <Tabs.Panel value="policy">
        <PolicyTab id={id} node={node} />
      </Tabs.Panel>
      <Tabs.Panel value="run">
        <LastRun id={id} node={node} kind={kind} />
      </Tabs.Panel>
    </Tabs>
  );
}

function UnknownKind({ id, node }: { id: string; node: FlowNode }) {
  const store = useEditorStore();
  return (
    <div className={styles.scroll}>
      <p>{t("This version of Flowloft has no kind “{kind}”.", { kind: node.kind })}</p>
      <p className={styles.hint}>
        {t("The node is kept as it is. Replace it, or open the flow in a version that has it.")}
      </p>
      <Button
        variant="default"
        leftSection={<IconReplace size={16} aria-hidden />}
        onClick={(event) => askForReplacement(store, id, { x: event.clientX, y: event.clientY })}
      >
        {t("Replace by another kind")}
      </Button>
      <pre className={styles.raw}>{JSON.stringify(node.settings, null, 2)}</pre>
    </div>
  );
}

function Head({ id, node, kind }: { id: string; node: FlowNode; kind: Kind | undefined }) {
  const store = useEditorStore();
  const fixed = useEditor((state) => isFixed(state.history.present, id));
  const only = (act: () => void) => {
    store.getState().select([id]);
    act();
  };
  return (
    <header className={styles.head}>
      <span className={menu.icon} data-group={kind?.group}>
        <KindIcon name={kind?.icon ?? "help"} size={17} />
      </span>
      <div className={styles.names}>
        <input
          className={styles.title}
          value={node.title ?? ""}
          placeholder={t(kind?.title ?? node.kind)}
          maxLength={200}
          aria-label={t("Title of the node")}
          onChange={(event) => {
            const { value } = event.currentTarget;
            store
              .getState()
              .change(t("Rename"), (document) => rename(document, id, value), { key: `${id}/title` });
          }}
          onBlur={() => store.getState().seal()}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
          }}
        />
        <span className={styles.kind}>
          {t(kind?.title ?? node.kind)} · <code>{id}</code>
        </span>
      </div>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t("More about this node")}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconCopyPlus size={16} />}
            disabled={fixed}
            onClick={() => only(() => duplicateSelection(store))}
          >
            {t("Duplicate")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconReplace size={16} />}
            disabled={fixed}
            onClick={(event) => askForReplacement(store, id, { x: event.clientX, y: event.clientY })}
          >
            {t("Replace by another kind")}
          </Menu.Item>
          <Menu.Item
            leftSection={node.disabled ? <IconEye size={16} /> : <IconEyeOff size={16} />}
            disabled={fixed}
            onClick={() => only(() => toggleDisabled(store))}
          >
            {node.disabled ? t("Enable") : t("Disable")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            disabled={fixed}
            onClick={() => only(() => deleteSelection(store))}
          >
            {t("Delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ActionIcon
        aria-label={t("Close")}
        title={t("Close (Esc)")}
        onClick={() => store.getState().inspect(null)}
      >
        <IconX size={18} aria-hidden />
      </ActionIcon>
    </header>
  );
}
