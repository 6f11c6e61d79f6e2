import { useState } from "react";
import { t } from "@/shared/i18n";
import classes from "./JsonTree.module.css";

interface Props {
  value: unknown;
  name?: string;
  depth?: number;
}

/** Entries shown at first; a list of ten thousand must not make ten thousand lines. */
const SHOWN = 50;
const LONG = 400;

/** JSON to look into: opened two levels deep, the rest on demand. */
export function JsonTree({ value, name, depth = 0 }: Props) {
  if (typeof value === "object" && value !== null) return <Branch value={value} name={name} depth={depth} />;
  return (
    <div className={classes.line}>
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function Branch({ value, name, depth = 0 }: Props & { value: object }) {
  const entries = Object.entries(value);
  const [open, setOpen] = useState(depth < 2 && entries.length <= SHOWN);
  const [limit, setLimit] = useState(SHOWN);
  const [left, right] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (!entries.length)
    return (
      <div className={classes.line}>
        <Name name={name} />
        <span className={classes.sign}>{left + right}</span>
      </div>
    );
  return (
    <div>
      <button type="button" className={classes.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={classes.mark} data-open={open} aria-hidden>
          ▸
        </span>
        <Name name={name} />
        <span className={classes.sign}>{open ? left : `${left} ${entries.length} ${right}`}</span>
      </button>
      {open ? (
        <div className={classes.inside}>
          {entries.slice(0, limit).map(([key, item]) => (
            <JsonTree key={key} name={key} value={item} depth={depth + 1} />
          ))}
          {entries.length > limit ? (
            <button type="button" className={classes.more} onClick={() => setLimit(limit + 200)}>
              {t("{n} more", { n: entries.length - limit })}
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Name({ name }: { name?: string }) {
  return name === undefined ? null : <span className={classes.name}>{name}: </span>;
}

function Leaf({ value }: { value: unknown }) {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string")
    return <span className={classes.plain}>{JSON.stringify(value) ?? "null"}</span>;
  const long = value.length > LONG;
  return (
    <span className={classes.text}>
      {JSON.stringify(long && !whole ? value.slice(0, LONG) : value)}
      {long ? (
        <button type="button" className={classes.more} onClick={() => setWhole(!whole)}>
          {whole ? t("Show less") : t("{n} characters more", { n: value.length - LONG })}
        </button>
      ) : null}
    </span>
  );
}
