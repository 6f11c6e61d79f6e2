/** The line to a knowledge base: what changes arrives by itself, and lands in what is shown. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Schemas } from "@/shared/api";
import { documentsKey, type Knowledge, oneKey, type SourceDocument } from "./knowledge";

interface News {
  knowledge: Knowledge;
  documents: SourceDocument[];
}

const FIRST_DELAY = 500;
const LONGEST_DELAY = 8_000;
/** Between two times that lists are asked for again because documents came or went. */
const LIST_EVERY = 1_500;

export function useLive(id: string): boolean {
  const client = useQueryClient();
  const [live, setLive] = useState(false);
  useEffect(() => {
    let over = false;
    let delay = FIRST_DELAY;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let socket: WebSocket | undefined;
    const { land, rest } = landing(client, id);
    const connect = () => {
      const scheme = window.location.protocol === "https:" ? "wss" : "ws";
      socket = new WebSocket(`${scheme}://${window.location.host}/ws/knowledge/${id}`);
      socket.onopen = () => {
        setLive(true);
        if (delay !== FIRST_DELAY) void client.invalidateQueries({ queryKey: documentsKey(id) });
        delay = FIRST_DELAY;
      };
      socket.onmessage = ({ data }) => land(JSON.parse(data));
      socket.onclose = ({ code }) => {
        setLive(false);
        if (over || code === 4401 || code === 4404) return;
        timer = setTimeout(connect, delay * (0.5 + Math.random() / 2));
        delay = Math.min(delay * 2, LONGEST_DELAY);
      };
    };
    connect();
    return () => {
      over = true;
      clearTimeout(timer);
      rest();
      socket?.close();
    };
  }, [client, id]);
  return live;
}

function landing(client: QueryClient, id: string) {
  let listed = 0;
  let count = -1;
  let later: ReturnType<typeof setTimeout> | undefined;
  const list = () => {
    later = undefined;
    listed = Date.now();
    void client.invalidateQueries({ queryKey: documentsKey(id) });
  };
  const land = ({ knowledge, documents }: News) => {
    client.setQueryData(oneKey(id), knowledge);
    const fresh = new Map(documents.map((one) => [one.id, one]));
    client.setQueriesData<Schemas["DocumentPage"]>({ queryKey: documentsKey(id) }, (page) =>
      // To set what has not changed would make a list that is to be asked for again look fresh.
      page?.results?.some((row) => fresh.has(row.id))
        ? { ...page, results: page.results.map((row) => fresh.get(row.id) ?? row) }
        : undefined,
    );
    for (const one of documents)
      client.setQueryData<Schemas["FullSourceDocument"]>(["document", one.id], (known) => {
        if (!known) return known;
        if (known.state !== "ready" && one.state === "ready")
          void client.invalidateQueries({ queryKey: ["chunks", one.id] });
        return { ...known, ...one };
      });
    const moved = documents.length > 0 || count !== knowledge.document_count;
    count = knowledge.document_count;
    if (moved && later === undefined) later = setTimeout(list, Math.max(0, listed + LIST_EVERY - Date.now()));
  };
  return { land, rest: () => clearTimeout(later) };
}
