"""Files as they really come: each gives a result, or a sentence that says what to do."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import select

from crm_store.models import Contact, Order
from crm_store.session import Store
from engine.errors import NotFound, Refused
from engine.services.imports import Fate, ImportReport, load_mapping, parse_mapping
from engine.services.imports.mapping import Layout
from engine.services.imports.readers import open_table
from tests.imports.conftest import Import
from tests.ordinary_user import an_ordinary_user

CHINESE = "email,first_name,city\nli@example.com,丽,上海\nwang@example.com,伟,北京\n"
WESTERN = "email,first_name,city\nj@example.com,Jürgen,Köln\na@example.com,Amélie,Besançon\n"


async def cities(store: Store) -> list[str | None]:
    async with store.transaction() as session:
        return list(await session.scalars(select(Contact.city).order_by(Contact.id)))


def codes(report: ImportReport) -> list[str]:
    return [problem.code for _, problem in report.first_problems]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
async def test_chinese_in_any_usual_encoding(
    do_import: Import, store: Store, encoding: str
) -> None:
    report = await do_import(CHINESE.encode(encoding))
    assert (report.count(Fate.CREATED), await cities(store)) == (2, ["上海", "北京"])


async def test_western_letters_of_old_excel(do_import: Import, store: Store) -> None:
    report = await do_import(WESTERN.encode("windows-1252"))
    assert "windows-1252" in report.format
    assert await cities(store) == ["Köln", "Besançon"]


async def test_letters_far_down_the_file_are_found_before_anything_is_written(
    do_import: Import, store: Store
) -> None:
    plain = "email,city\n" + "".join(f"p{n}@example.com,Bonn\n" for n in range(80_000))
    file = plain.encode() + "x@example.com,Köln\n".encode("windows-1252")
    assert len(file) > 2**20
    report = await do_import(file, lines=1)
    assert "windows-1252" in report.format


async def test_a_named_encoding_that_is_wrong_is_told(do_import: Import) -> None:
    mapping = "file: {encoding: utf-8}\nfields: {email: email, city: city}"
    with pytest.raises(Refused, match="bytes that are not utf-8"):
        await do_import(WESTERN.encode("windows-1252"), mapping=mapping)
    with pytest.raises(Refused, match='"klingon" is not a text encoding'):
        await do_import(WESTERN, mapping="file: {encoding: klingon}\nfields: {email: email}")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
async def test_the_delimiter_is_found(do_import: Import, store: Store, mark: str) -> None:
    rows = [["email", "first_name", "city"], ["ada@example.com", "Ada, née B; x", "Bonn"]]
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows(rows)
    await do_import(text.getvalue())
    assert await cities(store) == ["Bonn"]


async def test_a_cell_over_several_lines_is_one_cell(do_import: Import, store: Store) -> None:
    report = await do_import('email,city\nada@example.com,"Bonn\nam Rhein"\nnonsense,x\n')
    assert await cities(store) == ["Bonn am Rhein"]
    assert [line for line, _ in report.first_problems] == [4]


async def test_unknown_columns_come_with_the_nearest(do_import: Import) -> None:
    mapping = "fields: {email: E-Mail, city: towm, frist_name: name}"
    with pytest.raises(Refused) as caught:
        await do_import("e-mail,town,name\nada@example.com,Bonn,Ada\n", mapping=mapping)
    text = str(caught.value)
    assert 'no column "E-Mail". Did you mean "e-mail"?' in text
    assert 'no column "towm". Did you mean "town"?' in text
    assert 'no field "frist_name". Did you mean "first_name"?' in text


async def test_no_column_like_a_field_asks_for_a_mapping(do_import: Import) -> None:
    with pytest.raises(Refused, match="Write a mapping file"):
        await do_import("a,b\n1,2\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b",,\n", "is empty"),
        (b"email,city,Email,city\nx,y,z,a\n", '"city" .columns 2, 4. more than once'),
        (b"email\x00,city\nx\x00,y\n" * 10, "not a text file"),
        (b'email,city\n"ada@example.com,Bonn\n' + b"x,y\n" * 60_000, "never ends"),
    ],
    ids=["nothing", "blank", "no names", "same twice", "binary", "open quote"],
)
async def test_a_file_that_is_no_table_is_refused(
    do_import: Import, content: bytes, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        await do_import(content)


async def test_ragged_lines_are_rejected_one_by_one(do_import: Import, tmp_path: Path) -> None:
    report = await do_import(
        "email,city\nada@example.com\nben@example.com,Bonn,extra\ncleo@example.com,Rome,,\n"
    )
    assert codes(report) == ["ragged", "ragged"]
    assert report.count(Fate.CREATED) == 1
    rejects = (tmp_path / "rejects.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rejects[0] == "cadenza_line,cadenza_reason,email,city"
    assert rejects[1].startswith("2,")


async def test_all_problems_of_a_line_are_told_at_once(do_import: Import) -> None:
    report = await do_import(
        "email,birthday,country,score,lifecycle_stage,time_zone\n"
        "nonsense,31.02.1990,Atlantis,many,fan,Mars/Olympus\n"
    )
    assert codes(report) == [
        "bad_email",
        "not_a_date",
        "unknown_country",
        "not_a_number",
        "unknown_choice",
        "unknown_zone",
    ]


@pytest.mark.parametrize(
    ("total", "code"),
    [("-5", "negative_money"), ("1.234", "too_exact"), ("ten", "not_a_number"), ("", "missing")],
)
async def test_wrong_amounts_are_refused(do_import: Import, total: str, code: str) -> None:
    await do_import("email\nada@example.com\n")
    mapping = """
fields: {external_id: id, contact: email, placed_at: date, total: total, currency: {value: USD}}
"""
    file = f"id,email,date,total\n1,ada@example.com,2026-01-05,{total}\n"
    assert codes(await do_import(file, "orders", mapping)) == [code]


async def test_amounts_follow_their_currency_and_decimal_mark(
    do_import: Import, store: Store
) -> None:
    await do_import("email\nada@example.com\n")
    mapping = """
fields:
  {external_id: id, contact: email, placed_at: date, currency: cur,
   total: {column: total, decimal: ","}}
"""
    file = (
        "id;email;date;cur;total\n1;ada@example.com;2026-01-05;EUR;1.234,50\n"
        "2;ada@example.com;2026-01-05;JPY;500\n3;ada@example.com;2026-01-05;;500\n"
    )
    report = await do_import(file, "orders", mapping)
    assert codes(report) == ["no_currency"]
    async with store.transaction() as session:
        found = [(o.total_minor, o.currency) for o in await session.scalars(select(Order))]
    assert sorted(found) == [(500, "JPY"), (123450, "EUR")]


async def test_a_nul_or_endless_cell_never_reaches_the_database(do_import: Import) -> None:
    long = "x" * 600
    report = await do_import(f"email,city\nada@example.com,{long}\nben@example.com,a\x07b\n")
    assert codes(report) == ["too_long", "control_character"]


async def test_a_gigabyte_of_nothing_is_refused_at_once(do_import: Import, tmp_path: Path) -> None:
    sparse = tmp_path / "big.csv"
    with sparse.open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(Refused, match="not a text file"):
        await do_import(sparse)


async def test_a_file_over_the_limit_says_split_it(do_import: Import) -> None:
    with pytest.raises(Refused, match="Split it"):
        await do_import("email\nada@example.com\n", largest_file=10)


async def test_a_line_that_never_ends_is_refused(do_import: Import) -> None:
    with pytest.raises(Refused, match="line longer than"):
        await do_import(b"email,city\n" + b"x" * (2**20 + 10))


async def test_a_missing_file_is_named(do_import: Import, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.csv"):
        await do_import(tmp_path / "nowhere.csv")
    with pytest.raises(Refused, match="is not a file"):
        await do_import(tmp_path)


@pytest.mark.parametrize("sheet", [None, "People"])
async def test_a_workbook_is_read_like_a_csv(
    do_import: Import, store: Store, tmp_path: Path, sheet: str | None
) -> None:
    path = workbook(tmp_path / "people.xlsx")
    name = f"file: {{sheet: {sheet}}}\n" if sheet else ""
    mapping = f"{name}fields: {{email: email, birthday: born, score: points, city: city}}"
    report = await do_import(path, mapping=mapping)
    assert dict(report.counts) == {Fate.CREATED: 2, Fate.REJECTED: 1}
    assert [line for line, _ in report.first_problems] == [5]
    async with store.transaction() as session:
        ada = (await session.scalars(select(Contact).order_by(Contact.id))).first()
    assert ada is not None
    assert (str(ada.birthday), ada.score, ada.city) == ("1990-02-28", 7, "上海")
    with pytest.raises(Refused, match='it has "People", "Other"'):
        await do_import(path, mapping="file: {sheet: Nope}\nfields: {email: email}")


async def test_a_workbook_that_unpacks_to_gigabytes_is_refused(
    do_import: Import, tmp_path: Path
) -> None:
    bomb = tmp_path / "bomb.xlsx"
    block = bytes(16 * 2**20)
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(70):
            part.write(block)
    with pytest.raises(Refused, match="unpacks to 1,120 MiB"):
        await do_import(bomb)


async def test_a_workbook_that_needs_too_much_memory_takes_nothing_along(
    do_import: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.services.imports.readers.workbook.MEMORY", 2**20)
    with pytest.raises(Refused, match="needs more memory or time"):
        await do_import(workbook(tmp_path / "people.xlsx"))


async def test_something_else_named_xlsx_is_refused(do_import: Import, tmp_path: Path) -> None:
    for content in (b"email\nada@example.com\n", b"PK\x03\x04broken"):
        (tmp_path / "fake.xlsx").write_bytes(content)
        with pytest.raises(Refused, match="is not an XLSX workbook"):
            await do_import(tmp_path / "fake.xlsx")
    with zipfile.ZipFile(tmp_path / "fake.xlsx", "w") as archive:
        archive.writestr("hello.txt", "not a workbook")
    with pytest.raises(Refused, match="cannot be read as a workbook"):
        await do_import(tmp_path / "fake.xlsx")


async def test_a_file_that_may_not_be_read_is_told(do_import: Import) -> None:
    # a folder that anybody may enter: what is closed is the file alone
    with tempfile.TemporaryDirectory() as open_to_all:
        Path(open_to_all).chmod(0o755)
        path = Path(open_to_all) / "secret.csv"
        path.write_text("email\nx@example.com\n")
        path.chmod(0)
        with an_ordinary_user(), pytest.raises(Refused, match="may not be read"):
            await do_import(path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("as: contacts\nfields:\n  email: {colum: x}\n", "map.yaml:3"),
        ("as: contacts\nfields:\n  email: mail\nmatch_bye: [x]\n", "map.yaml:4"),
        ("as: pets\nfields: {email: x}\n", "map.yaml:1"),
        ("as: contacts\nfields: {email: [\n", "map.yaml:3"),
        ("as: contacts\nfields:\n  email: {column: x, value: y}\n", "map.yaml:3"),
        ("just text", "map.yaml"),
        (
            """as: deals
fields: {name: x}
pipeline:
  key: p
  stages:
    - {key: a, label: A, kind: open, probability_percent: 101}
""",
            "map.yaml:6",
        ),
    ],
)
def test_mistakes_in_a_mapping_file_have_a_line(text: str, place: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_mapping(text, name="map.yaml")
    assert f"{place}:" in str(caught.value)


def test_a_mapping_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"none\.yaml"):
        load_mapping(tmp_path / "none.yaml")


async def test_amounts_without_any_currency_are_refused_up_front(do_import: Import) -> None:
    mapping = "fields: {name: name, price: price}"
    with pytest.raises(Refused, match="amounts need a currency"):
        await do_import("name,price\nA,1\n", "products", mapping)


async def test_a_mapping_without_a_key_is_refused_up_front(do_import: Import) -> None:
    with pytest.raises(Refused, match="importing twice would make everything twice"):
        await do_import("first_name\nAda\n", mapping="fields: {first_name: first_name}")


def test_fixed_columns_are_cut_by_position(tmp_path: Path) -> None:
    path = tmp_path / "fixed.txt"
    path.write_text("0001ada@example.com  Bonn\r\n\r\n0002ben@example.com  Rome\r\n")
    layout = Layout.model_validate(
        {
            "format": "fixed",
            "columns": [
                {"name": "id", "first": 1, "last": 4},
                {"name": "email", "first": 5, "last": 20},
                {"name": "city", "first": 21, "last": 40},
            ],
        }
    )
    lines = list(open_table(path, layout).lines)
    assert [line.number for line in lines] == [1, 3]
    assert lines[1].cells == ["0002", "ben@example.com", "Rome"]


def workbook(path: Path) -> Path:
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    people = book.add_worksheet("People")
    book.add_worksheet("Other")
    people.write_row(0, 0, ["email", "born", "points", "city"])
    people.write(1, 0, "ada@example.com")
    people.write_datetime(1, 1, date(1990, 2, 28))  # type: ignore[arg-type,unused-ignore]
    people.write_row(1, 2, [7, "上海"])
    people.write_row(2, 0, ["ben@example.com", "", 3.0, ""])
    people.write_row(4, 0, ["nonsense", "", "", ""])
    book.close()
    return path
