import { Loader } from "@mantine/core";
import { t } from "@/shared/i18n";
import classes from "./Reach.module.css";
import { ReachBanner } from "./ReachBanner";

/** The whole window before the first answer: empty at first, so that a quick one makes nothing blink. */
export function Awaiting() {
  return (
    <>
      <ReachBanner />
      <div className={classes.awaiting}>
        <Loader size="sm" aria-label={t("Loading")} />
      </div>
    </>
  );
}
