import { Navigate, useSearchParams } from "react-router";
import { t, useLanguage } from "@/shared/i18n";
import { Awaiting, Failure } from "@/shared/ui";
import { useClaim, useSession } from "../api/session";
import { Gate, NameAndPassword } from "./Gate";
import classes from "./Gate.module.css";

/** The first visit: the one-time link of the terminal makes its bearer the owner. */
export function ClaimStudio() {
  const session = useSession();
  const claim = useClaim();
  const language = useLanguage((state) => state.language);
  const [query] = useSearchParams();
  const token = query.get("token");
  if (session.isError && !session.data) return <Failure error={session.error} retry={session.refetch} />;
  if (!session.data) return <Awaiting />;
  if (session.data.user) return <Navigate to="/" replace />;
  if (!session.data.needs_owner) return <Navigate to="/sign-in" replace />;
  if (!token)
    return (
      <Gate
        title={t("This studio has no owner yet")}
        about={t(
          "Open the one-time link that the terminal printed when Flowloft started. It begins like this:",
        )}
      >
        <div className={classes.command}>{window.location.origin}/claim?token=…</div>
      </Gate>
    );
  return (
    <Gate
      title={t("Make this studio yours")}
      about={t("Choose a name and a password. The link works once; from then on you sign in with these.")}
    >
      <NameAndPassword
        action={t("Begin")}
        kind="new"
        error={claim.error}
        pending={claim.isPending}
        submit={(username, password) => claim.mutate({ token, username, password, language })}
      />
    </Gate>
  );
}
