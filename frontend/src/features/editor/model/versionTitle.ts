import { t } from "@/shared/i18n";

/** Which state of a saved flow a node runs, in words: `published`, `draft` or a number. */
export function versionTitle(version: string): string {
  if (version === "published") return t("The published one");
  if (version === "draft") return t("The draft, as it is edited");
  return t("Version {n}", { n: version });
}
