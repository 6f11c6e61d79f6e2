import { Button, FileButton, Group, Modal, Tabs, Textarea, TextInput } from "@mantine/core";
import { IconFiles, IconFolder } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { listed, t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import { Problem, tell } from "@/shared/ui";
import { useAddSources, useAddText } from "../api/documents";
import { useOptions, usePreviewFile } from "../api/knowledge";
import { send } from "../api/uploads";
import classes from "./Knowledge.module.css";
import { PreviewGroups } from "./PreviewGroups";

interface Props {
  knowledge: string;
  opened: boolean;
  close: () => void;
}

/** The ways documents come in: files, pages of the web, a text, a folder of the server. */
export function AddDocuments({ knowledge, opened, close }: Props) {
  const folders = useOptions().data?.folders ?? [];
  return (
    <Modal opened={opened} onClose={close} size="lg" title={t("Add documents")}>
      <Tabs defaultValue="files" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="files">{t("Files")}</Tabs.Tab>
          <Tabs.Tab value="web">{t("Web pages")}</Tabs.Tab>
          <Tabs.Tab value="text">{t("Text")}</Tabs.Tab>
          {folders.length ? <Tabs.Tab value="folder">{t("Folder of the server")}</Tabs.Tab> : null}
        </Tabs.List>
        <Tabs.Panel value="files">
          <Files knowledge={knowledge} close={close} />
        </Tabs.Panel>
        <Tabs.Panel value="web">
          <Web knowledge={knowledge} close={close} />
        </Tabs.Panel>
        <Tabs.Panel value="text">
          <Text knowledge={knowledge} close={close} />
        </Tabs.Panel>
        <Tabs.Panel value="folder">
          <Folder knowledge={knowledge} close={close} folders={folders} />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

type PanelProps = Omit<Props, "opened">;

function Files({ knowledge, close }: PanelProps) {
  const options = useOptions().data;
  const folder = useRef<HTMLInputElement>(null);
  const preview = usePreviewFile(knowledge);
  const [tried, setTried] = useState<File | null>(null);
  const take = (files: File[]) => {
    send(
      knowledge,
      files.map((file) => ({ name: file.webkitRelativePath || file.name, file })),
    );
    close();
  };
  return (
    <div className={classes.stack}>
      <p className={classes.flush}>
        {t("Choose files or a whole folder, or drop them anywhere on the list of documents.")}
      </p>
      <Group>
        <FileButton multiple onChange={take}>
          {(props) => (
            <Button {...props} leftSection={<IconFiles size={16} />}>
              {t("Choose files")}
            </Button>
          )}
        </FileButton>
        <input
          ref={folder}
          type="file"
          hidden
          multiple
          aria-label={t("Choose a folder")}
          {...{ webkitdirectory: "" }}
          onChange={(event) => take([...(event.currentTarget.files ?? [])])}
        />
        <Button
          variant="default"
          leftSection={<IconFolder size={16} />}
          onClick={() => folder.current?.click()}
        >
          {t("Choose a folder")}
        </Button>
        <FileButton
          onChange={(file) => {
            setTried(file);
            if (file) preview.mutate({ file });
          }}
        >
          {(props) => (
            <Button {...props} variant="subtle" loading={preview.isPending}>
              {t("Preview a file first")}
            </Button>
          )}
        </FileButton>
      </Group>
      {preview.error ? <Problem error={preview.error} /> : null}
      {tried && preview.data && !preview.isPending ? (
        <>
          <p className={classes.flush}>
            {t("“{name}” would be cut like this; nothing has been added yet.", { name: tried.name })}
          </p>
          <PreviewGroups preview={preview.data} />
          <Group justify="flex-end">
            <Button
              variant="default"
              component={Link}
              to={`/knowledge/${knowledge}?tab=settings`}
              onClick={close}
            >
              {t("Change the settings")}
            </Button>
            <Button onClick={() => take([tried])}>{t("Add it")}</Button>
          </Group>
        </>
      ) : null}
      {options ? (
        <p className={classes.quiet}>
          {t("Up to {size} each: {suffixes}", {
            size: formatBytes(options.file_bytes),
            suffixes: options.suffixes.join(" "),
          })}
        </p>
      ) : null}
    </div>
  );
}

function Web({ knowledge, close }: PanelProps) {
  const [text, setText] = useState("");
  const [sitemap, setSitemap] = useState("");
  const add = useAddSources(knowledge);
  const urls = text.split(/\s+/).filter(Boolean);
  const go = () =>
    add.mutate(sitemap.trim() ? { sitemap: sitemap.trim() } : { urls }, {
      onSuccess: ({ count }) => {
        tell.done(t("{n} pages are being fetched.", { n: count }));
        close();
      },
    });
  return (
    <div className={classes.stack}>
      <Textarea
        label={t("Addresses")}
        description={t("One a line. Addresses inside this network are refused.")}
        placeholder="https://example.org/handbook"
        autosize
        minRows={3}
        maxRows={10}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <TextInput
        label={t("Or a sitemap")}
        placeholder="https://example.org/sitemap.xml"
        value={sitemap}
        onChange={(event) => setSitemap(event.currentTarget.value)}
      />
      {add.error ? <Problem error={add.error} /> : null}
      <Group justify="flex-end">
        <Button loading={add.isPending} disabled={!urls.length && !sitemap.trim()} onClick={go}>
          {t("Add")}
        </Button>
      </Group>
    </div>
  );
}

function Text({ knowledge, close }: PanelProps) {
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const add = useAddText(knowledge);
  return (
    <div className={classes.stack}>
      <TextInput
        label={t("Name")}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label={t("Text")}
        autosize
        minRows={8}
        maxRows={18}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {add.error ? <Problem error={add.error} /> : null}
      <Group justify="flex-end">
        <Button
          loading={add.isPending}
          disabled={!name.trim() || !text.trim()}
          onClick={() => add.mutate({ name: name.trim(), text }, { onSuccess: close })}
        >
          {t("Add")}
        </Button>
      </Group>
    </div>
  );
}

function Folder({ knowledge, close, folders }: PanelProps & { folders: string[] }) {
  const [folder, setFolder] = useState(folders[0] ?? "");
  const add = useAddSources(knowledge);
  return (
    <div className={classes.stack}>
      <TextInput
        label={t("Folder")}
        description={t("Below one of: {folders}", { folders: listed(folders) })}
        value={folder}
        onChange={(event) => setFolder(event.currentTarget.value)}
      />
      {add.error ? <Problem error={add.error} /> : null}
      <Group justify="flex-end">
        <Button
          loading={add.isPending}
          disabled={!folder.trim()}
          onClick={() =>
            add.mutate(
              { folder: folder.trim() },
              {
                onSuccess: ({ count }) => {
                  tell.done(t("{n} files are being taken over.", { n: count }));
                  close();
                },
              },
            )
          }
        >
          {t("Add")}
        </Button>
      </Group>
    </div>
  );
}
