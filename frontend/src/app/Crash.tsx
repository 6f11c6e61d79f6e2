import { useRouteError } from "react-router";
import { asApiError } from "@/shared/api";
import { Failure } from "@/shared/ui";

/** What a page that threw shows: the rest of the studio stays usable. */
export function Crash() {
  const thrown = useRouteError();
  return <Failure error={asApiError(thrown)} retry={() => window.location.reload()} />;
}
