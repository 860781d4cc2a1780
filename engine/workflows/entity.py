"""The host that every open thing has: it sleeps until the thing's time, and takes answers to it.

It holds nothing but a time. What the thing is, is rows; what becomes of it is decided in the
transaction of an activity. So a host that is lost is begun again by the sweep, and continuing as
new loses nothing.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from engine.workflows.shared import (
    ACT,
    TEND,
    Acted,
    AnswerInput,
    ClockNews,
    HostInput,
    Tended,
    TendInput,
    host_id,
)

# Temporal refuses the 2,001st update of one run, and the 10,001st signal; stay far below.
MOST_HEARD = 500
# What nobody told it (that the thing is over, say) a host finds out within a day.
LOOK_IN_SECONDS = 24 * 60 * 60
# Whoever says "now" again and again must not spin.
SHORTEST_REST_SECONDS = 1
LONGEST_ID = 200

# What passes within seconds is retried within the deed; after that the host rests, because a deed
# that goes on failing would fill the history where nothing can cut it.
RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=2),
    maximum_attempts=5,
)
FIRST_REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 60.0
# A few statements in one transaction: local, so that they cost one task and two events.
DEED_SECONDS = timedelta(seconds=60)


class Host:
    """Signal `poke` when the clock was set or ended; update `answer` when somebody answered.

    It ends when the thing is over, and a poke or an answer begins it anew.
    """

    # before any handler, so that each of them knows which clock the host was begun with
    @workflow.init
    def __init__(self, line: HostInput) -> None:
        self._clock = ClockNews(line.due, line.revision)
        self._heard = 0
        self._changes = 0
        self._not_before = 0.0
        self._failures = 0

    @workflow.signal
    def poke(self, news: ClockNews) -> None:
        self._heard += 1
        self._learn(news)

    @workflow.update
    async def answer(self, line: AnswerInput) -> str:
        """What became of it, in one word; the rest is in our tables.

        An answer that comes too late is acted on like any other: only the rows know what is still
        open, and who is refused is written down.
        """
        self._heard += 1
        revision = self._clock.revision
        acted: Acted = await workflow.execute_local_activity(
            ACT,
            line,
            result_type=Acted,
            start_to_close_timeout=DEED_SECONDS,
            retry_policy=RETRIES,
        )
        self._learn(acted.clock or ClockNews(revision=revision, ended=True))
        return acted.code

    @answer.validator
    def is_answer(self, line: AnswerInput) -> None:
        """Refuse, without a trace in the history, what is not for this host."""
        if not 0 < len(line.answer_id) <= LONGEST_ID:
            raise ApplicationError("An answer needs an id.", type="malformed_answer")
        if not workflow.info().workflow_id.endswith(host_id(line.kind, line.entity_id)):
            raise ApplicationError("The answer is for another host.", type="wrong_host")

    async def host(self, line: HostInput) -> None:
        """Until the thing is over, or the history is long and another run goes on."""
        while True:
            await self._rest()
            if not self._clock.ended and not self._is_long():
                await self._tend(line)
                continue
            await workflow.wait_condition(workflow.all_handlers_finished)
            if self._clock.ended:
                return
            if self._is_long():
                clock = self._clock
                workflow.continue_as_new(
                    HostInput(line.kind, line.entity_id, clock.due, clock.revision)
                )

    async def _tend(self, line: HostInput) -> None:
        revision = self._clock.revision
        try:
            tended: Tended = await workflow.execute_local_activity(
                TEND,
                TendInput(line.kind, line.entity_id),
                result_type=Tended,
                start_to_close_timeout=DEED_SECONDS,
                retry_policy=RETRIES,
            )
        except FailureError as error:  # a local activity's own one, without a frame around it
            if is_cancelled_exception(error):
                raise
            # said by the worker's log; the clock is as it was, and it is tried again
            rest = min(FIRST_REST_SECONDS * 2**self._failures, LONGEST_REST_SECONDS)
            self._failures += 1
            self._not_before = workflow.time() + rest
            return
        self._failures = 0
        self._not_before = workflow.time() + SHORTEST_REST_SECONDS
        self._learn(tended.clock or ClockNews(revision=revision, ended=True))

    async def _rest(self) -> None:
        """Sleep until its time; less when it is over or the history is long."""
        latest = workflow.time() + LOOK_IN_SECONDS * workflow.random().uniform(0.5, 1)
        while not self._clock.ended and not self._is_long():
            due = latest if self._clock.due is None else min(self._clock.due, latest)
            seconds = max(due, self._not_before) - workflow.time()
            if seconds <= 0:
                return
            try:
                await workflow.wait_condition(
                    partial(self._knows_more_than, self._changes),
                    timeout=timedelta(seconds=seconds),
                )
            except TimeoutError:
                return

    def _learn(self, news: ClockNews) -> None:
        if news.revision >= self._clock.revision:
            self._clock = news
            self._changes += 1

    def _knows_more_than(self, changes: int) -> bool:
        return self._changes > changes or self._is_long()

    def _is_long(self) -> bool:
        return workflow.info().is_continue_as_new_suggested() or self._heard >= MOST_HEARD
