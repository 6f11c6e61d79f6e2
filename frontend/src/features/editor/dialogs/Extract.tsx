import { Button, Group, Modal, TextInput } from "@mantine/core";
import { useState } from "react";
import { t, tn } from "@/shared/i18n";
import { useEditor, useEditorStore } from "../store/context";
import { extractSubflow } from "../store/subflows";
import styles from "./dialogs.module.css";

/** Names the flow that a selection becomes. */
export default function Extract({ close }: { close(): void }) {
  const store = useEditorStore();
  const count = useEditor((state) => state.selectedNodes.size);
  const flow = useEditor((state) => state.name);
  const [name, setName] = useState(t("{name}: part", { name: flow }));
  const [working, setWorking] = useState(false);
  return (
    <Modal opened onClose={close} title={t("Extract into a subflow")}>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          setWorking(true);
          const done = await extractSubflow(store, name.trim());
          setWorking(false);
          if (done) close();
        }}
      >
        <p className={styles.lead}>
          {tn(
            count,
            "{n} node becomes a flow of its own, and one node here runs it. Other flows can use it, too.",
            "{n} nodes become a flow of their own, and one node here runs it. Other flows can use it, too.",
          )}
        </p>
        <TextInput
          data-autofocus
          label={t("Name of the new flow")}
          value={name}
          maxLength={200}
          required
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={working} disabled={name.trim() === ""}>
            {t("Extract")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
