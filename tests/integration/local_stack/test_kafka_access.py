"""Who gets what from the embedded Kafka, with real brokers: nobody but the stack's owner anything.

Its data are those of a release that let everybody in, so that all of it holds after an upgrade as well.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import psutil
import pytest
from confluent_kafka import KafkaException, TopicPartition
from pydantic import SecretStr

from include.infra.errors import StackError
from include.infra.kafka.admin import Broker, BrokerRefuses, BrokerUnavailable
from include.infra.kafka.connection import admin_client, make_consumer, make_producer
from include.infra.processes.ports import free_ports
from include.infra.processes.secret_files import private_folder
from include.infra.processes.service import running
from include.local_stack import kafka
from include.local_stack.broker import credentials
from include.local_stack.broker.rotation import rotate
from include.settings import PROJECT_ROOT, Settings
from include.streaming.engine.readiness import Readiness
from include.streaming.registry import workload_named
from tests.support.streaming.earlier_broker import earlier_broker
from tests.support.streaming.kafka import send

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]

TOPIC, OLD = "private", [b"old %d" % number for number in range(3)]
NOBODY = 65534


@pytest.fixture(scope="module")
def own() -> Iterator[Settings]:
    """Settings of a stack in a folder that everybody may look into, without a password from outside."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        for name in ("PASSWORD", "SECURITY_PROTOCOL"):
            patch.delenv(f"TWEETSIEVE_KAFKA_{name}", raising=False)
        Path(folder).chmod(0o755)
        broker, controller = free_ports(2)
        yield Settings(
            _env_file=None,
            state_dir=Path(folder, "state"),
            kafka_port=broker,
            kafka_controller_port=controller,
            kafka_heap="256m",
        )


@pytest.fixture(scope="module")
def first_passwords(own: Settings) -> dict[str, str]:
    """Those that the earlier release's data got."""
    before = without_a_password(own)
    with running(earlier_broker(before), own.logs_dir):
        send(before, TOPIC, OLD)
    private_folder(own.state_dir)  # as ``make up`` begins
    kafka.prepare(own)
    return credentials.passwords(own)


@pytest.fixture(scope="module")
def server(own: Settings, first_passwords: dict[str, str]) -> Iterator[Settings]:
    """The broker that runs, with other passwords than its data had at first."""
    rotate(own)
    with running(kafka.service(own), own.logs_dir):
        yield own


def without_a_password(settings: Settings) -> Settings:
    return settings.model_copy(update={"kafka_security_protocol": "PLAINTEXT"})


def with_password(settings: Settings, password: str, user: str = "tweetsieve") -> Settings:
    return settings.model_copy(update={"kafka_password": SecretStr(password), "kafka_username": user})


def attackers(settings: Settings) -> dict[str, Settings]:
    """Everybody who knows the address and this source."""
    guessing = with_password(settings, "tweetsieve")
    as_plain = guessing.model_copy(update={"kafka_sasl_mechanism": "PLAIN"})
    as_broker = with_password(settings, "", credentials.BROKER)
    return {
        "unauthenticated": without_a_password(settings),
        "guessing": guessing,
        "by PLAIN": as_plain,
        "as the broker": as_broker.model_copy(update={"kafka_password": SecretStr("_broker")}),
    }


def messages(settings: Settings) -> list[bytes | None]:
    consumer = make_consumer(settings, {"group.id": "test", "log_level": 0})
    consumer.assign([TopicPartition(TOPIC, 0, 0)])
    found = [message.value() for message in consumer.consume(100, 2) if not message.error()]
    consumer.close()
    return found


def test_messages_of_the_release_before_are_kept(server: Settings) -> None:
    assert messages(server)[: len(OLD)] == OLD


@pytest.mark.parametrize("who", ["unauthenticated", "guessing", "by PLAIN", "as the broker"])
def test_a_client_without_the_password_neither_lists_nor_reads_nor_writes(server: Settings, who: str) -> None:
    attacker, before = attackers(server)[who], Broker(server).highs([TOPIC])
    with pytest.raises(KafkaException):
        admin_client(attacker).list_topics(timeout=1)
    with pytest.raises(BrokerUnavailable):
        Broker(attacker, timeout=1).highs([TOPIC])
    assert messages(attacker) == []
    producer = make_producer(attacker, {"message.timeout.ms": 1000, "log_level": 0})
    taken: list[bool] = []
    producer.produce(TOPIC, b"forged", partition=0, on_delivery=lambda error, _: taken.append(error is None))
    producer.flush(5)
    assert taken == [False]
    assert Broker(server).highs([TOPIC]) == before


def request(settings: Settings, port: int, key: int, body: bytes) -> bytes:
    """What a listener answers a request of Kafka's protocol, sent without a word of authentication.

    The header is version 1 of https://kafka.apache.org/41/design/protocol/.
    """
    message = struct.pack(">hhih", key, 0, 7, -1) + body
    with socket.create_connection((settings.host, port), timeout=20) as connection:
        connection.sendall(struct.pack(">i", len(message)) + message)
        try:
            return connection.recv(1024)
        except ConnectionResetError:
            return b""


API_VERSIONS, METADATA, FETCH_SNAPSHOT, VOTE = 18, 3, 59, 52


@pytest.mark.parametrize("listener", ["kafka_port", "kafka_controller_port"])
@pytest.mark.parametrize("key", [METADATA, FETCH_SNAPSHOT, VOTE])
def test_no_listener_answers_before_a_log_in(server: Settings, listener: str, key: int) -> None:
    port = getattr(server, listener)
    assert request(server, port, API_VERSIONS, b""), "which version is spoken, it may tell anybody"
    assert request(server, port, key, struct.pack(">i", 0)) == b""


@pytest.mark.parametrize("password", ["tweetsieve", "_broker"])
def test_the_controller_takes_the_broker_alone(server: Settings, password: str) -> None:
    update = {"kafka_port": server.kafka_controller_port, "kafka_sasl_mechanism": "PLAIN"}
    for user in ("tweetsieve", credentials.BROKER):
        attacker = with_password(server, password, user).model_copy(update=update)
        with pytest.raises(BrokerRefuses):
            Broker(attacker, timeout=8).highs([TOPIC])


def test_a_wrong_password_is_one_clear_error_and_no_reason_to_wait(server: Settings) -> None:
    wrong = with_password(server, "geheim")
    with pytest.raises(BrokerRefuses, match=r"tweetsieve.*TWEETSIEVE_KAFKA_PASSWORD") as refusal:
        Broker(wrong, timeout=8).create_missing([TOPIC])
    assert "geheim" not in str(refusal.value)
    nothing = cast(Any, None)
    stream = Readiness(
        wrong, workload_named("ai_tweets"), "", nothing, nothing, threading.Event(), "earliest"
    )
    with pytest.raises(BrokerRefuses):
        stream.await_all()
    with pytest.raises(StackError, match="TWEETSIEVE_KAFKA_PASSWORD"):
        kafka.ready(wrong)


def test_no_password_is_on_a_command_line_in_an_environment_or_in_a_log(server: Settings) -> None:
    secrets = {name: own.encode() for name, own in credentials.passwords(server).items()}
    for process in psutil.process_iter():
        for what in ("cmdline", "environ"):
            try:
                content = Path(f"/proc/{process.pid}/{what}").read_bytes()
            except OSError:
                continue
            assert not any(secret in content for secret in secrets.values()), f"{what} of {process}"
    files = [path for path in server.state_dir.rglob("*") if path.is_file()]
    holders = {name: [path for path in files if own in path.read_bytes()] for name, own in secrets.items()}
    properties = kafka.data_dir(server) / "server.properties"
    assert holders["tweetsieve"] == [server.kafka_secrets]
    assert sorted(holders[credentials.BROKER]) == sorted([server.kafka_secrets, properties])
    for file in (server.kafka_secrets, properties):
        assert file.stat().st_mode & 0o077 == 0, file


ATTACK = """
import sys
from pathlib import Path
from include.infra.kafka.connection import admin_client
from include.settings import Settings

def tried(name, attempt):
    try:
        print(name, "GOT", attempt())
    except Exception as problem:
        print(name, "failed", type(problem).__name__)

state, port = Path(sys.argv[1]), sys.argv[2]
own = dict(state_dir=state, kafka_port=port, kafka_controller_port=int(port) + 1, _env_file=None)
for file in sys.argv[3:]:
    tried("file", Path(file).read_bytes)
tried("folder", lambda: list(state.iterdir()))
tried("log-in", lambda: admin_client(Settings(**own)).list_topics(timeout=2).topics)
bare = Settings(**own, kafka_security_protocol="PLAINTEXT")
tried("topics", lambda: admin_client(bare).list_topics(timeout=2).topics)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can act as another user")
def test_another_local_user_gets_no_file_and_no_topic(server: Settings) -> None:
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", sys.executable]
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT_ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(
        [*become, "-c", "import include.infra.kafka.connection"], env=clean, capture_output=True
    )
    if ran.returncode:
        pytest.skip("another user can't run this Python")
    files = [
        server.kafka_secrets,
        kafka.data_dir(server) / "server.properties",
        server.logs_dir / "kafka.log",
    ]
    files += sorted((kafka.data_dir(server) / "data" / f"{TOPIC}-0").glob("*.log"))
    done = subprocess.run(
        [*become, "-c", ATTACK, str(server.state_dir), str(server.kafka_port), *map(str, files)],
        env=clean,
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout.splitlines()
    assert len(said) == len(files) + 3, done.stderr
    assert not [line for line in said if "GOT" in line]


def refuses(settings: Settings) -> bool:
    with pytest.raises(BrokerRefuses):
        Broker(settings, timeout=8).highs([TOPIC])
    return True


def test_a_new_password_is_the_only_one_from_then_on(server: Settings) -> None:
    old = with_password(server, server.broker_password.get_secret_value())
    open_before = Broker(server)
    assert open_before.answers()
    rotate(server)
    assert refuses(old)
    assert Broker(server).answers()
    assert open_before.answers(), "an open connection was closed"
    with pytest.raises(StackError, match="TWEETSIEVE_KAFKA_PASSWORD is set"):
        rotate(old)


def test_passwords_changed_while_the_broker_was_down_are_valid_since_its_start(
    server: Settings, first_passwords: dict[str, str]
) -> None:
    assert not first_passwords.items() & credentials.passwords(server).items()
    assert Broker(server).answers()
    assert refuses(with_password(server, first_passwords["tweetsieve"]))
