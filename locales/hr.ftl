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

render-severity = { $severity ->
    [ok] u redu
    [info] napomena
    [unknown] nije provjereno
    [warning] upozorenje
   *[critical] kritično
}
render-owner = { $owner ->
    [service-provider] davatelj usluga
    [webex] Webex
    [customer] korisnik
   *[unknown] nadležnost nije poznata
}
render-verdict = { $verdict ->
    [ok] Nije pronađena nijedna pogreška.
    [warning] Nešto uskoro treba pozornost.
    [unknown] Nije se sve moglo provjeriti.
   *[critical] Postoji pogreška koju treba odmah otkloniti.
}
render-count = { $severity ->
    [ok] { $count ->
        [one] { $count } u redu
        [few] { $count } u redu
       *[other] { $count } u redu
    }
    [info] { $count ->
        [one] { $count } napomena
        [few] { $count } napomene
       *[other] { $count } napomena
    }
    [unknown] { $count ->
        [one] { $count } neprovjerena stavka
        [few] { $count } neprovjerene stavke
       *[other] { $count } neprovjerenih stavki
    }
    [warning] { $count ->
        [one] { $count } upozorenje
        [few] { $count } upozorenja
       *[other] { $count } upozorenja
    }
   *[critical] { $count ->
        [one] { $count } kritičan nalaz
        [few] { $count } kritična nalaza
       *[other] { $count } kritičnih nalaza
    }
}
render-heading = Dijagnoza za Webex for BroadWorks
render-findings = Nalazi
render-passed = Provjereno i u redu
render-remedy = Što učiniti:
render-made-by = Izradio { $tool } { $version } u { $made }, procijenjeno prema stanju { $as_of }.

## service-request
