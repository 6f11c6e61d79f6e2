import { Skeleton } from "@mantine/core";
import { t } from "@/shared/i18n";
import classes from "./DocumentView.module.css";
import base from "./Knowledge.module.css";

const LINES = [92, 100, 84, 96, 70, 98, 88, 60];

/** A document before it is there: the source at left, its chunks at right, where they will stand. */
export function DocumentSkeleton() {
  return (
    <div className={classes.view} role="status" aria-label={t("Opening the document")}>
      <div className={classes.head}>
        <div className={classes.words}>
          <Skeleton height={12} width={90} mb={8} />
          <Skeleton height={18} width={260} />
        </div>
        <Skeleton height={26} width={80} />
      </div>
      <div className={classes.panes}>
        <div className={classes.pane}>
          <div className={classes.waiting}>
            {LINES.map((width) => (
              <Skeleton key={width} height={12} width={`${width}%`} />
            ))}
          </div>
        </div>
        <div className={classes.pane}>
          <div className={classes.waiting}>
            {LINES.slice(0, 4).map((width) => (
              <Skeleton key={width} height={92} radius="md" />
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

/** A knowledge base before it is there: name, tabs, rows. */
export function KnowledgeSkeleton() {
  return (
    <div className={base.stack} role="status" aria-label={t("Opening the knowledge base")}>
      <div>
        <Skeleton height={12} width={80} mb={10} />
        <Skeleton height={24} width={240} mb={10} />
        <Skeleton height={12} width={180} />
      </div>
      <Skeleton height={34} width={380} />
      <div>
        {LINES.map((width) => (
          <Skeleton key={width} height={44} mt={1} radius={0} />
        ))}
      </div>
    </div>
  );
}
