"use strict";
// The chat page of a WebModule: one conversation with what is served beside it at /run.

const WORDS = {
  en: {
    send: "Send",
    stop: "Stop",
    fresh: "New chat",
    ask: "Message",
    empty: "Ask something.",
    stopped: "Stopped.",
    away: "The server can't be reached. Is it still running?",
    key: "The key is missing or wrong. Open the whole address that was shown at the start.",
  },
  zh: {
    send: "发送",
    stop: "停止",
    fresh: "新对话",
    ask: "消息",
    empty: "问点什么吧。",
    stopped: "已停止。",
    away: "无法连接服务器。它还在运行吗？",
    key: "密钥缺失或错误。请打开启动时显示的完整地址。",
  },
};
const language = navigator.language.startsWith("zh") ? "zh" : "en";
const words = WORDS[language];
const part = (id) => document.getElementById(id);
const [talk, form, text, send, fresh, empty] = ["talk", "form", "text", "send", "fresh", "empty"].map(part);

let key = decodeURIComponent(location.hash.slice(1));
if (key) {
  // Out of the address bar, so that it is in no bookmark and on no shared screen.
  sessionStorage.setItem("key", key);
  history.replaceState(null, "", location.pathname);
}
key = sessionStorage.getItem("key") ?? "";
const headers = { "Content-Type": "application/json", ...(key ? { Authorization: `Bearer ${key}` } : {}) };

let said = [];
let takesHistory = false;
let asking = null;

document.documentElement.lang = language;
send.textContent = words.send;
fresh.textContent = words.fresh;
empty.textContent = words.empty;
text.placeholder = words.ask;
text.setAttribute("aria-label", words.ask);
fetch("openapi.json", { headers })
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
  .then((told) => {
    document.title = told.info.title;
    part("name").textContent = told.info.title;
    const call = told.paths["/run"].post.requestBody.content["application/json"].schema;
    takesHistory = "history" in (call.properties.named.properties ?? {});
  })
  .catch((status) => wrong(bubble("assistant", ""), status === 401 ? words.key : words.away));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (asking) asking.abort();
  else if (text.value.trim()) ask(text.value.trim());
});
text.addEventListener("keydown", (event) => {
  // Enter that ends a word of an input method is no wish to send.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (!asking) form.requestSubmit();
  }
});
fresh.addEventListener("click", () => {
  asking?.abort();
  said = [];
  talk.replaceChildren(empty);
  text.focus();
});

async function ask(question) {
  text.value = "";
  bubble("user", question);
  const answer = bubble("assistant", "");
  answer.classList.add("waiting");
  const mine = new AbortController();
  asking = mine;
  send.textContent = words.stop;
  const earlier = said;
  try {
    const call = { args: [question], stream: true, ...(takesHistory ? { named: { history: said } } : {}) };
    const got = await fetch("run", {
      method: "POST",
      headers,
      body: JSON.stringify(call),
      signal: mine.signal,
    });
    if (!got.ok) throw await refusal(got);
    for await (const piece of pieces(got.body)) add(answer, piece);
    // A chat that was begun anew meanwhile keeps nothing of the old one.
    if (said === earlier) {
      said = [
        ...said,
        { role: "user", content: question },
        { role: "assistant", content: answer.textContent },
      ];
    }
  } catch (error) {
    if (mine.signal.aborted) {
      if (!answer.textContent) answer.textContent = words.stopped;
    } else wrong(answer, error.told ?? words.away);
  } finally {
    answer.classList.remove("waiting");
    if (asking === mine) {
      asking = null;
      send.textContent = words.send;
    }
  }
}

async function refusal(got) {
  if (got.status === 401) return told(words.key);
  try {
    return failed(await got.json());
  } catch {
    return told(`HTTP ${got.status}`);
  }
}

function told(message) {
  return Object.assign(new Error(message), { told: message });
}

function failed(error) {
  return told([error.message, error.hint].filter(Boolean).join(" "));
}

/** Yields the pieces of an answer; the server sends an event a piece. */
async function* pieces(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const name = /^event: (.*)$/m.exec(event)?.[1];
      const data = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "null");
      if (name === "error") throw failed(data);
      if (name === "done") return;
      yield data;
    }
  }
}

function bubble(role, content) {
  empty.remove();
  const made = document.createElement("div");
  made.className = role;
  made.textContent = content;
  talk.append(made);
  made.scrollIntoView({ block: "end" });
  return made;
}

function add(answer, piece) {
  const follows = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
  answer.append(typeof piece === "string" ? piece : JSON.stringify(piece, null, 2));
  if (follows) talk.scrollTop = talk.scrollHeight;
}

function wrong(answer, message) {
  answer.classList.add("wrong");
  answer.append(answer.textContent ? `\n${message}` : message);
}
