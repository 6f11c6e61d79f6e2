import { Button, Group, Modal } from "@mantine/core";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import { type Flow, useDeleteFlow } from "../api/flows";

interface Props {
  flow: Flow;
  opened: boolean;
  close: () => void;
}

/** Asks before a flow goes: nothing brings it back. */
export function DeleteFlow({ flow, opened, close }: Props) {
  const remove = useDeleteFlow();
  return (
    <Modal opened={opened} onClose={close} title={t("Delete “{name}”?", { name: flow.name })}>
      <p style={{ marginBlockStart: 0 }}>
        {t("Its versions, chats and runs go with it. This cannot be undone.")}
      </p>
      {remove.error ? <Problem error={remove.error} /> : null}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close} data-autofocus>
          {t("Keep it")}
        </Button>
        <Button
          color="red"
          loading={remove.isPending}
          onClick={() => remove.mutate(flow.id, { onSuccess: close })}
        >
          {t("Delete")}
        </Button>
      </Group>
    </Modal>
  );
}
