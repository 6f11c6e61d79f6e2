import { useParams } from "react-router";
import { RunComparison } from "@/features/runs";
import { Page } from "@/shared/ui";

export const path = "/runs/:id/compare/:other";
export const title = "Compare runs";

export default function CompareRunsPage() {
  const { id = "", other = "" } = useParams();
  return (
    <Page>
      <RunComparison key={`${id} ${other}`} leftId={id} rightId={other} />
    </Page>
  );
}
