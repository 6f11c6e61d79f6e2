import { useParams } from "react-router";
import { GuestChat } from "@/features/chat";

export const path = "/s/:code";
export const title = "Chat";
export const layout = "bare";

export default function SharedChat() {
  const { code = "" } = useParams();
  return <GuestChat code={code} />;
}
