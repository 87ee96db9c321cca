"""The embedded Kafka as the releases before passwords ran it: open to everybody on the machine."""

from __future__ import annotations

import dataclasses
import os
import subprocess

from include.infra.processes.service import Service
from include.infra.spark.java import java_locale
from include.local_stack import kafka
from include.local_stack.properties import as_properties
from include.settings import Settings


def earlier_broker(settings: Settings) -> Service:
    """Its service, on storage that it formatted. ``settings``: with the protocol PLAINTEXT."""
    addresses = (
        f"PLAINTEXT://{settings.host}:{settings.kafka_port},"
        f"CONTROLLER://{settings.host}:{settings.kafka_controller_port}"
    )
    common = {
        name: value
        for name, value in kafka.properties(settings, "").items()
        if not name.startswith(("listener", "sasl", "inter.broker", "advertised"))
    }
    own = {
        "listeners": addresses,
        "advertised.listeners": addresses,
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    }
    file = kafka.data_dir(settings) / "server.properties"

    def prepare() -> None:
        file.parent.mkdir(parents=True)
        file.write_text(as_properties({**common, **own}), encoding="ascii")
        *java, _, _ = kafka.command(settings, file)
        arguments = ["kafka.tools.StorageTool", "format", "-c", str(file), "-t", "A" * 22]
        subprocess.run([*java, *arguments], env=os.environ | java_locale(), check=True, capture_output=True)

    return dataclasses.replace(kafka.service(settings), prepare=prepare)
