export { Serving } from "./components/Serving";
