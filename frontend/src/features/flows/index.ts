export { useFlow } from "./api/flows";
export { StartPage } from "./components/StartPage";
