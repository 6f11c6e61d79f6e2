import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "@/shared/ui/tokens.css";
import "@/shared/ui/base.css";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { reloadWhenOutdated } from "@/app/outdated";
import { watchConnection } from "@/shared/api";
import { startLanguage } from "@/shared/i18n";

watchConnection();
reloadWhenOutdated();
startLanguage().then(() => {
  const root = document.getElementById("root");
  if (root) createRoot(root).render(<App />);
});
