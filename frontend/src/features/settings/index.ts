export { LanguageMenu, SchemeMenu } from "./appearance";
export { Appearance } from "./components/Appearance";
export { Section } from "./components/Section";
export { NewToken, Tokens } from "./components/Tokens";
