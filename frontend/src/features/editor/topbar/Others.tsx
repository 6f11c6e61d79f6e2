import { Tooltip } from "@mantine/core";
import { t } from "@/shared/i18n";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { nodeTitle } from "../store/gestures";
import { goTo } from "../store/walking";
import styles from "./topbar.module.css";

const SHOWN = 4;

/** Who else has this flow open; a click goes to where they are. */
export function Others() {
  const session = useSession();
  const others = Object.entries(useEditor((state) => state.others));
  if (others.length === 0) return null;
  return (
    <ul className={styles.others} aria-label={t("Also here")}>
      {others.slice(0, SHOWN).map(([key, { name, node }]) => {
        const words = node
          ? t("{person} is here as well, at “{node}”", { person: name, node: nodeTitle(session.store, node) })
          : t("{person} is here as well", { person: name });
        return (
          <li key={key}>
            <Tooltip label={words}>
              <button
                type="button"
                className={styles.other}
                data-hue={hueOf(key)}
                aria-label={words}
                onClick={() => node && goTo(session, node)}
              >
                {[...name][0]?.toUpperCase()}
              </button>
            </Tooltip>
          </li>
        );
      })}
      {others.length > SHOWN && <li className={styles.more}>+{others.length - SHOWN}</li>}
    </ul>
  );
}

function hueOf(key: string): number {
  return [...key].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 4;
}
