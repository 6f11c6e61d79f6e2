import { Group, Pagination } from "@mantine/core";
import { t } from "@/shared/i18n";
import { PAGE } from "../api/evaluations";

interface Props {
  /** Of all rows. */
  count: number;
  page: number;
  change: (page: number) => void;
}

/** Leads through pages of rows; nothing where they are all on one. */
export function Pages({ count, page, change }: Props) {
  if (count <= PAGE) return null;
  return (
    <Group justify="center" mt="md">
      <Pagination
        total={Math.ceil(count / PAGE)}
        value={page}
        onChange={change}
        getItemProps={(n) => ({ "aria-label": t("Page {n}", { n }) })}
        getControlProps={(way) => ({
          "aria-label": way === "next" ? t("Next page") : t("Previous page"),
        })}
      />
    </Group>
  );
}
