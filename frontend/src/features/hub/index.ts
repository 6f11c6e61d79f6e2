export { useModels } from "./api/hub";
export { Online } from "./components/Online";
