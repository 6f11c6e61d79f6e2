import { Skeleton } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { NewSecret, SecretTable } from "@/features/settings";
import { t } from "@/shared/i18n";
import { Failure } from "@/shared/ui";
import { createFlowKey, deleteFlowKey, getFlowKeys } from "../api";

/** The keys by which programs call this flow, and no other. */
export function FlowKeys({ flowId }: { flowId: string }) {
  const client = useQueryClient();
  const key = ["editor", flowId, "keys"];
  const keys = useQuery({ queryKey: key, queryFn: () => getFlowKeys(flowId), staleTime: 0 });
  const onSuccess = () => client.invalidateQueries({ queryKey: key });
  const create = useMutation({ mutationFn: (name: string) => createFlowKey(flowId, name), onSuccess });
  const revoke = useMutation({ mutationFn: (id: string) => deleteFlowKey(flowId, id), onSuccess });
  return (
    <>
      <NewSecret label={t("Name of a new key")} create={create} />
      {keys.isError && !keys.data ? <Failure error={keys.error} retry={keys.refetch} /> : null}
      {keys.isPending ? <Skeleton height={72} mt="md" /> : null}
      {keys.data?.length ? (
        <SecretTable
          secrets={keys.data}
          revoke={revoke}
          what={t("Programs that use it are turned away at once. It can't be brought back.")}
        />
      ) : null}
    </>
  );
}
