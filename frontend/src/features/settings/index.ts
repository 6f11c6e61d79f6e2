export { LanguageMenu, SchemeMenu } from "./appearance";
