"""Files shaped like the two public data sets, made from a seed; the real ones if they are there."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

REAL = Path(__file__).parents[3] / "shared" / "data"
PRODUCTS = (("GTX Basic", 550), ("GTX Pro", 4821), ("MG Special", 55), ("GTK 500", 26768))
AGENTS = ("Ada Stone", "Ben Marsh", "Cleo Park", "Dan O'Neil", "Eva-Maria Lind")
SECTORS = ("technolgy", "medical", "retail")
COUNTRIES = ("United States", "Philipines", "Korea", "Norway")


@dataclass(frozen=True)
class Expected:
    """How many records a folder of files must make."""

    users: int
    teams: int
    accounts: int
    subsidiaries: int
    products: int
    deals: int
    customers: int
    orders: int


@dataclass(frozen=True)
class Sample:
    crm: Path
    cdnow: Path
    expected: Expected


def real_sample() -> Sample | None:
    crm, cdnow = REAL / "crm_sales_opportunities", REAL / "cdnow" / "CDNOW_sample.txt"
    if not (crm.is_dir() and cdnow.is_file()):
        return None
    return Sample(crm, cdnow, Expected(41, 3, 85, 15, 7, 8800, 2357, 6919))


def made_sample(folder: Path) -> Sample:
    rnd = random.Random(5)
    _write(
        folder / "sales_teams.csv",
        ["sales_agent", "manager", "regional_office"],
        [[name, f"Manager {i % 2}", ("East", "West")[i % 2]] for i, name in enumerate(AGENTS)],
    )
    names = [f"Company {n:02}" for n in range(30)]
    # Every fifth company belongs to one further down, which an import has not met yet.
    _write(
        folder / "accounts.csv",
        [
            "account",
            "sector",
            "year_established",
            "revenue",
            "employees",
            "office_location",
            "subsidiary_of",
        ],
        [
            [
                name,
                rnd.choice(SECTORS),
                1980 + n,
                f"{rnd.randrange(100, 999999) / 100}",
                n * 7,
                rnd.choice(COUNTRIES),
                names[-1] if n % 5 == 0 else "",
            ]
            for n, name in enumerate(names)
        ],
    )
    _write(
        folder / "products.csv",
        ["product", "series", "sales_price"],
        [[name, name.split()[0], price] for name, price in PRODUCTS],
    )
    deals = [_deal(rnd, n, names) for n in range(300)]
    _write(
        folder / "sales_pipeline.csv",
        [
            "opportunity_id",
            "sales_agent",
            "product",
            "account",
            "deal_stage",
            "engage_date",
            "close_date",
            "close_value",
        ],
        deals,
    )
    lines = _purchases(rnd)
    (folder / "cdnow.txt").write_text("".join(f"{line}\r\n" for line in lines), newline="")
    customers = len({line.split()[1] for line in lines})
    expected = Expected(7, 2, 30, 6, 4, 300, customers, len(lines))
    return Sample(folder, folder / "cdnow.txt", expected)


def _deal(rnd: random.Random, number: int, accounts: list[str]) -> list[str]:
    stage = rnd.choice(("Prospecting", "Engaging", "Won", "Lost"))
    engaged = date(2016, 10, 20) + timedelta(days=rnd.randrange(300))
    closed = engaged + timedelta(days=rnd.randrange(1, 90))
    is_open = stage in ("Prospecting", "Engaging")
    return [
        f"OPP{number:05}",
        rnd.choice(AGENTS),
        rnd.choice([name for name, _ in PRODUCTS]).replace("GTX Pro", "GTXPro"),
        "" if is_open and rnd.random() < 0.5 else rnd.choice(accounts),
        stage,
        "" if stage == "Prospecting" else f"{engaged.month}/{engaged.day}/{engaged.year}",
        "" if is_open else f"{closed.month}/{closed.day}/{closed.year}",
        "" if is_open else ("0" if stage == "Lost" else str(rnd.randrange(50, 30000))),
    ]


def _purchases(rnd: random.Random) -> list[str]:
    lines = []
    for customer in range(1, 121):
        day = date(1997, 1, 1)
        for _ in range(rnd.randrange(1, 7)):
            # A quarter of the purchases falls on the day of the one before.
            day += timedelta(days=rnd.choice((0, 3, 40, 90)))
            quantity, dollars = rnd.randrange(1, 5), rnd.randrange(500, 9999) / 100
            who = f"{customer * 3:05} {customer:04}"
            lines.append(f" {who} {day:%Y%m%d} {quantity:2} {dollars:7.2f}")
    return lines


def _write(path: Path, header: list[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
