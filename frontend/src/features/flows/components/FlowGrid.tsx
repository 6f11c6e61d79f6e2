import { Button, Skeleton } from "@mantine/core";
import { t } from "@/shared/i18n";
import { Failure } from "@/shared/ui";
import type { useFlows } from "../api/flows";
import classes from "./Cards.module.css";
import { FlowCard } from "./FlowCard";

export function FlowGrid({ list }: { list: ReturnType<typeof useFlows> }) {
  if (list.isError && !list.data) return <Failure error={list.error} retry={list.refetch} />;
  if (!list.data) return <CardSkeletons count={3} height={132} />;
  return (
    <>
      <ul className={classes.grid}>
        {list.data.pages
          .flatMap((page) => page.results)
          .map((flow) => (
            <li key={flow.id}>
              <FlowCard flow={flow} />
            </li>
          ))}
      </ul>
      {list.hasNextPage ? (
        <Button
          mt="md"
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => list.fetchNextPage()}
        >
          {t("More flows")}
        </Button>
      ) : null}
    </>
  );
}

export function CardSkeletons({ count, height }: { count: number; height: number }) {
  return (
    <div className={classes.grid} role="status" aria-label={t("Loading")}>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={index} height={height} radius="lg" />
      ))}
    </div>
  );
}
