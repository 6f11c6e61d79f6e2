import { useParams } from "react-router";
import { EvaluationView } from "@/features/evaluations";
import { Page } from "@/shared/ui";

export const path = "/evaluations/:id";
export const title = "Evaluation";

export default function EvaluationPage() {
  const { id = "" } = useParams();
  return (
    <Page>
      <EvaluationView key={id} id={id} />
    </Page>
  );
}
