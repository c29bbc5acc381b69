"""The words of a line's explanation, in every language it is written in (pure data)."""

from __future__ import annotations

#: What each kind of charge is; {name} is what is billed.
WHAT = {
    "en": {
        "plan": "{name} is your plan",
        "add_on": "{name} is an add-on to your plan",
        "usage": "{name} is billed by what you used",
        "one_off": "{name} was bought once",
        "late_fee": "{name} is a fee for paying late",
        "fee": "{name} is a fee",
        "other": "{name} was charged as a single item",
    },
    "de": {
        "plan": "{name} ist Ihr Tarif",
        "add_on": "{name} ist eine Zusatzleistung zu Ihrem Tarif",
        "usage": "{name} wird nach Ihrem Verbrauch berechnet",
        "one_off": "{name} wurde einmalig gekauft",
        "late_fee": "{name} ist eine Gebühr für verspätete Zahlung",
        "fee": "{name} ist eine Gebühr",
        "other": "{name} wurde einzeln berechnet",
    },
}

#: Why it is billed, by the cause its basis keeps.
WHY = {
    "en": {
        "start": "It is billed because the plan began.",
        "renewal": "It is billed because a new period of the plan began.",
        "change": "It is billed because the plan was changed during the period; it covers the days from the change on.",
        "usage": "It is billed after the period, when the use is known.",
        "late_usage": "This use was reported after its period had been billed, so it is on this bill.",
        "one_off": "It is billed once and does not come back.",
        "trial_end": "It is billed because the free trial ended.",
        "manual": "It was added by a member of our staff.",
    },
    "de": {
        "start": "Berechnet wird es, weil der Tarif begonnen hat.",
        "renewal": "Berechnet wird es, weil ein neuer Zeitraum des Tarifs begonnen hat.",
        "change": "Berechnet wird es, weil der Tarif im Zeitraum geändert wurde; es gilt für die Tage ab der Änderung.",
        "usage": "Berechnet wird es nach dem Zeitraum, wenn der Verbrauch feststeht.",
        "late_usage": "Dieser Verbrauch wurde erst nach der Rechnung seines Zeitraums gemeldet und steht daher hier.",
        "one_off": "Es wird einmal berechnet und kommt nicht wieder.",
        "trial_end": "Berechnet wird es, weil die kostenlose Testzeit zu Ende ist.",
        "manual": "Es wurde von einem unserer Mitarbeiter hinzugefügt.",
    },
}

#: Why this tax, where none is charged, by treatment.
NO_TAX = {
    "en": {
        "reverse_charge": "No tax is charged: as a business in another EU country you account for it yourself "
        "(reverse charge).",
        "export": "No tax is charged: the service is taxed where you are, not here.",
        "exempt": "No tax is charged: what was sold is exempt from it.",
        "zero": "The tax rate for it is 0 %.",
        "": "No tax is charged on it.",
    },
    "de": {
        "reverse_charge": "Es fällt keine Steuer an: Als Unternehmen in einem anderen EU-Land führen Sie sie selbst ab "
        "(Steuerschuldnerschaft des Leistungsempfängers).",
        "export": "Es fällt keine Steuer an: Die Leistung wird bei Ihnen besteuert, nicht hier.",
        "exempt": "Es fällt keine Steuer an: Die Leistung ist steuerfrei.",
        "zero": "Der Steuersatz dafür ist 0 %.",
        "": "Darauf fällt keine Steuer an.",
    },
}

#: The other sentences.
TEXT = {
    "en": {
        "period": "{what}, from {days}: {count} days.",
        "part_period": "{what}, from {days}: {count} of {of} days, first and last day included.",
        "no_period": "{what}.",
        "anchor": "Billing periods count from {anchor}, by the calendar days of {zone}.",
        "flat": "The price is {whole}.",
        "per_unit": "{units} at {unit} each are {whole}.",
        "steps": "{units} are priced in steps: {steps}; together {whole}.",
        "step": "{units} at {unit} each are {amount}",
        "step_flat": "{units} at {unit} each plus {fixed} are {amount}",
        "part": "That is the price of all {of} days; for {count} of them it is {listed}.",
        "part_exact": "That is the price of a whole period; for the part that is billed it is {listed}.",
        "discount": "{name} takes off {amount}.",
        "discount_percent": "{name} ({percent}) takes off {amount}.",
        "net": "That leaves {net}.",
        "tax": "Tax of {rate} adds {tax}.",
        "tax_inside": "The price includes {tax} of tax at {rate}; without it, it is {net}.",
        "total": "The line comes to {total}.",
        "price": "This price applies since {since}.",
        "unused": "On {day} credit note {number} gave back {amount} for days that are not used.",
        "credited": "On {day} credit note {number} gave back {amount}: {reason}",
        "disputed": "Of this line, {amount} is in dispute and not asked for meanwhile.",
        "void": "This bill was withdrawn; nothing on it is owed.",
        "reversed": "Entry {entry} behind this line was reversed on {day}.",
        "rule": "The rate follows from the tax rules for {place} in force on {day}.",
        "number": "No. {number}",
    },
    "de": {
        "period": "{what}, vom {days}: {count} Tage.",
        "part_period": "{what}, vom {days}: {count} von {of} Tagen, ersten und letzten Tag mitgezählt.",
        "no_period": "{what}.",
        "anchor": "Die Abrechnungszeiträume zählen ab dem {anchor}, nach den Kalendertagen von {zone}.",
        "flat": "Der Preis ist {whole}.",
        "per_unit": "{units} zu je {unit} sind {whole}.",
        "steps": "{units} werden in Stufen berechnet: {steps}; zusammen {whole}.",
        "step": "{units} zu je {unit} sind {amount}",
        "step_flat": "{units} zu je {unit} und fest {fixed} sind {amount}",
        "part": "Das ist der Preis für alle {of} Tage; für {count} davon sind es {listed}.",
        "part_exact": "Das ist der Preis eines ganzen Zeitraums; für den berechneten Teil sind es {listed}.",
        "discount": "{name} nimmt {amount} weg.",
        "discount_percent": "{name} ({percent}) nimmt {amount} weg.",
        "net": "Es bleiben {net}.",
        "tax": "Die Steuer von {rate} kommt mit {tax} dazu.",
        "tax_inside": "Der Preis enthält {tax} Steuer zu {rate}; ohne sie sind es {net}.",
        "total": "Die Zeile ergibt {total}.",
        "price": "Dieser Preis gilt seit dem {since}.",
        "unused": "Am {day} gab die Gutschrift {number} davon {amount} für nicht genutzte Tage zurück.",
        "credited": "Am {day} gab die Gutschrift {number} davon {amount} zurück: {reason}",
        "disputed": "Von dieser Zeile sind {amount} beanstandet und werden so lange nicht verlangt.",
        "void": "Diese Rechnung wurde zurückgezogen; nichts davon ist zu zahlen.",
        "reversed": "Die Buchung {entry} hinter dieser Zeile wurde am {day} rückgängig gemacht.",
        "rule": "Der Satz folgt aus den Steuerregeln für {place}, die am {day} galten.",
        "number": "Nr. {number}",
    },
}

#: What one of a quantity is called where the product does not say, one and many.
UNIT = {"en": ("unit", "units"), "de": ("Einheit", "Einheiten")}
