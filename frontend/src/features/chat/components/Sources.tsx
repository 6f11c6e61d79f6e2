import { Anchor, Popover, UnstyledButton } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { Link } from "react-router";
import { t } from "@/shared/i18n";
import { type Citation, citationLink } from "@/shared/lib/citation";
import { useDoor } from "../api/door";
import classes from "./Sources.module.css";

interface Props {
  citations: Citation[];
  /** The number of the citation that is opened. */
  open: number | null;
  show: (number: number | null) => void;
}

/** Where an answer is from: each source with its passage, and the way to its place in the document. */
export function Sources({ citations, open, show }: Props) {
  return (
    <ol className={classes.sources} aria-label={t("Sources")}>
      {citations.map((citation) => (
        <li key={citation.number}>
          <Popover
            opened={open === citation.number}
            onChange={(opened) => !opened && show(null)}
            width={360}
            position="top-start"
            shadow="md"
            trapFocus
            returnFocus
          >
            <Popover.Target>
              <UnstyledButton
                className={classes.source}
                aria-expanded={open === citation.number}
                onClick={() => show(open === citation.number ? null : citation.number)}
              >
                <b>{citation.number}</b>
                <span>{titleOf(citation)}</span>
              </UnstyledButton>
            </Popover.Target>
            <Popover.Dropdown className={classes.passage}>
              <strong>{titleOf(citation)}</strong>
              {citation.heading_path?.length ? <small>{citation.heading_path.join(" › ")}</small> : null}
              {citation.quote ? <blockquote>{citation.quote}</blockquote> : null}
              <Place citation={citation} />
            </Popover.Dropdown>
          </Popover>
        </li>
      ))}
    </ol>
  );
}

const titleOf = (citation: Citation) => citation.title || t("Source {n}", { n: citation.number });

function Place({ citation }: { citation: Citation }) {
  const link = citationLink(citation);
  const { guest } = useDoor();
  if (!link || (guest && !link.web)) return null;
  if (link.web) {
    return (
      <Anchor href={link.to} target="_blank" rel="noopener noreferrer" size="sm">
        {t("Open the page")} <IconExternalLink size={13} aria-hidden />
      </Anchor>
    );
  }
  return (
    <Anchor component={Link} to={link.to} size="sm">
      {t("Open at its place in the document")}
    </Anchor>
  );
}
