import { IconDeviceFloppy, IconPlayerPlay, IconSchema } from "@tabler/icons-react";
import { msg, t } from "@/shared/i18n";
import classes from "./StartHere.module.css";

const STEPS = [
  {
    Icon: IconSchema,
    title: msg("Draw"),
    text: msg("Place nodes and join their ports: prompts, models, choices, loops. A colour says what fits."),
  },
  {
    Icon: IconPlayerPlay,
    title: msg("Run"),
    text: msg("Talk to the flow beside the canvas and watch each node work. A small model is built in."),
  },
  {
    Icon: IconDeviceFloppy,
    title: msg("Keep"),
    text: msg("Every change saves itself. Publish a version when others should use it."),
  },
];

/** What the start page says while there is no flow: how this works, before a template is picked. */
export function StartHere() {
  return (
    <ol className={classes.steps}>
      {STEPS.map(({ Icon, title, text }) => (
        <li key={title}>
          <Icon size={22} stroke={1.6} aria-hidden />
          <h3>{t(title)}</h3>
          <p>{t(text)}</p>
        </li>
      ))}
    </ol>
  );
}
