import { useParams } from "react-router";
import { GuestChat } from "@/features/chat";

export const path = "/embed/:code";
export const title = "Chat";
export const layout = "bare";

/** The same in a frame of another site. */
export default function FramedChat() {
  const { code = "" } = useParams();
  return <GuestChat framed code={code} />;
}
