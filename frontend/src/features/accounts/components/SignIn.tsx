import { Navigate, useSearchParams } from "react-router";
import { t } from "@/shared/i18n";
import { Awaiting, Failure } from "@/shared/ui";
import { useSession, useSignIn } from "../api/session";
import { Gate, NameAndPassword } from "./Gate";

export function SignIn() {
  const session = useSession();
  const signIn = useSignIn();
  const [query] = useSearchParams();
  if (session.isError && !session.data) return <Failure error={session.error} retry={session.refetch} />;
  if (!session.data) return <Awaiting />;
  if (session.data.needs_owner) return <Navigate to="/claim" replace />;
  if (session.data.user) return <Navigate to={within(query.get("next"))} replace />;
  return (
    <Gate title={t("Sign in")}>
      <NameAndPassword
        action={t("Sign in")}
        kind="known"
        error={signIn.error}
        pending={signIn.isPending}
        submit={(username, password) => signIn.mutate({ username, password })}
      />
    </Gate>
  );
}

/** Only an address of this studio: a link must not lead from its sign-in page to another site. */
function within(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/";
}
