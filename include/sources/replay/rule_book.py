"""The replay server's rules, with X's answers to adding, deleting and listing them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from include.sources.replay.rule_language import Candidate, Match, RuleError, compile_rule
from include.sources.x.rules import MAX_RULE

MAX_RULES = 1_000
_PROBLEMS = "https://api.twitter.com/2/problems/"


@dataclass
class RuleBook:
    """Rules in memory, by id."""

    rules: dict[str, dict[str, str]] = field(default_factory=dict)
    matches: dict[str, Match] = field(default_factory=dict)
    last_id: int = 1_700_000_000_000_000_000

    def matching(self, candidate: Candidate) -> list[dict[str, str]]:
        """Id and tag of each rule that a post matches."""
        return [
            {key: value for key, value in rule.items() if key != "value"}
            for identifier, rule in self.rules.items()
            if self.matches[identifier](candidate)
        ]

    def listing(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"meta": _meta(result_count=len(self.rules))}
        return {"data": list(self.rules.values()), **answer} if self.rules else answer

    def add(self, wanted: list[Any], *, dry_run: bool) -> tuple[int, dict[str, Any]]:
        """Status and answer. One invalid rule rejects all; duplicates are reported, the others added."""
        errors = [error for rule in wanted if (error := self._invalid(rule))]
        if len(self.rules) + len(wanted) > MAX_RULES:
            errors.append(_error("RuleCapExceeded", "rule-cap", f"more than {MAX_RULES} rules"))
        if errors:
            return 400, {"errors": errors, "meta": _meta(summary=_summary(0, len(wanted)))}
        created: list[dict[str, str]] = []
        duplicates: list[dict[str, Any]] = []
        known = {rule["value"]: identifier for identifier, rule in self.rules.items()}
        for rule in wanted:
            if rule["value"] in known:
                duplicates.append(
                    _error(
                        "DuplicateRule", "duplicate-rules", "", value=rule["value"], id=known[rule["value"]]
                    )
                )
                continue
            self.last_id += 1
            entry = {"id": str(self.last_id), "value": rule["value"]}
            entry |= {"tag": rule["tag"]} if rule.get("tag") else {}
            known[rule["value"]] = entry["id"]
            created.append(entry)
        if not dry_run:
            for entry in created:
                self.rules[entry["id"]] = entry
                self.matches[entry["id"]] = compile_rule(entry["value"])
        answer: dict[str, Any] = {"meta": _meta(summary=_summary(len(created), len(duplicates)))}
        answer |= {"data": created} if created else {}
        answer |= {"errors": duplicates} if duplicates else {}
        return (201 if created else 200), answer

    def delete(self, ids: list[Any], *, dry_run: bool) -> tuple[int, dict[str, Any]]:
        known = [identifier for identifier in map(str, ids) if identifier in self.rules]
        if not dry_run:
            for identifier in known:
                del self.rules[identifier], self.matches[identifier]
        summary = {"deleted": len(known), "not_deleted": len(ids) - len(known)}
        return 200, {"meta": _meta(summary=summary)}

    def _invalid(self, rule: Any) -> dict[str, Any] | None:
        value = rule.get("value") if isinstance(rule, dict) else None
        if not isinstance(value, str) or not isinstance(rule.get("tag", ""), str):
            return _error("UnprocessableEntity", "invalid-rules", "a rule is an object with value and tag")
        if len(value) > MAX_RULE:
            detail = f"Rules must be {MAX_RULE} characters or less, this one has {len(value)}"
            return _error("UnprocessableEntity", "invalid-rules", detail, value=value)
        try:
            compile_rule(value)
        except RuleError as error:
            return _error("UnprocessableEntity", "invalid-rules", str(error), value=value)
        return None


def _error(title: str, problem: str, detail: str, **more: str) -> dict[str, Any]:
    return {"title": title, "type": _PROBLEMS + problem, "detail": detail, "details": [detail], **more}


def _summary(created: int, not_created: int) -> dict[str, int]:
    return {"created": created, "not_created": not_created, "valid": created, "invalid": not_created}


def _meta(**more: Any) -> dict[str, Any]:
    return {"sent": datetime.now(UTC).isoformat().replace("+00:00", "Z"), **more}
