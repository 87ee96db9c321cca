"""Which model version is in service, for programs that load the model themselves and follow promotions.

The answer comes from what is served, never from the promotion's own records: locally the model server's
configuration file, on Kubernetes the model server itself. Many workers ask every few seconds, so neither the
cluster's API nor the database is asked. See docs/decisions/0012.
"""

from __future__ import annotations

from include.serving.client import ServingClient
from include.serving.config import STABLE, configured
from include.serving.errors import ServingError, ServingUnavailable
from include.settings import Settings

ANSWER_SECONDS = 2.0
"""For one attempt; who follows promotions asks again soon and goes on with what it has."""


def version_in_service(settings: Settings, model_name: str | None = None) -> int | None:
    """The version that production's clients get now; None before the first promotion.

    Args:
        model_name: by default the promoted model of the settings.

    Raises:
        OSError: the file can't be read, or the model server does not answer.
        ConfigError: the file is not a model configuration.
    """
    name = model_name or settings.model_name
    if settings.promotion_target != "kubernetes":
        config = configured(settings, name)
        return None if config is None else config.labels.get(STABLE)
    try:
        with ServingClient(settings.model_url, name, ANSWER_SECONDS, attempts=1, label=STABLE) as client:
            return client.answering_version()
    except (ServingError, ServingUnavailable) as error:
        raise ConnectionError(str(error)) from error
