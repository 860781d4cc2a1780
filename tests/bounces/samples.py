"""Mails that come back, as servers write them; addresses and words are made up.

`{to}` is where a sample was delivered, `{id}` the Message-ID of the mail that is meant.
"""

# ruff: noqa: E501 - answers of servers, one to a line
from __future__ import annotations

from typing import NamedTuple

from engine.channels.bounces import BounceAddresses, Kind
from engine.channels.reports import Bounce, What

KEY = "0123456789abcdef0123456789abcdef"
ADDRESSES = BounceAddresses("bounces@mail.example.com", ["secret of the test"])
OURS = ADDRESSES.of(KEY) or ""
MESSAGE_ID = f"<{KEY}@example.com>"


class Sample(NamedTuple):
    name: str
    raw: str
    what: What | None
    bounce: Bounce | None = None
    code: str | None = None
    kind: Kind = Kind.REPORT


def dsn(
    status: str,
    diagnostic: str = "",
    *,
    action: str = "failed",
    sender: str = "MAILER-DAEMON@mx.example.net (Mail Delivery System)",
    words: str = "This is the mail system. Your message could not be delivered.",
    more: str = "Auto-Submitted: auto-replied",
    kind: str = "delivery-status",
) -> str:
    """RFC 3464 as most servers write it."""
    told = f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else ""
    return f"""Return-Path: <>
Delivered-To: {OURS}
Date: Mon, 02 Mar 2026 10:00:05 +0000
From: {sender}
Subject: Undelivered Mail Returned to Sender
To: {OURS}
{more}
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="B1/mx.example.net"
Message-Id: <20260302100005.1@mx.example.net>

This is a MIME-encapsulated message.

--B1/mx.example.net
Content-Type: text/plain; charset=us-ascii

{words}

--B1/mx.example.net
Content-Type: message/{kind}

Reporting-MTA: dns; mx.example.net
X-Queue-Id: 4F1A
Arrival-Date: Mon,  2 Mar 2026 10:00:00 +0000 (UTC)

Final-Recipient: rfc822; ada@example.org
Original-Recipient: rfc822;ada@example.org
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
{told}
--B1/mx.example.net
Content-Type: message/rfc822

Return-Path: <{OURS}>
From: Shop <hello@example.com>
To: ada@example.org
Subject: News
Message-ID: {MESSAGE_ID}

Hello Ada
--B1/mx.example.net--
"""


def plain(words: str, *, sender: str, more: str = "", to: str = OURS, path: str = "<>") -> str:
    """A server that writes no report."""
    return f"""Return-Path: {path}
Delivered-To: {to}
From: {sender}
To: {to}
Date: Mon, 02 Mar 2026 10:00:05 +0000
Subject: failure notice
{more}
Message-ID: <9@mx.example.net>

{words}
"""


def arf(kind: str, *, to: str = "fbl@example.com", mail_from: str = OURS) -> str:
    return f"""From: <feedback@fbl.example.net>
Date: Mon, 02 Mar 2026 12:00:00 +0000
Subject: FW: News
To: <{to}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part1"
Message-ID: <arf-1@fbl.example.net>

--part1
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.

--part1
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{mail_from}>
Arrival-Date: Mon, 02 Mar 2026 11:00:00 +0000
Source-IP: 192.0.2.1

--part1
Content-Type: message/rfc822

From: Shop <hello@example.com>
To: <redacted@example.net>
Subject: News
Message-ID: {MESSAGE_ID}

Hello
--part1--
"""


def reply(
    more: str, *, path: str = "<ada@example.org>", sender: str = "Ada <ada@example.org>"
) -> str:
    return plain("I am away until Monday 550 5.1.1.", sender=sender, more=more, path=path)


def away(words: str) -> str:
    """An answering machine that looks like a person but for its empty return path."""
    return plain(words, sender="Ada <ada@example.org>")


HARD, SOFT, FULL, BLOCK = Bounce
BOUNCED, BLOCKED, PUT_OFF = What.BOUNCED, What.BLOCKED, What.PUT_OFF
_QQ = "http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no="
_EXCHANGE = "Microsoft Outlook <MicrosoftExchange1@example.net>"

SAMPLES = [
    # Gmail
    Sample("gmail_unknown", dsn("5.1.1", "550-5.1.1 The email account that you tried to reach does\n not exist. For more information, go to 550 5.1.1 https://support.example/?p=NoSuchUser x1si - gsmtp"), BOUNCED, HARD, "5.1.1"),
    Sample("gmail_full", dsn("5.2.2", "552-5.2.2 The recipient's inbox is out of storage space. 552 5.2.2 gsmtp"), BLOCKED, FULL, "5.2.2"),
    Sample("gmail_disabled", dsn("5.2.1", "550 5.2.1 The email account that you tried to reach is inactive. gsmtp"), BOUNCED, HARD, "5.2.1"),
    Sample("gmail_unsigned", dsn("5.7.26", "550-5.7.26 This mail has been blocked because the sender is unauthenticated. gsmtp"), BLOCKED, BLOCK, "5.7.26"),
    Sample("gmail_rate_given_up", dsn("4.2.1", "450-4.2.1 The user you are trying to contact is receiving mail at a rate gsmtp"), BLOCKED, SOFT, "4.2.1"),
    Sample("gmail_delayed", dsn("4.7.28", "421-4.7.28 unusual rate gsmtp", action="delayed"), PUT_OFF, None, "4.7.28"),
    # Outlook, Exchange Online
    Sample("outlook_unknown", dsn("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)."), BOUNCED, HARD, "550"),
    Sample("exchange_directory", dsn("5.4.1", "550 5.4.1 Recipient address rejected: Access denied.", sender=_EXCHANGE), BOUNCED, HARD, "5.4.1"),
    Sample("exchange_unknown", dsn("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", sender=_EXCHANGE), BOUNCED, HARD, "5.1.10"),
    Sample("exchange_generic", dsn("5.0.350", "550 5.0.350 Remote server returned an error -> 550 5.7.520 Access denied", sender=_EXCHANGE), BLOCKED, BLOCK, "5.7.520"),
    Sample("outlook_blocklist", dsn("5.7.1", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. S3150"), BLOCKED, BLOCK, "5.7.1"),
    Sample("outlook_full", dsn("5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver; quota exceeded"), BLOCKED, FULL, "5.2.2"),
    Sample("exchange_expired", dsn("4.4.7", "550 4.4.7 QUEUE.Expired; message expired", sender=_EXCHANGE), BLOCKED, SOFT, "4.4.7"),
    # Yahoo
    Sample("yahoo_full", dsn("5.0.0", "552 1 Requested mail action aborted: exceeded storage allocation"), BLOCKED, FULL, "552"),
    Sample("yahoo_no_account", dsn("5.0.0", "554 delivery error: dd This user doesn't have an account (ada) [0] - mta1"), BLOCKED, SOFT, "554"),
    Sample("yahoo_policy", dsn("5.7.9", "554 5.7.9 Message not accepted for policy reasons."), BLOCKED, BLOCK, "5.7.9"),
    # Tencent: everything is a 550, and the page of its help tells
    Sample("qq_unknown", dsn("5.0.0", f"550 Mailbox not found. {_QQ}1000728"), BOUNCED, HARD, "550"),
    Sample("qq_content", dsn("5.0.0", f"550 Mail content denied. {_QQ}1000726"), BLOCKED, BLOCK, "550"),
    Sample("qq_rate", dsn("5.0.0", f"550 Sender frequency limited. {_QQ}1000723"), BLOCKED, BLOCK, "550"),
    Sample("qq_chinese", dsn("5.1.1", "550 该用户不存在", words="您的邮件无法投递"), BOUNCED, HARD, "5.1.1"),
    # NetEase
    Sample("163_unknown", dsn("5.0.0", "550 User not found: ada@example.org"), BOUNCED, HARD, "550"),
    Sample("163_spam", dsn("5.0.0", "554 DT:SPM 163 smtp10,DsCowAA, please see http://help.example/"), BLOCKED, BLOCK, "554"),
    Sample("163_sender_quota", dsn("5.0.0", "550 MI:SFQ 163 smtp3,D8Cow"), BLOCKED, BLOCK, "550"),
    Sample("163_full", dsn("5.0.0", "552 Quota exceeded or service disabled"), BLOCKED, FULL, "552"),
    # Postfix
    Sample("postfix_no_domain", dsn("5.4.4", "", words="Host or domain name not found."), BOUNCED, HARD, "5.4.4"),
    Sample("postfix_null_mx", dsn("5.1.0", "", words="Domain does not accept mail (nullMX)"), BOUNCED, HARD, "5.1.0"),
    Sample("postfix_delayed", dsn("4.4.1", "", action="delayed", words="connection timed out"), PUT_OFF, None, "4.4.1"),
    Sample("postfix_expired", dsn("4.4.1", "", words="connection timed out"), BLOCKED, SOFT, "4.4.1"),
    Sample("postfix_delivered", dsn("2.0.0", "250 2.0.0 Ok", action="delivered"), What.DELIVERED),
    Sample("postfix_relayed", dsn("2.1.9", "", action="relayed"), What.TAKEN),
    Sample("postfix_expanded", dsn("2.0.0", "", action="expanded"), What.TAKEN),
    Sample("postfix_moved", dsn("5.1.6", "550 5.1.6 has moved"), BOUNCED, HARD, "5.1.6"),
    Sample("postfix_too_large", dsn("5.3.4", "552 5.3.4 Message size exceeds fixed limit"), BLOCKED, SOFT, "5.3.4"),
    Sample("sender_refused", dsn("5.1.8", "550 5.1.8 sender's domain not found"), BLOCKED, BLOCK, "5.1.8"),
    # Exim
    Sample("exim_old", plain("A message that you sent could not be delivered.\n\n  ada@example.org\n    host mx.example.org [192.0.2.7]\n    SMTP error from remote mail server after RCPT TO:<ada@example.org>:\n    550 5.1.1 <ada@example.org>: User unknown", sender="Mail Delivery System <Mailer-Daemon@mx.example.net>", more="X-Failed-Recipients: ada@example.org\nAuto-Submitted: auto-replied"), BOUNCED, HARD, "5.1.1"),
    Sample("exim_report", dsn("5.0.0", "550 no such user here", sender="Mail Delivery System <Mailer-Daemon@mx.example.net>", more="X-Failed-Recipients: ada@example.org\nAuto-Submitted: auto-replied"), BOUNCED, HARD, "550"),
    Sample("exim_frozen", plain("could not be delivered: retry timeout exceeded", sender="Mailer-Daemon@mx.example.net", more="X-Failed-Recipients: ada@example.org"), BLOCKED, SOFT, "unknown"),
    # sendmail, qmail, others
    Sample("sendmail", dsn("5.1.2", "550 Host unknown", sender="Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>", more="Auto-Submitted: auto-generated (failure)"), BOUNCED, HARD, "5.1.2"),
    Sample("qmail", plain("Hi. This is the qmail-send program at mx.example.net.\n\n<ada@example.org>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 5.1.1 no mailbox here", sender="MAILER-DAEMON@mx.example.net"), BOUNCED, HARD, "5.1.1"),
    Sample("qmail_code_in_brackets", plain("<ada@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)", sender="MAILER-DAEMON@mx.example.net"), BOUNCED, HARD, "5.1.1"),
    Sample("no_codes", plain("Sorry, it did not work.", sender="Postmaster@mx.example.net"), BLOCKED, SOFT, "unknown"),
    Sample("greylisted", plain("451 4.7.1 Greylisting in action", sender="postmaster@mx.example.net"), BLOCKED, BLOCK, "4.7.1"),
    Sample("international", dsn("5.1.1", "550 5.1.1 未知", kind="global-delivery-status"), BOUNCED, HARD, "5.1.1"),
    # complaints
    Sample("arf_abuse", arf("abuse"), What.COMPLAINED, None, "abuse"),
    Sample("arf_fraud", arf("fraud"), What.COMPLAINED, None, "fraud"),
    Sample("arf_without_address", arf("abuse", mail_from="hello@example.com"), What.COMPLAINED, None, "abuse"),
    Sample("arf_opt_out", arf("opt-out"), What.UNSUBSCRIBED, None, "opt-out"),
    Sample("arf_not_spam", arf("not-spam"), None, kind=Kind.OTHER),
    Sample("arf_dmarc", arf("auth-failure"), None, kind=Kind.OTHER),
    # answering machines
    Sample("vacation", reply("Auto-Submitted: auto-replied (vacation)"), None, kind=Kind.AUTO_REPLY),
    Sample("vacation_from_nobody", reply("Auto-Submitted: auto-replied", path="<>"), None, kind=Kind.AUTO_REPLY),
    Sample("out_of_office", reply("X-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated"), None, kind=Kind.AUTO_REPLY),
    Sample("autoreply_header", reply("X-Autoreply: yes", path="<>"), None, kind=Kind.AUTO_REPLY),
    Sample("old_precedence", reply("Precedence: auto_reply"), None, kind=Kind.AUTO_REPLY),
    Sample("written_by_hand", reply("X-Nothing: x"), None, kind=Kind.OTHER),
    # answering machines that say nothing of themselves, with numbers that are no codes
    Sample("away_street", away("I am away. Find us at 550 Main Street."), None, kind=Kind.AUTO_REPLY),
    Sample("away_telephone", away("Call 553 -12 34."), None, kind=Kind.AUTO_REPLY),
    Sample("away_price", away("您好，我在休假。预算 550 元"), None, kind=Kind.AUTO_REPLY),
    Sample("away_version", away("version 5.1.1 of our app"), None, kind=Kind.AUTO_REPLY),
    Sample("away_outlook", reply("X-Auto-Response-Suppress: All", path="<>"), None, kind=Kind.AUTO_REPLY),
    Sample("office_price", plain("We got your mail about the 550 EUR.", sender="postmaster@example.org"), BLOCKED, SOFT, "unknown"),
    Sample("office_version", plain("In version 5.1.1 of our app", sender="postmaster@example.org"), BLOCKED, SOFT, "unknown"),
    Sample("office_street", plain("Come to\n550 Main Street", sender="postmaster@example.org"), BLOCKED, SOFT, "550"),
    # and codes that a server quotes without a report
    Sample("said", plain("Remote host said: 550 no such user", sender="MAILER-DAEMON@mx.example.net"), BOUNCED, HARD, "550"),
    Sample("lines_of_a_reply", plain("550-5.1.1 The account does\n550 5.1.1 not exist", sender="MAILER-DAEMON@mx.example.net"), BOUNCED, HARD, "5.1.1"),
    Sample("policy_words", plain("554 DT:SPM 163 smtp10", sender="MAILER-DAEMON@mx.example.net"), BLOCKED, BLOCK, "554"),
    Sample("delay_in_words", plain("THIS IS A WARNING ONLY. 451 4.3.0 Will keep trying for 5 days", sender="MAILER-DAEMON@mx.example.net"), BLOCKED, SOFT, "4.3.0"),
    # not what they seem
    Sample("stranger", plain("550 5.1.1", sender="MAILER-DAEMON@mx.example.net", to="bounces@mail.example.com"), None, kind=Kind.NOT_OURS),
    Sample("forged", plain("550 5.1.1", sender="MAILER-DAEMON@mx.example.net", to=f"bounces+{'a' * 39}@mail.example.com"), None, kind=Kind.FORGED),
    Sample("no_mail", "this is not a mail at all\n", None, kind=Kind.UNREADABLE),
]  # fmt: skip
