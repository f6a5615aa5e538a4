### w4b-diag: every sentence a person reads, på norsk bokmål.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = feil:
label-warning = advarsel:
label-hint = tips:
error-interrupted = avbrutt
error-output = kan ikke skrive til standard ut: { $reason }
error-not-there = ikke tilgjengelig ennå

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
