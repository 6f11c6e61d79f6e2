export { ChatPanel } from "./components/ChatPanel";
export { FeedbackList } from "./components/FeedbackList";
