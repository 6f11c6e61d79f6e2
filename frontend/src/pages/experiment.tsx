import { useParams } from "react-router";
import { ExperimentView } from "@/features/evaluations";
import { Page } from "@/shared/ui";

export const path = "/evaluations/experiments/:id";
export const title = "Experiment";

export default function ExperimentPage() {
  const { id = "" } = useParams();
  return (
    <Page>
      <ExperimentView key={id} id={id} />
    </Page>
  );
}
