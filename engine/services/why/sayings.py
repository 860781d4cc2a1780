"""What is said about why and why not, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.flows.words import Words

VERDICTS: Final[Mapping[str, Words]] = {
    "inside": Words("{name} is in this flow now.", "{name} 目前在此流程中。"),
    "not_open": Words("Nobody enters this flow now.", "目前无人可进入此流程。"),
    "waits": Words("An event of {name} is still to be looked at.", "{name} 的一个事件尚待处理。"),
    "been_before": Words(
        "{name} has been in this flow and does not enter again.",
        "{name} 曾进入过此流程，不会再次进入。",
    ),
    "no_event": Words(
        "{name} has not done what lets people in.", "{name} 尚未做出触发进入的行为。"
    ),
    "rule_fails": Words("{name} does not fit what lets people in.", "{name} 不符合进入条件。"),
    "held_out": Words(
        "{name} belongs to the holdout and gets nothing from this flow.",
        "{name} 属于对照组，不会收到此流程的任何内容。",
    ),
    "entry_refused": Words("{name} may not enter now.", "{name} 目前不可进入。"),
    "would_enter": Words(
        "Nothing keeps {name} out: the next occasion lets them in.",
        "没有任何因素阻止 {name}：下一次触发即可进入。",
    ),
}

DRAFT = Words("The flow is a draft and was never published.", "该流程为草稿，从未发布。")
UNREADABLE = Words(
    "The published version cannot be followed: {reason}.", "已发布的版本无法执行：{reason}。"
)
RETIRED = Words(
    "The flow is retired: who is inside finishes, nobody enters.",
    "该流程已停用：已在其中的人会走完，无人可进入。",
)
PAUSED = Words(
    "The flow is paused: who enters waits at its door.", "该流程已暂停：进入者在入口等待。"
)
OPEN = Words("The flow is published and open.", "该流程已发布并开放。")
NODES_PAUSED = Words("Paused nodes: {nodes}.", "已暂停的节点：{nodes}。")

INSIDE = Words(
    "Inside since {entered_at}, on “{node}” (run {run_id}).",
    "自 {entered_at} 起在流程中，位于“{node}”（运行 {run_id}）。",
)
INSIDE_HELD = Words(
    "Inside since {entered_at}, held on “{node}” for {code} (run {run_id}).",
    "自 {entered_at} 起在流程中，因 {code} 停在“{node}”（运行 {run_id}）。",
)
HAS_BEEN = Words(
    "Was inside from {entered_at} to {ended_at}: {outcome} (run {run_id}).",
    "曾于 {entered_at} 至 {ended_at} 在流程中：{outcome}（运行 {run_id}）。",
)

RULE_HOLDS = Words("The rule of the trigger holds now.", "触发规则目前成立。")
RULE_FAILS = Words("The rule of the trigger does not hold now.", "触发规则目前不成立。")
IN_AUDIENCE = Words("Belongs to the audience now.", "目前属于目标人群。")
NOT_IN_AUDIENCE = Words("Does not belong to the audience now.", "目前不属于目标人群。")
BY_HAND = Words("People enter by hand or by another system only.", "只能由人工或其他系统加入。")
NO_EVENT = Words("No event “{event}” was ever received.", "从未收到事件“{event}”。")
EVENT_LET_IN = Words(
    "“{event}” of {at} let them in (run {run_id}).",
    "{at} 的“{event}”使其进入（运行 {run_id}）。",
)
EVENT_WAITS = Words("“{event}” of {at} is still to be looked at.", "{at} 的“{event}”尚待处理。")
EVENT_FAILS = Words("“{event}” of {at} does not fulfil the rule.", "{at} 的“{event}”不满足规则。")
EVENT_BEFORE = Words(
    "“{event}” of {at} came before this version was published.",
    "{at} 的“{event}”早于此版本的发布。",
)
EVENT_FITS = Words("“{event}” of {at} fulfils the rule.", "{at} 的“{event}”满足规则。")

POLICIES: Final[Mapping[str, Words]] = {
    "once": Words("People enter once.", "每人只进入一次。"),
    "once_per": Words("People enter once per “{property}”.", "每个“{property}”进入一次。"),
    "after_exit": Words("People enter again after they left.", "离开后可再次进入。"),
    "every": Words("People enter once every {span}.", "每 {span} 可进入一次。"),
    "always": Words("Every occasion lets people in.", "每次触发都会进入。"),
}
ENTRY_ALLOWS = Words("This allows it now.", "目前允许。")
BEEN_BEFORE = Words("They have entered already.", "已经进入过。")
ENTRY_BY_EVENT = Words("The event that comes decides.", "由到来的事件决定。")
ENTRY_REFUSES = Words("This does not allow it now.", "目前不允许。")
REFUSALS: Final[Mapping[str, Words]] = {
    "still_inside": Words("They are still inside.", "目前仍在流程中。"),
    "too_early": Words("It opens again at {opens_at}.", "将于 {opens_at} 再次开放。"),
    "too_many_inside": Words(
        "At most {at_most} at once, and {inside} are inside.",
        "最多同时 {at_most} 个，目前已有 {inside} 个。",
    ),
    "absent": Words("The event has no “{property}”.", "事件没有“{property}”。"),
}

HELD_OUT = Words(
    "Belongs to the {percent} percent that receive nothing, so that the flow's effect is measured.",
    "属于 {percent}% 不接收任何内容的对照组，用于衡量效果。",
)
NOT_HELD_OUT = Words(
    "Does not belong to the holdout of {percent} percent.", "不属于 {percent}% 的对照组。"
)

MAY_BE_WRITTEN_TO = Words("The flow's messages may be sent to them.", "可以向其发送此流程的消息。")
BARRIERS: Final[Mapping[str, Words]] = {
    "no_address": Words(
        "Messages are not sent: there is no e-mail address.", "不会发送消息：没有电子邮件地址。"
    ),
    "bad_address": Words(
        "Messages are not sent: the address cannot be written to.", "不会发送消息：地址无效。"
    ),
    "suppressed": Words(
        "Messages are not sent: the address is suppressed.", "不会发送消息：该地址已被屏蔽。"
    ),
    "no_consent": Words(
        "Marketing messages are not sent: they never agreed to them.",
        "不会发送营销消息：从未取得同意。",
    ),
    "consent_withdrawn": Words(
        "Marketing messages are not sent: they said no.", "不会发送营销消息：对方已拒绝。"
    ),
}
EXIT_HOLDS = Words("The exit rule holds: they would leave at once.", "退出规则成立：会立即离开。")
EXIT_FAILS = Words("The exit rule does not hold.", "退出规则不成立。")

ENDED = Words("The run is over: {outcome}.", "运行已结束：{outcome}。")
HELD = Words("Held for {code}: {message}", "因 {code} 停住：{message}")
FLOW_PAUSED = Words("The flow is paused: nobody moves.", "流程已暂停：无人移动。")
NODE_PAUSED = Words(
    "The node “{node}” is paused: whoever stands on it stays.", "节点“{node}”已暂停：其上的人停留。"
)
WAITS_UNTIL = Words("Waits until {until}.", "等待至 {until}。")
FELL_DUE = Words("Fell due at {until}.", "已于 {until} 到期。")
DUE = Words("Is due and moves in a moment.", "已到期，即将移动。")
LISTENS = Words("Waits for the event {events}.", "等待事件 {events}。")
ASKED = Words(
    "Asked for “{kind}” and waits for the answer; tried {attempts} times, next at {not_before}.",
    "已请求“{kind}”并等待结果；已尝试 {attempts} 次，下次 {not_before}。",
)
HANDING_OVER = Words("“{kind}” is being done at this moment.", "“{kind}”正在执行。")
NOTHING_OPEN = Words(
    "Waits for an answer that nobody owes any more. Retry or end the run.",
    "等待的结果已不会再来。请重试或结束此运行。",
)
ASIDE = Words(
    "{count} things that happened meanwhile are told when it moves.",
    "期间发生的 {count} 件事将在移动时告知。",
)
