export { useDatasets } from "./api/datasets";
export { Tuning } from "./components/Tuning";
