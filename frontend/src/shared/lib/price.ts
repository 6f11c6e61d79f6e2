/** Prices of models in few words. */
import type { Schemas } from "@/shared/api";
import { t } from "@/shared/i18n";
import { formatMoney } from "./format";

/** What a million tokens cost to read and to write; empty where nobody knows. */
export function priceBrief(price: Schemas["Price"] | null | undefined): string {
  if (!price) return "";
  if (price.input === 0 && price.output === 0) return t("free");
  const sides = price.output === 0 ? [price.input] : [price.input, price.output];
  return sides.map((amount) => formatMoney(amount, price.currency)).join(" / ");
}
