"""What somebody does to a flow they draw, one small operation after another.

Operations come from a browser and are read as any input is: whole or not at all.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

MOST_NODES: Final = 500
MOST_OPERATIONS: Final = 2_000
LONGEST_NOTE: Final = 2_000
_FARTHEST: Final = 1_000_000.0

Coordinate = Annotated[float, Field(ge=-_FARTHEST, le=_FARTHEST, allow_inf_nan=False)]
Place = tuple[Coordinate, Coordinate]
NodeId = Annotated[str, Field(max_length=200)]


class OperationRefused(ValueError):
    """`code` is stable; the document stays as it was."""

    def __init__(self, code: str, message: str, node: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.node = node


class _Operation(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AddNode(_Operation):
    """`after` is the exit whose line is parted: the new node leads on to where it led, by every way
    it has."""

    op: Literal["add_node"]
    id: NodeId
    kind: NodeId
    settings: dict[str, Any] = {}
    after: tuple[NodeId, NodeId] | None = None
    position: Place | None = None


class RemoveNodes(_Operation):
    """Lines to a removed node lead on to the node behind it where there is only one."""

    op: Literal["remove_nodes"]
    ids: Annotated[list[NodeId], Field(max_length=MOST_NODES)]


class Connect(_Operation):
    op: Literal["connect"]
    source: NodeId
    exit: NodeId
    target: NodeId


class Disconnect(_Operation):
    op: Literal["disconnect"]
    source: NodeId
    exit: NodeId


class Rename(_Operation):
    op: Literal["rename"]
    id: NodeId
    to: NodeId


class SetSettings(_Operation):
    """Ways out by exits that the new settings do not have any more are dropped."""

    op: Literal["set_settings"]
    id: NodeId
    settings: dict[str, Any]


class SetHead(_Operation):
    """None takes the key away."""

    op: Literal["set_head"]
    key: NodeId
    value: Any = None


class SetNote(_Operation):
    op: Literal["set_note"]
    id: NodeId
    text: Annotated[str, Field(max_length=LONGEST_NOTE)]


class SetFirst(_Operation):
    op: Literal["set_first"]
    id: NodeId


class MoveNodes(_Operation):
    op: Literal["move"]
    positions: dict[NodeId, Place]


class LayOut(_Operation):
    """Forget where nodes were put: they are laid out anew."""

    op: Literal["lay_out"]


class Paste(_Operation):
    """Nodes as they are written in a file; those whose name is taken get another, and lines among
    them stay among them."""

    op: Literal["paste"]
    steps: Annotated[dict[NodeId, dict[str, Any]], Field(max_length=MOST_NODES)]
    positions: dict[NodeId, Place] = {}


class SetWritten(_Operation):
    """The whole flow as it is written in a file."""

    op: Literal["set_written"]
    document: dict[str, Any]


Operation = (
    AddNode
    | RemoveNodes
    | Connect
    | Disconnect
    | Rename
    | SetSettings
    | SetHead
    | SetNote
    | SetFirst
    | MoveNodes
    | LayOut
    | Paste
    | SetWritten
)
_BATCH: Final[TypeAdapter[list[Operation]]] = TypeAdapter(
    Annotated[
        list[Annotated[Operation, Field(discriminator="op")]], Field(max_length=MOST_OPERATIONS)
    ]
)


def read_operations(given: Any) -> list[Operation]:
    """Raises OperationRefused when one of them is no operation."""
    try:
        return _BATCH.validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(map(str, first["loc"]))
        raise OperationRefused("bad_operation", f"{place}: {first['msg']}") from error
