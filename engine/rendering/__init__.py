"""Texts with variables: Jinja2 in a sandbox with plain data and a short list of constructs."""

from engine.rendering.check import check_template, variables_of
from engine.rendering.compiled import render_html, render_text
from engine.rendering.problems import RenderFailed, TemplateProblem, TemplateRefused
from engine.rendering.vocabulary import Vocabulary

__all__ = [
    "RenderFailed",
    "TemplateProblem",
    "TemplateRefused",
    "Vocabulary",
    "check_template",
    "render_html",
    "render_text",
    "variables_of",
]
