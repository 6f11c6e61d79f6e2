import { useParams } from "react-router";
import { KnowledgeView } from "@/features/documents";
import { Page } from "@/shared/ui";

export const path = "/knowledge/:id";
export const title = "Knowledge base";

export default function KnowledgeBasePage() {
  const { id = "" } = useParams();
  return (
    <Page>
      <KnowledgeView key={id} id={id} />
    </Page>
  );
}
