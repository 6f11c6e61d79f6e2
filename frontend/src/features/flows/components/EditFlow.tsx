import { Button, Group, Modal, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import { type Flow, useUpdateFlow } from "../api/flows";

interface Props {
  flow: Flow;
  opened: boolean;
  close: () => void;
}

export function EditFlow({ flow, opened, close }: Props) {
  return (
    <Modal opened={opened} onClose={close} title={t("Name and description")}>
      <Form flow={flow} close={close} />
    </Modal>
  );
}

function Form({ flow, close }: Omit<Props, "opened">) {
  const [name, setName] = useState(flow.name);
  const [description, setDescription] = useState(flow.description ?? "");
  const save = useUpdateFlow();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ id: flow.id, name: name.trim(), description: description.trim() }, { onSuccess: close });
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        label={t("Name")}
        data-autofocus
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        mt="sm"
        label={t("Description")}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={2000}
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {save.error ? <Problem error={save.error} /> : null}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={close}>
          {t("Cancel")}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
          {t("Save")}
        </Button>
      </Group>
    </form>
  );
}
