import { Modal } from "@mantine/core";
import { Fragment } from "react";
import { msg, t } from "@/shared/i18n";
import { COMMANDS, type CommandGroup, GROUP_TITLES } from "../commands";
import { keySigns } from "../keys";
import styles from "./dialogs.module.css";

const BY_MOUSE: [what: string, how: string][] = [
  [msg("Zoom"), msg("Wheel or pinch")],
  [msg("Move the canvas"), msg("Space and drag, or middle button")],
  [msg("Select several"), msg("Drag on the empty canvas, or Shift and click")],
  [msg("Snap to the grid"), msg("Hold Shift while dragging")],
  [msg("Add a node"), msg("Double-click, or drop a wire on the empty canvas")],
  [msg("Insert a node"), msg("+ on a wire")],
];

export default function Shortcuts({ close }: { close(): void }) {
  const groups = Object.keys(GROUP_TITLES) as CommandGroup[];
  return (
    <Modal opened onClose={close} title={t("Keyboard shortcuts")} size="xl">
      <div className={styles.columns}>
        {groups.map((group) => {
          const commands = COMMANDS.filter((command) => command.group === group && command.keys);
          return (
            <section key={group}>
              <h3>{t(GROUP_TITLES[group])}</h3>
              <dl>
                {commands.map((command) => (
                  <Fragment key={command.id}>
                    <dt>{t(command.title)}</dt>
                    <dd>
                      {command.keys?.map((chord) => (
                        <span key={chord} className={styles.chord}>
                          {keySigns(chord).map((key) => (
                            <kbd key={key} className={styles.key}>
                              {key}
                            </kbd>
                          ))}
                        </span>
                      ))}
                    </dd>
                  </Fragment>
                ))}
              </dl>
            </section>
          );
        })}
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
