"""The German words of every scenario: title, for the customer, for the agent (pure data)."""

from __future__ import annotations

GERMAN = {
    "double_charge": (
        "Doppelt berechnet",
        "{name} für {amount} steht für dieselben Tage auf zwei Rechnungen, {first} und {second}. Das sieht nach "
        "einer Berechnung zu viel aus; wir prüfen es.",
        "{name} ({amount}) steht auf {first} und {second} für dieselben Tage und ist nicht gutgeschrieben. Quellen "
        "vergleichen; ist eine falsch, ihre Zeile gutschreiben.",
    ),
    "proration_after_change": (
        "Änderung im Zeitraum",
        "Sie haben den Tarif am {since} geändert; {name} wurde deshalb für {days} von {of} Tagen berechnet: "
        "{amount}. Für nicht genutzte Tage des alten Tarifs kamen {credit} zurück.",
        "{bill} berechnet {name} ab der Änderung am {since}: {days} von {of} Tagen, {amount}; gutgeschrieben: "
        "{credit}.",
    ),
    "price_rise": (
        "Neuer Preis",
        "Der Preis von {name} ist seit dem {since} {after}; vorher waren es {before}.",
        "Auf {bill} gilt für {name} die Fassung vom {since}: {after} statt {before} bei gleicher Menge. Prüfen, ob "
        "der neue Preis rechtzeitig angekündigt wurde.",
    ),
    "expired_discount": (
        "Rabatt zu Ende",
        "Ihr Rabatt {discount} ist zu Ende. Auf der vorigen Rechnung nahm er {off} von {name} weg.",
        "{discount} (zuletzt {off} auf {name}) steht nicht auf {bill}. Prüfen, ob er am vereinbarten Tag endete.",
    ),
    "annual_renewal": (
        "Jährliche Verlängerung",
        "{name} hat sich um ein Jahr verlängert, vom {first} bis zum {last}: {amount}.",
        "{bill} ist die jährliche Verlängerung von {name}, {first} bis {last}, {amount}. Prüfen, ob erinnert wurde.",
    ),
    "late_fee": (
        "Gebühr für verspätete Zahlung",
        "{bill} enthält eine Gebühr von {amount}, weil eine frühere Rechnung verspätet bezahlt wurde: {name}.",
        "Mahngebühr {amount} auf {bill} ({name}). Für Tage im Aufschub (Beanstandung, Plan, Härtefall) fällt keine "
        "an; ein Erlass braucht Befugnis.",
    ),
    "one_off_item": (
        "Einmaliger Kauf",
        "{name} für {amount} wurde einmal gekauft. Auf der nächsten Rechnung steht es nicht mehr.",
        "{bill} enthält den Einzelposten {name}, {amount}; die nächste Rechnung ist um ihn niedriger.",
    ),
    "usage_above_free": (
        "Mehr verbraucht, als frei ist",
        "Sie haben {used} {unit} von {name} verbraucht; {free} sind frei, der Rest ergibt {amount}.",
        "{name} auf {bill}: {used} {unit} verbraucht, {free} frei, {amount} für den Rest. Die Stufen stehen an der "
        "Zeile.",
    ),
    "late_usage": (
        "Verbrauch spät gemeldet",
        "{amount} auf {bill} sind für Verbrauch von {name} vom {first} bis zum {last}, der uns erst nach der "
        "Rechnung dieser Zeit gemeldet wurde.",
        "{bill} berechnet späte Meldungen für {name}, {first} bis {last}, {amount}, zum Preis jener Zeit.",
    ),
    "quantity_increased": (
        "Mehr davon",
        "Sie haben jetzt {after} von {name}; auf der vorigen Rechnung waren es {before}.",
        "Menge von {name} stieg von {before} auf {after}; wer das wollte, steht im Verlauf.",
    ),
    "add_on_added": (
        "Zusatzleistung dazugenommen",
        "{name} kam am {since} dazu und ergibt auf dieser Rechnung {amount}.",
        "{name} ist neu auf {bill} ({amount}), seit {since}; wer das wollte, steht im Verlauf.",
    ),
    "tax_change": (
        "Steuersatz geändert",
        "Die Steuer auf {name} beträgt jetzt {after} %; vorher waren es {before} %. Am Preis selbst liegt es nicht.",
        "Satz auf {name}: vorher {before} %, auf {bill} {after} % ({tax} Steuer). Die Regel steht im Nachweis der "
        "Rechnung.",
    ),
    "reverse_charge_began": (
        "Reverse Charge beginnt",
        "Ihre USt-IdNr. ist bestätigt; {bill} enthält daher keine Steuer, Sie führen sie selbst ab. Vorher waren es "
        "{before} %.",
        "{bill} steht unter Reverse Charge, vorher {before} %. Die Prüfung der USt-IdNr. steht im Nachweis der "
        "Rechnung.",
    ),
    "reverse_charge_ended": (
        "Reverse Charge endet",
        "{bill} enthält {after} % Steuer, weil wir Ihre USt-IdNr. dafür nicht bestätigen konnten. Schicken Sie uns "
        "eine gültige, dann prüfen wir es neu.",
        "Reverse Charge gilt auf {bill} nicht mehr: {after} %, {tax} auf {name}. Der Grund steht im Nachweis der "
        "Rechnung.",
    ),
    "exchange_rate": (
        "Andere Währung",
        "Ihre Rechnungen haben die Währung gewechselt: {bill} beträgt {amount}, die vorige {before}. Ein Teil des "
        "Unterschieds ist der Wechselkurs.",
        "{bill} ({amount}) und die vorige ({before}) haben verschiedene Währungen; den Unterschied mit den Kursen "
        "beider Tage erklären.",
    ),
    "first_bill_shorter": (
        "Teil eines Zeitraums",
        "{bill} umfasst {days} von {of} Tagen; {name} ergibt deshalb {amount} statt des vollen Preises. Die nächste "
        "gilt für einen ganzen Zeitraum.",
        "{name} auf {bill} ist ein Teilzeitraum: {days} von {of} Tagen, {amount}.",
    ),
    "first_bill_longer": (
        "Erste Rechnung über mehr als einen Zeitraum",
        "Ihre erste Rechnung umfasst {periods} Zeiträume von {name}, ab dem {since}. Die nächste gilt für einen.",
        "{bill} berechnet {periods} Zeiträume von {name} ab {since}, weil der erste Lauf nach dem Beginn kam.",
    ),
    "trial_ended": (
        "Testzeit zu Ende",
        "Die kostenlose Testzeit von {name} ist zu Ende; seit dem {since} wird es berechnet: {amount}.",
        "{bill} ist die erste nach der Testzeit von {name}, berechnet ab {since}. Prüfen, ob erinnert wurde.",
    ),
    "free_plan_ended": (
        "Nicht mehr kostenlos",
        "{name} kostete vorher nichts. Seit dem {since} hat es einen Preis: {amount}.",
        "{name} war frei und wird auf {bill} erstmals berechnet, {amount}; Preisfassung vom {since}.",
    ),
    "plan_paused": (
        "Ruht",
        "{plan} ruht seit dem {on}; es verlängert sich nichts, und es kommt keine neue Rechnung dafür.",
        "{plan} ruht seit {on}; wer das wollte und bis wann, steht im Verlauf.",
    ),
    "plan_resumed": (
        "Läuft wieder",
        "{plan} läuft seit dem {on} weiter und wird wieder berechnet. Die Tage der Pause werden nicht berechnet.",
        "{plan} läuft seit {on} wieder; die nächste Rechnung beginnt an dem Tag, ab dem es weiterging.",
    ),
    "final_bill": (
        "Letzte Rechnung",
        "{plan} ist gekündigt; der {end} ist der erste Tag ohne. {bill} ist die letzte Rechnung dafür: {amount}.",
        "{plan} ist gekündigt, erster Tag ohne: {end}; {bill} ({amount}) umfasst nichts darüber hinaus.",
    ),
    "billing_day_moved": (
        "Abrechnungstag verlegt",
        "Der Abrechnungstag von {plan} wurde am {on} verlegt. Eine Rechnung umfasst andere Tage als sonst; kein Tag "
        "wird doppelt berechnet.",
        "Abrechnungstag von {plan} am {on} verlegt; die Zwischenzeit steht auf einer eigenen Rechnung.",
    ),
    "failed_then_paid": (
        "Erster Versuch gescheitert, zweiter gelungen",
        "Am {on} konnten {amount} nicht eingezogen werden{card}. Der zweite Versuch am {paid_on} gelang; Sie haben "
        "einmal gezahlt.",
        "{payment} scheiterte am {on}; {retry} vom {paid_on} zog dieselben {amount} ein. Die Bank zeigt womöglich "
        "einige Tage beide.",
    ),
    "payment_failed": (
        "Zahlung gescheitert",
        "Am {on} konnten wir {amount} nicht einziehen{card}, und seither kam nichts. Bitte zahlen Sie auf anderem "
        "Weg oder prüfen Sie die Karte.",
        "{payment} über {amount} scheiterte am {on} (Code {code}); eine Rechnung ist offen. Nie sagen, eine Karte "
        "sei verloren oder gestohlen.",
    ),
    "payment_pending": (
        "Vorgemerkter Betrag",
        "Ihre Bank hält seit dem {on} {amount} zurück{card}; eingezogen ist es noch nicht. Ziehen wir es nicht ein, "
        "fällt die Vormerkung bis zum {drops} weg.",
        "{payment} über {amount} ist seit {on} offen; die Vormerkung fällt bis {drops} weg. Nicht erstatten: es "
        "wurde nichts eingezogen.",
    ),
    "duplicate_payment": (
        "Doppelt bezahlt",
        "Wir haben {amount} zweimal erhalten, am {first_on} und am {on}. Die zweite Zahlung beglich keine Rechnung; "
        "{left} sind Ihr Guthaben, oder wir senden sie zurück.",
        "{payment} vom {on} wiederholt eine Zahlung vom {first_on}; {left} davon sind Guthaben. Erstattung oder "
        "Guthaben anbieten.",
    ),
    "overpayment": (
        "Mehr gezahlt als offen war",
        "Von Ihrer Zahlung über {amount} vom {on} waren {left} mehr, als offen war. Sie bleiben Ihr Guthaben.",
        "{payment}: {left} von {amount} beglichen keine Rechnung und sind Guthaben.",
    ),
    "partial_payment": (
        "Teilweise bezahlt",
        "{paid} von {bill} sind bezahlt; {due} sind noch offen und am {by} fällig.",
        "{bill} über {amount}: {paid} kamen an, {due} sind offen, fällig {by}.",
    ),
    "credit_applied": (
        "Guthaben verwendet",
        "{used} Ihres Guthabens beglichen {bill}; {left} Guthaben bleiben.",
        "{bill}: {used} aus Guthaben, {left} bleiben. Die Bank zeigt deshalb weniger als die Rechnung.",
    ),
    "credit_used_up": (
        "Guthaben aufgebraucht",
        "Guthaben von {used} beglich {before}. Es ist aufgebraucht; {bill} wird daher ganz verlangt: {amount}.",
        "{before} hatte {used} aus Guthaben, {bill} hat nichts davon; an den Preisen liegt der höhere Betrag nicht.",
    ),
    "refund_under_way": (
        "Erstattung unterwegs",
        "Ihre Erstattung über {amount} ist unterwegs. Ihre Bank sollte sie bis zum {by} zeigen.",
        "{refund} über {amount} ({reference}): freigegeben oder gesendet, spätestens am {by} sichtbar. Nicht noch "
        "einmal erstatten.",
    ),
    "refund_failed": (
        "Erstattung nicht angekommen",
        "Ihre Erstattung über {amount} konnte nicht ausgezahlt werden. Wir versuchen es erneut; sagen Sie uns bitte, "
        "wenn sich das Konto geändert hat.",
        "{refund} über {amount} scheiterte. Vor dem nächsten Versuch das Ziel mit dem geprüften Kunden klären.",
    ),
    "dispute_hold": (
        "Beanstandet",
        "{amount} sind unter {dispute} beanstandet und werden so lange nicht verlangt. Sie haben bis zum {by} eine "
        "Antwort.",
        "{dispute}: {amount} im Aufschub, Antwort fällig {by}. Der Rest des Kontos läuft weiter.",
    ),
    "chargeback": (
        "Von der Bank zurückgeholt",
        "Am {on} holte Ihre Bank {amount} einer Zahlung zurück. Was damit bezahlt war, ist wieder offen, bis das "
        "geklärt ist.",
        "Rückbuchung über {amount} vom {on}. Dieselbe Zahlung nicht erstatten; Nachweise rechtzeitig senden.",
    ),
    "voided_and_reissued": (
        "Rechnung ersetzt",
        "{old} wurde zurückgezogen, {bill} tritt an ihre Stelle. Nur {bill} zählt: {amount}.",
        "{old} ist storniert, {bill} berechnet dasselbe neu ({amount}). Eine Zahlung auf {old} gehört zu {bill}.",
    ),
    "written_off": (
        "Ausgebucht",
        "Wir erwarten {given_up} von {bill} nicht mehr. Zahlen Sie doch noch, wird es angerechnet.",
        "{bill}: {given_up} ausgebucht. Eine Zahlung wird weiter angenommen und holt sie aus dem Verlust zurück.",
    ),
}
