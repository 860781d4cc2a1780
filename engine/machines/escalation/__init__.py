"""A case on its way up: told level after level until somebody takes it up."""

from engine.machines.escalation.course import Course as Course
from engine.machines.escalation.course import due_of as due_of
from engine.machines.escalation.course import proceed as proceed
from engine.machines.escalation.happenings import Acknowledged as Acknowledged
from engine.machines.escalation.happenings import Effect as Effect
from engine.machines.escalation.happenings import Happening as Happening
from engine.machines.escalation.happenings import Held as Held
from engine.machines.escalation.happenings import Opened as Opened
from engine.machines.escalation.happenings import Over as Over
from engine.machines.escalation.happenings import Paused as Paused
from engine.machines.escalation.happenings import Reassigned as Reassigned
from engine.machines.escalation.happenings import Reopened as Reopened
from engine.machines.escalation.happenings import Resolved as Resolved
from engine.machines.escalation.happenings import Resumed as Resumed
from engine.machines.escalation.happenings import Skipped as Skipped
from engine.machines.escalation.happenings import StoodIn as StoodIn
from engine.machines.escalation.happenings import Taken as Taken
from engine.machines.escalation.happenings import Tell as Tell
from engine.machines.escalation.happenings import TimeCame as TimeCame
from engine.machines.escalation.state import Around as Around
from engine.machines.escalation.state import CaseState as CaseState
from engine.machines.escalation.state import HeldFor as HeldFor
from engine.machines.escalation.state import Status as Status
