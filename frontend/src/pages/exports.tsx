import { ExportsView } from "@/features/exports";

export const path = "/exports";
export const title = "Exports";
export const menu = { order: 70, icon: "package-export" };

export default ExportsView;
