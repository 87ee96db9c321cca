"""Which kind of model a model's name stands for, and clients of servers that serve it."""

from __future__ import annotations

from include.promotion.subjects.posts import POSTS
from include.promotion.subjects.subject import Subject
from include.serving.client import ServingClient
from include.serving.config import STABLE
from include.settings import Settings

_registered: dict[str, Subject] = {}


def register(model_name: str, subject: Subject) -> None:
    """Have models of this name judged as this kind, in this process."""
    _registered[model_name] = subject


def subject_named(model_name: str) -> Subject:
    """The kind of model; classifiers of posts, where nothing else was registered."""
    return _registered.get(model_name, POSTS)


def subject_of(settings: Settings) -> Subject:
    """The kind of the settings' model."""
    return subject_named(settings.model_name)


def production_client(settings: Settings, url: str) -> ServingClient:
    """A client that asks for the settings' model as production's clients do."""
    return ServingClient(url, settings.model_name, label=STABLE, form=subject_of(settings).form)
