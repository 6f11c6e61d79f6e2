import { Button, Group, PasswordInput, Select, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { Problem } from "@/shared/ui";
import { getKeys, keepKey } from "../api";
import { nodeAt } from "../model/document";
import { useEditor } from "../store/context";
import type { WidgetProps } from "./widget";
import styles from "./widgets.module.css";

const KEYS = ["connections", "keys of services"];

/** A key by its name: it is kept apart from the flow, goes in here and never comes out. */
export default function SecretReferenceWidget(props: WidgetProps) {
  const { id, value, invalid, describedBy, change, done } = props;
  const [adding, add] = useState(false);
  const keys = useQuery({ queryKey: KEYS, queryFn: getKeys, staleTime: 10_000 });
  const ref = typeof value === "string" ? value : "";
  const chosen = keys.data?.find((one) => one.ref === ref);
  const strange = ref !== "" && keys.isSuccess && !chosen;
  const take = (next: string | undefined) => {
    change(next);
    done();
  };
  return (
    <>
      <Select
        id={id}
        data={[
          ...(keys.data ?? []).map((one) => ({ value: one.ref, label: one.name })),
          ...(strange ? [{ value: ref, label: ref.split("/")[0] ?? ref }] : []),
        ]}
        value={ref || null}
        error={invalid || strange}
        searchable
        clearable
        placeholder={keys.isLoading ? t("Loading") : t("None: it is called without a key")}
        nothingFoundMessage={t("No such key")}
        aria-describedby={describedBy}
        onChange={(next) => take(next ?? undefined)}
      />
      {keys.isError && <p className={styles.bad}>{t("The list of keys could not be fetched.")}</p>}
      {strange && <p className={styles.bad}>{t("No key is kept under this name.")}</p>}
      {chosen && <p className={styles.note}>{t("Sent to {address} only.", { address: chosen.address })}</p>}
      {adding ? (
        <NewKey
          nodeId={props.nodeId}
          close={(made) => {
            add(false);
            if (made) take(made);
          }}
        />
      ) : (
        <Button
          size="compact-xs"
          variant="subtle"
          mt={6}
          leftSection={<IconPlus size={13} aria-hidden />}
          onClick={() => add(true)}
        >
          {t("Keep a new key")}
        </Button>
      )}
    </>
  );
}

function NewKey({ nodeId, close }: { nodeId: string; close(made: string | null): void }) {
  const url = useEditor((state) => nodeAt(state.history.present, nodeId)?.settings.url);
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [address, setAddress] = useState(() => originOf(url));
  const [secret, setSecret] = useState("");
  const keep = useMutation({
    mutationFn: () => keepKey(name.trim(), address.trim(), secret),
    onSuccess: async (made) => {
      await Promise.all(
        [["connections"], ["models"]].map((queryKey) => client.invalidateQueries({ queryKey })),
      );
      close(made.ref);
    },
  });
  return (
    <fieldset className={styles.apart}>
      <legend>{t("A new key")}</legend>
      <TextInput
        label={t("Name of the key")}
        placeholder={t("weather")}
        maxLength={60}
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t("For the address")}
        placeholder="https://api.example.com"
        maxLength={500}
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
      />
      <PasswordInput
        label={t("The key itself")}
        description={t("Kept encrypted for this address only, and never shown again.")}
        autoComplete="off"
        maxLength={4000}
        value={secret}
        visibilityToggleButtonProps={{ "aria-label": t("Show or hide the key") }}
        onChange={(event) => setSecret(event.currentTarget.value)}
      />
      {keep.error && <Problem error={asApiError(keep.error)} />}
      <Group gap="xs">
        <Button
          size="xs"
          loading={keep.isPending}
          disabled={!(name.trim() && address.trim() && secret)}
          onClick={() => keep.mutate()}
        >
          {t("Save")}
        </Button>
        <Button size="xs" variant="default" onClick={() => close(null)}>
          {t("Cancel")}
        </Button>
      </Group>
    </fieldset>
  );
}

/** Where the node calls, as far as that is written already. */
function originOf(url: unknown): string {
  const found = typeof url === "string" ? /^https?:\/\/[^/?#{\s]+/.exec(url) : null;
  return found?.[0] ?? "";
}
