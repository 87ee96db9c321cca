"""Plain rows: ``id_str`` (or ``id``) and ``text``, as most exports and uploads have them."""

from __future__ import annotations

from typing import Any

from include.posts import fields
from include.posts.links import external, urls_in
from include.posts.post import Post
from include.posts.values.times import x_v1_time


def parse(payload: dict[str, Any]) -> Post:
    """Read a plain row; its links are those in its text.

    Raises:
        PostError: ``no id``, ``no text``, ``bad id``, ``too large``.
    """
    identifier = fields.identifier(payload.get("id_str"), payload.get("id"))
    text = fields.text_of(payload.get("text"), payload.get("full_text"))
    return Post(
        id=identifier,
        text=text,
        created_at=x_v1_time(payload.get("created_at")),
        source=fields.client_name(payload.get("source")),
        source_kind="plain",
        lang=fields.short(payload.get("lang")),
        links=external(urls_in(text)),
        media=(),
        hashtags=fields.unique_tags(fields.tags_in(text)),
        is_retweet=text.startswith("RT @"),
    )
