import { t } from "@/shared/i18n";
import { Failure, KindIcon } from "@/shared/ui";
import { type Template, useTemplates } from "../api/flows";
import classes from "./Cards.module.css";
import { CardSkeletons } from "./FlowGrid";

interface Props {
  pick: (template: Template) => void;
  /** A flow is being made from one of them. */
  busy: boolean;
}

/** Flows to begin with; each runs at once, without a key. */
export function TemplateGallery({ pick, busy }: Props) {
  const templates = useTemplates();
  if (templates.isError && !templates.data)
    return <Failure error={templates.error} retry={templates.refetch} />;
  if (!templates.data) return <CardSkeletons count={5} height={150} />;
  return (
    <ul className={classes.grid}>
      {templates.data.map((template) => (
        <li key={template.key}>
          <button
            type="button"
            className={`${classes.card} ${classes.template}`}
            disabled={busy}
            onClick={() => pick(template)}
          >
            <span className={classes.row}>
              <span className={classes.sign}>
                <KindIcon name={template.icon} size={20} />
              </span>
              <span className={classes.name}>{t(template.title)}</span>
            </span>
            <span className={classes.about}>{t(template.description)}</span>
            <span className={classes.tags}>
              {template.tags.map((tag) => (
                <span key={tag}>{t(tag)}</span>
              ))}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
