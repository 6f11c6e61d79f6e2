export { BackendChoice } from "./components/BackendChoice";
export { Compute } from "./components/Compute";
export { FlowPlace } from "./components/FlowPlace";
export { JobView } from "./components/JobView";
export { JobWaits } from "./components/JobWaits";
export { RunJob } from "./components/RunJob";
export { useChosenBackend } from "./model/chosen";
