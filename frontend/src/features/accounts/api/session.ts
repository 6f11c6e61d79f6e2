import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { get, send, setCsrfToken } from "@/shared/api";

export interface User {
  id: string;
  username: string;
  is_owner: boolean;
  language: string;
}

export interface Session {
  user: User | null;
  /** Nobody has claimed this studio yet. */
  needs_owner: boolean;
  csrf_token: string;
}

export const sessionKey = ["session"];

async function fetchSession(): Promise<Session> {
  const session = await get<Session>("session");
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
  return useSessionChange((body: { username: string; password: string }) =>
    send("POST", "session", { body }),
  );
}

export function useSignOut() {
  return useSessionChange<void>(() => send("DELETE", "session"));
}

export interface Claim {
  token: string;
  username: string;
  password: string;
  language?: string;
}

export function useClaim() {
  return useSessionChange((body: Claim) => send("POST", "claim", { body }));
}
