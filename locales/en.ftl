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

render-severity = { $severity ->
    [ok] ok
    [info] note
    [unknown] not checked
    [warning] warning
   *[critical] critical
}
render-owner = { $owner ->
    [service-provider] service provider
    [webex] Webex
    [customer] customer
   *[unknown] owner not known
}
render-verdict = { $verdict ->
    [ok] Nothing wrong was found.
    [warning] Something needs attention soon.
    [unknown] Not everything could be checked.
   *[critical] Something is wrong and needs action now.
}
render-count = { $severity ->
    [ok] { $count ->
        [one] { $count } passed
       *[other] { $count } passed
    }
    [info] { $count ->
        [one] { $count } note
       *[other] { $count } notes
    }
    [unknown] { $count ->
        [one] { $count } not checked
       *[other] { $count } not checked
    }
    [warning] { $count ->
        [one] { $count } warning
       *[other] { $count } warnings
    }
   *[critical] { $count ->
        [one] { $count } critical
       *[other] { $count } critical
    }
}
render-heading = Diagnosis for Webex for BroadWorks
render-findings = Findings
render-passed = Checked and in order
render-remedy = What to do:
render-made-by = Made by { $tool } { $version } at { $made }, judged as of { $as_of }.

## service-request
