export { useModels } from "./api/hub";
export { Connections } from "./components/Connections";
