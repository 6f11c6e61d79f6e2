export { type Model, useModels } from "./api/hub";
export { Online } from "./components/Online";
