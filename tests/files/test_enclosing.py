"""Letters carry the newest versions of what their template names, read once for a whole group."""

from __future__ import annotations

import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import event

from crm_store.session import Store
from engine.channels.mime import mail_bytes
from engine.errors import Conflict
from engine.services.actor import SYSTEM
from engine.services.files import NewFile, Wanted, add_file, enclosing, files_for, remove_file
from engine.services.files.enclosing import CannotEnclose, RememberedContent, size_in_mail
from engine.services.files.pictures import pictures_in, with_pictures_at
from engine.services.files.public import public_picture, with_public_pictures
from engine.services.files.using import file_problems, files_in_use, known_files
from engine.services.messages import NotSent, Prepared, Verdict, prepare
from engine.services.templates import TemplateLibrary
from engine.services.templates.bundle import Bundle
from engine.services.templates.checking import Checked
from engine.services.templates.drafts import save_template
from engine.services.templates.publishing import publish_template
from engine.services.templates.wanted_files import with_file_problems
from tests.files import samples
from tests.messages.people import NOW, SETTINGS, add_asks, add_contacts

BODY = '<p>Hi</p><img src="cid:logo" alt="Logo"><a href="{{ unsubscribe_url }}">Stop</a>\n'


def with_files(root: Path) -> TemplateLibrary:
    folder = root / "carrying"
    folder.mkdir()
    label = "label: {en: Carrying, zh: 附件}\n"
    (folder / "meta.yaml").write_text(f"{label}attachments: [terms]\n")
    (folder / "subject.txt").write_text("Our terms\n")
    (folder / "body.html").write_text(BODY)
    return TemplateLibrary(root)


async def keep(store: Store, *new: NewFile) -> None:
    async with store.transaction() as session:
        for one in new:
            await add_file(session, SYSTEM, one, NOW)


TERMS = NewFile("terms", "application/pdf", samples.PDF, "条款.pdf")
LOGO = NewFile("logo", "image/png", samples.PNG)


async def test_a_group_of_letters_carries_its_files_at_the_cost_of_one_question(
    store: Store, tmp_path: Path
) -> None:
    library = with_files(tmp_path)
    await keep(store, TERMS, LOGO)
    statements: list[str] = []
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, 20), template="carrying")
        engine = store.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        outcomes = await prepare(
            session, asks, library=library, sender_settings=SETTINGS, channel_name="smtp", now=NOW
        )
    about_files = [one for one in statements if "stored_file" in one]
    assert len(about_files) <= 2
    letters = [one.outgoing for one in outcomes if isinstance(one, Prepared)]
    assert len(letters) == 20
    terms, logo = letters[0].attachments
    assert (terms.name, terms.content_type, terms.content_id) == (
        "条款.pdf",
        "application/pdf",
        None,
    )
    assert (logo.content_id, logo.content) == ("logo", samples.PNG)
    assert letters[19].attachments[1].content is logo.content  # one copy for all
    mail = message_from_bytes(mail_bytes(letters[0], "one@cadenza.test", NOW), policy=default)
    found = {
        part.get_filename(): (part.get_content_disposition(), part.get_content())
        for part in mail.walk()
        if part.get_filename()
    }
    assert found == {
        "条款.pdf": ("attachment", samples.PDF),
        "logo.png": ("inline", samples.PNG),
    }


async def test_a_letter_whose_file_is_missing_is_held_with_the_reason(
    store: Store, tmp_path: Path
) -> None:
    library = with_files(tmp_path)
    await keep(store, LOGO)
    async with store.transaction() as session:
        asks = await add_asks(session, await add_contacts(session, 1), template="carrying")
        (outcome,) = await prepare(
            session, asks, library=library, sender_settings=SETTINGS, channel_name="smtp", now=NOW
        )
    assert isinstance(outcome, NotSent)
    assert (outcome.verdict, outcome.code) == (Verdict.HOLD, "unknown_file")
    assert '"terms"' in outcome.message


async def test_a_newer_version_goes_out_from_then_on(store: Store) -> None:
    await keep(store, LOGO)
    async with store.transaction() as session:
        before = await files_for(session, [Wanted(["logo"])])
    await keep(store, NewFile("logo", "image/gif", samples.GIF))
    async with store.transaction() as session:
        after = await files_for(session, [Wanted(["logo"])])
    assert before.contents != after.contents
    carried = after.attachments(Wanted(["logo"], ["logo"]))
    assert not isinstance(carried, CannotEnclose)
    assert [(one.content, one.content_id) for one in carried] == [
        (samples.GIF, None),
        (samples.GIF, "logo"),
    ]


async def test_what_cannot_travel_is_said_before_anything_goes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(store, TERMS, LOGO)
    monkeypatch.setattr(enclosing, "MOST_LETTER_BYTES", size_in_mail(len(samples.PDF)))
    async with store.transaction() as session:
        known = await known_files(session, ["terms", "logo", "nowhere"])

    def code(attachments: list[str], pictures: list[str]) -> list[str]:
        return [one.code for one in file_problems("offer", attachments, pictures, known)]

    assert code(["terms"], []) == []
    assert code(["terms", "nowhere"], ["gone"]) == ["unknown_file"]
    assert code([], ["terms"]) == ["not_a_picture"]
    assert code(["terms"], ["logo"]) == ["files_too_large"]


def test_memory_of_contents_is_bounded() -> None:
    remembered = RememberedContent(most_bytes=100)
    for number in range(10):
        remembered.put(str(number), b"x" * 30)
    remembered.put("larger than all", b"x" * 101)
    assert (len(remembered), remembered.size_bytes) == (3, 90)
    assert remembered.get("9") is not None
    assert remembered.get("0") is None


def test_pictures_are_found_by_their_content_ids_only() -> None:
    html = (
        '<img alt="a > b" src="cid:logo"><IMG SRC=\'cid:photo-2\' /><img src="https://x.test/cid:no">'
        '<a href="cid:link">x</a> cid:text <img src="cid:Bad Name"><img data-src="cid:later">'
    )
    assert pictures_in(html) == {"logo", "photo-2", "Bad Name"}  # no file is called so
    shown = with_pictures_at(html, lambda name: f"/i/{name}" if name == "photo-2" else None)
    assert shown == html.replace("cid:photo-2", "/i/photo-2")


@pytest.mark.parametrize(
    "shown",
    [
        '<td background="cid:bg">',
        '<mj-section background-url="cid:bg" padding="0">',
        "<img src=cid:bg>",
        "<img src=cid:bg/>",
        '<img src=" cid:bg ">',
        '<img alt="a"src="cid:bg">',
        '<input type="image" src="cid:bg">',
        '<!--[if mso]><v:fill type="frame" src="cid:bg" /><![endif]-->',
        "<div style=\"background: url('cid:bg') center\">",
        '<div style="background:url(cid:bg)">',
        '<td {% if contact.score > 90 %}background="cid:bg"{% endif %}>',
        '<td background="cid:bg" style="background:url(cid:bg)">',
    ],
)
def test_a_picture_is_found_wherever_a_letter_may_show_it(shown: str) -> None:
    assert pictures_in(f"<p>{shown}</p>") == {"bg"}
    moved = with_pictures_at(shown, lambda name: f"/i/{name}")
    assert "cid:" not in moved
    assert moved.replace("/i/bg", "cid:bg").split() == shown.replace("cid:bg ", "cid:bg").split()


@pytest.mark.parametrize("piece", ['<img src="', "<img '", "<img ", '<img ""', '<img "<img '])
def test_looking_for_pictures_is_quick_whatever_the_text(piece: str) -> None:
    began = time.process_time()
    assert pictures_in(f"{piece * 30_000} cid:") == set()
    assert time.process_time() - began < 2


async def test_templates_say_which_files_they_want(store: Store, tmp_path: Path) -> None:
    async with store.transaction() as session:
        assert await files_in_use(session, with_files(tmp_path)) == {
            "terms": ["carrying: attachments"],
            "logo": ["carrying: cid:logo"],
        }


async def test_files_of_what_others_published_are_not_removed(store: Store, tmp_path: Path) -> None:
    await keep(store, LOGO)
    library = with_files(tmp_path)
    (tmp_path / "_sample.yaml").write_text("contact: {id: 1, email: ada@example.com}\n")
    texts = {
        "meta.yaml": "label: {en: News, zh: 新闻}\npurpose: service\n",
        "subject.txt": "News\n",
        "body.html": '<p>News <img src="cid:logo" alt="Logo"></p>\n',
    }
    async with store.transaction() as session:
        await save_template(session, SYSTEM, library, "news", texts, now=NOW)
        await publish_template(session, SYSTEM, library, "news", now=NOW)
    (tmp_path / "elsewhere").mkdir()
    elsewhere = TemplateLibrary(tmp_path / "elsewhere")
    async with store.transaction() as session:
        with pytest.raises(Conflict, match="news: cid:logo"):
            await remove_file(session, SYSTEM, "logo", elsewhere)


async def test_only_pictures_have_a_public_address(store: Store) -> None:
    await keep(store, TERMS, LOGO)
    async with store.transaction() as session:
        shown = await with_public_pictures(session, BODY, "https://cadenza.test/")
        rows = await known_files(session, ["terms", "logo"])
        digests = rows["logo"].sha256, rows["terms"].sha256
        assert f'src="https://cadenza.test/i/{digests[0]}.png"' in shown
        assert await public_picture(session, digests[0], "png") == ("image/png", samples.PNG)
        assert await public_picture(session, digests[0], "jpg") is None
        assert await public_picture(session, digests[1], "pdf") is None
        assert await public_picture(session, "../../etc/passwd", "png") is None


async def test_a_template_is_not_published_before_its_files_are_there(store: Store) -> None:
    texts = {
        "meta.yaml": "label: {en: Terms, zh: 条款}\npurpose: service\nattachments: [terms]\n",
        "subject.txt": "Our terms\n",
        "body.mjml": '<mjml><mj-body><mj-section><mj-column><mj-image src="cid:logo" alt="Logo"/>'
        "<mj-text>Hello</mj-text></mj-column></mj-section></mj-body></mjml>\n",
    }
    bundle = Bundle("terms", texts, prefix="terms/")
    fine = Checked((), (), ("en",))
    await keep(store, LOGO)
    async with store.transaction() as session:
        checked = await with_file_problems(session, bundle, fine)
    assert [(one.place, one.code) for one in checked.problems] == [
        ("terms/meta.yaml", "unknown_file")
    ]
    await keep(store, TERMS)
    async with store.transaction() as session:
        assert await with_file_problems(session, bundle, fine) == fine
