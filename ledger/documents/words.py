"""What documents say, in every language they are written in: one table, English first.

A language that is not here is written in English, with amounts as its readers write them.
"""

from __future__ import annotations

LANGUAGES = ("en", "de", "fr", "ja")

#: Key: English, German, French, Japanese.
WORDS: dict[str, tuple[str, str, str, str]] = {
    # Kinds
    "invoice": ("Invoice", "Rechnung", "Facture", "請求書"),
    "credit_note": ("Credit note", "Rechnungskorrektur", "Avoir", "返金明細書"),
    "statement": ("Account statement", "Kontoauszug", "Relevé de compte", "取引明細書"),
    "reminder": ("Payment reminder", "Zahlungserinnerung", "Rappel de paiement", "お支払いのお願い"),
    "plan_agreement": ("Agreement", "Vereinbarung", "Accord", "契約内容確認書"),
    "price_notice": ("Notice of a new price", "Preisänderung", "Changement de prix", "料金変更のお知らせ"),
    # Every document
    "billing_line": (
        "Questions about this? Call us",
        "Fragen dazu? Rufen Sie uns an",
        "Une question ? Appelez-nous",
        "お問い合わせ窓口",
    ),
    "page": (
        "Page {page} of {pages}",
        "Seite {page} von {pages}",
        "Page {page} sur {pages}",
        "{page} / {pages} ページ",
    ),
    "number": ("Number", "Nummer", "Numéro", "番号"),
    "date": ("Date", "Datum", "Date", "日付"),
    "due": ("Due", "Fällig", "Échéance", "お支払期限"),
    "customer_number": ("Customer number", "Kundennummer", "Numéro client", "お客様番号"),
    "your_vat_id": ("Your VAT id", "Ihre USt-IdNr.", "Votre n° de TVA", "お客様の付加価値税番号"),
    "vat_id": ("VAT id {}", "USt-IdNr. {}", "N° de TVA {}", "付加価値税番号 {}"),
    "period": ("Period", "Zeitraum", "Période", "対象期間"),
    "as_of": ("As of", "Stand", "Situation au", "基準日"),
    # Lines
    "description": ("Description", "Leistung", "Désignation", "内容"),
    "quantity": ("Quantity", "Menge", "Quantité", "数量"),
    "price": ("Price", "Preis", "Prix", "単価"),
    "tax_rate": ("Tax", "USt", "TVA", "税率"),
    "amount": ("Amount", "Betrag", "Montant", "金額"),
    "days": ("{} of {} days", "{} von {} Tagen", "{} jours sur {}", "{}日分（全{}日）"),
    "fixed": ("plus {} fixed", "zuzüglich {} fest", "plus {} fixe", "固定額 {} を加算"),
    "list_price": ("Before discount {}", "Vor Nachlass {}", "Avant remise {}", "割引前 {}"),
    "discount": ("{}: −{}", "{}: −{}", "{} : −{}", "{}：−{}"),
    "price_with_tax": (
        "The price includes tax.",
        "Der Preis enthält die Umsatzsteuer.",
        "Prix taxes comprises.",
        "税込価格",
    ),
    # Sums
    "net": ("Net", "Netto", "Total HT", "税抜合計"),
    "tax_of": (
        "Tax {rate} on {net}",
        "Umsatzsteuer {rate} auf {net}",
        "TVA {rate} sur {net}",
        "税 {rate}（対象額 {net}）",
    ),
    "total": ("Total", "Gesamtbetrag", "Total TTC", "合計"),
    "credit_used": ("Paid from your credit", "Aus Ihrem Guthaben bezahlt", "Réglé par votre avoir", "残高からの充当"),
    "to_pay": ("To pay", "Zu zahlen", "À payer", "お支払額"),
    "credited": ("Credited to you", "Gutschrift für Sie", "À votre crédit", "ご返金額"),
    "tax_in_book": (
        "Tax in {currency}: {amount} (1 {from_currency} = {rate} {currency}, {source}, {on})",
        "Umsatzsteuer in {currency}: {amount} (1 {from_currency} = {rate} {currency}, {source}, {on})",
        "TVA en {currency} : {amount} (1 {from_currency} = {rate} {currency}, {source}, {on})",
        "{currency} 建て税額：{amount}（1 {from_currency} = {rate} {currency}、{source}、{on}）",
    ),
    # Paying
    "pay_by": (
        "Please pay by {}.",
        "Bitte zahlen Sie bis zum {}.",
        "Merci de régler avant le {}.",
        "{}までにお支払いください。",
    ),
    "pay_to": (
        "Transfer to {name}, IBAN {iban}, quoting {number}",
        "Überweisung an {name}, IBAN {iban}, Verwendungszweck {number}",
        "Virement à {name}, IBAN {iban}, référence {number}",
        "振込先：{name}、IBAN {iban}、参照番号 {number}",
    ),
    "pay_online": (
        "or pay in your account: {}",
        "oder zahlen Sie in Ihrem Konto: {}",
        "ou payez dans votre espace : {}",
        "またはアカウントページから：{}",
    ),
    "nothing_to_pay": (
        "There is nothing left to pay.",
        "Es ist nichts mehr zu zahlen.",
        "Il ne reste rien à payer.",
        "お支払いの必要はありません。",
    ),
    "tax_note": ("About the tax", "Zur Umsatzsteuer", "Au sujet de la TVA", "税について"),
    "seller_and_buyer_vat": (
        "Our VAT id: {seller}. Yours: {buyer}.",
        "Unsere USt-IdNr.: {seller}. Ihre: {buyer}.",
        "Notre n° de TVA : {seller}. Le vôtre : {buyer}.",
        "当社 {seller}、お客様 {buyer}",
    ),
    "reverse_charge": (
        "Reverse charge: the customer accounts for the tax.",
        "Steuerschuldnerschaft des Leistungsempfängers (Reverse charge).",
        "Autoliquidation (reverse charge).",
        "リバースチャージ：税は受領者が申告・納付します。",
    ),
    "export": (
        "Not taxable in the seller's country.",
        "Nicht steuerbar im Land des Leistenden.",
        "Non soumis à la TVA dans le pays du vendeur.",
        "売主の国では課税対象外です。",
    ),
    "exempt": ("Exempt from tax.", "Steuerfrei.", "Exonéré de TVA.", "非課税です。"),
    # Credit notes
    "corrects": ("Corrects invoice", "Korrigiert Rechnung", "Rectifie la facture", "訂正対象の請求書"),
    "reason": ("Reason", "Grund", "Motif", "理由"),
    "credit_used_for": (
        "It lowers what you owe; what is above that is kept as credit or paid back to you.",
        "Der Betrag mindert, was Sie schulden; was darüber hinausgeht, bleibt als Guthaben oder wird zurückgezahlt.",
        "Ce montant réduit votre solde ; l'excédent reste à votre crédit ou vous est remboursé.",
        "未払額に充当し、残りは残高として保持または返金いたします。",
    ),
    # Statements and reminders
    "opening": ("Opening balance", "Anfangssaldo", "Solde initial", "期首残高"),
    "closing": ("Closing balance", "Endsaldo", "Solde final", "期末残高"),
    "balance": ("Balance", "Saldo", "Solde", "残高"),
    "you_owe": ("You owe", "Offen", "Vous devez", "ご請求残高"),
    "your_credit": ("Your credit", "Ihr Guthaben", "Votre crédit", "お預かり残高"),
    "payment": ("Payment", "Zahlung", "Paiement", "お支払い"),
    "refund": ("Refund", "Erstattung", "Remboursement", "返金"),
    "refund_back": ("Refund came back", "Erstattung kam zurück", "Remboursement revenu", "返金の戻り"),
    "refund_promised": ("Refund promised", "Erstattung zugesagt", "Remboursement promis", "返金予定"),
    "refund_off": ("Refund called off", "Erstattung abgesagt", "Remboursement annulé", "返金取消"),
    "expected_again": ("Asked for again", "Wieder gefordert", "De nouveau demandé", "請求再開"),
    "taken_back": ("Taken back", "Zurückgenommen", "Annulation", "取消"),
    "on_hold": ("On hold: disputed", "Zurückgestellt: strittig", "En attente : contesté", "確認中"),
    "written_off": ("No longer asked for", "Nicht mehr gefordert", "Abandonné", "請求終了"),
    "other": ("Other", "Sonstiges", "Autre", "その他"),
    "overdue": ("Overdue", "Überfällig", "En retard", "期限超過額"),
    "days_overdue": ("{} days", "{} Tage", "{} jours", "{}日"),
    "late_since": ("Late by", "Überfällig seit", "Retard", "超過日数"),
    "reminder_text": (
        "Perhaps it slipped your mind: we have not received what stands below. If you have paid in the meantime, "
        "thank you; then there is nothing more to do.",
        "Vielleicht ist es Ihnen entgangen: Die folgenden Beträge sind bei uns noch nicht eingegangen. Falls Sie "
        "inzwischen gezahlt haben, danken wir Ihnen; dann ist nichts weiter zu tun.",
        "Il s'agit peut-être d'un oubli : nous n'avons pas reçu les montants ci-dessous. Si vous avez payé "
        "entre-temps, nous vous en remercions ; vous n'avez alors rien à faire.",
        "下記の金額のご入金をまだ確認できておりません。行き違いでお支払い済みの場合はご容赦ください。",
    ),
    "cannot_pay": (
        "If you cannot pay at once, call us: we can agree on parts.",
        "Wenn Sie nicht auf einmal zahlen können, rufen Sie uns an: Wir können Raten vereinbaren.",
        "Si vous ne pouvez pas payer en une fois, appelez-nous : un échelonnement est possible.",
        "一括でのお支払いが難しい場合はお電話ください。分割をご相談いただけます。",
    ),
}


def language_of(tag: str) -> str:
    """Return the language words are written in for a tag: its first part where we have it, else English."""
    first = tag.replace("_", "-").partition("-")[0].lower()
    return first if first in LANGUAGES else LANGUAGES[0]


def say(key: str, tag: str, *values: str, **named: str) -> str:
    """Return a text in the language of a tag, filled.

    :raises KeyError: if there is no such text
    """
    text = WORDS[key][LANGUAGES.index(language_of(tag))]
    return text.format(*values, **named) if values or named else text
