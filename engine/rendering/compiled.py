"""Templates ready to run: read once, refused or compiled once, then kept by their text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any

from jinja2 import Template, TemplateSyntaxError, UndefinedError, nodes
from markupsafe import Markup

from engine.rendering.addresses import guard_addresses
from engine.rendering.defaults import Defaults, write_defaults
from engine.rendering.limits import MAX_OUTPUT_CHARACTERS, MAX_SOURCE_CHARACTERS
from engine.rendering.place import KEY, Place
from engine.rendering.problems import BadValue, RenderFailed, TemplateProblem, TemplateRefused
from engine.rendering.sandbox import Sandbox
from engine.rendering.syntax import Inspection, Reference, inspect
from engine.rendering.vocabulary import ITEM

_PLAIN, _HTML = Sandbox(html=False), Sandbox(html=True)
Facts = Mapping[str, Any]


class CompiledTemplate:
    """One source text, checked and compiled. Rendering it twice shares nothing but the code."""

    __slots__ = ("_constant", "_environment", "_has_loops", "_template", "references")

    def __init__(self, tree: nodes.Template, found: Inspection, environment: Sandbox) -> None:
        self.references: tuple[Reference, ...] = tuple(found.references)
        self._constant = _constant(tree)
        self._has_loops = found.has_loops
        self._environment = environment
        self._template: Template = environment.from_string(tree)

    def render(self, facts: Facts, *, language: str, zone: str) -> str:
        """The text for these facts, which are plain data; raises RenderFailed."""
        if self._constant is not None:
            return self._constant
        template = self._template
        context = self._environment.context_class(
            self._environment, {**facts, KEY: Place(language, zone)}, None, template.blocks
        )
        try:
            text = self._written(template.root_render_func(context))
        except UndefinedError as error:
            raise self._missing(error, facts) from error
        except BadValue as error:
            raise RenderFailed(error.code, str(error), self._line(error.__traceback__)) from error
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            message = (
                f"A value is of the wrong kind for what is done with it ({type(error).__name__})."
            )
            line = self._line(error.__traceback__)
            raise RenderFailed("wrong_value", message, line) from error
        return text

    def _written(self, pieces: Iterator[str]) -> str:
        """The whole text. Only loops can make it much longer than its parts, so only with loops is
        it measured as it grows."""
        if not self._has_loops:
            text = "".join(pieces)
            if len(text) > MAX_OUTPUT_CHARACTERS:
                raise _too_long()
            return text
        kept: list[str] = []
        size = 0
        for piece in pieces:
            kept.append(piece)
            size += len(piece)
            if size > MAX_OUTPUT_CHARACTERS:
                raise _too_long()
        return "".join(kept)

    def _line(self, traceback: TracebackType | None) -> int | None:
        """The line of the template in which the innermost of its frames stood."""
        line = None
        while traceback is not None:
            if traceback.tb_frame.f_globals.get("__jinja_template__") is self._template:
                line = self._template.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        return line

    def _missing(self, error: UndefinedError, facts: Facts) -> RenderFailed:
        line = self._line(error.__traceback__)
        path = self._missing_path(facts, line)
        if path is None:
            message = "A value that the template prints is missing; give it a default."
            return RenderFailed("missing_value", message, line)
        message = f'"{path}" has no value here; write {{{{ {path} | default("...") }}}}.'
        return RenderFailed("missing_value", message, line, path)

    def _missing_path(self, facts: Facts, line: int | None) -> str | None:
        """The variable of that line that has no value; None when it sits in a list."""
        for reference in self.references:
            if line is not None and reference.line != line:
                continue
            if not any(part.endswith(ITEM) for part in reference.path) and not _is_set(
                facts, reference.path
            ):
                return ".".join(reference.path)
        return None


def _too_long() -> BadValue:
    return BadValue(f"The text is longer than {MAX_OUTPUT_CHARACTERS:,} characters.", "too_long")


def _constant(tree: nodes.Template) -> str | None:
    """The text of a template in which nothing varies."""
    pieces = [piece for output in tree.body for piece in output.iter_child_nodes()]
    if all(isinstance(piece, nodes.TemplateData) for piece in pieces) and all(
        isinstance(output, nodes.Output) for output in tree.body
    ):
        return "".join(piece.data for piece in pieces if isinstance(piece, nodes.TemplateData))
    return None


def _is_set(facts: Facts, path: tuple[str, ...]) -> bool:
    value: Any = facts
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value is not None


@lru_cache(maxsize=2_048)
def compiled(source: str, *, html: bool, defaults: Defaults = ()) -> CompiledTemplate:
    """The template of this text; raises TemplateRefused with all that may not stand in it.

    `defaults` are printed where these variables have no value.
    """
    environment = _HTML if html else _PLAIN
    tree, found = read(source)
    if tree is None or found.problems:
        raise TemplateRefused(tuple(found.problems))
    if defaults:
        write_defaults(tree, dict(defaults))
    try:
        if html:
            guard_addresses(tree)
        return CompiledTemplate(tree, found, environment)
    except (RecursionError, MemoryError, SyntaxError):
        problem = TemplateProblem(1, "too_deep", "The template is nested too deeply to be run.")
        raise TemplateRefused((problem,)) from None


def read(source: str) -> tuple[nodes.Template | None, Inspection]:
    """The syntax tree with its inspection; no tree when the text cannot be read at all."""
    if len(source) > MAX_SOURCE_CHARACTERS:
        message = f"The template is longer than {MAX_SOURCE_CHARACTERS:,} characters."
        return None, Inspection([TemplateProblem(1, "too_large", message)])
    try:
        tree = _PLAIN.parse(source)
    except TemplateSyntaxError as error:
        return None, Inspection([TemplateProblem(error.lineno, "syntax", _sentence(error))])
    except RecursionError:
        problem = TemplateProblem(1, "too_deep", "The template is nested too deeply.")
        return None, Inspection([problem])
    except (ValueError, ArithmeticError):
        # Python's own reader of literals refuses it, e.g. a number of 5,000 digits
        problem = TemplateProblem(1, "syntax", "A number or text in the template cannot be read.")
        return None, Inspection([problem])
    return tree, inspect(tree)


def _sentence(error: TemplateSyntaxError) -> str:
    words = (error.message or "This cannot be read").strip().replace("\n", " ")[:300]
    return words if words.endswith((".", "?")) else f"{words}."


def render_text(source: str, facts: Facts, *, language: str = "en", zone: str = "UTC") -> str:
    """Plain text, values as they are; raises TemplateRefused or RenderFailed."""
    return compiled(source, html=False).render(facts, language=language, zone=zone)


def render_html(source: str, facts: Facts, *, language: str = "en", zone: str = "UTC") -> Markup:
    """HTML with every value escaped; raises TemplateRefused or RenderFailed."""
    rendered = compiled(source, html=True).render(facts, language=language, zone=zone)
    return Markup(rendered)  # noqa: S704 - the environment escapes
