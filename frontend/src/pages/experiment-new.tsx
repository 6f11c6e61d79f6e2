import { useSearchParams } from "react-router";
import { NewExperiment } from "@/features/evaluations";

export const path = "/evaluations/experiments/new";
export const title = "New experiment";

export default function NewExperimentPage() {
  const [query] = useSearchParams();
  return <NewExperiment key={String(query)} like={query.get("like")} of={query.get("of")} />;
}
