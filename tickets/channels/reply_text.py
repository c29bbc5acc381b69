"""Finds what the customer newly wrote in a plain-text mail. Pure, and linear in the length of the mail.

What is quoted at the end goes, with the line that announces it; quotations that are followed by new words stay, because
the words answer them. Then goes the signature. The whole mail is kept beside the result, so a wrong cut costs a click.
"""

import re
import unicodedata

from tickets.channels import quote_words as words

#: Stands alone on a line where the structure of an HTML mail says that a quotation is announced.
QUOTE_MARK = "\ue000"
MAX_HEADING_LINES = 6
MAX_SIGNATURE_LINES = 14
MAX_TAIL_ROUNDS = 8
SIGNATURE_RULE = re.compile(r"\s*(?:--|__|[\u2014\u2015]|[\u2012-\u2015]{2})\s*")
DASHED_NAME = re.compile(r"\s*(?:--?|[\u2013-\u2015])\s?[^\W\d_][\w.']{0,20}(?: [^\W\d_][\w.']{0,20}){0,3}\s*")
LONG_RULE = re.compile(r"\s*(?:[-_=*\u2010-\u2015\u2500\u2501]\s?){5,}\s*")
QUOTED = re.compile(r"\s{0,3}(?:>|&gt;)")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\ufeff"))


def reply_text(text: str) -> str:
    """Return the new part of a plain-text mail: no quoted mail below, no signature; empty when all is quotation."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE).replace("\u00a0", " ").split("\n")
    seen = [line[:600] for line in lines]
    kept = lines[: _end_of_new_part(seen)]
    return "\n".join(line.rstrip() for line in kept if line != QUOTE_MARK).strip("\n").strip()


def _end_of_new_part(lines: list[str]) -> int:
    """Return the number of lines to keep from the top."""
    closed, last_new = _closed_fences(lines), _last_new_line(lines)
    index = 0
    while index < len(lines):
        size = 0 if index in closed or _is_quoted(lines[index]) else _heading_size(lines, index)
        if size and not _is_answered(lines, index + size, last_new):
            return _without_tail(lines, index)
        index += max(size, 1)
    return _without_tail(lines, len(lines))


def _closed_fences(lines: list[str]) -> set[int]:
    """Return the lines inside fenced code, where nothing is a heading."""
    fences = [index for index, line in enumerate(lines) if line.lstrip().startswith("```")]
    pairs = zip(fences[::2], fences[1::2], strict=False)
    return {index for first, last in pairs for index in range(first, last + 1)}


def _heading_size(lines: list[str], index: int) -> int:
    """Return how many lines from here announce a quoted mail; 0 when none does."""
    line = lines[index]
    if not line.strip():
        return 0
    if line == QUOTE_MARK or words.SEPARATOR.match(line) or words.REPLY_ABOVE.match(line):
        return 1
    return _wrote_size(lines, index) or _header_block_size(lines, index)


def _wrote_size(lines: list[str], index: int) -> int:
    """Recognise "On 4 January 2021 at 10:11, Max <max@example.com> wrote:", however it is wrapped."""
    first = lines[index].strip(" *_\t-\u2010\u2011\u2012\u2013\u2014")
    may_open = words.OPENING.match(first) or words.DATE.search(first[:40])
    if not (may_open and any(letter.isdigit() for letter in first)) and not words.MAIL_ADDRESS.search(first):
        return 0
    joined = ""
    for size in range(1, MAX_HEADING_LINES + 1):
        if index + size > len(lines) or not lines[index + size - 1].strip():
            return 0
        if size > 1 and _is_quoted(lines[index + size - 1]):
            return 0
        joined = f"{joined} {lines[index + size - 1].strip()}".strip()
        if _is_wrote_heading(joined):
            return size
    return 0


def _is_wrote_heading(joined: str) -> bool:
    bare = joined.strip(" *_\t")
    if len(bare) > 500:
        return False
    if words.DATE_AND_ADDRESS.fullmatch(bare):
        return True
    is_closed = bare.endswith((":", "：")) or re.search(r"\w\s?[-\u2010-\u2015]{2,}$", bare) is not None
    if not is_closed or not words.WROTE.search(bare) or words.SOMEBODY_WROTE.search(bare):
        return False
    ends_with_verb = words.WROTE.search(bare, max(len(bare) - 20, 0))
    has_address, has_date = words.MAIL_ADDRESS.search(bare), words.DATE.search(bare)
    if ". " in re.sub(r"\b\w{1,5}\. |\d\. ", "", bare) and not has_address:
        return False
    return bool(has_date and (ends_with_verb or words.OPENING.match(bare) or has_address)) or bool(
        has_address and ends_with_verb
    )


def _header_block_size(lines: list[str], index: int) -> int:
    """Recognise the header lines of a quoted mail ("From:", "Sent:", "Subject:"), with a rule above them or without."""
    start = index
    if LONG_RULE.fullmatch(lines[index]):
        start = next((at for at in range(index + 1, min(index + 4, len(lines))) if lines[at].strip()), index)
        if start == index:
            return 0
    kinds: dict[str, str] = {}
    last, misses = start, 0
    for at in range(start, min(start + 14, len(lines))):
        found = words.LABEL_LINE.match(lines[at])
        kind = words.LABELS.get(found[1].strip().lower()) if found else None
        if kind and found:
            kinds.setdefault(kind, found[2])
            last, misses = at, 0
        elif at == start:
            return 0
        elif lines[at].strip():
            misses += 1
        if misses > 2:
            break
    is_block = ("from" in kinds and ("subject" in kinds or _names_a_mail(kinds))) or kinds.keys() >= {
        "date",
        "subject",
        "to",
    }
    return last - index + 1 if is_block else 0


def _names_a_mail(kinds: dict[str, str]) -> bool:
    """Say whether From and Date read like a mail's: "From: 1 May / To: 31 May" is a period."""
    return "date" in kinds and bool(words.MAIL_ADDRESS.search(kinds["from"]) or words.DATE.search(kinds["date"]))


def _is_answered(lines: list[str], after: int, last_new: int) -> bool:
    """Say whether a quotation that follows is marked line by line and new words come after it: an inline reply."""
    first = next((index for index in range(after, min(after + 20, len(lines))) if lines[index].strip()), None)
    return first is not None and _is_quoted(lines[first]) and last_new > first


def _last_new_line(lines: list[str]) -> int:
    """Return the last line that is neither quoted nor part of a signature; -1 when there is none."""
    tail = _without_tail(lines, len(lines))
    return next((index for index in range(tail - 1, -1, -1) if _is_new(lines, index)), -1)


def _is_new(lines: list[str], index: int) -> bool:
    """Say whether the line is new; one squeezed between quoted lines is the rest of a quoted line that was wrapped."""
    if not lines[index].strip() or _is_quoted(lines[index]) or lines[index] == QUOTE_MARK:
        return False
    squeezed = 0 < index < len(lines) - 1 and _is_quoted(lines[index - 1]) and _is_quoted(lines[index + 1])
    return not squeezed


def _without_tail(lines: list[str], end: int) -> int:
    """Cut blank lines, quotations and signatures off the end until neither is left."""
    for _ in range(MAX_TAIL_ROUNDS):
        shorter = _without_signature(lines, _without_quotation(lines, end))
        if shorter == end:
            break
        end = shorter
    return end


def _without_quotation(lines: list[str], end: int) -> int:
    while end and (not lines[end - 1].strip() or _is_quoted(lines[end - 1]) or lines[end - 1] == QUOTE_MARK):
        end -= 1
    for size in range(1, min(MAX_HEADING_LINES, end) + 1):
        if end < len(lines) and _is_followed_by_quotation(lines, end) and _wrote_size(lines, end - size) == size:
            return end - size
    return end


def _is_followed_by_quotation(lines: list[str], end: int) -> bool:
    following = next((line for line in lines[end : end + 5] if line.strip()), "")
    return _is_quoted(following) or following == QUOTE_MARK


def _without_signature(lines: list[str], end: int) -> int:
    """Return the end without a signature: below a rule, a "sent from" line, or a closing with short lines under it."""
    first = max(end - MAX_SIGNATURE_LINES, 0)
    for index in range(end):
        if (
            SIGNATURE_RULE.fullmatch(lines[index])
            and _is_all_new(lines, index, end)
            and (lines[index].strip() == "--" or index >= first)
        ):
            return index
    for index in range(first, end):
        if _starts_signature(lines, index, end):
            return index
    return end


def _starts_signature(lines: list[str], index: int, end: int) -> bool:
    line, below = lines[index], [each for each in lines[index + 1 : end] if each.strip()]
    if not line.strip() or len(line) > 90:
        return False
    if words.SENT_FROM.match(line):
        return not re.search(r"[,;?!]|\. ", line.strip()) and all(_is_signature_line(each) for each in below[:6])
    if words.CLOSING.fullmatch(line) or _is_closing_with_name(line):
        return any(each.strip() for each in lines[:index]) and all(_is_signature_line(each) for each in below)
    if DASHED_NAME.fullmatch(line) and not below:
        above = next((each for each in reversed(lines[:index]) if each.strip()), "")
        return bool(above) and not above.lstrip().startswith(("-", "\u2013", "\u2014", "*", "\u2022"))
    return False


def _is_closing_with_name(line: str) -> bool:
    """Recognise "Best regards, Max Muster" on one line."""
    closing, comma, name = line.partition(",")
    is_name = 0 < len(name.split()) <= 3 and name.strip().replace(" ", "").replace("-", "").replace(".", "").isalpha()
    return bool(comma and is_name and words.CLOSING.fullmatch(closing) and name.strip()[0].isupper())


def _is_signature_line(line: str) -> bool:
    """Say whether a line below a closing may belong to a signature: short, and no sentence or question."""
    bare = line.strip()
    if re.match(r"p\.?\s?s\.?\b", bare, re.IGNORECASE):
        return False
    letters = sum(unicodedata.category(letter)[0] == "L" for letter in bare)
    return len(bare) <= 90 and not bare.endswith("?") and not (bare.endswith(".") and letters > 40)


def _is_all_new(lines: list[str], first: int, end: int) -> bool:
    return not any(_is_quoted(line) for line in lines[first:end])


def _is_quoted(line: str) -> bool:
    return bool(QUOTED.match(line))
