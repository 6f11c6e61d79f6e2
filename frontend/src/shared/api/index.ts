export { allPages, answer, api, cursorOf, type Schemas } from "./client";
export { ApiError, asApiError, errorSaid, readError } from "./error";
export { asBytes, fileAddress, type SentFile, uploadFile } from "./files";
export { useReach, watchConnection } from "./reach";
export { setCsrfToken, transport } from "./transport";
