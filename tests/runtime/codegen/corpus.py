"""Flows as people write them: source, name of the flow, and what to call it with."""

# ruff: noqa: E501 - lines are as long as people write them

from __future__ import annotations

CORPUS: dict[str, tuple[str, list[tuple[object, ...]]]] = {
    "story": (
        '''
import json
from flowloft import bind, pipeline, warp

TITLES = ["one", "two"]

def heading(topic, title):
    return f"{topic} {title}"

def outline(topic):
    """Plans."""
    return [heading(topic, title) for title in TITLES]

def write(part, topic):
    return json.dumps({topic: part})

with pipeline() as flow:
    flow.outline = outline
    flow.chapters = warp(bind(write, topic=flow.input)).aslist
    flow.together = "\\n".join
''',
        [("sea",), ("沙",)],
    ),
    "README of LazyLLM: parallel.sum and bind": (
        """
import lazyllm
from lazyllm import bind, parallel, pipeline

def dense(query):
    return [query + "-dense"]

def sparse(query):
    return [query + "-sparse"]

def rerank(nodes, query):
    return sorted(nodes, key=lambda node: (query not in node, node))

with pipeline() as flow:
    with parallel().sum as flow.prl:
        prl.retriever1 = dense
        prl.retriever2 = sparse
    flow.reranker = rerank | bind(query=flow.input)
    flow.formatter = (lambda nodes, query: dict(context_str="".join(nodes), query=query)) | bind(query=flow.input)
""",
        [("tide",)],
    ),
    "names at once": (
        "from flowloft import pipeline as line\nflow = line(first=str.strip, second=len, third=lambda n: n * 2)\n",
        [("  abc ",)],
    ),
    "several values": (
        "import flowloft as f\nflow = f.pipeline(f.parallel(lambda x: x + 1, lambda x: x * 2), lambda a, b: a - b)\n",
        [(3,), (-2,)],
    ),
    "several inputs": (
        "from flowloft import pipeline\ndef add(a, b):\n    return a + b\nflow = pipeline(add, lambda x: x * 10)\n",
        [(1, 2)],
    ),
    "ends in a package": (
        "from flowloft import parallel\nflow = parallel(a=lambda x: x, b=lambda x: [x], c=lambda x: None)\n",
        [(1,)],
    ),
    "one branch": ("from flowloft import parallel\nflow = parallel(lambda x: [x]).aslist\n", [(1,)]),
    "asdict": ("from flowloft import parallel\nflow = parallel(a=str, b=lambda x: [x, x]).asdict\n", [(1,)]),
    "asdict of one": ("from flowloft import parallel\nflow = parallel(a=lambda x: [x]).asdict\n", [(1,)]),
    "astuple, sum and join": (
        """
from flowloft import parallel, pipeline
numbers = parallel(lambda x: x, lambda x: 2 * x).sum
texts = parallel(str, lambda x: True, lambda x: [x]).join("-")
shown = parallel(lambda x: f"<{x}>", lambda x: f"({x})").join(" ")
flow = parallel(numbers, texts, shown, parallel(str, int).astuple).aslist
""",
        [(7,)],
    ),
    "diverter of values": (
        "from flowloft import diverter, parallel, pipeline\n"
        "flow = pipeline(parallel(str.upper, str.lower), diverter(len, lambda t: t * 2).aslist)\n",
        [("aB",)],
    ),
    "diverter of a list or a dict": (
        "from flowloft import diverter\nflow = diverter(a=lambda x: x + 1, b=lambda x: [x]).asdict\n",
        [(1, 2)],
    ),
    "diverter of what a function gives": (
        "from flowloft import diverter, pipeline\n"
        "flow = pipeline(lambda t: {'b': t, 'a': t * 2}, diverter(a=len, b=str.upper).aslist)\n",
        [("xy",)],
    ),
    "warp in its forms": (
        """
from flowloft import parallel, pipeline, warp
square = warp(lambda x: x * x)
flow = parallel(
    pipeline(square, lambda *xs: sum(xs)),
    warp(lambda x: x + 0.5).sum,
    warp(str).join(", "),
    warp(lambda x: [x]).aslist,
    warp(lambda x: x, lambda x: -x).astuple,
).aslist
""",
        [([1, 2, 3],)],
    ),
    "ifs": (
        """
from flowloft import ifs, pipeline
def much(x):
    return x > 10
flow = pipeline(ifs(much, lambda x: [x], lambda x: []), lambda x: len(x), ifs(True, str, int))
""",
        [(11,), (1,)],
    ),
    "ifs of several values": (
        "from flowloft import ifs, parallel, pipeline\n"
        "flow = pipeline(parallel(int, abs), ifs(lambda a, b: a == b, lambda a, b: a, lambda a, b: [a, b]))\n",
        [(3,), (-3,)],
    ),
    "a branch that ignores its value": (
        "from flowloft import bind, ifs, pipeline\n"
        "def say(what):\n    return what\n"
        "with pipeline() as flow:\n"
        "    flow.size = len\n"
        "    flow.which = ifs(lambda n: n > 2, bind(say, 'long'), bind(say, flow.input))\n",
        [("abc",), ("a",)],
    ),
    "switch": (
        """
from flowloft import pipeline, switch
def is_number(x):
    return isinstance(x, int)
flow = pipeline(
    switch("a", lambda x: "was a", is_number, lambda x: x + 1, 2.5, lambda x: "half", "default", lambda x: [x])
)
""",
        [("a",), (1,), (2.5,), ("b",), (" a",)],
    ),
    "switch without default, by with": (
        "from flowloft import switch\n"
        "with switch(conversion=lambda x: x % 3) as flow:\n"
        "    flow.case[0, lambda x: 'fizz']\n"
        "    flow.case(1, str)\n",
        [(3,), (4,), (5,)],
    ),
    "switch of a dict, judged on the first": (
        "from flowloft import parallel, pipeline, switch\n"
        "flow = pipeline(parallel(len, str.upper), switch({1: str.lower, 2: lambda t: t + '!'}, judge_on_full_input=False))\n",
        [("a",), ("ab",)],
    ),
    "loop": (
        "from flowloft import loop\n"
        "flow = loop(lambda x: x * 2, lambda x: x + 1, stop_condition=lambda x: x > 50)\n",
        [(1,)],
    ),
    "loop by count, with what it began with": (
        "from flowloft import bind, loop, pipeline\n"
        "def more(text, first):\n    return text + first\n"
        "with loop(count=3) as flow:\n    flow.grow = bind(more, first=flow.input)\n",
        [("ab",)],
    ),
    "loop judged on the first": (
        "from flowloft import loop, parallel\n"
        "flow = loop(parallel(lambda x: x > 20, lambda x: x * 3), stop_condition=lambda done: done, judge_on_full_input=False)\n",
        [(1,)],
    ),
    "placeholders and outputs": (
        """
from flowloft import _0, _1, bind, parallel, pipeline
def show(*values, sep=" "):
    return sep.join(str(value) for value in values)
with pipeline() as flow:
    flow.two = parallel(str.upper, len)
    flow.turned = bind(show, _1, _0, flow.input, "end", sep="/")
    flow.last = bind(show, flow.output("turned"), flow.turned)
""",
        [("ab",)],
    ),
    "items of an input": (
        "from flowloft import bind, pipeline\n"
        "with pipeline() as flow:\n"
        "    flow.size = len\n"
        "    flow.named = bind(lambda n, name: [n, name], name=flow.input['name'])\n",
        [({"name": "x", "b": 1},)],
    ),
    "nested by name": (
        """
from flowloft import parallel, pipeline
inner = pipeline(str.strip, str.title)
with parallel() as both:
    both.a = inner
    both.b = len
flow = pipeline(both, lambda a, b: f"{a} {b}", post_action=print)
""",
        [("  hello world",)],
    ),
    "classes, partial and generators": (
        """
import functools
from flowloft import pipeline

class Suffix:
    def __init__(self, text="!"):
        self.text = text

    def __call__(self, value):
        return value + self.text

def letters(text):
    yield from text

def run(items, by):
    return by.join(items)

flow = pipeline(Suffix, Suffix("?"), letters, functools.partial(run, by="."), sorted, list)
""",
        [("ba",)],
    ),
    "package from a function": (
        """
from flowloft import package, pipeline
def both(text):
    return package(text, len(text))
flow = pipeline(both, lambda text, size: text * size)
""",
        [("ab",)],
    ),
    "registered functions and a module around": (
        """
import flowloft
from flowloft import component_register

component_register.new_group("corpus")

@component_register("corpus")
def shout(text: str) -> str:
    # Loudly.
    return text.upper()

flow = flowloft.ActionModule(flowloft.pipeline(shout, str.strip))

if __name__ == "__main__":
    print(flow("hi"))
""",
        [(" hi ",)],
    ),
    "graph": (
        """
from flowloft import graph

def inc(x):
    return x + 1

def join(left, right, by="-"):
    return f"{left}{by}{right}"

with graph() as flow:
    flow.inc = inc
    flow.double = lambda x: x * 2
    flow.join = join
    flow.shout = str.upper
flow.add_edge("__start__", ["inc", "double"])
flow.add_edge(["inc", "double"], "join")
flow.add_const_edge("+", "join")
flow.add_edge("join", "shout")
flow.add_edge("shout", "__end__")
""",
        [(3,)],
    ),
    "graph in a pipeline, with names and several results": (
        """
from flowloft import graph, parallel, pipeline

def minus(a, b):
    return a - b

g = graph(first=lambda x: x * 10, minus=minus, both=parallel(lambda x: x, lambda x: [x]))
g.add_edge("__start__", "first")
g.add_edge("first", "minus")
g.add_edge("__start__", "minus")
g.set_node_arg_name([None, ["b", "a"], None])
g.add_edge("first", "both", lambda x: x + 1)
g.add_edge(["minus", "both"], "__end__")
flow = pipeline(g, lambda a, b, c: [a, b, c])
""",
        [(2,)],
    ),
    "built in a function": (
        '''
from flowloft import bind, parallel, pipeline

PROMPT = "{0}: {1}"

def shown(text, title, sep="!"):
    return title.format(text, sep)

def build(title, *, sep="?"):
    """Makes a flow."""
    note = """two
    lines"""
    branch = parallel(
        str.upper,
        lambda text: text + note,
    ).aslist
    with pipeline() as made:
        made.both = branch
        made.text = "".join
        made.shown = bind(shown, title=title, sep=sep)
    return made

flow = build(PROMPT)
''',
        [("沙",)],
    ),
    "a builder of a part, with a text of several bytes before its call": (
        """
from flowloft import pipeline

def ending(mark): return pipeline(lambda text: text + mark, str.strip)

flow = pipeline(lambda text: "海" + text, ending("岸 "))
""",
        [("a",)],
    ),
    "sum of a text and what is none": (
        "from flowloft import parallel\nflow = parallel(str, lambda x: x, lambda x: None).sum\n",
        [(7,)],
    ),
}
