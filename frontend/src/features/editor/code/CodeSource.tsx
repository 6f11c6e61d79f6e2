import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import styles from "./code.module.css";
import { diagnostic } from "./diagnostic";
import { languageFor } from "./languages";

interface Props {
  label: string;
  text: string;
  /** What can't be read, and in which line; a line of null is the whole text. */
  problem: { line: number | null; message: string } | null;
  change(text: string): void;
  done(): void;
}

/** Marks what did not come from the person. */
const arrived = Annotation.define<boolean>();

/** The source of the flow: it keeps its place on the screen when what is around it changes. */
export default function CodeSource({ label, text, problem, change, done }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const told = useRef({ change, done });
  told.current = { change, done };

  useEffect(() => {
    if (!place.current) return;
    const grammar = new Compartment();
    const editor = new EditorView({
      parent: place.current,
      extensions: [
        lintGutter(),
        lineNumbers(),
        history(),
        indentOnInput(),
        bracketMatching(),
        syntaxHighlighting(classHighlighter),
        keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
        grammar.of([]),
        EditorState.tabSize.of(4),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
        EditorView.updateListener.of((update) => {
          const own = update.transactions.some((one) => one.docChanged && !one.annotation(arrived));
          if (own) told.current.change(update.state.doc.toString());
        }),
        EditorView.domEventHandlers({ blur: () => told.current.done() }),
      ],
    });
    view.current = editor;
    let gone = false;
    languageFor("python").then(
      (found) => !gone && editor.dispatch({ effects: grammar.reconfigure(found) }),
      () => undefined, // Without its colours the text is the same.
    );
    return () => {
      gone = true;
      editor.destroy();
    };
  }, [label]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const shown = editor.state.doc.toString();
    if (shown !== text) {
      editor.dispatch({ changes: difference(shown, text), annotations: arrived.of(true) });
    }
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (editor)
      editor.dispatch(setDiagnostics(editor.state, problem ? [diagnostic(editor.state, problem)] : []));
  }, [problem]);

  return <div ref={place} className={`${styles.code} ${styles.view}`} />;
}

/** The one stretch that differs, so that what stands around it stays where it is on the screen. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) };
}
