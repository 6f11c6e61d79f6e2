/** How every request travels: same origin, CSRF token, and a note of whether anybody answered. */
import { unreachable } from "./error";
import { reached } from "./reach";

let csrfToken = "";

/** Kept from `GET session`, for every request that changes something. */
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

export async function transport(request: Request): Promise<Response> {
  if (request.method !== "GET") request.headers.set("X-CSRFToken", csrfToken);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (thrown) {
    if (request.signal.aborted) throw thrown;
    reached(false);
    throw unreachable();
  }
  // A proxy in front of a server that is away answers for it, in words that are not ours.
  reached(response.status < 502 || (response.headers.get("Content-Type")?.includes("json") ?? false));
  return response;
}
