import { ActionIcon, Skeleton, Table, Tooltip } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { t } from "@/shared/i18n";
import { formatAgo } from "@/shared/lib/format";
import { Confirm, Failure } from "@/shared/ui";
import { type Token, useCreateToken, useDeleteToken, useTokens } from "../api/tokens";
import { NewSecret } from "./NewSecret";
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

/** Makes a token of the person. */
export function NewToken() {
  const create = useCreateToken();
  return <NewSecret label={t("Name of a new token")} create={create} />;
}

function TokenTable() {
  const tokens = useTokens();
  const remove = useDeleteToken();
  return (
    <SecretTable
      secrets={tokens.data ?? []}
      revoke={remove}
      what={t("Programs that use it are turned away at once. It can't be brought back.")}
    />
  );
}

interface SecretsProps {
  secrets: Token[];
  revoke: ReturnType<typeof useDeleteToken>;
  /** What revoking one does. */
  what: string;
}

/** Secrets that programs have, each to be withdrawn. */
export function SecretTable({ secrets, revoke, what }: SecretsProps) {
  const [doomed, doom] = useState<Token | null>(null);
  return (
    <>
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
          {secrets.map((secret) => (
            <Table.Tr key={secret.id}>
              <Table.Td>{secret.name}</Table.Td>
              <Table.Td>
                <code>{secret.start}…</code>
              </Table.Td>
              <Table.Td>{formatAgo(secret.created_at)}</Table.Td>
              <Table.Td>{secret.last_used_at ? formatAgo(secret.last_used_at) : t("Never")}</Table.Td>
              <Table.Td ta="end">
                <Tooltip label={t("Revoke")}>
                  <ActionIcon
                    aria-label={t("Revoke {name}", { name: secret.name })}
                    onClick={() => doom(secret)}
                  >
                    <IconTrash size={16} />
                  </ActionIcon>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Confirm
        of={doomed?.id ?? null}
        title={t("Revoke “{name}”?", { name: doomed?.name ?? "" })}
        act={t("Revoke")}
        mutation={revoke}
        close={() => doom(null)}
      >
        {what}
      </Confirm>
    </>
  );
}
