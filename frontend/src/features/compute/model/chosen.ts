import { useState } from "react";
import { useBackends, useChoice } from "../api/compute";

export interface Chosen {
  /** The id of a backend; null for the studio itself. */
  value: string | null;
  change: (backend: string | null) => void;
  /** What a run is started with: the studio is named too, lest a standard choice counts instead. */
  sent: string | undefined;
}

/** Where the next run computes: what was picked here, else what flow, person or studio have chosen. */
export function useChosenBackend(flowId: string): Chosen {
  const backends = useBackends().data;
  const standard = useChoice(flowId).data?.backend ?? null;
  const [picked, pick] = useState<string | null>();
  const here = backends?.find((one) => one.always)?.id;
  const asked = picked === undefined ? standard : picked;
  const value = backends?.some((one) => one.id === asked && !one.always) ? asked : null;
  return { value, change: pick, sent: value ?? (picked === null ? here : undefined) };
}
