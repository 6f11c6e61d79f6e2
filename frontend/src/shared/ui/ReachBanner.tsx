import { IconPlugConnectedX } from "@tabler/icons-react";
import { useReach } from "@/shared/api";
import { t } from "@/shared/i18n";
import classes from "./Reach.module.css";

/** Says that the server is away, and that nothing needs doing: the page goes on by itself. */
export function ReachBanner() {
  const reachable = useReach((state) => state.reachable);
  return (
    <div role="status" aria-live="polite">
      {reachable ? null : (
        <div className={classes.banner}>
          <IconPlugConnectedX size={17} aria-hidden />
          {t("Flowloft does not answer. What you see stays; the page reconnects by itself.")}
        </div>
      )}
    </div>
  );
}
