import { Alert, Button, Modal } from "@mantine/core";
import { IconPencil, IconRotate } from "@tabler/icons-react";
import { Fragment, useEffect, useState } from "react";
import { msg, t } from "@/shared/i18n";
import { COMMANDS, type Command, type CommandGroup, GROUP_TITLES } from "../commands";
import { chordOf, isWhole, keySigns, keysOf, takenBy } from "../keys";
import { bind, unbindAll, useBindings } from "../store/bindings";
import styles from "./dialogs.module.css";

const BY_MOUSE: [what: string, how: string][] = [
  [msg("Zoom"), msg("Wheel or pinch")],
  [msg("Move the canvas"), msg("Space and drag, or middle button")],
  [msg("Select several"), msg("Drag on the empty canvas, or Shift and click")],
  [msg("Snap to the grid"), msg("Hold Shift while dragging")],
  [msg("Add a node"), msg("Double-click, or drop a wire on the empty canvas")],
  [msg("Insert a node"), msg("+ on a wire")],
  [msg("What can be done here"), msg("Right button")],
  [msg("Open a flow as a file"), msg("Drop it on the canvas")],
];

/** Every key, and how to choose another. What a person chose is kept on this browser. */
export default function Shortcuts({ close }: { close(): void }) {
  const chosen = useBindings((state) => state.chosen);
  const [asking, ask] = useState<Command | null>(null);
  const [conflict, setConflict] = useState<{ chord: string; by: Command } | null>(null);
  const groups = Object.keys(GROUP_TITLES) as CommandGroup[];

  useEffect(() => {
    if (!asking) return;
    const press = (event: KeyboardEvent) => {
      if (!isWhole(event)) return;
      event.preventDefault();
      event.stopPropagation();
      const chord = chordOf(event);
      if (chord === "escape" && asking.id !== "close") return ask(null);
      const by = takenBy(chord, asking.id);
      if (by) return setConflict({ chord, by });
      bind(asking.id, [chord]);
      ask(null);
    };
    window.addEventListener("keydown", press, true);
    return () => window.removeEventListener("keydown", press, true);
  }, [asking]);

  const takeOver = () => {
    if (!asking || !conflict) return;
    const { chord, by } = conflict;
    bind(
      by.id,
      keysOf(by).filter((other) => other !== chord),
    );
    bind(asking.id, [chord]);
    ask(null);
  };

  return (
    <Modal opened onClose={close} title={t("Keyboard shortcuts")} size="xl" closeOnEscape={!asking}>
      <p className={styles.lead}>
        {t("Click a shortcut, then press the keys you want instead. They are kept on this browser.")}
        {Object.keys(chosen).length > 0 && (
          <Button
            ml="sm"
            size="compact-xs"
            variant="subtle"
            leftSection={<IconRotate size={14} aria-hidden />}
            onClick={unbindAll}
          >
            {t("Back to the first ones")}
          </Button>
        )}
      </p>
      {asking && conflict && (
        <Alert color="yellow" mb="md" role="alert">
          {t("{keys} already does “{command}”.", {
            keys: keySigns(conflict.chord).join("+"),
            command: t(conflict.by.title),
          })}{" "}
          <Button size="compact-xs" variant="light" onClick={takeOver}>
            {t("Use it here instead")}
          </Button>{" "}
          <Button size="compact-xs" variant="subtle" onClick={() => setConflict(null)}>
            {t("Choose another")}
          </Button>
        </Alert>
      )}
      <div className={styles.columns}>
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(GROUP_TITLES[group])}</h3>
            <dl>
              {COMMANDS.filter((command) => command.group === group).map((command) => (
                <Fragment key={command.id}>
                  <dt>{t(command.title)}</dt>
                  <dd>
                    <button
                      type="button"
                      className={styles.rebind}
                      data-asking={asking === command || undefined}
                      data-chosen={command.id in chosen || undefined}
                      onClick={() => {
                        setConflict(null);
                        ask(asking === command ? null : command);
                      }}
                    >
                      <span className="visually-hidden">
                        {t("Change the keys of “{command}”", { command: t(command.title) })}
                      </span>
                      {asking === command ? t("Press keys…") : <Chords command={command} />}
                    </button>
                  </dd>
                </Fragment>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{t("By mouse")}</h3>
          <dl>
            {BY_MOUSE.map(([what, how]) => (
              <Fragment key={what}>
                <dt>{t(what)}</dt>
                <dd>{t(how)}</dd>
              </Fragment>
            ))}
          </dl>
        </section>
      </div>
    </Modal>
  );
}

function Chords({ command }: { command: Command }) {
  const chords = keysOf(command);
  if (chords.length === 0) return <IconPencil size={13} aria-hidden />;
  return chords.map((chord) => (
    <span key={chord} className={styles.chord}>
      {keySigns(chord).map((key) => (
        <kbd key={key} className={styles.key}>
          {key}
        </kbd>
      ))}
    </span>
  ));
}
