import { Experiments } from "@/features/evaluations";

export const path = "/evaluations/experiments";
export const title = "Experiments";

export default Experiments;
