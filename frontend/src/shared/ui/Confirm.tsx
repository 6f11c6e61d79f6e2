import { Button, Group, Modal } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { t } from "@/shared/i18n";
import { Problem } from "./Failure";

interface Props<Id> {
  /** What is about to go; `null` while nothing is asked. */
  of: Id | null;
  /** Names it, as a question. */
  title: string;
  /** What goes with it, and whether it comes back. */
  children: ReactNode;
  /** The act in a word, on the button. */
  act?: string;
  /** Done when the button is pressed; what it refuses is said here. */
  mutation: Pick<UseMutationResult<unknown, Error, Id>, "mutate" | "isPending" | "error" | "reset">;
  done?: () => void;
  close: () => void;
}

/** Asks before something goes that nothing brings back. */
export function Confirm<Id>({ of, title, children, act, mutation, done, close }: Props<Id>) {
  const leave = () => {
    mutation.reset();
    close();
  };
  return (
    <Modal opened={of !== null} onClose={leave} title={title}>
      <p style={{ marginBlockStart: 0 }}>{children}</p>
      {mutation.error ? <Problem error={mutation.error} /> : null}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={leave} data-autofocus>
          {t("Keep it")}
        </Button>
        <Button
          color="red"
          loading={mutation.isPending}
          onClick={() =>
            of !== null &&
            mutation.mutate(of, {
              onSuccess: () => {
                leave();
                done?.();
              },
            })
          }
        >
          {act ?? t("Delete")}
        </Button>
      </Group>
    </Modal>
  );
}
