import { Button, FileButton } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { type Flow, type NewFlow, useCreateFlow } from "../api/flows";

/** Makes a flow from a file that was exported here or elsewhere; the server checks it. */
export function ImportFlow({ made }: { made: (flow: Flow) => void }) {
  const create = useCreateFlow();
  async function read(file: File | null) {
    if (!file) return;
    let document: NewFlow["document"];
    try {
      document = JSON.parse(await file.text());
    } catch {
      tell.failure({
        code: "not_json",
        message: t("“{file}” is no JSON file.", { file: file.name }),
        hint: t("Choose a file that “Export” in the editor has written."),
      });
      return;
    }
    const name = file.name.replace(/(\.flow)?\.json$/i, "");
    create.mutate({ name, document }, { onSuccess: made, onError: tell.failure });
  }
  return (
    <FileButton accept="application/json,.json" onChange={read}>
      {(props) => (
        <Button
          {...props}
          variant="default"
          loading={create.isPending}
          leftSection={<IconFileImport size={16} />}
        >
          {t("Import")}
        </Button>
      )}
    </FileButton>
  );
}
