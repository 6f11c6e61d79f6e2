/** All that can be done in the editor, once: keys, menus, the palette and the list of shortcuts read this. */
import { msg } from "@/shared/i18n";
import type { Line } from "./model/align";
import { indexOf, scopeOf } from "./model/document";
import { isFixed } from "./model/remove";
import { RUN_COMMANDS } from "./runCommands";
import type { EditorSession } from "./session";
import { copySelection, cutSelection, pasteFromClipboard } from "./store/clipboardGestures";
import {
  alignSelection,
  deleteSelection,
  distributeSelection,
  duplicateSelection,
  foldGroup,
  groupSelection,
  meantGroup,
  moveOut,
  nudge,
  toggleDisabled,
  ungroup,
} from "./store/gestures";
import { dive, extractable, flowInside } from "./store/subflows";
import { step } from "./store/walking";
import { exportFlow, importFile, layOut, saveCopy } from "./store/wholeFlow";

export type CommandGroup = "run" | "edit" | "node" | "align" | "view" | "flow" | "walk";

export interface Command {
  id: string;
  title: string;
  group: CommandGroup;
  /** `mod` is Ctrl, or Command on a Mac. The first is shown. */
  keys?: string[];
  /** Also in a text field. */
  whileTyping?: boolean;
  /** In the menu of the flow. */
  inMenu?: boolean;
  possible?(session: EditorSession): boolean;
  run(session: EditorSession): void;
}

export const GROUP_TITLES: Record<CommandGroup, string> = {
  run: msg("Run"),
  edit: msg("Edit"),
  node: msg("Selected nodes"),
  align: msg("Align and distribute"),
  view: msg("View"),
  flow: msg("Flow"),
  walk: msg("By keyboard"),
};

const selected = ({ store }: EditorSession) => store.getState().selectedNodes.size > 0;
const one = ({ store }: EditorSession) => store.getState().selectedNodes.size === 1;
const several = (count: number) => (session: EditorSession) =>
  session.store.getState().selectedNodes.size >= count;
const grouped = ({ store }: EditorSession) => meantGroup(store) !== null;
const GRID = 8;

function lining(id: Line, title: string, key: string): Command {
  return {
    id: `align_${id}`,
    title,
    group: "align",
    keys: [`alt+${key}`],
    possible: several(2),
    run: ({ store }) => alignSelection(store, id),
  };
}

export const COMMANDS: Command[] = [
  ...RUN_COMMANDS,
  {
    id: "run",
    title: msg("Run"),
    group: "run",
    keys: ["mod+enter"],
    whileTyping: true,
    possible: ({ running }) => !running.active,
    run: (session) => session.askToRun(),
  },
  {
    id: "stop",
    title: msg("Stop"),
    group: "run",
    keys: ["mod+."],
    whileTyping: true,
    possible: ({ running }) => running.active,
    run: ({ running }) => running.stop(),
  },
  {
    id: "clear_run",
    title: msg("Clear the run from the canvas"),
    group: "run",
    possible: ({ store, running }) => store.getState().runId !== null && !running.active,
    run: ({ store }) => store.setState({ lastRunId: store.getState().runId, runId: null }),
  },
  {
    id: "undo",
    title: msg("Undo"),
    group: "edit",
    keys: ["mod+z"],
    possible: ({ store }) => store.getState().history.past.length > 0,
    run: ({ store }) => store.getState().undo(),
  },
  {
    id: "redo",
    title: msg("Redo"),
    group: "edit",
    keys: ["mod+y", "mod+shift+z"],
    possible: ({ store }) => store.getState().history.future.length > 0,
    run: ({ store }) => store.getState().redo(),
  },
  {
    id: "copy",
    title: msg("Copy"),
    group: "edit",
    keys: ["mod+c"],
    possible: selected,
    run: ({ store }) => void copySelection(store),
  },
  {
    id: "cut",
    title: msg("Cut"),
    group: "edit",
    keys: ["mod+x"],
    possible: selected,
    run: ({ store }) => void cutSelection(store),
  },
  {
    id: "paste",
    title: msg("Paste"),
    group: "edit",
    keys: ["mod+v"],
    run: (session) => void pasteFromClipboard(session),
  },
  {
    id: "duplicate",
    title: msg("Duplicate"),
    group: "edit",
    keys: ["mod+d"],
    possible: selected,
    run: ({ store }) => duplicateSelection(store),
  },
  {
    id: "select_all",
    title: msg("Select all"),
    group: "edit",
    keys: ["mod+a"],
    run: ({ store }) => selectAll(store),
  },
  {
    id: "delete",
    title: msg("Delete"),
    group: "edit",
    keys: ["delete", "backspace"],
    possible: ({ store }) => {
      const { selectedNodes, selectedEdges, selectedGroup } = store.getState();
      return selectedNodes.size + selectedEdges.size > 0 || selectedGroup !== null;
    },
    run: ({ store }) => deleteSelection(store),
  },
  {
    id: "inspect",
    title: msg("Open its panel"),
    group: "node",
    keys: ["enter"],
    possible: one,
    run: ({ store }) => store.getState().inspect([...store.getState().selectedNodes][0] ?? null),
  },
  {
    id: "connect",
    title: msg("Connect to…"),
    group: "node",
    keys: ["c"],
    possible: one,
    run: ({ store }) => store.setState({ dialog: "connect" }),
  },
  {
    id: "insert",
    title: msg("Insert a node behind it"),
    group: "node",
    keys: ["i"],
    possible: (session) => one(session) && hasWireOut(session),
    run: (session) => session.askToInsert(),
  },
  {
    id: "replace",
    title: msg("Replace by another kind"),
    group: "node",
    keys: ["r"],
    possible: (session) => one(session) && !selectedFixed(session),
    run: (session) => session.askToReplace(),
  },
  {
    id: "disable",
    title: msg("Disable or enable"),
    group: "node",
    keys: ["b"],
    possible: selected,
    run: ({ store }) => toggleDisabled(store),
  },
  {
    id: "move_out",
    title: msg("Move out of the container"),
    group: "node",
    possible: ({ store }) => {
      const { selectedNodes, history } = store.getState();
      return [...selectedNodes].some((id) => scopeOf(history.present, id) !== null);
    },
    run: ({ store }) => moveOut(store),
  },
  {
    id: "group",
    title: msg("Group"),
    group: "node",
    keys: ["mod+g"],
    possible: selected,
    run: ({ store }) => groupSelection(store),
  },
  {
    id: "ungroup",
    title: msg("Ungroup"),
    group: "node",
    keys: ["mod+shift+g"],
    possible: grouped,
    run: ({ store }) => ungroup(store),
  },
  {
    id: "fold_group",
    title: msg("Fold or unfold the group"),
    group: "node",
    keys: ["g"],
    possible: grouped,
    run: ({ store }) => foldGroup(store),
  },
  {
    id: "extract",
    title: msg("Extract into a subflow"),
    group: "node",
    keys: ["mod+shift+e"],
    possible: selected,
    run: ({ store }) => {
      if (extractable(store)) store.setState({ dialog: "extract" });
    },
  },
  {
    id: "dive",
    title: msg("Open the flow inside"),
    group: "node",
    keys: ["o"],
    possible: ({ store }) => flowInside(store, [...store.getState().selectedNodes][0]) !== null,
    run: (session) => void dive(session, [...session.store.getState().selectedNodes][0] ?? ""),
  },
  lining("left", msg("Align left"), "a"),
  lining("center", msg("Align centres"), "h"),
  lining("right", msg("Align right"), "d"),
  lining("top", msg("Align top"), "w"),
  lining("middle", msg("Align middles"), "v"),
  lining("bottom", msg("Align bottom"), "s"),
  {
    id: "distribute_x",
    title: msg("Distribute across"),
    group: "align",
    keys: ["alt+shift+h"],
    possible: several(3),
    run: ({ store }) => distributeSelection(store, "x"),
  },
  {
    id: "distribute_y",
    title: msg("Distribute downwards"),
    group: "align",
    keys: ["alt+shift+v"],
    possible: several(3),
    run: ({ store }) => distributeSelection(store, "y"),
  },
  {
    id: "fit",
    title: msg("Show all"),
    group: "view",
    keys: ["1"],
    run: ({ flow }) => void flow.fitView({ duration: 160, maxZoom: 1, padding: 0.15 }),
  },
  {
    id: "zoom_100",
    title: msg("Zoom to 100 %"),
    group: "view",
    keys: ["0"],
    run: ({ flow }) => void flow.zoomTo(1, { duration: 120 }),
  },
  {
    id: "palette",
    title: msg("Show or hide the nodes"),
    group: "view",
    keys: ["["],
    run: ({ store }) => store.setState({ palette: !store.getState().palette }),
  },
  {
    id: "chat",
    title: msg("Show or hide the chat"),
    group: "view",
    keys: ["]"],
    run: (session) => session.toggleSide(),
  },
  {
    id: "commands",
    title: msg("Search commands and nodes"),
    group: "view",
    keys: ["mod+k"],
    whileTyping: true,
    run: ({ store }) => store.setState({ dialog: "commands" }),
  },
  {
    id: "shortcuts",
    title: msg("Keyboard shortcuts"),
    group: "view",
    keys: ["?"],
    inMenu: true,
    run: ({ store }) => store.setState({ dialog: "shortcuts" }),
  },
  {
    id: "close",
    title: msg("Close the panel"),
    group: "view",
    keys: ["escape"],
    run: ({ store }) => {
      const state = store.getState();
      if (state.inspected !== null) state.inspect(null);
      else state.select([]);
    },
  },
  {
    id: "save",
    title: msg("Save now"),
    group: "flow",
    keys: ["mod+s"],
    whileTyping: true,
    run: ({ autosave }) => void autosave.flush(),
  },
  { id: "add", title: msg("Add a node"), group: "flow", keys: ["n"], run: (session) => session.askToAdd() },
  {
    id: "layout",
    title: msg("Arrange the nodes"),
    group: "flow",
    keys: ["l"],
    inMenu: true,
    run: (session) => void layOut(session),
  },
  {
    id: "publish",
    title: msg("Publish…"),
    group: "flow",
    run: ({ store }) => store.setState({ dialog: "publish" }),
  },
  {
    id: "share",
    title: msg("Share…"),
    group: "flow",
    inMenu: true,
    run: ({ store }) => store.setState({ dialog: "share" }),
  },
  {
    id: "versions",
    title: msg("Versions…"),
    group: "flow",
    inMenu: true,
    run: ({ store }) => store.setState({ dialog: "versions" }),
  },
  {
    id: "duplicate_flow",
    title: msg("Duplicate this flow"),
    group: "flow",
    inMenu: true,
    run: (session) => void saveCopy(session),
  },
  {
    id: "code",
    title: msg("Show the code"),
    group: "view",
    inMenu: true,
    run: ({ store }) => store.setState({ side: store.getState().side === "code" ? null : "code" }),
  },
  {
    id: "export_bundle",
    title: msg("Export with all it needs"),
    group: "flow",
    inMenu: true,
    run: ({ store, open }) => open(`/exports?flow=${store.getState().flowId}`),
  },
  {
    id: "api",
    title: msg("Call it from a program"),
    group: "view",
    inMenu: true,
    run: ({ store }) => store.setState({ side: store.getState().side === "api" ? null : "api" }),
  },
  {
    id: "export_python",
    title: msg("Export as Python"),
    group: "flow",
    inMenu: true,
    run: (session) => void exportFlow(session, "python"),
  },
  {
    id: "export_json",
    title: msg("Export as JSON"),
    group: "flow",
    inMenu: true,
    run: (session) => void exportFlow(session, "json"),
  },
  {
    id: "import",
    title: msg("Import a file into this flow"),
    group: "flow",
    inMenu: true,
    run: (session) => void importFile(session),
  },
  {
    id: "walk_left",
    title: msg("Go to the node before"),
    group: "walk",
    keys: ["arrowleft"],
    run: (session) => step(session, "left"),
  },
  {
    id: "walk_right",
    title: msg("Go to the node after"),
    group: "walk",
    keys: ["arrowright"],
    run: (session) => step(session, "right"),
  },
  {
    id: "walk_up",
    title: msg("Go to the node above"),
    group: "walk",
    keys: ["arrowup"],
    run: (session) => step(session, "up"),
  },
  {
    id: "walk_down",
    title: msg("Go to the node below"),
    group: "walk",
    keys: ["arrowdown"],
    run: (session) => step(session, "down"),
  },
  {
    id: "move_left",
    title: msg("Move left"),
    group: "walk",
    keys: ["shift+arrowleft"],
    possible: selected,
    run: ({ store }) => nudge(store, { x: -GRID, y: 0 }),
  },
  {
    id: "move_right",
    title: msg("Move right"),
    group: "walk",
    keys: ["shift+arrowright"],
    possible: selected,
    run: ({ store }) => nudge(store, { x: GRID, y: 0 }),
  },
  {
    id: "move_up",
    title: msg("Move up"),
    group: "walk",
    keys: ["shift+arrowup"],
    possible: selected,
    run: ({ store }) => nudge(store, { x: 0, y: -GRID }),
  },
  {
    id: "move_down",
    title: msg("Move down"),
    group: "walk",
    keys: ["shift+arrowdown"],
    possible: selected,
    run: ({ store }) => nudge(store, { x: 0, y: GRID }),
  },
];

function selectAll(store: EditorSession["store"]): void {
  const { select, nodes } = store.getState();
  select(nodes.filter((node) => node.type !== "group").map((node) => node.id));
}

function hasWireOut({ store }: EditorSession): boolean {
  const { selectedNodes, history } = store.getState();
  return [...selectedNodes].some((id) => indexOf(history.present).outgoing.has(id));
}

function selectedFixed({ store }: EditorSession): boolean {
  const { selectedNodes, history } = store.getState();
  return [...selectedNodes].some((id) => isFixed(history.present, id));
}
