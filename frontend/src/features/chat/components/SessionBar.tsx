import { ActionIcon, Popover, Tooltip } from "@mantine/core";
import { IconChevronDown, IconMessagePlus, IconThumbUp } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import classes from "./ChatPanel.module.css";
import { SessionList, titleOf } from "./SessionList";

interface Props {
  flowId: string;
  session: { title?: string } | undefined;
  chosen: string | null | undefined;
  choose: (id: string | null) => void;
  begin: () => void;
  /** The list stands beside the chat already. */
  listed?: boolean;
}

/** Which conversation it is, the way to the others and to a new one. */
export function SessionBar({ flowId, session, chosen, choose, begin, listed }: Props) {
  const [open, setOpen] = useState(false);
  const [held, hold] = useState(false);
  return (
    <header className={classes.bar}>
      {listed ? (
        <span className={classes.current}>
          <span>{titleOf(session)}</span>
        </span>
      ) : (
        <Popover
          opened={open}
          onChange={setOpen}
          closeOnClickOutside={!held}
          closeOnEscape={!held}
          position="bottom-start"
          width={320}
          shadow="md"
          trapFocus={!held}
        >
          <Popover.Target>
            <button
              type="button"
              className={classes.current}
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              <span>{titleOf(session)}</span>
              <IconChevronDown size={15} aria-hidden />
            </button>
          </Popover.Target>
          <Popover.Dropdown className={classes.menu}>
            <SessionList
              flowId={flowId}
              chosen={chosen}
              choose={(id) => {
                choose(id);
                setOpen(false);
              }}
              begin={begin}
              hold={hold}
            />
          </Popover.Dropdown>
        </Popover>
      )}
      <Tooltip label={t("What was thought of the answers")}>
        <ActionIcon
          component={Link}
          to={`/flows/${flowId}/feedback`}
          aria-label={t("What was thought of the answers")}
        >
          <IconThumbUp size={17} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("New chat")}>
        <ActionIcon aria-label={t("New chat")} onClick={begin}>
          <IconMessagePlus size={18} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
}
