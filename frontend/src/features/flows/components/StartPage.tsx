import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { t } from "@/shared/i18n";
import { Page, PageHeader, tell } from "@/shared/ui";
import { type NewFlow, useCreateFlow, useFlows } from "../api/flows";
import { FlowGrid } from "./FlowGrid";
import { StartHere } from "./StartHere";
import classes from "./StartPage.module.css";
import { TemplateGallery } from "./TemplateGallery";

/** The flows there are and the templates to begin a new one with. */
export function StartPage({ importing }: { importing: ReactNode }) {
  const list = useFlows();
  const create = useCreateFlow();
  const navigate = useNavigate();
  const none = list.data?.pages[0]?.results.length === 0;
  const open = (id: string, query = "") => navigate(`/flows/${id}${query}`);
  const make = (flow: NewFlow, query?: string) =>
    create.mutate(flow, { onSuccess: (made) => open(made.id, query), onError: tell.failure });
  return (
    <Page>
      <PageHeader
        title={none ? t("Welcome to Flowloft") : t("Flows")}
        about={
          none
            ? t("Draw how language models, prompts and tools work together, and talk to the result.")
            : undefined
        }
        actions={
          <>
            {importing}
            <Button
              leftSection={<IconPlus size={16} />}
              loading={create.isPending}
              onClick={() => make({ name: t("Untitled flow") })}
            >
              {t("New flow")}
            </Button>
          </>
        }
      />
      {none ? <StartHere /> : <FlowGrid list={list} />}
      <section className={classes.templates}>
        <h2>{none ? t("Begin with a template") : t("Templates")}</h2>
        <p>{t("Each runs at once on the built-in model, without a key.")}</p>
        <TemplateGallery
          busy={create.isPending}
          pick={({ key, title, description }) =>
            make({ template: key, name: t(title), description: t(description) }, "?chat=1")
          }
        />
      </section>
    </Page>
  );
}
