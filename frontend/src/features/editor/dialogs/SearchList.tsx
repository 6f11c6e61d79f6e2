import { Modal } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { t } from "@/shared/i18n";
import styles from "./dialogs.module.css";

export interface Choice {
  key: string;
  label: string;
  /** What else it is found by. */
  words?: string;
  group: string;
  icon?: ReactNode;
  right?: ReactNode;
  /** Why it can't be chosen; it is shown, and nothing happens. */
  why?: string;
  choose(): void;
}

interface Props {
  title: string;
  placeholder: string;
  choices: Choice[];
  /** Said above them, to a screen reader at once. */
  note?: string | undefined;
  close(): void;
}

/** A field over a list: type, arrows, Enter. */
export function SearchList({ title, placeholder, choices, note, close }: Props) {
  const [search, setSearch] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const active = useRef<HTMLDivElement>(null);
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const shown = choices.filter(({ label, words: more = "", group }) => {
    const text = `${label} ${more} ${group}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the active line changes with `at`
  useEffect(() => {
    active.current?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const pick = (choice: Choice | undefined) => {
    if (!choice || choice.why) return;
    close();
    choice.choose();
  };
  const keyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setAt(Math.min(at + 1, shown.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(at - 1, 0));
    else if (event.key === "Enter") pick(shown[at]);
    else return;
    event.preventDefault();
  };
  return (
    <Modal.Root opened onClose={close} size={560} yOffset="12vh">
      <Modal.Overlay />
      <Modal.Content aria-label={title} aria-labelledby={undefined}>
        <Modal.Body p={0}>
          <input
            className={styles.search}
            data-autofocus
            value={search}
            placeholder={placeholder}
            aria-label={placeholder}
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={shown[at] ? `${list}-${at}` : undefined}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={keyDown}
          />
          {note && (
            <p className={styles.note} role="status">
              {note}
            </p>
          )}
          <div id={list} className={styles.list} role="listbox" aria-label={title}>
            {shown.map((choice, place) => (
              <div key={choice.key}>
                {choice.group !== shown[place - 1]?.group && (
                  <div className={styles.group}>{choice.group}</div>
                )}
                {/* biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field above has the focus and drives the list */}
                <div
                  id={`${list}-${place}`}
                  ref={place === at ? active : undefined}
                  role="option"
                  aria-selected={place === at}
                  aria-disabled={choice.why !== undefined}
                  className={styles.option}
                  onMouseMove={() => setAt(place)}
                  onClick={() => pick(choice)}
                >
                  {choice.icon && <span className={styles.optionIcon}>{choice.icon}</span>}
                  <span className={styles.optionLabel}>{choice.label}</span>
                  {choice.why ? <span className={styles.why}>{choice.why}</span> : choice.right}
                </div>
              </div>
            ))}
            {shown.length === 0 && <p className={styles.none}>{t("Nothing fits. Try another word.")}</p>}
          </div>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
