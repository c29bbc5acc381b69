"""The words by which a billing topic is told, with their weights, in five languages. Pure data.

A weight of 4 beats one of 3 in the same message; 1 only adds to others. Phrases are parted by semicolons; `…` stands
for up to four words in between.
"""

from tickets.intake.topic_names import Topic


def _phrases(written: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in written.split(";"))


RULES: dict[Topic, dict[int, tuple[str, ...]]] = {
    Topic.DUPLICATE_CHARGE: {
        4: _phrases("""
            charged … twice; charged … two times; billed … two times; charge … twice; billed … twice; double
            charge; double charged; charged double;
            duplicate charge; duplicate payment; paid twice; two charges; debited twice; double billed; double
            billing; duplicate transaction; charged again; same amount twice; taken twice; 2 charges; doppelt …
            abgebucht; doppelt … belastet; zweimal … abgebucht; zweimal … belastet; doppelt berechnet; doppelte
            abbuchung; doppelte belastung; doppelt bezahlt; zweimal bezahlt; zweimal berechnet; débité … deux
            fois; prélevé … deux fois; facturé … deux fois; double prélèvement; payé … deux fois; double
            paiement; double débit; deux prélèvements; débitée … deux fois; facturée … deux fois; dubbel …
            afgeschreven; twee keer … afgeschreven; dubbel betaald; dubbele afschrijving; dubbel berekend;
            tweemaal … afgeschreven; dubbele betaling; twee keer betaald; dubbel gefactureerd; cobrado … dos
            veces; cobro duplicado; cobro doble; cargo duplicado; doble cargo; dos cargos; cobraron … dos veces;
            pagado … dos veces; cargado … dos veces; pago duplicado; doble cobro
        """),
    },
    Topic.HIGHER_BILL: {
        3: _phrases("""
            bill … higher; invoice … higher; higher … bill; higher … invoice; charged too much; overcharged;
            charged more; bill … increased; more expensive than; why … so high; why … so much; billed too much;
            wrong amount; more than usual; more than last month; higher than; too high; invoice … wrong;
            rechnung … höher; höhere rechnung; rechnung … zu hoch; zu viel … abgebucht; zu viel berechnet; mehr
            als sonst; falscher betrag; höher als; zu viel bezahlt; rechnung … gestiegen; so hoch; facture …
            élevée; facture … plus cher; trop facturé; trop prélevé; montant incorrect; trop élevée; plus que
            d'habitude; facture … augmenté; plus élevé que; plus élevée que; mauvais montant; rekening … hoger;
            factuur … hoger; te veel … afgeschreven; te veel betaald; te hoog; hoger dan; verkeerd bedrag; meer
            dan normaal; te veel berekend; hogere factuur; hogere rekening; factura … alta; factura … más cara;
            cobrado de más; cobraron de más; importe incorrecto; más alto que; más alta que; más de lo normal;
            factura … subido; demasiado alta; más caro que
        """),
        1: _phrases("""
            difference; unexpected; unterschied; différence; verschil; diferencia
        """),
    },
    Topic.REFUND_REQUEST: {
        3: _phrases("""
            refund; refunds; refunded; money back; reimburse; reimbursement; reimbursed; give … back my money;
            rückerstattung; erstattung; erstatten; geld zurück; rückzahlung; zurückerstatten; zurücküberweisen;
            remboursement; rembourser; remboursé; remboursez; rembourse; remboursée; terugbetaling;
            terugbetalen; geld terug; terugbetaald; terugstorting; terugstorten; restitutie; reembolso;
            reembolsar; devolución; devolver … dinero; devuelvan; reembolsen
        """),
        1: _phrases("""
            chargeback; credit note; gutschrift; avoir; creditnota; abono
        """),
    },
    Topic.PAYMENT_FAILED: {
        3: _phrases("""
            payment failed; payment … failed; payment declined; card … declined; card … rejected; payment …
            rejected; cannot pay; can't pay; unable to pay; payment … not work; payment … doesn't work; payment
            … not go through; payment … didn't go through; card … expired; update … card; failed payment;
            insufficient funds; card … not accepted; payment error; change … card; zahlung … fehlgeschlagen;
            zahlung … abgelehnt; karte … abgelehnt; kann nicht … bezahlen; karte … abgelaufen; zahlung … nicht;
            lastschrift … zurück; rücklastschrift; neue karte; zahlung geht nicht; paiement … échoué; paiement …
            refusé; carte … refusée; carte … expirée; paiement … rejeté; impossible de payer; échec … paiement;
            nouvelle carte; paiement ne passe pas; betaling … mislukt; betaling … geweigerd; kaart … geweigerd;
            kan niet betalen; kaart … verlopen; mislukte betaling; betaling lukt niet; nieuwe kaart; betaling …
            afgewezen; pago … fallido; pago … rechazado; tarjeta … rechazada; no puedo pagar; tarjeta …
            caducada; pago … fallado; tarjeta … vencida; error … pago; nueva tarjeta
        """),
    },
    Topic.RENEWAL: {
        3: _phrases("""
            renewal; renewed; auto-renew; auto renew; automatically renewed; renews; renewal date; automatic
            renewal; verlängerung; verlängert; automatisch verlängert; vertragsverlängerung; verlängern;
            renouvellement; renouvelé; reconduction; renouvellement automatique; renouveler; verlenging;
            verlengd; automatisch verlengd; verlengen; renovación; renovado; renovación automática; renovar; se
            renueva; renovó
        """),
    },
    Topic.PRICE_CHANGE: {
        4: _phrases("""
            price increase; price change; price rise; prices … going up; new price; new prices; raising …
            prices; price … increased; raised … price; price hike; price … going up; increase … price; increase
            … prices; preiserhöhung; preisänderung; preisanpassung; neue preise; neuer preis; preise … erhöht;
            preis … erhöht; augmentation … prix; augmentation … tarif; hausse … prix; hausse … tarif; nouveau
            prix; nouveaux tarifs; changement … prix; nouveau tarif; augmentation tarifaire; augmentation …
            tarifs; prijsverhoging; prijswijziging; nieuwe prijs; nieuwe prijzen; prijs … verhoogd; prijzen …
            verhoogd; subida … precio; subida … precios; aumento … precio; aumento … precios; nuevo precio;
            nuevos precios; cambio … precio; cambio … precios; incremento … precio
        """),
    },
    Topic.CANCEL: {
        3: _phrases("""
            cancel; cancelled; canceled; cancellation; cancelling; canceling; terminate; end my subscription;
            unsubscribe; close my account; stop my subscription; kündigen; kündigung; gekündigt; kündige; abo
            beenden; vertrag beenden; abbestellen; résilier; résiliation; résilié; annuler … abonnement;
            résilie; mettre fin; opzeggen; opzegging; opgezegd; annuleren; stopzetten; beëindigen; cancelar;
            cancelación; dar de baja; darme de baja; anular … suscripción; cancelen; la baja
        """),
    },
    Topic.PLAN_CHANGE: {
        3: _phrases("""
            upgrade; downgrade; change … plan; switch … plan; change … subscription; different plan; add seats;
            more seats; fewer seats; remove seats; extra seats; another plan; bigger plan; smaller plan; switch
            to yearly; switch to annual; switch to monthly; add … users; yearly billing; annual billing; tarif
            wechseln; tarifwechsel; tarif … ändern; wechseln … tarif; anderen tarif; paket wechseln; plätze
            hinzufügen; mehr lizenzen; weniger lizenzen; abo ändern; auf jährlich; changer … abonnement; changer
            … forfait; changer … formule; changement … forfait; autre forfait; changement … formule; passer …
            annuel; passer … forfait; changer d'abonnement; changer d'offre; abonnement wijzigen; abonnement …
            veranderen; ander abonnement; wijzigen … abonnement; pakket wijzigen; overstappen; meer licenties;
            ander pakket; cambiar … plan; cambio de plan; otro plan; mejorar … plan; cambiar … suscripción;
            cambiar a anual
        """),
    },
    Topic.INVOICE_COPY: {
        3: _phrases("""
            copy … invoice; invoice copy; send … invoice; download … invoice; need … invoice; resend … invoice;
            receipt; receipts; invoice … missing; missing invoice; tax invoice; vat invoice; pdf invoice; didn't
            receive … invoice; not received … invoice; where … invoice; copy … bill; invoices for;
            rechnungskopie; rechnung … noch einmal; rechnung … noch mal; kopie … rechnung; rechnung … senden;
            rechnung … schicken; rechnung … zusenden;
            rechnung herunterladen; rechnung fehlt; quittung; beleg; rechnung … zuschicken; keine rechnung;
            rechnung … erneut; rechnung … nochmal; rechnung als pdf; brauche … rechnung; benötige … rechnung;
            copie … facture; envoyer … facture; renvoyer … facture; télécharger … facture; duplicata; besoin …
            facture; pas reçu … facture; reçu de paiement; facture manquante; facture en pdf; kopie … factuur;
            factuur … sturen; stuur … factuur; factuur downloaden; factuur ontbreekt; geen factuur; factuur
            nodig; bon; factuur … ontvangen; kopiefactuur; copia … factura; enviar … factura; envíen … factura;
            descargar … factura; necesito … factura; recibo; falta … factura; no he recibido … factura; enviarme
            … factura; duplicado … factura
        """),
    },
    Topic.ACCOUNT_ACCESS: {
        3: _phrases("""
            log in; login; sign in; password; locked out; can't access; cannot access; reset … password; account
            … locked; account … blocked; two-factor; 2fa; verification code; no access; account … suspended;
            lost access; logged out; log into; sign into; anmelden; einloggen; passwort; kennwort; kein zugriff;
            keinen zugriff; konto … gesperrt; zugang … gesperrt; ausgesperrt; zugangsdaten; anmeldung; me
            connecter; se connecter; connexion; mot de passe; compte … bloqué; plus accès; pas accès; accès …
            compte; compte … suspendu; identifiant; inloggen; wachtwoord; geen toegang; account … geblokkeerd;
            aanmelden; toegang tot; iniciar sesión; contraseña; no puedo acceder; cuenta … bloqueada; no puedo
            entrar; sin acceso
        """),
    },
}
