import { notifications } from "@mantine/notifications";
import { asApiError } from "@/shared/api";

/** Short remarks in the corner, for what happened away from where the reader looks. */
export const tell = {
  done(message: string) {
    notifications.show({ message, color: "loft", autoClose: 4_000 });
  },
  failure(thrown: unknown) {
    const { words, advice } = asApiError(thrown);
    notifications.show({
      title: words,
      message: advice,
      color: "red",
      autoClose: 10_000,
      role: "alert",
    });
  },
};
