"""Cases that somebody must take up: opened, told level after level, taken up, resolved."""

from engine.escalations.urgency import Urgency as Urgency
from engine.services.escalations.answering import answer_as as answer_as
from engine.services.escalations.asking import InlinePolicy as InlinePolicy
from engine.services.escalations.asking import OpenCase as OpenCase
from engine.services.escalations.listing import CaseStep as CaseStep
from engine.services.escalations.listing import ListedCase as ListedCase
from engine.services.escalations.listing import cases_about as cases_about
from engine.services.escalations.listing import list_cases as list_cases
from engine.services.escalations.listing import show_case as show_case
from engine.services.escalations.opening import open_case as open_case
from engine.services.escalations.waiting import pause_cases as pause_cases
from engine.services.escalations.waiting import resolve_cases as resolve_cases
from engine.services.escalations.waiting import resume_cases as resume_cases
