import { Menu } from "@mantine/core";
import { IconLogout, IconUserCircle } from "@tabler/icons-react";
import { useSession, useSignOut } from "@/features/accounts";
import { LanguageMenu, SchemeMenu } from "@/features/settings";
import { t } from "@/shared/i18n";
import classes from "./Shell.module.css";

export function AccountMenu() {
  const user = useSession().data?.user;
  const signOut = useSignOut();
  return (
    <Menu position="right-end" width={230}>
      <Menu.Target>
        <button type="button" className={classes.link}>
          <IconUserCircle size={20} stroke={1.75} aria-hidden />
          <span>{t("Account")}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user?.username}</Menu.Label>
        <SchemeMenu />
        <LanguageMenu />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => signOut.mutate()}>
          {t("Sign out")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
