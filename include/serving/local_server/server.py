"""The local model server: TensorFlow Serving's REST contract on tensorflow-cpu, in its own process.

    python -m include.serving.local_server.server --rest_api_port 8501 --model_config_file models.config \\
        --model_config_file_poll_wait_seconds 1

For machines where the ``tensorflow/serving`` image can't run. It has the paths, bodies, status codes and
error texts of the REST API, several versions at once, version labels, and the configuration file. Where it
differs from TensorFlow Serving, and why, is in docs/decisions/0026-where-the-local-model-server-differs.md.
The server is ready when ``GET /v1/models/NAME/metadata`` answers 200.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiohttp import web

from include.console.command import command, complain
from include.infra.allowed_hosts import REFUSED, AllowedHosts
from include.serving.config import ConfigError, read_config
from include.serving.local_server.drain import Drain
from include.serving.local_server.flags import WITHOUT_EFFECT, only_model, parse_arguments
from include.serving.local_server.http_server import (
    BodyError,
    Handler,
    JsonServer,
    json_response,
    read_request,
)
from include.serving.local_server.manager import Manager
from include.serving.local_server.payload.messages import error_body
from include.serving.local_server.rest_api import respond

log = logging.getLogger("tweetsieve.serving")

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, GET",
    "Access-Control-Allow-Headers": "Content-Type",
}


def make_handler(
    manager: Manager, drain: Drain, pool: ThreadPoolExecutor, hosts: AllowedHosts, *, cors: bool = False
) -> Handler:
    """What answers each request that asks for one of the hosts; models run in the threads of ``pool``."""

    async def handle(request: web.BaseRequest) -> web.Response:
        with drain:
            response = await answered(request)
        drain.mark(response)
        return response

    async def answered(request: web.BaseRequest) -> web.Response:
        if (refused := hosts.refusal(request.headers.getall("Host", []))) is not None:
            return json_response(REFUSED, error_body(refused.strip()))
        try:
            asked = await read_request(request)
        except BodyError as error:
            return json_response(error.status, error_body(str(error)))
        loop = asyncio.get_running_loop()
        response = json_response(*await loop.run_in_executor(pool, respond, manager, asked))
        if cors:
            response.headers.update(CORS)
        return response

    return handle


@command
def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; requests under way are still answered."""
    arguments = parse_arguments(__doc__.split("\n")[0], argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    for flag, reason in WITHOUT_EFFECT.items():
        if getattr(arguments, flag) is not None:
            log.warning("--%s has no effect: %s", flag, reason)
    try:
        manager = _manager(arguments)
    except (ConfigError, OSError) as error:
        return _refuse(str(error))
    manager.start()
    if failed := _not_available(manager, arguments):
        return _refuse(f"model(s) did not become available: {failed}")
    try:
        asyncio.run(_serve(manager, arguments))
    except OSError as error:
        return _refuse(
            f"can't listen on {arguments.host}:{arguments.rest_api_port} "
            f"({error.strerror or error}); free the port, or set another one "
            "(TWEETSIEVE_SERVING_PORT, --rest_api_port)"
        )
    return 0


def _refuse(why: str) -> int:
    complain(why, "model server")
    return 1


def _not_available(manager: Manager, arguments: argparse.Namespace) -> str:
    """What failed to load of that for which the port stays closed."""
    every = arguments.open_when_all_loaded
    return manager.wait_for_first(every=every) if every or arguments.open_when_loaded else ""


def _manager(arguments: argparse.Namespace) -> Manager:
    """The manager of what the flags ask for.

    Raises:
        ConfigError: TensorFlow Serving would not start with that configuration.
        OSError: its file can't be read.
    """
    only = only_model(arguments)
    models = [only] if only else read_config(arguments.model_config_file)
    ahead = arguments.allow_version_labels_for_unavailable_models
    labelled = next((model for model in models if model.labels), None)
    if labelled and not ahead:
        raise ConfigError(
            f"labels of {labelled.name}: nothing is loaded yet, and "
            "--allow_version_labels_for_unavailable_models is false"
        )
    return Manager(
        arguments.model_config_file or Path(arguments.model_base_path),
        poll_seconds=arguments.model_config_file_poll_wait_seconds,
        folder_seconds=arguments.file_system_poll_wait_seconds,
        max_retries=arguments.max_num_load_retries,
        retry_seconds=max(arguments.load_retry_interval_micros, 0) / 1e6,
        labels_ahead=ahead,
        only=only,
    )


async def _serve(manager: Manager, arguments: argparse.Namespace) -> None:
    """Serve until a signal; then drain, answer requests under way, and end."""
    drain, ended = Drain(arguments.drain_seconds), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    pool = ThreadPoolExecutor(arguments.rest_api_num_threads, thread_name_prefix="predict")
    hosts = AllowedHosts.listed(arguments.allowed_hosts, arguments.host)
    handler = make_handler(manager, drain, pool, hosts, cors=arguments.rest_api_enable_cors_support)
    runner = web.ServerRunner(JsonServer(handler), shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, arguments.host, arguments.rest_api_port)
        await site.start()
        log.info("listening on http://%s:%s", arguments.host, arguments.rest_api_port)
        await ended.wait()
        await drain.callers()
        await site.stop()
        await drain.requests()
    finally:
        await runner.cleanup()
        manager.stop()
        pool.shutdown(wait=True)


if __name__ == "__main__":
    sys.exit(main())
