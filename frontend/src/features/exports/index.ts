export { ExportsView } from "./components/ExportsView";
export { ImportRoom } from "./components/ImportRoom";
