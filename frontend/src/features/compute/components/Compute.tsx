import { useSearchParams } from "react-router";
import { t } from "@/shared/i18n";
import { Backends } from "./Backends";
import classes from "./compute.module.css";
import { Jobs } from "./Jobs";

/** Places to compute, and the jobs that were sent there. */
export function Compute({ owner }: { owner: boolean }) {
  const [query, setQuery] = useSearchParams();
  const choose = (job: string | null) => setQuery(job === null ? {} : { job }, { replace: true });
  return (
    <>
      <section aria-labelledby="backends" className={classes.section}>
        <h2 id="backends">{t("Backends")}</h2>
        <Backends owner={owner} show={choose} />
      </section>
      <section aria-labelledby="jobs" className={classes.section}>
        <h2 id="jobs">{t("Jobs")}</h2>
        <Jobs chosen={query.get("job")} choose={choose} />
      </section>
    </>
  );
}
