"""One run of forgetting: tombstones, so that nothing comes back meanwhile; every place; a receipt.

Killed at any point it has swept some places and batches; its tombstones are marked as unfinished, and the
next run, whatever it is asked for, goes on with them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg

from include.errors import UserError
from include.forgetting import kafka, notices, tombstones
from include.forgetting.files.folders import unread
from include.forgetting.places import PLACES, Place
from include.forgetting.receipt import Receipt, keep
from include.forgetting.request import Request
from include.forgetting.search.sweep import Say, Sweep
from include.forgetting.search.targets import Targets, find_targets
from include.infra.postgres.connection import connect
from include.posts.deletions import Deletion
from include.schema.revision import require_current_schema
from include.settings import Settings, get_settings
from include.task_log import log_result

log = logging.getLogger(__name__)

COPY = "an account's post, or a repost, of what was asked for"
IN_DATABASE = tuple(place for place in PLACES if place.columns or place.name.startswith("labelling"))


class ForgettingUnderWay(UserError):
    """Another process is at it."""


def forget(
    request: Request,
    settings: Settings,
    *,
    dry_run: bool = False,
    now: bool = False,
    say: Say = log.info,
) -> Receipt:
    """Forget what is asked for, what the sources' notices ask for, and what an earlier run did not finish.

    Args:
        dry_run: only count what is asked for; notices are left for the next run.
        now: have Kafka delete all messages that every stream has read.
        say: takes lines about the progress.

    Raises:
        ForgettingUnderWay: another run is not done yet.
        UserError: the schema is not this release's, or a folder of the settings is not there.
        BrokerUnavailable: Kafka does not answer; the tombstones stand, and the next run goes on.
    """
    settings = settings.as_role("forgetter")
    with _alone(settings) as connection:
        asked = list(request.deletions)
        receipt = Receipt(request.by, request.reason, dry_run)
        if dry_run:
            _sweep(connection, settings, asked, PLACES, receipt, say)
            return receipt
        asked = _all_asked(connection, settings, request, asked)
        if asked:
            receipt.unread = unread(settings)
            targets = _sweep(connection, settings, asked, PLACES, receipt, say)
            notices.announce(settings, asked, request.reason)
            _tell_kafka(connection, settings, targets, receipt, now)
            tombstones.finish(connection, [*asked, *_as_posts(targets.posts)])
            keep(connection, settings, receipt)
        return receipt


def forget_posts(request: Request, *, dry_run: bool, now: bool, settings: Settings | None = None) -> int:
    """The DAG's task: forget, and log the receipt; how many were found in all places.

    Args:
        dry_run: only count what the form names; where it names nothing, notices are carried out.
    """
    named = bool(request.posts or request.authors)
    receipt = forget(request, settings or get_settings(), dry_run=dry_run and named, now=now)
    log_result(str(receipt))
    return receipt.found


def forget_again(settings: Settings, kept: Iterable[Deletion]) -> Receipt:
    """Forget in a restored database what was forgotten after its backup: by the file beside the backups.

    Only the database is swept: a backup holds no other text. Kafka is left alone, which may not run.
    """
    with _alone(settings) as connection:
        receipt = Receipt("restore", "forgotten before", dry_run=False)
        tombstones.add(connection, kept, receipt.by, receipt.reason)
        if asked := tombstones.unfinished(connection):
            targets = _sweep(connection, settings, asked, IN_DATABASE, receipt, log.info)
            tombstones.finish(connection, [*asked, *_as_posts(targets.posts)])
        return receipt


def _all_asked(
    connection: psycopg.Connection, settings: Settings, request: Request, asked: list[Deletion]
) -> list[Deletion]:
    """Write tombstones of the request and of notices; everything that is to be swept for now."""
    tombstones.keep_ids(settings, asked)
    tombstones.add(connection, asked, request.by, request.reason)
    notices.take_notices(connection, settings)
    return list(dict.fromkeys([*asked, *tombstones.unfinished(connection)]))


def _sweep(
    connection: psycopg.Connection,
    settings: Settings,
    asked: Iterable[Deletion],
    places: Iterable[Place],
    receipt: Receipt,
    say: Say,
) -> Targets:
    wanted = list(asked)
    posts = [one.id for one in wanted if one.kind == "post"]
    authors = [one.id for one in wanted if one.kind == "author"]
    targets = find_targets(connection, posts, authors)
    receipt.posts, receipt.authors = len(targets.posts), len(authors)
    if not receipt.dry_run:
        known = set(wanted)
        copies = [one for one in _as_posts(targets.posts) if one not in known]
        tombstones.keep_ids(settings, tombstones.add(connection, copies, receipt.by, COPY))
    say(f"to be forgotten: {receipt.posts:,} posts, {receipt.authors:,} accounts")
    sweep = Sweep(connection, settings, targets, receipt.dry_run, say)
    for place in places:
        receipt.places[place.name] = place.sweep(sweep)
        say(f"{place.name}: {receipt.places[place.name].found:,}")
    return targets


def _tell_kafka(
    connection: psycopg.Connection, settings: Settings, targets: Targets, receipt: Receipt, now: bool
) -> None:
    receipt.kafka = kafka.gone_by(settings)
    kafka.compact_away(settings, sorted(targets.posts))
    if now:
        receipt.kafka["now"] = kafka.delete_now(connection, settings)


def _as_posts(ids: Iterable[str]) -> list[Deletion]:
    return [Deletion("post", one) for one in sorted(ids)]


@contextmanager
def _alone(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection in autocommit, with a lock that goes when this process ends."""
    with connect(settings, autocommit=True) as connection:
        require_current_schema(connection)
        query = "SELECT pg_try_advisory_lock(hashtextextended('tweetsieve forgetting', 0))"
        row = connection.execute(query).fetchone()
        if not (row and row[0]):
            raise ForgettingUnderWay("posts are being forgotten by another run: wait for its end")
        yield connection
