export { ChatPanel } from "./components/ChatPanel";
export { FeedbackList } from "./components/FeedbackList";
export { GuestChat } from "./components/GuestChat";
