import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { t } from "@/shared/i18n";
import { portColor } from "@/shared/ui";
import { portTitle } from "../canvas/portTitle";
import { Variables } from "../inspector/Variables";
import { isName, placeholdersAt } from "../model/ports";
import {
  type Source,
  sourcesFor,
  variableFor,
  wiredTo,
  wireVariable,
  writeVariable,
} from "../model/upstream";
import { useEditor, useEditorStore } from "../store/context";
import { nodeTitle } from "../store/gestures";
import { TemplatePreview } from "./parts/TemplatePreview";
import styles from "./template.module.css";
import type { WidgetProps } from "./widget";

interface Asking {
  /** Where the `/` or `{` that opened the list stands. */
  from: number;
  typed: string;
}

interface Offer {
  label: string;
  type: string;
  source: Source | null;
  name: string;
}

/** A text with {variables}: they show as chips, and `/` or `{` offers the values of the nodes before. */
export default function TemplateWidget({
  id,
  field,
  value,
  invalid,
  describedBy,
  nodeId,
  placeholder,
  within,
  change,
  done,
}: WidgetProps) {
  const store = useEditorStore();
  const text = typeof value === "string" ? value : "";
  const area = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<HTMLSpanElement>(null);
  const list = useId();
  const [asking, setAsking] = useState<Asking | null>(null);
  const [at, setAt] = useState(0);
  const [spot, setSpot] = useState({ left: 0, top: 0 });
  const document = useEditor((state) => state.history.present);
  const wired = useMemo(
    () =>
      new Set(
        placeholdersAt(text)
          .filter(({ name }) => wiredTo(document, nodeId, name).length > 0)
          .map(({ name }) => name),
      ),
    [document, nodeId, text],
  );

  const offers = useMemo((): Offer[] => {
    if (!asking) return [];
    const { catalogue } = store.getState();
    const typed = asking.typed.toLowerCase();
    const sources = sourcesFor(document, catalogue, nodeId, "text").map((source) => ({
      label: `${nodeTitle(store, source.node)} · ${portTitle(source.port)}`,
      type: source.port.type,
      source,
      name: variableFor(document, nodeId, text, source, nodeTitle(store, source.node)),
    }));
    const matching = sources.filter(({ label, name }) => `${label} ${name}`.toLowerCase().includes(typed));
    const own = isName(asking.typed) && !matching.some(({ name }) => name === asking.typed);
    return own
      ? [
          ...matching,
          {
            label: t("New input “{name}”", { name: asking.typed }),
            type: "text",
            source: null,
            name: asking.typed,
          },
        ]
      : matching;
  }, [asking, document, nodeId, store, text]);

  useLayoutEffect(() => {
    if (!asking || !caret.current || !area.current) return;
    setSpot({
      left: Math.min(caret.current.offsetLeft, Math.max(0, area.current.clientWidth - 284)),
      top: caret.current.offsetTop - area.current.scrollTop + 22,
    });
  }, [asking]);

  const look = (next: string, position: number) => {
    const before = next.slice(0, position);
    const match = /(?:^|[\s(（：:，,。])\/([\p{L}\p{N}_ ]{0,24})$|(\{\{?)([\p{L}\p{N}_]{0,24})$/u.exec(
      before,
    );
    setAt(0);
    if (!match) return setAsking(null);
    const typed = match[1] ?? match[3] ?? "";
    setAsking({ from: position - typed.length - (match[2]?.length ?? 1), typed });
  };

  const choose = (offer: Offer) => {
    if (!asking || !area.current) return;
    const end = area.current.selectionStart;
    const tail = text.slice(end).replace(/^\}{1,2}/, "");
    const inserted = `{${offer.name}}`;
    const next = text.slice(0, asking.from) + inserted + tail;
    const { change: step, catalogue } = store.getState();
    const { source } = offer;
    if (source && within) {
      change(next);
      step(t("Use {name}", { name: offer.name }), (draft) => wireVariable(draft, nodeId, offer.name, source));
    } else if (source) {
      step(t("Use {name}", { name: offer.name }), (draft) =>
        writeVariable(draft, catalogue, nodeId, field.name, next, offer.name, source),
      );
    } else change(next);
    setAsking(null);
    const position = asking.from + inserted.length;
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(position, position);
    });
  };

  const keyDown = (event: KeyboardEvent) => {
    if (!asking || offers.length === 0) return;
    const offer = offers[at];
    if (event.key === "ArrowDown") setAt((at + 1) % offers.length);
    else if (event.key === "ArrowUp") setAt((at + offers.length - 1) % offers.length);
    else if ((event.key === "Enter" || event.key === "Tab") && offer) choose(offer);
    else if (event.key === "Escape") setAsking(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.template} data-invalid={invalid || undefined}>
      <div className={styles.paper}>
        <div className={styles.mirror} aria-hidden="true">
          <Highlighted text={text} wired={wired} caretAt={asking?.from} caret={caret} />
        </div>
        <textarea
          ref={area}
          id={id}
          className={styles.area}
          value={text}
          rows={1}
          spellCheck={false}
          placeholder={placeholder ?? t("Write here; / offers the values of the nodes before")}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          aria-autocomplete="list"
          aria-expanded={asking !== null && offers.length > 0}
          aria-controls={list}
          aria-activedescendant={asking && offers.length > 0 ? `${list}-${at}` : undefined}
          role="combobox"
          onChange={(event) => {
            change(event.currentTarget.value);
            look(event.currentTarget.value, event.currentTarget.selectionStart);
          }}
          onKeyDown={keyDown}
          onBlur={() => {
            setAsking(null);
            done();
          }}
        />
        {asking && offers.length > 0 && (
          <div
            id={list}
            className={styles.offers}
            style={spot}
            role="listbox"
            aria-label={t("Values of the nodes before")}
          >
            {offers.map((offer, place) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field above has the focus and drives the list
              <div
                key={`${offer.label}/${offer.name}`}
                id={`${list}-${place}`}
                role="option"
                aria-selected={place === at}
                className={styles.offer}
                onMouseDown={(event) => event.preventDefault()}
                onMouseMove={() => setAt(place)}
                onClick={() => choose(offer)}
              >
                <span className={styles.dot} style={{ background: portColor(offer.type) }} />
                <span className={styles.label}>{offer.label}</span>
                <code>{`{${offer.name}}`}</code>
              </div>
            ))}
          </div>
        )}
      </div>
      <Variables nodeId={nodeId} text={text} />
      <TemplatePreview nodeId={nodeId} text={text} />
    </div>
  );
}

interface HighlightedProps {
  text: string;
  wired: ReadonlySet<string>;
  caretAt: number | undefined;
  caret: RefObject<HTMLSpanElement | null>;
}

function Highlighted({ text, wired, caretAt, caret }: HighlightedProps) {
  const parts: ReactNode[] = [];
  let from = 0;
  const plain = (to: number) => {
    if (caretAt !== undefined && caretAt >= from && caretAt <= to) {
      parts.push(text.slice(from, caretAt), <span key="caret" ref={caret} />, text.slice(caretAt, to));
    } else parts.push(text.slice(from, to));
  };
  for (const { name, start, end } of placeholdersAt(text)) {
    plain(start);
    parts.push(
      <mark key={start} className={styles.chip} data-wired={wired.has(name) || undefined}>
        {text.slice(start, end)}
      </mark>,
    );
    from = end;
  }
  plain(text.length);
  parts.push("\n");
  return parts;
}
