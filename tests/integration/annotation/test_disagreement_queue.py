"""The disagreement queue over a real PostgreSQL and an HTTP server that keeps the serving contract."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import orjson
import psycopg
import pytest

from include.annotation.labels import events
from include.annotation.queues.queue import next_item
from include.annotation.service import AnnotationService
from include.annotation.suggestion import suggestion
from include.infra.postgres.connection import connect
from include.infra.processes.ports import free_ports
from include.labelling import review_queues
from include.schema.dataset_tables import VersionTables
from include.settings import Settings
from tests.support.datasets.version_of_posts import build, drop

pytestmark = pytest.mark.stack
VERSION = 940_001


class Model(BaseHTTPRequestHandler):
    """A model that finds every text with 'yes' 90 % likely, and any other 10 %."""

    version = 3
    texts_scored = 0

    def do_POST(self) -> None:
        texts = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))["inputs"]["text"]
        type(self).texts_scored += len(texts)
        scores = [0.9 if "yes" in text else 0.1 for text in texts]
        body = orjson.dumps({"outputs": {"ai_prob": scores, "model_version": [self.version] * len(texts)}})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def version(database: Settings) -> Iterator[psycopg.Connection]:
    tag = uuid4().hex
    with connect(database, autocommit=True) as connection:
        words = {"dev": ["yes", "no"], "train": ["yes too", "no less", "yes at last"], "test": ["yes test"]}
        build(connection, VERSION, {k: [f"{w} {tag}" for w in v] for k, v in words.items()})
        for split in words:
            table = VersionTables.of(VERSION).split(split)
            connection.execute(
                f"""UPDATE {table} SET weak_label = 0,
                    weak_probability = CASE WHEN text LIKE 'yes too%' THEN 0.05 ELSE 0.3 END
                    WHERE text NOT LIKE 'yes at last%'"""  # noqa: S608
            )
        review_queues.clear(connection, VERSION)
        yield connection
        drop(connection, VERSION)


@pytest.fixture
def model(database: Settings) -> Iterator[Settings]:
    server = ThreadingHTTPServer((database.host, database.serving_port), Model)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Model.version, Model.texts_scored = 3, 0
    yield database
    server.shutdown()
    thread.join()
    server.server_close()


def test_posts_that_model_and_weak_label_judge_differently_come_widest_apart_first(
    version: psycopg.Connection, model: Settings
) -> None:
    service = AnnotationService(model)
    assert service.refresh_disagreement(VERSION) is None
    ann, found = f"annotator {uuid4().hex}", []
    while item := next_item(version, ann, VERSION, "disagreement", model):
        beside = suggestion(version, item)
        assert beside is not None
        assert (beside.model_version, beside.model_probability) == (3, 0.9)
        found.append(item.text.rsplit(" ", 1)[0])
        events.record(version, item, "label", 1)
    assert found == ["yes too", "yes"]
    service.close()


def test_the_posts_are_scored_once_for_each_model(version: psycopg.Connection, model: Settings) -> None:
    service = AnnotationService(model)
    for _ in range(2):
        assert service.refresh_disagreement(VERSION) is None
    assert Model.texts_scored == 4 + 2  # the labelled ones outside test, and who is there twice
    Model.version = 4
    assert service.refresh_disagreement(VERSION) is None
    made = "SELECT DISTINCT details ->> 'model_version' FROM labelling_queue WHERE version = %s"
    assert version.execute(made, [VERSION]).fetchall() == [("4",)]
    service.close()


def test_without_a_model_server_it_says_so(version: psycopg.Connection, database: Settings) -> None:
    away = database.model_copy(update={"serving_port": free_ports(1)[0]})
    service = AnnotationService(away)
    assert "no answer from the model server" in (service.refresh_disagreement(VERSION) or "")
    service.close()
