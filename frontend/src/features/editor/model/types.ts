/** The flow document and the catalogue as the editor reads them. */

export type Settings = Record<string, unknown>;

export interface Retry {
  attempts: number;
  /** Seconds before the next attempt. */
  delay: number;
}

export interface Policy {
  on_error?: "stop" | "default" | "branch";
  default?: unknown;
  retry?: Retry;
  /** Seconds. */
  timeout?: number;
  cache?: "auto" | "never";
}

export interface FlowNode {
  kind: string;
  title?: string;
  settings: Settings;
  policy?: Policy;
  disabled?: boolean;
  /** Settings whose value comes along a wire. */
  wired?: string[];
  body?: Graph;
}

export interface FlowEdge {
  source: string;
  source_port: string;
  target: string;
  target_port: string;
}

export interface Graph {
  nodes: Record<string, FlowNode>;
  edges: Record<string, FlowEdge>;
}

export interface Position {
  x: number;
  y: number;
  width?: number;
  height?: number;
}

export interface Group {
  title: string;
  color: string;
  node_ids: string[];
  collapsed?: boolean;
}

export interface FlowDocument {
  schema: string;
  schema_version: number;
  kind: string;
  graph: Graph;
  ui: {
    positions: Record<string, Position>;
    groups?: Record<string, Group>;
    pins?: Record<string, Record<string, unknown>>;
  };
  requirements?: {
    kinds?: Record<string, number>;
    models?: unknown[];
    credentials?: unknown[];
  };
}

export interface Port {
  name: string;
  title: string;
  type: string;
  required: boolean;
  multiple: boolean;
  streams: boolean;
  description?: string;
  /** Named by the author of the flow, in a setting: shown as it is, never translated. */
  own?: boolean;
}

export interface FieldSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  items?: FieldSchema;
  properties?: Record<string, FieldSchema>;
  additionalProperties?: boolean | FieldSchema;
  required?: string[];
  anyOf?: FieldSchema[];
  oneOf?: FieldSchema[];
  allOf?: FieldSchema[];
  $ref?: string;
  $defs?: Record<string, FieldSchema>;
  "x-widget"?: string;
  "x-advanced"?: boolean;
  "x-inputs"?: string;
  "x-outputs"?: string;
  /** Values that other settings must have for this one to matter. */
  "x-visible-when"?: Record<string, unknown>;
  [key: string]: unknown;
}

export interface Kind {
  key: string;
  title: string;
  description: string;
  group: string;
  icon: string;
  /** What the kind is in a flow: a way in, a way out, a remark, or a node like any other. */
  role?: string;
  version: number;
  settings_schema: FieldSchema;
  inputs: Port[];
  outputs: Port[];
  /** Settings that may take their value along a wire, as the ports they become. */
  wireable?: Port[];
  /** Type of the output ports that a setting declares. */
  declared_type?: string;
  body: boolean;
  /** Whether what stands inside it are tools, each by itself. */
  tools?: boolean;
  quick?: boolean;
  docs?: string;
}

export interface Catalogue {
  version: string;
  types: string[];
  connects: Record<string, string[]>;
  groups: string[];
  kinds: Kind[];
  /** Component files of the owner that failed. */
  problems?: { file: string; message: string; line?: number | null }[];
}

export type Level = "error" | "warning" | "info";

export interface Finding {
  level: Level;
  code: string;
  node_id: string | null;
  /** JSON pointer into the document, such as `/graph/nodes/prompt_1/settings/template`. */
  path?: string | null;
  message: string;
  hint?: string;
}

/** The container a graph belongs to; null for the flow itself. */
export type Scope = string | null;
