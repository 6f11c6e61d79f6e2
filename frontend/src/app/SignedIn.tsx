import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { useSession } from "@/features/accounts";
import { Awaiting, Failure } from "@/shared/ui";

/** Lets nobody past who has not signed in, and brings them back to where they were going. */
export function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (session.isError && !session.data) return <Failure error={session.error} retry={session.refetch} />;
  if (!session.data) return <Awaiting />;
  if (session.data.needs_owner) return <Navigate to="/claim" replace />;
  if (session.data.user) return children;
  const here = pathname + search;
  return <Navigate to={here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`} replace />;
}
