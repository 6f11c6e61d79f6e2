import { Anchor } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { Empty } from "@/shared/ui";

export const path = "*";
export const title = "Not found";

export default function NotFoundPage() {
  return (
    <Empty icon={<IconMapQuestion size={28} />} title={t("There is nothing at this address")}>
      {t("The flow or run may have been deleted, or it belongs to somebody else.")}{" "}
      <Anchor component={Link} to="/" underline="always">
        {t("Back to the start page")}
      </Anchor>
    </Empty>
  );
}
