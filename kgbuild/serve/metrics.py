"""What is counted, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Labels of their own; a method that a caller made up is counted with all others such."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "kgbuild_http_requests",
            "Requests answered.",
            ["route", "method", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "kgbuild_http_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._items = Histogram(
            "kgbuild_model_pass_items",
            "Items in a pass through the models.",
            ["kind"],
            buckets=(1, 2, 4, 8, 16, 32, 64),
            registry=self._registry,
        )

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered; ``route`` is its template.

        Every label is of a closed set: what a caller chooses freely makes no series.
        """
        known = method if method in METHODS else "other"
        self._requests.labels(route, known, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def model_pass(self, kind: str, items: int) -> None:
        """The models ran."""
        self._items.labels(kind).observe(items)

    def gauge(self, name: str, help: str, value: Callable[[], float]) -> None:
        """A value that is asked for when the metrics are."""
        Gauge(f"kgbuild_{name}", help, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)
