import { ActionIcon, Menu } from "@mantine/core";
import { IconDotsVertical } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { COMMANDS } from "../commands";
import { keySigns, keysOf } from "../keys";
import { useSession } from "../session";
import styles from "./topbar.module.css";

/** The commands that concern the flow as one. */
export function FlowMenu() {
  const session = useSession();
  return (
    <Menu position="bottom-end" width={264}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={t("Menu of the flow")} title={t("Menu of the flow")}>
          <IconDotsVertical size={19} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {COMMANDS.filter((command) => command.inMenu).map((command) => (
          <Menu.Item
            key={command.id}
            rightSection={keysOf(command)
              .slice(0, 1)
              .map((chord) => (
                <kbd key={chord} className={styles.key}>
                  {keySigns(chord).join(" ")}
                </kbd>
              ))}
            onClick={() => command.run(session)}
          >
            {t(command.title)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
