import { Appearance, Section, Tokens } from "@/features/settings";
import { t } from "@/shared/i18n";
import { Page, PageHeader } from "@/shared/ui";

export const path = "/settings";
export const title = "Settings";
export const menu = { order: 100, icon: "settings" };

export default function SettingsPage() {
  return (
    <Page narrow>
      <PageHeader title={t("Settings")} />
      <Section title={t("API tokens")} about={t("Programs use the REST API in your name with a token.")}>
        <Tokens />
      </Section>
      <Section
        title={t("Look and language")}
        about={t("Kept in this browser. “Automatic” follows your computer.")}
      >
        <Appearance />
      </Section>
    </Page>
  );
}
