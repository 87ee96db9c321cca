"""Which files an approval is for."""

from __future__ import annotations

import logging

from include.model.registry.stored_model import StoredModel
from include.promotion.approved import ApprovedPromotion
from include.promotion.errors import MissingEvidence
from include.promotion.ledger.evidence import read_evidence
from include.settings import Settings

log = logging.getLogger(__name__)


def judged_files(approved: ApprovedPromotion, settings: Settings) -> str:
    """The hash of the files that the approval's evidence is about, see ``files_hash``.

    A rollback to a version whose promotion is older than the evidence table has none: then it is that of the
    store's files as they are now.

    Raises:
        MissingEvidence: a promotion whose evidence is gone.
        NoModel: the store doesn't hold the version.
    """
    if approved.evidence_hash is not None:
        try:
            return str(read_evidence(settings, approved.evidence_hash).content["files_hash"])
        except MissingEvidence:
            if approved.action == "promote":
                raise
            log.warning(
                "the evidence of version %s is gone: its files are not compared", approved.model_version
            )
    return StoredModel.read(approved.model_version, settings).files_hash
