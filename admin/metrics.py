"""The desk's figures in Prometheus' format, in a registry of their own for each scrape."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.queries.figures import Figures
from core.rules.alarms import AlarmKind, Facts


def exposition(facts: Facts, figures: Figures, now: datetime) -> bytes:
    """The answer to a scrape: the desk from its database, processor and memory of this process."""
    registry = CollectorRegistry()
    for of_process in (ProcessCollector, PlatformCollector, GCCollector):
        of_process(registry=registry)
    registry.register(_Desk(facts, figures, now))
    return generate_latest(registry)


class _Desk(Collector):
    def __init__(self, facts: Facts, figures: Figures, now: datetime) -> None:
        self._facts, self._figures, self._now = facts, figures, now

    def collect(self) -> Iterable[Metric]:
        facts, figures = self._facts, self._figures
        yield _gauge("inbox_rows", "Updates of Telegram by state.", ["state"], _single(figures.inbox))
        yield _gauge("outbox_rows", "Deliveries that are open or in trouble.", ["channel", "state"], figures.outbox)
        waiting = {"inbox": facts.inbox_since, "outbox": facts.outbox_since, "mail": facts.mail_since}
        ages = {queue: self._age(since) if since else 0.0 for queue, since in waiting.items()}
        yield _gauge(
            "oldest_row_age_seconds", "How long the oldest row waits that could go.", ["queue"], _single(ages)
        )
        yield self._attempts()
        yield _gauge("files_pending", "Files of customers to be fetched.", [], {(): figures.files_pending})
        yield _gauge("reports_to_draw", "Reports of closings to be drawn.", [], {(): figures.reports_to_draw})
        beats = {name: self._age(at) for name, at in figures.beats.items()}
        yield _gauge("heartbeat_age_seconds", "Since the last sign of life.", ["name"], _single(beats))
        raised = {str(kind): int(kind in figures.alarms) for kind in AlarmKind}
        yield _gauge("alarm_open", "1 while the alarm lasts.", ["kind"], _single(raised))
        if facts.disk_free is not None:
            yield _gauge("disk_free_bytes", "Free space where the files are.", [], {(): facts.disk_free})

    def _attempts(self) -> Metric:
        family = CounterMetricFamily("ventanilla_delivery_attempts", "Tries to deliver.", labels=["outcome"])
        for outcome, number in sorted(self._figures.attempts.items()):
            family.add_metric([outcome], number)
        return family

    def _age(self, moment: datetime) -> float:
        return max(0.0, (self._now - moment).total_seconds())


def _gauge(name: str, about: str, labels: list[str], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(f"ventanilla_{name}", about, labels=labels)
    for label_values, value in sorted(values.items()):
        family.add_metric([str(label) for label in label_values], value)
    return family


def _single(values: Mapping[str, float]) -> Mapping[tuple[str, ...], float]:
    return {(label,): value for label, value in values.items()}
