"""The kinds of records that can be imported, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.services.imports.kinds.accounts import ACCOUNTS
from engine.services.imports.kinds.base import RecordKind
from engine.services.imports.kinds.contacts import CONTACTS
from engine.services.imports.kinds.deals import DEALS
from engine.services.imports.kinds.orders import ORDERS
from engine.services.imports.kinds.products import PRODUCTS
from engine.services.imports.kinds.tickets import TICKETS
from engine.services.imports.kinds.users import USERS

KINDS: Final[Mapping[str, RecordKind]] = {
    kind.name: kind for kind in (CONTACTS, ACCOUNTS, DEALS, ORDERS, PRODUCTS, USERS, TICKETS)
}
