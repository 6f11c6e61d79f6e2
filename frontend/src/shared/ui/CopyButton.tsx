import { ActionIcon, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { t } from "@/shared/i18n";
import { copyText } from "@/shared/lib/copy";

interface Props {
  /** Made when asked for: what is copied may be large. */
  text: () => string;
  label?: string;
}

export function CopyButton({ text, label = t("Copy") }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  const shown = copied ? t("Copied") : label;
  return (
    <Tooltip label={shown}>
      <ActionIcon size="sm" aria-label={shown} onClick={async () => setCopied(await copyText(text()))}>
        {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
      </ActionIcon>
    </Tooltip>
  );
}
