import { Menu } from "@mantine/core";
import { Fragment } from "react";
import { t } from "@/shared/i18n";
import { COMMANDS, type Command, type CommandGroup } from "../commands";
import { useSession } from "../session";
import { useEditor, useEditorStore } from "../store/context";
import { Chord } from "./SelectionBar";

const ON_NODES: CommandGroup[][] = [["node"], ["edit"]];
const ON_CANVAS = ["add", "paste", "select_all", "layout", "fit", "commands"];

/** What the right mouse button offers: the same commands as the keys and the palette. */
export function ContextMenu() {
  const session = useSession();
  const store = useEditorStore();
  const menu = useEditor((state) => state.contextMenu);
  if (!menu) return null;
  const able = (command: Command) => command.possible?.(session) ?? true;
  const sections =
    menu.on === "canvas"
      ? [ON_CANVAS.flatMap((id) => COMMANDS.filter((command) => command.id === id && able(command)))]
      : ON_NODES.map((groups) =>
          COMMANDS.filter(
            (command) =>
              groups.includes(command.group) &&
              able(command) &&
              !["undo", "redo", "select_all"].includes(command.id),
          ),
        );
  return (
    <Menu
      key={`${menu.left}/${menu.top}`}
      opened
      onClose={() => store.setState({ contextMenu: null })}
      position="bottom-start"
      offset={2}
      width={256}
      trapFocus
      returnFocus
      transitionProps={{ duration: 0 }}
    >
      <Menu.Target>
        <span
          aria-hidden
          style={{ position: "fixed", left: menu.left, top: menu.top, width: 1, height: 1 }}
        />
      </Menu.Target>
      <Menu.Dropdown>
        {sections.map((commands, place) => (
          <Fragment key={commands[0]?.id ?? place}>
            {place > 0 && <Menu.Divider />}
            {commands.map((command) => (
              <Menu.Item
                key={command.id}
                color={command.id === "delete" ? "red" : undefined}
                rightSection={<Chord command={command} />}
                onClick={() => command.run(session)}
              >
                {t(command.title)}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
