"""The first event of the ATLAS challenge's published file (opendata.cern.ch, record 328)."""

from __future__ import annotations

from include.workloads.higgs.base.events import EVENT_ID, FEATURES

_VALUES = """
138.470 51.655 97.827 27.980 0.91 124.711 2.666 3.064 41.928 197.760 1.582 1.396 0.2 32.638 1.017 0.381 51.626
2.273 -2.414 16.824 -0.277 258.733 2 67.435 2.150 0.444 46.062 1.24 -2.475 113.497
"""

ATLAS_100000 = {EVENT_ID: 100000.0, **dict(zip(FEATURES, map(float, _VALUES.split()), strict=True))}
