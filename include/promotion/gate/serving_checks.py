"""Checks of how a model serves: it loads, answers properly, repeatably and fast, and is small enough."""

from __future__ import annotations

from collections.abc import Iterator

from include.promotion.gate.checks import Check, Verdict, at_least, at_most
from include.promotion.latency import p95, too_slow
from include.promotion.limits import PromotionLimits
from include.promotion.scoring.record import ModelAnswers, PromotionScoring


def serving_checks(scoring: PromotionScoring, limits: PromotionLimits) -> Iterator[Check]:
    """All of them; size and loading alone where the model doesn't load."""
    model = scoring.candidate
    yield at_most(
        "size",
        model.megabytes,
        limits.max_megabytes,
        f"the SavedModel has {model.megabytes:.1f} MB (limit: {limits.max_megabytes:g})",
    )
    yield _loads(model, limits)
    if model.load_error:
        return
    yield _probabilities(model)
    yield from _repeats(model, limits)
    yield from _latency(scoring, limits)
    yield from _behaviour(model, limits)


def _loads(model: ModelAnswers, limits: PromotionLimits) -> Check:
    if model.load_error:
        text = f"it does not serve: {model.load_error}"
        return Check("loads", Verdict.FAIL, model.load_seconds, limits.load_seconds, text)
    assert model.load_seconds is not None
    text = f"it loaded in {model.load_seconds:.1f} s (limit: {limits.load_seconds:g})"
    return Check("loads", Verdict.PASS, model.load_seconds, limits.load_seconds, text)


def _probabilities(model: ModelAnswers) -> Check:
    text = f"{model.asked - model.improper} of {model.asked} texts got a probability"
    if model.improper_text:
        text = f"{text}; the first refusal: {model.improper_text}"
    return at_most("probabilities", model.improper, 0, text)


def _repeats(model: ModelAnswers, limits: PromotionLimits) -> Iterator[Check]:
    if model.repeat_difference is not None:
        text = f"asked again, in other batches, its answers differ by up to {model.repeat_difference:.2g}"
        yield at_most("repeatability", model.repeat_difference, limits.max_repeat_difference, text)


def _latency(scoring: PromotionScoring, limits: PromotionLimits) -> Iterator[Check]:
    model, champion = scoring.candidate, scoring.champion
    what = f"requests of {scoring.latency_batch} texts"
    if not model.latency_ms:
        if not model.improper:
            text = f"{what} were not answered in time"
            yield Check("latency", Verdict.FAIL, None, limits.max_latency_ms, text)
        return
    ours = p95(model.latency_ms)
    text = f"95 % of {what} took up to {ours:.0f} ms (limit: {limits.max_latency_ms:g})"
    yield at_most("latency", ours, limits.max_latency_ms, text)
    if champion is not None and champion.latency_ms:
        theirs = p95(champion.latency_ms)
        ratio = ours / theirs
        text = f"95 % of {what} took up to {ours:.0f} ms, with version {champion.version} {theirs:.0f} ms"
        limit = limits.max_latency_ratio
        slow = too_slow(ours, theirs, limits)
        noticed = slow or ours > limits.latency_unnoticed_ms
        text += f" (limit: {limit:g} times as long)" if noticed else ": too little to notice"
        yield Check("latency_ratio", Verdict.FAIL if slow else Verdict.PASS, ratio, limit, text)


def _behaviour(model: ModelAnswers, limits: PromotionLimits) -> Iterator[Check]:
    for kind, (passed, cases) in sorted((model.behaviour or {"by_kind": {}})["by_kind"].items()):
        text = f"it passes {passed} of {cases} behavioural tests of {kind}"
        if passed < limits.min_behaviour * cases:
            text = f"{text}; it fails: {'; '.join(_failures(model, kind))}"
        yield at_least(f"behaviour_{kind}", passed / cases, limits.min_behaviour, text)


def _failures(model: ModelAnswers, kind: str) -> list[str]:
    assert model.behaviour is not None
    return [
        f"{failure['name']} ({' / '.join(failure['texts'])})"
        for failure in model.behaviour["failures"]
        if failure["kind"] == kind
    ]
