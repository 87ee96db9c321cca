"""The local model server: TensorFlow Serving's REST contract on tensorflow-cpu, in its own process.

    python -m include.serving.local_server.server --rest_api_port 8501 --model_config_file models.config \\
        --model_config_file_poll_wait_seconds 1

For machines where the ``tensorflow/serving`` image can't run. It has the paths, bodies, status codes and
error texts of the REST API, several versions at once, version labels, and the configuration file. It differs
from TensorFlow Serving where a local stack needs it to:

- It opens its port at once and answers 404 until a model is loaded. With ``--open_when_loaded`` the port
  stays closed until every version of the first configuration is AVAILABLE, and a version that fails to load
  ends the process. In both cases the server is ready when ``GET /v1/models/NAME/metadata`` answers 200.
- The configuration file may be missing or empty at first, and is read again every second.
- A failed load is not retried unless ``--max_num_load_retries`` is given (TensorFlow Serving: 5, 60 s apart).
- A new label may name a version that the same configuration loads, as TensorFlow Serving allows by
  ``--allow_version_labels_for_unavailable_models``; a label in use moves only to a loaded version.
- There is no gRPC, request batching, classify, regress, warm-up record or metrics page.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aiohttp import web

from include.serving.config import ConfigError, read_config
from include.serving.local_server.drain import Drain
from include.serving.local_server.errors import HTTP_STATUS, RequestError
from include.serving.local_server.manager import Manager
from include.serving.local_server.messages import dump_json
from include.serving.local_server.rest_api import answer

log = logging.getLogger("tweetsieve.serving")

MAX_BODY_BYTES = 256 * 2**20
KEEPALIVE_SECONDS = 75.0
"""Longer than clients keep an idle connection, so that the client closes it."""


def make_app(manager: Manager, drain: Drain, threads: int = 4) -> web.Application:
    """The HTTP application; the manager's thread starts and stops with it."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="predict")
    follower = threading.Thread(target=manager.run, name="models", daemon=True)

    async def handle(request: web.Request) -> web.Response:
        with drain:
            response = await respond(request)
        drain.mark(response)
        return response

    async def respond(request: web.Request) -> web.Response:
        path = request.raw_path.partition("?")[0]
        if not path.lower().startswith("/v1/"):
            return web.Response(
                status=404, text="<html><body>Not Found</body></html>", content_type="text/html"
            )
        body = await request.read()
        loop = asyncio.get_running_loop()
        status, payload = await loop.run_in_executor(pool, _guarded, manager, request.method, path, body)
        return web.Response(status=status, body=payload, content_type="application/json")

    async def start(_: web.Application) -> None:
        follower.start()

    async def stop(_: web.Application) -> None:
        manager.stop()
        pool.shutdown(wait=True)

    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_route("*", "/{path:.*}", handle)
    app.on_startup.append(start)
    app.on_cleanup.append(stop)
    return app


def _guarded(manager: Manager, method: str, path: str, body: bytes) -> tuple[int, bytes]:
    try:
        return 200, answer(manager, method, path, body)
    except RequestError as error:
        return error.http_status, dump_json({"error": error.message})
    except Exception as error:
        log.exception("answering %s %s failed", method, path)
        return HTTP_STATUS["INTERNAL"], dump_json({"error": f"{type(error).__name__}: {error}"})


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The flags; those that TensorFlow Serving has too have its names."""
    parser = argparse.ArgumentParser(
        prog="python -m include.serving.local_server.server", description=__doc__.split("\n")[0]
    )
    add = parser.add_argument
    add("--rest_api_port", type=int, required=True)
    add("--model_config_file", type=Path, required=True)
    add("--model_config_file_poll_wait_seconds", type=float, default=1.0, help="0: read once")
    add("--max_num_load_retries", type=int, default=0)
    add("--load_retry_interval_micros", type=int, default=1_000_000)
    add("--rest_api_num_threads", type=int, default=4, help="predictions at once")
    add("--open_when_loaded", action="store_true", help="open the port when every version is AVAILABLE")
    add("--drain_seconds", type=float, default=1.0, help="go on answering after a signal to end")
    add("--host", default="127.0.0.1", help="address to bind to")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; requests under way are still answered."""
    arguments = parse_arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        read_config(arguments.model_config_file)
    except (ConfigError, OSError) as error:
        print(f"model server: {error}", file=sys.stderr)
        return 1
    manager = Manager(
        arguments.model_config_file,
        poll_seconds=arguments.model_config_file_poll_wait_seconds,
        max_retries=arguments.max_num_load_retries,
        retry_seconds=max(arguments.load_retry_interval_micros, 0) / 1e6,
    )
    if arguments.open_when_loaded and (failed := manager.load_first()):
        print(f"model server: model(s) did not become available: {failed}", file=sys.stderr)
        return 1
    try:
        asyncio.run(_serve(manager, arguments))
    except OSError as error:
        print(
            f"model server: can't listen on {arguments.host}:{arguments.rest_api_port} "
            f"({error.strerror or error}); free the port, or set another one "
            "(TWEETSIEVE_SERVING_PORT, --rest_api_port)",
            file=sys.stderr,
        )
        return 1
    return 0


async def _serve(manager: Manager, arguments: argparse.Namespace) -> None:
    """Serve until a signal; then drain, answer requests under way, and end."""
    drain, ended = Drain(arguments.drain_seconds), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    runner = web.AppRunner(
        make_app(manager, drain, arguments.rest_api_num_threads),
        access_log=None,
        shutdown_timeout=1,
        keepalive_timeout=KEEPALIVE_SECONDS,
    )
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


if __name__ == "__main__":
    sys.exit(main())
