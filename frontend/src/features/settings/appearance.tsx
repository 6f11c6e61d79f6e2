import { Menu, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLanguage, IconMoon, IconSun } from "@tabler/icons-react";
import { type Language, msg, setLanguage, t, useLanguage } from "@/shared/i18n";

export const schemes = [
  { value: "auto", label: msg("Automatic"), Icon: IconDeviceDesktop },
  { value: "light", label: msg("Light"), Icon: IconSun },
  { value: "dark", label: msg("Dark"), Icon: IconMoon },
] as const;

/** A language is called by its own name, so that whoever landed in the wrong one finds it. */
export const languages: { value: Language | "auto"; label: string }[] = [
  { value: "auto", label: msg("Automatic") },
  { value: "en", label: "English" },
  { value: "zh", label: "中文" },
];

export function useChosenLanguage(): [Language | "auto", (value: Language | "auto") => void] {
  const chosen = useLanguage((state) => state.chosen);
  return [chosen ?? "auto", (value) => void setLanguage(value === "auto" ? null : value)];
}

export function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{t("Appearance")}</Menu.Label>
      {schemes.map(({ value, label, Icon }) => (
        <Menu.Item
          key={value}
          role="menuitemradio"
          aria-checked={colorScheme === value}
          leftSection={<Icon size={16} />}
          rightSection={colorScheme === value ? "✓" : null}
          closeMenuOnClick={false}
          onClick={() => setColorScheme(value)}
        >
          {t(label)}
        </Menu.Item>
      ))}
    </>
  );
}

export function LanguageMenu() {
  const [chosen, choose] = useChosenLanguage();
  return (
    <>
      <Menu.Label>{t("Language")}</Menu.Label>
      {languages.map(({ value, label }) => (
        <Menu.Item
          key={value}
          role="menuitemradio"
          aria-checked={chosen === value}
          leftSection={<IconLanguage size={16} />}
          rightSection={chosen === value ? "✓" : null}
          onClick={() => choose(value)}
        >
          {t(label)}
        </Menu.Item>
      ))}
    </>
  );
}
