/** Jobs and their logs as they change: told by the server, never asked for. */
import { useEffect, useState } from "react";
import type { Job } from "../api/compute";

/** Characters of a log that are kept for showing; the beginning of a longer one falls out. */
const KEPT = 200_000;

/** A person's newest jobs; undefined until they are known. */
export function useLiveJobs(): { jobs: Job[] | undefined; silent: boolean } {
  const [jobs, setJobs] = useState<Job[]>();
  const [silent, setSilent] = useState(false);
  useEffect(() => {
    const source = new EventSource("/api/v1/compute/jobs");
    source.addEventListener("jobs", ({ data }) => {
      setSilent(false);
      setJobs(JSON.parse(data));
    });
    source.onerror = () => setSilent(true);
    return () => source.close();
  }, []);
  return { jobs, silent };
}

export interface LiveLog {
  job: Job | undefined;
  text: string;
  /** Whether its beginning fell out. */
  cut: boolean;
  over: boolean;
}

/** One job and what it writes, until it has ended. */
export function useLiveJob(id: string): LiveLog {
  const [live, setLive] = useState<LiveLog>({ job: undefined, text: "", cut: false, over: false });
  useEffect(() => {
    setLive({ job: undefined, text: "", cut: false, over: false });
    const source = new EventSource(`/api/v1/compute/jobs/${id}`);
    source.addEventListener("job", ({ data }) => setLive((known) => ({ ...known, job: JSON.parse(data) })));
    source.addEventListener("log", ({ data }) =>
      setLive((known) => {
        const whole = known.text + JSON.parse(data).text;
        return { ...known, text: whole.slice(-KEPT), cut: known.cut || whole.length > KEPT };
      }),
    );
    source.addEventListener("end", () => {
      source.close();
      setLive((known) => ({ ...known, over: true }));
    });
    return () => source.close();
  }, [id]);
  return live;
}
