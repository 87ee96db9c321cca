"""What pods report of themselves."""

from __future__ import annotations

from typing import Any

MAX_MESSAGE = 300
"""Characters of a container's last line."""


def is_of(pod: dict[str, Any], annotation: str, value: str) -> bool:
    """Whether a pod's annotation has this value; a missing one counts as empty."""
    return (pod["metadata"].get("annotations") or {}).get(annotation, "") == value


def problem_of(pod: dict[str, Any]) -> str:
    """Why a pod is not ready, in Kubernetes' own words; empty where it is.

    >>> problem_of({"metadata": {"name": "a-1"}, "status": {"containerStatuses": [{"ready": False,
    ...     "restartCount": 2, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    ...     "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}]}})
    'pod a-1: CrashLoopBackOff, last ended by OOMKilled (137), 2 restarts'
    """
    status = pod.get("status", {})
    for container in status.get("containerStatuses", []):
        if not container.get("ready"):
            return f"pod {pod['metadata']['name']}: {_container(container)}"
    for condition in status.get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] != "True":
            return f"pod {pod['metadata']['name']}: {condition.get('message') or 'not scheduled'}"
    return ""


def keeps_failing(pod: dict[str, Any]) -> bool:
    """Whether a pod that is not ready ran out of memory, or ended for the second time: it would again.

    >>> ended = {"terminated": {"reason": "Error", "exitCode": 1}}
    >>> def pod(restarts, state):
    ...     container = {"ready": False, "restartCount": restarts, "state": state, "lastState": ended}
    ...     return {"status": {"containerStatuses": [container]}}
    >>> keeps_failing(pod(1, ended)), keeps_failing(pod(1, {"running": {}})), keeps_failing(pod(0, ended))
    (True, False, False)
    """
    return any(
        not container.get("ready") and (_out_of_memory(container) or _ended_twice(container))
        for container in pod.get("status", {}).get("containerStatuses", [])
    )


def _ended_twice(status: dict[str, Any]) -> bool:
    return status.get("restartCount", 0) >= 1 and "running" not in (status.get("state") or {})


def _out_of_memory(status: dict[str, Any]) -> bool:
    states = [status.get("state") or {}, status.get("lastState") or {}]
    return any((state.get("terminated") or {}).get("reason") == "OOMKilled" for state in states)


def _container(status: dict[str, Any]) -> str:
    parts = [_now(status.get("state") or {})]
    ended = (status.get("lastState") or {}).get("terminated")
    if ended:
        parts.append(f"last ended by {_ended(ended)}")
    if status.get("restartCount"):
        parts.append(f"{status['restartCount']} restarts")
    return ", ".join(parts)


def _now(state: dict[str, Any]) -> str:
    if waiting := state.get("waiting"):
        return str(waiting.get("reason", "waiting"))
    if ended := state.get("terminated"):
        return _ended(ended)
    return "runs, not ready"


def _ended(terminated: dict[str, Any]) -> str:
    """How a container ended, with the last line of its output."""
    lines = str(terminated.get("message") or "").strip().splitlines()
    said = f" saying {lines[-1][-MAX_MESSAGE:]!r}" if lines else ""
    return f"{terminated.get('reason', 'Error')} ({terminated.get('exitCode')}){said}"
