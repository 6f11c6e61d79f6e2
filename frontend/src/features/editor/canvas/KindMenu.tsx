import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import { t } from "@/shared/i18n";
import { KindIcon } from "@/shared/ui";
import { kindFits } from "../model/connect";
import type { Kind } from "../model/types";
import { bestKinds, kindGroups } from "../palette/kinds";
import { useEditor, useEditorStore } from "../store/context";
import type { EditorStore, KindQuestion } from "../store/editor";
import { answerKind } from "../store/gestures";
import styles from "./menu.module.css";

/** Asks which kind to add, insert or put in a node's place, beside where it was asked. */
export function KindMenu() {
  const question = useEditor((state) => state.question);
  return question ? <Menu key={`${question.left}/${question.top}`} question={question} /> : null;
}

function Menu({ question }: { question: KindQuestion }) {
  const store = useEditorStore();
  const [search, setSearch] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const box = useRef<HTMLDivElement>(null);
  const active = useRef<HTMLDivElement>(null);
  const kinds = useMemo(() => {
    const groups = kindGroups(store.getState().catalogue, search, (kind) =>
      fitsQuestion(store, question, kind),
    );
    return bestKinds(groups, search);
  }, [store, question, search]);
  const close = () => store.setState({ question: null });

  useLayoutEffect(() => {
    const menu = box.current;
    if (!menu) return;
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(question.left, window.innerWidth - width - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(question.top, window.innerHeight - height - 8))}px`;
  }, [question]);

  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as globalThis.Node)) store.setState({ question: null });
    };
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [store]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the active line changes with `at`
  useEffect(() => {
    active.current?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const keyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") setAt((old) => Math.min(old + 1, kinds.length - 1));
    else if (event.key === "ArrowUp") setAt((old) => Math.max(old - 1, 0));
    else if (event.key === "Enter") {
      const kind = kinds[at];
      if (kind) answerKind(store, question, kind.key);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={box} className={styles.menu} role="dialog" aria-label={heading(question)}>
      <div className={styles.heading}>{heading(question)}</div>
      <input
        className={styles.search}
        // biome-ignore lint/a11y/noAutofocus: the menu opens to be typed into
        autoFocus
        value={search}
        placeholder={t("Search nodes")}
        aria-label={t("Search nodes")}
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={kinds[at] ? `${list}-${at}` : undefined}
        onChange={(event) => {
          setSearch(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={keyDown}
      />
      <div id={list} className={styles.list} role="listbox" aria-label={t("Kinds of nodes")}>
        {kinds.map((kind, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field above has the focus and drives the list
          <div
            key={kind.key}
            id={`${list}-${place}`}
            ref={place === at ? active : undefined}
            role="option"
            aria-selected={place === at}
            className={styles.option}
            onMouseMove={() => setAt(place)}
            onClick={() => answerKind(store, question, kind.key)}
          >
            <span className={styles.icon} data-group={kind.group}>
              <KindIcon name={kind.icon} size={16} />
            </span>
            <span className={styles.words}>
              <span className={styles.title}>{t(kind.title)}</span>
              <span className={styles.description}>{t(kind.description)}</span>
            </span>
          </div>
        ))}
        {kinds.length === 0 && <p className={styles.none}>{t("Nothing fits. Try another word.")}</p>}
      </div>
    </div>
  );
}

function heading(question: KindQuestion): string {
  if (question.for === "edge") return t("Insert a node");
  if (question.for === "replace") return t("Replace by");
  if (question.for === "port") return t("Connect to a new node");
  return t("Add a node");
}

function fitsQuestion(store: EditorStore, question: KindQuestion, kind: Kind): boolean {
  const { catalogue } = store.getState();
  if (question.for === "port") return kindFits(kind, question.type, question.end.side, catalogue);
  if (question.for === "edge")
    return kind.inputs.length > 0 || declaresInputs(kind) ? kind.outputs.length > 0 : false;
  return true;
}

function declaresInputs(kind: Kind): boolean {
  return Object.values(kind.settings_schema.properties ?? {}).some((field) => field["x-inputs"]);
}
