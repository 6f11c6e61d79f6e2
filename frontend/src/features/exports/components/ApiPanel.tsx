import { Anchor, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useFlow } from "@/features/flows";
import { NewToken } from "@/features/settings";
import { answer, api } from "@/shared/api";
import { t } from "@/shared/i18n";
import { CopyButton, Failure } from "@/shared/ui";
import { type Described, exampleInputs, type Language, snippet } from "../model/snippets";
import classes from "./ApiPanel.module.css";

const LANGUAGES = [
  { value: "curl", label: "cURL" },
  { value: "python", label: "Python" },
  { value: "javascript", label: "JavaScript" },
];

interface Props {
  flowId: string;
  /** Changes when the draft was saved: its inputs may be others. */
  savedAt: number | null;
}

/** How a program calls this flow: to copy, with the flow's own inputs, and a token beside it. */
export function ApiPanel({ flowId, savedAt }: Props) {
  const published = useFlow(flowId).data?.published_version ?? null;
  const [chosen, setChosen] = useState<string | null>(null);
  const version = chosen ?? (published === null ? "draft" : "published");
  const [language, setLanguage] = useState<Language>("curl");
  const query = `?version=${version}`;
  const described = useQuery({
    queryKey: ["editor", flowId, "openapi", version, savedAt],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/flows/{id}/openapi.json", {
          params: { path: { id: flowId }, query: { version } },
          signal,
        }),
      ) as Promise<Described>,
    gcTime: 0,
  });
  if (described.isError) return <Failure error={described.error} retry={() => void described.refetch()} />;
  const text = described.data
    ? snippet(language, {
        server: window.location.origin,
        flowId,
        version,
        inputs: exampleInputs(described.data, t("Hello")),
      })
    : "";
  return (
    <div className={classes.panel}>
      <div className={classes.choices}>
        <SegmentedControl
          size="xs"
          aria-label={t("Language of the code")}
          data={LANGUAGES}
          value={language}
          onChange={(value) => setLanguage(value as Language)}
        />
        <Select
          size="xs"
          w={128}
          aria-label={t("Version that is called")}
          allowDeselect={false}
          data={[
            { value: "draft", label: t("Draft") },
            ...(published === null ? [] : [{ value: "published", label: t("Published") }]),
          ]}
          value={version}
          onChange={setChosen}
        />
        <CopyButton text={() => text} label={t("Copy the code")} />
      </div>
      <figure className={classes.snippet}>
        <pre>
          <code>{text}</code>
        </pre>
      </figure>
      <p className={classes.hint}>
        {t("It waits up to a minute for the answer. Without “Prefer” it returns the run at once.")}{" "}
        <Anchor href={`/api/v1/flows/${flowId}/openapi.json${query}`} target="_blank" rel="noreferrer">
          {t("Description as OpenAPI")}
        </Anchor>
      </p>
      <section className={classes.token}>
        <h3>{t("Token")}</h3>
        <p className={classes.hint}>
          {t("The code reads it from the environment: FLOWLOFT_TOKEN. Tokens are listed in Settings.")}
        </p>
        <NewToken />
      </section>
    </div>
  );
}
