export { type Model, useModels } from "./api/hub";
export { Connections } from "./components/Connections";
