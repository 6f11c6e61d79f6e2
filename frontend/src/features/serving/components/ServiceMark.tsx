import {
  IconAlertCircle,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconLoader2,
  IconPlayerStop,
} from "@tabler/icons-react";
import { msg, t } from "@/shared/i18n";
import { Mark, type Sign } from "@/shared/ui";
import type { Service } from "../api/serving";

const MARKS: Record<Service["state"], Sign & { label: string }> = {
  pending: { label: msg("Waits"), tone: "quiet", Icon: IconCircleDashed },
  starting: { label: msg("Loads its model"), tone: "spark", Icon: IconLoader2, turns: true },
  ready: { label: msg("Ready"), tone: "good", Icon: IconCircleCheck },
  degraded: { label: msg("Does not answer"), tone: "spark", Icon: IconAlertTriangle },
  failed: { label: msg("Failed"), tone: "bad", Icon: IconAlertCircle },
  stopped: { label: msg("Stopped"), tone: "quiet", Icon: IconPlayerStop },
};

/** Where a service stands. */
export function ServiceMark({ state }: { state: Service["state"] }) {
  const { label, ...sign } = MARKS[state];
  return <Mark {...sign} label={t(label)} />;
}
