export { type Session, sessionKey, useSession, useSignOut } from "./api/session";
