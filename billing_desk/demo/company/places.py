"""Where the customers of the demo company live, and what people and businesses are called there. All made up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A country with its money, language and clocks; `share` of all customers live there, in per cent."""

    country: str
    share: int
    currency: str
    language: str
    zone: str
    first_names: str
    last_names: str
    businesses: str
    domains: tuple[str, ...]
    region: str = ""
    #: A number range its regulator keeps free for fiction, filled with two digits; empty where there is none.
    phones: str = ""


PLACES = (
    Place(
        "DE", 40, "EUR", "de-DE", "Europe/Berlin",
        "Anke Bernd Carla Dieter Edda Falk Gesa Holger Ines Jonas Katrin Lennart Mareike Nils Oda Piet Rieke Sönke "
        "Tomma Uwe Wiebke Yannick",
        "Ahrens Brodersen Clausen Dahlke Ehlers Feddersen Göttsche Harmsen Iwersen Jessen Köpke Lürssen Momsen Nissen "
        "Oldörp Petersen Rickmers Stöver Thießen Wulff",
        "Fahrradhaus Deichblick;Kanzlei am Markt;Bäckerei Kornblume;Druckwerk Süd;Gartenbau Lindhof;Praxis am Fleet",
        ("postfach.example", "brief.example", "elbnetz.example"),
        phones="+49 30 231250{:02d}",  # Bundesnetzagentur, numbers for media use: 030 23125 000 to 999
    ),
    Place(
        "AT", 10, "EUR", "de-AT", "Europe/Vienna",
        "Alois Burgi Christl Ferdl Gretl Hansl Kathi Loisl Mitzi Resi Sepp Vroni",
        "Achleitner Brandstätter Dorfinger Egger Hinterholzer Kogler Mitterer Pichler Rainer Steindl Unterberger",
        "Almhütte Sonnblick;Tischlerei Kogler;Weingut Rebenhof",
        ("alpenpost.example", "donaunetz.example"),
    ),
    Place(
        "NL", 11, "EUR", "nl-NL", "Europe/Amsterdam",
        "Aafke Bram Daan Els Fleur Geert Hilde Joris Lotte Maarten Noor Pim Sanne Teun",
        "Bakker Dijkstra Hoekstra Jansen Kuiper Meijer Postma Smit Veenstra Visser Zijlstra",
        "Fietsenmaker De Spaak;Bloemen Noord;Kaasboerderij Zuid",
        ("grachtmail.example", "polder.example"),
    ),
    Place(
        "FR", 12, "EUR", "fr-FR", "Europe/Paris",
        "Agathe Bastien Céline Damien Élodie Fabrice Gaëlle Hugo Inès Julien Léa Mathieu Océane Rémi Sylvie",
        "Aubert Bonnet Carpentier Delmas Fontaine Girard Lacroix Marchand Perrin Roussel Vidal",
        "Atelier du Port;Librairie des Halles;Menuiserie Vidal",
        ("courrier.example", "lettre.example"),
        phones="+33 1 99 00 12 {:02d}",  # Arcep, numbers for audiovisual works: 01 99 00
    ),
    Place(
        "GB", 11, "GBP", "en-GB", "Europe/London",
        "Alfie Bryony Callum Daisy Edmund Freya Gareth Harriet Isla Jago Keira Lewis Morag Nell Owain",
        "Ashdown Birtwistle Cobbold Dunmore Fairclough Hathersage Kettlewell Lockwood Penrose Thackray Wrigley",
        "Kettlewell & Sons;The Paper Mill Press;Harbour Lights Studio",
        ("letterbox.example", "penny-post.example"),
        phones="+44 20 7946 00{:02d}",  # Ofcom, numbers for drama: 020 7946 0000 to 0999
    ),
    Place(
        "US", 11, "USD", "en-US", "America/Los_Angeles",
        "Avery Brooke Carter Dakota Emerson Harper Jordan Kendall Logan Morgan Parker Quinn Riley Skyler",
        "Alder Bayside Calloway Delgado Eastman Fairbanks Holloway Larkin Monterey Ridgeway Sandoval Whitlock",
        "Redwood Print Co;Larkin Coffee Roasters;Bayside Yoga",
        ("mailbox.example", "westcoast.example"),
        region="US-CA",
        phones="+1 415 555 01{:02d}",  # NANPA, fictional numbers: 555-0100 to 0199
    ),
    Place(
        "JP", 5, "JPY", "ja-JP", "Asia/Tokyo",
        "Aoi Daichi Haruka Kaito Mio Ren Sakura Yuto",
        "Aizawa Fujimori Hayakawa Kitamura Mizuno Sakamoto Tachibana",
        "Kissaten Tachibana;Mizuno Kogei",
        ("tegami.example",),
    ),
)  # fmt: skip
