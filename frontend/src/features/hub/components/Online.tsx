import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "@/shared/i18n";
import type { Connection } from "../api/hub";
import { ConnectionDialog } from "./ConnectionDialog";
import { Connections } from "./Connections";
import classes from "./Connections.module.css";
import { DefaultModels } from "./DefaultModels";

/** Models that answer over the network: connections with their keys and prices, and the default of each job. */
export function Online() {
  const [edited, edit] = useState<Connection | "new" | null>(null);
  return (
    <>
      <section className={classes.section} aria-labelledby="online">
        <header>
          <h2 id="online">{t("Connections")}</h2>
          <Button
            variant="default"
            size="compact-md"
            leftSection={<IconPlus size={16} />}
            onClick={() => edit("new")}
          >
            {t("Add a connection")}
          </Button>
        </header>
        <Connections edit={edit} />
        <ConnectionDialog
          key={edited === null || edited === "new" ? "new" : edited.id}
          connection={edited === "new" ? null : edited}
          opened={edited !== null}
          close={() => edit(null)}
        />
      </section>
      <section className={classes.section} aria-labelledby="defaults">
        <header>
          <h2 id="defaults">{t("Default models")}</h2>
          <p className={classes.quiet}>
            {t("Taken by whatever says “default”; change them here at once for all.")}
          </p>
        </header>
        <DefaultModels />
      </section>
    </>
  );
}
