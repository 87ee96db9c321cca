"""Made-up events of both classes: momenta and angles are drawn, and what follows from them is computed.

The derived features are those of the challenge's documentation (its appendix B); the distributions are only
roughly alike, so a model's figures on such events say nothing about real ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from include.workloads.higgs.base.events import FEATURES, UNDEFINED

CHUNK = 1000
"""Events that are drawn at once."""
SIGNAL_SHARE = 0.34
"""As in the challenge's training set."""

JETS = {"background": (0.42, 0.32, 0.17, 0.09), "signal": (0.28, 0.34, 0.25, 0.13)}
MASS = {"background": (93.0, 18.0), "signal": (122.0, 16.0)}
"""Mean and spread of the mass, in GeV: a Z boson's and a Higgs boson's, as a detector sees them."""


class Particles(NamedTuple):
    """Momentum across the beam (GeV), pseudorapidity and angle (rad) of n particles: float64[n] each."""

    pt: np.ndarray
    eta: np.ndarray
    phi: np.ndarray

    @property
    def across(self) -> np.ndarray:
        """The momentum as a complex number: complex128[n]."""
        return self.pt * np.exp(1j * self.phi)


def events(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Features, float64[count, 30], and whether each is signal, bool[count]; the same of the same seed."""
    parts = [chunk(seed, number) for number in range(-(-count // CHUNK))]
    features = np.concatenate([part[0] for part in parts]) if parts else np.empty((0, len(FEATURES)))
    labels = np.concatenate([part[1] for part in parts]) if parts else np.empty(0, bool)
    return features[:count], labels[:count]


def chunk(seed: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """The ``number``-th thousand of the events of a seed."""
    rng = np.random.default_rng([seed, number])
    signal = rng.random(CHUNK) < SIGNAL_SHARE
    found = _features(rng, signal)
    return np.round(np.column_stack([found[name] for name in FEATURES]), 3), signal


def _features(rng: np.random.Generator, signal: np.ndarray) -> dict[str, np.ndarray]:
    mass = np.where(signal, rng.normal(*MASS["signal"], CHUNK), rng.normal(*MASS["background"], CHUNK)).clip(
        20
    )
    lep, tau = _pair(rng, mass)
    met = Particles(
        rng.gamma(2.0, np.where(signal, 22.0, 16.0)),
        np.zeros(CHUNK),
        _angle(tau.phi + rng.normal(0, 0.9, CHUNK)),
    )
    number = np.where(
        signal, rng.choice(4, CHUNK, p=JETS["signal"]), rng.choice(4, CHUNK, p=JETS["background"])
    )
    leading = rng.exponential(60, CHUNK)
    jets = [_jet(rng, number > 0, 30 + leading), _jet(rng, number > 1, 30 + leading * rng.random(CHUNK))]
    of_jets = np.where(number > 2, 30 + rng.exponential(20, CHUNK), 0.0)
    for place, jet in enumerate(jets):
        of_jets += np.where(number > place, jet.pt, 0.0)
    unseen = rng.random(CHUNK) < np.where(signal, 0.03, 0.2)
    return {
        "DER_mass_MMC": np.where(unseen, UNDEFINED, mass * rng.normal(1.0, 0.05, CHUNK)),
        **_of_pair(lep, tau, met),
        **_of_two_jets(lep, jets, number > 1),
        "DER_pt_tot": abs(lep.across + tau.across + met.across + _sum(jets, number)),
        "DER_sum_pt": lep.pt + tau.pt + of_jets,
        **_primary("tau", tau), **_primary("lep", lep),
        "PRI_met": met.pt, "PRI_met_phi": met.phi,
        "PRI_met_sumet": lep.pt + tau.pt + of_jets + rng.gamma(4.0, 30.0, CHUNK),
        "PRI_jet_num": number.astype(float),
        **_primary("jet_leading", jets[0]), **_primary("jet_subleading", jets[1]),
        "PRI_jet_all_pt": of_jets,
    }  # fmt: skip


def _pair(rng: np.random.Generator, mass: np.ndarray) -> tuple[Particles, Particles]:
    """Lepton and tau whose visible mass is about 0.7 of the given one."""
    eta, other = rng.normal(0, 1.1, CHUNK).clip(-2.5, 2.5), rng.normal(0, 0.8, CHUNK)
    phi = rng.uniform(-np.pi, np.pi, CHUNK)
    apart = np.pi - abs(rng.normal(0, 0.6, CHUNK))
    ratio = rng.lognormal(0.0, 0.35, CHUNK)
    visible = mass * rng.normal(0.7, 0.1, CHUNK).clip(0.3, 1.0)
    product = visible**2 / (2 * (np.cosh(other) - np.cos(apart)))
    pt = np.sqrt(product * ratio)
    return Particles(pt, eta, phi), Particles(pt / ratio, (eta + other).clip(-2.5, 2.5), _angle(phi + apart))


def _jet(rng: np.random.Generator, there: np.ndarray, pt: np.ndarray) -> Particles:
    eta, phi = rng.normal(0, 1.9, CHUNK).clip(-4.5, 4.5), rng.uniform(-np.pi, np.pi, CHUNK)
    return Particles(*(np.where(there, value, UNDEFINED) for value in (pt, eta, phi)))


def _of_pair(lep: Particles, tau: Particles, met: Particles) -> dict[str, np.ndarray]:
    apart, turn = _angle(tau.phi - lep.phi), np.sign(np.sin(tau.phi - lep.phi))
    a, b = np.sin(met.phi - lep.phi) * turn, np.sin(tau.phi - met.phi) * turn
    return {
        "DER_mass_transverse_met_lep": np.sqrt(2 * lep.pt * met.pt * (1 - np.cos(met.phi - lep.phi))),
        "DER_mass_vis": np.sqrt(2 * lep.pt * tau.pt * (np.cosh(tau.eta - lep.eta) - np.cos(apart))),
        "DER_pt_h": abs(lep.across + tau.across + met.across),
        "DER_deltar_tau_lep": np.hypot(tau.eta - lep.eta, apart),
        "DER_pt_ratio_lep_tau": lep.pt / tau.pt,
        "DER_met_phi_centrality": (a + b) / np.hypot(a, b).clip(1e-9),
    }


def _of_two_jets(lep: Particles, jets: list[Particles], there: np.ndarray) -> dict[str, np.ndarray]:
    """Undefined where there are not two."""
    one, two = jets
    apart = one.eta - two.eta
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        found = {
            "DER_deltaeta_jet_jet": abs(apart),
            "DER_mass_jet_jet": np.sqrt(2 * one.pt * two.pt * (np.cosh(apart) - np.cos(one.phi - two.phi))),
            "DER_prodeta_jet_jet": one.eta * two.eta,
            "DER_lep_eta_centrality": np.exp(-4 / apart**2 * (lep.eta - (one.eta + two.eta) / 2) ** 2),
        }
    return {name: np.where(there, value, UNDEFINED) for name, value in found.items()}


def _sum(jets: list[Particles], number: np.ndarray) -> np.ndarray:
    parts = [np.where(number > place, jet.across, 0.0) for place, jet in enumerate(jets)]
    return parts[0] + parts[1]


def _primary(name: str, found: Particles) -> dict[str, np.ndarray]:
    return {f"PRI_{name}_{part}": value for part, value in found._asdict().items()}


def _angle(value: np.ndarray) -> np.ndarray:
    """The same angle between -pi and pi."""
    return (value + np.pi) % (2 * np.pi) - np.pi
