import { ActionIcon, Button } from "@mantine/core";
import { IconPlayerPlayFilled, IconTrash } from "@tabler/icons-react";
import { t } from "@/shared/i18n";
import { formatBytes, formatCount, formatNumber } from "@/shared/lib/format";
import { tell } from "@/shared/ui";
import { useForgetWeights, type Weights } from "../api/serving";
import classes from "./serving.module.css";

/** A folder of weights, and what its files say of it. */
export function WeightsCard({ weights, serve }: { weights: Weights; serve: () => void }) {
  const forget = useForgetWeights();
  const { facts } = weights;
  const told = [
    String(facts.architecture),
    facts.parameters ? t("{count} parameters", { count: formatCount(Number(facts.parameters)) }) : "",
    String(facts.quantisation || facts.dtype),
    formatBytes(Number(facts.weight_bytes)),
    t("{count} layers", { count: Number(facts.layers) }),
    t("{count} tokens", { count: formatNumber(Number(facts.context)) }),
    facts.experts ? t("{count} experts", { count: Number(facts.experts) }) : "",
  ].filter(Boolean);
  return (
    <li className={classes.item} aria-label={weights.name}>
      <div className={classes.head}>
        <h3>{weights.name}</h3>
        <span className={classes.quiet}>{told.join(" · ")}</span>
        <span className={classes.actions}>
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<IconPlayerPlayFilled size={14} />}
            onClick={serve}
          >
            {t("Serve")}
          </Button>
          <ActionIcon
            aria-label={t("Forget {name}", { name: weights.name })}
            loading={forget.isPending}
            onClick={() => forget.mutate(weights.id, { onError: tell.failure })}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </span>
      </div>
      <p className={classes.quiet}>{weights.path}</p>
    </li>
  );
}
