"""What a model and those who use it have to agree on: kept beside the SavedModel, and served with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from include.errors import UserError
from include.workloads.higgs.base.events import FEATURES, LABELS, UNDEFINED

CONTRACT_FILE = Path("assets.extra", "contract.json")
"""Within a SavedModel's folder; TensorFlow leaves ``assets.extra`` to us."""


class OtherContract(UserError):
    """A model was made for other features or labels."""


def contract(keep: float) -> dict[str, Any]:
    """Features in their order, the label map, the normalisation, and the probability that keeps a class."""
    return {
        "features": list(FEATURES),
        "undefined": UNDEFINED,
        "normalisation": "L2 norm over the features in this order, in float64, inside the SavedModel",
        "labels": {str(number): label for number, label in enumerate(LABELS)},
        "keep_probability": keep,
    }


def read_contract(folder: Path) -> dict[str, Any]:
    """The contract of a stored model, which has these features and labels.

    Raises:
        OtherContract: it has others, or none.
    """
    file = folder / CONTRACT_FILE
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        keep = float(found["keep_probability"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise OtherContract(f"{file} is no contract of a model ({problem}): train it again") from problem
    for part in ("features", "labels"):
        if found.get(part) != contract(keep)[part]:
            raise OtherContract(
                f"{file} has other {part} than this release: {found.get(part)} in place of "
                f"{contract(keep)[part]}; train a model with this release"
            )
    return found
