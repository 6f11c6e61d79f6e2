import { useParams } from "react-router";
import { Editor } from "@/features/editor";

export const path = "/flows/:id";
export const title = "Editor";
export const layout = "canvas";

export default function EditorPage() {
  const { id } = useParams();
  return id ? <Editor flowId={id} /> : null;
}
