import { remarksAt } from "../model/validate";
import { useEditor } from "../store/context";

/** The gravest remark about a node. */
export function useRemarkLevel(id: string): "error" | "warning" | undefined {
  return useEditor(({ remarks }) => {
    const level = remarksAt(remarks, id)[0]?.level;
    return level === "info" ? undefined : level;
  });
}
