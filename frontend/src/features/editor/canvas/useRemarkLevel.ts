import { useEditor } from "../store/context";

/** The gravest remark about a node. */
export function useRemarkLevel(id: string): "error" | "warning" | undefined {
  return useEditor(({ remarks }) => {
    let level: "warning" | undefined;
    for (const remark of remarks) {
      if (remark.node !== id) continue;
      if (remark.level === "error") return "error";
      if (remark.level === "warning") level = "warning";
    }
    return level;
  });
}
