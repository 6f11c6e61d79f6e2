/** What runs ask people, as the runtime asks it. */
import type { RunState, StepState, Values } from "./events";

export interface FormField {
  name: string;
  title: string;
  type: "text" | "long_text" | "number" | "boolean" | "choice" | "json";
  options: string[];
  required: boolean;
  default: unknown;
}

export type Question = { step: string; message?: string; value?: unknown } & (
  | { kind: "form"; fields: FormField[] }
  | { kind: "approval" }
  | { kind: "breakpoint"; inputs: Values }
);

/** The steps that wait for an answer, in the order in which they showed themselves. */
export function askingSteps(state: RunState): StepState[] {
  return Object.values(state.steps).filter((step) => step.state === "waiting" && step.question !== null);
}

export const questionOf = (step: StepState) => step.question as unknown as Question;

export type Draft = Record<string, string | number | boolean>;

/** What a form begins with. */
export function draftOf(fields: FormField[]): Draft {
  const draft: Draft = {};
  for (const { name, type, default: begin } of fields) {
    if (type === "boolean") draft[name] = begin === true;
    else if (typeof begin === "string" || typeof begin === "number") draft[name] = begin;
    else draft[name] = begin === null || begin === undefined ? "" : JSON.stringify(begin);
  }
  return draft;
}

/** The answer that a filled form means; a field that is no JSON though it should be is named. */
export function answerOf(fields: FormField[], draft: Draft): { answer: Values } | { wrong: string } {
  const answer: Values = {};
  for (const { name, type } of fields) {
    const value = draft[name] ?? "";
    if (type === "json" && value !== "") {
      try {
        answer[name] = JSON.parse(String(value));
      } catch {
        return { wrong: name };
      }
    } else answer[name] = value === "" ? null : value;
  }
  return { answer };
}
