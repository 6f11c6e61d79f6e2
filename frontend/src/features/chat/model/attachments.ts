import { useRef, useState } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import type { ChatFile } from "../api/chat";
import { useDoor } from "../api/door";
import { AT_ONCE, refusal } from "./attach";
import type { Takes } from "./facts";

export interface Attachments {
  files: ChatFile[];
  /** Names of those on their way to the server. */
  coming: string[];
  /** Why something was not taken. */
  refused: string[];
  add: (files: Iterable<File>) => void;
  remove: (ref: string) => void;
  /** Takes all that is attached out, for a message. */
  take: () => ChatFile[];
  /** Puts it back, when the message was not sent. */
  restore: (files: ChatFile[]) => void;
}

/** What is attached to the message that is being written: sent to the server at once, so that sending is quick. */
export function useAttachments(takes: Takes): Attachments {
  const [files, setFiles] = useState<ChatFile[]>([]);
  const [coming, setComing] = useState<string[]>([]);
  const [refused, setRefused] = useState<string[]>([]);
  const count = useRef(0);
  const door = useDoor();

  const send = async (file: File) => {
    setComing((names) => [...names, file.name]);
    try {
      const sent = await door.attach(file);
      setFiles((known) => [...known, sent]);
    } catch (thrown) {
      count.current -= 1;
      setRefused((reasons) => [...reasons, `${file.name}: ${asApiError(thrown).words}`]);
    } finally {
      setComing((names) => names.filter((_, place) => place !== names.indexOf(file.name)));
    }
  };

  return {
    files,
    coming,
    refused,
    add(chosen) {
      const reasons: string[] = [];
      for (const file of chosen) {
        const reason =
          refusal(file, takes) ??
          (count.current >= AT_ONCE
            ? t("{name}: at most {n} files at once.", { name: file.name, n: AT_ONCE })
            : undefined);
        if (reason) reasons.push(reason);
        else {
          count.current += 1;
          void send(file);
        }
      }
      setRefused(reasons);
    },
    remove(ref) {
      count.current -= 1;
      setFiles((known) => known.filter((file) => file.ref !== ref));
    },
    take() {
      count.current = 0;
      setFiles([]);
      setRefused([]);
      return files;
    },
    restore(back) {
      count.current = back.length;
      setFiles(back);
    },
  };
}
