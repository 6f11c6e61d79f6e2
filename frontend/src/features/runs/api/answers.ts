import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/shared/api";

export interface Answered {
  runId: string;
  /** As the question names it. */
  step: string;
  answer: unknown;
}

/** Throws ApiError `already_answered` where somebody else was faster. */
export function useAnswer() {
  return useMutation({
    mutationFn: ({ runId, step, answer: given }: Answered) =>
      answer(
        api.POST("/api/v1/runs/{run_id}/answers", {
          params: { path: { run_id: runId } },
          body: { step, answer: given as never },
        }),
      ),
  });
}

/** What a step gave, whole: events show long values by their beginning. */
export async function getOutputs(runId: string, step: string): Promise<Record<string, unknown>> {
  const { document } = await answer(
    api.GET("/api/v1/runs/{run_id}/outputs", { params: { path: { run_id: runId }, query: { step } } }),
  );
  return document as Record<string, unknown>;
}

/** The flow as it was when it ran. */
export async function getDocument(runId: string): Promise<Record<string, unknown>> {
  const { document } = await answer(
    api.GET("/api/v1/runs/{run_id}/document", { params: { path: { run_id: runId } } }),
  );
  return document as Record<string, unknown>;
}
