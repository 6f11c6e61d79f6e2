import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas, setCsrfToken } from "@/shared/api";

export const sessionKey = ["session"];

async function fetchSession() {
  const session = await answer(api.GET("/api/v1/session"));
  setCsrfToken(session.csrf_token);
  return session;
}

export function useSession() {
  return useQuery({ queryKey: sessionKey, queryFn: fetchSession, staleTime: 60_000 });
}

/** Signing in or out changes whose data everything is, so nothing kept stays. */
function useSessionChange<Input>(change: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (input: Input) => {
      await change(input);
      const session = await fetchSession();
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] });
      client.setQueryData(sessionKey, session);
      return session;
    },
  });
}

export function useSignIn() {
  return useSessionChange((body: Schemas["SignInRequest"]) => answer(api.POST("/api/v1/session", { body })));
}

export function useSignOut() {
  return useSessionChange<void>(() => answer(api.DELETE("/api/v1/session")));
}

export function useClaim() {
  return useSessionChange((body: Schemas["ClaimRequest"]) => answer(api.POST("/api/v1/claim", { body })));
}
