"""The versions of a template: which there are, how they differ, and which is sent."""

from __future__ import annotations

from starlette.requests import Request

from designer.page import page
from designer.runtime import Designer
from designer.template_editor.versions import VersionsRoom, asked_versions
from designer.visitor import current


def register(designer: Designer) -> None:
    @page("/templates/{name}/versions")
    async def template_versions(name: str, request: Request) -> None:
        await VersionsRoom(designer, current(), asked_versions(name, request)).build()
