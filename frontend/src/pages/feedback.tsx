import { Anchor, Skeleton } from "@mantine/core";
import { Link, useParams } from "react-router";
import { FeedbackList } from "@/features/chat";
import { useFlow } from "@/features/flows";
import { t } from "@/shared/i18n";
import { Failure, Page, PageHeader } from "@/shared/ui";

export const path = "/flows/:id/feedback";
export const title = "Feedback";

/** What people thought of a flow's answers. */
export default function FeedbackPage() {
  const { id = "" } = useParams();
  const flow = useFlow(id);
  if (flow.isError && !flow.data) return <Failure error={flow.error} retry={flow.refetch} />;
  return (
    <Page>
      <PageHeader
        above={
          <Anchor component={Link} to={`/flows/${id}/chat`} size="sm">
            {flow.data?.name ?? "…"}
          </Anchor>
        }
        title={t("What was thought of the answers")}
      />
      {flow.data ? (
        <FeedbackList flowId={id} flowName={flow.data.name} />
      ) : (
        <Skeleton height={96} radius="lg" role="status" aria-label={t("Loading")} />
      )}
    </Page>
  );
}
