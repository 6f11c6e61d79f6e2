import { NumberInput, Select } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { t } from "@/shared/i18n";
import { CURRENCIES } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import { useRates, useSetRate } from "../api/rates";
import classes from "./serving.module.css";

interface Props {
  /** Id of a backend, or the name of a model that a vendor trains. */
  place: string;
  label: string;
}

/** What a place costs, with its currency; kept as it is written. */
export function RateField({ place, label }: Props) {
  const known = useRates().data?.find((one) => one.place === place);
  const save = useSetRate();
  const [amount, setAmount] = useState<number | "">("");
  const [currency, setCurrency] = useState("USD");
  useEffect(() => {
    setAmount(known?.amount ?? "");
    if (known?.currency) setCurrency(known.currency);
  }, [known]);
  const keep = useDebouncedCallback(
    (next: number | "", money: string) =>
      save.mutate({ place, currency: money, amount: next === "" ? null : next }),
    400,
  );
  const change = (next: number | "", money: string) => {
    setAmount(next);
    setCurrency(money);
    keep(next, money);
  };
  return (
    <div className={classes.rate}>
      <NumberInput
        label={label}
        placeholder={t("Unknown")}
        min={0}
        max={1_000_000}
        decimalScale={4}
        value={amount}
        onChange={(next) => change(next === "" ? "" : Number(next), currency)}
      />
      <Select
        label={t("Currency")}
        data={CURRENCIES.includes(currency) ? CURRENCIES : [...CURRENCIES, currency]}
        allowDeselect={false}
        value={currency}
        onChange={(money) => money && change(amount, money)}
      />
      {save.error ? <Problem error={save.error} /> : null}
    </div>
  );
}
