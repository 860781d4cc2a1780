"""What the pages say, in English and in Chinese."""

from __future__ import annotations

from typing import Final

from engine.api.public.page import Words

UNSUBSCRIBE: Final[Words] = {
    "en": {
        "title": "Unsubscribe",
        "ask_topic": "Do you want no more mail about this topic: {topic}?",
        "stop_topic": "No more about: {topic}",
        "ask": "Do you want to stop our marketing mail? We will still write to you about your "
        "orders and your account.",
        "stop": "Unsubscribe",
        "ask_all": "Or stop everything, messages about your orders and your account included:",
        "stop_all": "Send me nothing at all",
        "choose": "Or choose topics and how often we write",
        "done_title": "You are unsubscribed",
        "done_purpose": "You will get no more marketing mail from us.",
        "done_all": "We send you nothing at all any more.",
        "done_topic_title": "Your choice is saved",
        "done_topic": "You will get no more mail about this topic.",
        "leaving": "One message was just on its way and may still reach you.",
    },
    "zh": {
        "title": "退订",
        "ask_topic": "您不想再收到有关此主题的邮件吗：{topic}？",
        "stop_topic": "不再接收：{topic}",
        "ask": "您要停止接收我们的营销邮件吗？与您的订单和账户有关的邮件仍会发送给您。",
        "stop": "退订",
        "ask_all": "或者停止接收所有消息，包括与您的订单和账户有关的消息：",
        "stop_all": "不再接收任何消息",
        "choose": "或者选择主题和接收频率",
        "done_title": "您已退订",
        "done_purpose": "我们不会再向您发送营销邮件。",
        "done_all": "我们不会再向您发送任何消息。",
        "done_topic_title": "您的选择已保存",
        "done_topic": "您不会再收到有关此主题的邮件。",
        "leaving": "有一条消息刚刚正在发出，您可能仍会收到。",
    },
}
PREFERENCES: Final[Words] = {
    "en": {
        "title": "What may we send you?",
        "topics": "Topics",
        "often": "How often",
        "every": "Every message",
        "every_help": "As it comes.",
        "daily": "At most one a day",
        "weekly": "At most one a week",
        "ways": "Ways to reach you",
        "email": "Marketing by e-mail",
        "sms": "Marketing by text message",
        "ways_help": "Messages about your orders and your account reach you in any case.",
        "measure": "Privacy",
        "unmeasured": "Do not look at whether I open messages or follow links",
        "save": "Save",
        "saved_title": "Your choice is saved",
        "saved": "It holds from now on.",
        "back": "Change something else",
        "stop": "Or stop everything, messages about your orders and your account included:",
        "stop_all": "Send me nothing at all",
        "stopped_title": "You will hear no more from us",
        "stopped": "We send you nothing at all any more.",
        "leaving": "One message was just on its way and may still reach you.",
        "suppressed": "At present we send you nothing at all. Saving a way to reach you changes "
        "that.",
        "unreachable": "Mail to your address came back or was reported, so we send none. Ask us to "
        "put it right.",
    },
    "zh": {
        "title": "您希望收到哪些消息？",
        "topics": "主题",
        "often": "频率",
        "every": "每条消息",
        "every_help": "有消息即发送。",
        "daily": "每天最多一条",
        "weekly": "每周最多一条",
        "ways": "联系方式",
        "email": "通过电子邮件接收营销消息",
        "sms": "通过短信接收营销消息",
        "ways_help": "与您的订单和账户有关的消息始终会发送给您。",
        "measure": "隐私",
        "unmeasured": "不统计我是否打开消息或点击链接",
        "save": "保存",
        "saved_title": "您的选择已保存",
        "saved": "即刻生效。",
        "back": "更改其他选项",
        "stop": "或者停止接收所有消息，包括与您的订单和账户有关的消息：",
        "stop_all": "不再接收任何消息",
        "stopped_title": "您将不再收到我们的消息",
        "stopped": "我们不会再向您发送任何消息。",
        "leaving": "有一条消息刚刚正在发出，您可能仍会收到。",
        "suppressed": "目前我们不向您发送任何消息。保存一种联系方式即可恢复。",
        "unreachable": "发往您地址的邮件曾被退回或被举报，因此我们不再发送。如需恢复请联系我们。",
    },
}
CONFIRM: Final[Words] = {
    "en": {
        "title": "Confirm your subscription",
        "ask": "Do you want to hear from us by e-mail? Press the button to say yes.",
        "about": "You asked for:",
        "yes": "Yes, I want that",
        "ignore": "It was not you? Then close this page; nothing will be sent.",
        "done_title": "Thank you",
        "done": "Your subscription is confirmed.",
        "preferences": "Choose topics and frequency",
        "expired_title": "This link is too old",
        "expired": "Please sign up again; we will send you a new one.",
    },
    "zh": {
        "title": "确认订阅",
        "ask": "您希望通过电子邮件收到我们的消息吗？请点击按钮确认。",
        "about": "您申请了：",
        "yes": "是的，我要订阅",
        "ignore": "不是您本人操作？请关闭此页面，我们不会发送任何消息。",
        "done_title": "谢谢",
        "done": "您的订阅已确认。",
        "preferences": "选择主题和频率",
        "expired_title": "此链接已过期",
        "expired": "请重新订阅，我们会向您发送新的链接。",
    },
}
VIEW: Final[Words] = {
    "en": {
        "gone_title": "This message cannot be shown any more",
        "gone": "It was removed, or the text it was written from is gone.",
    },
    "zh": {
        "gone_title": "此消息无法再显示",
        "gone": "消息已被移除，或其模板已不存在。",
    },
}
