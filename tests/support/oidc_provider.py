"""An OpenID Connect provider on this machine: whoever comes is the person that the test says, without asking.

It speaks the authorization code flow as clients check it: discovery, a signed ID token with the nonce, the
client's secret, each code once, the user info for the access token.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "tweetsieve-tests", "a secret of the tests"


class Provider:
    """What it knows: its key, who is at the browser, and what it has handed out."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.person: dict[str, Any] = {}
        self.returned_to: list[str] = []
        self.key = RSAKey.generate_key(2048, {"kid": "tests"})
        self.codes: dict[str, tuple[dict[str, Any], str]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}

    def settings(self) -> dict[str, str]:
        """The environment's variables by which a program logs people in here."""
        return {
            "TWEETSIEVE_OIDC_ISSUER": self.url,
            "TWEETSIEVE_OIDC_CLIENT_ID": CLIENT,
            "TWEETSIEVE_OIDC_CLIENT_SECRET": SECRET,
        }

    def metadata(self) -> dict[str, Any]:
        endpoints = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **{f"{name}_endpoint": f"{self.url}/{path}" for name, path in endpoints.items()},
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes next, with a code that is good for one token."""
        code = secrets.token_urlsafe()
        self.codes[code] = (dict(self.person), query.get("nonce", ""))
        self.returned_to.append(query["redirect_uri"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """The tokens for a code.

        Raises:
            KeyError: the code is not one of ours, or was used.
            PermissionError: the client does not know its secret.
        """
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            words = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
            if [unquote(word.replace("+", " ")) for word in words] != [CLIENT, SECRET]:
                raise PermissionError
        person, nonce = self.codes.pop(form["code"])
        access = secrets.token_urlsafe()
        self.tokens[access] = person
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 600, "nonce": nonce, **person}
        header = {"alg": "RS256", "kid": "tests"}
        signed = jwt.encode(header, claims, self.key)
        return {"access_token": access, "token_type": "Bearer", "expires_in": 600, "id_token": signed}


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider on a free port of the loopback address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = Provider(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.provider  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    @property
    def _provider(self) -> Provider:
        return self.server.provider  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            self._answer(200, self._provider.metadata())
        elif parts.path == "/keys":
            public = self._provider.key.as_dict(private=False)
            self._answer(200, {"keys": [public | {"use": "sig", "alg": "RS256"}]})
        elif parts.path == "/authorize":
            self._answer(302, {}, {"Location": self._provider.authorize(query)})
        elif parts.path == "/userinfo":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            known = self._provider.tokens.get(token)
            self._answer(200 if known else 401, known or {"error": "invalid_token"})
        else:
            self._answer(404, {"error": self.path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        try:
            self._answer(200, self._provider.token(form, self.headers.get("Authorization", "")))
        except (KeyError, PermissionError) as refused:
            self._answer(400, {"error": "invalid_grant", "error_description": str(refused)})

    def _answer(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *words: object) -> None:
        """Nothing: pytest's output is long enough."""
