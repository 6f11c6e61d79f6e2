import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconSchema } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import { ChatPanel } from "@/features/chat";
import { useFlow } from "@/features/flows";
import { t } from "@/shared/i18n";
import { Awaiting, Failure } from "@/shared/ui";
import classes from "./chat.module.css";

export const path = "/flows/:id/chat";
export const title = "Chat";
export const layout = "canvas";

/** A flow as those who use it see it: the published version, or the draft until there is one. */
export default function ChatPage() {
  const { id = "" } = useParams();
  const flow = useFlow(id);
  const wide = useMediaQuery("(width >= 1000px)");
  if (flow.isError && !flow.data) return <Failure error={flow.error} retry={flow.refetch} />;
  const published = flow.data?.published_version ?? null;
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div className={classes.words}>
          <h1>{flow.data?.name}</h1>
          {flow.data ? (
            <span>{published === null ? t("Draft") : t("Version {number}", { number: published })}</span>
          ) : null}
        </div>
        <Button
          component={Link}
          to={`/flows/${id}`}
          variant="default"
          size="xs"
          leftSection={<IconSchema size={15} />}
        >
          {t("Open the editor")}
        </Button>
      </header>
      {flow.isPending ? <Awaiting /> : null}
      {flow.data ? (
        <ChatPanel wide={wide} flowId={id} version={published === null ? "draft" : "published"} />
      ) : null}
    </div>
  );
}
