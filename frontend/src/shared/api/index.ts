export { get, send, setCsrfToken, withQuery } from "./client";
export { ApiError, asApiError, readError } from "./error";
export { type CursorPage, cursorOf } from "./page";
export { reached, useReach, watchConnection } from "./reach";
