export { allPages, answer, api, cursorOf, type Schemas } from "./client";
export { ApiError, asApiError } from "./error";
export type { CursorPage } from "./page";
export { useReach, watchConnection } from "./reach";
export { get, send } from "./send";
export { setCsrfToken } from "./transport";
