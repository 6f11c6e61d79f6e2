export { CopyButton } from "./CopyButton";
export { Empty } from "./Empty";
export { Failure, Problem } from "./Failure";
export { KindIcon } from "./KindIcon";
export { Markdown } from "./markdown/Markdown";
export { PageHeader } from "./PageHeader";
export { portColor } from "./port-color";
export { ValueView } from "./value/ValueView";
