"""A JSON service over HTTP with the standard library, its failures as ``RemoteError``."""

from __future__ import annotations

import http.client
import json
import logging
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from kgbuild.errors import InputError, RemoteError

log = logging.getLogger(__name__)

_MAX_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class JsonService:
    """Where a service is and how patient to be with it.

    ``timeout`` is in seconds for connecting and for each read; ``retries`` counts further
    tries where no connection was made or it broke (an answer or a timeout isn't tried
    again), with pauses of ``backoff`` seconds, doubled each time.
    """

    url: str
    timeout: float = 60.0
    retries: int = 2
    backoff: float = 0.5

    def __post_init__(self) -> None:
        """Check the URL.

        Raises:
            InputError: it isn't an http or https URL, or holds a user name, query or fragment.
        """
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname)
            plain = "@" not in parts.netloc and not parts.query and not parts.fragment
            _ = parts.port
        except ValueError as error:
            raise InputError(f"not a URL ({error}): give http://host:port") from error
        if not plain:
            raise InputError("a service's URL holds no user name, query or fragment")
        if not usable:
            raise InputError(f"{self.url!r} isn't an http or https URL: give http://host:port")
        object.__setattr__(self, "url", self.url.rstrip("/"))

    def post(self, path: str, body: object) -> object:
        """POST a value as JSON and give the answer's JSON value.

        Raises:
            RemoteError: no connection, a timeout, a status other than 200, or no JSON.
        """
        data = json.dumps(body).encode("ascii")
        for attempt in range(self.retries + 1):
            try:
                return self._post(path, data)
            except urllib.error.HTTPError as error:
                with error:
                    detail = error.read(500).decode("utf-8", "replace")
                raise self.failure(path, f"status {error.code}: {detail}") from error
            except TimeoutError as error:
                raise self.failure(path, f"no answer within {self.timeout:g} s") from error
            except urllib.error.URLError as error:
                if isinstance(error.reason, TimeoutError):
                    raise self.failure(path, f"no answer within {self.timeout:g} s") from error
                problem: BaseException | str = error.reason
            except (OSError, http.client.HTTPException) as error:
                problem = error
            if attempt < self.retries:
                log.info("%s%s: %s, trying again", self.url, path, problem)
                time.sleep(self.backoff * 2**attempt)
        raise self.failure(path, f"no connection in {self.retries + 1} tries: {problem}")

    def _post(self, path: str, data: bytes) -> object:
        request = urllib.request.Request(
            self.url + path,
            data=data,
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            method="POST",
        )
        with _opener().open(request, timeout=self.timeout) as response:
            if response.status != 200:
                raise self.failure(path, f"status {response.status}")
            content: bytes = response.read(_MAX_ANSWER + 1)
        if len(content) > _MAX_ANSWER:
            raise self.failure(path, f"the answer is longer than {_MAX_ANSWER} bytes")
        try:
            value: object = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise self.failure(path, f"the answer isn't JSON: {error}") from error
        return value

    def failure(self, path: str, what: str) -> RemoteError:
        """An error that names the URL; ``what`` is shortened."""
        return RemoteError(f"{self.url}{path}: {what if len(what) <= 500 else what[:500] + '…'}")


def _opener() -> urllib.request.OpenerDirector:
    """Only http and https, and no redirects: they would turn a POST into a GET."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
