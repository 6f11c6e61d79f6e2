export { sessionKey, useSession, useSignOut } from "./api/session";
export { ClaimStudio } from "./components/ClaimStudio";
export { SignIn } from "./components/SignIn";
