export { ChatPanel, type ChatPanelProps } from "./components/ChatPanel";
