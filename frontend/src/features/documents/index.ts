export { BundledDocument } from "./components/BundledDocument";
export { DocumentView } from "./components/DocumentView";
export { KnowledgeList } from "./components/KnowledgeList";
export { KnowledgeView } from "./components/KnowledgeView";
