import { ActionIcon, Button, Tooltip } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronLeft,
  IconForms,
  IconMessageCircle,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
  IconRocket,
} from "@tabler/icons-react";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { COMMANDS } from "../commands";
import { keySigns, keysOf } from "../keys";
import { hasChat } from "../model/entrance";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { Checklist } from "./Checklist";
import { FlowMenu } from "./FlowMenu";
import { FlowName } from "./FlowName";
import { Others } from "./Others";
import { RunMark } from "./RunMark";
import { SaveMark } from "./SaveMark";
import { Trail } from "./Trail";
import styles from "./topbar.module.css";

/** The flow's name and state at the left, what can be done with it at the right. */
export function TopBar() {
  const session = useSession();
  const { store, running } = session;
  const undoes = useEditor((state) => state.history.past.at(-1)?.label);
  const redoes = useEditor((state) => state.history.future[0]?.label);
  const side = useEditor((state) => state.side === "chat" || state.side === "form");
  const chat = useEditor((state) => hasChat(state.history.present));
  return (
    <header className={styles.bar}>
      <ActionIcon component={Link} to="/" size="lg" aria-label={t("All flows")} title={t("All flows")}>
        <IconChevronLeft size={19} aria-hidden />
      </ActionIcon>
      <Trail />
      <FlowName />
      <SaveMark />
      <span className={styles.gap} />
      <Others />
      <RunMark />
      <Checklist />
      <span className={styles.split} />
      <Tooltip label={undoes ? `${t("Undo")}: ${undoes} (${keys("undo")})` : t("Nothing to undo")}>
        <ActionIcon
          size="lg"
          aria-label={t("Undo")}
          disabled={undoes === undefined}
          onClick={() => store.getState().undo()}
        >
          <IconArrowBackUp size={19} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={redoes ? `${t("Redo")}: ${redoes} (${keys("redo")})` : t("Nothing to redo")}>
        <ActionIcon
          size="lg"
          aria-label={t("Redo")}
          disabled={redoes === undefined}
          onClick={() => store.getState().redo()}
        >
          <IconArrowForwardUp size={19} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <FlowMenu />
      <span className={styles.split} />
      <Button
        variant={side ? "light" : "default"}
        aria-pressed={side}
        leftSection={chat ? <IconMessageCircle size={17} aria-hidden /> : <IconForms size={17} aria-hidden />}
        onClick={() => session.toggleSide()}
      >
        {chat ? t("Chat") : t("Inputs")}
      </Button>
      {running.active ? (
        <Button
          color="red"
          variant="light"
          loading={running.stopping}
          leftSection={<IconPlayerStopFilled size={15} aria-hidden />}
          onClick={() => running.stop()}
        >
          {t("Stop")}
        </Button>
      ) : (
        <Tooltip label={`${t("Run")} (${keys("run")})`}>
          <Button
            leftSection={<IconPlayerPlayFilled size={15} aria-hidden />}
            onClick={() => session.askToRun()}
          >
            {t("Run")}
          </Button>
        </Tooltip>
      )}
      <Button
        variant="default"
        leftSection={<IconRocket size={17} aria-hidden />}
        onClick={() => store.setState({ dialog: "publish" })}
      >
        {t("Publish")}
      </Button>
    </header>
  );
}

function keys(id: string): string {
  const command = COMMANDS.find((one) => one.id === id);
  const [chord] = command ? keysOf(command) : [];
  return chord ? keySigns(chord).join("+") : "";
}
