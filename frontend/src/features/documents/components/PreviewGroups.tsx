import { t, tn } from "@/shared/i18n";
import type { ChunkPreview } from "../api/knowledge";
import classes from "./Knowledge.module.css";

/** What a text would be cut into, group by group. */
export function PreviewGroups({ preview }: { preview: ChunkPreview }) {
  return (
    <div>
      {preview.remarks?.map((remark) => (
        <p key={remark} className={classes.quiet}>
          {remark}
        </p>
      ))}
      {preview.groups.map((group) => (
        <div key={group.name}>
          <h3 className={classes.subtitle}>
            {group.name}: {tn(group.count, "{n} chunk", "{n} chunks")}
          </h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the list is scrolled by keyboard */}
          <ol className={classes.previews} tabIndex={0}>
            {group.chunks.map((chunk) => (
              <li key={`${chunk.start} ${chunk.text.slice(0, 40)}`}>
                <span className={classes.quiet}>{t("{n} characters", { n: chunk.text.length })}</span>
                {"\n"}
                {chunk.text}
              </li>
            ))}
          </ol>
        </div>
      ))}
    </div>
  );
}
