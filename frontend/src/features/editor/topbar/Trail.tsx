import { useQueries } from "@tanstack/react-query";
import { Link, useLocation } from "react-router";
import { t } from "@/shared/i18n";
import { getFlow } from "../api";
import { trailHere } from "../store/subflows";
import styles from "./topbar.module.css";

/** The flows around this one, on the way that led into it. */
export function Trail() {
  useLocation();
  const trail = trailHere();
  const flows = useQueries({
    queries: trail.map((id) => ({
      queryKey: ["editor", id, "name"],
      queryFn: () => getFlow(id),
      retry: false,
    })),
  });
  if (trail.length === 0) return null;
  return (
    <nav className={styles.trail} aria-label={t("The flows around this one")}>
      {trail.map((id, place) => {
        const before = trail.slice(0, place);
        return (
          <span key={id}>
            <Link to={`/flows/${id}${before.length > 0 ? `?via=${before.join(".")}` : ""}`}>
              {flows[place]?.data?.name ?? "…"}
            </Link>
            <span aria-hidden>›</span>
          </span>
        );
      })}
    </nav>
  );
}
