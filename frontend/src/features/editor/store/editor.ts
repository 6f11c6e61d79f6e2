/** The state of one open flow: document with its history, selection, and what is being done. */
import { applyEdgeChanges, applyNodeChanges, type EdgeChange, type NodeChange } from "@xyflow/react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { RunStatus } from "@/features/runs";
import { fitsFrom, type PortEnd } from "../model/connect";
import { indexOf, nodeAt } from "../model/document";
import { settle } from "../model/geometry";
import { groupIn, groupNodeId, groupsOf, tidyGroups } from "../model/groups";
import { type History, record, redo, seal, startHistory, undo } from "../model/history";
import { kindOf } from "../model/ports";
import type { Catalogue, Finding, FlowDocument, Scope } from "../model/types";
import { joinRemarks, type Remark, remarkOfFinding, remarksOf } from "../model/validate";
import { keptBreakpoints } from "./breakpoints";
import { type CanvasEdge, type CanvasNode, canvasEdges, canvasNodes } from "./canvasElements";

export type Tab = "settings" | "policy" | "run";

/** What the menu of kinds is open for, and where on the page. */
export type KindQuestion = { left: number; top: number; at: { x: number; y: number }; scope: Scope } & (
  | { for: "place" }
  | { for: "port"; end: PortEnd; type: string }
  | { for: "edge"; edge: string }
  | { for: "replace"; node: string }
);

export type Detail = "full" | "titles" | "blocks";

export interface Other {
  name: string;
  /** The node whose panel they have open. */
  node: string | null;
  /** When they were heard last, in milliseconds. */
  heard: number;
}

export interface Connecting {
  end: PortEnd;
  type: string;
  fits: Map<string, Set<string>>;
}

export type SaveState =
  | { is: "saved"; at: Date | null }
  | { is: "waiting" | "saving" }
  | { is: "offline" }
  /** Somebody else saved, and both changed the same. */
  | { is: "stale"; by: string | null; at: string | null }
  | { is: "refused"; message: string };

export type Dialog =
  | "commands"
  | "shortcuts"
  | "publish"
  | "share"
  | "versions"
  | "stale"
  | "paste"
  | "connect"
  | "extract"
  | null;

export interface EditorState {
  flowId: string;
  name: string;
  catalogue: Catalogue;
  history: History;
  nodes: CanvasNode[];
  edges: CanvasEdge[];
  selectedNodes: ReadonlySet<string>;
  selectedEdges: ReadonlySet<string>;
  /** The group whose title was clicked. */
  selectedGroup: string | null;
  findings: Finding[];
  remarks: Remark[];
  save: SaveState;
  /** Node whose panel is open. */
  inspected: string | null;
  tab: Tab;
  /** Field to bring into view in the panel. */
  wantedField: string | null;
  connecting: Connecting | null;
  /** Container under the node being dragged. */
  dropScope: Scope;
  question: KindQuestion | null;
  /** Where on the page the right mouse button was pressed, and on what. */
  contextMenu: { on: "nodes" | "canvas"; left: number; top: number } | null;
  dialog: Dialog;
  /** In the text box where no clipboard can be reached: what was copied; null to paste into. */
  clipText: string | null;
  palette: boolean;
  side: "chat" | "form" | "code" | "api" | null;
  /** The run that the canvas shows. */
  runId: string | null;
  /** The drawing as it was when that run began; null where the page was not there. */
  ranWith: FlowDocument | null;
  /** The flow's last run, for the panel of a node. */
  lastRunId: string | null;
  /** How the newest run ended before this page was opened; null while it is not known, or where there is none. */
  lastRunWent: RunStatus | null;
  /** The run that a run of one node took its inputs from: what it says of the other nodes still stands. */
  baseRunId: string | null;
  /** The run on the canvas answers in the chat, which then asks what it asks. */
  runInChat: boolean;
  /** Nodes before which a run of the editor pauses. */
  breakpoints: ReadonlySet<string>;
  /** Last thing done, for screen readers. */
  said: string;
  /** How much the zoom leaves to see: all, titles and dots, or blocks. */
  detail: Detail;
  /** Others who have this flow open: by the number of their page. */
  others: Readonly<Record<string, Other>>;
  /** The group that was just made: its title waits to be written. */
  namedGroup: string | null;
  /** Node to bring into view. */
  reveal: string | null;
  /** Wire under the mouse. */
  hoveredEdge: string | null;
}

export interface EditorActions {
  /** Makes a change: one step of undo, unless `key` joins it to the last. */
  change(label: string, make: (document: FlowDocument) => FlowDocument, options?: ChangeOptions): void;
  undo(): void;
  redo(): void;
  seal(): void;
  /** Puts another document in place of the draft, as one step. */
  load(document: FlowDocument, findings: Finding[]): void;
  /** Takes over what somebody else saved; undo keeps to one's own changes. */
  adopt(
    document: FlowDocument,
    findings: Finding[],
    rebase: (document: FlowDocument) => FlowDocument,
    renamed: ReadonlyMap<string, string>,
  ): void;
  setFindings(findings: Finding[]): void;
  nodesChanged(changes: NodeChange<CanvasNode>[]): void;
  edgesChanged(changes: EdgeChange<CanvasEdge>[]): void;
  select(nodes: Iterable<string>, edges?: Iterable<string>, group?: string | null): void;
  inspect(node: string | null, tab?: Tab, field?: string | null): void;
  startConnecting(end: PortEnd, type: string): void;
  stopConnecting(): void;
  say(text: string): void;
}

export interface ChangeOptions {
  key?: string;
  select?: Iterable<string>;
}

export type EditorStore = StoreApi<EditorState & EditorActions>;

export interface Opened {
  flowId: string;
  name: string;
  catalogue: Catalogue;
  document: FlowDocument;
  findings: Finding[];
  savedAt: Date | null;
}

const NOTHING: ReadonlySet<string> = new Set();

export function createEditor(opened: Opened): EditorStore {
  const { catalogue } = opened;
  const first = settle(opened.document, catalogue);

  return createStore<EditorState & EditorActions>((set, get) => {
    /** Everything that follows from a document. */
    function following(history: History, select?: Iterable<string>): Partial<EditorState> {
      const state = get();
      const document = history.present;
      const index = indexOf(document);
      const selectedNodes = new Set([...(select ?? state.selectedNodes)].filter((id) => index.nodes.has(id)));
      const selectedEdges = select
        ? NOTHING
        : new Set([...state.selectedEdges].filter((key) => index.edges.has(key)));
      const group = select ? null : state.selectedGroup;
      const selectedGroup = group !== null && group in groupsOf(document) ? group : null;
      return {
        history,
        selectedNodes,
        selectedEdges,
        selectedGroup,
        nodes: canvasNodes(document, catalogue, state.nodes, marked(selectedNodes, selectedGroup)),
        edges: canvasEdges(document, catalogue, state.edges, selectedEdges),
        remarks: joined(document, catalogue, state.findings),
        inspected: state.inspected !== null && index.nodes.has(state.inspected) ? state.inspected : null,
      };
    }

    return {
      flowId: opened.flowId,
      name: opened.name,
      catalogue,
      history: startHistory(first),
      nodes: canvasNodes(first, catalogue, [], NOTHING),
      edges: canvasEdges(first, catalogue, [], NOTHING),
      selectedNodes: NOTHING,
      selectedEdges: NOTHING,
      selectedGroup: null,
      findings: opened.findings,
      remarks: joined(first, catalogue, opened.findings),
      save: { is: "saved", at: opened.savedAt },
      inspected: null,
      tab: "settings",
      wantedField: null,
      connecting: null,
      dropScope: null,
      question: null,
      contextMenu: null,
      dialog: null,
      clipText: null,
      palette: true,
      side: null,
      runId: null,
      ranWith: null,
      lastRunId: null,
      lastRunWent: null,
      baseRunId: null,
      runInChat: false,
      breakpoints: keptBreakpoints(opened.flowId),
      said: "",
      detail: "full",
      others: {},
      namedGroup: null,
      reveal: null,
      hoveredEdge: null,

      change(label, make, options = {}) {
        const { history } = get();
        const document = tidyGroups(make(history.present));
        if (document === history.present) return;
        set(following(record(history, document, label, options.key ?? null), options.select));
      },
      undo() {
        const { history } = get();
        const label = history.past.at(-1)?.label;
        if (label !== undefined) set({ ...following(undo(history)), said: label });
      },
      redo() {
        const { history } = get();
        const label = history.future[0]?.label;
        if (label !== undefined) set({ ...following(redo(history)), said: label });
      },
      seal() {
        const history = seal(get().history);
        if (history !== get().history) set({ history });
      },
      load(document, findings) {
        set({ findings });
        set(following(startHistory(settle(document, catalogue)), []));
      },
      adopt(document, findings, rebase, renamed) {
        const { history, selectedNodes, inspected } = get();
        const step = <S extends { document: FlowDocument }>(one: S): S => ({
          ...one,
          document: rebase(one.document),
        });
        const name = (id: string) => renamed.get(id) ?? id;
        set({ findings, inspected: inspected === null ? null : name(inspected) });
        set(
          following(
            {
              past: history.past.map(step),
              present: document,
              future: history.future.map(step),
              open: null,
            },
            [...selectedNodes].map(name),
          ),
        );
      },
      setFindings(findings) {
        set({ findings, remarks: joined(get().history.present, catalogue, findings) });
      },
      nodesChanged(changes) {
        const kept = changes.filter(
          (change) => change.type === "position" || change.type === "select" || change.type === "dimensions",
        );
        if (kept.length === 0) return;
        const nodes = applyNodeChanges(kept, get().nodes);
        if (kept.some((change) => change.type === "select")) {
          const marks = nodes.filter((node) => node.selected).map((node) => node.id);
          const selectedNodes = new Set(marks.filter((id) => groupIn(id) === null));
          const selectedGroup = marks.map(groupIn).find((id) => id !== null) ?? null;
          set({ nodes, selectedNodes, selectedGroup });
        } else set({ nodes });
      },
      edgesChanged(changes) {
        const kept = changes.filter((change) => change.type === "select");
        if (kept.length === 0) return;
        const edges = applyEdgeChanges(kept, get().edges);
        set({ edges, selectedEdges: new Set(edges.filter((edge) => edge.selected).map((edge) => edge.id)) });
      },
      select(nodes, edges = [], selectedGroup = null) {
        const state = get();
        const document = state.history.present;
        const selectedNodes = new Set(nodes);
        const selectedEdges = new Set(edges);
        set({
          selectedNodes,
          selectedEdges,
          selectedGroup,
          nodes: canvasNodes(document, catalogue, state.nodes, marked(selectedNodes, selectedGroup)),
          edges: canvasEdges(document, catalogue, state.edges, selectedEdges),
        });
      },
      inspect(node, tab, field = null) {
        set({ inspected: node, wantedField: field, ...(tab ? { tab } : {}) });
      },
      startConnecting(end, type) {
        const fits = fitsFrom(get().history.present, catalogue, end);
        set({ connecting: { end, type, fits } });
      },
      stopConnecting() {
        if (get().connecting) set({ connecting: null });
      },
      say(text) {
        set({ said: text });
      },
    };
  });
}

function marked(nodes: ReadonlySet<string>, group: string | null): ReadonlySet<string> {
  return group === null ? nodes : new Set([...nodes, groupNodeId(group)]);
}

function joined(document: FlowDocument, catalogue: Catalogue, findings: Finding[]): Remark[] {
  const compiled = findings.map((finding) => {
    const node = finding.node_id === null ? undefined : nodeAt(document, finding.node_id);
    return remarkOfFinding(finding, node && kindOf(catalogue, node.kind));
  });
  return joinRemarks(remarksOf(document, catalogue), compiled);
}
