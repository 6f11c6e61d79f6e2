import { Menu } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { portColor } from "@/shared/ui";
import { portTitle, typeTitle } from "../canvas/portTitle";
import { sourcesFor, wiredTo } from "../model/upstream";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { connectPorts, deleteWire, nodeTitle } from "../store/gestures";
import { goTo } from "../store/walking";
import styles from "./inspector.module.css";

interface Props {
  nodeId: string;
  port: string;
  title: string;
  type: string;
  required: boolean;
  multiple: boolean;
}

/** One input: where its value comes from, and a list to choose another; the wire's twin for the keyboard. */
export function InputWires({ nodeId, port, title, type, required, multiple }: Props) {
  const session = useSession();
  const { store } = session;
  const document = useEditor((state) => state.history.present);
  const wires = wiredTo(document, nodeId, port);
  const { catalogue } = store.getState();
  const sources = sourcesFor(document, catalogue, nodeId, type).filter(
    (source) => !wires.some((wire) => wire.node === source.node && wire.port === source.port.name),
  );
  return (
    <li className={styles.wire}>
      <span className={styles.dot} style={{ background: portColor(type) }} title={typeTitle(type)} />
      <span className={styles.port}>{title}</span>
      <span className={styles.ends}>
        {wires.map((wire) => (
          <span key={wire.key} className={styles.end}>
            <button type="button" title={t("Go to this node")} onClick={() => goTo(session, wire.node)}>
              {nodeTitle(store, wire.node)}
            </button>
            <button
              type="button"
              aria-label={t("Delete wire")}
              title={t("Delete wire")}
              onClick={() => deleteWire(store, wire.key)}
            >
              <IconX size={12} aria-hidden />
            </button>
          </span>
        ))}
        {(wires.length === 0 || multiple) && (
          <Menu position="bottom-end" withinPortal shadow="lg">
            <Menu.Target>
              <button
                type="button"
                className={styles.connect}
                data-needed={(required && wires.length === 0) || undefined}
              >
                <IconPlus size={12} aria-hidden />
                {t("Connect")}
              </button>
            </Menu.Target>
            <Menu.Dropdown mah={280} className={styles.choices}>
              {sources.length === 0 && (
                <Menu.Label>{t("No node before this one has a fitting output.")}</Menu.Label>
              )}
              {sources.map((source) => (
                <Menu.Item
                  key={`${source.node}/${source.port.name}`}
                  leftSection={
                    <span className={styles.dot} style={{ background: portColor(source.port.type) }} />
                  }
                  onClick={() =>
                    connectPorts(store, {
                      source: source.node,
                      source_port: source.port.name,
                      target: nodeId,
                      target_port: port,
                    })
                  }
                >
                  {nodeTitle(store, source.node)} · {portTitle(source.port)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </span>
    </li>
  );
}
