import { notifications } from "@mantine/notifications";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { serverWords } from "@/shared/i18n/server";

/** Short remarks in the corner, for what happened away from where the reader looks. */
export const tell = {
  done(message: string) {
    notifications.show({ message, color: "loft", autoClose: 4_000 });
  },
  failure(thrown: unknown) {
    const { words, hint } = asApiError(thrown);
    notifications.show({
      title: words,
      message: serverWords(t(hint)),
      color: "red",
      autoClose: 10_000,
      role: "alert",
    });
  },
};
