export { BackendChoice } from "./components/BackendChoice";
export { Compute } from "./components/Compute";
export { JobView } from "./components/JobView";
export { RunJob } from "./components/RunJob";
export { useChosenBackend } from "./model/chosen";
