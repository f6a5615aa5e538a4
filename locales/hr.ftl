### w4b-diag: every sentence a person reads, na hrvatskom.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = greška:
label-warning = upozorenje:
label-hint = savjet:
error-interrupted = prekinuto
error-output = nije moguće pisati na standardni izlaz: { $reason }
error-not-there = još nije dostupno

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
