### w4b-diag: every sentence a person reads, in English.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = error:
label-warning = warning:
label-hint = hint:
error-interrupted = interrupted
error-output = cannot write to standard output: { $reason }
error-not-there = not available yet

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
