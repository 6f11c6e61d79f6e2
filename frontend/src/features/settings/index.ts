export { LanguageMenu, SchemeMenu } from "./appearance";
export { Appearance } from "./components/Appearance";
export { NewSecret } from "./components/NewSecret";
export { Section } from "./components/Section";
export { NewToken, SecretTable, Tokens } from "./components/Tokens";
