import { Accordion, Button, FileButton, Group, Select, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t, tn } from "@/shared/i18n";
import { Problem, tell } from "@/shared/ui";
import {
  type Knowledge,
  type NodeGroup,
  useCheckIndex,
  useModels,
  useOptions,
  usePreview,
  usePreviewFile,
  useRebuild,
  useUpdateKnowledge,
} from "../api/knowledge";
import classes from "./Knowledge.module.css";
import { PreviewGroups } from "./PreviewGroups";
import { SchemaFields } from "./SchemaFields";

/** How a base reads, cuts and embeds; what a change of each sets off is said beside it. */
export function KnowledgeSettings({ knowledge }: { knowledge: Knowledge }) {
  const [name, setName] = useState(knowledge.name);
  const [description, setDescription] = useState(knowledge.description);
  const [groups, setGroups] = useState<NodeGroup[]>(knowledge.groups);
  const [embedding, setEmbedding] = useState(knowledge.building_embedding || knowledge.embedding);
  const models = useModels("embedding");
  const update = useUpdateKnowledge(knowledge.id);
  const [parsing, setParsing] = useState(knowledge.parsing as Record<string, Record<string, unknown>>);
  const readsAnew = JSON.stringify(parsing) !== JSON.stringify(knowledge.parsing);
  const cutsAnew = JSON.stringify(groups) !== JSON.stringify(knowledge.groups);
  const embedsAnew = embedding !== (knowledge.building_embedding || knowledge.embedding);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    update.mutate(
      {
        name: name.trim(),
        description: description.trim(),
        ...(cutsAnew ? { groups } : {}),
        ...(readsAnew ? { parsing } : {}),
        ...(embedsAnew ? { embedding } : {}),
      },
      { onSuccess: () => tell.done(t("Saved.")) },
    );
  };
  return (
    <div className={classes.settings}>
      <form onSubmit={submit} className={classes.stack}>
        <TextInput
          label={t("Name")}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label={t("Description")}
          autosize
          minRows={2}
          maxLength={2000}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <Select
          label={t("Embedding model")}
          description={t("Another model makes a new index; the present one answers until that is whole.")}
          allowDeselect={false}
          data={models.map((model) => ({ value: model.ref, label: t(model.title) }))}
          value={embedding}
          onChange={(next) => next && setEmbedding(next)}
        />
        {groups.map((group, index) => (
          <GroupForm
            // biome-ignore lint/suspicious/noArrayIndexKey: names change while they are typed, places stay
            key={index}
            group={group}
            above={groups.slice(0, index).map((one) => one.name)}
            change={(next) => setGroups(groups.map((one, at) => (at === index ? next : one)))}
            remove={groups.length > 1 ? () => setGroups(groups.filter((_, at) => at !== index)) : undefined}
          />
        ))}
        <Group>
          <Button
            variant="default"
            size="xs"
            disabled={groups.length >= 10}
            onClick={() =>
              setGroups([
                ...groups,
                { name: `group_${groups.length + 1}`, splitter: "sentence", settings: {}, parent: "" },
              ])
            }
          >
            {t("Add a node group")}
          </Button>
        </Group>
        <Parsing values={parsing} change={setParsing} />
        {readsAnew && knowledge.document_count ? (
          <p className={classes.building}>
            {t("All documents will be read anew; edits by hand are carried over.")}
          </p>
        ) : null}
        {cutsAnew && !readsAnew && knowledge.document_count ? (
          <p className={classes.building}>
            {tn(
              knowledge.document_count,
              "{n} document will be cut anew; edits by hand are carried over.",
              "{n} documents will be cut anew; edits by hand are carried over.",
            )}
          </p>
        ) : null}
        {update.error ? <Problem error={update.error} /> : null}
        <Group justify="flex-end">
          <Button type="submit" loading={update.isPending} disabled={!name.trim()}>
            {t("Save")}
          </Button>
        </Group>
      </form>
      <div className={classes.stack}>
        <Preview knowledge={knowledge} groups={groups} />
        <IndexHealth knowledge={knowledge} />
      </div>
    </div>
  );
}

interface GroupProps {
  group: NodeGroup;
  above: string[];
  change: (group: NodeGroup) => void;
  remove: (() => void) | undefined;
}

function GroupForm({ group, above, change, remove }: GroupProps) {
  const splitters = useOptions().data?.splitters ?? [];
  const chats = useModels("chat");
  const chosen = group.transform ? undefined : splitters.find((one) => one.key === group.splitter);
  return (
    <fieldset className={classes.search}>
      <legend>{t("Node group “{name}”", { name: group.name })}</legend>
      <div className={classes.fields}>
        <TextInput
          label={t("Name")}
          value={group.name}
          maxLength={100}
          onChange={(event) => change({ ...group, name: event.currentTarget.value })}
        />
        <Select
          label={t("Made by")}
          allowDeselect={false}
          data={[
            {
              group: t("Splitter"),
              items: splitters.map((one) => ({ value: one.key, label: t(one.title) })),
            },
            ...(above.length
              ? [
                  {
                    group: t("Written by a model for each chunk"),
                    items: [
                      { value: "*summary", label: t("Summaries") },
                      { value: "*questions", label: t("Questions") },
                      { value: "*keywords", label: t("Keywords") },
                    ],
                  },
                ]
              : []),
          ]}
          value={group.transform ? `*${group.transform}` : (group.splitter ?? null)}
          onChange={(next) => next && change(madeBy(group, next, above))}
        />
        {group.transform ? (
          <Select
            label={t("Model")}
            placeholder={t("The built-in one")}
            clearable
            searchable
            data={chats.map((model) => ({ value: model.ref, label: t(model.title) }))}
            value={group.model || null}
            onChange={(next) => change({ ...group, model: next ?? "" })}
          />
        ) : null}
        {above.length ? (
          <Select
            label={group.transform ? t("For the chunks of") : t("Part of")}
            clearable={!group.transform}
            data={above}
            value={group.parent || null}
            onChange={(next) => change({ ...group, parent: next ?? "" })}
          />
        ) : null}
        {chosen ? (
          <SchemaFields
            schema={chosen.settings_schema}
            values={group.settings ?? {}}
            change={(settings) => change({ ...group, settings })}
          />
        ) : null}
      </div>
      {remove ? (
        <Button size="compact-xs" variant="subtle" color="red" onClick={remove}>
          {t("Remove this group")}
        </Button>
      ) : null}
    </fieldset>
  );
}

function madeBy(group: NodeGroup, by: string, above: string[]): NodeGroup {
  const { transform: _was, model: _model, ...rest } = group;
  if (!by.startsWith("*")) return { ...rest, splitter: by, settings: {} };
  const transform = by.slice(1) as NonNullable<NodeGroup["transform"]>;
  return { ...rest, splitter: "", settings: {}, transform, parent: group.parent || (above[0] ?? "") };
}

/** How each format is read: the settings of its parser. */
function Parsing({
  values,
  change,
}: {
  values: Record<string, Record<string, unknown>>;
  change: (values: Record<string, Record<string, unknown>>) => void;
}) {
  const parsers = (useOptions().data?.parsers ?? []).filter(
    (one) => Object.keys((one.settings_schema.properties as object | undefined) ?? {}).length,
  );
  return (
    <Accordion variant="contained">
      {parsers.map((one) => (
        <Accordion.Item key={one.key} value={one.key}>
          <Accordion.Control>
            {t("Reading {format}", { format: t(one.title) })}{" "}
            <span className={classes.quiet}>{one.suffixes.join(" ")}</span>
          </Accordion.Control>
          <Accordion.Panel>
            <div className={classes.stack}>
              <SchemaFields
                schema={one.settings_schema}
                values={values[one.key] ?? {}}
                change={(next) => {
                  const { [one.key]: _old, ...rest } = values;
                  change(Object.keys(next).length ? { ...rest, [one.key]: next } : rest);
                }}
              />
            </div>
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function Preview({ knowledge, groups }: { knowledge: Knowledge; groups: NodeGroup[] }) {
  const [text, setText] = useState("");
  const preview = usePreview(knowledge.id);
  const file = usePreviewFile(knowledge.id);
  const [last, setLast] = useState<"text" | "file">("text");
  const result = last === "file" ? file.data : preview.data;
  const error = last === "file" ? file.error : preview.error;
  return (
    <section className={classes.panel}>
      <h2 className={classes.title}>{t("Try the settings")}</h2>
      <p className={classes.quiet}>
        {t("Paste a text or choose a file, and see its chunks. Nothing is saved.")}
      </p>
      <Textarea
        aria-label={t("Text to cut")}
        autosize
        minRows={4}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group mt="xs">
        <Button
          size="xs"
          variant="default"
          disabled={!text.trim()}
          loading={preview.isPending}
          onClick={() => {
            setLast("text");
            preview.mutate({ text, groups });
          }}
        >
          {t("Preview the chunks")}
        </Button>
        <FileButton
          onChange={(chosen) => {
            setLast("file");
            if (chosen) file.mutate({ file: chosen, groups });
          }}
        >
          {(props) => (
            <Button {...props} size="xs" variant="default" loading={file.isPending}>
              {t("Choose a file")}
            </Button>
          )}
        </FileButton>
      </Group>
      {error ? <Problem error={error} /> : null}
      {result && !preview.isPending && !file.isPending ? <PreviewGroups preview={result} /> : null}
    </section>
  );
}

function IndexHealth({ knowledge }: { knowledge: Knowledge }) {
  const check = useCheckIndex(knowledge.id);
  const rebuild = useRebuild(knowledge.id);
  const told = check.data;
  return (
    <section className={classes.panel}>
      <h2 className={classes.title}>{t("Search index")}</h2>
      <p className={classes.quiet}>
        {t("The database is the truth; the index can be made anew from it at any time.")}
      </p>
      <Group>
        <Button size="xs" variant="default" loading={check.isPending} onClick={() => check.mutate()}>
          {t("Check it")}
        </Button>
        <Button
          size="xs"
          variant="default"
          loading={rebuild.isPending}
          onClick={() => rebuild.mutate(knowledge.building !== null, { onError: tell.failure })}
        >
          {knowledge.building === null ? t("Make it anew") : t("Give the new index up")}
        </Button>
      </Group>
      <div role="status">
        {told?.agrees ? (
          <p className={classes.good}>{t("All {n} chunks agree.", { n: told.expected })}</p>
        ) : null}
        {told && !told.agrees ? (
          <p className={classes.bad}>
            {t("They disagree: {missing} chunks are missing, {extra} are too many. Make it anew.", {
              missing: told.missing_count,
              extra: told.extra_count,
            })}
          </p>
        ) : null}
      </div>
      {check.error ? <Problem error={check.error} /> : null}
    </section>
  );
}
