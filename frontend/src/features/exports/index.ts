export { ApiPanel } from "./components/ApiPanel";
export { ExportsView } from "./components/ExportsView";
export { ImportRoom } from "./components/ImportRoom";
