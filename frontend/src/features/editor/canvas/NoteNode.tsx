import { type NodeProps, NodeResizer } from "@xyflow/react";
import { memo, useState } from "react";
import { t } from "@/shared/i18n";
import { Markdown } from "@/shared/ui";
import { nodeAt } from "../model/document";
import { move, setField } from "../model/nodes";
import type { CanvasNode } from "../store/canvasElements";
import { useEditor, useEditorStore } from "../store/context";
import styles from "./note.module.css";

/** A remark on the canvas: Markdown on coloured paper, written by a double click. */
export const NoteNode = memo(function NoteNode({ id, data, selected }: NodeProps<CanvasNode>) {
  const store = useEditorStore();
  const node = useEditor((state) => nodeAt(state.history.present, id));
  const [writing, setWriting] = useState(false);
  if (!node) return null;
  const text = typeof node.settings.text === "string" ? node.settings.text : "";
  const color = typeof node.settings.color === "string" ? node.settings.color : "yellow";
  const write = (value: string) => {
    const { change, catalogue } = store.getState();
    change(t("Write note"), (document) => setField(document, catalogue, id, "text", value), {
      key: `${id}/text`,
    });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the panel writes the same text by keyboard
    <div
      className={styles.note}
      data-color={color}
      data-selected={selected || undefined}
      style={{ width: data.shape.width, height: data.shape.height }}
      onDoubleClick={() => setWriting(true)}
    >
      <NodeResizer
        isVisible={selected}
        minWidth={140}
        minHeight={72}
        lineClassName={styles.line}
        handleClassName={styles.corner}
        onResizeEnd={(_event, size) => {
          const { x, y, width, height } = size;
          store
            .getState()
            .change(t("Resize"), (document) => move(document, { [id]: { x, y, width, height } }));
        }}
      />
      {writing ? (
        <textarea
          className={`${styles.field} nodrag nowheel`}
          aria-label={t("Text of the note")}
          value={text}
          // biome-ignore lint/a11y/noAutofocus: the person has just asked to write here
          autoFocus
          onChange={(event) => write(event.currentTarget.value)}
          onBlur={() => {
            store.getState().seal();
            setWriting(false);
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
      ) : (
        <div className={styles.text}>
          {text.trim() === "" ? (
            <span className={styles.hint}>{t("Double-click to write a note.")}</span>
          ) : (
            <Markdown text={text} />
          )}
        </div>
      )}
    </div>
  );
});
