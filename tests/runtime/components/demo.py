"""A component file. The first two are the examples of LazyLLM's README."""

import sys

from flowloft import component_register

component_register.new_group("demo")


@component_register("demo")
def test(input):
    return f"input is {input}"


@component_register.cmd("demo")
def test_cmd(input):
    return f"echo input is {input}"


@component_register.cmd("demo")
def say(*words: str) -> list[str]:
    return [sys.executable, "-c", "import sys; print(sys.argv[1:])", *words]


@component_register.cmd("demo")
def quoted(word: str, width: int) -> str:
    return f'printf "[%s] %s" "{word}" {width}'


@component_register.cmd("demo")
def fail(code: int) -> list[str]:
    return ["sh", "-c", f"echo going wrong >&2; exit {code}"]


@component_register("demo")
def repeat(text: str, times: int = 2, between: str = " ") -> str:
    """Repeats a text.

    More about it.
    """
    print("printed, not returned")  # noqa: T201
    return between.join([text] * times)
