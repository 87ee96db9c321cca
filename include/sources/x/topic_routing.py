"""The Kafka topic of each payload of the filtered stream."""

from __future__ import annotations

import logging

from include.lexicon.keywords import is_ai_text
from include.posts.fields import objects
from include.posts.parse import SOURCE_ERROR, parse_post
from include.posts.post import Post, PostError
from include.posts.source_errors import error_of
from include.posts.values import json_value
from include.settings import Settings
from include.sources.interface.notice import notice_of
from include.sources.interface.source import RawPost

log = logging.getLogger(__name__)


class TopicRouter:
    """Chooses topics by the tags of the rules that matched.

    ``rules`` is ``{id: tag}`` of this project's rules on the server.
    """

    def __init__(self, settings: Settings) -> None:
        self._ai, self._mix = settings.ai_topic, settings.mix_topic
        self._forgotten = settings.forgotten_topic
        self.rules: dict[str, str] = {}

    def raw_post(self, raw: bytes) -> RawPost:
        """The post to publish.

        A payload that can't be parsed goes, unchanged and without a key, to the mixed topic, where it becomes
        a dead letter; so does an error that the source reports, which the health monitor forwards. A deletion
        notice goes to the topic of what is to be forgotten.
        """
        try:
            post = parse_post(raw)
        except PostError as error:
            if notice := notice_of(raw, self._forgotten):
                return notice
            if error.reason == SOURCE_ERROR:
                log.warning("the source reports: %s", error_of(json_value.load(raw)))
            return RawPost(self._mix, None, raw)
        return RawPost(self._topic(raw, post), post.id.encode(), raw)

    def _topic(self, raw: bytes, post: Post) -> str:
        tags = self._tags(raw)
        if any(tag.startswith("ai:") for tag in tags):
            return self._ai
        if any(tag.startswith("mix:") for tag in tags):
            return self._mix
        return self._ai if is_ai_text(post.text) else self._mix

    def _tags(self, raw: bytes) -> list[str]:
        """Tags of the matching rules; for a rule without a tag, it is looked up by the rule's id."""
        tags = [
            rule.get("tag") or self.rules.get(str(rule.get("id")))
            for rule in objects(json_value.load(raw).get("matching_rules"))
        ]
        return [tag for tag in tags if isinstance(tag, str)]
