export { Empty } from "./Empty";
export { Failure, Problem } from "./Failure";
export { KindIcon } from "./KindIcon";
export { PageHeader } from "./PageHeader";
export { portColor } from "./port-color";
