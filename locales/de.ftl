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

## service-request
