import { useParams } from "react-router";
import { EvaluationComparison } from "@/features/evaluations";
import { Page } from "@/shared/ui";

export const path = "/evaluations/:id/compare/:other";
export const title = "Compare evaluations";

export default function CompareEvaluationsPage() {
  const { id = "", other = "" } = useParams();
  return (
    <Page>
      <EvaluationComparison key={`${id} ${other}`} left={id} right={other} />
    </Page>
  );
}
