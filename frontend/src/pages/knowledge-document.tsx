import { useParams } from "react-router";
import { DocumentView } from "@/features/documents";

export const path = "/knowledge/:id/documents/:document";
export const title = "Document";
export const layout = "canvas";

export default function KnowledgeDocumentPage() {
  const { id = "", document = "" } = useParams();
  return <DocumentView key={document} knowledgeId={id} id={document} />;
}
