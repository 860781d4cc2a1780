"""Whether opens and clicks are looked at, and what is kept of a confirmation."""

from __future__ import annotations

from pydantic import Field

from engine.settings.loading import Group


class Tracking(Group):
    """Measuring opens and clicks. Contacts may refuse it on their preferences page."""

    opens: bool = Field(
        True,
        alias="TRACKING_OPENS",
        description="Whether a picture at the end of marketing letters tells when they are opened.",
    )
    clicks: bool = Field(
        True,
        alias="TRACKING_CLICKS",
        description="Whether links of marketing letters go through this server, which counts them.",
    )
    service: bool = Field(
        False,
        alias="TRACKING_SERVICE_MESSAGES",
        description="true: service messages are measured like marketing.",
    )
    by_provider: bool = Field(
        False,
        alias="TRACKING_BY_PROVIDER",
        description="true: SendGrid looks at opens and clicks instead of us. It does so of "
        "everybody, also of contacts who refuse it.",
    )
    record_ip: bool = Field(
        False,
        alias="CONSENT_RECORD_IP",
        description="Whether the network address of somebody who confirms a subscription is kept "
        "as evidence.",
    )
