import { Evaluations } from "@/features/evaluations";

export const path = "/evaluations";
export const title = "Evaluate";
export const menu = { order: 65, icon: "gauge" };

export default Evaluations;
