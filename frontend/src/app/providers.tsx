import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { sessionKey } from "@/features/accounts";
import { ApiError } from "@/shared/api";
import { theme, variables } from "./theme";

/** Refusals are answers: only a server that did not answer is worth asking again. */
function retry(failures: number, thrown: Error): boolean {
  return failures < 2 && !(thrown instanceof ApiError && thrown.status < 500);
}

const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (thrown) => {
      // The session ended elsewhere: asking who we are leads to the sign-in page.
      if (thrown instanceof ApiError && thrown.status === 401)
        client.invalidateQueries({ queryKey: sessionKey });
    },
  }),
  defaultOptions: { queries: { staleTime: 5_000, retry }, mutations: { retry: false } },
});

export function Providers({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" limit={3} />
        {children}
      </QueryClientProvider>
    </MantineProvider>
  );
}
