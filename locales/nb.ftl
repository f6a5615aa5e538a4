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

render-severity = { $severity ->
    [ok] i orden
    [info] merknad
    [unknown] ikke kontrollert
    [warning] advarsel
   *[critical] kritisk
}
render-owner = { $owner ->
    [service-provider] tjenesteleverandør
    [webex] Webex
    [customer] kunde
   *[unknown] ansvar ikke kjent
}
render-verdict = { $verdict ->
    [ok] Det ble ikke funnet noen feil.
    [warning] Noe trenger snart oppmerksomhet.
    [unknown] Ikke alt kunne kontrolleres.
   *[critical] Det er en feil som må rettes nå.
}
render-count = { $severity ->
    [ok] { $count ->
        [one] { $count } i orden
       *[other] { $count } i orden
    }
    [info] { $count ->
        [one] { $count } merknad
       *[other] { $count } merknader
    }
    [unknown] { $count ->
        [one] { $count } ikke kontrollert
       *[other] { $count } ikke kontrollert
    }
    [warning] { $count ->
        [one] { $count } advarsel
       *[other] { $count } advarsler
    }
   *[critical] { $count ->
        [one] { $count } kritisk
       *[other] { $count } kritiske
    }
}
render-heading = Diagnose for Webex for BroadWorks
render-findings = Funn
render-passed = Kontrollert og i orden
render-remedy = Dette må gjøres:
render-made-by = Laget av { $tool } { $version } { $made }, vurdert per { $as_of }.

## service-request
