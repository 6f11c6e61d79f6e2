import { Tuning } from "@/features/tuning";

export const path = "/tuning";
export const title = "Fine-tuning";
export const menu = { order: 50, icon: "school" };

export default Tuning;
