import { ActionIcon, Button, Skeleton, Table, TextInput, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { t } from "@/shared/i18n";
import { formatAgo } from "@/shared/lib/format";
import { CopyButton, Failure, Problem, tell } from "@/shared/ui";
import { useCreateToken, useDeleteToken, useTokens } from "../api/tokens";
import classes from "./Settings.module.css";

/** Tokens by which programs use the REST API in this person's name. */
export function Tokens() {
  const tokens = useTokens();
  if (tokens.isError && !tokens.data) return <Failure error={tokens.error} retry={tokens.refetch} />;
  return (
    <>
      <NewToken />
      {tokens.isPending ? <Skeleton height={72} mt="md" /> : null}
      {tokens.data?.length === 0 ? <p className={classes.none}>{t("No program has a token yet.")}</p> : null}
      {tokens.data?.length ? <TokenTable /> : null}
    </>
  );
}

/** Makes a token and shows it this once. */
export function NewToken() {
  const create = useCreateToken();
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name.trim(), { onSuccess: () => setName("") });
  };
  return (
    <>
      <form onSubmit={submit} className={classes.inline}>
        <TextInput
          label={t("Name of a new token")}
          placeholder={t("What will use it")}
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={create.isPending} disabled={!name.trim()}>
          {t("Create")}
        </Button>
      </form>
      {create.error ? <Problem error={create.error} /> : null}
      {create.data ? (
        <div className={classes.secret} role="status">
          <p>{t("Copy it now: it is shown this once.")}</p>
          <div>
            <code>{create.data.token}</code>
            <CopyButton text={() => create.data.token} />
          </div>
        </div>
      ) : null}
    </>
  );
}

function TokenTable() {
  const tokens = useTokens();
  const remove = useDeleteToken();
  return (
    <Table mt="md" verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t("Name")}</Table.Th>
          <Table.Th>{t("Begins with")}</Table.Th>
          <Table.Th>{t("Created")}</Table.Th>
          <Table.Th>{t("Last used")}</Table.Th>
          <Table.Th>
            <span className="visually-hidden">{t("Actions")}</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tokens.data?.map((token) => (
          <Table.Tr key={token.id}>
            <Table.Td>{token.name}</Table.Td>
            <Table.Td>
              <code>{token.start}…</code>
            </Table.Td>
            <Table.Td>{formatAgo(token.created_at)}</Table.Td>
            <Table.Td>{token.last_used_at ? formatAgo(token.last_used_at) : t("Never")}</Table.Td>
            <Table.Td ta="end">
              <Tooltip label={t("Revoke")}>
                <ActionIcon
                  aria-label={t("Revoke {name}", { name: token.name })}
                  onClick={() => remove.mutate(token.id, { onError: tell.failure })}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Tooltip>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
