import { Button, Skeleton } from "@mantine/core";
import { IconFolderPlus, IconServerBolt } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { Empty, Failure } from "@/shared/ui";
import { useHardware, useServices, useWeights, type Weights } from "../api/serving";
import { AddWeights } from "./AddWeights";
import { Environment } from "./Environment";
import { ServiceCard } from "./ServiceCard";
import { StartService } from "./StartService";
import classes from "./serving.module.css";
import { Usable } from "./Usable";
import { WeightsCard } from "./WeightsCard";

interface Props {
  /** Whether this person may bring models and start services. */
  owner: boolean;
  /** How a job and its log are shown. */
  job: (id: string, close: () => void) => ReactNode;
  /** Models that answer elsewhere: vendors and their keys. */
  online?: ReactNode;
}

/** Models that can be used, services that run, folders of weights, and the environment they need. */
export function Serving({ owner, job, online }: Props) {
  const services = useServices();
  const weights = useWeights();
  const [adding, add] = useState(false);
  const [started, start] = useState<Weights | null>(null);
  return (
    <>
      <section className={classes.section} aria-labelledby="services">
        <header>
          <h2 id="services">{t("Services")}</h2>
        </header>
        {services.isError && !services.data ? (
          <Failure error={services.error} retry={services.refetch} />
        ) : null}
        {services.isPending ? (
          <Skeleton height={84} radius="lg" role="status" aria-label={t("Loading")} />
        ) : null}
        {services.data?.length === 0 ? (
          <Empty icon={<IconServerBolt size={28} />} title={t("Nothing is served yet")}>
            {owner
              ? t("Choose a model below and press Serve. Its models then appear in every node.")
              : t("The owner of the studio starts services and shares them.")}
          </Empty>
        ) : null}
        <ul className={classes.list}>
          {services.data?.map((service) => (
            <ServiceCard key={service.id} service={service} job={job} />
          ))}
        </ul>
      </section>
      <section className={classes.section} aria-labelledby="usable">
        <header>
          <h2 id="usable">{t("Can be used now")}</h2>
        </header>
        <Usable />
      </section>
      {online}
      {owner ? (
        <>
          <section className={classes.section} aria-labelledby="weights">
            <header>
              <h2 id="weights">{t("Models on this machine")}</h2>
              <Hardware />
              <Button
                variant="default"
                size="compact-md"
                leftSection={<IconFolderPlus size={16} />}
                onClick={() => add(true)}
              >
                {t("Bring a folder")}
              </Button>
            </header>
            {weights.isError && !weights.data ? (
              <Failure error={weights.error} retry={weights.refetch} />
            ) : null}
            {weights.isPending ? <Skeleton height={84} radius="lg" /> : null}
            <ul className={classes.list}>
              {weights.data?.map((one) => (
                <WeightsCard key={one.id} weights={one} serve={() => start(one)} />
              ))}
            </ul>
          </section>
          <section className={classes.section} aria-labelledby="environment">
            <header>
              <h2 id="environment">{t("More packages")}</h2>
            </header>
            <Environment job={job} />
          </section>
        </>
      ) : null}
      <AddWeights opened={adding} close={() => add(false)} />
      <StartService key={started?.id ?? "none"} weights={started} close={() => start(null)} />
    </>
  );
}

function Hardware() {
  const found = useHardware().data;
  if (!found) return null;
  const gpus = found.devices.length
    ? t("{count} × {name}", { count: found.devices.length, name: found.devices[0]?.name ?? "" })
    : t("no GPU");
  return (
    <span className={classes.quiet}>
      {t("{cpus} cores, {free} of {memory} free, {gpus}", {
        cpus: found.cpus,
        free: formatBytes(found.free),
        memory: formatBytes(found.memory),
        gpus,
      })}
    </span>
  );
}
