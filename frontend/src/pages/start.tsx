import { ImportRoom } from "@/features/exports";
import { StartPage } from "@/features/flows";

export const path = "/";
export const title = "Start";
export const menu = { order: 10, icon: "layout-grid" };

export default function Start() {
  return <ImportRoom>{(button) => <StartPage importing={button} />}</ImportRoom>;
}
