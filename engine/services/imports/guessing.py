"""Which column of a file probably is which field, and what of a file people decide by. Pure but for
reading the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from engine.services.imports.kinds import KINDS
from engine.services.imports.kinds.base import RecordKind
from engine.services.imports.mapping import Layout
from engine.services.imports.readers import Line, open_table

SAMPLE_LINES: Final = 5
LONGEST_SAMPLE: Final = 120
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# What columns are called elsewhere, without blanks and signs, in the languages files come in.
_ALSO_CALLED: Final[Mapping[str, Sequence[str]]] = {
    "email": ("mail", "emailaddress", "mailaddress", "workemail", "邮箱", "电子邮箱", "电子邮件"),
    "first_name": ("firstname", "givenname", "forename", "vorname", "prenom", "名", "名字"),
    "last_name": ("lastname", "surname", "familyname", "nachname", "nom", "姓", "姓氏"),
    "phone": (
        "telephone",
        "phonenumber",
        "mobile",
        "mobilephone",
        "tel",
        "telefon",
        "电话",
        "手机",
    ),
    "job_title": ("jobtitle", "title", "position", "role", "职位"),
    "account": (
        "company",
        "companyname",
        "organisation",
        "organization",
        "accountname",
        "firma",
        "公司",
    ),
    "owner": ("accountowner", "contactowner", "salesrep", "salesagent", "负责人"),
    "country": ("countrycode", "land", "pays", "国家", "国家地区"),
    "city": ("town", "stadt", "ort", "ville", "城市"),
    "birthday": ("birthdate", "dateofbirth", "dob", "geburtstag", "生日"),
    "language": ("lang", "locale", "sprache", "语言"),
    "time_zone": ("timezone", "tz", "时区"),
    "external_id": ("id", "externalid", "customerid", "contactid", "recordid", "编号"),
    "lifecycle_stage": ("lifecyclestage", "lifecycle", "阶段"),
    "lead_status": ("leadstatus",),
    "tags": ("tag", "labels", "标签"),
    "created_at": ("created", "createdate", "createdat", "创建时间"),
    "name": ("accountname", "companyname", "dealname", "名称"),
    "domain": ("website", "companydomain", "domainname", "域名"),
    "industry": ("sector", "branche", "行业"),
    "employee_count": ("employees", "numberofemployees", "员工数"),
    "annual_revenue": ("revenue", "annualrevenue"),
    "subject": ("title", "ticketname", "主题"),
    "amount": ("value", "dealamount", "closevalue", "金额"),
    "expected_close_on": ("closedate", "expectedclose", "expectedclosedate"),
    "placed_at": ("orderdate", "date", "下单时间"),
    "total": ("ordertotal", "amount", "总额"),
    "contact": ("contactemail", "customeremail", "customer", "email"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was understood: `header`, the first lines, and how it is written, in words."""

    header: tuple[str, ...]
    samples: tuple[Line, ...]
    format: str

    def values_of(self, place: int) -> list[str]:
        """What stands in one column, shortened, without what is empty."""
        found = [line.cells[place].strip() for line in self.samples if place < len(line.cells)]
        return [one[:LONGEST_SAMPLE] for one in found if one]


def look_at(path: Path, layout: Layout) -> Seen:
    """Reads the first lines; a thread's work. Raises Refused with what to do."""
    table = open_table(path, layout)
    return Seen(table.header, tuple(islice(table.lines, SAMPLE_LINES)), table.format)


def guess(kind_name: str, seen: Seen, custom: Sequence[str] = ()) -> dict[str, str]:
    """Fields by column. No field is taken twice; a column that is like no field is left out."""
    kind = KINDS[kind_name]
    fields = [*kind.fields, *(f"custom.{key}" for key in custom)]
    found: dict[str, str] = {}
    for alike in (_named_the_same, _also_called):
        for column in seen.header:
            if column and column not in found:
                field = alike(column, fields)
                if field is not None and field not in found.values():
                    found[column] = field
    _by_what_is_in_them(kind, seen, found)
    return found


def _squeezed(text: str) -> str:
    return re.sub(r"[^\w]|_", "", text.casefold())


def _named_the_same(column: str, fields: Sequence[str]) -> str | None:
    squeezed = _squeezed(column)
    return next((one for one in fields if _squeezed(one.removeprefix("custom.")) == squeezed), None)


def _also_called(column: str, fields: Sequence[str]) -> str | None:
    squeezed = _squeezed(column)
    return next((one for one in fields if squeezed in _ALSO_CALLED.get(one, ())), None)


def _by_what_is_in_them(kind: RecordKind, seen: Seen, found: dict[str, str]) -> None:
    if "email" not in kind.fields or "email" in found.values():
        return
    for place, column in enumerate(seen.header):
        values = seen.values_of(place)
        is_free = bool(column) and column not in found
        if is_free and values and all(_ADDRESS.fullmatch(value) for value in values):
            found[column] = "email"
            return
