import { useSession } from "@/features/accounts";
import { Compute } from "@/features/compute";
import { t } from "@/shared/i18n";
import { Page, PageHeader } from "@/shared/ui";

export const path = "/compute";
export const title = "Compute";
export const menu = { order: 60, icon: "server-2" };

export default function ComputePage() {
  const user = useSession().data?.user;
  return (
    <Page>
      <PageHeader
        title={t("Compute")}
        about={t("Where flows, models and fine-tunes compute: this machine, a cluster, a machine over SSH.")}
      />
      <Compute owner={user?.is_owner ?? false} />
    </Page>
  );
}
