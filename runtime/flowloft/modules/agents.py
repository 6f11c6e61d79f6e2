"""A language model that uses tools, as a module: functions, components, modules and flows are its tools."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from pydantic import Field, TypeAdapter, create_model
from pydantic.errors import PydanticSchemaGenerationError

from flowloft.components import component_register
from flowloft.components.component import Call, Component
from flowloft.core.agent import AGENTS, LONGEST_RESULT, Desk, Shown
from flowloft.core.current import call_context, working_for
from flowloft.core.errors import Cancelled, FlowError, FlowloftError
from flowloft.core.tool import Asked, Done, Tool, distinct
from flowloft.core.types import as_text
from flowloft.modules.base import Module
from flowloft.modules.online_chat import OnlineChatModule, told

TOOL_GROUP = "tool"
"""Group of components in which tools are looked up by name."""

F = typing.TypeVar("F", bound=Callable[..., Any])


def fc_register(group: str = TOOL_GROUP, *, name: str | None = None) -> Callable[[F], F]:
    """Returns a decorator that registers a function as a tool, so that an agent can be given its name.

    Example:
        >>> @fc_register("tool")
        ... def doc_weather(city: str) -> str:
        ...     '''Tells the weather of a city.'''
        ...     return f"Sun in {city}"
    """
    component_register.new_group(group)
    return component_register(group, name=name)


class _Agent(Module):
    """Lets a model use tools until it has an answer.

    Args:
        llm: A chat module; the built-in model where None.
        tools: Functions, modules, flows, registered components, or names of the group ``tool``. What a
            tool is told as: its name, its docstring, and the types of its parameters.
        rounds: How often the model may decide, at most.
        max_retries: The same, as LazyLLM calls it.
        parallel: How many calls run at once.
        thinks: Whether the model writes a thought before it decides; not for function calls.
        last_word: Whether the model answers with what it has when the rounds are used up.
        direct: Names of tools whose result is the answer itself.
        examples: Calls as a pattern for the model: question, name of the tool, arguments.
        system: Who the model is.
        stream: Whether a call yields the answer as it comes.

    Raises:
        FlowError: ``unknown_component``, ``invalid_tool``.

    Example:
        def weather(city: str) -> str:
            '''Tells the weather of a city.'''
            return "sun"

        FunctionCallAgent(OnlineChatModule(provider="openai"), tools=[weather])("Oslo today?")
    """

    strategy: ClassVar[str] = ""

    def __init__(
        self,
        llm: OnlineChatModule | None = None,
        tools: Sequence[Any] = (),
        *,
        rounds: int = 8,
        max_retries: int | None = None,
        parallel: int = 4,
        thinks: bool = True,
        last_word: bool = True,
        direct: Sequence[str] = (),
        examples: Sequence[tuple[str, str, dict[str, Any]]] = (),
        system: str = "You are a helpful assistant.",
        stream: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(name=name)
        self.llm = llm if llm is not None else OnlineChatModule()
        self.rounds = max_retries or rounds
        self.parallel = parallel
        self.thinks = thinks
        self.last_word = last_word
        self.direct = tuple(direct)
        self.examples = [Shown(*example) for example in examples]
        self.system = system
        self.stream = stream
        self.tools: dict[str, tuple[Tool, Callable[..., Any]]] = {}
        for one in tools:
            tool, call = _tool(one, self.tools.__contains__)
            self.tools[tool.name] = (tool, call)

    def forward(self, value: Any, history: Sequence[Any] = ()) -> Any:
        """Answers.

        Args:
            value: A text.
            history: What was said before, as for :class:`OnlineChatModule`.

        Returns:
            The answer; an iterator over its pieces with ``stream``.

        Raises:
            FlowError: ``no_answer``.
            ProviderError: With the provider, the model, and what to do.
        """
        pieces = self._pieces(value, history)
        return pieces if self.stream else "".join(pieces)

    def _pieces(self, value: Any, history: Sequence[Any]) -> Iterator[str]:
        desk = Desk(
            _Functions(self.llm, self.tools),
            rounds=self.rounds,
            parallel=self.parallel,
            thinks=self.thinks,
            last_word=self.last_word,
            direct=self.direct,
            examples=self.examples,
        )
        first = [{"role": "system", "content": self.system}] if self.system.strip() else []
        said = [{"role": "user", "content": as_text(value)}]
        yield from AGENTS.get(self.strategy)(desk).run([*first, *told(history), *said])


class FunctionCallAgent(_Agent):
    """As the vendor's interface for tools has it; for models that were trained for it."""

    strategy = "function_call"
    __doc__ = f"{__doc__}\n{(_Agent.__doc__ or '').partition(chr(10))[2]}"


class ReactAgent(_Agent):
    """Thought, action, observation; for any model."""

    strategy = "react"
    __doc__ = f"{__doc__}\n{(_Agent.__doc__ or '').partition(chr(10))[2]}"


class PlanAndSolveAgent(_Agent):
    """A plan first, then one step after the other."""

    strategy = "plan_and_solve"
    __doc__ = f"{__doc__}\n{(_Agent.__doc__ or '').partition(chr(10))[2]}"


class _Functions:
    """Functions as tools, and a module as the model."""

    def __init__(self, llm: OnlineChatModule, tools: dict[str, tuple[Tool, Callable[..., Any]]]) -> None:
        self._llm = llm
        self._tools = tools
        self._ctx = call_context()

    def offers(self) -> list[Tool]:
        return [tool for tool, _ in self._tools.values()]

    def ask(self, index: int, inputs: dict[str, Any]) -> Generator[str, None, dict[str, Any]]:
        options = {**self._llm.options, **{key: one for key, one in inputs.items() if key != "messages"}}
        if "response_format" in inputs:
            options.setdefault("temperature", 0.0)
        said, calls = "", []
        model = self._llm.asking.open(call_context(self._llm.timeout))
        for chunk in model.stream(inputs["messages"], **options):
            calls += [
                {"id": one.id, "name": one.name, "arguments": one.arguments} for one in chunk.tool_calls
            ]
            if chunk.text:
                said += chunk.text
                yield chunk.text
        return {"text": said, "calls": calls}

    def each(self, calls: Sequence[Asked], *, limit: int) -> list[Done]:
        if len(calls) < 2:
            return [self._done(call) for call in calls]
        with ThreadPoolExecutor(limit, thread_name_prefix="flowloft-tool") as pool:
            return list(pool.map(self._done, calls))

    def _done(self, asked: Asked) -> Done:
        _, name, arguments = asked
        try:
            with working_for(self._ctx):
                return Done(self._tools[name][1](**arguments))
        except FlowloftError as error:
            return Done(error=error)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a tool raises is told to the model
            return Done(error=FlowloftError(f"{type(error).__name__}: {error}"[:LONGEST_RESULT]))


def _tool(given: Any, taken: Callable[[str], bool]) -> tuple[Tool, Callable[..., Any]]:
    """Returns a tool and what runs it, of whatever may stand for one."""
    if isinstance(given, str):
        given = component_register.find(TOOL_GROUP, given)
    call, source = given, given
    if isinstance(given, Component):
        call, source = given(), given.function
    elif isinstance(given, Call):
        source = given.component.function
    if not callable(call):
        raise FlowError(
            f"“{given!r:.100}” is no tool.",
            code="invalid_tool",
            hint="Give a function, a module, a flow, or the name of a registered component.",
        )
    named = given.name if isinstance(given, Component) else getattr(given, "__name__", type(given).__name__)
    if inspect.isfunction(source) or inspect.ismethod(source):
        about, parameters = inspect.getdoc(source) or "", _parameters(source)
    else:
        # A module or a flow takes one value, whatever its class says.
        about = inspect.getdoc(source) or ""
        parameters = _parameters(_one_value)
        call = functools.partial(_with_value, call)
    return Tool(distinct(named, "tool", taken), about.split("\n\nArgs:")[0], parameters), call


def _one_value(value: str) -> None:
    """Has the signature of what takes one value."""


def _with_value(call: Callable[..., Any], *, value: Any) -> Any:
    return call(value)


def _parameters(function: Callable[..., Any]) -> dict[str, Any]:
    """Returns the JSON Schema of a function's parameters; a text beside a type describes it."""
    hints = typing.get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise FlowError(
                f"“{function.__name__}” can't be a tool: {parameter} has no name for its caller.",
                code="invalid_tool",
                hint="Write a function whose parameters all have names.",
            )
        hint = hints.get(parameter.name, Any)
        described = next((one for one in getattr(hint, "__metadata__", ()) if isinstance(one, str)), None)
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hint, Field(default, description=described))
    try:
        made = create_model(f"{function.__name__}_arguments", __config__={"extra": "forbid"}, **fields)
        schema = TypeAdapter(made).json_schema()
    except PydanticSchemaGenerationError as error:
        raise FlowError(
            f"“{function.__name__}” can't be a tool: {error}",
            code="invalid_tool",
            hint="Its parameters need types that a model can write: text, numbers, lists, records.",
        ) from error
    schema.pop("title", None)
    for one in schema.get("properties", {}).values():
        one.pop("title", None)
    return {"required": [], **schema}
