import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { sessionKey } from "@/features/accounts";
import { ApiError } from "@/shared/api";
import { t, useLanguage } from "@/shared/i18n";
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

/** The theme with the words in it: a cross says nothing to a screen reader. */
function spoken(): typeof theme {
  const closeButtonProps = { "aria-label": t("Close") };
  const modal = { ...theme.components?.Modal?.defaultProps, closeButtonProps };
  return {
    ...theme,
    components: {
      ...theme.components,
      Modal: { defaultProps: modal },
      Notification: { defaultProps: { closeButtonProps } },
    },
  };
}

export function Providers({ children }: { children: ReactNode }) {
  const language = useLanguage((state) => state.language);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the theme says follows the language
  const said = useMemo(() => spoken(), [language]);
  return (
    <MantineProvider theme={said} cssVariablesResolver={variables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Notifications position="bottom-right" limit={3} />
        {children}
      </QueryClientProvider>
    </MantineProvider>
  );
}
