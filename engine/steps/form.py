"""Steps describe their fields as every form does; see `engine.flows.form`."""

from engine.flows.form import WIDGETS as WIDGETS
from engine.flows.form import Widget as Widget
from engine.flows.form import fields_of as fields_of
from engine.flows.form import hints as hints
