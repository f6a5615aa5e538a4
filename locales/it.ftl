### w4b-diag: every sentence a person reads, in italiano.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = errore:
label-warning = avviso:
label-hint = suggerimento:
error-interrupted = interrotto
error-output = impossibile scrivere sullo standard output: { $reason }
error-not-there = non ancora disponibile

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
