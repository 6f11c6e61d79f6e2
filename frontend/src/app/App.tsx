import { useState } from "react";
import { RouterProvider } from "react-router/dom";
import { useLanguage } from "@/shared/i18n";
import { Providers } from "./providers";
import { createRouter } from "./router";

export function App() {
  const [router] = useState(createRouter);
  const language = useLanguage((state) => state.language);
  // `t` is a plain function, so that it can be called anywhere; a new language draws the page anew.
  return (
    <Providers>
      <RouterProvider key={language} router={router} />
    </Providers>
  );
}
