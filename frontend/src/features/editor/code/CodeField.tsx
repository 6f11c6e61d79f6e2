import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import styles from "./code.module.css";
import { diagnostic } from "./diagnostic";
import type { CodeProps } from "./LazyCode";
import { languageFor } from "./languages";

const described = new Compartment();

/** CodeMirror as a field. It comes only when a form needs it. */
export default function CodeField({ id, language, value, problem, describedBy, change, done }: CodeProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const told = useRef({ change, done });
  told.current = { change, done };
  const first = useRef(value);

  useEffect(() => {
    if (!place.current) return;
    const grammar = new Compartment();
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lintGutter(),
          lineNumbers(),
          history(),
          indentOnInput(),
          bracketMatching(),
          syntaxHighlighting(classHighlighter),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          grammar.of([]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ id }),
          described.of([]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current.change(update.state.doc.toString());
          }),
          EditorView.domEventHandlers({ blur: () => told.current.done() }),
        ],
      }),
    });
    view.current = editor;
    let gone = false;
    languageFor(language).then(
      (found) => !gone && editor.dispatch({ effects: grammar.reconfigure(found) }),
      () => undefined, // Without its colours the text is the same.
    );
    return () => {
      gone = true;
      editor.destroy();
    };
  }, [id, language]);

  // An error that appears while a person types must neither take the focus nor bring back an older text.
  useEffect(() => {
    const attributes = describedBy
      ? EditorView.contentAttributes.of({ "aria-describedby": describedBy })
      : [];
    view.current?.dispatch({ effects: described.reconfigure(attributes) });
  }, [describedBy]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
    }
  }, [value]);

  const line = problem?.line;
  const message = problem?.message;
  // biome-ignore lint/correctness/useExhaustiveDependencies: where a line begins and ends changes with the text
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const said = line && message ? [diagnostic(editor.state, { line, message })] : [];
    editor.dispatch(setDiagnostics(editor.state, said));
  }, [line, message, value]);

  return <div ref={place} className={styles.code} />;
}
