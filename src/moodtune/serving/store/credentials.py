"""Secrets: 256 random bits that are said once, and kept as their sha256.

A plain hash is enough where a guess has one chance in 2 to the 256th; who reads the database
learns nothing that opens the door. A secret is found by looking its hash up, so how long it takes
says nothing of how near a guess was.
"""

import hashlib
import secrets

TOKEN, SESSION = "mt_", "ms_"
_BYTES = 32


def new_secret(prefix: str) -> str:
    """Return a new secret: ``prefix`` and 43 characters that are safe in URLs and headers."""
    return prefix + secrets.token_urlsafe(_BYTES)


def fingerprint(secret: str) -> bytes:
    """Return the sha256 of a secret [32 bytes]."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
