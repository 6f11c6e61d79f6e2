import { t } from "@/shared/i18n";
import { valueWords } from "../model/words";
import type { Evaluation } from "./evaluations";
import { useExperiment } from "./experiments";

/** With which settings an evaluation ran in place of those that are drawn, called as its experiment calls them. */
export function useOverrides(one: Evaluation): { label: string; value: string }[] {
  const grid = useExperiment(one.experiment ?? null).data?.grid ?? [];
  return one.overrides.map(({ node, field, value }) => {
    const known = grid.find((setting) => setting.node === node && setting.field === field);
    const label = known ? [t(known.node_title), t(known.field_title)] : [node, field];
    return { label: label.join(" · "), value: valueWords(value) };
  });
}
