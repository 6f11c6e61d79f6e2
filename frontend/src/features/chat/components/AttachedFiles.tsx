import { IconFileText, IconX } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import type { ChatFile } from "../api/chat";
import { useDoor } from "../api/door";
import { isPicture } from "../model/attach";
import classes from "./AttachedFiles.module.css";

interface Props {
  files: ChatFile[];
  remove?: (ref: string) => void;
}

/** What is attached to a message: pictures as pictures, everything else by name. */
export function AttachedFiles({ files, remove }: Props) {
  const { fileAddress } = useDoor();
  if (!files.length) return null;
  return (
    <ul className={classes.files} aria-label={t("Attached files")}>
      {files.map((file) => (
        <li key={file.ref} className={isPicture(file.media_type) ? classes.picture : classes.file}>
          <a href={fileAddress(file.ref)} target="_blank" rel="noopener" title={file.name}>
            {isPicture(file.media_type) ? (
              <img src={fileAddress(file.ref)} alt={file.name} loading="lazy" />
            ) : (
              <>
                <IconFileText size={18} aria-hidden />
                <span>{file.name}</span>
                <small>{formatBytes(file.bytes)}</small>
              </>
            )}
          </a>
          {remove ? (
            <button
              type="button"
              aria-label={t("Remove {name}", { name: file.name })}
              onClick={() => remove(file.ref)}
            >
              <IconX size={12} aria-hidden />
            </button>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
