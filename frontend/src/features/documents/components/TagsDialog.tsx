import { Button, Group, Modal, TagsInput } from "@mantine/core";
import { useState } from "react";
import { t } from "@/shared/i18n";

interface Props {
  opened: boolean;
  close: () => void;
  apply: (action: "tag" | "untag", tags: string[]) => void;
}

/** Gives tags to several documents, or takes them away. */
export function TagsDialog({ opened, close, apply }: Props) {
  const [tags, setTags] = useState<string[]>([]);
  const done = (action: "tag" | "untag") => {
    apply(action, tags);
    setTags([]);
    close();
  };
  return (
    <Modal opened={opened} onClose={close} title={t("Tags")}>
      <TagsInput
        label={t("Tags")}
        description={t("Searches can be narrowed by them. Enter after each.")}
        maxTags={30}
        value={tags}
        onChange={setTags}
        data-autofocus
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" disabled={!tags.length} onClick={() => done("untag")}>
          {t("Take away")}
        </Button>
        <Button disabled={!tags.length} onClick={() => done("tag")}>
          {t("Add")}
        </Button>
      </Group>
    </Modal>
  );
}
