export { EvaluationComparison } from "./components/EvaluationComparison";
export { Evaluations } from "./components/Evaluations";
export { EvaluationView } from "./components/EvaluationView";
export { Experiments } from "./components/Experiments";
export { ExperimentView } from "./components/ExperimentView";
export { NewExperiment } from "./components/NewExperiment";
