"""One scoring server for many scorings, whose start and first load take longer than the scorings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from include.model.registry.stored_model import StoredModel
from include.promotion.scoring.server import REQUEST_SECONDS, ScoringServer, scoring_server
from include.serving.client import ServingClient
from include.serving.config import ModelConfig, read_config, write_config


class SharedScoringServer:
    """Called in place of ``scoring_server``: hands out the same real server each time, for any model name."""

    def __init__(self, started: ScoringServer) -> None:
        self._started = started

    @contextmanager
    def __call__(self, model_name: str) -> Iterator[ScoringServer]:
        url = self._started.client.base_url
        with ServingClient(url, model_name, REQUEST_SECONDS, attempts=1) as client:
            yield _Visit(self._started.config, client)


class _Visit(ScoringServer):
    """Adds models to those of the scorings before."""

    def _ask_for(self, model: StoredModel) -> None:
        name, others, versions = self.client.model_name, [], {model.version}
        for config in read_config(self.config):
            if config.name == name:
                versions |= set(config.versions)
            else:
                others.append(config)
        base = str(model.folder.parent.resolve())
        write_config(self.config, [*others, ModelConfig(name, base, tuple(sorted(versions)))])


@contextmanager
def shared_scoring_server() -> Iterator[SharedScoringServer]:
    """Run the server until the block is left."""
    with scoring_server("started") as started:
        yield SharedScoringServer(started)
