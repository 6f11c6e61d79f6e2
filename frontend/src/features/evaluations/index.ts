export { EvaluationComparison } from "./components/EvaluationComparison";
export { Evaluations } from "./components/Evaluations";
export { EvaluationView } from "./components/EvaluationView";
