import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { t } from "@/shared/i18n";
import { Page, PageHeader } from "@/shared/ui";
import { useTunes } from "../api/tuning";
import { Datasets } from "./Datasets";
import { NewTune } from "./NewTune";
import { TuneList } from "./TuneList";
import { TuneView } from "./TuneView";
import classes from "./tuning.module.css";

/** Models that learn from a person's examples, and the examples. */
export function Tuning() {
  const [query, setQuery] = useSearchParams();
  const learn = query.get("learn");
  const [opened, setOpened] = useState<{ version?: string } | null>(learn ? { version: learn } : null);
  const tunes = useTunes();
  const chosen = query.get("tune");
  const choose = (id: string | null) => setQuery(id === null ? {} : { tune: id }, { replace: true });
  const begin = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpened({})}>
      {t("New fine-tune")}
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title={t("Fine-tuning")}
        about={t("Teach a model from examples, watch the loss fall, and talk to the result beside its base.")}
        actions={begin}
      />
      {chosen ? <TuneView key={chosen} id={chosen} close={() => choose(null)} /> : null}
      <section aria-labelledby="tunes" className={classes.section}>
        <div className={classes.head}>
          <h2 id="tunes">{t("Fine-tunes")}</h2>
        </div>
        <TuneList list={tunes} chosen={chosen} choose={choose} />
      </section>
      <section aria-labelledby="datasets" className={classes.section}>
        <Datasets tune={(version) => setOpened({ version })} />
      </section>
      {opened ? (
        <NewTune
          version={opened.version}
          close={() => setOpened(null)}
          started={(id) => {
            setOpened(null);
            choose(id);
          }}
        />
      ) : null}
    </Page>
  );
}
