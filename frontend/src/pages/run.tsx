import { useParams } from "react-router";
import { RunView } from "@/features/runs";
import { Page } from "@/shared/ui";

export const path = "/runs/:id";
export const title = "Run";

export default function RunPage() {
  const { id = "" } = useParams();
  return (
    <Page>
      <RunView key={id} runId={id} />
    </Page>
  );
}
