import { ActionIcon, Menu } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconDots, IconStack2 } from "@tabler/icons-react";
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo, useEffect, useRef } from "react";
import { msg, t, tn } from "@/shared/i18n";
import { GROUP_COLORS, groupIn, groupsOf, setGroup } from "../model/groups";
import { type CanvasNode, GROUP_IN, GROUP_OUT } from "../store/canvasElements";
import { useEditor, useEditorStore } from "../store/context";
import { foldGroup, ungroup } from "../store/gestures";
import styles from "./group.module.css";

const COLOR_NAMES: Record<(typeof GROUP_COLORS)[number], string> = {
  gray: msg("Gray"),
  green: msg("Green"),
  blue: msg("Blue"),
  amber: msg("Amber"),
  pink: msg("Pink"),
  violet: msg("Violet"),
};

/** A frame around nodes with a title and a colour; folded, it stands for them. */
export const GroupFrame = memo(function GroupFrame({ id, data, selected }: NodeProps<CanvasNode>) {
  const store = useEditorStore();
  const key = groupIn(id) ?? "";
  const group = useEditor((state) => groupsOf(state.history.present)[key]);
  const named = useEditor((state) => state.namedGroup === key);
  const detail = useEditor((state) => state.detail);
  const title = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!named) return;
    store.setState({ namedGroup: null });
    title.current?.focus();
    title.current?.select();
  }, [named, store]);
  if (!group) return null;
  const { collapsed = false, node_ids } = group;
  const rename = (value: string) =>
    store.getState().change(t("Rename group"), (document) => setGroup(document, key, { title: value }), {
      key: `${key}/title`,
    });
  const Chevron = collapsed ? IconChevronRight : IconChevronDown;
  return (
    <div
      className={styles.frame}
      data-color={group.color}
      data-selected={selected || undefined}
      data-collapsed={collapsed || undefined}
      data-detail={detail}
      style={{ width: data.shape.width, height: data.shape.height }}
    >
      <header
        className={styles.header}
        onPointerDown={() => {
          if (!selected) store.getState().select(collapsed ? [] : node_ids, [], key);
        }}
      >
        <button
          type="button"
          className={`${styles.fold} nodrag`}
          aria-expanded={!collapsed}
          aria-label={collapsed ? t("Unfold group") : t("Fold group")}
          title={collapsed ? t("Unfold group") : t("Fold group")}
          onClick={() => foldGroup(store, key)}
        >
          <Chevron size={16} aria-hidden />
        </button>
        <input
          ref={title}
          className={styles.title}
          value={group.title}
          size={Math.max(6, Math.min(group.title.length + 2, 60))}
          maxLength={200}
          placeholder={t("Group")}
          aria-label={t("Title of the group")}
          onChange={(event) => rename(event.currentTarget.value)}
          onBlur={() => store.getState().seal()}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
          }}
        />
        <Menu position="bottom-start" withinPortal>
          <Menu.Target>
            <ActionIcon size="sm" className={`${styles.more} nodrag`} aria-label={t("More about this group")}>
              <IconDots size={15} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t("Colour")}</Menu.Label>
            <div className={styles.swatches}>
              {GROUP_COLORS.map((color) => (
                <button
                  key={color}
                  type="button"
                  className={styles.swatch}
                  data-color={color}
                  aria-pressed={group.color === color}
                  aria-label={t(COLOR_NAMES[color])}
                  title={t(COLOR_NAMES[color])}
                  onClick={() =>
                    store.getState().change(t("Colour"), (document) => setGroup(document, key, { color }))
                  }
                />
              ))}
            </div>
            <Menu.Item onClick={() => store.getState().select(node_ids)}>{t("Select its nodes")}</Menu.Item>
            <Menu.Item onClick={() => ungroup(store, key)}>{t("Ungroup")}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      {collapsed && (
        <>
          <div className={styles.inside}>
            <IconStack2 size={15} aria-hidden />
            {tn(node_ids.length, "{n} node", "{n} nodes")}
          </div>
          <Handle
            id={GROUP_IN}
            type="target"
            position={Position.Left}
            isConnectable={false}
            className={styles.end}
          />
          <Handle
            id={GROUP_OUT}
            type="source"
            position={Position.Right}
            isConnectable={false}
            className={styles.end}
          />
        </>
      )}
    </div>
  );
});
