import { SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { t } from "@/shared/i18n";
import { languages, schemes, useChosenLanguage } from "../appearance";
import classes from "./Settings.module.css";

export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [language, choose] = useChosenLanguage();
  return (
    <div className={classes.choices}>
      <span id="choice-scheme">{t("Appearance")}</span>
      <SegmentedControl
        aria-labelledby="choice-scheme"
        value={colorScheme}
        onChange={(value) => setColorScheme(value as typeof colorScheme)}
        data={schemes.map(({ value, label }) => ({ value, label: t(label) }))}
      />
      <span id="choice-language">{t("Language")}</span>
      <SegmentedControl
        aria-labelledby="choice-language"
        value={language}
        onChange={(value) => choose(value as typeof language)}
        data={languages.map(({ value, label }) => ({ value, label: t(label) }))}
      />
    </div>
  );
}
