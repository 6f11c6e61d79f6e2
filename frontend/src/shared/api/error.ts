import { errorWords, t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";

/** The one shape of everything that can go wrong, from the server or on the way to it. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly code: string,
    message: string,
    readonly hint: string,
    readonly extra: Record<string, unknown>,
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
  ) {
    super(message);
  }

  /** The message in the page's language, when it or at least its code is known. */
  get words(): string {
    return errorSaid(this);
  }

  /** The hint in the page's language. */
  get advice(): string {
    return serverWords(t(this.hint));
  }
}

/** What an error says, in the page's language. */
export function errorSaid({ code, message }: { code: string; message: string }): string {
  const words = serverWords(message);
  return words === message ? (errorWords(code) ?? words) : words;
}

/** Reads the body of a refused request; a body that is no error of ours still says its status. */
export function readError(status: number, body: unknown): ApiError {
  return (
    fromPayload(body, status) ??
    new ApiError(
      "unexpected_answer",
      t("The server answered with status {status}.", { status }),
      t("Try again; if it stays, look at the terminal where Flowloft runs."),
      {},
      status,
    )
  );
}

function fromPayload(body: unknown, status: number): ApiError | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { code, message, hint, extra } = body as Record<string, unknown>;
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  const more = typeof extra === "object" && extra !== null ? (extra as Record<string, unknown>) : {};
  return new ApiError(code, message, typeof hint === "string" ? hint : "", more, status);
}

export function unreachable(): ApiError {
  return new ApiError(
    "unreachable",
    t("Flowloft does not answer."),
    t("Check that it is still running; the page tries again by itself."),
    {},
    0,
  );
}

/** Whatever was thrown or told, as an ApiError: a bug of the page shows its own words. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  const told = fromPayload(thrown, 0);
  if (told && !(thrown instanceof Error)) return told;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError("page_error", message, t("Reload the page."), {}, 0);
}
