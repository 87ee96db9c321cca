"""The tagger page, driven by streamlit's AppTest on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.labelling import review_queues
from include.labelling.functions import LABELLING_FUNCTIONS
from include.labelling.label_dataset import label_dataset
from include.schema.dataset_tables import VersionTables
from include.settings import PROJECT_ROOT, Settings, get_settings
from streamlit_apps import scene
from tests.support.datasets.version_of_posts import build, drop

pytestmark = [pytest.mark.stack, pytest.mark.learning]
VERSION = 930_001
APP = PROJECT_ROOT / "streamlit_apps" / "tagger" / "navigation.py"
HOSTILE = "<script>alert(1)</script> **bold** :red[x] $a$ AI {tag}"


@pytest.fixture
def version(database: Settings) -> Iterator[psycopg.Connection]:
    tag = uuid4().hex
    with connect(database.as_role("tasks"), autocommit=True) as connection:
        links = ["https://example.org/a_b", "javascript:alert(1)"]
        posts = {
            "test": [HOSTILE.format(tag=tag), f"second {tag}", f"third {tag}"],
            "dev": [f"a paper on deep learning {tag}"],
        }
        build(connection, VERSION, posts, links=links, keywords=["AI"], lang="en", is_retweet=True)
        with connect(database) as other:
            other.execute("DELETE FROM labelling_lease")
        review_queues.clear(connection, VERSION)
        yield connection
        drop(connection, VERSION)


@pytest.fixture(autouse=True)
def quick_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests press a key as soon as its post is there, and mean it."""
    monkeypatch.setattr(scene, "SETTLED_SECONDS", 0.0)


def opened(annotator: str | None = None) -> AppTest:
    page = AppTest.from_file(str(APP), default_timeout=30)
    page.run()
    if annotator:
        page.text_input(key="name").set_value(annotator)
        page.button(key="begin").click().run()
        choose(page, VERSION)
    assert not page.exception
    return page


def choose(page: AppTest, version: int, queue: str = "random") -> None:
    page.button(key="change").click().run()
    page.selectbox(key="version").set_value(version)
    page.radio(key="queue").set_value(queue)
    page.button(key="go_on").click().run()


def button(page: AppTest, shortcut: str):
    return next(one for one in page.button if one.proto.shortcut == shortcut)


def html(page: AppTest) -> str:
    return "".join(one.proto.body for one in page.get("html"))


def post(page: AppTest) -> str:
    """The HTML of the post that is shown."""
    return next(one.proto.body for one in page.get("html") if 'ts-post"' in one.proto.body)


def someone() -> str:
    return f"annotator {uuid4().hex[:8]}"


def words(shown: str) -> str:
    """The text of a post's HTML, without its marks."""
    return shown.partition(">")[2].replace("<mark>", "").replace("</mark>", "")


def put_golden(connection: psycopg.Connection, annotator: str) -> None:
    """A golden label on the dev post that no function gives it."""
    connection.execute(
        f"""INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, label, queue)
            SELECT text_hash, id, text, %s, %s, 'import', 0, 'import'
            FROM {VersionTables.of(VERSION).split("dev")}""",  # noqa: S608
        [VERSION, annotator],
    )


def labels_page(annotator: str) -> AppTest:
    """The second page, alone: AppTest has no way to press on a navigation bar."""

    def script(annotator: str, version: int) -> None:
        from streamlit_apps.tagger import quality_page
        from streamlit_apps.tagger.choice import Work

        quality_page.page(Work(annotator, version, "random"))

    return AppTest.from_function(script, args=(annotator, VERSION), default_timeout=30).run()


def labels(connection: psycopg.Connection, annotator: str) -> list[tuple[str, int | None]]:
    query = "SELECT action, label FROM label_event WHERE annotator = %s ORDER BY id"
    return connection.execute(query, [annotator]).fetchall()


def test_a_name_is_asked_for_first(version: psycopg.Connection) -> None:
    page = opened()
    assert "name" in page.info[0].value
    assert [one.label for one in page.button] == ["Begin"]
    for given, told in (
        ("  ", "name is needed"),
        ("\u3000", "name is needed"),
        ("x" * 500, "80 characters at most; this one has 500"),
        ("ann\u202egnp", "invisible character U+202E"),
        ("\u200b", "invisible character U+200B"),
    ):
        page.text_input(key="name").set_value(given)
        page.button(key="begin").click().run()
        assert told in page.error[0].value


def test_keys_label_skip_flag_and_undo(version: psycopg.Connection) -> None:
    ann = someone()
    page = opened(ann)
    assert {one.proto.shortcut for one in page.button} == {"1", "2", "s", "f", "left", "right", "z", "g", "q"}
    button(page, "1").click().run()
    button(page, "s").click().run()
    button(page, "z").click().run()
    button(page, "2").click().run()
    assert labels(version, ann) == [("label", 1), ("skip", None), ("undo", None), ("label", 0)]
    assert f"Your labels of version {VERSION}: 2" in [one.value for one in page.caption]
    assert not page.exception


def test_a_key_belongs_to_its_post(version: psycopg.Connection) -> None:
    page = opened(someone())
    before = button(page, "1").key
    button(page, "1").click().run()
    assert button(page, "1").key != before


def test_a_double_press_labels_once(version: psycopg.Connection) -> None:
    ann = someone()
    first, second = opened(ann), opened(ann)  # one annotator, two windows, the same post
    assert button(first, "1").key == button(second, "1").key
    button(first, "1").click().run()
    button(second, "2").click().run()
    assert labels(version, ann) == [("label", 1)]
    assert "changed nothing" in second.warning[0].value
    assert not second.exception


def test_a_second_press_does_not_label_the_next_post(
    version: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A post that has just come was not read: the press was meant for the one before."""
    ann = someone()
    page = opened(ann)
    button(page, "1").click().run()
    monkeypatch.setattr(scene, "SETTLED_SECONDS", 3600.0)
    for key in ("1", "s", "z"):
        button(page, key).click().run()
        assert "too soon" in page.warning[0].value
    button(page, "left").click().run()
    assert "You pressed: AI" in page.info[0].value
    assert labels(version, ann) == [("label", 1)]


def test_undo_works_after_a_reload(version: psycopg.Connection) -> None:
    ann = someone()
    button(opened(ann), "1").click().run()
    button(opened(ann), "z").click().run()
    assert labels(version, ann) == [("label", 1), ("undo", None)]


def test_the_text_of_a_post_is_only_text(version: psycopg.Connection) -> None:
    ann = someone()
    page = opened(ann)
    for _ in range(3):
        if "script" in post(page):
            break
        button(page, "s").click().run()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold** :red[x] $a$ <mark>AI</mark>" in post(page)
    assert "language: en · retweet · keywords: AI" in html(page)
    assert html(page).count("<script") == 1  # the page's own
    assert not any("<script>" in shown.value for shown in page.markdown)
    links = [one.proto.url for one in page.get("link_button")]
    assert links == ["https://example.org/a_b"]


def test_a_key_of_an_earlier_scene_does_nothing(version: psycopg.Connection) -> None:
    ann = someone()
    page = opened(ann)
    button(page, "1").click().run()
    shown = post(page)
    for key in ("2", "z", "left"):
        page.session_state["scene"] = "a later one"
        button(page, key).click().run()
    assert labels(version, ann) == [("label", 1)]
    assert post(page) == shown
    button(page, "2").click().run()
    assert labels(version, ann) == [("label", 1), ("label", 0)]


def test_the_guideline_opens_and_closes(version: psycopg.Connection) -> None:
    page = opened(someone())
    button(page, "g").click().run()
    assert any("data science" in shown.value for shown in page.markdown)
    button(page, "g").click().run()
    assert not page.markdown


def test_the_random_queue_hides_what_the_others_show_and_log(version: psycopg.Connection) -> None:
    ann, tables = someone(), VersionTables.of(VERSION)
    version.execute(f"UPDATE {tables.split('dev')} SET weak_label = 1, weak_probability = 0.6")  # noqa: S608
    review_queues.add_doubtful(version, tables)
    page = opened(ann)
    assert '<span class="ts-chip' not in html(page)
    button(page, "1").click().run()
    choose(page, VERSION, "uncertainty")
    assert "deep learning" in post(page)
    assert "weak label 0.60" in html(page)
    assert '<span class="ts-chip ai"' in html(page)
    button(page, "1").click().run()
    seen = "SELECT queue, shown FROM label_event WHERE annotator = %s ORDER BY id"
    (first, blind), (second, shown) = version.execute(seen, [ann]).fetchall()
    assert (first, blind) == ("random", {"keywords": ["AI"]})
    assert (second, shown["weak_probability"]) == ("uncertainty", 0.6)
    assert "is_ai_tweet" in shown["for_ai"]


def test_looking_back_shows_what_was_pressed_and_undoes_it(version: psycopg.Connection) -> None:
    ann = someone()
    page = opened(ann)
    first = post(page)
    for key in ("1", "s", "2"):
        button(page, key).click().run()
    for _ in range(3):
        button(page, "left").click().run()
    assert "You pressed: AI" in page.info[0].value
    assert words(post(page)) == words(first)
    assert button(page, "left").disabled
    assert all(button(page, key).disabled for key in ("1", "2", "s", "f"))
    button(page, "right").click().run()
    assert "You pressed: skip" in page.info[0].value
    button(page, "left").click().run()
    button(page, "z").click().run()
    assert post(page).partition(">")[2] == first.partition(">")[2]
    button(page, "2").click().run()
    assert [label for _, label in labels(version, ann)] == [1, None, 0, None, 0]


def test_only_adjudicators_see_their_queue(
    version: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, judge = someone(), someone(), someone()
    page = opened(ann)
    page.button(key="change").click().run()
    assert "adjudication" not in page.radio(key="queue").options
    page.button(key="go_on").click().run()
    button(page, "f").click().run()
    button(opened(bob), "1").click().run()
    monkeypatch.setenv("TWEETSIEVE_ADJUDICATORS", f"x, {judge}")
    get_settings.cache_clear()
    try:
        page = opened(judge)
        choose(page, VERSION, "adjudication")
        assert f"{ann}: flag" in html(page)
        assert f"{bob}: AI" in html(page)
        button(page, "2").click().run()
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert labels(version, judge) == [("adjudicate", 0)]


def test_a_login_is_asked_for_where_one_is_configured(version: psycopg.Connection) -> None:
    page = AppTest.from_file(str(APP), default_timeout=30)
    page.secrets["auth"] = {"redirect_uri": "http://localhost/oauth2callback"}
    page.run()
    assert not page.exception
    assert [one.label for one in page.button] == ["Log in"]
    assert not page.text_input
    page.user = {"is_logged_in": True, "email": "ann@example.org", "sub": "7"}
    page.run()
    assert page.text[0].value.endswith(" · ann@example.org")
    choose(page, VERSION)
    button(page, "1").click().run()
    assert version.execute(
        "SELECT FROM label_event WHERE annotator = 'ann@example.org' AND version = %s", [VERSION]
    ).fetchall()


def test_the_labels_page_shows_report_errors_and_estimates(
    version: psycopg.Connection, database: Settings
) -> None:
    ann = someone()
    texts = {
        "test": [f"{word} {uuid4().hex}" for word in ("a", "b", "c")],
        "dev": [f"a paper on deep learning {uuid4().hex}"],
        "snorkel_train": [f"machine learning course {uuid4().hex}", f"good morning {uuid4().hex}"],
    }
    build(version, VERSION, texts)
    page = opened(ann)
    for key in ("1", "2", "2"):
        button(page, key).click().run()
    put_golden(version, ann)
    label_dataset(VERSION, database)
    page = labels_page(ann)
    assert not page.exception
    assert page.metric[0].value.startswith("0.33")
    assert any(len(table.value) == len(LABELLING_FUNCTIONS) for table in page.dataframe)
    (bucket,) = page.expander
    assert bucket.label.startswith("⚠️ golden not AI, weak ")
    assert bucket.label.endswith(": 1 posts")


def press_on(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click().run()
    assert not page.exception
    return page


def test_an_upload_is_in_the_name_of_who_is_on_the_page_and_can_be_undone(
    version: psycopg.Connection,
) -> None:
    ann, bob = someone(), someone()
    version.execute(
        f"""INSERT INTO label_event (text_hash, post_id, text, version, annotator, action, label, queue)
            SELECT text_hash, id, text, %s, %s, 'label', 0, 'random'
            FROM {VersionTables.of(VERSION).split("dev")}""",  # noqa: S608
        [VERSION, bob],
    )
    page = labels_page(ann)
    row = f'{{"id_str": "{VERSION}-dev-0", "label": 1, "annotator": "{bob}"}}'
    page.file_uploader(key="import_file").upload("of *bob*.jsonl", row.encode(), "application/jsonl").run()
    press_on(page, "import")
    if "upload" in page.session_state and (upload := page.session_state["upload"]):
        assert any(one.value.startswith("The import of the file is under way") for one in page.info)
        assert upload.ended.wait(60)
        page.run()
    assert "1 labels added" in page.success[0].value
    assert (
        f"name somebody else as annotator: 1; as labels they count as those of {ann}" in page.success[0].value
    )
    assert (labels(version, ann), labels(version, bob)) == ([("import", 1)], [("label", 0)])
    query = "SELECT recorded_by, shown, import_id FROM label_event WHERE annotator = %s"
    ((recorded_by, shown, batch),) = version.execute(query, [ann]).fetchall()
    assert (recorded_by, shown) == (ann, {"annotator_in_file": bob})

    listed = f"import {batch}: 1 label from of *bob*.jsonl by {ann}"
    others = labels_page(bob)
    assert any(one.value.startswith(listed) for one in others.text)
    assert f"undo_import_{batch}" not in [one.key for one in others.button]

    page = press_on(labels_page(ann), f"undo_import_{batch}")
    press_on(page, f"undo_import_{batch}_no")
    assert f"undo_import_{batch}_yes" not in [one.key for one in page.button]
    press_on(page, f"undo_import_{batch}")
    assert labels(version, ann) == [("import", 1)]
    press_on(page, f"undo_import_{batch}_yes")
    assert f"import {batch} is undone: 1 labels taken back" in page.info[0].value
    assert labels(version, ann) == [("import", 1), ("undo", None)]
    assert f"undo_import_{batch}" not in [one.key for one in page.button]
    assert any(one.value.startswith(listed) and f"undone by {ann}" in one.value for one in page.text)


def test_an_empty_queue_says_so_and_still_undoes(version: psycopg.Connection) -> None:
    ann = someone()
    page = opened(ann)
    for _ in range(4):
        button(page, "1").click().run()
    assert "nothing more" in page.success[0].value
    button(page, "z").click().run()
    assert labels(version, ann)[-1] == ("undo", None)
    assert button(page, "1")


def test_no_database_says_what_to_do(database: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWEETSIEVE_POSTGRES_PORT", str(free_ports(1)[0]))
    get_settings.cache_clear()
    try:
        page = AppTest.from_file(str(APP), default_timeout=30).run()
        assert "make up" in page.error[0].value
        assert not page.exception
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
