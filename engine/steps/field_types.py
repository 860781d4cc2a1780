"""Values of step settings are those of every form; see `engine.flows.field_types`."""

from engine.flows.field_types import SLUG as SLUG
from engine.flows.field_types import Assignee as Assignee
from engine.flows.field_types import ClockTime as ClockTime
from engine.flows.field_types import Count as Count
from engine.flows.field_types import Line as Line
from engine.flows.field_types import OffsetText as OffsetText
from engine.flows.field_types import Prose as Prose
from engine.flows.field_types import Slug as Slug
from engine.flows.field_types import SpanText as SpanText
from engine.flows.field_types import one_of as one_of
from engine.flows.field_types import refused as refused
