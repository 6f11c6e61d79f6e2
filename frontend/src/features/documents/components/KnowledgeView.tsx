import { Button, Menu, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots, IconDownload, IconTrash } from "@tabler/icons-react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { t, tn } from "@/shared/i18n";
import { formatBytes, formatNumber } from "@/shared/lib/format";
import { Confirm, Failure, PageHeader, Problem } from "@/shared/ui";
import { type Knowledge, useDeleteKnowledge, useKnowledge } from "../api/knowledge";
import { useLive } from "../api/live";
import { DocumentTable } from "./DocumentTable";
import classes from "./Knowledge.module.css";
import { KnowledgeSettings } from "./KnowledgeSettings";
import { RetrievalTest } from "./RetrievalTest";
import { KnowledgeSkeleton } from "./Skeletons";
import { Versions } from "./Versions";

const TABS = ["documents", "test", "versions", "settings"];

/** One knowledge base: its documents, what is found in it, how it is set. */
export function KnowledgeView({ id }: { id: string }) {
  const knowledge = useKnowledge(id);
  const [query, setQuery] = useSearchParams();
  useLive(id);
  const tab = TABS.find((one) => one === query.get("tab")) ?? "documents";
  if (knowledge.isError && !knowledge.data)
    return <Failure error={knowledge.error} retry={knowledge.refetch} />;
  if (!knowledge.data) return <KnowledgeSkeleton />;
  const one = knowledge.data;
  return (
    <>
      <PageHeader
        above={<Link to="/knowledge">{t("Knowledge")}</Link>}
        title={one.name}
        about={
          <>
            {one.description ? (
              <span className={classes.described} title={one.description}>
                {one.description}
              </span>
            ) : null}
            {tn(one.document_count, "{n} document", "{n} documents")} ·{" "}
            {tn(one.chunk_count, "{n} chunk", "{n} chunks", { n: formatNumber(one.chunk_count) })} ·{" "}
            {formatBytes(one.byte_count)}
          </>
        }
        actions={<More knowledge={one} />}
      />
      {one.building !== null ? <Building knowledge={one} /> : null}
      <Tabs
        value={tab}
        onChange={(next) => setQuery(next && next !== "documents" ? { tab: next } : {})}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="documents">{t("Documents")}</Tabs.Tab>
          <Tabs.Tab value="test">{t("Retrieval test")}</Tabs.Tab>
          <Tabs.Tab value="versions">{t("Versions")}</Tabs.Tab>
          <Tabs.Tab value="settings">{t("Settings")}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="documents">
          <DocumentTable knowledge={one} />
        </Tabs.Panel>
        <Tabs.Panel value="test">
          <RetrievalTest knowledge={one} />
        </Tabs.Panel>
        <Tabs.Panel value="versions">
          <Versions knowledge={one} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <KnowledgeSettings knowledge={one} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function Building({ knowledge }: { knowledge: Knowledge }) {
  if (knowledge.building_error) return <Problem error={knowledge.building_error} />;
  return (
    <p className={classes.building} role="status">
      {t(
        "A new index is being made with {model}; {n} documents are left. The present one answers until then.",
        {
          model: knowledge.building_embedding,
          n: knowledge.building_missing,
        },
      )}
    </p>
  );
}

function More({ knowledge }: { knowledge: Knowledge }) {
  const [asking, ask] = useDisclosure(false);
  const remove = useDeleteKnowledge();
  const navigate = useNavigate();
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={16} />}>
            {t("More")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component="a"
            href={`/api/v1/knowledge/${knowledge.id}/export`}
            download
            leftSection={<IconDownload size={16} />}
          >
            {t("Export with originals, edits and vectors")}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={ask.open}>
            {t("Delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        of={asking ? knowledge.id : null}
        title={t("Delete “{name}”?", { name: knowledge.name })}
        mutation={remove}
        done={() => navigate("/knowledge")}
        close={ask.close}
      >
        {t("Its documents, chunks and edits go with it. Flows that search it fail. This cannot be undone.")}
      </Confirm>
    </>
  );
}
