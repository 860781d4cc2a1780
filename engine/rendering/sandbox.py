"""The environment templates run in: plain data, no calls, no attributes of Python objects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from engine.rendering.addresses import ADDRESS, safe_address
from engine.rendering.limits import MAX_NUMBER, MAX_VALUE_CHARACTERS
from engine.rendering.local_filters import LOCAL_FILTERS, write_date, write_money
from engine.rendering.missing import Missing
from engine.rendering.place import KEY
from engine.rendering.problems import BadValue
from engine.rendering.text_filters import TEXT_FILTERS, Filter, kind_of

FILTERS = {**TEXT_FILTERS, **LOCAL_FILTERS}
TESTS = ("defined", "undefined", "none")
LOOP_FIELDS = frozenset({"index", "index0", "first", "last", "length"})
# Put around what a loop walks through; template text cannot name it.
WALK = "_walk"
# The same for what `~` puts together.
PIECE = "_piece"


@pass_context
def _walk(context: Context, items: Any) -> list[Any] | tuple[Any, ...]:
    if items is None or isinstance(items, Undefined):
        return ()
    if not isinstance(items, list | tuple):
        raise BadValue(f"A loop walks through a list, not {kind_of(items)}.")
    context.parent[KEY].spend(len(items))
    return items


@pass_context
def _printed(context: Context, value: Any) -> Any:
    """What stands in the text for a value; lists and groups are refused, lest they leak."""
    kind = type(value)
    if kind is str or kind is Markup:
        if len(value) > MAX_VALUE_CHARACTERS:
            raise BadValue("A value is too long to be printed; use truncate.", "too_long")
        return value
    if kind is int or kind is Missing:
        return value
    if isinstance(value, date):
        return write_date(context.parent[KEY], value)
    if isinstance(value, float | Decimal):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, dict) and set(value) == {"minor", "currency"}:
        return write_money(context.parent[KEY], value)
    if isinstance(value, str | Undefined):
        return value
    raise BadValue(
        f"{kind_of(value).capitalize()} cannot be printed; name one field, use join, or use if.",
        "not_printable",
    )


def _counted(function: Filter) -> Filter:
    """The filter, with its work counted and bounded; one that counts is not run ahead of time
    while the template is compiled either."""
    wants_context = hasattr(function, "jinja_pass_arg")

    @pass_context
    def applied(context: Context, value: Any, *arguments: Any, **named: Any) -> Any:
        given = (context, value, *arguments) if wants_context else (value, *arguments)
        place = context.parent[KEY]
        items = len(value) if isinstance(value, list | tuple) else 0
        place.work(items, len(value) if isinstance(value, str) else 0)
        made = function(*given, **named)
        if isinstance(made, str):
            if len(made) > MAX_VALUE_CHARACTERS:
                raise BadValue("What a filter makes is too long; use truncate.", "too_long")
            place.work(0, len(made))
        return made

    return applied


@pass_context
def _piece(context: Context, value: Any) -> Any:
    """One side of `~`: only what could be printed, and not more of it than could be."""
    shown = _printed(context, value)
    context.parent[KEY].work(0, len(shown) if isinstance(shown, str) else 0)
    return shown


class Sandbox(ImmutableSandboxedEnvironment):
    """`a.b` and `a["b"]` both mean the item `b` of the dictionary `a` and nothing else."""

    intercepted_binops = frozenset({"+", "-", "*", "/"})

    def __init__(self, *, html: bool) -> None:
        super().__init__(
            autoescape=html,
            undefined=Missing,
            finalize=_printed,
            keep_trailing_newline=False,
            cache_size=0,
        )
        self.globals.clear()
        self.filters.clear()
        self.filters.update({name: _counted(one) for name, one in FILTERS.items()})
        self.filters[WALK] = _walk
        self.filters[PIECE] = _piece
        self.filters[ADDRESS] = safe_address
        self.tests = {name: self.tests[name] for name in TESTS}
        self.tests["defined"] = _is_there
        self.tests["undefined"] = _is_missing
        self.tests["none"] = _is_missing

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict:
            value = obj.get(attribute)
            return Missing(obj=obj, name=attribute) if value is None else value
        if type(obj) is LoopContext and attribute in LOOP_FIELDS:
            return getattr(obj, attribute)
        return Missing(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(argument) is str:
            return self.getattr(obj, argument)
        if type(obj) in (list, tuple) and type(argument) is int and 0 <= argument < len(obj):
            return obj[argument]
        return Missing(obj=obj, name=str(argument))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for side in (left, right):
            if isinstance(side, bool) or not isinstance(side, int | float):
                raise BadValue(f'"{operator}" takes numbers, not {kind_of(side)}.')
        if operator == "/" and right == 0:
            raise BadValue("A number cannot be divided by 0.")
        result = super().call_binop(context, operator, left, right)
        if abs(result) > MAX_NUMBER:
            raise BadValue("The result of a calculation is too large.")
        return result

    def call(self, *_arguments: Any, **_named: Any) -> Any:
        """Calls are refused when the template is read; this is the second lock."""
        raise BadValue("A template cannot call anything.", "not_allowed")


def _is_there(value: Any) -> bool:
    return value is not None and not isinstance(value, Undefined)


def _is_missing(value: Any) -> bool:
    return not _is_there(value)
