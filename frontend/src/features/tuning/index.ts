export { Tuning } from "./components/Tuning";
