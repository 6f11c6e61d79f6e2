import { Button, Checkbox, Group, Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import { useAddWeights } from "../api/serving";
import classes from "./serving.module.css";

/** Names a folder of weights. Its files stay where they are; nothing in them is run. */
export function AddWeights({ opened, close }: { opened: boolean; close: () => void }) {
  const [path, setPath] = useState("");
  const [code, setCode] = useState(false);
  const [pickle, setPickle] = useState(false);
  const add = useAddWeights();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(
      { path: path.trim(), allow_code: code, allow_pickle: pickle },
      {
        onSuccess: () => {
          setPath("");
          close();
        },
      },
    );
  };
  return (
    <Modal opened={opened} onClose={close} title={t("Bring a folder of weights")} size="lg">
      <form onSubmit={submit} className={classes.form}>
        <TextInput
          label={t("Path on the studio's machine")}
          description={t("A folder with config.json and .safetensors files, or one .gguf file.")}
          placeholder="/data/models/qwen3-4b"
          data-autofocus
          maxLength={1000}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        {add.error ? <Problem error={add.error} /> : null}
        <Checkbox
          label={t("The engine may run code that the folder brings")}
          description={t("Only for a folder whose maker you trust.")}
          checked={code}
          onChange={(event) => setCode(event.currentTarget.checked)}
        />
        <Checkbox
          label={t("The checkpoint may be a pickle")}
          description={t("Loading one can run any code. Prefer .safetensors files of the same model.")}
          checked={pickle}
          onChange={(event) => setPickle(event.currentTarget.checked)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
          <Button type="submit" loading={add.isPending} disabled={!path.trim()}>
            {t("Read it")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
