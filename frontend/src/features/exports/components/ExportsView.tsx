import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPackageExport } from "@tabler/icons-react";
import { useSearchParams } from "react-router";
import { t } from "@/shared/i18n";
import { Page, PageHeader } from "@/shared/ui";
import { ExportList } from "./ExportList";
import { ImportRoom } from "./ImportRoom";
import { NewExport } from "./NewExport";

/** What has left or is about to, and the way in. */
export function ExportsView() {
  const [query, setQuery] = useSearchParams();
  const asked = query.get("flow");
  const [opened, dialog] = useDisclosure(asked !== null);
  const close = () => {
    dialog.close();
    setQuery({}, { replace: true });
  };
  const begin = (
    <Button leftSection={<IconPackageExport size={16} />} onClick={dialog.open}>
      {t("New export")}
    </Button>
  );
  return (
    <ImportRoom>
      {(button) => (
        <Page>
          <PageHeader
            title={t("Exports")}
            about={t("Flows as files, to keep, to hand on, or to run without a studio.")}
            actions={
              <>
                {button}
                {begin}
              </>
            }
          />
          <ExportList begin={begin} />
          <NewExport opened={opened} close={close} asked={asked} />
        </Page>
      )}
    </ImportRoom>
  );
}
