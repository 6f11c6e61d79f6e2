import { Menu } from "@mantine/core";
import {
  IconBoxMultiple,
  IconCopyPlus,
  IconEyeOff,
  IconFrame,
  IconLayoutAlignLeft,
  IconTrash,
} from "@tabler/icons-react";
import { Panel } from "@xyflow/react";
import { t, tn } from "@/shared/i18n";
import { COMMANDS, type Command } from "../commands";
import { keySigns, keysOf } from "../keys";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import styles from "./bar.module.css";

const BUTTONS = [
  ["group", IconFrame],
  ["extract", IconBoxMultiple],
  ["duplicate", IconCopyPlus],
  ["disable", IconEyeOff],
  ["delete", IconTrash],
] as const;

const named = (id: string) => COMMANDS.find((command) => command.id === id) as Command;

/** Over the canvas while several nodes are selected: what can be done with them together. */
export function SelectionBar() {
  const session = useSession();
  const count = useEditor((state) => state.selectedNodes.size);
  if (count < 2) return null;
  const aligning = COMMANDS.filter((command) => command.group === "align");
  return (
    <Panel position="top-center" className={styles.bar} role="toolbar" aria-label={t("Selected nodes")}>
      <span className={styles.count}>{tn(count, "{n} selected", "{n} selected")}</span>
      {BUTTONS.map(([id, Sign]) => {
        const command = named(id);
        if (!(command.possible?.(session) ?? true)) return null;
        return (
          <button
            key={id}
            type="button"
            title={hint(command)}
            aria-label={t(command.title)}
            onClick={() => command.run(session)}
          >
            <Sign size={17} aria-hidden />
          </button>
        );
      })}
      <Menu position="bottom-end" width={244}>
        <Menu.Target>
          <button type="button" title={t("Align and distribute")} aria-label={t("Align and distribute")}>
            <IconLayoutAlignLeft size={17} aria-hidden />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {aligning.map((command) => (
            <Menu.Item
              key={command.id}
              disabled={!(command.possible?.(session) ?? true)}
              rightSection={<Chord command={command} />}
              onClick={() => command.run(session)}
            >
              {t(command.title)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Panel>
  );
}

function hint(command: Command): string {
  const [chord] = keysOf(command);
  return chord ? `${t(command.title)} (${keySigns(chord).join("+")})` : t(command.title);
}

export function Chord({ command }: { command: Command }) {
  const [chord] = keysOf(command);
  return chord ? <kbd className={styles.key}>{keySigns(chord).join(" ")}</kbd> : null;
}
