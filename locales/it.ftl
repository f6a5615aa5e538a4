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

render-severity = { $severity ->
    [ok] in ordine
    [info] nota
    [unknown] non verificato
    [warning] avviso
   *[critical] critico
}
render-owner = { $owner ->
    [service-provider] fornitore di servizi
    [webex] Webex
    [customer] cliente
   *[unknown] competenza non nota
}
render-verdict = { $verdict ->
    [ok] Non è stato trovato alcun errore.
    [warning] Qualcosa richiede presto attenzione.
    [unknown] Non è stato possibile verificare tutto.
   *[critical] C'è un errore da correggere subito.
}
render-count = { $severity ->
    [ok] { $count ->
        [one] { $count } in ordine
       *[other] { $count } in ordine
    }
    [info] { $count ->
        [one] { $count } nota
       *[other] { $count } note
    }
    [unknown] { $count ->
        [one] { $count } non verificato
       *[other] { $count } non verificati
    }
    [warning] { $count ->
        [one] { $count } avviso
       *[other] { $count } avvisi
    }
   *[critical] { $count ->
        [one] { $count } critico
       *[other] { $count } critici
    }
}
render-heading = Diagnosi per Webex for BroadWorks
render-findings = Risultati
render-passed = Verificato e in ordine
render-remedy = Cosa fare:
render-made-by = Creato da { $tool } { $version } alle { $made }, valutato alla data { $as_of }.

## service-request
