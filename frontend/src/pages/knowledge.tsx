import { KnowledgeList } from "@/features/documents";
import { Page } from "@/shared/ui";

export const path = "/knowledge";
export const title = "Knowledge";
export const menu = { order: 30, icon: "books" };

export default function KnowledgePage() {
  return (
    <Page>
      <KnowledgeList />
    </Page>
  );
}
