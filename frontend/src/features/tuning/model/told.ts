/** What a trainer told, folded into what is drawn. */
import type { TuneRecord } from "../api/tuning";

export interface Step {
  step: number;
  loss?: number;
  validation?: number;
  rate?: number;
}

export interface Sample {
  question: string;
  /** By step, the newest last. */
  answers: { step: number; answer: string }[];
}

export interface Told {
  /** Number of the newest record; where to go on asking. */
  last: number;
  steps: Step[];
  samples: Sample[];
  stage: string;
  warnings: string[];
}

export const NOTHING: Told = { last: 0, steps: [], samples: [], stage: "", warnings: [] };

/** Adds records. Steps that are told again after a resume replace what was known from there on. */
export function fold(told: Told, records: TuneRecord[]): Told {
  if (!records.length) return told;
  const steps = new Map(told.steps.map((one) => [one.step, one]));
  const samples = new Map(told.samples.map((one) => [one.question, [...one.answers]]));
  const found = { ...told, warnings: [...told.warnings], last: records.at(-1)?.id ?? told.last };
  for (const { kind, facts } of records) {
    const step = Number(facts.step);
    if (kind === "stage") found.stage = String(facts.name);
    if (kind === "warning") found.warnings.push(String(facts.message));
    if (kind === "progress") {
      const before = steps.get(step) ?? { step };
      const { loss, validation_loss: validation, learning_rate: rate } = facts;
      steps.set(step, {
        ...before,
        ...(loss === undefined ? {} : { loss: Number(loss) }),
        ...(validation === undefined ? {} : { validation: Number(validation) }),
        ...(rate === undefined ? {} : { rate: Number(rate) }),
      });
    }
    if (kind === "sample") {
      const question = String(facts.question);
      const kept = (samples.get(question) ?? []).filter((one) => one.step < step);
      samples.set(question, [...kept, { step, answer: String(facts.answer) }]);
    }
  }
  return {
    ...found,
    steps: [...steps.values()].sort((one, other) => one.step - other.step),
    samples: [...samples].map(([question, answers]) => ({ question, answers })),
  };
}
