import {
  Anchor,
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  PasswordInput,
  Select,
  TagsInput,
  TextInput,
} from "@mantine/core";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import {
  type Checked,
  type Connection,
  type ConnectionForm,
  type Limits,
  type Provider,
  useCheckConnection,
  useProviders,
  useSaveConnection,
} from "../api/hub";
import classes from "./Connections.module.css";
import { ModelChips } from "./ModelChips";

interface Props {
  /** `null` adds a new one. */
  connection: Connection | null;
  opened: boolean;
  close: () => void;
}

/** Any address that speaks the OpenAI protocol: tried first, then kept. */
export function ConnectionDialog({ connection, opened, close }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={close}
      size="lg"
      title={connection ? t("Connection “{name}”", { name: connection.name }) : t("Add a connection")}
    >
      <Form connection={connection} close={close} />
    </Modal>
  );
}

const ANY = "openai_compatible";

function Form({ connection, close }: Omit<Props, "opened">) {
  const providers = useProviders().data?.filter((provider) => !provider.builtin) ?? [];
  const [key, setKey] = useState("");
  const [form, setForm] = useState<ConnectionForm>({
    name: connection?.name ?? "",
    provider: connection?.provider ?? ANY,
    base_url: connection?.base_url ?? "",
  });
  const [byHand, setByHand] = useState<string[] | null>(null);
  const [unchecked, setUnchecked] = useState(false);
  const check = useCheckConnection();
  const save = useSaveConnection();
  const provider = providers.find((one) => one.key === form.provider);
  // Each web service is asked in a way of its own, so that there is nothing to try it with.
  const keyOnly = provider?.jobs.includes("service") ?? false;
  const sent = { ...form, id: connection?.id, ...(key ? { api_key: key } : {}) };
  const set = (part: Partial<ConnectionForm>) => {
    setForm({ ...form, ...part });
    check.reset();
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    const models = byHand?.map((model) => ({
      model,
      job: provider?.jobs.includes("chat") ? ("chat" as const) : ("module" as const),
      title: model,
    }));
    save.mutate({ ...sent, unchecked, ...(models?.length ? { models } : {}) }, { onSuccess: close });
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <div className={classes.pair}>
        <Select
          label={t("Provider")}
          allowDeselect={false}
          searchable
          data={providers.map((one) => ({ value: one.key, label: t(one.title) }))}
          value={form.provider}
          onChange={(chosen) => chosen && set(chosenProvider(form, chosen, providers))}
        />
        <TextInput
          label={t("Name")}
          placeholder={t("my-server")}
          required
          withAsterisk={false}
          maxLength={60}
          data-autofocus
          value={form.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
      </div>
      <TextInput
        label={t("Address")}
        description={
          keyOnly
            ? t("The service that the key is sent to, for example: https://api.example.com")
            : form.provider === "served_module"
              ? t("As the server tells it, for example: https://example.com/run")
              : t("Up to /v1, as your server or provider tells it.")
        }
        placeholder={provider?.base_url || "http://127.0.0.1:11434/v1"}
        type="url"
        required={!provider?.base_url}
        withAsterisk={false}
        maxLength={500}
        value={form.base_url}
        onChange={(event) => set({ base_url: event.currentTarget.value })}
      />
      <PasswordInput
        label={provider?.needs_key ? t("Key") : t("Key, if it asks for one")}
        description={t("Kept encrypted for this address only, and never shown again.")}
        placeholder={
          connection?.keys.length ? t("Keys are kept; one written here replaces them all") : undefined
        }
        autoComplete="off"
        maxLength={4000}
        value={key}
        visibilityToggleButtonProps={{ "aria-label": t("Show or hide the key") }}
        onChange={(event) => {
          setKey(event.currentTarget.value);
          check.reset();
        }}
      />
      {provider?.docs ? (
        <Anchor href={provider.docs} target="_blank" rel="noopener noreferrer" size="sm">
          {t("Keys and models of {provider}", { provider: t(provider.title) })}
        </Anchor>
      ) : null}
      <More connection={connection} form={form} set={set} />
      {keyOnly && save.error ? <Problem error={save.error} /> : null}
      {keyOnly ? null : (
        <CheckResult
          checked={check.data}
          error={check.error ?? save.error}
          byHand={byHand}
          setByHand={setByHand}
        />
      )}
      {!keyOnly && (check.data?.ok === false || save.error) ? (
        <Checkbox
          label={t("Keep it although it does not answer now")}
          checked={unchecked}
          onChange={(event) => setUnchecked(event.currentTarget.checked)}
        />
      ) : null}
      <Group justify="flex-end">
        {keyOnly ? null : (
          <Button variant="default" loading={check.isPending} onClick={() => check.mutate(sent)}>
            {t("Check")}
          </Button>
        )}
        <Button type="submit" loading={save.isPending} disabled={!form.name.trim()}>
          {t("Save")}
        </Button>
      </Group>
    </form>
  );
}

interface MoreProps {
  connection: Connection | null;
  form: ConnectionForm;
  set: (part: Partial<ConnectionForm>) => void;
}

/** Proxy and limits, which few need. */
function More({ connection, form, set }: MoreProps) {
  const [open, setOpen] = useState(
    Boolean(connection?.proxy || Object.keys(connection?.limits ?? {}).length),
  );
  const limits = { ...connection?.limits, ...form.limits };
  const limit = (name: keyof Limits, label: string, suffix: string) => (
    <NumberInput
      label={label}
      placeholder={t("as usual")}
      min={1}
      suffix={suffix}
      hideControls
      value={limits[name] ?? ""}
      onChange={(given) => set({ limits: { ...limits, [name]: typeof given === "number" ? given : null } })}
    />
  );
  if (!open)
    return (
      <Button
        className={classes.plain}
        size="compact-sm"
        variant="subtle"
        w="fit-content"
        onClick={() => setOpen(true)}
      >
        {t("Proxy and limits")}
      </Button>
    );
  return (
    <>
      <TextInput
        label={t("Proxy")}
        description={t("As http://user:password@host:port. Its password is never shown again.")}
        placeholder={connection?.proxy || t("None but the studio's")}
        autoComplete="off"
        maxLength={300}
        value={form.proxy ?? ""}
        onChange={(event) => set({ proxy: event.currentTarget.value })}
        rightSectionWidth={92}
        rightSection={
          connection?.proxy && form.proxy === undefined ? (
            <Button size="compact-xs" variant="subtle" onClick={() => set({ proxy: "" })}>
              {t("Remove")}
            </Button>
          ) : null
        }
      />
      <div className={classes.pair}>
        {limit("idle_seconds", t("Longest silence"), t(" s"))}
        {limit("total_seconds", t("Longest call"), t(" s"))}
        {limit("per_minute", t("Requests a minute"), "")}
      </div>
    </>
  );
}

/** A name that nobody typed follows the provider. */
function chosenProvider(
  form: ConnectionForm,
  chosen: string,
  providers: Provider[],
): Partial<ConnectionForm> {
  const typed = form.name !== "" && !providers.some((one) => one.key === form.name);
  return { provider: chosen, base_url: "", name: typed || chosen === ANY ? form.name : chosen };
}

interface ResultProps {
  checked: Checked | undefined;
  error: unknown;
  byHand: string[] | null;
  setByHand: (models: string[] | null) => void;
}

function CheckResult({ checked, error, byHand, setByHand }: ResultProps) {
  const problem = error ?? checked?.error;
  return (
    <div aria-live="polite" className={classes.result}>
      {problem ? <Problem error={problem} /> : null}
      {checked?.ok ? <ModelChips models={checked.models} found /> : null}
      {byHand === null ? (
        <Button className={classes.plain} size="compact-sm" variant="subtle" onClick={() => setByHand([])}>
          {t("Name the models by hand")}
        </Button>
      ) : (
        <TagsInput
          label={t("Models")}
          description={t("For an address that does not list its models. Enter after each name.")}
          value={byHand}
          onChange={setByHand}
        />
      )}
    </div>
  );
}
