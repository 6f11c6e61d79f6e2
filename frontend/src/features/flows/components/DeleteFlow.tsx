import { t } from "@/shared/i18n";
import { Confirm } from "@/shared/ui";
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
    <Confirm
      of={opened ? flow.id : null}
      title={t("Delete “{name}”?", { name: flow.name })}
      mutation={remove}
      close={close}
    >
      {t("Its versions, chats and runs go with it. This cannot be undone.")}
    </Confirm>
  );
}
