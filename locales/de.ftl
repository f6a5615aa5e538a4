### w4b-diag: every sentence a person reads, auf Deutsch.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = Fehler:
label-warning = Warnung:
label-hint = Hinweis:
error-interrupted = abgebrochen
error-output = Standardausgabe kann nicht geschrieben werden: { $reason }
error-not-there = noch nicht verfügbar

## help

## cli

## input

## status

## certs

## scan

## redact

## case

case-fact--customer-org = Organisations-ID des Kunden
case-fact--partner-org = Organisations-ID des Partners
case-fact--tracking-id = Tracking-ID
case-fact--user-email = E-Mail-Adresse des Benutzers
case-fact--client-version = Version des Clients
case-fact--time-frame = Zeitraum

case-customer-org = Organisations-ID des Kunden fehlt
    .detail = In den Eingaben steht keine Organisations-ID des Kunden, und es wurde keine angegeben. Cisco TAC fragt danach zuerst.
    .remedy = Partner Hub, Kunden, Control Hub des Kunden öffnen, Konto: Organisations-ID kopieren. In einem kopierten Fehlerblock steht sie hinter „View Org ID“. Dann mit --customer-org angeben.
case-customer-org--ok = Organisations-ID des Kunden: { $value }
    .detail = Aus { $source }.
case-customer-org--several = { $count ->
        [one] { $count } Organisations-ID eines Kunden
       *[other] { $count } verschiedene Organisations-IDs von Kunden
    }
    .detail = Gefunden: { $values }. Eine Serviceanfrage betrifft einen Kunden.
    .remedy = Entscheiden Sie, um welchen Kunden es geht, und geben Sie ihn mit --customer-org an, oder öffnen Sie je Kunde einen Fall.
case-customer-org--role = Eine Organisations-ID wurde gefunden, aber nicht, wem sie gehört
    .detail = Ohne Bezeichnung als Kunde oder Partner gefunden: { $values }.
    .remedy = Vergleichen Sie mit Partner Hub, Kunden, Control Hub des Kunden, Konto. Geben Sie die ID des Kunden mit --customer-org und Ihre eigene mit --partner-org an.
case-partner-org = Organisations-ID des Partners fehlt
    .detail = In den Eingaben steht keine Organisations-ID Ihrer eigenen Partnerorganisation, und es wurde keine angegeben.
    .remedy = Mit dem eigenen Konto am Partner Hub anmelden, Konto: Organisations-ID kopieren. In einem kopierten Fehlerblock steht sie hinter „Logged-in User Org ID“. Dann mit --partner-org angeben, oder ein für alle Mal in der Konfiguration als [provider] partner_org.
case-partner-org--ok = Organisations-ID des Partners: { $value }
    .detail = Aus { $source }.
case-partner-org--several = { $count ->
        [one] { $count } Organisations-ID eines Partners
       *[other] { $count } verschiedene Organisations-IDs von Partnern
    }
    .detail = Gefunden: { $values }. In der Regel haben Sie eine einzige Partnerorganisation.
    .remedy = Prüfen Sie im Partner Hub unter Konto, welche Ihre ist, und geben Sie sie mit --partner-org an.
case-partner-org--same = Organisations-ID von Partner und Kunde sind gleich
    .detail = Beide sind { $value }. Das stimmt nur, wenn der Fehler in Ihrer eigenen Organisation auftritt.
    .remedy = Tritt der Fehler bei einem Kunden auf: dessen Control Hub öffnen, Konto, und die ID mit --customer-org angeben.
case-tracking-id = Keine Tracking-ID
    .detail = In den Eingaben steht keine Tracking-ID. Sie wird nur gebraucht, wenn die Fehlermeldung oder die Oberfläche eine anzeigt.
    .remedy = Sehen Sie die Fehlermeldung noch einmal an: in Control Hub „Kopieren“ oder „Details“ drücken oder den ganzen Fehlertext kopieren. Steht eine Tracking-ID darin, den Text mit --text angeben. Wird keine angezeigt, geht es ohne sie weiter.
case-tracking-id--ok = { $count ->
        [one] Tracking-ID: { $value }
       *[other] { $count } Tracking-IDs, erste { $value }
    }
    .detail = Aus { $source }.
case-tracking-id--outside = Die Tracking-ID passt nicht zum Zeitraum
    .detail = { $value } ist von { $at }, der Zeitraum reicht von { $first } bis { $last }.
    .remedy = Prüfen Sie, ob der Fehlertext zu diesem Fehler gehört. Wenn ja, berichtigen Sie den Zeitraum mit --since und --until.
case-user-email = E-Mail-Adresse des Benutzers fehlt
    .detail = In den Eingaben steht keine E-Mail-Adresse eines betroffenen Benutzers, und es wurde keine angegeben.
    .remedy = Control Hub, Benutzer, den Benutzer öffnen: E-Mail-Adresse kopieren und mit --user-email angeben. Sind alle betroffen, genügt ein Benutzer als Beispiel.
case-user-email--ok = Benutzer: { $value }
    .detail = Aus { $source }.
case-user-email--ok-id = Benutzer nach Webex-ID: { $value }
    .detail = Aus { $source }. TAC findet den Benutzer auch über diese ID; mit der E-Mail-Adresse geht es schneller.
case-user-email--broadworks = Nur die BroadWorks-ID des Benutzers ist bekannt
    .detail = Bekannt: { $value }. TAC sucht nach der E-Mail-Adresse oder der Webex-Benutzer-ID.
    .remedy = Partner Hub, Onboarding-Vorlage, Benutzerstatus anzeigen: Zeile mit dieser BroadWorks-ID suchen. Oder Control Hub, Benutzer. Dann die E-Mail-Adresse mit --user-email angeben.
case-user-email--several = { $count ->
        [one] E-Mail-Adresse von { $count } Benutzer
       *[other] E-Mail-Adressen von { $count } verschiedenen Benutzern
    }
    .detail = Gefunden: { $values }.
    .remedy = Nennen Sie mit --user-email den einen Benutzer, dessen Fehler am besten beschrieben ist; die anderen können in der Beschreibung bleiben.
case-client-version = Version des Clients ist nicht bekannt
    .detail = Es wurde keine Version der Webex-App angegeben oder gefunden. Sie wird nur gebraucht, wenn sich der Fehler in einem Client zeigt.
    .remedy = In der Webex-App Profilbild, Hilfe, Info über Webex (am Telefon: Einstellungen, Info): Version und Plattform kopieren und mit --client-version angeben. Zeigt sich der Fehler nur in Control Hub oder Partner Hub, geht es ohne sie weiter.
case-client-version--ok = Version des Clients: { $value }
    .detail = Aus { $source }.
case-client-version--implausible = Diese Version des Clients gibt es nicht: { $value }
    .detail = Versionen der Webex-App bestehen aus Jahr, Monat, Patch und Build, etwa 44.3.0.28993. { $value } (aus { $source }) passt nicht dazu.
    .remedy = Lesen Sie die Version noch einmal in der Webex-App ab: Profilbild, Hilfe, Info über Webex. Dann mit --client-version angeben.
case-time-frame = Zeitpunkt des Fehlers ist nicht bekannt
    .detail = Es wurde keine Zeit angegeben, und bei keinem Fehler in den Eingaben steht ein Zeitstempel.
    .remedy = Fragen Sie den Benutzer, wann es zuletzt auftrat, und geben Sie es mit --since und --until an, mit Zeitzone: 2026-11-22T10:00:00+01:00.
case-time-frame--ok = Zeitraum: { $first } bis { $last }
    .detail = Zeiten in UTC.
case-time-frame--future = Der Zeitraum liegt in der Zukunft
    .detail = Er beginnt um { $first }, später als der Zeitpunkt dieser Prüfung, { $now }.
    .remedy = Prüfen Sie Tag, Monat und Zeitzone und geben Sie die Zeit mit --since und --until an.
case-time-frame--reversed = Der Zeitraum endet, bevor er beginnt
    .detail = Er reicht von { $first } bis { $last }.
    .remedy = Vertauschen oder berichtigen Sie --since und --until.
case-time-frame--wide = Der Zeitraum ist { $days } Tage lang
    .detail = Er reicht von { $first } bis { $last }. TAC kann in seinen Protokollen nur über kurze Zeit suchen.
    .remedy = Geben Sie die Zeit eines einzelnen Vorfalls mit --since und --until an, höchstens eine Stunde.

case-escalation--fix-first = { $count ->
        [one] Zuerst beheben: { $count } Befund auf Ihrer Seite
       *[other] Zuerst beheben: { $count } Befunde auf Ihrer Seite
    }
    .next = Arbeiten Sie sie in der gezeigten Reihenfolge ab und versuchen Sie es dann erneut. Öffnen Sie eine Serviceanfrage nur, wenn der Fehler bleibt.
case-escalation--wait = Warten: Webex hat eine offene Störung, die dazu passt
    .next = Abonnieren Sie die Störung auf der Statusseite und informieren Sie den Kunden. Prüfen Sie erneut, sobald sie behoben ist; eskalieren Sie nur, wenn der Fehler bleibt.
case-escalation--incomplete = { $count ->
        [one] Unvollständig: { $count } Angabe fehlt oder ist unklar
       *[other] Unvollständig: { $count } Angaben fehlen oder sind unklar
    }
    .next = Beschaffen Sie, was aufgeführt ist, und prüfen Sie dann erneut. TAC würde danach fragen.
case-escalation--ready = Bereit für eine Serviceanfrage
    .next = Erstellen Sie das Paket mit „w4b-diag bundle“, öffnen Sie einen Fall im Support Case Manager, fügen Sie den Text aus service-request.txt ein und laden Sie die ZIP-Datei hoch.

release-unsupported = { $subject }: BroadWorks { $release } wird nicht mehr unterstützt
    .detail = { $kind ->
        [ended] Die Wartung von Release { $major } endete am { $ends }.
       *[n-2] Aktuell ist Release { $current }; unterstützt werden dieses und die zwei Hauptversionen davor (N-2), Release { $major } also nicht mehr.
    }
    .remedy = Planen Sie das Upgrade auf Release { $current }. Cisco kann es verlangen, bevor der Fehler untersucht wird.
release-unsupported--ok = { $subject }: BroadWorks { $release } wird unterstützt
    .detail = Release { $major } gehört nach dem Stand vom { $dated } zu den unterstützten Versionen.
release-unsupported--ends = { $subject }: Unterstützung für BroadWorks { $release } endet am { $ends }
    .detail = Aktuell ist Release { $current }.
    .remedy = Planen Sie das Upgrade vor dem { $ends }.
release-unknown = { $subject }: Unterstützung für BroadWorks „{ $release }“ lässt sich nicht beurteilen
    .detail = { $reason ->
        [independent] Es ist eine releaseunabhängige Version; diese werden nach Datum und nicht nach Hauptversion unterstützt, und die Daten sind hier nicht bekannt.
        [newer] Release { $major } ist neuer als der Stand vom { $dated }, den dieses Programm kennt.
       *[unreadable] Der Text ist keine BroadWorks-Version wie 25.0, Rel_25.0_1.944 oder 2022.11.
    }
    .remedy = { $reason ->
        [unreadable] Lesen Sie die Version auf dem Server mit „bwshowver“ ab und geben Sie sie mit --broadworks-release an.
       *[other] Vergleichen Sie mit der Lebenszyklus-Seite von BroadWorks.
    }

## users

## catalogue

## bundle

## render

render-severity = { $severity ->
    [ok] in Ordnung
    [info] Hinweis
    [unknown] nicht geprüft
    [warning] Warnung
   *[critical] kritisch
}
render-owner = { $owner ->
    [service-provider] Dienstanbieter
    [webex] Webex
    [customer] Kunde
   *[unknown] Zuständigkeit unbekannt
}
render-verdict = { $verdict ->
    [ok] Es wurde kein Fehler gefunden.
    [warning] Etwas braucht bald Aufmerksamkeit.
    [unknown] Nicht alles konnte geprüft werden.
   *[critical] Es liegt ein Fehler vor, der jetzt behoben werden muss.
}
render-count = { $severity ->
    [ok] { $count ->
        [one] { $count } in Ordnung
       *[other] { $count } in Ordnung
    }
    [info] { $count ->
        [one] { $count } Hinweis
       *[other] { $count } Hinweise
    }
    [unknown] { $count ->
        [one] { $count } nicht geprüft
       *[other] { $count } nicht geprüft
    }
    [warning] { $count ->
        [one] { $count } Warnung
       *[other] { $count } Warnungen
    }
   *[critical] { $count ->
        [one] { $count } kritisch
       *[other] { $count } kritisch
    }
}
render-heading = Diagnose für Webex for BroadWorks
render-findings = Befunde
render-passed = Geprüft und in Ordnung
render-remedy = Was zu tun ist:
render-made-by = Erstellt von { $tool } { $version } am { $made }, beurteilt zum Stand { $as_of }.

## service-request
