import { NavLink, Outlet, useMatches } from "react-router";
import { t } from "@/shared/i18n";
import { KindIcon, ReachBanner } from "@/shared/ui";
import { AccountMenu } from "./AccountMenu";
import { menu, type Page } from "./pages";
import classes from "./Shell.module.css";

/** The rail with the pages on the left, the page beside it. */
export function Shell() {
  const layout = useMatches().at(-1)?.handle;
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        {t("Skip to content")}
      </a>
      <nav className={classes.rail} aria-label={t("Main")}>
        <NavLink to="/" className={classes.mark} aria-label={t("Flowloft, start page")}>
          <img src="/flowloft.svg" alt="" width={32} height={32} />
        </NavLink>
        {menu.filter((page) => page.menu.order < 100).map(railLink)}
        <div className={classes.foot}>
          {menu.filter((page) => page.menu.order >= 100).map(railLink)}
          <AccountMenu />
        </div>
      </nav>
      <div className={classes.side}>
        <ReachBanner />
        <main id="content" tabIndex={-1} className={layout === "canvas" ? classes.canvas : classes.page}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function railLink(page: Page) {
  return (
    <NavLink key={page.path} to={page.path} end={page.path === "/"} className={classes.link}>
      <KindIcon name={page.menu?.icon ?? "box"} size={20} />
      <span>{t(page.title)}</span>
    </NavLink>
  );
}
