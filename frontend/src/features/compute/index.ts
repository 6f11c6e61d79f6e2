export { BackendChoice } from "./components/BackendChoice";
export { Compute } from "./components/Compute";
export { RunJob } from "./components/RunJob";
export { useChosenBackend } from "./model/chosen";
