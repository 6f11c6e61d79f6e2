import { Button, FileButton } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import { isArchive, useImport } from "../api/exports";
import classes from "./Dialogs.module.css";
import { ImportDialog } from "./ImportDialog";

const ACCEPTED = ".zip,.json,.yaml,.yml,.py,application/zip,application/json";

/**
 * A page onto which files can be dropped. A single flow is opened at once; of an archive it is shown
 * first what it would bring.
 */
export function ImportRoom({ children }: { children: (button: ReactNode) => ReactNode }) {
  const [archive, setArchive] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const importing = useImport();
  const navigate = useNavigate();
  const take = (file: File | null | undefined) => {
    if (!file) return;
    if (isArchive(file)) setArchive(file);
    else
      importing.mutate(
        { file },
        {
          onSuccess: ({ created }) => created[0]?.id && navigate(`/flows/${created[0].id}`),
          onError: tell.failure,
        },
      );
  };
  const holds = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  const enter = (event: DragEvent, by: number) => {
    if (!holds(event)) return;
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  const button = (
    <FileButton accept={ACCEPTED} onChange={take}>
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
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same for a keyboard
    <div
      className={classes.room}
      onDragEnter={(event) => enter(event, 1)}
      onDragLeave={(event) => enter(event, -1)}
      onDragOver={(event) => holds(event) && event.preventDefault()}
      onDrop={(event) => {
        if (!holds(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        take(event.dataTransfer.files[0]);
      }}
    >
      {children(button)}
      {over ? (
        <div className={classes.over}>
          <IconFileImport size={34} aria-hidden />
          {t("Drop an archive or a flow to import it")}
        </div>
      ) : null}
      <ImportDialog file={archive} close={() => setArchive(null)} />
    </div>
  );
}
