import { ActionIcon, Button, Group, Modal, MultiSelect, Radio, Select, Switch } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { msg, t, tn } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { Problem } from "@/shared/ui";
import { type ExportRequest, useAllDatasets, useAllFlows, usePreview, useStartExport } from "../api/exports";
import classes from "./Dialogs.module.css";
import { FORMS } from "./ExportList";

type Form = keyof typeof FORMS;

const ABOUT: Record<Form, string> = {
  archive: msg("To keep, or to import into another studio. It comes back as it was."),
  python_project: msg("Runs where Python is, without a studio; every package has its version."),
  docker_context: msg("The project with a Dockerfile that starts the first flow as a service."),
};

const KNOWLEDGE = {
  none: msg("Stay here"),
  originals: msg("Documents only, to be read anew"),
  chunks: msg("Documents and their passages, with every edit"),
  chunks_and_vectors: msg("Documents, passages and vectors"),
};
type Knowledge = keyof typeof KNOWLEDGE;

interface Chosen {
  id: string;
  version: string;
}

interface Props {
  opened: boolean;
  close: () => void;
  /** A flow that is chosen already. */
  asked: string | null;
}

/** Asks what leaves, and says beforehand how much that is and what stays behind. */
export function NewExport({ opened, close, asked }: Props) {
  return (
    <Modal opened={opened} onClose={close} title={t("New export")} size="lg">
      <Choices close={close} asked={asked} />
    </Modal>
  );
}

function Choices({ close, asked }: Omit<Props, "opened">) {
  const flows = useAllFlows();
  const mine = useAllDatasets().data ?? [];
  const start = useStartExport();
  const [chosen, setChosen] = useState<Chosen[]>(asked ? [{ id: asked, version: "draft" }] : []);
  const [search, setSearch] = useState("");
  const [form, setForm] = useState<Form>("archive");
  const [subflows, setSubflows] = useState(true);
  const [components, setComponents] = useState(true);
  const [knowledge, setKnowledge] = useState<Knowledge>("chunks");
  const [datasets, setDatasets] = useState<string[]>([]);
  const request: ExportRequest = useMemo(
    () => ({
      flows: chosen,
      with_subflows: subflows,
      parts: {
        components: { include: components },
        knowledge_bases: { content: knowledge },
        datasets: { ids: form === "archive" ? datasets : [] },
      },
      form,
    }),
    [chosen, subflows, components, knowledge, datasets, form],
  );
  const known = flows.data ?? [];
  const left = known.filter((flow) => !chosen.some((one) => one.id === flow.id));
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({ request, key: newKey() }, { onSuccess: close });
      }}
    >
      <Select
        data-autofocus
        label={t("Flows")}
        placeholder={chosen.length ? t("Add another flow") : t("Choose a flow")}
        nothingFoundMessage={t("No flow is called so")}
        searchable
        // The list would open with the dialog, over what is chosen and what can be.
        openOnFocus={false}
        value={null}
        searchValue={search}
        onSearchChange={setSearch}
        data={left.map((flow) => ({ value: flow.id, label: flow.name }))}
        onChange={(id) => {
          const flow = known.find((one) => one.id === id);
          // After the field has taken the name of what was chosen.
          requestAnimationFrame(() => setSearch(""));
          if (flow)
            setChosen([...chosen, { id: flow.id, version: flow.published_version ? "published" : "draft" }]);
        }}
      />
      {flows.isError ? <Problem error={flows.error} /> : null}
      {chosen.length ? (
        <ul className={classes.chosen}>
          {chosen.map((one) => (
            <ChosenFlow
              key={one.id}
              name={known.find((flow) => flow.id === one.id)?.name ?? "…"}
              published={known.find((flow) => flow.id === one.id)?.published_version ?? null}
              version={one.version}
              choose={(version) =>
                setChosen(chosen.map((other) => (other.id === one.id ? { ...one, version } : other)))
              }
              remove={() => setChosen(chosen.filter((other) => other.id !== one.id))}
            />
          ))}
        </ul>
      ) : null}
      <Radio.Group label={t("As")} value={form} onChange={(value) => setForm(value as Form)}>
        <div className={classes.forms}>
          {(Object.keys(FORMS) as Form[]).map((one) => (
            <Radio key={one} value={one} label={t(FORMS[one])} description={t(ABOUT[one])} />
          ))}
        </div>
      </Radio.Group>
      <div className={classes.switches}>
        <Switch
          label={t("With the flows that they call")}
          checked={subflows}
          onChange={(event) => setSubflows(event.currentTarget.checked)}
        />
        <Switch
          label={t("With the source of the components that they use")}
          checked={components}
          onChange={(event) => setComponents(event.currentTarget.checked)}
        />
      </div>
      {form === "archive" ? (
        <Select
          label={t("Knowledge bases that they ask")}
          allowDeselect={false}
          data={(Object.keys(KNOWLEDGE) as Knowledge[]).map((one) => ({
            value: one,
            label: t(KNOWLEDGE[one]),
          }))}
          value={knowledge}
          onChange={(value) => setKnowledge(value as Knowledge)}
        />
      ) : null}
      {form === "archive" && mine.length ? (
        <MultiSelect
          label={t("Datasets")}
          description={t("The newest version of each goes along.")}
          placeholder={datasets.length ? undefined : t("None")}
          searchable
          clearable
          data={mine.map((one) => ({ value: one.id, label: one.name }))}
          value={datasets}
          onChange={setDatasets}
        />
      ) : null}
      <Preview request={request} />
      {start.error ? <Problem error={start.error} /> : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          {t("Close")}
        </Button>
        <Button type="submit" loading={start.isPending} disabled={chosen.length === 0}>
          {t("Export")}
        </Button>
      </Group>
    </form>
  );
}

interface ChosenFlowProps {
  name: string;
  published: number | null;
  version: string;
  choose: (version: string) => void;
  remove: () => void;
}

function ChosenFlow({ name, published, version, choose, remove }: ChosenFlowProps) {
  const numbers = Array.from(
    { length: Math.min(published ?? 0, 50) },
    (_, index) => (published ?? 0) - index,
  );
  const versions = [
    { value: "draft", label: t("Draft") },
    ...(published ? [{ value: "published", label: t("Published") }] : []),
    ...numbers.map((number) => ({ value: String(number), label: t("Version {number}", { number }) })),
  ];
  return (
    <li>
      <span>{name}</span>
      <Select
        size="xs"
        w={140}
        aria-label={t("Version of {name}", { name })}
        allowDeselect={false}
        data={versions}
        value={version}
        onChange={(value) => value && choose(value)}
      />
      <ActionIcon size="sm" aria-label={t("Leave out {name}", { name })} onClick={remove}>
        <IconX size={15} />
      </ActionIcon>
    </li>
  );
}

/** How much it is and what stays behind, before anything is made. */
function Preview({ request }: { request: ExportRequest }) {
  const preview = usePreview(request);
  if (request.flows.length === 0) return null;
  if (preview.isError) return <Problem error={preview.error} />;
  const found = preview.data;
  if (!found) return <p className={classes.quiet}>{t("Looking at what goes out…")}</p>;
  return (
    <div className={classes.preview} role="status">
      <p>
        {tn(found.flows.length, "{n} flow", "{n} flows")} · {formatBytes(found.bytes)}
      </p>
      {found.warnings.length ? (
        <ul>
          {found.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      ) : null}
      <p className={classes.quiet}>
        {t("Keys stay here. What needs one is named, and bound to a connection where it is imported.")}
      </p>
    </div>
  );
}

/** A key for one press of the button: a request that is sent again makes no second export. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
