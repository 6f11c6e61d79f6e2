export { allPages, answer, api, cursorOf, type Schemas } from "./client";
export { ApiError, asApiError } from "./error";
export { useReach, watchConnection } from "./reach";
export { setCsrfToken } from "./transport";
