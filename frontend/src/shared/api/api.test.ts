import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { allPages, answer, api } from "./client";
import { ApiError } from "./error";
import { useReach } from "./reach";
import { setCsrfToken } from "./transport";

const calls: Request[] = [];

function serve(...answers: (() => Response)[]) {
  const queue = [...answers];
  vi.stubGlobal("fetch", async (request: Request) => {
    calls.push(request);
    const next = queue.length > 1 ? queue.shift() : queue[0];
    if (!next) throw new TypeError("no network");
    return next();
  });
}

const json =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status });
const failure = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (thrown) => thrown as ApiError,
  );

beforeEach(() => {
  calls.length = 0;
  vi.useFakeTimers();
  useReach.setState({ reachable: true });
});
afterEach(async () => {
  serve(json({ status: "ready" }));
  await vi.advanceTimersByTimeAsync(10_000); // Whoever still asks for the server finds it.
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what changes something carries the CSRF token, what reads does not", async () => {
  serve(json({}));
  setCsrfToken("tok");
  await answer(api.POST("/api/v1/tokens", { body: { name: "n" } }));
  await answer(api.GET("/api/v1/templates"));
  expect(calls.map((call) => call.headers.get("X-CSRFToken"))).toEqual(["tok", null]);
});

test("a refusal keeps its four parts and its status", async () => {
  serve(
    json({ code: "name_taken", message: "Taken.", hint: "Choose another.", extra: { path: "/name" } }, 409),
  );
  const thrown = await failure(answer(api.GET("/api/v1/models")));
  expect(thrown).toBeInstanceOf(ApiError);
  expect(thrown).toMatchObject({
    code: "name_taken",
    message: "Taken.",
    hint: "Choose another.",
    status: 409,
  });
});

test("an answer that is no error of ours still becomes one", async () => {
  serve(() => new Response("<html>", { status: 500 }));
  expect(await failure(answer(api.GET("/api/v1/models")))).toMatchObject({
    code: "unexpected_answer",
    status: 500,
  });
  expect(useReach.getState().reachable).toBe(true);
});

test("a provider's failure that the server passes on is an answer; a proxy's is not", async () => {
  serve(json({ code: "provider_unreachable", message: "m", hint: "", extra: {} }, 502));
  await failure(answer(api.GET("/api/v1/models")));
  expect(useReach.getState().reachable).toBe(true);
  serve(() => new Response("bad gateway", { status: 502 }));
  await failure(answer(api.GET("/api/v1/models")));
  expect(useReach.getState().reachable).toBe(false);
});

test("away is noted, and back is noticed without a reload", async () => {
  serve();
  expect(await failure(answer(api.GET("/api/v1/models")))).toMatchObject({ code: "unreachable", status: 0 });
  expect(useReach.getState().reachable).toBe(false);
  serve(json({ status: "ready" }));
  await vi.advanceTimersByTimeAsync(2_000);
  expect(useReach.getState().reachable).toBe(true);
});

test("a list is read to its end", async () => {
  serve(json({ results: [1], next: "/api/v1/tokens?cursor=c2" }), json({ results: [2], next: null }));
  const found = await allPages((cursor) => api.GET("/api/v1/tokens", { params: { query: { cursor } } }));
  expect(found).toEqual([1, 2]);
  expect(calls[1]?.url).toContain("cursor=c2");
});
