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
