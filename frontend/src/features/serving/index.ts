export { RateField } from "./components/RateField";
export { Serving } from "./components/Serving";
