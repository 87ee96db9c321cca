"""Who somebody is by the claims of an OpenID Connect provider: one answer for Airflow and the pages."""

from __future__ import annotations

from collections.abc import Mapping


def name_of(claims: Mapping[str, object]) -> str:
    """The claim that identifies a user: the e-mail address unless it is unverified, else the subject.

    Never ``preferred_username`` or ``name``, which people may choose (OpenID Connect Core 1.0, section 5.7).

    >>> name_of({"email": "ann@example.org", "sub": "7"})
    'ann@example.org'
    >>> name_of({"email": "boss@example.org", "email_verified": False, "sub": "7", "iss": "https://id"})
    '7 at https://id'
    """
    email = claims.get("email")
    if email and claims.get("email_verified") is not False:
        return str(email)
    return f"{claims.get('sub')} at {claims.get('iss')}"


def groups_of(claims: Mapping[str, object], claim: str) -> list[str]:
    """A person's groups; none where the claim is absent, or neither a text nor a list.

    >>> groups_of({"groups": ["editors", 7]}, "groups"), groups_of({"groups": "editors"}, "groups")
    (['editors'], ['editors'])
    >>> groups_of({}, "groups")
    []
    """
    given = claims.get(claim)
    if isinstance(given, str):
        return [given]
    return [group for group in given if isinstance(group, str)] if isinstance(given, list | tuple) else []
