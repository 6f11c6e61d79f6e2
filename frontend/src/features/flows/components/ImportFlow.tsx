import { Button, FileButton } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { useImportFlow } from "../api/flows";

const ENDING = /(?:\.flow)?\.(json|ya?ml|py)$/i;
const FORMATS = { json: "json", yml: "yaml", yaml: "yaml", py: "python" } as const;

/** Makes a flow from a file that was exported here or written by hand; the server reads it. */
export function ImportFlow({ made }: { made: (id: string) => void }) {
  const importing = useImportFlow();
  async function read(file: File | null) {
    if (!file) return;
    const ending = file.name.match(ENDING)?.[1]?.toLowerCase() as keyof typeof FORMATS | undefined;
    importing.mutate(
      {
        name: file.name.replace(ENDING, "").slice(0, 200),
        format: ending && FORMATS[ending],
        content: await file.text(),
      },
      { onSuccess: made, onError: tell.failure },
    );
  }
  return (
    <FileButton accept=".json,.yaml,.yml,.py,application/json" onChange={read}>
      {(props) => (
        <Button
          {...props}
          variant="default"
          loading={importing.isPending}
          leftSection={<IconFileImport size={16} />}
        >
          {t("Import")}
        </Button>
      )}
    </FileButton>
  );
}
