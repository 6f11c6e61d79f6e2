import { useSession } from "@/features/accounts";
import { JobView } from "@/features/compute";
import { Online } from "@/features/hub";
import { Serving } from "@/features/serving";
import { t } from "@/shared/i18n";
import { Page, PageHeader } from "@/shared/ui";

export const path = "/models";
export const title = "Models";
export const menu = { order: 40, icon: "cpu" };

export default function ModelsPage() {
  const user = useSession().data?.user;
  return (
    <Page>
      <PageHeader
        title={t("Models")}
        about={t("What flows can use here and now, and models of your own that you serve yourself.")}
      />
      <Online />
      <Serving owner={user?.is_owner ?? false} job={(id, close) => <JobView id={id} close={close} />} />
    </Page>
  );
}
