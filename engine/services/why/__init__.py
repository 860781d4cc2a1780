"""Why, and why not: for any flow and any contact, and for a run that stands somewhere."""

from engine.services.why.findings import Finding, Stance
from engine.services.why.flow import WhyFlow, why
from engine.services.why.run import WhyHere, why_here

__all__ = ["Finding", "Stance", "WhyFlow", "WhyHere", "why", "why_here"]
