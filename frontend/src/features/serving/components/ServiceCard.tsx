import { ActionIcon, Button } from "@mantine/core";
import { IconPlayerPlayFilled, IconPlayerStopFilled, IconTrash } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { t } from "@/shared/i18n";
import { reasonWords } from "@/shared/i18n/reasons";
import { Confirm, CopyButton, tell } from "@/shared/ui";
import { isActive, type Service, useDeleteService, useStartService, useStopService } from "../api/serving";
import { Adapters } from "./Adapters";
import { ServiceCharts } from "./ServiceCharts";
import { ServiceChat } from "./ServiceChat";
import { ServiceMark } from "./ServiceMark";
import classes from "./serving.module.css";

interface Props {
  service: Service;
  job: (id: string, close: () => void) => ReactNode;
}

/** One service: how it stands, what it measures, and what can be done with it. */
export function ServiceCard({ service, job }: Props) {
  const [opened, open] = useState<"chat" | "log" | "details" | null>(null);
  const toggle = (what: "chat" | "log" | "details") => open(opened === what ? null : what);
  const bad = service.state === "failed" || service.state === "degraded";
  return (
    <li className={classes.item} aria-label={service.name}>
      <div className={classes.head}>
        <ServiceMark state={service.state} />
        <h3>{service.name}</h3>
        <span className={classes.quiet}>
          {service.model} · {service.framework} · {t(service.backend_name)}
        </span>
        <span className={classes.actions}>
          {service.state === "ready" && service.model_job === "chat" ? (
            <Button size="compact-sm" variant="light" onClick={() => toggle("chat")}>
              {t("Talk to it")}
            </Button>
          ) : null}
          <Button size="compact-sm" variant="subtle" onClick={() => toggle("details")}>
            {t("Details")}
          </Button>
          {service.job && service.mine ? (
            <Button size="compact-sm" variant="subtle" onClick={() => toggle("log")}>
              {t("Log")}
            </Button>
          ) : null}
          {service.mine ? <Actions service={service} /> : null}
        </span>
      </div>
      {service.message ? (
        <pre className={classes.message} data-tone={bad ? "bad" : "quiet"} role={bad ? "alert" : "status"}>
          {service.message}
        </pre>
      ) : null}
      {isActive(service) && service.samples.length > 1 ? <ServiceCharts samples={service.samples} /> : null}
      {opened === "chat" ? <ServiceChat service={service} /> : null}
      {opened === "details" ? <Details service={service} /> : null}
      {opened === "log" && service.job ? (
        <div className={classes.open}>{job(service.job, () => open(null))}</div>
      ) : null}
    </li>
  );
}

function Actions({ service }: { service: Service }) {
  const start = useStartService();
  const stop = useStopService();
  const remove = useDeleteService();
  const [asked, ask] = useState<"stop" | "remove" | null>(null);
  const { id, name } = service;
  return (
    <>
      {isActive(service) ? (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerStopFilled size={14} />}
          onClick={() => ask("stop")}
        >
          {t("Stop")}
        </Button>
      ) : (
        <>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlayerPlayFilled size={14} />}
            loading={start.isPending}
            onClick={() => start.mutate(id, { onError: tell.failure })}
          >
            {t("Start again")}
          </Button>
          <ActionIcon aria-label={t("Remove {name}", { name })} onClick={() => ask("remove")}>
            <IconTrash size={16} />
          </ActionIcon>
        </>
      )}
      <Confirm
        of={asked === "stop" ? id : null}
        title={t("Stop “{name}”?", { name })}
        act={t("Stop")}
        mutation={stop}
        close={() => ask(null)}
      >
        {t("Whoever asks it gets an error until it is started again. What it is answering now breaks off.")}
      </Confirm>
      <Confirm
        of={asked === "remove" ? id : null}
        title={t("Remove “{name}”?", { name })}
        act={t("Remove")}
        mutation={remove}
        close={() => ask(null)}
      >
        {t("Flows that name it no longer find it. The model's files stay.")}
      </Confirm>
    </>
  );
}

function Details({ service }: { service: Service }) {
  const address = `${location.origin}/api/v1/services/${service.id}/v1`;
  return (
    <div className={classes.open}>
      <p className={classes.quiet}>{reasonWords(service.reason)}</p>
      <p className={classes.quiet}>
        {t("In a node: {ref}", { ref: service.ref })} <CopyButton text={() => service.ref} />
      </p>
      <p className={classes.quiet}>
        {t("From outside, with an access token: {address}", { address })} <CopyButton text={() => address} />
      </p>
      <Rejected rejected={service.rejected} />
      {service.serving.adapters ? <Adapters service={service} /> : null}
    </div>
  );
}

/** What else there was, and why not. */
export function Rejected({ rejected }: { rejected: Service["rejected"] }) {
  if (!rejected.length) return null;
  return (
    <details>
      <summary className={classes.quiet}>
        {t("What else there was ({count})", { count: rejected.length })}
      </summary>
      <ul>
        {rejected.map((one) => (
          <li key={`${one.what} ${one.reason}`} className={classes.quiet}>
            <b>{one.what}</b>: {reasonWords(one.reason)}
          </li>
        ))}
      </ul>
    </details>
  );
}
