export { LanguageMenu, SchemeMenu } from "./appearance";
export { Appearance } from "./components/Appearance";
export { Section } from "./components/Section";
export { Tokens } from "./components/Tokens";
