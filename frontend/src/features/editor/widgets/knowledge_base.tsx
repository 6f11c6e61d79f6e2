import { Anchor, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { answer, api } from "@/shared/api";
import { t } from "@/shared/i18n";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

/** The documents that come with the studio, as templates use them. */
const BUNDLED = "bundled:town-library";

/** The knowledge base that a node searches. */
export default function KnowledgeWidget({ id, value, invalid, describedBy, change, done }: WidgetProps) {
  const bases = useQuery({
    queryKey: ["editor", "knowledge"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/knowledge", { signal })),
    staleTime: 10_000,
  });
  const chosen = typeof value === "string" ? value : "";
  const offered = [
    ...(bases.data?.results ?? []).map((base) => ({ value: base.id, label: base.name })),
    { value: BUNDLED, label: t("Town library (example)") },
  ];
  const strange = chosen !== "" && bases.isSuccess && !offered.some((one) => one.value === chosen);
  return (
    <>
      <Select
        id={id}
        data={strange ? [...offered, { value: chosen, label: chosen }] : offered}
        value={chosen || null}
        error={invalid || strange}
        searchable
        allowDeselect={false}
        placeholder={bases.isLoading ? t("Loading") : t("Choose a knowledge base")}
        nothingFoundMessage={t("No such knowledge base")}
        aria-describedby={describedBy}
        onChange={(next) => {
          change(next ?? undefined);
          done();
        }}
      />
      {bases.isError && <p className={styles.bad}>{t("The knowledge bases could not be fetched.")}</p>}
      {strange && <p className={styles.bad}>{t("This knowledge base is not among yours.")}</p>}
      <Anchor component={Link} to="/knowledge" className={styles.note}>
        {t("Manage knowledge bases")}
      </Anchor>
    </>
  );
}
