"""What is measured of letters, and whose."""

from __future__ import annotations

from dataclasses import dataclass

from engine.settings.tracking import Tracking as TrackingSettings


@dataclass(frozen=True, slots=True)
class Tracking:
    """What we measure ourselves. `service`: of service mails too, which people asked for and which
    are left alone else."""

    opens: bool = False
    clicks: bool = False
    service: bool = False

    def of(self, purpose: str, unmeasured: bool) -> Tracking:
        """What holds for one message to one contact."""
        if unmeasured or (purpose == "service" and not self.service):
            return Tracking()
        return self


def tracking_of(settings: TrackingSettings) -> Tracking:
    """What is left for us to measure where a provider does not."""
    if settings.by_provider:
        return Tracking()
    return Tracking(settings.opens, settings.clicks, settings.service)


def left_to_provider(settings: TrackingSettings) -> tuple[bool, bool]:
    """Whether the provider looks at opens, and at clicks."""
    return (settings.by_provider and settings.opens, settings.by_provider and settings.clicks)
