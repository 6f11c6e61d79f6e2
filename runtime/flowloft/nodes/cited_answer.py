"""An answer that says where it is from."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.knowledge import Citation
from flowloft.core.models import DEFAULT_CHAT
from flowloft.core.node import Effect, Node
from flowloft.core.provider import open_model
from flowloft.core.types import Documents, Messages, as_text

_SYSTEM = (
    "You answer questions from facts. Answer in one short sentence, in the language of the question. "
    "Say only what the facts say."
)
_EXAMPLES = (
    (
        "The shop opens at 8. A loaf of bread costs 2 euros.",
        "How much is bread?",
        "A loaf of bread costs 2 euros.",
    ),
    ("Dogs are not allowed in the park.", "May I bring my dog?", "No, dogs are not allowed in the park."),
)
"""Shown to the model as if it had answered so: a small one learns from them to stay with the facts."""
_SENTENCES = re.compile(r".+?(?:[。！？；]+[”’」』）]*|[.!?]+(?=\s|$)|$)", re.MULTILINE)
_ENDING = re.compile(r"(?<=[a-z]{3})(?:ing|ed|es|s)$")
_MARK = re.compile(r"\[(\d{1,3})\]")


class _Answered(NamedTuple):
    text: Annotated[str, "The answer, with [1] where passage 1 was used."]
    citations: Annotated[list[dict[str, Any]], "What each number stands for; connect it to Chat output."]


class CitedAnswer(Node):
    """Answers a question from passages, and names those that it used.

    quotes: no model, the sentences that fit best, word for word, in any language. model: a language
    model writes the answer; a mark is set where it sets none.
    """

    title = "Answer with citations"
    group = "knowledge"
    icon = "quote"

    how: Literal["quotes", "model"] = Field(
        "quotes",
        title="Answer by",
        description=(
            "quotes: the sentences that fit best, word for word, without a model. model: in its own words."
        ),
    )
    model: str = Field(
        DEFAULT_CHAT,
        title="Model",
        max_length=200,
        description="For model. The built-in one is too small for this: it makes things up.",
        json_schema_extra={"x-widget": "model", "x-job": "chat", "x-visible-when": {"how": "model"}},
    )
    instructions: str = Field(
        _SYSTEM,
        title="Instructions",
        max_length=20_000,
        description="How the model shall answer.",
        json_schema_extra={"x-widget": "textarea", "x-advanced": True, "x-visible-when": {"how": "model"}},
    )
    passages: int = Field(
        3,
        title="Passages",
        ge=1,
        le=50,
        description="How many are used, the best first. Few for small models.",
    )
    focus: int = Field(
        4,
        title="Sentences",
        ge=0,
        le=100,
        description=(
            "Only so many sentences of the passages are shown to the model, those that fit best, with two "
            "examples: small models need it. 0 shows the passages whole, for large models."
        ),
        json_schema_extra={"x-advanced": True, "x-visible-when": {"how": "model"}},
    )
    max_characters: int = Field(
        6000,
        title="Longest context",
        ge=200,
        le=1_000_000,
        description="Characters of all passages together.",
        json_schema_extra={"x-advanced": True, "x-visible-when": {"how": "model"}},
    )
    intro: str = Field(
        "",
        title="Before quotes",
        max_length=500,
        description="For example: This is what the documents say:",
        json_schema_extra={"x-visible-when": {"how": "quotes"}},
    )
    nothing: str = Field(
        "I found nothing about this in the documents.",
        title="Where nothing was found",
        max_length=1000,
        description="The answer when no passage came in.",
    )

    def effect(self) -> Effect:
        return "repeatable" if self.how == "model" else "none"

    def run(
        self,
        question: Annotated[Messages, "A question, or a conversation that ends with it."],
        documents: Annotated[Documents, "The passages, best first."],
        ctx: Context,
    ) -> _Answered:
        asked = as_text(question[-1].get("content", "")) if question else ""
        used = [one for one in documents if str(one.get("text", "")).strip()][: self.passages]
        if not used:
            return _Answered(self.nothing, [])
        citations = [Citation.of(number, one) for number, one in enumerate(used, 1)]
        if self.how == "quotes":
            text = "\n\n".join([*([self.intro] if self.intro else []), *self._quotes(asked, used)])
        else:
            text = self._written(asked, used, ctx)
        named = {int(number) for number in _MARK.findall(text)}
        return _Answered(text, [one.model_dump(mode="json") for one in citations if one.number in named])

    def _quotes(self, asked: str, used: list[dict[str, Any]]) -> list[str]:
        best: dict[int, _Sentence] = {}
        for one in sentences(asked, used):
            best.setdefault(one.number, one)
        least = max(one.score for one in best.values()) / 2
        quotes = []
        for one in sorted(best.values(), key=lambda one: -one.score):
            if one.score >= least:
                title = str((used[one.number - 1].get("source") or {}).get("title", ""))
                quotes.append(f"> {one.text} [{one.number}]" + (f"\n>\n> — {title}" if title else ""))
        return quotes

    def _written(self, asked: str, used: list[dict[str, Any]], ctx: Context) -> str:
        messages = [{"role": "system", "content": self.instructions}]
        if self.focus:
            for facts, question, answer in _EXAMPLES:
                messages.append({"role": "user", "content": _prompt(facts, question)})
                messages.append({"role": "assistant", "content": answer})
            best = sorted(sentences(asked, used)[: self.focus], key=lambda one: (one.number, one.at))
            context = " ".join(one.text for one in best)
        else:
            context = "\n\n".join(f"[{number}] {one['text']}" for number, one in enumerate(used, 1))
        messages.append({"role": "user", "content": _prompt(context[: self.max_characters], asked)})
        # Words of the passages must be free to come again in the answer.
        options = {"temperature": 0.0, "frequency_penalty": 0.0, "seed": ctx.seed}
        said = []
        for chunk in open_model(ctx, self.model).stream(messages, **options):
            if chunk.usage:
                ctx.usage({name: float(count) for name, count in chunk.usage.items()})
            if chunk.text:
                ctx.text(chunk.text, "text")
                said.append(chunk.text)
        return _marked("".join(said).strip(), used)


def _marked(answer: str, used: list[dict[str, Any]]) -> str:
    """Leaves out marks of passages that are not there, and sets one where a model set none."""
    answer = _MARK.sub(lambda found: found.group(0) if 0 < int(found.group(1)) <= len(used) else "", answer)
    if _MARK.search(answer) or not answer:
        return answer
    shares = [_share(answer, str(one["text"])) for one in used]
    best = max(shares)
    return f"{answer} [{shares.index(best) + 1}]" if best >= 0.3 else answer


def _prompt(facts: str, question: str) -> str:
    return f"Facts: {facts}\n\nQuestion: {question}"


class _Sentence(NamedTuple):
    score: float
    number: int
    """Of its passage, from 1."""
    at: int
    """Place in its passage."""
    text: str


def sentences(asked: str, used: list[dict[str, Any]]) -> list[_Sentence]:
    """Returns the sentences of passages, those that fit a question best first.

    The score is the share of the question's words that a sentence has, rare words counting more, those
    of its heading half, and all a little less for each passage further down.
    """
    found: list[tuple[int, int, str]] = []
    seen: list[set[str]] = []
    above: list[set[str]] = []
    for number, one in enumerate(used, 1):
        for at, (heading, text) in enumerate(_sentences(str(one["text"]))):
            found.append((number, at, text))
            seen.append(_units(text))
            above.append(_units(heading) - seen[-1])
    wanted = _units(asked)
    weights = {word: 1 / (1 + sum(word in words for words in seen)) for word in wanted}
    whole = sum(weights.values()) or 1.0

    def share(words: set[str], heading: set[str]) -> float:
        own = sum(weights[word] for word in wanted & words)
        return (own + 0.5 * sum(weights[word] for word in wanted & heading)) / whole

    scored = [
        _Sentence(
            (share(words, heading) + 0.01) * 0.9 ** (number - 1),
            number,
            at,
            text,
        )
        for (number, at, text), words, heading in zip(found, seen, above, strict=True)
    ]
    return sorted(scored, key=lambda one: -one.score)


def _sentences(text: str) -> list[tuple[str, str]]:
    """Returns the sentences of a passage, each with the heading above it; headings are none."""
    found: list[tuple[str, str]] = []
    heading = ""
    lines = [one.strip() for one in _SENTENCES.findall(text) if one.strip(" #|-\n")]
    for line in lines:
        if line[-1] in ".!?。！？；|" or len(line) > 60 or line.startswith(("- ", "|")):
            found.append((heading, line))
        else:
            heading = line
    return found or [("", line) for line in lines or [text]]


def _share(words: str, text: str) -> float:
    """Returns the share of the words (of Chinese, the pairs of letters) that a text has, 0 to 1."""
    wanted = _units(words)
    return len(wanted & _units(text)) / max(1, len(wanted))


def _units(text: str) -> set[str]:
    plain = set(re.findall(r"[a-z0-9à-ÿ]{3,}", text.lower())) - _COMMON
    found = {_ENDING.sub("", word) for word in plain}
    for run in re.findall(r"[㐀-鿿]+", text):
        found |= {run[at : at + 2] for at in range(len(run) - 1)} or {run}
    return found


_COMMON = frozenset(
    ["the", "and", "are", "for", "can", "does", "what", "when", "where", "how", "who", "which", "with"]
)
