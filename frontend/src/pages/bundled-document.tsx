import { useParams } from "react-router";
import { BundledDocument } from "@/features/documents";

export const path = "/knowledge/bundled/:set/documents/:document";
export const title = "Document";

export default function BundledDocumentPage() {
  const { set = "", document = "" } = useParams();
  return <BundledDocument key={document} set={set} id={document} />;
}
