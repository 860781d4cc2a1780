"""Work that takes longer than a request may: asked for in one, carried out by a worker.

A job is a row. A driver takes it up with a lease and writes how far it is; a job whose worker died
is taken up by another and goes on where the first one stopped. It has the permissions of the key
that asked for it, as they are while it is carried out.
"""

from engine.services.jobs.asking import (
    JobSeen,
    TooManyJobs,
    cancel_job,
    list_jobs,
    rejected_lines,
    show_job,
    start_job,
)
from engine.services.jobs.carrying_out import Passed, carry_out_next
from engine.services.jobs.kinds import JobKind, JobMeans

__all__ = [
    "JobKind",
    "JobMeans",
    "JobSeen",
    "Passed",
    "TooManyJobs",
    "cancel_job",
    "carry_out_next",
    "list_jobs",
    "rejected_lines",
    "show_job",
    "start_job",
]
