import { Skeleton } from "@mantine/core";
import { t } from "@/shared/i18n";

/** Where a conversation will stand, while it comes. */
export function MessagesComing() {
  return (
    <div role="status" aria-label={t("Loading")}>
      <Skeleton height={36} width="44%" ml="auto" radius="lg" />
      <Skeleton height={12} mt="lg" width="92%" />
      <Skeleton height={12} mt={8} width="80%" />
      <Skeleton height={12} mt={8} width="64%" />
    </div>
  );
}
