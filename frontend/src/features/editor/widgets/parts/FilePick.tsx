import { ActionIcon, FileInput, Input, Loader } from "@mantine/core";
import { IconPaperclip, IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { asApiError, type SentFile, uploadFile } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import styles from "../widgets.module.css";

interface Props {
  id?: string;
  label?: ReactNode;
  description?: ReactNode;
  withAsterisk?: boolean;
  error?: ReactNode;
  value: SentFile | null;
  change(value: SentFile | null): void;
}

/** A file that a run gets: sent at once, so that starting is quick, and named by its reference from then on. */
export function FilePick({ value, change, error, ...said }: Props) {
  const [sending, setSending] = useState<File | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const send = async (file: File | null) => {
    if (!file) return;
    setSending(file);
    setRefused(null);
    try {
      change(await uploadFile(file));
    } catch (thrown) {
      const { words, hint } = asApiError(thrown);
      setRefused(`${file.name}: ${[words, t(hint)].filter(Boolean).join(" ")}`);
    } finally {
      setSending(null);
    }
  };
  if (value) {
    return (
      <Input.Wrapper {...said} error={error}>
        <div className={styles.file}>
          <IconPaperclip size={15} aria-hidden />
          <span title={value.name}>{value.name}</span>
          <small>{formatBytes(value.bytes)}</small>
          <ActionIcon
            size="sm"
            aria-label={t("Remove {name}", { name: value.name })}
            onClick={() => change(null)}
          >
            <IconX size={15} aria-hidden />
          </ActionIcon>
        </div>
      </Input.Wrapper>
    );
  }
  return (
    <FileInput
      {...said}
      error={refused ?? error}
      value={sending}
      placeholder={t("Choose a file")}
      disabled={sending !== null}
      leftSection={<IconPaperclip size={15} aria-hidden />}
      rightSection={sending ? <Loader size={14} aria-label={t("Sending…")} /> : null}
      onChange={(file) => void send(file)}
    />
  );
}
