import { RunList } from "@/features/runs";
import { t } from "@/shared/i18n";
import { Page, PageHeader } from "@/shared/ui";

export const path = "/runs";
export const title = "Runs";
export const menu = { order: 20, icon: "activity" };

export default function RunsPage() {
  return (
    <Page>
      <PageHeader title={t("Runs")} />
      <RunList />
    </Page>
  );
}
