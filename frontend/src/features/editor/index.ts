export { getCatalogue, getDraft, getVersion } from "./api";
export { Editor } from "./Editor";
export { indexOf } from "./model/document";
export { kindOf } from "./model/kinds";
export { sameValue } from "./model/patch";
export { type Field, fieldsOf, isVisible, spoken, valueIn, wrongValue } from "./model/schema";
export type { Catalogue, FlowDocument } from "./model/types";
export { widgetFor } from "./widgets/widget";
