import { Menu } from "@mantine/core";
import { IconPlus, IconRowInsertBottom, IconX } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { portColor } from "@/shared/ui";
import { askForEdge } from "../canvas/ask";
import { portTitle, typeTitle } from "../canvas/portTitle";
import { fitsFrom } from "../model/connect";
import { indexOf, nodeAt } from "../model/document";
import { portNamed } from "../model/ports";
import type { Port } from "../model/types";
import { useSession } from "../session";
import { useEditor } from "../store/context";
import { connectPorts, deleteWire, nodeTitle } from "../store/gestures";
import { goTo } from "../store/walking";
import styles from "./inspector.module.css";

/** One output: where its value goes, and a list of what else takes it. */
export function OutputWires({ nodeId, port }: { nodeId: string; port: Port }) {
  const session = useSession();
  const { store } = session;
  const document = useEditor((state) => state.history.present);
  const { catalogue } = store.getState();
  const wires = (indexOf(document).outgoing.get(nodeId) ?? []).filter(
    ({ edge }) => edge.source_port === port.name,
  );
  const takers = () =>
    [...fitsFrom(document, catalogue, { node: nodeId, port: port.name, side: "output" })].flatMap(
      ([target, names]) =>
        [...names]
          .filter((name) => !wires.some(({ edge }) => edge.target === target && edge.target_port === name))
          .map((name) => ({ target, name })),
    );
  return (
    <li className={styles.wire}>
      <span
        className={styles.dot}
        style={{ background: portColor(port.type) }}
        title={typeTitle(port.type)}
      />
      <span className={styles.port} title={port.description ? t(port.description) : undefined}>
        {portTitle(port)}
      </span>
      <span className={styles.ends}>
        {wires.map(({ edge, key }) => (
          <span key={key} className={styles.end}>
            <button type="button" title={t("Go to this node")} onClick={() => goTo(session, edge.target)}>
              {nodeTitle(store, edge.target)}
            </button>
            <button
              type="button"
              aria-label={t("Insert a node")}
              title={t("Insert a node")}
              onClick={(event) => {
                const { left, bottom } = event.currentTarget.getBoundingClientRect();
                askForEdge(store, key, { x: left, y: bottom });
              }}
            >
              <IconRowInsertBottom size={12} aria-hidden />
            </button>
            <button
              type="button"
              aria-label={t("Delete wire")}
              title={t("Delete wire")}
              onClick={() => deleteWire(store, key)}
            >
              <IconX size={12} aria-hidden />
            </button>
          </span>
        ))}
        <Menu position="bottom-end" withinPortal shadow="lg">
          <Menu.Target>
            <button
              type="button"
              className={styles.connect}
              aria-label={t("Connect {port}", { port: portTitle(port) })}
            >
              <IconPlus size={12} aria-hidden />
              {wires.length === 0 && t("Connect")}
            </button>
          </Menu.Target>
          <Menu.Dropdown mah={280} className={styles.choices}>
            <Takers
              takers={takers}
              choose={({ target, name }) =>
                connectPorts(store, {
                  source: nodeId,
                  source_port: port.name,
                  target,
                  target_port: name,
                })
              }
              word={({ target, name }) => {
                const node = nodeAt(document, target);
                const into = node && portNamed(node, catalogue, "input", name);
                return `${nodeTitle(store, target)} · ${into ? portTitle(into) : name}`;
              }}
            />
          </Menu.Dropdown>
        </Menu>
      </span>
    </li>
  );
}

interface Taker {
  target: string;
  name: string;
}

/** Worked out when the list opens: it looks at every node. */
function Takers(props: { takers(): Taker[]; choose(taker: Taker): void; word(taker: Taker): string }) {
  const takers = props.takers();
  if (takers.length === 0) return <Menu.Label>{t("No other node takes this.")}</Menu.Label>;
  return takers.map((taker) => (
    <Menu.Item key={`${taker.target}/${taker.name}`} onClick={() => props.choose(taker)}>
      {props.word(taker)}
    </Menu.Item>
  ));
}
