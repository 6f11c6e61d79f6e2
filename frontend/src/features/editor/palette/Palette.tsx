import { IconChevronDown, IconLayoutSidebarLeftCollapse, IconSearch } from "@tabler/icons-react";
import { useReactFlow } from "@xyflow/react";
import { useMemo, useRef, useState } from "react";
import { t } from "@/shared/i18n";
import { KindIcon } from "@/shared/ui";
import menu from "../canvas/menu.module.css";
import type { Kind } from "../model/types";
import { useEditor, useEditorStore } from "../store/context";
import { addFromPalette } from "../store/gestures";
import { KIND_DRAG } from "./drag";
import { bestKinds, kindGroups } from "./kinds";
import styles from "./palette.module.css";

/** The kinds at the left: drag one onto the canvas, click it, or search and press Enter. */
export function Palette() {
  const store = useEditorStore();
  const flow = useReactFlow();
  const catalogue = useEditor((state) => state.catalogue);
  const [search, setSearch] = useState("");
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  const groups = useMemo(() => kindGroups(catalogue, search), [catalogue, search]);

  const add = (kind: Kind) => {
    const box = document.querySelector(".react-flow")?.getBoundingClientRect();
    const middle = flow.screenToFlowPosition({
      x: (box?.left ?? 0) + (box?.width ?? 0) / 2 - 116,
      y: (box?.top ?? 0) + (box?.height ?? 0) / 2 - 60,
    });
    addFromPalette(store, kind.key, middle);
  };
  const toggle = (key: string) => {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  };

  return (
    <aside className={styles.palette} aria-label={t("Nodes")}>
      <div className={styles.top}>
        <label className={styles.search}>
          <IconSearch size={15} aria-hidden />
          <input
            value={search}
            placeholder={t("Search nodes")}
            aria-label={t("Search nodes")}
            onChange={(event) => setSearch(event.currentTarget.value)}
            onKeyDown={(event) => {
              const [first] = bestKinds(groups, search);
              if (event.key === "Enter" && first) add(first);
              else if (event.key === "Escape" && search) setSearch("");
              else if (event.key === "ArrowDown")
                list.current?.querySelector<HTMLElement>("[data-kind]")?.focus();
              else return;
              event.preventDefault();
            }}
          />
        </label>
        <button
          type="button"
          className={styles.fold}
          title={t("Hide the nodes")}
          aria-label={t("Hide the nodes")}
          onClick={() => store.setState({ palette: false })}
        >
          <IconLayoutSidebarLeftCollapse size={18} aria-hidden />
        </button>
      </div>
      <div ref={list} className={styles.groups}>
        {groups.map((group) => {
          const open = search !== "" || !closed.has(group.key);
          return (
            <section key={group.key}>
              <button
                type="button"
                className={styles.group}
                aria-expanded={open}
                onClick={() => toggle(group.key)}
              >
                <IconChevronDown size={14} aria-hidden className={styles.chevron} />
                {group.title}
              </button>
              {open &&
                group.kinds.map((kind) => (
                  <button
                    key={kind.key}
                    type="button"
                    className={styles.kind}
                    data-kind={kind.key}
                    draggable
                    title={t(kind.description)}
                    onClick={() => add(kind)}
                    onDragStart={(event) => {
                      event.dataTransfer.setData(KIND_DRAG, kind.key);
                      event.dataTransfer.effectAllowed = "copy";
                    }}
                  >
                    <span className={menu.icon} data-group={kind.group}>
                      <KindIcon name={kind.icon} size={16} />
                    </span>
                    {t(kind.title)}
                  </button>
                ))}
            </section>
          );
        })}
        {groups.length === 0 && <p className={styles.none}>{t("Nothing fits. Try another word.")}</p>}
        {search === "" &&
          (catalogue.problems ?? []).map(({ file, message, line }) => (
            <p key={file} className={styles.problem} role="alert">
              <strong>{line ? t("{file}, line {line}", { file, line }) : file}</strong>
              {message}
            </p>
          ))}
      </div>
    </aside>
  );
}
