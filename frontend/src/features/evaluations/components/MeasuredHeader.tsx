import { Button } from "@mantine/core";
import { IconGridDots } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, NavLink } from "react-router";
import { t } from "@/shared/i18n";
import { PageHeader } from "@/shared/ui";
import classes from "./experiments.module.css";

/** The head of the page Evaluate: one flow measured once, or with each of many settings. */
export function MeasuredHeader({ title, about, begin }: { title: string; about: string; begin?: ReactNode }) {
  return (
    <>
      <PageHeader
        title={title}
        about={about}
        actions={
          <>
            <Button
              component={Link}
              to="/evaluations/experiments/new"
              variant={begin ? "default" : "filled"}
              leftSection={<IconGridDots size={16} aria-hidden />}
            >
              {t("Try many settings")}
            </Button>
            {begin}
          </>
        }
      />
      <nav className={classes.tabs} aria-label={t("What is listed")}>
        <NavLink to="/evaluations" end>
          {t("Evaluations")}
        </NavLink>
        <NavLink to="/evaluations/experiments" end>
          {t("Experiments")}
        </NavLink>
      </nav>
    </>
  );
}
