import {
  IconAlertCircle,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconLoader2,
  IconPlayerStop,
} from "@tabler/icons-react";
import { msg, t } from "@/shared/i18n";
import type { Service } from "../api/serving";
import classes from "./serving.module.css";

const MARKS = {
  pending: { label: msg("Waits"), tone: "quiet", Icon: IconCircleDashed },
  starting: { label: msg("Loads its model"), tone: "spark", Icon: IconLoader2 },
  ready: { label: msg("Ready"), tone: "good", Icon: IconCircleCheck },
  degraded: { label: msg("Does not answer"), tone: "spark", Icon: IconAlertTriangle },
  failed: { label: msg("Failed"), tone: "bad", Icon: IconAlertCircle },
  stopped: { label: msg("Stopped"), tone: "quiet", Icon: IconPlayerStop },
} as const;

/** Where a service stands: a sign, a colour and a word. */
export function ServiceMark({ state }: { state: Service["state"] }) {
  const { label, tone, Icon } = MARKS[state];
  return (
    <span className={classes.mark} data-tone={tone}>
      <Icon size={16} aria-hidden />
      {t(label)}
    </span>
  );
}
