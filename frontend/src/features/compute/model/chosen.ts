import { useState } from "react";
import { useBackends, useChoice } from "../api/compute";

export interface Chosen {
  /** The id of a backend; null for the studio itself. */
  value: string | null;
  change: (backend: string | null) => void;
  /** What a run is started with: the studio is named too, lest a standard choice counts instead. */
  sent: string | undefined;
  /** What the job gets; empty fields are left to the backend. */
  resources: Resources;
  ask: (resources: Resources) => void;
}

export interface Resources {
  cpus?: number;
  memory?: string;
  gpus?: number;
  seconds?: number;
}

/** Where the next run computes: what was picked here, else what flow, person or studio have chosen. */
export function useChosenBackend(flowId: string): Chosen {
  const backends = useBackends().data;
  const standard = useChoice(flowId).data?.backend ?? null;
  const [picked, pick] = useState<string | null>();
  const [resources, ask] = useState<Resources>({});
  const here = backends?.find((one) => one.always)?.id;
  const asked = picked === undefined ? standard : picked;
  const value = backends?.some((one) => one.id === asked && !one.always) ? asked : null;
  return { value, change: pick, sent: value ?? (picked === null ? here : undefined), resources, ask };
}
