"""A small OpenID Connect issuer: real HTTP, real RS256 keys, authorization code with PKCE."""

import base64
import hashlib
import html
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CLIENT = "fmops-approvals"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """An RSA key pair with a name."""

    def __init__(self, kid: str, bits: int = 2048) -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)

    def jwk(self) -> dict[str, Any]:
        numbers = self.private.public_key().public_numbers()
        n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": b64(n), "e": b64(b"\x01\x00\x01")}

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def token(self, claims: dict[str, Any], **header: Any) -> str:
        """A signed JSON Web Token."""
        head = {"alg": "RS256", "typ": "JWT", "kid": self.kid, **header}
        body = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
        return f"{body}.{b64(self.sign(body.encode()))}"


class Issuer:
    """What the issuer knows, and what a test has it do otherwise."""

    def __init__(self) -> None:
        self.url = ""
        self.keys = [Key("one")]
        self.published: list[Key] | None = None
        """None: those that it signs with."""
        self.changes: dict[str, Any] = {}
        """Claims that replace the right ones; None leaves one out."""
        self.header: dict[str, Any] = {}
        self.unsigned = False
        self.forgets_codes = True
        """A careless issuer takes a code twice."""
        self.secret: str | None = None
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def claims(self, person: str, nonce: str, **more: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": f"subject-of-{person.partition('@')[0]}",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "email": person,
            "email_verified": True,
            **more,
        }
        return {name: value for name, value in (claims | self.changes).items() if value is not None}

    def code(self, query: dict[str, str], person: str) -> str:
        """A code for a request at the authorization endpoint, where a person has signed in."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**query, "person": person}
        return code

    def sign_in(self, authorization_url: str, person: str) -> str:
        """What a browser does at the issuer: the address that it is sent back to."""
        query = dict(parse_qsl(urlsplit(authorization_url).query))
        back = urlencode({"code": self.code(query, person), "state": query["state"]})
        return f"{query['redirect_uri']}?{back}"

    def token(self, fields: dict[str, str], authorization: str | None) -> dict[str, Any] | None:
        """The answer of the token endpoint; None where it says no."""
        given = self._codes.get(fields.get("code", ""))
        if self.forgets_codes:
            self._codes.pop(fields.get("code", ""), None)
        if self.secret is not None:
            pair = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
            if authorization != f"Basic {pair}":
                return None
        verifier = fields.get("code_verifier", "")
        challenge = b64(hashlib.sha256(verifier.encode()).digest())
        if (
            given is None
            or fields.get("grant_type") != "authorization_code"
            or fields.get("client_id") != CLIENT
            or fields.get("redirect_uri") != given["redirect_uri"]
            or challenge != given["code_challenge"]
        ):
            return None
        claims = self.claims(given["person"], given["nonce"])
        token = self.keys[0].token(claims, **self.header)
        if self.unsigned:
            token = f"{token.rpartition('.')[0]}."
        return {"access_token": "unused", "token_type": "Bearer", "id_token": token}


@contextmanager
def issuer() -> Iterator[Issuer]:
    """An issuer that answers on this machine."""
    found = Issuer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            found.asked.append(self.path)
            parts = urlsplit(self.path)
            match parts.path:
                case "/.well-known/openid-configuration":
                    self._json(
                        200,
                        {
                            "issuer": found.url,
                            "authorization_endpoint": f"{found.url}/authorize",
                            "token_endpoint": f"{found.url}/token",
                            "jwks_uri": f"{found.url}/keys",
                        },
                    )
                case "/keys":
                    keys = found.keys if found.published is None else found.published
                    self._json(200, {"keys": [key.jwk() for key in keys]})
                case "/authorize":
                    self._form(parts.query)
                case _:
                    self._json(404, {})

        def do_POST(self) -> None:
            found.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {name: values[0] for name, values in parse_qs(body).items()}
            if urlsplit(self.path).path == "/authorize":
                self._send(302, b"", {"Location": found.sign_in(self.path, fields["person"])})
                return
            answer = found.token(fields, self.headers.get("Authorization"))
            self._json(200 if answer else 400, answer or {"error": "invalid_grant"})

        def _form(self, query: str) -> None:
            page = (
                '<!doctype html><html lang="en"><title>Sign in</title><form method="post" '
                f'action="/authorize?{html.escape(query)}"><label for="person">Your address</label>'
                '<input id="person" name="person" type="email"><button>Sign in</button></form>'
            )
            self._send(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

        def _json(self, status: int, document: dict[str, Any]) -> None:
            self._send(status, json.dumps(document).encode(), {"Content-Type": "application/json"})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
