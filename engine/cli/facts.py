"""`cadenza facts`: everything a rule may read, as the page of the manual."""

from __future__ import annotations

from collections.abc import Iterator

import typer

from engine.rules.fact import Fact, RecordKind
from engine.rules.facts import LIST_KINDS, LIST_LABELS, RECORD_LABELS, Catalogue
from engine.rules.provenance import CHANGE_LABELS, ORIGIN_LABELS
from engine.rules.standard_facts.rfm import BANDS
from engine.rules.types import Label

HEAD = """# Facts

Everything a rule may read. 规则可以读取的全部事实。

Facts of a contact, its account, and the event, deal or ticket at hand are read by their path,
such as `contact.country`. Orders, events, deals, tickets and messages are lists: inside `some`,
`all`, `none`, `count` and the totals a rule names the field alone. Custom fields follow as
`contact.custom.<key>`, `account.custom.<key>` and `deal.custom.<key>`, what a source sends with
an event as `event.properties.<name>`.

This page is written by `cadenza facts`; change the entries in `engine/rules/standard_facts/`.
"""
DERIVED = """
## Derived facts

A **bought** order is paid, shipped or completed. Derived facts are kept up to date by the
database itself, in the transaction that writes the order, deal or ticket, whoever writes it.
Nobody who has nothing is missing: counts are 0, times and amounts are absent.

- `order_count`, `first_order_at`, `last_order_at` look at bought orders.
- `total_spent` adds up the bought orders, `average_order` divides that by their number. Both are
  in the base currency (`BASE_CURRENCY`), and absent as long as one of the orders could not be
  converted: unknown is better than too small.
- `days_between_orders` is the time from the first to the last bought order divided by the steps
  between them, in days of 24 hours; absent before the second order.
- `lifetime_value` is what stayed: the total of completed orders in the base currency. A refunded
  order adds nothing, and a contact whose orders were all refunded is worth 0; absent without a
  completed or refunded order.
- `open_deals` and `open_deal_amount` look at deals on a stage of kind open. A deal without
  amount counts and adds nothing.
- `open_tickets` are those neither solved nor closed.
- `messages_sent_7_days` and its like slide with the clock and are counted when they are asked
  for. A message that was maybe sent counts as sent. Openings and clicks are events, each counted
  as often as it happened.

## The base currency

Amounts keep their own currency. Beside an order's total and a deal's amount stands what it is in
the base currency, written in the same transaction at the newest rate that is not newer than the
day: of placing the order, of closing the deal or, while it is open, of opening it. Days are
those of UTC. Halves of the smallest unit go to the even neighbour. Without a rate the amount is
absent. `{"in_base": [{"var": "total"}]}` reads it as a number in the smallest unit.

`cadenza rates import FILE` loads rates from CSV or XLSX with the columns `day`, `currency` and
`rate`: what one of the currency was worth in the base currency. Amounts that a new or mended
rate concerns are converted again.

## RFM

How **r**ecently, how **f**requently and for how much **m**oney somebody bought, each scored from
1 to 5 against everybody with at least one bought order: by `last_order_at`, `order_count` and
`total_spent`. Four borders part the customers into fifths; border *i* of *n* customers is the
value at rank ⌈*i*·*n*/5⌉ from below. The score is 1 plus the number of borders below the value.
**Ties:** equal values get equal scores, always, so a fifth may be larger or smaller than
another, and a score may be empty where many are alike.

A contact's own scores change with its orders, against the borders of the last measurement. The
borders are measured anew every night at half past three (`DEFAULT_TIME_ZONE`), and within
minutes when the number of customers has moved by a tenth, as after an import.

The band is the first row that fits. 分层取第一个符合的行。

| band | label | 名称 | recency | frequency | spending |
| --- | --- | --- | --- | --- | --- |
"""
AFTER_BANDS = """
Where the spending is unknown it counts as not high.
"""

# The other kinds are only met inside lists.
_AT_HAND = ("contact", "account", "deal", "ticket", "event")

app = typer.Typer(help="Print the page about facts.")


@app.command()
def facts() -> None:
    """Print every fact with its type, where it comes from and what makes it change, in Markdown."""
    typer.echo(page(), nl=False)


def page() -> str:
    """The whole of `docs/facts.md`."""
    return "".join((HEAD, *_records(), DERIVED, *_bands(), AFTER_BANDS))


def _records() -> Iterator[str]:
    lists = {kind: name for name, kind in LIST_KINDS.items()}
    for kind, facts in Catalogue.standard().records.items():
        yield f"\n## {_said(RECORD_LABELS[kind])}\n\n"
        if kind in lists:
            yield f"In the list `{lists[kind]}` ({_said(LIST_LABELS[lists[kind]])}).\n\n"
        yield "| path | label | 名称 | type | comes from | changes |\n"
        yield "| --- | --- | --- | --- | --- | --- |\n"
        for fact in facts.values():
            yield _row(kind, fact)


def _row(kind: RecordKind, fact: Fact) -> str:
    path = f"{kind}.{fact.name}" if kind in _AT_HAND else fact.name
    cells = (
        f"`{path}`",
        fact.label.en,
        fact.label.zh,
        _type(fact),
        _said(ORIGIN_LABELS[fact.origin]),
        _said(CHANGE_LABELS[fact.change]),
    )
    return f"| {' | '.join(cells)} |\n"


def _type(fact: Fact) -> str:
    words = [str(fact.type)]
    if fact.values:
        words.append("of " + ", ".join(f"`{value}`" for value in fact.values))
    if fact.folded:
        words.append("(capitals and width make no difference)")
    if fact.in_base:
        words.append("(also in the base currency)")
    return " ".join(words)


def _said(label: Label) -> str:
    return f"{label.en} · {label.zh}"


def _bands() -> Iterator[str]:
    for band in BANDS:
        ranges = (band.recency, band.frequency, band.monetary or range(1, 6))
        cells = (f"`{band.name}`", band.label.en, band.label.zh, *map(_span, ranges))
        yield f"| {' | '.join(cells)} |\n"


def _span(scores: range) -> str:
    first, last = scores[0], scores[-1]
    if (first, last) == (1, 5):
        return "any"
    return str(first) if first == last else f"{first}–{last}"
