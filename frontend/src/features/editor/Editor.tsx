import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { Failure } from "@/shared/ui";
import { getCatalogue, getDraft, getFlow } from "./api";
import { EditorSkeleton } from "./EditorSkeleton";
import { OpenEditor } from "./OpenEditor";

/** Fetches a flow, its draft and the kinds there are, then opens the editor on them. */
export function Editor({ flowId }: { flowId: string }) {
  const opened = useQuery({
    queryKey: ["editor", flowId],
    queryFn: async ({ signal }) => {
      const [flow, draft, catalogue] = await Promise.all([
        getFlow(flowId, signal),
        getDraft(flowId, signal),
        getCatalogue(signal),
      ]);
      return { flow, draft, catalogue };
    },
    // The open editor is the truth from here on; its own saving speaks with the server.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });
  if (opened.isError) return <Failure error={opened.error} retry={() => void opened.refetch()} />;
  if (!opened.data) return <EditorSkeleton flowId={flowId} />;
  return (
    <ReactFlowProvider>
      <OpenEditor key={flowId} {...opened.data} />
    </ReactFlowProvider>
  );
}
