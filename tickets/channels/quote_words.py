"""How mail programs introduce what they quote and close what they send, by language. Pure data and patterns."""

import re

_FLAGS = re.IGNORECASE

#: The verb of "On 4 January 2021 Max wrote:", as mail programs translate it.
WROTE = re.compile(
    r"(?<!\w)(?:wrote|writes|schrieb|schreibt|hat geschrieben|geschrieben von|a\s+[ée]crit|[ée]crivait|"
    r"escribi[óo]|ha escrit|"
    r"ha\s+scritto|scrive|schreef|heeft geschreven|geschreven|napisał(?:\(a\)|a)?|pisze|nadesłał|skrev|har skrevet|"
    r"kirjoitti|escreveu|написал(?:\(а\)|а)?|пишет|писал(?:\(а\)|а)?|napsal(?:\(a\)|a)?|ezt írta|a scris|yazdı|"
    r"написав|пише|έγραψε|写道|寫道|のメール|님이 작성)(?!\w)",
    _FLAGS,
)
#: "Earlier you wrote:" is a sentence of the customer, not a heading of a mail program.
SOMEBODY_WROTE = re.compile(
    r"\b(?:you|i|we|he|she|they)\s+(?:just |also |already |have )?wrote\b|\bwrote (?:me|us|you|to)\b|"
    r"\bschrieb (?:ich|er|sie|mir|uns)\b"
    r"|\b(?:il|elle|on) (?:m'|nous )?a [ée]crit\b|\b(?:m'|nous )a [ée]crit\b",
    _FLAGS,
)
OPENING = re.compile(
    r"(?:on|am|den|le|el|il|op|dnia|w dniu|dne|em|no dia|ma|pe|på|у|в|vào|în data de|"
    r"mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|gio|dom|"
    r"zo|wo|vr|za|pon|wt|śr|czw|pt|sob|niedz|man|tir|ons|tor|fre|lør|søn|mån|tis|lör|sön|"
    r"ti|ke|to|la|su|пн|вт|ср|чт|пт|сб|вс|seg|ter|qua|qui|sex)[.,]{0,2}\s",
    _FLAGS,
)
DATE = re.compile(
    r"\b\d{1,4}[./\-]\s?\d{1,2}[./\-]\s?\d{2,4}\b|\b(?:19|20)\d\d\b|\b\d{1,2}[:.h]\d{2}\b|\d{4}年", _FLAGS
)
MAIL_ADDRESS = re.compile(r"[^\s<>()\[\]@]{1,64}@[^\s<>()\[\]@]{1,190}")
#: Older Gmail, and Gmail in Russian and Japanese: date, name and address, no verb.
DATE_AND_ADDRESS = re.compile(
    r"(?:\d{4}[/\-]\d{1,2}[/\-]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日|(?:пн|вт|ср|чт|пт|сб|вс)[.,]|"
    r"\d{1,2} \w{3,9}\.? \d{4} г\.)"
    r"[^<\n]{0,120}<[^\s<>]{1,200}>\s?:?"
)
_ORIGINAL = (
    r"original message|original e-?mail|(?:begin )?forwarded message|(?:ursprüngliche|originale?|"
    r"weitergeleitete) ?(?:nachricht|e-?mail)|"
    r"originalnachricht|anfang der weitergeleiteten (?:nachricht|e-?mail)|message (?:d[’']origine|original|"
    r"transf[ée]r[ée])|"
    r"d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|mensaje (?:original|reenviado)|"
    r"inicio del mensaje reenviado|"
    r"messaggio (?:originale|inoltrato)|inizio messaggio inoltrato|(?:oorspronkelijk|origineel|doorgestuurd) bericht|"
    r"begin doorgestuurd bericht|mensagem (?:original|encaminhada)|(?:oryginalna wiadomość|wiadomość oryginalna)|"
    r"(?:przekazana wiadomość|wiadomość przekazana)|(?:oprindelig|opprinnelig|videresendt) (?:meddelelse|besked|"
    r"melding|e-?mail)|"
    r"ursprungligt meddelande|vidarebefordrat meddelande|originalmeddelande|alkuperäinen viesti|välitetty viesti|"
    r"(?:исходное|оригинальное|пересылаемое|пересланное) (?:сообщение|письмо)|původní (?:zpráva|e-?mail)|"
    r"eredeti üzenet|"
    r"orijinal (?:mesaj|ileti)|mesaj original|元のメッセージ|原始邮件|원본 메시지"
)
_RULE = r"[-_=*\u2010-\u2015]"
SEPARATOR = re.compile(
    rf"\s*(?:{_RULE}{{2,}}\s*(?:{_ORIGINAL})\s*:?\s*(?:{_RULE}{{2,}})?.{{0,40}}|(?:{_ORIGINAL})\s*:)\s*$", _FLAGS
)
REPLY_ABOVE = re.compile(
    r"[\s#\-=*<>_]*(?:please )?(?:(?:type|write|enter) your )?(?:reply|respond|"
    r"answer)(?: to this email)? above this line\b"
    r"|[\s#\-=*]*(?:bitte )?(?:antworten sie |ihre antwort )?oberhalb dieser (?:linie|zeile)\b"
    r"|[\s#\-=*]*(?:veuillez )?r[ée]pondre au[- ]dessus de cette ligne\b",
    _FLAGS,
)

#: The labels of a quoted mail's header lines, by what they name.
LABELS: dict[str, str] = {
    **dict.fromkeys(
        ("from", "von", "de", "da", "van", "od", "fra", "från", "lähettäjä", "от", "от кого", "expéditeur"), "from"
    ),
    **dict.fromkeys(
        ("remitente", "mittente", "afzender", "nadawca", "отправитель", "feladó", "差出人", "发件人", "보낸 사람"),
        "from",
    ),
    **dict.fromkeys(
        ("sent", "date", "gesendet", "datum", "envoyé", "envoyé le", "enviado", "enviado el", "fecha"), "date"
    ),
    **dict.fromkeys(
        ("inviato", "data", "verzonden", "verstuurd", "wysłano", "wysłane", "sendt", "dato", "skickat"), "date"
    ),
    **dict.fromkeys(
        ("lähetetty", "päivämäärä", "pvm", "отправлено", "дата", "enviada em", "enviado em", "odesláno"), "date"
    ),
    **dict.fromkeys(("gesendet am", "date d'envoi", "elküldve", "送信日時", "日時", "发送时间", "보낸 날짜"), "date"),
    **dict.fromkeys(
        ("to", "an", "à", "a", "para", "aan", "do", "til", "till", "vastaanottaja", "кому", "pour", "komu"), "to"
    ),
    **dict.fromkeys(("destinataire", "destinatario", "címzett", "宛先", "收件人", "받는 사람"), "to"),
    **dict.fromkeys(
        ("subject", "betreff", "objet", "asunto", "oggetto", "onderwerp", "temat", "emne", "ämne"), "subject"
    ),
    **dict.fromkeys(("aihe", "assunto", "тема", "sujet", "předmět", "tárgy", "件名", "主题", "제목"), "subject"),
    **dict.fromkeys(
        ("cc", "bcc", "kopie", "copie", "kopia", "kopi", "kopio", "копия", "reply-to", "antwort an", "dw"), "copy"
    ),
    **dict.fromkeys(("importance", "wichtigkeit", "priority", "attachments", "anlagen", "organization", "cci"), "copy"),
}
LABEL_LINE = re.compile(r"[\s>*_]*([^\W\d_][\w' \-]{0,18}?)[*_]{0,2}\s?[:：][*_]{0,2}(?:\s|$|(?=\S))(.*)")

SENT_FROM = re.compile(
    r"[\s*_\-<\[(]*(?:sent (?:from|with|via|using) (?:my |the |mail for |yahoo|aol|outlook|proton|samsung|windows|"
    r"android|iphone|"
    r"ipad|blackberry|gmail|mobile|zoho|spark|a mobile|an? )|get outlook for|sent from my|"
    r"(?:diese nachricht wurde )?(?:gesendet|versendet|verschickt) (?:von|mit|aus|über|via)\b|von (?:meine[mr]|"
    r"unterwegs) .{0,40}gesendet|"
    r"(?:holen sie sich )?outlook für (?:ios|android)|envoy[ée]e? (?:de|depuis|à partir|avec|par)\b|"
    r"t[ée]l[ée]charge[rz] outlook|obtene?r outlook|enviado (?:desde|do|de|a partir|com|con|pelo|através)\b|"
    r"inviat[oa] (?:da|dal|con|tramite)\b|scarica outlook|ottieni outlook|(?:verzonden|verstuurd) (?:vanaf|vanuit|"
    r"met|via|van)\b|"
    r"outlook voor|download outlook|wysł(?:ane|ano|any) (?:z|za)\b|pobierz (?:aplikację )?outlook|"
    r"sendt (?:fra|via|med)\b|hent outlook|skaffa outlook|skickat (?:från|via|med)\b|skickades från|"
    r"lähetetty (?!:)|hanki outlook|"
    r"отправлено (?:с|из|через)\b|odesláno z|küldve|odoslané z|baix(?:e|ar) o outlook|obter o outlook)",
    _FLAGS,
)
CLOSING = re.compile(
    r"\s*(?:(?:with )?(?:my |our )?(?:best|kind|kindest|warm|warmest|many)(?: personal)? (?:regards|wishes)|"
    r"regards|best|all the best|cheers|"
    r"(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?|cordially|respectfully|"
    r"(?:mit )?(?:den |ganz )?(?:freundlichen?|besten?|herzlichen?|lieben?|vielen?|schönen?|sonnigen?)\s+gr(?:ü|"
    r"ue)(?:ß|ss)e?n?"
    r"(?: aus [\w\- ]{2,30})?|gr(?:u|ü|ue)(?:ß|ss)e?|mfg|lg|vg|hochachtungsvoll|"
    r"(?:(?:bien|très) )?cordialement|(?:bien|sincères|meilleures) (?:à vous|salutations)|"
    r"salutations(?: distinguées)?|bien à vous|"
    r"(?:met )?(?:vriendelijke|hartelijke|beste) groet(?:en)?|groet(?:en|jes)?|mvg|hoogachtend|"
    r"(?:cordiali|distinti|cari|un cordiale) saluti?o?|saluti|cordialmente|"
    r"(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|un abrazo|"
    r"atenciosamente|att|(?:os meus |com os melhores |melhores )?cumprimentos|abraços?|"
    r"(?:z poważaniem|pozdrawiam(?: serdecznie)?|serdecznie pozdrawiam|pozdrowienia)|"
    r"(?:med )?(?:de )?(?:venlige?|vennlige?|bedste|beste) hilsen(?:er)?|(?:mange )?hilsen(?:er)?|mvh|"
    r"(?:med )?(?:vänliga?|bästa) hälsning(?:ar)?|hälsning(?:ar)?|"
    r"(?:ystävällisin |parhain )?terveisin|yst\.? terv\.?|с уважением|с наилучшими пожеланиями|s pozdravem|"
    r"üdvözlettel)\s*[,.!;]*\s*",
    _FLAGS,
)
