"""Forms drawn from the schemas of steps, triggers and documents: a widget for every hint.

Styles: give `"flow_editor.css"` and `"rule_builder.css"` to `frame(styles=...)`.
"""

from designer.forms.context import FormContext, Problems
from designer.forms.schema_form import SchemaForm

__all__ = ["FormContext", "Problems", "SchemaForm"]
