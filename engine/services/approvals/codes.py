"""Why an answer to a request was not taken: codes for programs, sentences for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.steps.words import Words

ACCEPTED: Final = "accepted"
UNKNOWN: Final = "unknown_request"

SENTENCES: Final[Mapping[str, Words]] = {
    ACCEPTED: Words("Your answer was taken.", "您的答复已生效。"),
    UNKNOWN: Words("There is no such request.", "没有这个审批请求。"),
    "closed": Words(
        "This request is decided already; nothing was changed.",
        "该请求已有结果，未作任何更改。",
    ),
    "nobody_waits": Words(
        "Nobody waits for this request any more; nothing was changed.",
        "已无人等待该请求的结果，未作任何更改。",
    ),
    "returned": Words(
        "The request was given back and waits to be submitted again.",
        "该请求已退回，等待重新提交。",
    ),
    "not_active": Words("Who has left decides nothing any more.", "已离职人员不能审批。"),
    "own_request": Words(
        "Nobody decides about their own request. Let another approver decide.",
        "不能审批自己的请求，请由其他审批人处理。",
    ),
    "not_asked": Words(
        "You are not asked about this request, or not any more.",
        "您不是（或已不是）该请求的审批人。",
    ),
    "already_decided": Words("You have decided on this level already.", "您在本级已作出决定。"),
    "not_earlier": Words(
        "It can only be sent back to an earlier level of its own.", "只能退回到该请求更早的一级。"
    ),
    "no_requester": Words("There is nobody who asked and could answer.", "没有可以答复的发起人。"),
    "question_open": Words(
        "A question is open already; wait for its answer.", "已有待答复的提问，请等待答复。"
    ),
    "no_question": Words("No question is open.", "没有待答复的提问。"),
    "nobody_there": Words(
        "Choose somebody who works here and is not away.", "请选择在职且在岗的人员。"
    ),
    "already_seated": Words(
        "They have a voice on this level already. Choose somebody else.",
        "对方在本级已有审批权，请另选他人。",
    ),
    "not_requester": Words("Only whoever asked may do that.", "只有发起人可以执行此操作。"),
    "not_returned": Words("The request was not given back.", "该请求未被退回。"),
    "bad_answer": Words("This is no answer to a request.", "这不是有效的答复。"),
    "not_permitted": Words("Your role may not answer requests.", "您的角色无权答复请求。"),
    "comment_too_long": Words("Write at most 2,000 characters.", "最多可写 2000 个字符。"),
    "comment_missing": Words("Write what you want to say.", "请填写内容。"),
    "unknown_files": Words("A file that you attach is not there.", "附加的文件不存在。"),
}


def sentence(code: str, language: str = "en") -> str:
    known = SENTENCES.get(code)
    return known.in_language(language) if known else code
