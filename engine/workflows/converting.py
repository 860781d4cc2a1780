"""Payloads in and out by pydantic, with what is known of a type kept for the whole process."""

from __future__ import annotations

import dataclasses
from typing import Final

from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter, pydantic_data_converter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)

# Each run of a workflow has a converter of its own, and would work out anew how its types are read:
# 2 ms for a host that takes one answer.
_JSON: Final = PydanticJSONPlainPayloadConverter()


class SharedTypes(CompositePayloadConverter):
    """The payloads of `pydantic_data_converter`, byte for byte."""

    def __init__(self) -> None:
        known = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(
            *(_JSON if isinstance(one, JSONPlainPayloadConverter) else one for one in known)
        )


DATA_CONVERTER: Final[DataConverter] = dataclasses.replace(
    pydantic_data_converter, payload_converter_class=SharedTypes
)
