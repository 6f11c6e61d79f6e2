export { Connections } from "./components/Connections";
