export { Editor } from "./Editor";
