"""Messages of one word that are commands: STOP and HELP. Pure."""

from __future__ import annotations

from tickets.conversations.inbound import Channel, InboundMessage

STOP, HELP = "stop", "help"
#: Only what can mean nothing else on a billing desk: CANCEL and END may be about a plan, so people read them.
WORDS = {"stop": STOP, "stopp": STOP, "unsubscribe": STOP, "help": HELP, "hilfe": HELP}
CHANNELS = (Channel.EMAIL, Channel.SMS)


def keyword_of(inbound: InboundMessage, *, is_known: bool) -> str:
    """Return STOP or HELP when that is all a person wrote, else nothing.

    STOP of somebody we do not know withdraws nothing and is left to people; so is what must not be answered by machine.
    """
    if inbound.channel not in CHANNELS or not inbound.may_be_answered_automatically or inbound.attachments:
        return ""
    said = (inbound.reply_text or inbound.text).strip().strip("\"'“”„.!*").strip().lower()
    word = WORDS.get(said, "")
    return "" if word == STOP and not is_known else word
