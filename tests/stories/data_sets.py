"""The public data sets the product is run against, or samples of their shape where absent."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tests.stories.product import REPOSITORY

DATA = REPOSITORY.parent / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Purchases:
    """A file as CDNOW published it: customer, sample number, date, quantity, dollars."""

    file: Path
    customers: int
    purchases: int


def purchases(folder: Path, customers: int | None = None) -> Purchases:
    """The real file, or a sample of the same shape with as many customers as asked."""
    real = DATA / "cdnow" / "CDNOW_sample.txt"
    if customers is None and real.is_file():
        return Purchases(real, 2357, 6919)
    return _made(folder / "CDNOW_sample.txt", customers or 400)


def _made(file: Path, customers: int) -> Purchases:
    dice = random.Random(1997)
    lines: list[str] = []
    for number in range(1, customers + 1):
        for _ in range(dice.randint(1, 5)):
            day = date(1997, 1, 1) + timedelta(days=dice.randint(0, 540))
            dollars = dice.randint(500, 9000) / 100
            customer = f"{number * 10:05d} {number:04d}"
            lines.append(f" {customer} {day:%Y%m%d} {dice.randint(1, 6):2d} {dollars:7.2f}")
    file.write_text("\n".join(lines) + "\n")
    return Purchases(file, customers, len(lines))


def sales(folder: Path) -> Path | None:
    """The folder with accounts, products, teams and opportunities, when it is there."""
    real = DATA / "crm_sales_opportunities"
    return real if real.is_dir() else None
