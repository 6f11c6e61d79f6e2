import { ActionIcon, Button, Chip, Group, Popover, Textarea, Tooltip } from "@mantine/core";
import { IconThumbDown, IconThumbDownFilled, IconThumbUp, IconThumbUpFilled } from "@tabler/icons-react";
import { useState } from "react";
import { msg, t } from "@/shared/i18n";
import { tell } from "@/shared/ui";
import type { ChatMessage } from "../api/chat";
import { type Feedback, useFeedback } from "../api/feedback";
import classes from "./Messages.module.css";

export const REASONS: Record<NonNullable<Feedback["reason"]>, string> = {
  "": msg("No reason given"),
  wrong: msg("Not true"),
  incomplete: msg("Something is missing"),
  off_topic: msg("Not what was asked"),
  style: msg("Badly said"),
  unsafe: msg("Harmful"),
  other: msg("Something else"),
};

/** Thumbs under an answer. The one down asks why, and how it should have been: that is what is learned from. */
export function FeedbackTools({ message }: { message: ChatMessage }) {
  const given = message.feedback ?? null;
  const save = useFeedback(message.id);
  const [asking, ask] = useState(false);
  const send = (feedback: Feedback | null, onSuccess?: () => void) =>
    save.mutate(feedback, { onError: tell.failure, onSuccess });
  const good = given?.rating === "good";
  const bad = given?.rating === "bad";
  return (
    <>
      <Tooltip label={t("Good answer")}>
        <ActionIcon
          size="sm"
          aria-label={t("Good answer")}
          aria-pressed={good}
          data-given={good || undefined}
          className={classes.thumb}
          onClick={() => send(good ? null : { rating: "good" })}
        >
          {good ? <IconThumbUpFilled size={15} /> : <IconThumbUp size={15} />}
        </ActionIcon>
      </Tooltip>
      <Popover
        opened={asking}
        onChange={ask}
        width={340}
        position="top-start"
        shadow="md"
        trapFocus
        returnFocus
        withinPortal
      >
        <Popover.Target>
          <Tooltip label={t("Bad answer")}>
            <ActionIcon
              size="sm"
              aria-label={t("Bad answer")}
              aria-pressed={bad}
              aria-expanded={asking}
              data-given={bad || undefined}
              className={classes.thumb}
              onClick={() => {
                if (!bad) send({ rating: "bad" });
                ask(!asking);
              }}
            >
              {bad ? <IconThumbDownFilled size={15} /> : <IconThumbDown size={15} />}
            </ActionIcon>
          </Tooltip>
        </Popover.Target>
        <Popover.Dropdown>
          {asking ? (
            <WhatWasWrong
              given={given}
              sending={save.isPending}
              send={(feedback) => send(feedback, () => ask(false))}
            />
          ) : null}
        </Popover.Dropdown>
      </Popover>
    </>
  );
}

interface Asked {
  given: ChatMessage["feedback"];
  sending: boolean;
  /** What was written stays until it is saved. */
  send: (feedback: Feedback | null) => void;
}

function WhatWasWrong({ given, sending, send }: Asked) {
  const [reason, setReason] = useState<NonNullable<Feedback["reason"]>>(given?.reason ?? "");
  const [comment, setComment] = useState(given?.comment ?? "");
  const [correction, setCorrection] = useState(given?.correction ?? "");
  return (
    <form
      className={classes.wrong}
      aria-label={t("What was wrong?")}
      onSubmit={(event) => {
        event.preventDefault();
        send({ rating: "bad", reason, comment, correction });
      }}
    >
      <strong>{t("What was wrong?")}</strong>
      <Chip.Group value={reason} onChange={(value) => setReason(value as typeof reason)}>
        <Group gap={6}>
          {Object.entries(REASONS)
            .filter(([key]) => key !== "")
            .map(([key, title]) => (
              <Chip key={key} value={key} size="xs">
                {t(title)}
              </Chip>
            ))}
        </Group>
      </Chip.Group>
      <Textarea
        size="xs"
        label={t("Why")}
        autosize
        minRows={1}
        maxRows={5}
        maxLength={4_000}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      <Textarea
        size="xs"
        label={t("As it should have been")}
        description={t("Kept as an example to learn from.")}
        autosize
        minRows={2}
        maxRows={10}
        value={correction}
        onChange={(event) => setCorrection(event.currentTarget.value)}
      />
      <Group justify="space-between">
        <Button size="xs" variant="subtle" onClick={() => send(null)}>
          {t("Take it back")}
        </Button>
        <Button size="xs" type="submit" loading={sending}>
          {t("Save")}
        </Button>
      </Group>
    </form>
  );
}
