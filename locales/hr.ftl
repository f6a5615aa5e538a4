### w4b-diag: every sentence a person reads, na hrvatskom.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = greška:
label-warning = upozorenje:
label-hint = savjet:
error-interrupted = prekinuto
error-output = nije moguće pisati na standardni izlaz: { $reason }

## files

cert-file-not-found = { $path }: te datoteke nema
    .hint = Provjerite putanju. Relativne putanje u konfiguraciji vrijede od mjesta konfiguracijske datoteke.
cert-file-permission = { $path }: čitanje ove datoteke nije dopušteno
    .hint = Pokrenite program kao korisnik koji je smije čitati ili kopirajte certifikat (ne ključ) na drugo mjesto.
cert-file-directory = { $path } je direktorij
    .hint = Navedite datoteku u njemu ili uzorak kao što je "certs/*.pem".
cert-file-read = { $path } nije moguće pročitati: { $reason }
    .hint = Provjerite putanju i disk.
cert-file-too-large = { $path } je veća od { $mebibytes } MiB, što je previše za datoteku s certifikatima
    .hint = Navedite datoteku u kojoj su samo certifikati.
cert-file-empty = { $path } je prazna
    .hint = Ponovno izvezite ili preuzmite certifikat.
cert-file-html = { $path } je web-stranica, a ne certifikat
    .hint = Preuzimanje je vjerojatno završilo na stranici za prijavu. Prijavite se i ponovno preuzmite datoteku.
cert-file-binary = { $path } nije datoteka s certifikatom: nije ni PEM, ni DER, ni PKCS#7, ni PKCS#12, ni JKS
    .hint = Provjerite je li to prava datoteka pa je, ako jest, ponovno izvezite.
cert-file-no-certificate = { $path } ne sadrži certifikat
    .hint = Certifikat kao tekst počinje retkom "-----BEGIN CERTIFICATE-----".
cert-file-damaged = { $path } je oštećena: { $format ->
    [der] DER certifikat
    [pkcs7] PKCS#7 datoteka
    [pkcs12] PKCS#12 datoteka
    [jks] Java spremište ključeva
   *[other] datoteka s certifikatom
    } – sadržaj je odrezan ili neispravan
    .hint = Kopirajte je ponovno u binarnom načinu ili je ponovno izvezite.
cert-file-not-a-bundle = { $path } je PKCS#7, ali nije popis certifikata
    .hint = To su šifrirani ili potpisani podaci. Izvezite certifikate kao PEM ili kao .p7b datoteku.
cert-file-password-needed = { $path } je zaštićena lozinkom
    .hint = Stavite lozinku u varijablu okruženja W4B_DIAG_P12_PASSWORD ili u varijabli W4B_DIAG_P12_PASSWORD_FILE navedite datoteku koja je sadrži.
cert-file-password-wrong = { $path }: lozinka je pogrešna
    .hint = Stavite ispravnu lozinku u varijablu okruženja W4B_DIAG_P12_PASSWORD ili u datoteku koju navodi W4B_DIAG_P12_PASSWORD_FILE.
cert-file-unsupported = { $path } je šifrirana na način koji nije podržan: { $algorithm }
    .hint = Izvezite certifikate kao PEM, na primjer naredbom "openssl pkcs12 -nokeys".
cert-file-base64 = { $path }: blok { $block } je oštećen u retku { $line }: nije base64
    .hint = Ponovno kopirajte blok iz izvora, od retka BEGIN do retka END.
cert-file-empty-block = { $path }: blok { $block } u retku { $line } je prazan
    .hint = Ponovno kopirajte blok iz izvora, od retka BEGIN do retka END.
cert-file-no-end = { $path }: blok { $block } koji počinje u retku { $line } nema redak END
    .hint = Datoteka je vjerojatno odrezana. Kopirajte je ponovno.
cert-file-marker = { $path }: redak BEGIN ili END u retku { $line } je oštećen
    .hint = Ispred i iza mora stajati točno pet crtica. Programi za obradu teksta i pošta ih mijenjaju.
cert-file-damaged-block = { $path }: blok { $block } je oštećen
    .hint = Ponovno izvezite datoteku.
cert-file-other-block = { $path }: blok "{ $label }" nije certifikat
    .hint = Upotrijebite certifikat koji je CA vratio, a ne zahtjev koji mu je poslan.
cert-file-too-many-blocks = { $path }: pročitani su samo prvi blokovi, njih { $limit }
    .hint = Navedite datoteku u kojoj su samo certifikati.
cert-file-no-markers = { $path }: nedostaju retci BEGIN i END
    .hint = Dodajte retke "-----BEGIN CERTIFICATE-----" i "-----END CERTIFICATE-----": drugi programi bez njih odbijaju datoteku.
cert-file-trailing-data = { $path }: iza certifikata { $bytes ->
    [one] slijedi { $bytes } bajt
    [few] slijede { $bytes } bajta
   *[other] slijedi { $bytes } bajtova
    } drugih podataka
    .hint = Ponovno izvezite datoteku: drugi bi je programi mogli odbiti.
cert-file-secret-key-entry = { $path } sadrži tajni ključ, a ono što u spremištu slijedi nije pročitano
    .hint = Ispišite spremište alatom keytool i izvezite certifikate koji ovdje nedostaju.

## targets

target-empty = cilj je prazan
    .hint = Napišite host, host:port, https://host, cti://host, auth://host ili putanju datoteke.
target-scheme = "{ $target }": { $scheme }:// nije poznato
    .hint = Poznati su https://, cti://, auth:// i file:.
target-host = "{ $target }" ne sadrži valjano ime poslužitelja ni adresu
    .hint = Napišite host, host:port ili, za IPv6, [adresa]:port.
target-port = "{ $target }" ne sadrži valjan port
    .hint = Port je broj od 1 do 65535.
target-pin = "{ $target }": iza "#" nema adrese
    .hint = Da biste odredili adresu, završite cilj s #ip= i IPv4 ili IPv6 adresom.
target-user-info = cilj sadrži korisničko ime
    .hint = Izostavite sve do uključivo znaka "@".
target-no-such-file = { $target }: te datoteke nema
    .hint = Provjerite putanju. Ako se poslužitelj tako zove, ispred napišite https://.
identity-read = klijentski certifikat ili ključ { $path } nije moguće pročitati: { $reason }
    .hint = Provjerite client_cert i client_key u konfiguraciji; oboje su PEM datoteke.
identity-no-certificate = { $path } ne sadrži klijentski certifikat
    .hint = client_cert mora navesti PEM datoteku s certifikatom i njegovim lancem.
identity-no-key = { $path } ne sadrži upotrebljiv privatni ključ
    .hint = client_key mora navesti PEM datoteku s nešifriranim RSA, ECDSA ili Ed25519 ključem.
identity-mismatch = ključ { $key } ne pripada certifikatu { $certificate }
    .hint = Provjerite client_cert i client_key u konfiguraciji.

## help

help-heading-usage = Upotreba:
help-heading-commands = Naredbe
help-heading-arguments = Argumenti
help-heading-options = Opcije
help-heading-global = Opcije svih naredbi
help-heading-examples = Primjeri:
help-heading-exit-codes = Izlazni kodovi:
help-value-command = NAREDBA
help-note-values = { "[" }vrijednosti: { $value }]
help-note-default = { "[" }zadano: { $value }]
help-note-env = { "[" }okolina: { $value }]

help = Dijagnostika i paketi za podršku za Webex for BroadWorks
    .exit-codes =
        0 sve je u redu ili je obavljeno
        1 najteži nalaz je upozorenje ili je nešto izostavljeno
        2 najteži nalaz je kritičan
        3 nije obavljeno: nije bilo moguće provjeriti, pogrešna upotreba ili konfiguracija
        130 prekinuto
help-global--config = Konfiguracijska datoteka; inače korisnikova i ona računala
help-global--lang = Jezik ispisa; inače jezik sustava
help-global--format = Format ispisa; koji postoje, ovisi o naredbi
help-global--color = Kada se koriste boje
help-global--quiet = Ispiši samo rezultate, upozorenja i pogreške
help-global--verbose = Ispiši više
help-global--timeout = Vremensko ograničenje za svaki cilj i za stranicu stanja: 500ms, 5s, 2m; uz --format nagios za cijelo izvođenje
help-global--as-of = Prosudi u ovom trenutku umjesto sada (RFC 3339)
help-global--threads = Koliko se procesorskih jezgri koristi
help-global--help = Ispiši pomoć
help-global--version = Ispiši verziju

help-check = Pokreni sve provjere i reci što učiniti prije eskalacije
    .examples =
        w4b-diag check mail.txt logs.zip --xsp cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag check --text - --no-network < error.txt
help-bundle = Pokreni sve provjere i zapakiraj dokaze za servisni zahtjev
    .examples =
        w4b-diag bundle --preview mail.txt logs.zip
        w4b-diag bundle mail.txt logs.zip --xsp xsp1.example.net --user-email user@customer.example.com -o case.zip
help-status = Pitaj Webexovu stranicu statusa za incidente i održavanja
    .examples =
        w4b-diag status
        w4b-diag status --at 2026-11-20T08:30:00+01:00 --component "Webex App"
        w4b-diag status --url saved-index.json --format json
help-certs = Provjeri certifikate i lance povjerenja poslužitelja i datoteka
    .examples =
        w4b-diag certs xsp1.example.net cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag certs installed.pem --host xsp1.example.net
        w4b-diag certs --config /etc/w4b-diag/config.toml --format nagios
help-extract = Pronađi u tekstovima i zapisnicima podatke potrebne za servisni zahtjev
    .examples =
        w4b-diag extract mail.txt logs/
        journalctl -u tomcat | w4b-diag extract --format json
help-redact = Ispiši tekst u kojem su tajne i tuđi podaci zamijenjeni
    .examples =
        w4b-diag redact mail.txt > mail.redacted.txt
help-users = Provjeri izvoze korisnika iz Partner Huba i CSV datoteke za skupni uvoz
help-explain = Objasni kôd ili tekst pogreške i reci što učiniti
    .examples =
        w4b-diag explain 18215
        w4b-diag explain "Provisioning error with messaging server"
help-diff = Prikaži što se promijenilo između dva paketa
help-inspect = Prikaži paket: ocjena, sadržaj, što je redigirano
help-upload = Prenesi paket na njegov zahtjev za podršku
help-verify = Usporedi svaku datoteku paketa s popisom i ponovno potraži tajne
help-restore = Vrati pseudonime u odgovoru proizvođača u stvarne vrijednosti
    .examples =
        w4b-diag restore answer.txt --map case.map
help-self-test = Pokreni na ovom računalu teške slučajeve za redigiranje
help-completions = Ispiši skriptu za dovršavanje naredbi u ljusci
    .examples =
        w4b-diag completions bash > ~/.local/share/bash-completion/completions/w4b-diag
help-completions--shell = Ljuska
help-man = Ispiši stranice priručnika
help-man--command = Naredba čija se stranica ispisuje; inače pregled
help-man--output = Zapiši sve stranice u ovaj direktorij
help-checks = Popiši sve provjere
help-schema = Ispiši JSON sheme ispisa, paketa i konfiguracije
help-schema--name = Shema koja se ispisuje; inače se ispisuju njihovi nazivi
help-schema--output = Zapiši sve sheme u ovaj direktorij

help-notify--notify = Odredištima iz [[notify]] javi što je novo, što traje i što je prošlo
help-notify--notify-test = Svakom odredištu iz [[notify]] pošalji probnu poruku i ništa ne provjeravaj
help-notify--state = Datoteka koja pamti što je već javljeno; inače notify.json u korisnikovu direktoriju stanja
help-certs--discover = Dodatni ciljevi: konfiguracija, CSV datoteka s poslužiteljima, raniji JSON izvještaj ili paket
help-certs--calendar = Zapiši istek svih certifikata u ovu kalendarsku datoteku, s podsjetnicima
help-case--text = Datoteka s tekstom pogreške; „-” je standardni ulaz
help-case--log = Zapisnik, arhiva ili direktorij sa zapisnicima
help-case--users-csv = Izvoz korisnika iz Partner Huba ili CSV datoteka za skupni uvoz
help-case--attach = Datoteka koja se prilaže: snimka zaslona, HAR; u slikama se ne traže tajne
help-case--xsp = Poslužitelj koji se provjerava: HOST, https://HOST[:PORT], cti://HOST[:PORT], auth://HOST[:PORT] ili datoteka certifikata
help-case--trust = Datoteka s Webexovim CA lancem koji je instaliran kao sidra povjerenja
help-case--status-url = Stranica statusa: osnovni URL, JSON dokument ili spremljena datoteka
help-case--user-email = E-adresa pogođenog korisnika; ostaje čitljiva
help-case--customer-org = ID organizacije klijenta
help-case--partner-org = ID partnerske organizacije
help-case--client-version = Verzija aplikacije Webex ili klijenta
help-case--broadworks-release = Izdanje BroadWorks poslužitelja prema ulozi: as=Rel_25.0_1.1122
help-case--since = Početak razdoblja u kojem se dogodilo (RFC 3339)
help-case--until = Kraj razdoblja u kojem se dogodilo (RFC 3339)
help-case--no-network = Ne koristi mrežu: prosudi samo datoteke i spremljene odgovore
help-case--paths = Datoteke bilo koje vrste; prepoznaju se po sadržaju
help-bundle--output = Zip datoteka koja se zapisuje
help-bundle--preview = Prikaži što bi se dijelilo, s veličinama i redakcijama; ne zapisuj ništa
help-bundle--name = Naziv direktorija u zip datoteci
help-bundle--max-size = Neka zip ne bude veći od ovoga (20MB, 20MiB): zapisnici se režu, prvo se zadržava najnovije i najbliže pogrešci
help-bundle--map = Zapiši i privatnu tablicu pseudonima u ovu datoteku; nikada je ne prosljeđujte
help-bundle--key = Datoteka s ključem pseudonima; inače vlastiti ključ lokacije
help-bundle--fresh-key = Koristi novi ključ kako se paket ne bi mogao povezati s drugima
help-bundle--yes = Ne pitaj prije zapisivanja
help-diff--old = Raniji paket
help-diff--new = Kasniji paket
help-inspect--zip = Paket
help-inspect--judge = Ponovno ocijeni spremljena opažanja po današnjim pravilima, za sada ili za --as-of
help-upload--zip = Paket
help-upload--sr = Broj zahtjeva za podršku
help-upload--token-file = Datoteka s tokenom za prijenos; inače W4B_UPLOAD_TOKEN
help-upload--url = Prenesi na ovu HTTPS adresu umjesto Ciscove
help-upload--ca-file = PEM datoteka s CA certifikatima kojima se dodatno vjeruje
help-upload--again = Prenesi i ako potvrda kaže da je već preneseno
help-bundle--upload = Prenesi paket na zahtjev za podršku
help-bundle--sr = Broj zahtjeva za podršku
help-bundle--token-file = Datoteka s tokenom za prijenos; inače W4B_UPLOAD_TOKEN
help-bundle--url = Prenesi na ovu HTTPS adresu umjesto Ciscove
help-bundle--ca-file = PEM datoteka s CA certifikatima kojima se dodatno vjeruje
help-bundle--again = Prenesi i ako potvrda kaže da je već preneseno
help-verify--zip = Paket

## cli

config-unreadable =
    konfiguracijsku datoteku { $path } nije moguće pročitati: { $reason ->
        [missing] datoteka ne postoji
        [denied] nema dopuštenja
        [directory] to je direktorij
        [large] veća je od 4 MiB
        [encoding] nije tekst u UTF-8
       *[other] { $detail }
    }
    .hint = Navedite čitljivu TOML datoteku s --config ili W4B_DIAG_CONFIG ili izostavite oboje.
config-syntax = { $place }: neispravan TOML: { $reason }
    .hint = Ispravite datoteku u tom retku i stupcu. Tekst stoji u navodnicima, popisi u uglatim zagradama.
config-unknown-key = { $place }: nepoznat ključ „{ $key }”
    .hint =
        { $nearest ->
            [none] Poznati ključevi ovdje: { $known }.
           *[other] Jeste li mislili „{ $nearest }”?
        }
config-missing-key = { $place }: nedostaje ključ „{ $key }”
    .hint = Dodajte ključ u ovu tablicu.
config-wrong-type =
    { $place }: vrijednost ključa „{ $key }” mora biti { $expected ->
        [text] tekst u navodnicima
        [number] broj
        [boolean] true ili false
        [list] popis u uglatim zagradama
       *[table] tablica
    }, a ovdje stoji { $found ->
        [text] tekst
        [number] broj
        [boolean] true ili false
        [date] datum
        [list] popis
       *[table] tablica
    }
    .hint = Promijenite vrijednost kako je opisano.
config-invalid-value = { $place }: { $value } nije valjana vrijednost za „{ $key }”
    .hint =
        { $form ->
            [date-time] Napišite vrijeme s vremenskom zonom (RFC 3339), na primjer "2026-11-20T08:30:00+01:00".
            [threshold] Napišite trajanje kao "30d" ili udio roka valjanosti kao "33%".
            [duration] Napišite trajanje kao "60s" ili "5m".
            [sha256] Napišite 64 heksadecimalne znamenke SHA-256 sažetka: printf %s LOZINKA | sha256sum.
            [language] Napišite en, de, hr, nb ili it.
           *[other] Dopušteno: { $form }.
        }
config-refused = { $path }: { $reason }
    .hint = Ispravite konfiguracijsku datoteku.
error-format = ova naredba nema format „{ $format }”
    .hint = Formati ove naredbe: { $available }.

usage-other = naredbeni redak nije razumljiv: { $reason }
    .hint = Pogledajte { $help }.
usage-not-utf8 = argument nije tekst u UTF-8
    .hint = Pogledajte { $help }.
usage-missing-command = nedostaje naredba
    .hint = Pogledajte { $help }.
usage-missing-argument = nedostaje: { $argument }
    .hint = Pogledajte { $help }.
usage-surplus-value = „{ $value }” je vrijednost previše za „{ $argument }”
    .hint = Pogledajte { $help }.
usage-repeated = „{ $argument }” je navedeno više puta
    .hint = Jednom je dovoljno; pogledajte { $help }.
usage-conflict = „{ $argument }” i „{ $other }” međusobno se isključuju
    .hint = Izostavite jedno od njih.
usage-unknown-argument = nepoznat argument „{ $argument }”
    .hint =
        { $nearest ->
            [none] Pogledajte { $help }.
           *[other] Jeste li mislili „{ $nearest }”?
        }
usage-unknown-command = nepoznata naredba „{ $command }”
    .hint =
        { $nearest ->
            [none] Pogledajte { $help }.
           *[other] Jeste li mislili „{ $nearest }”?
        }
usage-missing-value = „{ $argument }” treba vrijednost
    .hint =
        { $values ->
            [none] Pogledajte { $help }.
           *[other] Moguće vrijednosti: { $values }.
        }
usage-invalid-value = „{ $value }” nije valjana vrijednost za „{ $argument }”
    .hint =
        { $nearest ->
            [none] { $values ->
                [none] { $form ->
                    [TIME] Napišite vrijeme s vremenskom zonom (RFC 3339), na primjer 2026-11-20T08:30:00+01:00.
                    [DURATION] Napišite trajanje kao 500ms, 5s, 2m ili 30d.
                    [SIZE] Napišite veličinu kao 500kB, 20MB ili 20MiB.
                    [N] Napišite broj; pogledajte { $help }.
                   *[other] Pogledajte { $help }.
                }
               *[other] Moguće vrijednosti: { $values }.
            }
           *[other] Jeste li mislili „{ $nearest }”? Moguće vrijednosti: { $values }.
        }
error-write-file =
    { $path } nije moguće zapisati: { $kind ->
        [no-directory] direktorij ne postoji
        [denied] nema dopuštenja
        [full] disk je pun
       *[other] { $reason }
    }
    .hint = Navedite mjesto koje postoji i na koje smijete pisati.
man-name = NAZIV
man-synopsis = SAŽETAK
man-description = OPIS
man-commands = NAREDBE
man-examples = PRIMJERI
man-version = VERZIJA
schema-unknown = nema sheme „{ $name }”
    .hint = Sheme: { $known }.

## checks

# What each check makes sure of; what it found is said by the finding.
checks-id = PROVJERA
checks-severity = OZBILJNOST
checks-owner = NADLEŽNOST
checks-title = ŠTO SE PROVJERAVA
check-status-reachable = Stranica statusa može se pročitati
check-status-component = Važne komponente rade
check-status-incident = Nema otvorenog Webex incidenta
check-status-maintenance = Nema Webex održavanja u tijeku ni u najavi
check-status-incident-at-time = Nema Webex incidenta u vrijeme kvara
check-tls-connect = Port prihvaća veze
check-tls-handshake = TLS rukovanje uspijeva
check-tls-protocol = Nudi se TLS 1.2 ili noviji
check-tls-legacy-protocol = TLS 1.0 i 1.1 isključeni su
check-tls-cipher = Nudi se skup šifri koji Webex koristi
check-tls-mixed-addresses = Sve adrese jednog naziva odgovaraju jednako
check-tls-clock-skew = Sat poslužitelja je točan
check-cert-expired = Certifikat nije istekao
check-cert-expires-soon = Certifikat ne istječe uskoro
check-cert-not-yet-valid = Certifikat je već valjan
check-cert-self-signed = Certifikat nije samopotpisan
check-cert-not-publicly-trusted = Za certifikat jamči javni CA
check-cert-host-name = Certifikat sadrži naziv poslužitelja
check-cert-weak-key = Ključ je dovoljno jak
check-cert-weak-signature = Algoritam potpisa dovoljno je jak
check-cert-key-usage = Certifikat se smije koristiti u tu svrhu
check-cert-validity-period = Rok valjanosti u skladu je s pravilima
check-cert-revoked = Certifikat nije opozvan
check-cert-malformed = Certifikat se može pročitati
check-chain-incomplete = Lanac je potpun
check-chain-order = Lanac je pravilno poredan
check-chain-unrelated = Nijedan certifikat u lancu nije suvišan
check-chain-invalid = Potpisi i ograničenja lanca su ispravni
check-trust-expired = Nijedno sidro povjerenja nije isteklo
check-trust-expires-soon = Nijedno sidro povjerenja ne istječe uskoro
check-trust-not-yet-valid = Svako sidro povjerenja već je valjano
check-trust-root-missing = Datoteka povjerenja sadrži korijenski certifikat
check-trust-intermediate-missing = Datoteka povjerenja sadrži CA izdavatelja
check-trust-not-a-ca = Svako sidro povjerenja je CA
check-trust-private-key = Datoteka povjerenja ne sadrži privatni ključ
check-trust-duplicate = Nijedno sidro povjerenja nije udvostručeno
check-trust-unsplit = Datoteka lanca podijeljena je na pojedinačne certifikate
check-mtls-not-requested = Poslužitelj traži klijentski certifikat
check-mtls-webex-ca-not-accepted = Poslužitelj prihvaća Webexov CA lanac
check-mtls-accepted-cas-unknown = Poslužitelj navodi koje CA-ove prihvaća
check-case-customer-org = Poznat je ID organizacije klijenta
check-case-partner-org = Poznat je ID partnerske organizacije
check-case-tracking-id = Poznat je ID za praćenje
check-case-user-email = Poznata je e-pošta pogođenog korisnika
check-case-client-version = Poznata je verzija klijenta
check-case-time-frame = Poznato je vrijeme kvara
check-user-error = Nijedan korisnik nema pogrešku
check-user-pending = Nijedan korisnik ne čeka na preduvjet
check-user-stuck = Nijedan korisnik nije zapeo u dodjeli usluga
check-user-duplicate = Nijedan korisnik nije udvostručen
check-csv-missing-field = Sva obvezna polja su popunjena
check-csv-invalid-value = Sve vrijednosti su dopuštene
check-csv-encoding = Kodiranje i razdjelnik datoteke su ispravni
check-csv-package-conflict = Nijedan korisnik nema pakete koji se isključuju
check-template-untrusted-emails = Nepouzdane e-pošte odabrane su u predlošku
check-template-share-link = Poveznica za dijeljenje u predlošku vodi na aktivaciju
check-release-unsupported = BroadWorks izdanje je podržano
check-release-unknown = BroadWorks izdanje je poznato
check-order-not-ready = Narudžba je spremna za dodjelu usluga
check-order-closed = Stavka narudžbe je otvorena
check-order-past-no-return = Narudžba je prije točke bez povratka
check-bundle-redacted = Sadržaj je redigiran
check-bundle-incomplete = U paketu ništa ne nedostaje
check-bundle-tampered = Paket je nepromijenjen
check-bundle-secret-left = U paketu nije ostala nijedna tajna
check-bundle-signature = Paket je potpisao netko kome vjerujete

## input

input-error = { $name }: { $fault ->
    [not-found] datoteka ne postoji
    [permission] datoteku nije dopušteno čitati
    [no-match] nijedna datoteka ne odgovara ovom uzorku
    [not-regular] to nije obična datoteka
    [link] to je veza izvan mape; ne slijedi se
    [binary] to nije tekst; preskočeno
    [truncated] datoteka završava prerano; pročitano je ono što je bilo prije toga
    [changed] datoteka se promijenila tijekom čitanja
    [grew] datoteka je narasla tijekom čitanja; dodani dio je izostavljen
    [damaged] datoteka je oštećena ({ $detail })
    [encrypted] datoteka je šifrirana
    [method] datoteka je sažeta postupkom koji nije podržan
    [limit-depth] previše je arhiva jedna u drugoj
    [limit-count] previše je datoteka
    [limit-size] raspakirano je previše bajtova
    [limit-ratio] raspakirano je daleko veće od zapakiranog: vjerojatno zip-bomba
    [limit-overlap] stavke dijele iste bajtove: vjerojatno zip-bomba
   *[other] datoteku nije moguće pročitati: { $detail }
    }
    .hint = { $fault ->
    [not-found] Provjerite putanju; razlikuju se velika i mala slova.
    [permission] Pokrenite program kao korisnik koji smije čitati datoteku ili je kopirajte.
    [no-match] Provjerite uzorak ili navedite datoteke.
    [not-regular] Navedite datoteku, mapu ili arhivu.
    [link] Navedite samu datoteku ako pripada slučaju.
    [binary] Slike i dokumente priložite slučaju pomoću --attach.
    [truncated] Ponovno kopirajte ili preuzmite datoteku.
    [changed] Ponovno je pročitajte kad nitko u nju ne piše ili pročitajte kopiju.
    [grew] Pročitajte datoteku ponovno da biste dobili i dodani dio.
    [damaged] Ponovno kopirajte ili preuzmite datoteku ili je raspakirajte drugim programom.
    [encrypted] Najprije raspakirajte datoteku i navedite raspakirane datoteke.
    [method] Raspakirajte datoteku drugim programom i navedite raspakirane datoteke.
    [limit-depth] Raspakirajte vanjsku arhivu i navedite unutarnju.
    [limit-count] Navedite manje datoteka ili podmapu.
    [limit-size] Raspakirajte arhivu i navedite datoteke koje su važne.
    [limit-ratio] Raspakirajte je samo ako vjerujete izvoru.
    [limit-overlap] Raspakirajte je samo ako vjerujete izvoru.
   *[other] Provjerite disk i vezu s njim pa pokušajte ponovno.
    }

## status

help-status--url = Stranica stanja: osnovni URL, JSON dokument ili spremljena datoteka
help-status--component = Komponenta koja je važna; može se navesti više puta; inače one iz konfiguracije
help-status--region = Regija koja je važna, kako je stranica navodi; može se navesti više puta; inače one iz konfiguracije
help-status--at = Trenutak smetnje (RFC 3339): što je tada bilo otvoreno?
help-status--since = Početak vremena kada se dogodilo (RFC 3339)
help-status--until = Kraj vremena kada se dogodilo (RFC 3339); inače sada
help-status--no-cache = Upitaj samu stranicu, i ako je upitana u posljednjoj minuti
help-status--watch = Nastavi pitati i ispisuj samo promjene
help-status--interval = Vrijeme između dvaju upita uz --watch: 30s, 5m
help-status--output = Piši u ovu datoteku umjesto na standardni izlaz: zamjenjuje se u cijelosti, čitljiva svima (0644); za textfile collector node exportera ime završava na .prom

status-error-ca-file = datoteka CA { $path } ne može se pročitati: { $reason }
    .hint = U konfiguraciji pod [status] ca_file navedite čitljivu PEM datoteku.
status-error-ca-file-empty = u datoteci CA { $path } nema certifikata
    .hint = Datoteka mora sadržavati barem jedan blok „BEGIN CERTIFICATE”. Zatražite od administratora proxyja njegov CA certifikat u obliku PEM.
status-error-proxy = { $reason } nije adresa proxyja
    .hint = U konfiguraciji pod [status] proxy upišite je u obliku http://proxy.example.net:3128.
status-error-http = HTTP se ne može pripremiti: { $reason }
    .hint = Provjerite certifikate sustava. Ako to ne pomogne, prijavite ovaj tekst kao grešku programa.
status-error-url = „{ $text }” nije upotrebljiv URL
    .hint = Navedite osnovnu adresu stranice, npr. https://status.webex.com/, JSON dokument ili spremljenu datoteku.
status-error-scheme = „{ $text }”: mogu se čitati samo http, https i datoteke
    .hint = Navedite osnovnu adresu stranice, npr. https://status.webex.com/, JSON dokument ili spremljenu datoteku.
status-error-reversed = vremensko razdoblje završava ({ $last }) prije nego što počinje ({ $first })
    .hint = Zamijenite ili ispravite --since i --until.

status-reachable = { $cause ->
        [file] Spremljena datoteka stanja ne može se pročitati
        [http-status] Stranica stanja odgovara pogreškom (HTTP { $status })
        [not-the-api] Ono što odgovara nije stranica stanja
        [broken] Odgovor stranice stanja je oštećen
        [too-large] Odgovor stranice stanja je prevelik
        [captive-portal] Umjesto stranice stanja odgovara stranica za prijavu na mrežu
       *[other] Stranica stanja nije dostupna odavde
    }
    .detail =
        { $cause ->
            [dns] Ime se ne može razriješiti.
            [refused] Veza je odbijena.
            [unreachable] Do nje nema puta.
            [proxy] HTTP proxy nije dostupan ili odbija zahtjev.
            [proxy-auth] HTTP proxy traži korisničko ime i lozinku.
            [tls-untrusted] Njezin certifikat nije potpisao CA kojemu se ovdje vjeruje; često je između proxy koji pregledava TLS.
            [tls-date] Njezin je certifikat istekao ili još ne vrijedi; često je sat ovog računala netočan.
            [tls-name] Njezin certifikat glasi na drugo ime.
            [tls] Sigurna veza nije uspostavljena.
            [timeout] Potpun odgovor nije stigao na vrijeme.
            [redirect-loop] Preusmjerava bez kraja.
            [redirect-insecure] Preusmjerava s HTTPS na HTTP, što se ne slijedi.
            [too-large] Čitanje je prekinuto na granici od 8 MiB.
            [reset] Veza je zatvorena prije nego što je odgovor bio potpun.
            [not-http] Ono što ondje odgovara ne govori HTTP.
            [http-status] Poslužitelj odgovara, ali ne stanjem.
            [captive-portal] Odgovor dolazi s drugog računala, a ne s onoga kojemu je upućen upit.
            [not-the-api] Stigla je web-stranica ili drugi dokument, makar i uz HTTP 200.
            [broken] Završava usred sadržaja ili nije valjan.
            [file] Ne postoji ili se ne smije čitati.
           *[other] Nije uspjelo iz neočekivanog razloga.
        } To ne govori ništa o tome radi li Webex.
        { $subject }: { $reason }
    .remedy = { $cause ->
        [dns] Provjerite ime i DNS poslužitelje ovog računala ili pokrenite provjeru ondje gdje je internet dostupan. U mreži s proxyjem postavite HTTPS_PROXY.
        [refused] Provjerite adresu i port. U mreži s proxyjem postavite HTTPS_PROXY.
        [unreachable] Provjerite mrežu i vatrozid. U mreži s proxyjem postavite HTTPS_PROXY.
        [proxy] Provjerite HTTPS_PROXY i NO_PROXY ili [status] proxy u konfiguraciji.
        [proxy-auth] Navedite korisničko ime i lozinku u HTTPS_PROXY: http://USER:PASSWORD@proxy.example.net:3128.
        [tls-untrusted] Navedite CA certifikat proxyja u konfiguraciji pod [status] ca_file.
        [tls-date] Provjerite datum i vrijeme ovog računala.
        [tls-name] Provjerite URL. U mreži s proxyjem obratite se njegovu administratoru.
        [timeout] Pokušajte ponovno, po potrebi s duljim --timeout.
        [captive-portal] Na ovom računalu otvorite web-stranicu u pregledniku, prijavite se na mrežu i pokušajte ponovno.
        [not-the-api] Provjerite URL: mora biti osnovna adresa stranice, npr. https://status.webex.com/, ili jedan od njezinih JSON dokumenata.
        [too-large] Provjerite URL: mora biti osnovna adresa stranice, npr. https://status.webex.com/, ili jedan od njezinih JSON dokumenata.
        [http-status] Otvorite stranicu u pregledniku i pokušajte ponovno za nekoliko minuta.
        [broken] Pokušajte ponovno. Spremljena datoteka možda je odrezana: spremite je ponovno.
        [file] Provjerite putanju i dopuštenja.
       *[other] Otvorite stranicu u pregledniku i pokušajte ponovno. Ondje spremljen dokument može se navesti s --url DATOTEKA.
    }
status-reachable--ok = Stranica stanja je pročitana
    .detail = { $subject }, { $at }.
status-reachable--skew = Satovi stranice stanja i ovog računala razlikuju se za { $seconds } s
    .detail = Sat ovog računala { $direction ->
            [behind] kasni
           *[ahead] žuri
        }. Vremena iz zapisnika i sa stranice stanja tada se ne mogu uspoređivati na minutu. ({ $subject }, { $at })
    .remedy = Namjestite sat ovog računala putem NTP-a i uzmite razliku u obzir pri usporedbi vremena.

status-component = { $subject }: { $state ->
        [under_maintenance] u održavanju
        [degraded_performance] smanjene performanse
        [partial_outage] djelomičan prekid
       *[major_outage] velik prekid
    }
    .detail = { $part ->
            [none] Tako javlja stranica stanja za samu komponentu
           *[other] Tako javlja stranica stanja za njezin dio „{ $part }”
        }{ $since ->
            [none] .
           *[other] ; zadnja promjena { $since }.
        }
    .remedy = { $who } radi na tome. Pričekajte, pretplatite se na stranicu stanja i obavijestite korisnika. Eskalirajte samo ako smetnja poslije ostane.
status-component--ok = { $subject }: radi
    .detail = Prema stranici stanja.
status-component--other-region = { $subject }: smetnje samo u drugim regijama ({ $regions })
    .detail = { $part ->
            [none] Sama komponenta
           *[other] Njezin dio „{ $part }”
        }: { $state ->
            [under_maintenance] u održavanju
            [degraded_performance] smanjene performanse
            [partial_outage] djelomičan prekid
           *[major_outage] velik prekid
        }. Nijedna regija iz konfiguracije nije navedena.
    .remedy = Ništa ne treba učiniti, osim ako neki korisnik koristi te regije.
status-component--unknown = Stranica stanja ne navodi komponentu „{ $subject }”
    .detail = { $nearest ->
            [none] {""}
           *[other] Jeste li mislili „{ $nearest }”?{" "}
        }Navodi: { $names }.
    .remedy = Napišite ime kao na stranici, s --component ili u konfiguraciji pod [status] components.
status-component--unknown-state = { $subject }: { $word ->
        [none] stranica stanja ne navodi stanje
       *[other] stranica stanja kaže „{ $word }”
    }
    .detail = O tome se ne može ništa reći.
    .remedy = Pogledajte stranicu stanja.
status-component--not-said = Ovaj izvor ne navodi komponente
    .detail = { $subject } ne govori ništa o pojedinim komponentama.
    .remedy = Navedite osnovnu adresu stranice, npr. https://status.webex.com/, ili njezin index.json.

status-incident = Otvoren incident ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Početak nije naveden
           *[other] Od { $since }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        } Pogođeno: { $components ->
            [none] nije navedeno
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regije: { $regions }.
        }
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = { $who } radi na tome. Pričekajte, pretplatite se na incident ({ $link }) i obavijestite korisnika. Zbog toga ne otvarajte zahtjev za podršku; eskalirajte samo ako smetnja ostane nakon zatvaranja incidenta.
status-incident--unclear = Otvoren incident koji ne navodi komponentu ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Početak nije naveden
           *[other] Od { $since }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        } Odgovara li, vidi se samo iz njegova teksta.
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = Usporedite tekst sa smetnjom. Ako odgovara: pričekajte, pretplatite se na incident ({ $link }) i obavijestite korisnika.
status-incident--other-region = Otvoren incident u drugim regijama ({ $regions }; { $who }): { $name }
    .detail =
        { $since ->
            [none] Početak nije naveden
           *[other] Od { $since }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        } Nijedna regija iz konfiguracije nije navedena.
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = Ništa ne treba učiniti, osim ako neki korisnik koristi te regije.
status-incident--unknown-state = Incident čije stanje nije poznato ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Početak nije naveden
           *[other] Od { $since }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        } Izvor ne kaže poznatim riječima je li još otvoren.
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = Pogledajte stranicu stanja ({ $link }).
status-incident--ok = Nijedan otvoren incident ne tiče se ovih komponenti
    .detail = { $others ->
            [0] Nijedan incident nije otvoren.
            [one] { $others } otvoren incident tiče se drugih usluga.
            [few] { $others } otvorena incidenta tiču se drugih usluga.
           *[other] { $others } otvorenih incidenata tiče se drugih usluga.
        }
status-incident--unknown = Ovaj izvor ne kaže koji su incidenti otvoreni
    .detail = { $subject } nema popis incidenata.
    .remedy = Navedite osnovnu adresu stranice, npr. https://status.webex.com/, ili njezin index.json.

status-maintenance = Održavanje u tijeku ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Početak nije naveden
           *[other] Od { $since }
        }{ $until ->
            [none] {""}
           *[other] , planirano do { $until }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        } Pogođeno: { $components ->
            [none] nije navedeno
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regije: { $regions }.
        }
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = Pričekajte kraj održavanja ({ $link }) i obavijestite korisnika. Eskalirajte samo ako smetnja poslije ostane.
status-maintenance--unclear = Održavanje u tijeku koje ne navodi komponentu ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Početak nije naveden
           *[other] Od { $since }
        }{ $until ->
            [none] {""}
           *[other] , planirano do { $until }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        }
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = Usporedite tekst sa smetnjom ({ $link }).
status-maintenance--soon = Održavanje unutar 24 sata ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Početak nije naveden
           *[other] Od { $since }
        }{ $until ->
            [none] {""}
           *[other] { " " }do { $until }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        } Pogođeno: { $components ->
            [none] nije navedeno
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regije: { $regions }.
        }
    .remedy = Obavijestite dotične korisnike ({ $link }).
status-maintenance--ok = Nema održavanja ovih komponenti sada ni unutar 24 sata
    .detail = Prema stranici stanja.
status-maintenance--unknown = Ovaj izvor ne kaže koja su održavanja planirana
    .detail = { $subject } nema popis održavanja.
    .remedy = Navedite osnovnu adresu stranice, npr. https://status.webex.com/, ili njezin index.json.

status-incident-at-time = Incident u vrijeme smetnje ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Smetnja: { $first }.
           *[frame] Smetnja: od { $first } do { $last }.
        } Incident: od { $since } do { $until ->
            [none] sada, još otvoren
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        }
        { $kind ->
            [instant] Incident je tada bio otvoren.
           *[frame] Preklapanje: { $minutes } min, od { $from } do { $to }.
        } Pogođeno: { $components ->
            [none] nije navedeno
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regije: { $regions }.
        }
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = Usporedite tekst sa smetnjom. Ako odgovara, incident objašnjava smetnju: pratite incident ({ $link }) i obavijestite korisnika. Eskalirajte samo ono što ostane nakon njegova kraja.
status-incident-at-time--maintenance = Održavanje u vrijeme smetnje ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Smetnja: { $first }.
           *[frame] Smetnja: od { $first } do { $last }.
        } Održavanje: od { $since } do { $until ->
            [none] sada, još nije završeno
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        }
        { $kind ->
            [instant] Tada je bilo u tijeku.
           *[frame] Preklapanje: { $minutes } min, od { $from } do { $to }.
        } Pogođeno: { $components ->
            [none] nije navedeno
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regije: { $regions }.
        }
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = Usporedite tekst sa smetnjom ({ $link }). Ako odgovara, održavanje je objašnjava. Eskalirajte samo ono što ostane nakon njegova kraja.
status-incident-at-time--unclear = U vrijeme smetnje, bez navedene komponente: { $name }
    .detail =
        { $kind ->
            [instant] Smetnja: { $first }.
           *[frame] Smetnja: od { $first } do { $last }.
        } Objavljeno: od { $since } do { $until ->
            [none] sada, još otvoren
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; broj { $numbers }.
        }
        { $kind ->
            [instant] Tada je bilo otvoreno.
           *[frame] Preklapanje: { $minutes } min, od { $from } do { $to }.
        }
        { $update ->
            [none] Još nema objava.
           *[other] Zadnja objava ({ $updated }): { $update }
        }
    .remedy = Usporedite tekst sa smetnjom ({ $link }).
status-incident-at-time--ok = Nema incidenta ni održavanja Webexa u vrijeme smetnje
    .detail = { $kind ->
            [instant] U vrijeme { $first }
           *[frame] Od { $first } do { $last }
        } nema preklapanja ni s čim što navodi ove komponente.
status-incident-at-time--unknown = Nije poznato je li Webex u vrijeme smetnje imao incident
    .detail = { $kind ->
            [instant] Za { $first }
           *[frame] Za razdoblje od { $first } do { $last }
        } { $what ->
            [incidents] popis incidenata ne seže dovoljno daleko u prošlost
            [maintenances] popis održavanja ne seže dovoljno daleko u prošlost
           *[both] popisi incidenata i održavanja ne sežu dovoljno daleko u prošlost
        }{ $known ->
            [none] { " " }ili ih ovaj izvor nema.
           *[other] ; počinje { $known }.
        } Ono što je poznato ne preklapa se.
    .remedy = Pogledajte povijest stranice stanja ({ $subject }).

status-incident-at-time--skew = Satovi se previše razlikuju da bi se reklo preklapa li se ovo ({ $who }): { $name }
    .detail = { $kind ->
            [instant] Smetnja: { $first }.
           *[frame] Smetnja: od { $first } do { $last }.
        } Objavljeno: od { $since } do { $until ->
            [none] sada, još otvoreno
           *[other] { $until }
        }. Tako pročitano, ne preklapaju se. No ovo računalo u odnosu na stranicu stanja { $direction ->
            [behind] kasni
           *[ahead] žuri
        } { $seconds } s: vrijeme očitano s njegova sata pogrešno je za isto toliko, a tada se preklapaju.
    .remedy = Utvrdite s kojeg je sata vrijeme smetnje, namjestite sat ovog računala NTP-om i navedite ispravljeno vrijeme s --at ili --since i --until.

status-watch-gone = završeno: { $title }
status-watch-started = { $source } se prati svakih { $seconds } s; ispisuju se promjene. Ctrl-C završava praćenje.

timeline-title = Vremenska crta
timeline-fault = Smetnja
## certs

tls-connect = Nema veze s { $subject }
    .detail = Gledano s ovog računala: { $reason ->
        [dns] naziv { $host } ne može se razriješiti.
        [dns-silent] poslužitelj naziva nije odgovorio na upit za { $host }.
        [refused] { $address } odbija veze na portu { $port }.
        [unreachable] nema rute do { $address }.
        [timeout-connect] { $address } ne odgovara na portu { $port } u zadanom roku.
        [internal] sama provjera nije uspjela ({ $words }).
       *[other] nema veze s { $address } na portu { $port } ({ $words }).
    }
    .remedy = { $reason ->
        [dns] Provjerite pravopis i DNS zapis za { $host }. I Webex mora moći razriješiti taj naziv.
        [dns-silent] Provjerite poslužitelje naziva ovog računala (/etc/resolv.conf) i put do njih.
        [refused] Provjerite na XSP-u sluša li sučelje na portu { $port } i radi li usluga.
        [internal] Pokrenite ponovno s --verbose; ako se ponovi, prijavite kao grešku ovog programa.
       *[other] Provjerite usmjeravanje i vatrozid između ovog računala i { $address }. Webex se spaja iz vlastitih mreža: ispitajte i izvana.
    }
tls-connect--ok = { $subject } je dostupan
tls-handshake = { $subject } ne govori TLS kako se očekuje
    .detail = Gledano s ovog računala: { $reason ->
        [timeout-handshake] { $address } prihvaća vezu i zatim šuti.
        [slow-peer] { $address } odgovara tako sporo da rukovanje ne završava u zadanom roku.
        [reset] { $address } zatvara vezu tijekom rukovanja.
        [not-tls] ono što odgovara na portu { $port } adrese { $address } nije TLS.
        [protocol-version] { $address } i ovaj program nemaju zajedničku inačicu TLS-a.
        [alert] { $address } prekida rukovanje TLS upozorenjem { $alert }.
       *[other] rukovanje s { $address } nije uspjelo ({ $words }).
    }
    .remedy = { $reason ->
        [not-tls] Provjerite je li sučelje na portu { $port } postavljeno kao sigurno.
        [protocol-version] Uključite TLS 1.2 na ovom sučelju.
        [alert] Pogledajte zapisnik XSP-a za isti trenutak: ondje piše zašto je rukovanje odbijeno.
       *[other] Provjerite je li usluga zapela ili preopterećena i prekida li vezu vatrozid ili uređaj za raspodjelu opterećenja.
    }
tls-handshake--ok = TLS rukovanje s { $subject } uspijeva
tls-protocol = { $subject } ne nudi TLS 1.2
    .detail = Ponuđeno: { $versions }. Webex pregovara TLS 1.2 ili noviji i ništa starije.
    .remedy = Uključite TLSv1.2. Vrijedi najodređenija postavka: { $contexts }
tls-protocol--ok = { $subject } nudi { $versions }
tls-legacy-protocol = { $subject } još nudi { $versions }
    .detail = Te su inačice zastarjele (RFC 8996). Webex ih ne koristi, a napadači bi mogli.
    .remedy = Uklonite ih ondje gdje su postavljene; vrijedi najodređenija postavka: { $contexts }
tls-legacy-protocol--ok = { $subject } odbija TLS 1.1 i starije
tls-legacy-protocol--unknown = Nije se moglo vidjeti nudi li { $subject } TLS 1.1 ili stariji
    .detail = Poslužitelj nije jasno odgovorio na probu starih inačica.
    .remedy = Potražite inačice u naredbenom retku BroadWorksa.
tls-cipher = { $subject } bira slabu šifru { $cipher }
    .detail = Nema unaprijednu tajnost ili je razbijena. Webex bi mogao odbiti vezu.
    .remedy = Dopustite šifre ECDHE s AES-GCM; vrijedi najodređenija postavka: { $contexts }
tls-cipher--ok = Šifra za { $subject }: { $cipher }
tls-mixed-addresses = Adrese za { $subject } nisu sve jednake
    .detail = { $aspect ->
        [reachable] Dostupnost se razlikuje: { $different } prema { $others }.
        [certificate] { $different } pokazuje drugi certifikat nego { $others }.
        [chain] { $different } isporučuje druge međucertifikate nego { $others }.
        [versions] { $different } nudi druge inačice TLS-a nego { $others }.
        [client-auth] { $different } i { $others } razlikuju se po tome traže li klijentski certifikat.
       *[accepted-names] { $different } za klijentske certifikate prihvaća druge nazive CA nego { $others }.
    }
    .remedy = Izjednačite sve članove skupine: zaboravljeni član zakazuje samo ponekad i teško ga je pronaći.
tls-mixed-addresses--ok = Sve adrese za { $subject } ({ $count }) jednake su
tls-clock-skew = Sat na { $subject } odstupa { $seconds } s
    .detail = { $direction ->
        [behind] Kasni za satom ovog računala.
       *[ahead] Ispred je sata ovog računala.
    }
    .remedy = Provjerite NTP na XSP-u i na ovom računalu. Tokeni i certifikati provjeravaju se prema satu.
tls-clock-skew--ok = Sat na { $subject } je točan ({ $seconds ->
        [one] { $seconds } sekunda
        [few] { $seconds } sekunde
       *[other] { $seconds } sekundi
    } { $direction ->
        [behind] zaostatka
       *[ahead] prednosti
    })
cert-expired = { $element ->
        [leaf] Certifikat za { $subject } je istekao
        [intermediate] Međucertifikat za { $subject } je istekao
       *[root] Korijenski certifikat za { $subject } je istekao
    }
    .detail = { $name } vrijedio je do { $until } (prije { $days ->
        [one] { $days } dan
        [few] { $days } dana
       *[other] { $days } dana
    }).
    .remedy = { $element ->
        [leaf] Nabavite novi certifikat od javnog CA i instalirajte ga s njegovim lancem: { $cli }
       *[other] Nabavite trenutačni lanac od CA i instalirajte ga zajedno s certifikatom: { $cli }
    }
cert-expired--ok = Certifikat za { $subject } nije istekao
    .detail = { $name } vrijedi do { $until }.
cert-expires-soon = { $element ->
        [leaf] Certifikat za { $subject } istječe za { $days ->
            [one] { $days } dan
            [few] { $days } dana
           *[other] { $days } dana
        }
        [intermediate] Međucertifikat za { $subject } istječe za { $days ->
            [one] { $days } dan
            [few] { $days } dana
           *[other] { $days } dana
        }
       *[root] Korijenski certifikat za { $subject } istječe za { $days ->
            [one] { $days } dan
            [few] { $days } dana
           *[other] { $days } dana
        }
    }
    .detail = { $name } vrijedi do { $until }. Preostalo dana: { $days } = { $percent } % od { $lifetime }; upozorenje od { $warn } (= { $warnshare } %), kritično od { $critical } dana (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Odmah naručite novi certifikat od javnog CA i instalirajte ga s njegovim lancem: { $cli }
       *[other] Zatražite od CA lanac koji slijedi i instalirajte ga zajedno s certifikatom: { $cli }
    }
cert-expires-soon--hours = Certifikat za { $subject } istječe za { $hours ->
        [one] { $hours } sat
        [few] { $hours } sata
       *[other] { $hours } sati
    }
    .detail = { $name } vrijedi do { $until }. Preostalo: { $hours } h = { $percent } % od { $lifehours } h; upozorenje od { $warnhours } h (= { $warnshare } %), kritično od { $criticalhours } h (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Odmah naručite novi certifikat od javnog CA i instalirajte ga s njegovim lancem: { $cli }
       *[other] Zatražite od CA lanac koji slijedi i instalirajte ga zajedno s certifikatom: { $cli }
    }
cert-expires-soon--ok = Certifikat za { $subject } ne istječe uskoro
    .detail = { $name } vrijedi do { $until }. Preostalo dana: { $days } = { $percent } % od { $lifetime }; upozorenje od { $warn } (= { $warnshare } %), kritično od { $critical } dana (= { $criticalshare } %).
cert-not-yet-valid = Certifikat za { $subject } još ne vrijedi
    .detail = { $element ->
        [leaf] { $name } vrijedi od { $from }, za { $days ->
            [one] { $days } dan
            [few] { $days } dana
           *[other] { $days } dana
        }.
        [intermediate] Međucertifikat { $name } vrijedi od { $from }, za { $days ->
            [one] { $days } dan
            [few] { $days } dana
           *[other] { $days } dana
        }.
       *[root] Korijenski certifikat { $name } vrijedi od { $from }, za { $days ->
            [one] { $days } dan
            [few] { $days } dana
           *[other] { $days } dana
        }.
    }
    .remedy = Najprije provjerite sat. Ako je točan, instalirajte certifikat tek kad počne vrijediti: { $cli }
cert-not-yet-valid--ok = Certifikat za { $subject } već vrijedi
    .detail = { $name } vrijedi od { $from }.
cert-self-signed = Certifikat za { $subject } je samopotpisan
    .detail = { $name } potpisao je sam sebe, vrijedi do { $until }. Webex prihvaća samo certifikate javnih CA.
    .remedy = Zamijenite ga certifikatom javnog CA: { $cli }
cert-self-signed--one-year = { $subject } još ima samopotpisani certifikat prvog postavljanja
    .detail = { $name } potpisao je sam sebe i vrijedi godinu dana, do { $until }: takav certifikat sučelje izradi kad se prvi put osigurava. Webex prihvaća samo certifikate javnih CA.
    .remedy = Naručite od javnog CA certifikat na naziv poslužitelja i instalirajte ga s njegovim lancem: { $cli }
cert-self-signed--unknown = Ovdje se ne može provjeriti je li certifikat za { $subject } samopotpisan
    .detail = { $name } navodi sebe kao izdavatelja, ali se njegov potpis ({ $signature }) ovdje ne može provjeriti.
    .remedy = Pogledajte certifikat drugim alatom ili naručite certifikat od javnog CA: { $cli }
cert-self-signed--ok = Certifikat za { $subject } nije samopotpisan
    .detail = Izdao ga je { $issuer }.
cert-not-publicly-trusted = Certifikat za { $subject } nije od javnog CA
    .detail = Lanac završava na { $root }, a to nije među pouzdanim korijenima ({ $store }).
    .remedy = Naručite certifikat od javnog CA i instalirajte ga s njegovim lancem: { $cli }
cert-not-publicly-trusted--ok = Certifikat za { $subject } je pouzdan
    .detail = Vodi do korijena { $root } ({ $store }).
cert-not-publicly-trusted--unknown = Još se ne može reći je li CA za { $subject } javan
    .detail = Nedostaje certifikat { $root }, pa ništa ne vodi do korijena ({ $store }).
    .remedy = Najprije upotpunite lanac.
cert-not-publicly-trusted--distrusted = Preglednici ne vjeruju certifikatu za { $subject }
    .detail = { $name } izdan je { $from } pod korijenom { $root }. { $program } vjeruje samo onome što je taj korijen izdao do { $after } ({ $source }). Sam lanac je valjan.
    .remedy = Naručite certifikat od drugog javnog CA i instalirajte ga s njegovim lancem: { $cli }
cert-not-publicly-trusted--distrusted-later = Sljedeći certifikat za { $subject } mora biti od drugog CA
    .detail = { $name } vodi do korijena { $root }. { $program } vjeruje samo onome što je taj korijen izdao do { $after } ({ $source }); ovaj je certifikat stariji i ostaje dobar do { $until }.
    .remedy = Za sljedeću obnovu odaberite drugi javni CA.
cert-host-name = Certifikat za { $subject } glasi na drugi naziv
    .detail = { $host } nije među njegovim nazivima: { $names }.
    .remedy = Upotrijebite jedan od tih naziva ili naručite certifikat koji { $host } sadrži kao Subject Alternative Name: { $cli }
cert-host-name--no-names = Certifikat za { $subject } ne navodi nijedan host
    .detail = U njemu nema polja Subject Alternative Name, pa ne može stajati za { $host }.
    .remedy = Naručite certifikat koji { $host } sadrži kao Subject Alternative Name: { $cli }
cert-host-name--cn-only = Certifikat za { $subject } ima naziv samo u polju Common Name
    .detail = { $host } stoji u polju Common Name, ali nema naziva u Subject Alternative Name. Današnji softver gleda samo ondje.
    .remedy = Naručite certifikat koji { $host } sadrži kao Subject Alternative Name: { $cli }
cert-host-name--ok = Certifikat za { $subject } glasi na { $host }
    .detail = Nazivi: { $names }.
cert-host-name--unknown = Naziv poslužitelja za { $subject } nije provjeren
    .detail = Datoteka ne kaže pod kojim se nazivom isporučuje. Njezin certifikat je { $name }.
    .remedy = Navedite naziv s --host.
cert-weak-key = Ključ u lancu za { $subject } je preslab
    .detail = { $details } ({ $citation }). Vlastiti ključ certifikata: { $key }.
    .remedy = Izradite novi ključ RSA od najmanje 2048 bita ili EC P-256, naručite za njega certifikat i instalirajte ga: { $cli }
cert-weak-key--ok = Ključ za { $subject } dovoljno je jak
    .detail = { $key }
cert-weak-signature = Potpis u lancu za { $subject } je preslab
    .detail = { $details } ({ $citation }). Vlastiti potpis certifikata: { $signature }.
    .remedy = Naručite certifikat potpisan sa SHA-256 ili boljim: { $cli }
cert-weak-signature--ok = Potpis za { $subject } dovoljno je jak
    .detail = { $signature }
cert-key-usage = Certifikat za { $subject } nije izdan za ovu namjenu
    .detail = { $details } ({ $citation }).
    .remedy = Naručite certifikat za TLS poslužitelje (serverAuth): { $cli }
cert-key-usage--ok = Certifikat za { $subject } izdan je za poslužitelje
cert-validity-period = Certifikat za { $subject } vrijedi dulje nego što javni CA smiju izdati
    .detail = { $details } ({ $citation }).
    .remedy = Naručite certifikat s kraćim trajanjem i automatizirajte obnovu: { $cli }
cert-validity-period--ok = Trajanje certifikata za { $subject } je dopušteno
    .detail = { $lifetime ->
        [one] { $lifetime } dan
        [few] { $lifetime } dana
       *[other] { $lifetime } dana
    }
cert-revoked = Certifikat za { $subject } je opozvan
    .detail = { $name } je opozvan { $revoked }; to kaže popis opozvanih izdavatelja { $issuer } od { $this } (razlog: { $reason }).
    .remedy = Naručite novi certifikat s novim ključem i odmah ga instalirajte: { $cli }
cert-revoked--issuer = Opozvano je certifikacijsko tijelo iznad certifikata za { $subject }
    .detail = { $name } je opozvan { $revoked }; to kaže popis opozvanih izdavatelja { $issuer } od { $this } (razlog: { $reason }). Ništa što je izdao više ne vrijedi.
    .remedy = Naručite novi certifikat koji izdaje drugo tijelo i instalirajte ga s njegovim lancem: { $cli }
cert-revoked--ok = Certifikat za { $subject } nije opozvan
    .detail = { $name } nije na popisu opozvanih izdavatelja { $issuer }, koji vrijedi od { $this } do { $next }.
cert-revoked--unknown = Ne može se reći je li certifikat za { $subject } opozvan
    .detail = { $cause ->
        [no-issuer] Bez certifikata izdavatelja { $issuer } ne može se provjeriti nijedan popis opozvanih za { $name }.
        [unreadable] Jedan navedeni popis opozvanih ne može se pročitati, a nijedan drugi nije od izdavatelja { $issuer } certifikata { $name }.
        [partition] Navedeni popisi izdavatelja { $issuer } odnose se na druge certifikate, a ne na { $name }.
        [delta] Navedeni popis izdavatelja { $issuer } sadrži samo promjene od ranijeg popisa.
        [signature] Navedeni popis nosi ime { $issuer }, ali ga je potpisao drugi ključ ili je izmijenjen.
        [unverifiable] Potpis popisa izdavatelja { $issuer } ovdje se ne može provjeriti.
        [not-signer] { $issuer } ne smije potpisivati popise opozvanih (namjena ključa bez cRLSign).
        [unsound] Popis izdavatelja { $issuer } krši RFC 5280: nema broja ili ima nepoznat kritičan dio.
        [not-yet] Popis izdavatelja { $issuer } vrijedi tek od { $this }.
        [expired] Popis izdavatelja { $issuer } vrijedio je samo do { $next }.
       *[none] Nijedan od navedenih popisa nije od izdavatelja { $issuer } certifikata { $name }.
    }
    .remedy = { $cause ->
        [no-issuer] Najprije uredite lanac ili navedite certifikat koji nedostaje s --intermediates.
       *[none] Preuzmite trenutačni potpuni popis izdavatelja i navedite ga s --crl. Odakle, kaže certifikat: { $place }
    }
cert-revoked--ocsp = Certifikat za { $subject } je opozvan
    .detail = { $name } je opozvan { $revoked }; to kaže OCSP odgovor koji sam poslužitelj prilaže (razlog: { $reason }).
    .remedy = Naručite novi certifikat s novim ključem i odmah ga instalirajte: { $cli }
cert-revoked--ocsp-ok = Prema priloženom OCSP odgovoru certifikat za { $subject } nije opozvan
    .detail = { $name }: potpisao { $responder }, vrijedi od { $this } do { $next }.
cert-revoked--ocsp-unknown = Priloženi OCSP odgovor za { $subject } ne kaže je li certifikat opozvan
    .detail = { $cause ->
        [unknown-status] Odgovaratelj { $responder } ne poznaje { $name }.
        [malformed] Odgovor se ne drži formata.
        [error] Odgovaratelj je odgovorio pogreškom.
        [no-issuer] Nedostaje izdavatelj za { $name }, pa se odgovor ne može provjeriti.
        [other-certificate] Odgovor se odnosi na drugi certifikat, a ne na { $name }.
        [responder] { $responder } ne smije odgovarati za izdavatelja za { $name }.
        [responder-expired] Certifikat odgovaratelja { $responder } u ovo vrijeme nije valjan.
        [signature] Potpis odgovora je pogrešan.
        [unverifiable] Potpis odgovora koristi algoritam koji se ovdje ne može provjeriti.
        [not-yet] Odgovor vrijedi tek od { $this }: neki sat je pogrešan.
       *[expired] Odgovor je vrijedio od { $this } do { $next } i zastario je.
    }
    .remedy = { $cause ->
        [no-issuer] Najprije uredite lanac.
        [unknown-status] Pitajte CA je li izdao ovaj certifikat.
        [other-certificate] Ponovno pokrenite sučelje: prilaže odgovor za prethodni certifikat.
       *[other] Provjerite može li poslužitelj doći do OCSP odgovaratelja i je li mu sat točan, ili isključite prilaganje.
    }
cert-seen = { $what ->
    [trailing] iza certifikata slijede bajtovi ({ $bytes })
    [not-a-certificate] nije certifikat ({ $words })
    [dates] datumi valjanosti izvan su dopuštenog raspona
    [extension-twice] proširenje { $oid } navedeno je dvaput
    [extension-malformed] proširenje { $oid } nije čitljivo ({ $words })
    [names-malformed] jedan alternativni naziv (SAN) nije čitljiv
    [version] X.509 inačica { $version }
    [serial-zero] serijski broj je nula
    [serial-negative] serijski broj je negativan
    [serial-long] serijski broj ima više od 20 okteta ({ $octets })
    [algorithms-differ] navedena su dva različita algoritma potpisa
    [authority-id-critical] identifikator ključa izdavatelja označen je kao kritičan
    [authority-id-missing] nedostaje identifikator ključa izdavatelja
    [authority-id-without-key] identifikator ključa izdavatelja ne navodi ključ
    [subject-id-critical] vlastiti identifikator ključa označen je kao kritičan
    [subject-id-missing] CA bez vlastitog identifikatora ključa
    [constraints-missing] CA bez osnovnih ograničenja
    [constraints-not-critical] osnovna ograničenja nisu označena kao kritična
    [constraints-not-ca] prema osnovnim ograničenjima nije CA
    [usage-signs] smije potpisivati certifikate (keyCertSign), a nije CA
    [usage-does-not-sign] CA koja ne smije potpisivati certifikate (nedostaje keyCertSign)
    [usage-empty] namjena ključa je prazna
    [names-missing] nema alternativnog naziva (SAN)
    [common-name] common name { $other } nije među alternativnim nazivima (SAN)
    [extended-not-server] nije za poslužitelje (nedostaje serverAuth)
    [extended-any] za svaku namjenu (anyExtendedKeyUsage)
    [extended-root] korijenski certifikat s proširenom namjenom ključa
    [extended-critical] proširena namjena ključa označena je kao kritična
    [extended-refuses] izdan je za drugu namjenu (proširena namjena ključa)
    [rsa-small] RSA ključ od { $bits } bita, manje od 2048
    [rsa-odd] RSA ključ od { $bits } bita, nije djeljivo s 8
    [curve] krivulja { $curve } nije dopuštena
    [curve-unnamed] krivulja nije imenovana
    [key-type] ključevi vrste { $type } nisu dopušteni
    [signature] potpisan algoritmom { $signature }
    [validity] valjan { $days } dana; za izdane od { $since } dopušteno je najviše { $max }
    [root-id-without-key] identifikator izdavatelja korijenskog certifikata ne navodi ključ
    [root-id-issuer] identifikator izdavatelja korijenskog certifikata navodi izdavatelja i serijski broj
    [root-id-other-key] identifikator izdavatelja korijenskog certifikata navodi drugi ključ
    [name-limits] prekršeno je ograničenje naziva (name constraints)
    [name-limits-not-ca] ograničenja naziva u certifikatu koji nije CA
    [name-limits-empty] ograničenja naziva koja ništa ne ograničavaju
    [name-limits-period] ograničenje naziva poslužitelja počinje točkom
    [name-limits-not-critical] ograničenja naziva nisu označena kao kritična
    [policy-not-critical] ograničenja pravila nisu označena kao kritična
    [names-not-critical] vlasnik je prazan, a alternativni nazivi (SAN) nisu označeni kao kritični
    [extension-unknown] kritično proširenje { $oid } nije poznato
    [name-syntax] naziv { $other } sadrži znakove kojih u nazivima poslužitelja nema
    [unreadable] nema čitljivog certifikata
    [unverifiable] jedan algoritam potpisa ovdje se ne može provjeriti
    [self-signed] certifikat je potpisao sam sebe i nije sidro povjerenja
    [private-root] lanac završava korijenskim certifikatom koji nije sidro povjerenja
    [issuer-missing] izdavatelj { $other } nije među certifikatima
    [issuer-unknown] izdavatelj { $other } nije ni među certifikatima ni sidro povjerenja
    [no-path] nijedan put ne vodi do sidra povjerenja
    [expired] jedan certifikat na putu istekao je { $date }
    [not-yet-valid] jedan certifikat na putu vrijedi tek od { $date }
    [other-name] naziv nije među nazivima certifikata: { $other }
    [no-name] nema alternativnog naziva (SAN) za usporedbu
    [bad-signature] jedan potpis ne odgovara ključu izdavatelja
    [path-too-long] put je dulji nego što jedna CA dopušta
    [path-too-deep] put ima više međucertifikata nego što --max-depth dopušta
    [issuer-no-ca] certifikat koji nije CA izdao je drugi
    [ca-as-server] certifikat CA-a upotrijebljen je kao poslužiteljski
    [revoked] opozvan je
    [list-unsound] popis opozvanih ne poštuje pravila
    [revoked-stapled] opozvan je prema priloženom OCSP odgovoru
    [algorithm] algoritam potpisa nije prihvatljiv
    [algorithm-key] algoritam potpisa ne odgovara ključu ili vrsta ključa nije prihvatljiva
    [distrusted] { $program } vjeruje samo onomu što je { $other } izdao do { $date }
    [no-current-version] ne nudi se ni TLS 1.2 ni TLS 1.3
    [cipher] algoritam šifriranja { $other } Webex ne nudi
    [not-requested] ne traži se klijentski certifikat
   *[other-rule] prekršeno je drugo pravilo ({ $words })
    }
cert-seen-of = { $name }: { $seen }
cert-seen-cited = { $seen } ({ $citation })
cert-citation = { $document }, odjeljak { $section }
cert-citation-since = { $citation }, od { $since }
cert-malformed = Certifikat { $position } za { $subject } je neispravan
    .detail = { $name }: { $faults }
    .remedy = Zatražite ponovno izdavanje certifikata i instalirajte ga onako kako je stigao od CA: { $cli }
cert-malformed--ok = Certifikati za { $subject } ispravno su oblikovani
cert-malformed--unknown = { $subject } ne sadrži certifikat
    .detail = U njemu su samo ključevi ili popisi opozvanih certifikata.
    .remedy = Navedite datoteku s certifikatom.
chain-incomplete = { $subject } ne isporučuje svoj međucertifikat
    .detail = { $known ->
        [both] Nedostaje: { $missing } (oznaka ključa { $keyid }, dostupno na { $url }).
        [key] Nedostaje: { $missing } (oznaka ključa { $keyid }).
        [place] Nedostaje: { $missing } (dostupno na { $url }).
       *[none] Nedostaje: { $missing }.
    } Bez njega se { $name } ne može provjeriti.
    .remedy = Stavite certifikat koji nedostaje iza certifikata poslužitelja u datoteku lanca i instalirajte oba: { $cli }
chain-incomplete--ok = Lanac za { $subject } je potpun
chain-incomplete--at-hand = { $subject } ne isporučuje svoj međucertifikat, a on je pri ruci
    .detail = Nedostaje: { $missing } (oznaka ključa { $keyid }). Navedene datoteke ga sadrže: { $found }. { $whole ->
        [yes] S njim je lanac potpun.
       *[no] Zatim još nedostaje { $still }.
    }
    .remedy = Stavite ga iza certifikata poslužitelja u datoteku lanca (--write-chain zapisuje tu datoteku) i instalirajte oba: { $cli }
chain-incomplete--fetched = { $subject } ne isporučuje svoj međucertifikat
    .detail = Nedostaje: { $missing } (oznaka ključa { $keyid }). Preuzet je s { $url }: { $found }. { $whole ->
        [yes] S njim je lanac potpun.
       *[no] Zatim još nedostaje { $still }.
    }
    .remedy = { $count ->
        [one] Stavite ga iza certifikata poslužitelja u datoteku lanca (--write-chain zapisuje tu datoteku) i instalirajte oba: { $cli }
        [few] Stavite ova { $count } certifikata ovim redom iza certifikata poslužitelja u datoteku lanca (--write-chain zapisuje tu datoteku) i instalirajte ih: { $cli }
       *[other] Stavite ovih { $count } certifikata ovim redom iza certifikata poslužitelja u datoteku lanca (--write-chain zapisuje tu datoteku) i instalirajte ih: { $cli }
    }
chain-incomplete--not-fetched = { $subject } ne isporučuje svoj međucertifikat, a nije se mogao ni preuzeti
    .detail = Nedostaje: { $missing } (oznaka ključa { $keyid }). { $url }: { $cause ->
        [scheme] nije http adresa, pa nije ni traženo.
        [not-a-certificate] ono što je stiglo nije certifikat.
        [limit] nije traženo, već je bilo previše zahtjeva.
        [too-large] ono što je stiglo preveliko je za certifikat.
        [http-status] poslužitelj je odgovorio HTTP statusom { $status }.
        [timeout] nema odgovora u zadanom roku.
        [dns] naziv se ne razrješava.
        [refused] veza je odbijena.
        [fetched] ono što je stiglo nije izdavatelj.
       *[other] nema odgovora ({ $cause }).
    }
    .remedy = Nabavite certifikat od CA, stavite ga iza certifikata poslužitelja u datoteku lanca i instalirajte oba: { $cli }
chain-order = Lanac za { $subject } je u pogrešnom redoslijedu
    .detail = Isporučeno: { $served }. Ispravno: { $right }.
    .remedy = Zapišite datoteku lanca ispravnim redoslijedom, prvo certifikat poslužitelja, i instalirajte je: { $cli }
chain-order--ok = Lanac za { $subject } je u ispravnom redoslijedu
chain-unrelated = { $subject } isporučuje certifikate koji ne pripadaju njegovu lancu
    .detail = { $count ->
        [one] Ne pripada: { $certificates }
        [few] Ne pripadaju: { $certificates }
       *[other] Ne pripadaju: { $certificates }
    }
    .remedy = Uklonite ih iz datoteke lanca: { $cli }
chain-unrelated--ok = Svi certifikati za { $subject } pripadaju njegovu lancu
chain-unrelated--other-key = { $subject } isporučuje izdavatelja ispravnog naziva, ali pogrešnog ključa
    .detail = { $count ->
        [one] { $certificates } nosi naziv izdavatelja, ali nije potpisao.
        [few] { $certificates } nose naziv izdavatelja, ali nisu potpisali.
       *[other] { $certificates } nose naziv izdavatelja, ali nisu potpisali.
    } CA je vjerojatno obnovio svoj međucertifikat.
    .remedy = Nabavite od CA međucertifikat koji pripada ovom certifikatu poslužitelja i instalirajte ga: { $cli }
chain-unrelated--duplicate = { $subject } isporučuje certifikat dvaput
    .detail = { $count ->
        [one] Suvišan: { $certificates }
        [few] Suvišni: { $certificates }
       *[other] Suvišni: { $certificates }
    }
    .remedy = Uklonite drugi primjerak iz datoteke lanca: { $cli }
chain-unrelated--needless-root = { $subject } isporučuje i svoj korijenski certifikat
    .detail = { $certificates } ne treba isporučivati: tko mu vjeruje, već ga ima. Ne šteti.
    .remedy = Pri sljedećoj obnovi može se izostaviti iz datoteke lanca.
chain-invalid = Lanac za { $subject } nije valjan
    .detail = { $details } ({ $citations }).
    .remedy = Zatražite ponovno izdavanje certifikata od javnog CA i instalirajte ga s lancem koji CA isporuči: { $cli }
chain-invalid--ok = Lanac za { $subject } je valjan
chain-invalid--profile = Lanac za { $subject } odstupa od profila certifikata
    .detail = Tehnički rečeno: { $details }
    .remedy = Sada ne treba ništa učiniti. Upozorite CA pri sljedećoj obnovi.
chain-invalid--unverifiable = Potpisi u lancu za { $subject } ovdje se ne mogu provjeriti
    .detail = { $certificates }: ovaj program ne može provjeriti { $signature } ključem izdavatelja. To ne znači ni da je lanac dobar ni da je loš.
    .remedy = Provjerite lanac drugim alatom. Pri sljedećoj obnovi naručite certifikat s RSA ili s EC P-256 ili P-384.
trust-expired = Webexovo sidro povjerenja u { $subject } je isteklo
    .detail = { $name } vrijedio je do { $until } (prije { $days ->
        [one] { $days } dan
        [few] { $days } dana
       *[other] { $days } dana
    }).
    .remedy = Preuzmite trenutačni lanac u Partner Hubu (Postavke, BroadWorks Calling), podijelite ga na po jednu datoteku za svaki certifikat i učitajte svaku: { $cli }
trust-expired--ok = Nijedno sidro povjerenja u { $subject } nije isteklo
    .detail = Prvo vrijedi do { $until }.
trust-expires-soon = Webexovo sidro povjerenja u { $subject } istječe za { $days ->
        [one] { $days } dan
        [few] { $days } dana
       *[other] { $days } dana
    }
    .detail = { $name } vrijedi do { $until }. Preostalo dana: { $days } = { $percent } % od { $lifetime }; upozorenje od { $warn }, kritično od { $critical } dana.
    .remedy = Preuzmite trenutačni lanac u Partner Hubu (Postavke, BroadWorks Calling), podijelite ga i učitajte uz stari pod novim aliasom: { $cli }
trust-expires-soon--ok = Nijedno sidro povjerenja u { $subject } ne istječe uskoro
    .detail = Prvo vrijedi do { $until }.
trust-not-yet-valid = Webexovo sidro povjerenja u { $subject } još ne vrijedi
    .detail = { $name } vrijedi od { $from }.
    .remedy = Provjerite sat. Do tada ostavite učitan stari lanac.
trust-not-yet-valid--ok = Sva sidra povjerenja u { $subject } već vrijede
    .detail = Prvo vrijedi do { $until }.
trust-root-missing = Nedostaje korijen za izdavački CA u { $subject }
    .detail = { $name } izdao je { $issuer }, kojega nema ni u jednoj datoteci povjerenja.
    .remedy = Učitajte i drugi dio datoteke lanca: { $cli }
trust-root-missing--ok = Korijen je u datotekama povjerenja ({ $subject })
trust-intermediate-missing = Nedostaje izdavački CA za korijen u { $subject }
    .detail = Nijedan certifikat u datotekama povjerenja nije izdao { $name }.
    .remedy = Učitajte i drugi dio datoteke lanca: { $cli }
trust-intermediate-missing--ok = Izdavački CA je u datotekama povjerenja ({ $subject })
trust-not-a-ca = { $subject } sadrži certifikat koji nije CA
    .detail = { $name } ne može biti sidro povjerenja za druge certifikate.
    .remedy = Uzmite datoteku lanca iz Partner Huba, a ne certifikat poslužitelja, i učitajte je: { $cli }
trust-not-a-ca--ok = U { $subject } su samo certifikati CA
trust-private-key = { $subject } sadrži privatni ključ
    .detail = { $count ->
        [one] Pronađen je { $count } privatni ključ.
        [few] Pronađena su { $count } privatna ključa.
       *[other] Pronađeno je { $count } privatnih ključeva.
    } Datoteci povjerenja on ne treba. Ključ se ne stavlja u pakete.
    .remedy = Uklonite ključ iz datoteke. Ako je datoteka proslijeđena, zamijenite ključ i njegov certifikat.
trust-private-key--ok = U { $subject } nema privatnog ključa
trust-duplicate = { $subject } sadrži certifikat koji već postoji
    .detail = { $name } nalazi se i u { $other }.
    .remedy = Učitajte svaki certifikat jednom; drugi primjerak ne šteti.
trust-duplicate--ok = U { $subject } nema ponovljenih certifikata
trust-unsplit = { $subject } treba podijeliti prije učitavanja
    .detail = Broj certifikata u jednoj datoteci: { $count }. BroadWorks za svaki alias čita samo jedan.
    .remedy = Zapišite svaki certifikat u vlastitu datoteku i učitajte svaku pod vlastitim aliasom: { $cli }
trust-unsplit--ok = { $subject } sadrži jedan certifikat
mtls-not-requested = { $subject } ne traži klijentski certifikat
    .detail = Webex se ovdje predstavlja klijentskim certifikatom. Ako se on ne traži, može se spojiti bilo tko ili aplikacija odbija Webex.
    .remedy = Uključite provjeru klijenta za ovo sučelje: { $cli }
mtls-not-requested--ok = { $subject } traži klijentski certifikat
mtls-not-requested--unknown = Nije se moglo vidjeti traži li { $subject } klijentski certifikat
    .detail = Rukovanje je završilo prije toga.
    .remedy = Najprije uredite vezu, zatim pokrenite ponovno.
mtls-webex-ca-not-accepted = { $subject } ne prihvaća Webexov CA
    .detail = Od Webexove datoteke lanca ništa od { $missing } nije među prihvaćenim nazivima ({ $count }): { $names }. Webex neće biti pušten.
    .remedy = Učitajte lanac Webexova CA, po jedan certifikat za svaki alias, i ponovno pokrenite sučelje: { $cli }
mtls-webex-ca-not-accepted--ok = { $subject } prihvaća Webexov CA
    .detail = Među prihvaćenim nazivima ({ $count }): { $present }.
mtls-webex-ca-not-accepted--partly = { $subject } prihvaća Webexov CA
    .detail = { $present } je među prihvaćenim nazivima ({ $count }), { $missing } nije. Za rukovanje je dovoljan jedan.
    .remedy = Učitajte i drugi dio lanca: { $cli }
mtls-webex-ca-not-accepted--old-generation = { $subject } prihvaća samo stari Webexov CA
    .detail = Prihvaćeno do { $until }: { $old }. Od trenutačnog lanca nije prihvaćeno: { $missing }. Veza će se prekinuti kad Webex prijeđe na novi.
    .remedy = Učitajte trenutačni lanac uz stari, pod novim aliasima: { $cli }
mtls-webex-ca-not-accepted--same-names = Izvana se ne može odlučiti koji Webexov CA { $subject } prihvaća
    .detail = Stari i novi lanac nose iste nazive ({ $present }); poslužitelj šalje samo nazive.
    .remedy = Usporedite otiske na XSP-u: { $cli } (get ih ispisuje)
mtls-webex-ca-not-accepted--unknown = Nije provjereno prihvaća li { $subject } Webexov CA
    .detail = Nije navedena Webexova datoteka lanca za usporedbu. Prihvaćeni nazivi: { $names }
    .remedy = Navedite datoteku lanca iz Partner Huba s --trust ili u konfiguraciji pod [trust] webex_ca.
mtls-accepted-cas-unknown = { $subject } ne kaže koje CA prihvaća
    .detail = Traži klijentski certifikat s praznim popisom. Izvana se ne može odlučiti je li Webexov CA učitan.
    .remedy = Usporedite sidra povjerenja na XSP-u s datotekom lanca: { $cli } (get ih ispisuje)
mtls-accepted-cas-unknown--ok = { $subject } navodi CA koje prihvaća ({ $count })
tls-mixed-addresses--installed = { $subject } ne isporučuje instalirani certifikat
    .detail = Isporučeno: { $served }, vrijedi do { $until }. U { $path }: { $installed }, vrijedi do { $other }. Certifikat je vjerojatno obnovljen, ali nije učitan.
    .remedy = Učitajte certifikat i ponovno pokrenite sučelje: { $cli }
tls-mixed-addresses--installed-ok = { $subject } isporučuje instalirani certifikat
    .detail = To je onaj iz { $path }.
tls-mixed-addresses--installed-older = { $subject } isporučuje noviji certifikat od onoga na disku
    .detail = Isporučeno: { $served }, vrijedi do { $until }. U { $path }: { $installed }, vrijedi do { $other }. Sljedeće pokretanje može vratiti stariji.
    .remedy = Stavite isporučeni certifikat i u { $path } ili navedite datoteku koja je doista instalirana: { $cli }
tls-mixed-addresses--installed-other = { $subject } isporučuje sasvim drugi certifikat od onoga na disku
    .detail = Isporučeno: { $served }, vrijedi do { $until }. U { $path }: { $installed }, vrijedi do { $other }. Nemaju nijedan zajednički naziv.
    .remedy = Provjerite pripada li { $path } ovom sučelju i instalirajte pravi certifikat: { $cli }
tls-mixed-addresses--installed-none = Nijedna datoteka ne odgovara certifikatu za { $subject }
    .detail = Isporučeno: { $served }. { $count ->
        [one] Uspoređena je { $count } datoteka; nema nijedan od njegovih naziva.
        [few] Uspoređene su { $count } datoteke; nijedna nema nijedan od njegovih naziva.
       *[other] Uspoređeno je { $count } datoteka; nijedna nema nijedan od njegovih naziva.
    }
    .remedy = Navedite datoteku s certifikatom ovog poslužitelja.
tls-mixed-addresses--earlier-ok = { $subject } isporučuje isti certifikat kao u paketu
    .detail = To je onaj iz { $path }, vrijedi do { $until }.
tls-mixed-addresses--earlier-renewed = Certifikat za { $subject } obnovljen je nakon paketa
    .detail = U { $path }: { $installed }, vrijedi do { $other }. Sada: { $served }, vrijedi do { $until }.
    .remedy = Ne treba ništa učiniti ako je obnova bila namjerna.
tls-mixed-addresses--earlier-older = { $subject } se nakon paketa vratio na stariji certifikat
    .detail = U { $path }: { $installed }, vrijedi do { $other }. Sada: { $served }, vrijedi do { $until }.
    .remedy = Ponovno instalirajte noviji certifikat: { $cli }
tls-mixed-addresses--odd-one = { $subject } se razlikuje od ostalih XSP-ova
    .detail = { $aspect ->
        [certificate] Ovdje se prikazuje drugi certifikat ({ $own }) nego na { $others } ({ $usual }), iako svaki vrijedi za sva ova imena.
        [issuer] Certifikat je izdao { $own }; za { $others } izdao ga je { $usual }.
        [expiry] Certifikat istječe { $own }; za { $others } svi istječu { $usual }.
        [length] Broj isporučenih certifikata: { $own }; za { $others }: { $usual }.
        [versions] Nudi { $own }; { $others } nude { $usual }.
        [client-auth] Razlikuje se od { $others } u traženju klijentskog certifikata ({ $own }; ostali: { $usual }).
       *[accepted-names] Prihvaća druge nazive CA za klijentske certifikate: { $own }. Ostali ({ $others }): { $usual }.
    }
    .remedy = Provjerite je li ovaj XSP zaboravljen pri zadnjoj promjeni i izjednačite ga s ostalima.
tls-mixed-addresses--farm = XSP-ovi se razlikuju: { $subject }
    .detail = { $aspect ->
        [certificate] Ovdje se prikazuje drugi certifikat ({ $own }) nego na { $others } ({ $usual }), iako svaki vrijedi za sva ova imena.
        [issuer] Certifikat je izdao { $own }; za { $others } izdao ga je { $usual }.
        [expiry] Certifikat istječe { $own }; za { $others } istječe { $usual }.
        [length] Broj isporučenih certifikata: { $own }; za { $others }: { $usual }.
        [versions] Nudi se { $own }; kod { $others } { $usual }.
        [client-auth] Razlika prema { $others } u traženju klijentskog certifikata ({ $own }; ondje: { $usual }).
       *[accepted-names] Ovdje se prihvaćaju ovi nazivi CA za klijentske certifikate: { $own }. Kod { $others }: { $usual }.
    }
    .remedy = Provjerite koji je onakav kakav treba biti i izjednačite ih.
certs-webex-heading = Bi li Webex to prihvatio?
certs-webex = { $both ->
    [yes-yes] Webex bi prihvatio { $target }. Prihvatilo bi i ovo računalo (korijenski certifikati: { $store }).
    [yes-no] Webex bi prihvatio { $target }. Ovo računalo ne bi (korijenski certifikati: { $store }).
    [no-yes] Webex ne bi prihvatio { $target }: { $reasons }. Ovo računalo vjerovalo bi certifikatu (korijenski certifikati: { $store }).
   *[no-no] Webex ne bi prihvatio { $target }: { $reasons }. Ne bi ni ovo računalo (korijenski certifikati: { $store }).
    }
certs-webex-reason = { $check ->
    [cert-expired] certifikat je istekao
    [cert-not-yet-valid] certifikat još nije valjan
    [cert-self-signed] certifikat je samopotpisan
    [cert-not-publicly-trusted] certifikat nije izdao javni CA
    [cert-host-name] certifikat je za drugi naziv
    [cert-weak-key] ključ je preslab
    [cert-weak-signature] potpis je preslab
    [cert-key-usage] certifikat nije za poslužitelje
    [cert-revoked] certifikat je opozvan
    [cert-malformed] certifikat je neispravan
    [chain-incomplete] međucertifikat se ne isporučuje
    [tls-protocol] TLS 1.2 se ne nudi
    [tls-cipher] algoritam šifriranja nije među onima koje Webex nudi
    [mtls-not-requested] ne traži se klijentski certifikat
   *[chain-invalid] lanac nije valjan
    }
certs-table-state = Stanje
certs-table-target = Cilj
certs-table-until = Vrijedi do
certs-table-days = Dana
certs-table-protocol = TLS
certs-table-issuer = Izdavatelj
certs-reason = { $reason ->
    [dns] nepoznat naziv
    [refused] odbijeno
    [unreachable] nema rute
    [timeout-connect] nema odgovora
    [timeout-handshake] šuti
    [slow-peer] presporo
    [reset] veza prekinuta
    [not-tls] nije TLS
    [protocol-version] inačica TLS-a
    [internal] unutarnja greška
   *[other] { $reason }
    }
certs-plugin-ok = { $count ->
    [one] { $count } lanac je u redu; prvi istječe onaj od { $subject }
    [few] { $count } lanca su u redu; prvi istječe onaj od { $subject }
   *[other] { $count } lanaca je u redu; prvi istječe onaj od { $subject }
    } za { $days ->
    [one] { $days } dan
    [few] { $days } dana
   *[other] { $days } dana
    } ({ $when } UTC)
certs-plugin-none = ništa nije provjereno
certs-progress = Spajanje
certs-error-threshold = nepoznat prag „{ $value }”
    .hint = Upišite dane ili sate, npr. 30d ili 36h, ili udio trajanja, npr. 33%.
certs-error-no-target = nema cilja za provjeru
    .hint = Navedite poslužitelj (xsp1.example.com, cti://xsp1.example.com) ili datoteku certifikata, ili popišite poslužitelje kao [[xsp]] u konfiguraciji.
certs-error-no-anchors = { $path } ne sadrži sidro povjerenja
    .hint = Navedite datoteku s certifikatima CA, ili „mozilla” ili „system”.
certs-error-match = { $path } ne sadrži certifikat za usporedbu
    .hint = Navedite datoteku s certifikatom poslužitelja kakav je instaliran.
certs-error-write-chain = nema lanca koji bi se zapisao u { $path }
    .hint = Navedite točno jedan poslužitelj ili datoteku s čitljivim certifikatom, a certifikate koji nedostaju s --intermediates.
certs-system-roots = Nisu se mogli pročitati svi korijeni operacijskog sustava: { $reason }
certs-chain-written = { $count ->
    [one] Lanac s { $count } certifikatom zapisan u { $path }. Instalirajte ga s: { $cli }
    [few] Lanac s { $count } certifikata zapisan u { $path }. Instalirajte ga s: { $cli }
   *[other] Lanac s { $count } certifikata zapisan u { $path }. Instalirajte ga s: { $cli }
    }
certs-chain-still-incomplete = Lanac u { $path } još je nepotpun: nedostaje { $missing }
    .hint = Nabavite taj certifikat od CA i navedite ga s --intermediates.
help-certs--targets = HOST, HOST:PORT, https://, cti:// ili auth://HOST[:PORT], ili datoteka certifikata; može završiti s #ip=ADRESA. Bez navođenja: [[xsp]] iz konfiguracije
help-certs--trust = Datoteka ili direktorij s lancem Webexova CA koji je instaliran kao sidro povjerenja za uzajamni TLS
help-certs--anchors = Vjeruj ovim korijenima: datoteka, „mozilla” ili „system”
help-certs--intermediates = Dodatni certifikati CA koji smiju stajati između poslužitelja i korijena
help-certs--host = Provjeri ovaj naziv umjesto naziva cilja; za datoteke naziv pod kojim se isporučuju
help-certs--crl = Datoteka s popisima opozvanih certifikata
help-certs--max-depth = Dopusti najviše toliko međucertifikata
help-certs--match = Usporedi s ovim datotekama certifikata ili ranijim paketom (datoteka, mapa, uzorak, zip): isporučuje li se ono što je instalirano?
help-certs--write-chain = Zapiši ispravljeni lanac, u ispravnom redoslijedu, u ovu datoteku
help-certs--aia = Preuzmi izdavatelje koji nedostaju običnim HTTP-om s mjesta koja certifikati navode i reci što upotpunjuje lanac
help-certs--output = Piši u ovu datoteku umjesto na standardni izlaz: zamjenjuje se u cijelosti, čitljiva svima (0644); za textfile collector node exportera ime završava na .prom

## scan

help-extract--paths = Datoteke, mape, arhive ili uzorci; bez navoda ili uz „-” čita se standardni ulaz
extract-heading = { $kind ->
    [tracking-id] ID-ovi praćenja
    [org] ID-ovi organizacija
    [user-id] ID-ovi Webex korisnika
    [email] Adrese e-pošte
    [broadworks-user-id] ID-ovi BroadWorks korisnika
    [client-version] Verzije aplikacije Webex
    [broadworks-release] BroadWorks izdanja i zakrpe
    [control-hub-build] Izdanja Control Huba
    [error-code] Kodovi pogrešaka
    [device-id] ID-ovi uređaja
    [call-id] Call-ID-ovi
    [time-frame] Vremenski okvir
   *[files] Pročitano
    }
extract-role = { $role ->
    [customer] kupac
    [partner] partner
    [user] pogođeni korisnik
    [other] netko drugi
   *[unknown] uloga nepoznata
    }
extract-seen = { $count ->
    [one] { $count } put, { $place }
    [few] { $count } puta, prvi put { $place }
   *[other] { $count } puta, prvi put { $place }
    }
extract-sure = { $evidence ->
    [label] sigurno: stoji iza oznake
    [prefix] vrlo vjerojatno: prema prefiksu
   *[shape] vjerojatno: prema obliku
    }
extract-sure-label = sigurno: iza „{ $label }”
extract-time-frame = od { $first } do { $last } (UTC)
extract-time-note = Prva i zadnja vremenska oznaka u blizini pogreške; ako pogreške nema, iz svega.
extract-nothing = Nije pronađeno ništa što se traži u zahtjevu za uslugu.
extract-files = { $files ->
    [one] { $files } tekst
    [few] { $files } teksta
   *[other] { $files } tekstova
    } s { $lines ->
    [one] { $lines } retkom
    [few] { $lines } retka
   *[other] { $lines } redaka
    }
extract-omitted = { $count ->
    [one] { $count } nalaz nije prikazan jer je bilo previše različitih vrijednosti
    [few] { $count } nalaza nisu prikazana jer je bilo previše različitih vrijednosti
   *[other] { $count } nalaza nije prikazano jer je bilo previše različitih vrijednosti
    }
    .hint = Čitajte manje datoteka odjednom ili upotrijebite --format ndjson, koji navodi svaki nalaz.
extract-terminal = Zalijepite tekst, a zatim u zasebnom retku pritisnite Ctrl-D.
extract-progress = Čitanje
extract-nothing-read = ništa nije bilo moguće pročitati
    .hint = Poruke iznad govore što nije u redu sa svakim ulazom.

## redact

redact-key-read = Ključ za zacrnjivanje { $path } ne može se pročitati: { $reason }
    .hint = Provjerite putanju i prava, ili izostavite --key da se upotrijebi ključ ove lokacije.
redact-key-write = Ključ za zacrnjivanje { $path } ne može se stvoriti: { $reason }
    .hint = Omogućite pisanje u direktorij, navedite ključ s --key DATOTEKA ili upotrijebite --fresh-key.
redact-key-length = { $path } nije ključ za zacrnjivanje: { $bytes ->
        [one] ima { $bytes } bajt
        [few] ima { $bytes } bajta
       *[other] ima { $bytes } bajtova
    }; potrebna su 32 bajta ili 64 heksadecimalne znamenke
    .hint = Navedite ispravnu datoteku ili je obrišite da se stvori novi ključ.
redact-key-permissions = Ključ za zacrnjivanje { $path } mogu čitati i drugi (prava { $mode })
    .hint = Izvršite „chmod 600” za tu datoteku. Ako su ga drugi mogli pročitati, obrišite ga da se stvori novi.
redact-key-no-home = Nema osobnog direktorija u kojem bi se čuvao ključ za zacrnjivanje
    .hint = Postavite HOME ili XDG_STATE_HOME, navedite ključ s --key DATOTEKA ili upotrijebite --fresh-key.
redact-key-random = Operacijski sustav ne daje slučajne brojeve: { $reason }
    .hint = Navedite postojeći ključ s --key DATOTEKA.
redact-policy-kind = [redact] keep: vrsta „{ $kind }” ne postoji
    .hint = Postoje ove vrste: { $kinds }.
redact-policy-secret = [redact] keep: tajne vrste „{ $kind }” ne mogu ostati čitljive
    .hint = Uklonite taj unos. Tajne se uvijek skrivaju.
redact-policy-pattern = [redact] patterns: „{ $name }” nije upotrebljiv regularni izraz: { $reason }
    .hint = Ispravite uzorak ili ga uklonite.
redact-policy-empty = [redact] patterns: „{ $name }” odgovara i praznom tekstu
    .hint = Napišite uzorak tako da traži barem jedan znak, primjerice s + umjesto *.
redact-error-binary = Ovo nije tekstna datoteka pa se u njoj ne mogu tražiti povjerljivi podaci
    .hint = Najprije je raspakirajte ili pretvorite u tekst. Snimka zaslona može se priložiti s --attach.
redact-error-encoding = Kodiranje ({ $encoding }) ne može se pročitati bez gubitka
    .hint = Spremite datoteku kao UTF-8.
redact-error-collision = Dvije različite vrijednosti dobile bi isti pseudonim
    .hint = Ponovite poziv s --fresh-key.
redact-error-read = Datoteka se ne može pročitati do kraja: { $reason }
    .hint = Provjerite je li datoteka potpuna i mijenja li se dok se čita.
redact-error-certificate = Unos { $number } nije certifikat
    .hint = Nepromijenjeni se prosljeđuju samo certifikati; uklonite sve ostalo iz datoteke.
redact-error-picture = Ovo nije slika (PNG, JPEG, GIF, WebP)
    .hint = Priložite sliku u jednom od tih formata ili tekstnu datoteku.
redact-error-map = Ovo je privatna tablica zamjena; ne smije napustiti ovo računalo
    .hint = Uklonite je s popisa datoteka.
redact-map-read = Tablica zamjena { $path } ne može se pročitati: { $reason }
    .hint = Navedite datoteku koja je pri zacrnjivanju zapisana s --map.
redact-map-write = Tablica zamjena { $path } ne može se zapisati: { $reason }
    .hint = Navedite datoteku u postojećem direktoriju u koji smijete pisati.
redact-map-format = { $path } nije tablica zamjena ovog programa: { $reason }
    .hint = Navedite datoteku koja je pri zacrnjivanju zapisana s --map.
help-redact--paths = Datoteke ili direktoriji; bez navoda ili „-”: standardni ulaz
help-redact--output = Zapiši zacrnjene datoteke u ovaj novi direktorij, i s zacrnjenim imenima
help-redact--preview = Prikaži svaki redak koji bi se promijenio i prebroji po vrsti; ništa ne zapisuj
help-redact--map = Zapiši i privatnu tablicu zamjena u ovu datoteku; nikada je ne prosljeđujte
help-redact--keep = Vrijednost koja ostaje čitljiva, ili cijela vrsta kao kind:IME
help-redact--key = Datoteka s ključem pseudonima; inače ključ lokacije
help-redact--fresh-key = Upotrijebi novi ključ da se rezultat ne može povezati s drugima
help-restore--paths = Odgovor proizvođača; bez navoda ili „-”: standardni ulaz
help-restore--map = Privatna tablica zamjena zapisana pri zacrnjivanju
redact-source-read = { $file } ne može se pročitati: { $reason }
    .hint = Provjerite ime i prava.
redact-withheld = { $file } se zadržava: { $reason }
redact-tree-not-empty = Direktorij { $path } nije prazan
    .hint = S -o navedite novi direktorij da se stare i nove datoteke ne pomiješaju.
redact-tree-write = { $path } se ne može zapisati: { $reason }
    .hint = Provjerite slobodan prostor i prava izlaznog direktorija.
redact-writing = Zamjena podataka
redact-changed = { $file } se promijenila nakon prvog prolaza; vrijednosti dodane otad zamjenjuju se samo ondje gdje ih odaje oznaka ili oblik
    .hint = Ponovite kad nitko ne piše u datoteku ili obradite kopiju.
redact-error-encrypted = ova je datoteka šifrirana (age) pa se u njoj ne mogu tražiti povjerljivi podaci
redact-map-recipient = „{ $recipient }” nije primatelj za age
    .hint = Primatelj počinje s age1; ispisuje ga „age-keygen -y DATOTEKA”.
redact-map-identity-read = identitet { $path } ne može se pročitati: { $reason }
    .hint = Navedite datoteku koju je napisao age-keygen.
redact-map-identity-none = { $path } ne sadrži identitet za age
    .hint = Navedite datoteku koju je napisao age-keygen; u njoj jedan redak počinje s AGE-SECRET-KEY-1.
redact-map-encrypted = tablica { $path } je šifrirana
    .hint = Navedite datoteku sa svojim identitetom za age: --identity DATOTEKA.
redact-map-undecryptable = nijedan identitet ne može dešifrirati tablicu { $path }
    .hint = Raspitajte se za koga je šifrirana i navedite taj identitet s --identity.
redact-map-expired = tablicu { $path } trebalo je izbrisati { $date }
    .hint = Izbrišite je čim se slučaj zatvori; pojedine osobe briše --forget.
redact-forgotten = { $count ->
        [one] { $count } pseudonim izbrisan je
        [few] { $count } pseudonima izbrisana su
       *[other] { $count } pseudonima izbrisano je
    } iz { $path }
redact-forgot-nothing = u tablici nema ničega što stoji za { $value }
    .hint = Navedite vrijednost onako kako je bila napisana: adresu e-pošte, telefonski broj, ime ili pseudonim.
help-redact--encrypt-to = Šifriraj tablicu programom age za ovog primatelja (age1…); može se navesti više puta
help-bundle--encrypt-to = Šifriraj paket, a i tablicu, programom age za ovog primatelja (age1…); može se navesti više puta
help-bundle--encrypt-map-to = Šifriraj samo tablicu programom age, za ovog primatelja (age1…); može se navesti više puta
help-bundle--sign = Potpiši paket ovim privatnim OpenSSH ključem; potpis se zapisuje pokraj njega (.sig)
help-bundle--passphrase-file = Datoteka s lozinkom ključa za potpisivanje; inače W4B_SIGN_PASSPHRASE
help-verify--signer = Provjeri potpis pokraj paketa: datoteka s dopuštenim ključevima (allowed_signers OpenSSH-a)
help-verify--signature = Datoteka s potpisom; inače ime paketa i .sig
help-inspect--identity = Datoteka s age-identitetom koji otvara šifrirani paket; može se navesti više puta
help-verify--identity = Datoteka s age-identitetom koji otvara šifrirani paket; može se navesti više puta
help-diff--identity = Datoteka s age-identitetom koji otvara šifrirani paket; može se navesti više puta
help-upload--identity = Datoteka s age-identitetom koji otvara šifrirani paket; može se navesti više puta
help-restore--identity = Datoteka s identitetom za age koji dešifrira tablicu
help-restore--forget = Izbriši ovu vrijednost iz tablice; može se navesti više puta
redact-learning = Prvi prolaz: prikupljanje vrijednosti
redact-map-written = Privatna tablica zamjena je u { $path }. Sačuvajte je; nikada je ne prosljeđujte.
redact-summary = Zamijenjeno { $redacted ->
        [one] { $redacted } vrijednost
        [few] { $redacted } vrijednosti
       *[other] { $redacted } vrijednosti
    } u { $files ->
        [one] { $files } datoteci
        [few] { $files } datoteke
       *[other] { $files } datoteka
    }, kao dokaz zadržano { $kept }
redact-heading-redacted = Zamijenjeno
redact-heading-kept = Zadržano kao dokaz
redact-restored = { $count ->
        [one] { $count } pseudonim zamijenjen je
        [few] { $count } pseudonima zamijenjena su
       *[other] { $count } pseudonima zamijenjeno je
    } stvarnom vrijednošću
redact-restore-unknown = { $count ->
        [one] { $count } pseudonim nije
        [few] { $count } pseudonima nisu
       *[other] { $count } pseudonima nije
    } u ovoj tablici zamjena
    .hint = Upotrijebite tablicu istog paketa. Pseudonimi drugog ključa ne mogu se vratiti.
redact-kind = { $kind ->
        [tracking-id] ID-ovi za praćenje
        [customer-org] ID-ovi korisničkih organizacija
        [partner-org] ID-ovi partnerskih organizacija
        [org] ID-ovi organizacija
        [user-id] Webex ID-ovi korisnika
        [broadworks-user-id] BroadWorks ID-ovi korisnika
        [email] adrese e-pošte
        [client-version] verzije klijenta
        [broadworks-release] izdanja BroadWorksa
        [control-hub-build] izgradnje Control Huba
        [error-code] kodovi pogrešaka
        [timestamp] vremena
        [call-id] Call-ID-ovi
        [device-id] ID-ovi uređaja
        [fingerprint] otisci i serijski brojevi
        [token] pristupni tokeni
        [jwt] JSON web tokeni
        [password] lozinke
        [cookie] kolačići i ID-ovi sesija
        [sip-digest] polja SIP digest
        [signed-url] parametri potpisanih URL-ova
        [private-key] privatni ključevi
        [phone] telefonski brojevi
        [person-name] imena osoba
        [ip-address] IP adrese
        [mac-address] MAC adrese
        [host-name] vlastita imena računala
        [custom] vlastiti uzorci
       *[other] { $kind }
    }
redact-self-test-cases = Ugrađeni slučajevi ne mogu se pročitati: { $reason }
    .hint = To je greška programa. Molimo prijavite je.
bundle-redacted--files = Zamijenjeno { $redacted ->
        [one] { $redacted } vrijednost
        [few] { $redacted } vrijednosti
       *[other] { $redacted } vrijednosti
    } u { $files ->
        [one] { $files } datoteci
        [few] { $files } datoteke
       *[other] { $files } datoteka
    }
    .detail = Tajne su skrivene, a osobni podaci postali su pseudonimi.
    .remedy = { "" }
bundle-incomplete--withheld = { $subject } je zadržano
    .detail = { $reason }
    .remedy = Pretvorite datoteku u čitljiv tekst i ponovno je zacrnite, ili je izostavite.
bundle-redacted--self-test-ok = { $group ->
        [secrets] Tajne se skrivaju
        [personal] Osobni podaci postaju pseudonimi
        [evidence] Dokazi ostaju čitljivi
        [negatives] Običan tekst ostaje nepromijenjen
       *[withheld] Nečitljive datoteke se zadržavaju
    }
    .detail = { $count ->
        [one] { $count } prolaz uspio.
        [few] { $count } prolaza uspjela.
       *[other] { $count } prolaza uspjelo.
    }
    .remedy = { "" }
bundle-redacted--self-test-failed = Slučaj { $subject } dao je pogrešan rezultat ({ $form })
    .detail = { $group ->
        [secrets] Ništa nije ostalo čitljivo, ali se promijenio tekst oko tajne.
        [personal] Ništa nije ostalo čitljivo, ali pseudonim ili tekst oko njega nije kakav treba biti.
        [evidence] Dokaz je promijenjen.
        [negatives] Običan tekst je promijenjen.
       *[withheld] Datoteka je trebala biti zadržana.
    }
    .remedy = Prijavite to s imenom slučaja. Pogledajte pregled prije nego što podijelite paket.
bundle-secret-left--self-test = Slučaj { $subject } propušta ({ $form })
    .detail = { $group ->
        [secrets] Tajna je ostala čitljiva.
        [personal] Osobni podaci ostali su čitljivi.
       *[other] Nešto što ne smije izaći nije zaustavljeno.
    }
    .remedy = Ne dijelite pakete koje je ovaj program izradio na ovom računalu. Prijavite to s imenom slučaja.

## case

case-fact--customer-org = ID organizacije kupca
case-fact--partner-org = ID partnerske organizacije
case-fact--tracking-id = ID za praćenje
case-fact--user-email = Adresa e-pošte korisnika
case-fact--client-version = Verzija klijenta
case-fact--time-frame = Vremensko razdoblje

case-customer-org = Nedostaje ID organizacije kupca
    .detail = ID organizacije kupca nije naveden niti je pronađen u ulaznim podacima. Cisco TAC najprije pita za njega.
    .remedy = Partner Hub, Kupci, otvorite Control Hub kupca, Račun: kopirajte ID organizacije. U kopiranom bloku pogreške nalazi se iza oznake „View Org ID”. Zatim ga navedite s --customer-org.
case-customer-org--ok = ID organizacije kupca: { $value }
    .detail = Izvor: { $source }.
case-customer-org--several = { $count ->
        [one] { $count } ID organizacije kupca
        [few] { $count } različita ID-a organizacija kupaca
       *[other] { $count } različitih ID-ova organizacija kupaca
    }
    .detail = Pronađeno: { $values }. Zahtjev za uslugu odnosi se na jednog kupca.
    .remedy = Odlučite o kojem je kupcu riječ i navedite ga s --customer-org ili za svakog kupca otvorite zaseban slučaj.
case-customer-org--role = Pronađen je ID organizacije, ali ne i čiji je
    .detail = Pronađeno bez oznake kupca ili partnera: { $values }.
    .remedy = Usporedite s Partner Hub, Kupci, Control Hub kupca, Račun. Navedite ID kupca s --customer-org, a svoj s --partner-org.
case-partner-org = Nedostaje ID partnerske organizacije
    .detail = ID vaše partnerske organizacije nije naveden niti je pronađen u ulaznim podacima.
    .remedy = Prijavite se u Partner Hub vlastitim računom, Račun: kopirajte ID organizacije. U kopiranom bloku pogreške nalazi se iza oznake „Logged-in User Org ID”. Zatim ga navedite s --partner-org ili trajno u konfiguraciji kao [provider] partner_org.
case-partner-org--ok = ID partnerske organizacije: { $value }
    .detail = Izvor: { $source }.
case-partner-org--several = { $count ->
        [one] { $count } ID partnerske organizacije
        [few] { $count } različita ID-a partnerskih organizacija
       *[other] { $count } različitih ID-ova partnerskih organizacija
    }
    .detail = Pronađeno: { $values }. Obično imate jednu partnersku organizaciju.
    .remedy = U Partner Hubu pod Račun provjerite koja je vaša i navedite je s --partner-org.
case-partner-org--same = ID partnerske organizacije i organizacije kupca su isti
    .detail = Oba su { $value }. To je točno samo ako je kvar u vašoj organizaciji.
    .remedy = Ako je kvar kod kupca, otvorite njegov Control Hub, Račun, i navedite taj ID s --customer-org.
case-tracking-id = Nema ID-a za praćenje
    .detail = U ulaznim podacima nije pronađen ID za praćenje. Potreban je samo ako ga poruka o pogrešci ili zaslon prikazuje.
    .remedy = Ponovno pogledajte poruku o pogrešci: u Control Hubu odaberite „Kopiraj” ili „Detalji” ili kopirajte cijeli tekst pogreške. Ako sadrži ID za praćenje, predajte tekst s --text. Ako nije prikazan, nastavite bez njega.
case-tracking-id--ok = { $count ->
        [one] { $count } ID za praćenje: { $value }
        [few] { $count } ID-a za praćenje, prvi { $value }
       *[other] { $count } ID-ova za praćenje, prvi { $value }
    }
    .detail = Izvor: { $source }.
case-tracking-id--outside = ID za praćenje ne odgovara vremenskom razdoblju
    .detail = { $value } je od { $at }, a razdoblje je od { $first } do { $last }.
    .remedy = Provjerite pripada li tekst pogreške ovom kvaru. Ako pripada, ispravite razdoblje s --since i --until.
case-user-email = Nedostaje adresa e-pošte korisnika
    .detail = Adresa e-pošte pogođenog korisnika nije navedena niti je pronađena u ulaznim podacima.
    .remedy = Control Hub, Korisnici, otvorite korisnika: kopirajte adresu e-pošte i navedite je s --user-email. Ako su pogođeni svi, navedite jednog korisnika kao primjer.
case-user-email--ok = Korisnik: { $value }
    .detail = Izvor: { $source }.
case-user-email--ok-id = Korisnik prema Webex ID-u: { $value }
    .detail = Izvor: { $source }. TAC može pronaći korisnika i po tom ID-u; s adresom e-pošte ide brže.
case-user-email--broadworks = Poznat je samo BroadWorks ID korisnika
    .detail = Poznato: { $value }. TAC pretražuje po adresi e-pošte ili Webex ID-u korisnika.
    .remedy = Partner Hub, predložak za uključivanje, Pokaži status korisnika: pronađite redak s tim BroadWorks ID-om. Ili Control Hub, Korisnici. Zatim navedite adresu e-pošte s --user-email.
case-user-email--several = { $count ->
        [one] Adresa e-pošte { $count } korisnika
        [few] Adrese e-pošte { $count } različita korisnika
       *[other] Adrese e-pošte { $count } različitih korisnika
    }
    .detail = Pronađeno: { $values }.
    .remedy = S --user-email navedite jednog korisnika čiji je kvar najbolje opisan; ostali mogu ostati u opisu.
case-client-version = Verzija klijenta nije poznata
    .detail = Verzija aplikacije Webex nije navedena niti je pronađena. Potrebna je samo ako se kvar vidi u klijentu.
    .remedy = U aplikaciji Webex: profilna slika, Pomoć, O Webexu (na telefonu: Postavke, O aplikaciji). Kopirajte verziju i platformu i navedite je s --client-version. Ako se kvar vidi samo u Control Hubu ili Partner Hubu, nastavite bez nje.
case-client-version--ok = Verzija klijenta: { $value }
    .detail = Izvor: { $source }.
case-client-version--implausible = Takva verzija klijenta ne postoji: { $value }
    .detail = Verzije aplikacije Webex sastoje se od godine, mjeseca, zakrpe i broja izgradnje, na primjer 44.3.0.28993. { $value } (izvor: { $source }) tome ne odgovara.
    .remedy = Ponovno očitajte verziju u aplikaciji Webex: profilna slika, Pomoć, O Webexu. Zatim je navedite s --client-version.
case-time-frame = Vrijeme kvara nije poznato
    .detail = Vrijeme nije navedeno, a uz pogreške u ulaznim podacima nema vremenskih oznaka.
    .remedy = Pitajte korisnika kada se to zadnji put dogodilo i navedite s --since i --until, s vremenskom zonom: 2026-11-22T10:00:00+01:00.
case-time-frame--ok = Vremensko razdoblje: od { $first } do { $last }
    .detail = Vremena su u UTC-u.
case-time-frame--future = Vremensko razdoblje je u budućnosti
    .detail = Počinje { $first }, nakon trenutka ove provjere, { $now }.
    .remedy = Provjerite dan, mjesec i vremensku zonu te navedite vrijeme s --since i --until.
case-time-frame--reversed = Vremensko razdoblje završava prije nego što počne
    .detail = Traje od { $first } do { $last }.
    .remedy = Zamijenite ili ispravite --since i --until.
case-time-frame--wide = Vremensko razdoblje traje { $days } dana
    .detail = Traje od { $first } do { $last }. TAC može pretraživati svoje zapise samo za kratko razdoblje.
    .remedy = Navedite vrijeme jednog događaja, najviše jedan sat, s --since i --until.

case-escalation--fix-first = { $count ->
        [one] Najprije otklonite: { $count } nalaz na vašoj strani
        [few] Najprije otklonite: { $count } nalaza na vašoj strani
       *[other] Najprije otklonite: { $count } nalaza na vašoj strani
    }
    .next = Riješite ih prikazanim redom pa pokušajte ponovno. Zahtjev za uslugu otvorite samo ako kvar ostane.
case-escalation--wait = Pričekajte: Webex ima otvoren incident koji odgovara kvaru
    .next = Pretplatite se na incident na stranici statusa i obavijestite kupca. Provjerite ponovno kada bude zatvoren; eskalirajte samo ako kvar ostane.
case-escalation--incomplete = { $count ->
        [one] Nepotpuno: { $count } podatak nedostaje ili nije jasan
        [few] Nepotpuno: { $count } podatka nedostaju ili nisu jasna
       *[other] Nepotpuno: { $count } podataka nedostaje ili nije jasno
    }
    .next = Pribavite navedeno i provjerite ponovno. TAC bi to tražio.
case-escalation--ready = Spremno za zahtjev za uslugu
    .next = Izradite paket naredbom „w4b-diag bundle”, otvorite slučaj u Support Case Manageru, zalijepite tekst iz service-request.txt i prenesite zip.

release-unsupported = { $subject }: BroadWorks { $release } više nije podržan
    .detail = { $kind ->
        [ended] Održavanje izdanja { $major } završilo je { $ends }.
       *[n-2] Trenutačno je izdanje { $current }; podržana su ono i dva glavna izdanja prije njega (N-2), pa izdanje { $major } nije.
    }
    .remedy = Planirajte nadogradnju na izdanje { $current }. Cisco je može zatražiti prije nego što ispita kvar.
release-unsupported--ok = { $subject }: BroadWorks { $release } je podržan
    .detail = Izdanje { $major } među podržanim je izdanjima prema podacima od { $dated }.
release-unsupported--ends = { $subject }: podrška za BroadWorks { $release } završava { $ends }
    .detail = Trenutačno je izdanje { $current }.
    .remedy = Planirajte nadogradnju prije { $ends }.
release-unknown = { $subject }: podrška za BroadWorks „{ $release }” ne može se procijeniti
    .detail = { $reason ->
        [independent] To je verzija neovisna o izdanju; takve se podržavaju prema datumu, a ne prema glavnom izdanju, a datumi ovdje nisu poznati.
        [newer] Izdanje { $major } novije je od podataka od { $dated } koje ovaj program ima.
       *[unreadable] Tekst nije izdanje BroadWorksa kao što je 25.0, Rel_25.0_1.944 ili 2022.11.
    }
    .remedy = { $reason ->
        [unreadable] Očitajte izdanje na poslužitelju naredbom „bwshowver” i navedite ga s --broadworks-release.
       *[other] Usporedite sa stranicom o životnom ciklusu BroadWorksa.
    }
check-fault-known = Nema poznate pogreške koja se otklanja izvan Webexa
check-fault-unknown-code = Svaki je kod pogreške poznat
fault-known = { $meaning }
    .detail = { $cause } Nađeno u { $source }.
    .remedy = { $steps }
fault-known--procedure = Tekst govori o ovome: { $meaning }
    .detail = Nađeno u { $source }.
    .remedy = Koraci: w4b-diag explain { $id }
fault-unknown-code = { $count ->
        [one] Ovog koda pogreške nema u katalogu: { $codes }
        [few] Ovih kodova pogreške nema u katalogu: { $codes }
       *[other] Ovih kodova pogreške nema u katalogu: { $codes }
    }
    .detail = Ono što nije poznato ne nagađa se.
    .remedy = Sačuvajte cijeli tekst pogreške s kodom i ID-om za praćenje; oboje ide u zahtjev za uslugu.
case-customer-org--ok-others = ID organizacije kupca: { $value }
    .detail = Kako je navedeno ({ $source }). Ulaz navodi i druge organizacije kupaca: { $values }.
    .remedy = Provjerite pripadaju li tekstovi i zapisi tom kupcu.
case-where--customer-org = Partner Hub › Kupci › Control Hub kupca › Račun
case-where--partner-org = Partner Hub › Račun
case-where--tracking-id = poruka o pogrešci: „Kopiraj” ili „Pojedinosti”; samo ako ga prikazuje
case-where--user-email = Control Hub kupca › Korisnici › taj korisnik
case-where--client-version = aplikacija Webex › slika profila › Pomoć › O aplikaciji; samo za pogreške aplikacije
case-where--time-frame = pitajte korisnika: dan, sat, vremenska zona
help-case--tracking-id = ID za praćenje koji prikazuje poruka o pogrešci ili zaslon
help-case--answers = Odgovori koje je „explain activation” ili „explain order” zapisao s --save
help-case--interactive = Na terminalu pitaj za ono što nedostaje
error-interactive = --interactive treba terminal: nema nikoga tko bi odgovorio
    .hint = Pokrenite program na terminalu bez preusmjeravanja ulaza ili izlaza pogrešaka ili navedite podatke opcijama kao što je --customer-org.
error-case-tracking = { $flag }: „{ $value }” nije ID za praćenje
    .hint = ID za praćenje izgleda kao ATLAS_0a1b2c3d-1111-4222-8333-444455556666 ili ima 32 heksadecimalne znamenke.
error-case-answers = { $path } nije datoteka s odgovorima: { $reason }
    .hint = Zapišite je s „w4b-diag explain activation --save DATOTEKA” ili „explain order --save DATOTEKA”.
bundle-why-dialogue = Pitanja i odgovori vođenog dijaloga
prompt-default = { $question } [{ $default }]:
prompt-open = { $question } (Enter: preskoči):
prompt-choices = { $question } ({ $choices })
prompt-number = Broj { $choices }
prompt-yes-no = da/ne
prompt-error-offered = „{ $answer }” nije jedan od odgovora
    .hint = Moguće: { $offered }
prompt-error-date = „{ $answer }” nije datum
    .hint = Napišite godina-mjesec-dan, na primjer 2026-11-22.
prompt-error-file = „{ $answer }” nije datoteka
    .hint = Navedite putanju slike ili pritisnite Enter za nastavak.
prompt-error-partner-org = „{ $answer }” je Vaša vlastita partnerska organizacija
    .hint = Traži se organizacija kupca.
prompt-error-version = Verzija klijenta „{ $answer }” ne postoji
    .hint = Verzije aplikacije Webex sastoje se od godine, mjeseca, zakrpe i izdanja, na primjer 46.10.0.33788.
prompt-error-time = „{ $answer }” nije vrijeme
    .hint = Napišite 2026-11-20T10:00:00+01:00, ili 2026-11-20 10:00 za UTC.
prompt-error-future = „{ $answer }” je u budućnosti
    .hint = Provjerite dan, mjesec i vremensku zonu.
prompt-error-release = „{ $answer }” nije izdanje BroadWorksa
    .hint = Na primjer 25.0, Rel_25.0_1.944 ili 2022.11; pokazuje ga „bwshowver” na poslužitelju.
dialogue-text = Zalijepite tekst pogreške kako je prikazan; završava praznim retkom.
dialogue-screenshot = Slika zaslona za prilog (putanja):
dialogue-since = Kada je počelo? (2026-11-20 10:00 je UTC; inače s vremenskom zonom)
dialogue-until = Do kada?
dialogue-release = Izdanje BroadWorksa poslužitelja „{ $role }”
dialogue-untrusted-emails = Je li u predlošku, u odjeljku Provjera korisnika, odabrano „Nepouzdane e-pošte”?
dialogue-share-link = Pokazuje li ondje „Zajednička veza” na vezu za aktivaciju?
dialogue-retried = Je li korisnik na Portalu za aktivaciju korisnika jednom kliknuo „Pokušaj ponovno”?
dialogue-user-status = Što o korisniku kaže „Pokaži status korisnika”?
dialogue-state = { $state ->
        [provisioned] dodijeljeni su mu resursi
        [pending] zahtjev je na čekanju
        [error] pogreška
       *[absent] korisnika nema na popisu
    }
dialogue-onboarded = Je li organizacija već u Control Hubu (točka bez povratka)?
dialogue-requested-start = Traženi datum početka narudžbe (RSD)
dialogue-line = Stanje stavke narudžbe u CCW-u:
dialogue-line-state = { $state ->
        [pending] Pojedinosti o dodjeli resursa na čekanju
       *[closed] Zatvoreno
    }
dialogue-offer = Što je naručeno?
dialogue-offer-name = { $offer ->
        [a-flex] A-Flex ili A-Flex-3 (zatvara se nakon { $days } dana)
       *[other] druga ponuda za suradnju (zatvara se nakon { $days } dana)
    }
dialogue-ccw-access = Možete li sami ponovno poslati e-poruku u CCW-u?
dialogue-resend-failed = Je li ponovno slanje pokušano i nije uspjelo?
check-release-patch = Zakrpe koje Webex treba instalirane su, a poslužitelji su usklađeni
release-patch--ok = { $subject }: zakrpa { $patch } je instalirana
    .detail = { $purpose ->
        [flow-through] Treba je protočno dodjeljivanje resursa.
       *[other] Treba je Webex za BroadWorks.
    }
release-patch--older = { $subject }: razina zakrpa { $highest } starija je od { $patch }
    .detail = { $purpose ->
        [flow-through] Protočno dodjeljivanje resursa treba { $patch }; najviša viđena zakrpa je { $highest }.
       *[other] Webex za BroadWorks treba { $patch }; najviša viđena zakrpa je { $highest }.
    }
    .remedy = Ispišite zakrpe na poslužitelju (Maintenance/Patching u CLI-ju). Ako nedostaje, instalirajte { $patch } ili aktualni paket zakrpa.
release-patch--unseen = { $subject }: zakrpa { $patch } nije viđena
    .detail = { $purpose ->
        [flow-through] Treba je protočno dodjeljivanje resursa. Viđene su kasnije zakrpe (do { $highest }), ali svaka se instalira zasebno.
       *[other] Treba je Webex za BroadWorks. Viđene su kasnije zakrpe (do { $highest }), ali svaka se instalira zasebno.
    }
    .remedy = Ispišite zakrpe na poslužitelju (Maintenance/Patching u CLI-ju) i potražite { $patch }.
release-patch--same = Poslužitelji su na istoj razini: { $levels }
    .detail = Uspoređeno prema izdanju i najvišoj viđenoj zakrpi.
release-patch--differs = Poslužitelji se razlikuju: { $levels }
    .detail = Uspoređeno prema izdanju i najvišoj viđenoj zakrpi. To može biti namjerno.
    .remedy = Usporedite s matricom kompatibilnosti BroadWorksa. Ako je neki poslužitelj pri ažuriranju zaboravljen, dovedite ga na razinu ostalih.
check-unclear = nejasno: { $value }
check-where = { $needed ->
        [yes] nedostaje → { $place }
       *[no] nema → { $place }
    }

## collect

progress-collect = prikupljanje
error-case-org = { $flag }: „{ $value }” nije ID organizacije
    .hint = ID organizacije ima 32 heksadecimalne znamenke odvojene crticama, kako ga Control Hub prikazuje pod „Račun”.
error-case-release = --broadworks-release: „{ $value }” nije ULOGA=IZDANJE
    .hint = Na primjer: --broadworks-release as=25.0
error-case-email = { $flag }: „{ $value }” nije adresa e-pošte
    .hint = Navedite adresu kojom se korisnik prijavljuje u Webex, na primjer user@example.com.
error-case-time = konfiguracija, [case] { $key }: „{ $value }” nije vrijeme
    .hint = Napišite ga prema RFC 3339 s vremenskom zonom, na primjer 2026-11-20T08:00:00Z.
error-case-frame = razdoblje završava prije nego što počinje
    .hint = Zamijenite --since i --until ili provjerite vremenske zone.
error-case-nothing = nema se što pregledati
    .hint = Navedite tekst pogreške (--text DATOTEKA, „-” za standardni ulaz), zapisnik, izvoz ili XSP, ili konfiguraciju s --config.
error-case-terminal = standardni ulaz je terminal, a ništa nije upisano
    .hint = Zalijepite tekst pogreške i završite ga s Ctrl-D u zasebnom retku ili navedite datoteku.
error-xsp-address = konfiguracija, [[xsp]] { $host }: „{ $address }” nije IP adresa
    .hint = Pod „addresses” upišite IPv4 ili IPv6 adrese ili izostavite ključ da bi se pitao DNS.
error-xsp-half-identity = konfiguracija, [[xsp]] { $host }: client_cert i client_key idu zajedno
    .hint = Navedite obje datoteke ili nijednu.
error-no-network = nije upitano: mreža je isključena za ovo pokretanje
    .hint = Pokrenite ponovno bez --no-network ili navedite spremljeni odgovor kao datoteku.
error-collect-internal = dio programa nije uspio: { $part }
    .hint = Ostatak izvješća vrijedi. Prijavite ovo s ispisom opcije --verbose.
error-attachment-kind = nije slika; ono što se ne može pregledati zbog tajni ne pakira se
    .hint = Priložite PNG, JPEG, GIF ili WebP. Tekstovi, zapisnici i arhive idu uz --log ili --text.
error-attachment-read = ne može se pročitati: { $reason }
    .hint = Provjerite putanju i dopuštenja.
bundle-incomplete--input = Izostavljeno: { $subject }
    .detail = { $cause }
    .remedy = { $hint }
check-readiness = Spremno za zahtjev za uslugu?
check-value = { $value } ({ $source })
check-more = i još { $count }
check-time-frame = { $first } do { $last }
bundle-why-status = Odgovor stranice stanja, kako je primljen
bundle-why-status-record = Kako je upitana stranica stanja i što je iz toga proizašlo
bundle-why-chain = Certifikati kako ih je poslužitelj predočio
bundle-why-observation = Što je viđeno na ovoj krajnjoj točki
bundle-why-certificate = Certifikat instaliran na XSP-u
bundle-why-trust = Sidra povjerenja za uzajamni TLS
bundle-why-users = Izvoz korisnika, redigiran
bundle-why-text = Tekst pogreške, redigiran
bundle-why-log = Zapisnik, redigiran
bundle-why-attachment = Privitak; slika se ne može pregledati zbog tajni
bundle-why-problem = Nije se moglo prikupiti
bundle-why-request = Tekst za lijepljenje u zahtjev za uslugu
bundle-why-markdown = Tekst zahtjeva za uslugu kao Markdown
bundle-why-html = Izvješće kao stranica
bundle-why-json = Izvješće za programe
bundle-why-handover = Isti tekst na jeziku agenta
bundle-reason-private-key = { $count ->
    [one] datoteka je sadržavala i { $count } privatni ključ, koji nije zapakiran; zamijenite ga ako je datoteka dijeljena
    [few] datoteka je sadržavala i { $count } privatna ključa, koji nisu zapakirani; zamijenite ih ako je datoteka dijeljena
   *[other] datoteka je sadržavala i { $count } privatnih ključeva, koji nisu zapakirani; zamijenite ih ako je datoteka dijeljena
 }
bundle-declined = ništa nije zapisano
bundle-map-written = Privatna tablica zapisana je u { $path }; čuvajte je i nikada je ne šaljite.
bundle-written = Paket: { $path } (datoteka: { $files }, { $kilobytes } kB). Zalijepite service-request.txt u zahtjev za uslugu i priložite zip.
bundle-encrypted = Paket je šifriran. { $count ->
        [one] Može ga otvoriti samo vlasnik tajnog ključa primatelja { $recipients }
        [few] Mogu ga otvoriti samo vlasnici tajnih ključeva primatelja { $recipients }
       *[other] Mogu ga otvoriti samo vlasnici tajnih ključeva primatelja { $recipients }
    }: age --decrypt --identity KLJUČ --output { $zip } { $path }. Cisco TAC ne može, osim ako je neki ključ njihov.
bundle-signed = Potpis: { $path } (ključ { $key }). Pošaljite ga zajedno s paketom.
bundle-ask = Zapakirati ove datoteke? [d/N]
bundle-ask-yes = d da y yes
preview-title = Što bi se dijelilo
preview-file = { $path } ({ $kilobytes } kB)
preview-withheld = izostavljeno: { $reason }
preview-redacted = redigirano: { $count } × { $kind ->
    [tracking-id] ID-ovi praćenja
    [customer-org] ID-ovi organizacije kupca
    [partner-org] ID-ovi partnerske organizacije
    [org] ID-ovi organizacija
    [user-id] ID-ovi korisnika
    [broadworks-user-id] BroadWorks ID-ovi korisnika
    [email] adrese e-pošte
    [client-version] verzije klijenta
    [broadworks-release] BroadWorks izdanja
    [control-hub-build] verzije Control Huba
    [error-code] kodovi pogrešaka
    [timestamp] vremenske oznake
    [call-id] Call-ID-ovi
    [device-id] ID-ovi uređaja
    [fingerprint] otisci
    [token] pristupni tokeni
    [jwt] JSON web tokeni
    [password] lozinke i tajne
    [cookie] kolačići i ID-ovi sesija
    [sip-digest] polja SIP digest
    [signed-url] parametri potpisanih URL-ova
    [private-key] privatni ključevi
    [phone] telefonski brojevi
    [person-name] imena osoba
    [ip-address] IP adrese
    [mac-address] MAC adrese
    [host-name] nazivi računala
   *[custom] vlastiti uzorci
 }
preview-also = Uz njih dolaze README.txt (kako čitati paket) i manifest.json (svaka datoteka sa SHA-256, izvorom, vremenom i redakcijama). Oboje nastaje pri pakiranju.
preview-total = Datoteka: { $files }, { $kilobytes } kB, redigiranih vrijednosti: { $redactions }. Ništa nije zapisano.

## users

users-error-empty = datoteka je prazna
    .hint = Ponovno izvezite popis: Partner Hub, predložak, Pokaži status korisnika, Izvoz.
users-error-binary = datoteka nije tekst
    .hint = Spremite tablicu kao CSV (UTF-8) i predajte tu datoteku.
users-error-columns = broj stupaca u datoteci: { $count }
    .hint = To nije popis korisnika. Provjerite koja je datoteka navedena.
users-error-read = { $path } se ne može pročitati: { $reason }
    .hint = Provjerite putanju i prava datoteke.
users-error-directory = { $path } je direktorij
    .hint = Navedite CSV datoteku u njemu.
users-error-too-large = { $path } je prevelika: { $bytes } bajtova
    .hint = Podijelite datoteku ili izvezite manje korisnika.
users-summary = { $file }: { $kind ->
        [user-status] status korisnika
        [bulk-users] skupni korisnici
       *[unknown] vrsta nije prepoznata
    }, { $count ->
        [one] { $count } redak
        [few] { $count } retka
       *[other] { $count } redaka
    }
users-counts = dodijeljeno { $provisioned } · na čekanju { $pending } · zapelo { $stuck } · neuspjelo { $failed } · nerazumljivo { $unknown }
users-group = { $count ->
        [one] { $count } korisnik
        [few] { $count } korisnika
       *[other] { $count } korisnika
    }: { $cause }
users-group-more = { $count ->
        [one] … i još { $count }
       *[other] … i još { $count }
    }
users-cause-none = bez teksta pogreške
users-cause-pending = još na čekanju
users-cause-stuck = predugo na čekanju
users-cause-status = status koji se ne razumije
users-see = Više: w4b-diag explain { $id }
users-action = { $action ->
        [delete-user] Otklonite uzrok, zatim Partner Hub, Pokaži status korisnika, tri točke: Izbriši korisnika; korisnik se može ponovno uključiti.
        [change-package] Partner Hub, Pokaži status korisnika, tri točke: Promjena vrste paketa (ili uklonite paket i dodijelite ga ponovno).
        [retry-activation] Partner Hub, Pokaži status korisnika, tri točke: Ponovni pokušaj aktivacije, s valjanom adresom e-pošte.
        [copy-error-text] Partner Hub, Pokaži status korisnika, tri točke: Kopiraj tekst pogreške; pripada u zahtjev za uslugu.
        [ask-user] Zamolite korisnika da unese ili potvrdi adresu e-pošte; zatim Ponovni pokušaj aktivacije.
        [wait] Pričekajte nekoliko minuta i ponovno izvezite.
       *[none] Ništa ne treba učiniti.
    }
user-error = { $subject }: dodjela resursa nije uspjela
    .detail = { $text ->
        [some] Redak { $line }: { $error }
       *[none] Redak { $line }, status „{ $status }”, bez teksta pogreške.
    }
    .remedy = { users-action }
user-error--ok = Nijedan korisnik nije neuspio, na čekanju ni naveden dvaput
    .detail = { $count ->
        [one] { $count } korisnik u datoteci.
        [few] { $count } korisnika u datoteci.
       *[other] { $count } korisnika u datoteci.
    }
user-error--status = { $subject }: status „{ $status }” se ne razumije
    .detail = Redak { $line }. Nije poznato radi li ovaj korisnik.
    .remedy = Pogledajte u Partner Hubu, Pokaži status korisnika.
user-error--more = { $count ->
        [one] još { $count } neuspjeli korisnik
        [few] još { $count } neuspjela korisnika
       *[other] još { $count } neuspjelih korisnika
    }
    .detail = Ovdje nisu navedeni pojedinačno; svi su u podacima izvješća i u --format csv.
    .remedy = Rješavajte uzroke po skupinama.
user-pending = { $subject }: na čekanju
    .detail = { $known ->
        [yes] Redak { $line }, status „{ $status }” već { $minutes } min.
       *[no] Redak { $line }, status „{ $status }”. Od kada, datoteka ne kaže.
    }
    .remedy = { users-action }
user-pending--more = { $count ->
        [one] još { $count } korisnik na čekanju
        [few] još { $count } korisnika na čekanju
       *[other] još { $count } korisnika na čekanju
    }
    .detail = Ovdje nisu navedeni pojedinačno; svi su u podacima izvješća i u --format csv.
    .remedy = Pričekajte nekoliko minuta i ponovno izvezite.
user-stuck = { $subject }: predugo na čekanju
    .detail = Redak { $line }, status „{ $status }” već { $minutes } min. Dodjela resursa traje nekoliko minuta.
    .remedy = { users-action }
user-stuck--more = { $count ->
        [one] još { $count } korisnik predugo na čekanju
        [few] još { $count } korisnika predugo na čekanju
       *[other] još { $count } korisnika predugo na čekanju
    }
    .detail = Ovdje nisu navedeni pojedinačno; svi su u podacima izvješća i u --format csv.
    .remedy = Ponovite aktivaciju; ako ih je mnogo, provjerite stranicu statusa.
user-duplicate = { $field ->
        [email] Adresa e-pošte { $value } navedena je dvaput
       *[broadworks_id] BroadWorks ID { $value } naveden je dvaput
    }
    .detail = U retcima { $earlier } i { $line }.
    .remedy = Može je imati samo jedan korisnik. Utvrdite koji je ispravan i izbrišite drugoga.
user-duplicate--more = { $count ->
        [one] još { $count } duplikat
        [few] još { $count } duplikata
       *[other] još { $count } duplikata
    }
    .detail = Ovdje nisu navedeni pojedinačno.
    .remedy = Razvrstajte datoteku po tom stupcu da biste ih vidjeli.

csv-encoding = Redak { $line } sadrži znakove koji se ne mogu pročitati
    .detail = Prikazani su kao �; sve ostalo je pročitano.
    .remedy = Spremite datoteku kao UTF-8 i provjerite ovaj redak.
csv-encoding--open-quote = Redak { $line }: navodnik nije zatvoren
    .detail = Redak je pročitan bez navodnika pa nijedan redak nije izgubljen. Control Hub bi progutao sljedeće retke.
    .remedy = Zatvorite ili uklonite navodnik u ovom retku.
csv-encoding--cells = { $found ->
        [one] Redak { $line } ima { $found } ćeliju umjesto { $expected }
        [few] Redak { $line } ima { $found } ćelije umjesto { $expected }
       *[other] Redak { $line } ima { $found } ćelija umjesto { $expected }
    }
    .detail = Ćelije možda stoje u pogrešnim stupcima.
    .remedy = Potražite razdjelnik koji nedostaje ili je suvišan u ovom retku; ćelije s razdjelnikom stavite u navodnike.
csv-encoding--guessed = Kodiranje je procijenjeno: { $encoding }
    .detail = Datoteka nema oznaku redoslijeda bajtova i nije UTF-8.
    .remedy = Ako slova izgledaju pogrešno, spremite datoteku kao UTF-8.
csv-encoding--huge = Redak { $line }, stupac „{ $column }”: ćelija od { $bytes } bajtova
    .detail = Nijedno polje korisnika nije tako dugo; možda je zalijepljen cijeli zapis.
    .remedy = Provjerite ovu ćeliju.
csv-encoding--header = Nijedan stupac zaglavlja se ne razumije
    .detail = Redak { $line }: { $names }
    .remedy = Provjerite je li to popis korisnika, je li prvi redak zaglavlje i je li razdjelnik zarez, točka sa zarezom, tabulator ili okomita crta.
csv-encoding--more = { $count ->
        [one] još { $count } pogreška u datoteci
        [few] još { $count } pogreške u datoteci
       *[other] još { $count } pogrešaka u datoteci
    }
    .detail = Ovdje nisu navedene pojedinačno.
    .remedy = Ispravite prve i provjerite ponovno.
csv-missing-field = Redak { $line }: nedostaje { $field ->
        [email] adresa e-pošte
        [extension] kućni broj ili telefonski broj
        [location] lokacija
        [jabber_calling] Jabber Calling
        [jabber_teams] Jabber s Webex Teams
       *[other] „{ $column }”
    }
    .detail = { $why ->
        [always] Obvezno u svakom retku.
       *[package] Obvezno za { $packages }.
    }
    .remedy = Ispunite stupac „{ $column }”, inače uvoz javlja pogrešku.
csv-missing-field--column = Nedostaje stupac: { $field ->
        [email] adresa e-pošte
        [extension] kućni broj ili telefonski broj
        [location] lokacija
        [jabber_calling] Jabber Calling
       *[jabber_teams] Jabber s Webex Teams
    }
    .detail = Obvezan je za pakete u ovoj datoteci.
    .remedy = Dodajte stupac; najbolje je početi od CSV predloška koji Control Hub nudi za preuzimanje.
csv-missing-field--site = Redak { $line }: nema preferiranog mjesta Webexa
    .detail = Uvoz ne javlja pogrešku, ali mjesto za sastanke korisnika kasnije stvara poteškoće.
    .remedy = Ispunite preferirano mjesto Webexa za sve pakete osim Webex Voice.
csv-missing-field--ok = Nijedno obvezno polje ne nedostaje i nijedna vrijednost nije pogrešna
    .detail = { $count ->
        [one] Provjeren { $count } redak.
        [few] Provjerena { $count } retka.
       *[other] Provjereno { $count } redaka.
    }
csv-missing-field--more = { $count ->
        [one] još { $count } polje koje nedostaje
        [few] još { $count } polja koja nedostaju
       *[other] još { $count } polja koja nedostaju
    }
    .detail = Ovdje nisu navedena pojedinačno.
    .remedy = Ispravite prva i provjerite ponovno.
csv-invalid-value--email = Redak { $line }: „{ $value }” nije valjana adresa e-pošte
    .detail = Stupac „{ $column }”. Potrebni su jedan @, domena s točkom, bez razmaka i bez dijakritičkih znakova.
    .remedy = Ispravite adresu.
csv-invalid-value--email-plus = Redak { $line }: adresa e-pošte { $value } sadrži „+”
    .detail = Stupac „{ $column }”. S takvom adresom pokretanje sastanka ne uspijeva.
    .remedy = Upotrijebite adresu bez „+”.
csv-invalid-value--number = Redak { $line }: „{ $value }” nije telefonski broj
    .detail = Stupac „{ $column }”. Dopušteni su + na prvom mjestu, 7 do 15 znamenki i -.
    .remedy = Napišite prema E.164, na primjer +38512345678.
csv-invalid-value--number-no-plus = Redak { $line }: { $value } nema pozivni broj države
    .detail = Stupac „{ $column }”. Broj počinje s + i pozivnim brojem države.
    .remedy = Napišite prema E.164, na primjer +38512345678.
csv-invalid-value--number-scientific = Redak { $line }: program za tablice pokvario je broj { $value }
    .detail = Stupac „{ $column }”. Posljednje znamenke su izgubljene.
    .remedy = Oblikujte stupac u tablici kao tekst, ponovno unesite brojeve i spremite.
csv-invalid-value--boolean = Redak { $line }: „{ $value }” nije ni TRUE ni FALSE
    .detail = Stupac „{ $column }”.
    .remedy = Napišite TRUE ili FALSE.
csv-invalid-value--boolean-language = Redak { $line }: „{ $value }” umjesto TRUE ili FALSE
    .detail = Stupac „{ $column }”. Programi za tablice prevode TRUE i FALSE; Control Hub očekuje engleske riječi.
    .remedy = Napišite TRUE ili FALSE; stupac prije toga oblikujte kao tekst.
csv-invalid-value--extension = Redak { $line }: „{ $value }” nije kućni broj
    .detail = Stupac „{ $column }”. Kućni broj ima samo znamenke, najviše deset.
    .remedy = Ispravite kućni broj.
csv-invalid-value--more = { $count ->
        [one] još { $count } nevažeća vrijednost
        [few] još { $count } nevažeće vrijednosti
       *[other] još { $count } nevažećih vrijednosti
    }
    .detail = Ovdje nisu navedene pojedinačno.
    .remedy = Ispravite prve i provjerite ponovno.
csv-package-conflict = Redak { $line }: više paketa odjednom: { $packages }
    .detail = Korisnik ima jedan veleprodajni paket.
    .remedy = Ostavite TRUE kod jednog paketa, a ostale postavite na FALSE.
csv-package-conflict--removal-incomplete = Redak { $line }: ni izbrisan ni dodijeljen
    .detail = Neki stupci paketa su FALSE, a ostali prazni.
    .remedy = Za brisanje korisnika postavite sve stupce paketa na FALSE; da ga zadržite, jedan na TRUE.
csv-package-conflict--base = Redak { $line }: osnovna licenca „{ $licence }” uz paket
    .detail = Korisnik je dobiva dodatno uz paket.
    .remedy = Ako to ne želite, postavite je na FALSE.
csv-package-conflict--removals = { $count ->
        [one] { $count } korisnik bit će izbrisan iz organizacije kupca
        [few] { $count } korisnika bit će izbrisana iz organizacije kupca
       *[other] { $count } korisnika bit će izbrisano iz organizacije kupca
    }
    .detail = Svi stupci paketa u tim su retcima FALSE.
    .remedy = Provjerite je li to namjera.
csv-package-conflict--behaviour = Pri uvozu odaberite „Dodaj i ukloni usluge”
    .detail = Inače se uz paket dodjeljuju i Basic Messaging, Basic Space Meetings i Call on Webex.
    .remedy = Control Hub, Korisnici, Upravljanje korisnicima, CSV dodaj ili uredi, ponašanje pri uvozu CSV-a.
csv-package-conflict--more = { $count ->
        [one] još { $count } sukob paketa
        [few] još { $count } sukoba paketa
       *[other] još { $count } sukoba paketa
    }
    .detail = Ovdje nisu navedeni pojedinačno.
    .remedy = Ispravite prve i provjerite ponovno.
help-users--file = CSV datoteka iz Partner Huba ili Control Huba; - čita standardni ulaz
help-users--exclude-provisioned = Izuzmi korisnike kojima su resursi dodijeljeni
users-error-overwrite = { $path } je izvornik; ispravljena kopija ne zapisuje se preko njega
    .hint = Navedite drugu datoteku uz --write-corrected.
users-error-no-import = { $path } nije datoteka za skupni uvoz: nema se što ispraviti
    .hint = Ispravljaju se samo datoteke za uvoz u Control Hub; izvoz pokazuje postojeće stanje.
users-corrected = { $count ->
        [one] Ispravljena kopija: { $path } ({ $count } promjena)
        [few] Ispravljena kopija: { $path } ({ $count } promjene)
       *[other] Ispravljena kopija: { $path } ({ $count } promjena)
    }
users-change = { $kind ->
        [delimiter] cijela datoteka: razdjelnik „{ $before }” → „{ $after }”
        [encoding] cijela datoteka: kodiranje { $before } → { $after }
        [cells] redak { $line }: { $before } → { $after } ćelija, nove su prazne
       *[other] redak { $line }, stupac „{ $column }”: „{ $before }” → „{ $after }”
    }
users-change-more = { $count ->
        [one] … i još { $count } promjena; sve su u --format json
        [few] … i još { $count } promjene; sve su u --format json
       *[other] … i još { $count } promjena; sve su u --format json
    }
users-corrected-left = { $count ->
        [0] Ništa više ne treba ručno ispraviti.
        [one] Ostaje { $count } problem koji bi se mogao samo nagađati: ispravite ga ručno i ponovno provjerite kopiju.
        [few] Ostaju { $count } problema koji bi se mogli samo nagađati: ispravite ih ručno i ponovno provjerite kopiju.
       *[other] Ostaje { $count } problema koji bi se mogli samo nagađati: ispravite ih ručno i ponovno provjerite kopiju.
    }
help-users--write-corrected = Zapiši ispravljenu kopiju datoteke za skupni uvoz: ono što se može ispraviti bez nagađanja

## catalogue

catalogue-error-read = katalog { $path } ne može se pročitati: { $reason }
    .hint = Provjerite [catalogue] dir u konfiguraciji: navodi direktorij s datotekama *.toml.
catalogue-error-syntax = datoteka kataloga { $path } nije valjana: { $reason }
    .hint = Svaki [[entry]] treba id, owner i meaning; oblik pokazuju datoteke u izvornom kodu programa.
catalogue-error-twice = datoteka kataloga { $path } po drugi put sadrži id { $id }
    .hint = Svakom unosu dajte vlastiti id.
catalogue-error-too-large = { $path } je prevelik za katalog
    .hint = Datoteka smije imati 1 MiB, a direktorij tisuću datoteka.

catalogue-collect--provisioning = BroadWorks ID i adresu e-pošte korisnika, ID organizacije kupca, naziv predloška, cijeli tekst pogreške s ID-om za praćenje (Kopiraj tekst pogreške) i PSLog aplikacijskog poslužitelja iz tog vremena.
catalogue-collect--csv = Redak CSV datoteke (sa zaglavljem), popis pogrešaka koji Control Hub izvozi nakon uvoza, ID za praćenje i ID organizacije kupca.
catalogue-collect--client = Adresu e-pošte korisnika, platformu i verziju aplikacije Webex, vrijeme, kod s prikazanim tekstom (snimka zaslona) i zapise klijenta.
catalogue-collect--tls = Ispis naredbe „w4b-diag certs” za XSP, vrijeme kvara i retke zapisa XSP-a iz tog vremena (XsiActionsLog, zapis authenticationService).
catalogue-collect--order = Broj narudžbe, ID pretplate, ime i adresu e-pošte kontakta za dodjelu resursa, stanje stavke narudžbe i snimke zaslona.
catalogue-collect--nothing = Ništa; za ovo nije potreban zahtjev za uslugu.
catalogue-collect--unknown = Kod i cijeli tekst kako je prikazan, ID za praćenje, vrijeme, adresu e-pošte korisnika, ID organizacije kupca i partnera te verziju klijenta koji ga prikazuje.

catalogue-broadworks-id-taken = BroadWorks ID korisnika već pripada drugom korisniku Webexa.
    .cause = Pretplatnik je s tim BroadWorks ID-om već bio uključen, možda s drugom adresom e-pošte ili u drugoj organizaciji kupca.
    .steps =
        Partner Hub, predložak za uključivanje, Pokaži status korisnika: potražite BroadWorks ID.
        Ako je postojeći korisnik onaj pravi, zadržite ga; ništa ne treba dodjeljivati.
        Ako nije, ondje izbrišite starog korisnika (Izbriši korisnika) pa ga ponovno uključite s valjanom adresom e-pošte.
        Ako nije na popisu, otvorite zahtjev za uslugu: možda je u organizaciji koju ne vidite.
    .collect = { catalogue-collect--provisioning }
catalogue-null-parameter = Obvezna vrijednost u zahtjevu za dodjelu resursa je prazna.
    .cause = Zahtjevu nedostaje vrijednost koju Webex treba, na primjer adresa e-pošte ili ime korisnika.
    .steps =
        Usporedite zahtjev ili podatke korisnika u BroadWorksu s onim što API traži: ID korisnika, tvrtka, ime, paket i adresa e-pošte ako je predložak treba.
        Dopunite što nedostaje i pošaljite ponovno.
    .collect = { catalogue-collect--provisioning }
catalogue-parameter-size = Vrijednost u zahtjevu za dodjelu resursa je preduga ili prekratka.
    .cause = Jedno od polja ima više znakova nego što je dopušteno ili nijedan.
    .steps =
        U podacima korisnika potražite neobično dugo ime, adresu ili ID korisnika.
        Skratite i pošaljite zahtjev ponovno.
    .collect = { catalogue-collect--provisioning }
catalogue-precheck-success = Nije pogreška: prethodna provjera dodjele resursa je uspjela.
    .cause = Pretplatniku bi se resursi vjerojatno dodijelili bez pogreške.
    .steps =
        Nastavite s dodjelom resursa.
        Sama prethodna provjera ništa ne dodjeljuje.
    .collect = { catalogue-collect--nothing }
catalogue-wholesale-2560 = Webex to u ovom trenutku nije mogao izvršiti; i sam tekst pogreške upućuje na stranicu statusa i novi pokušaj.
    .cause = Privremeni kvar na strani Webexa.
    .steps =
        Provjerite stranicu statusa: w4b-diag status
        Ako je incident otvoren, pričekajte da se zatvori.
        Pokušajte ponovno. Ako opet ne uspije, a nema otvorenog incidenta, otvorite zahtjev za uslugu.
    .collect = { catalogue-collect--provisioning }
catalogue-messaging-server = BroadWorks se nije mogao prijaviti u Webex radi dodjele resursa korisniku.
    .cause = Korisničko ime, lozinka ili URL usluge Integrated IM&P na aplikacijskom poslužitelju ne odgovaraju računu, lozinki i URL-u za dodjelu resursa u predlošku.
    .steps =
        Partner Hub, Postavke, BroadWorks Calling, Prikaz predložaka: otvorite predložak i zabilježite račun i URL.
        Usporedite ih s postavkama usluge Integrated IM&P na aplikacijskom poslužitelju. U slučaju dvojbe ponovno postavite lozinku na obje strane.
        Jednom korisniku ponovno dodijelite Integrated IM&P i pročitajte PSLog.
    .collect = { catalogue-collect--provisioning }
catalogue-url-exists = Adresu e-pošte već upotrebljava drugi korisnik.
    .cause = Drugi korisnik, često raniji korisnik iste osobe, ima tu adresu u BroadWorksu ili Webexu (409 Conflict).
    .steps =
        Control Hub kupca, Korisnici: potražite adresu e-pošte.
        Uklonite starijeg korisnika ili za novog upotrijebite drugu adresu.
        Zatim ponovite aktivaciju.
    .collect = { catalogue-collect--provisioning }
catalogue-extension-taken = Kućni broj već je dodijeljen nekome drugome.
    .cause = Ima ga drugi korisnik, radni prostor ili značajka lokacije. Tekst pogreške često navodi tko.
    .steps =
        Utvrdite tko ima kućni broj (broj na kraju teksta pogreške ili Control Hub, Calling, Brojevi).
        Odaberite slobodan kućni broj ili ga oduzmite drugome.
        Ponovno spremite ili uvezite.
    .collect = { catalogue-collect--csv }
catalogue-services-not-authorized = Korisnik ima usluge za koje nova grupa nije ovlaštena.
    .cause = Pri premještanju u drugu grupu ili lokaciju usluge u zagradama dodijeljene su korisniku, ali nisu odobrene na odredištu.
    .steps =
        Zabilježite usluge u zagradama na kraju pogreške.
        Odobrite ih u odredišnoj grupi ili ih oduzmite korisniku.
        Ponovno premjestite korisnika.
    .collect = { catalogue-collect--provisioning }
catalogue-outbound-proxy = Webex nije mogao pročitati izlazni proxy grupe u BroadWorksu.
    .cause = Zajedno viđeno: CPAPI 25013 i „[Error 26088] Cloud PBX Console is not configured properly”. Što točno nije u redu, nije dokumentirano.
    .steps =
        Provjerite pogađa li to jednu grupu ili sve i od kada.
        Provjerite stranicu statusa.
        Otvorite zahtjev za uslugu s oba koda i cijelim tekstom.
    .collect = { catalogue-collect--provisioning }
catalogue-number-invalid = Telefonski broj nije valjan.
    .cause = Dopušteni su + na prvom mjestu, znamenke i -; brojevi se pišu prema E.164, na primjer +38512345678.
    .steps =
        Ispravite broj: s pozivnim brojem države, bez razmaka i slova. Programi za tablice rado od njega naprave 3,85123E+10: oblikujte stupac kao tekst.
        Provjerite datoteku naredbom „w4b-diag users DATOTEKA” pa ponovno uvezite.
    .collect = { catalogue-collect--csv }
catalogue-number-taken = Telefonski broj već je dodijeljen.
    .cause = Ima ga drugi korisnik, radni prostor ili značajka; nije među nedodijeljenim brojevima lokacije.
    .steps =
        Control Hub, Calling, Brojevi: potražite broj i pogledajte tko ga ima.
        Ondje uklonite dodjelu ili odaberite nedodijeljen broj.
        Ponovno uvezite ili spremite.
    .collect = { catalogue-collect--csv }
catalogue-invitation-suppressed = Pozivnica nije poslana jer ju je korisnik dobio u posljednja 24 sata.
    .cause = Webex korisniku šalje najviše jednu pozivnicu na dan.
    .steps =
        Zamolite korisnika da potraži raniju pozivnicu, i u neželjenoj pošti.
        Po potrebi je pošaljite ponovno nakon 24 sata.
    .collect = { catalogue-collect--nothing }
catalogue-licence-calling-mix = Licence Webex Calling Professional i Standard međusobno se isključuju.
    .cause = Korisnik ne može imati obje, a Professional se ne može promijeniti u Standard.
    .steps =
        Uklonite jednu od njih iz zahtjeva ili retka CSV-a.
        Za prijelaz s Professional na Standard najprije uklonite prvu i spremite, pa dodijelite drugu.
    .collect = { catalogue-collect--csv }
catalogue-licence-needs-professional = Dodatna licenca treba Webex Calling Professional.
    .cause = Attendant Console ili Customer Experience Essentials ne idu uz Webex Calling Standard ili licenca Professional nedostaje.
    .steps =
        Korisniku najprije dodijelite Webex Calling Professional.
        Zatim dodijelite dodatnu licencu.
    .collect = { catalogue-collect--csv }
catalogue-licence-messenger = Licencama za Messenger ne može se upravljati na ovaj način.
    .cause = Zahtjev sadrži licencu za Messenger, što upravljanje korisnicima ne podržava.
    .steps =
        Uklonite licencu za Messenger iz zahtjeva i pošaljite ponovno.
    .collect = { catalogue-collect--csv }
catalogue-licence-attendee-site = Mjesto za sastanke u zahtjevu nije valjano za sudionike.
    .cause = Jedan od URL-ova mjesta pogrešno je napisan ili ne pripada organizaciji.
    .steps =
        Control Hub, Usluge, Sastanci, Mjesta: usporedite naziv slovo po slovo.
        Ispravite i pošaljite zahtjev ponovno.
    .collect = { catalogue-collect--csv }
catalogue-licence-other = Licence u zahtjevu ne idu zajedno; što ovaj kod točno znači, ovdje nije poznato.
    .cause = Kod pripada pogreškama licenci od 400404 do 400413. Njegov tekst nije pronađen u javnoj dokumentaciji.
    .steps =
        Pročitajte tekst uz kod: navodi licence.
        Dodijelite licence jednu po jednu kako biste našli odbijenu.
        Ako tekst ne pomaže, otvorite zahtjev za uslugu.
    .collect = { catalogue-collect--csv }
catalogue-email-invalid = Adresa e-pošte nije valjana.
    .cause = Treba imati točno jedan @, samo dopuštene znakove i najviše 161 znak ispred njega.
    .steps =
        Ispravite adresu: bez razmaka, bez dijakritičkih znakova, jedan @.
        Provjerite datoteku naredbom „w4b-diag users DATOTEKA” pa ponovno uvezite ili spremite.
    .collect = { catalogue-collect--csv }
catalogue-extension-invalid = Kućni broj nije valjan.
    .cause = Kućni broj ima samo znamenke od 0 do 9, u duljini koju lokacija dopušta.
    .steps =
        Ispravite kućni broj u retku CSV-a ili u podacima korisnika.
        Provjerite duljinu: Control Hub, Calling, postavke biranja lokacije.
    .collect = { catalogue-collect--csv }
catalogue-mobile-network = Integracija mobilne mreže nije postavljena za ovog korisnika.
    .cause = Zahtjev očekuje mobilnu integraciju koju korisnik nema.
    .steps =
        Postavite integraciju mobilne mreže za korisnika ili je izostavite iz zahtjeva.
    .collect = { catalogue-collect--csv }
catalogue-email-or-extension-invalid = Adresa e-pošte ili kućni broj nije valjan; što od toga, kod ovdje ne kaže.
    .cause = Kod je između WXC-4801 i WXC-4910, koji označavaju nevažeće adrese e-pošte i kućne brojeve. Njegov tekst nije pronađen.
    .steps =
        Pročitajte tekst uz kod.
        Provjerite adresu e-pošte (jedan @, dopušteni znakovi) i kućni broj (samo znamenke).
        Provjerite datoteku naredbom „w4b-diag users DATOTEKA”.
    .collect = { catalogue-collect--csv }
catalogue-licence-not-rolled-back = Paket korisnika nije se mogao promijeniti i sada je promijenjen samo napola.
    .cause = Control Hub promijenio je licencu, ali ne i atribute korisnika, ili nije mogao promijeniti licencu.
    .steps =
        Control Hub, Korisnici, korisnik: uklonite paket i spremite.
        Ponovno dodijelite paket.
        Ponovite uvoz samo za tog korisnika.
    .collect = { catalogue-collect--csv }
catalogue-meeting-plus = Pokretanje sastanka ne uspijeva jer adresa e-pošte korisnika sadrži „+”.
    .cause = Adrese s „+” ispred @ onemogućuju pokretanje sastanka. Isti kodovi mogu imati i druge uzroke.
    .steps =
        Pogledajte sadrži li adresa e-pošte korisnika „+”.
        Ako da, dajte korisniku adresu bez „+” i neka se ponovno prijavi.
        Ako ne, prikupite zapise i otvorite zahtjev za uslugu.
    .collect = { catalogue-collect--client }
catalogue-sign-in = Pogreška pri prijavi u aplikaciju Webex; što ovaj kod točno znači, ovdje nije poznato.
    .cause = Kodovi 100006, 200016 i 200054 nalaze se na Ciscovu popisu kodova pogrešaka krajnjih korisnika; njihovih tekstova nije bilo u izvorima ovog programa. Zato se ovdje ništa ne tvrdi.
    .steps =
        Potražite kod u Ciscovu vodiču za rješavanje problema (poveznica u nastavku).
        Provjerite odgovara li XSP i jesu li njegovi certifikati u redu: w4b-diag certs
        Provjerite korisničko ime i lozinku korisnika BroadWorksa te njegov status u Partner Hubu.
        Pogledajte zapis authenticationService i access_log XSP-a u vrijeme prijave.
    .collect = { catalogue-collect--client }

catalogue-client-certificate-refused = U uzajamnom TLS-u jedna je strana odbila certifikat druge.
    .cause = Najčešće lanac Webex CA nije instaliran kao sidro povjerenja na XSP-u, zastario je ili je učitan nepodijeljen; ili XSP šalje lanac kojem Webex ne vjeruje.
    .steps =
        Provjerite naredbom „w4b-diag certs cti://HOST --trust CombinedCertChain.txt”.
        Učitajte korijenski i izdavački CA zasebno: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Provjerite poznaje li aplikacijski poslužitelj klijenta: AS_CLI/System/ClientIdentity> get prikazuje bwcticlient.webex.com
        Ponovno pokrenite sučelje ako to izdanje zahtijeva i provjerite opet.
    .collect = { catalogue-collect--tls }
catalogue-certificate-expired = Certifikat je istekao.
    .cause = Poslužiteljskom certifikatu XSP-a, njegovu lancu ili sidru povjerenja prošao je posljednji dan. Samopotpisani certifikat nastao pri prvom osiguravanju sučelja vrijedi godinu dana.
    .steps =
        Utvrdite koji: w4b-diag certs HOST i w4b-diag certs cti://HOST
        Zatražite i instalirajte novi, potpisan od javnog CA, zajedno s lancem.
        Ponovno provjerite izvana.
    .collect = { catalogue-collect--tls }
catalogue-certificate-untrusted = Certifikatu se ne vjeruje.
    .cause = Certifikat je samopotpisan, od privatnog CA ili se posredni certifikati ne šalju.
    .steps =
        Provjerite naredbom „w4b-diag certs HOST”: navodi koji certifikat nedostaje.
        Certifikat HTTP poslužitelja mora potpisati javni CA; instalirajte cijeli lanac (chainFile).
        Ako je riječ o lancu Webex CA, instalirajte trenutačnu datoteku iz Partner Huba kao sidro povjerenja.
    .collect = { catalogue-collect--tls }
catalogue-certificate-host-name = Certifikat je za drugo ime poslužitelja.
    .cause = Imena iz URL-a nema među alternativnim imenima certifikata.
    .steps =
        Usporedite ime u URL-ovima klastera (Partner Hub) s imenima u certifikatu: w4b-diag certs HOST
        Zatražite certifikat sa svim imenima ili ispravite URL.
    .collect = { catalogue-collect--tls }
catalogue-tls-version = Strane nisu našle zajedničku verziju TLS-a ili šifru.
    .cause = Webex govori TLS 1.2 i ništa starije; XSP koji nudi samo starije verzije ili druge šifre bit će odbijen.
    .steps =
        Provjerite naredbom „w4b-diag certs HOST”: prikazuje ponuđene verzije i šifru.
        Uključite TLS 1.2 i šifre ECDHE s AES-GCM u SSL postavkama XSP-a.
    .collect = { catalogue-collect--tls }
catalogue-email-elsewhere = Adresa e-pošte već pripada Webex računu izvan ove korisničke organizacije.
    .cause = U Webexu adresa e-pošte može pripadati samo jednom računu. Korisnik ima besplatan račun ili račun u drugoj organizaciji.
    .steps =
        Zamolite korisnika za drugu adresu e-pošte ili ga pitajte smije li se drugi račun ukloniti: s njim nestaju njegove poruke i datoteke.
        Besplatan račun briše sam korisnik; račun u drugoj organizaciji uklanja njezin administrator.
        Zatim u Partner Hubu, „Pokaži status korisnika”: za tog korisnika „Ponovni pokušaj aktivacije”, s adresom koja je sada slobodna ili s drugom adresom.
    .collect = { catalogue-collect--client }
catalogue-phone-services = Webex aplikacija je prijavljena, ali njezine telefonske usluge nisu povezane.
    .cause = Aplikacija nije dobila BroadWorks token, nije mogla dohvatiti ili pročitati config-wxt.xml ili SIP-om ne doseže nijedan session border controller. Kod 1502 znači token: Authentication Service na XSP-u, njegovi certifikati ili put do njega.
    .steps =
        Provjerite XSP i njegove certifikate: w4b-diag certs HOST
        Pogledajte zapisnike authenticationService i access_log na XSP-u u to vrijeme; zabilježite tracking ID zahtjeva.
        Neka se u BroadWorksu provjeri vrsta uređaja i config-wxt.xml za tog korisnika.
        Neka se iz mreže korisnika provjere naziv, SRV zapisi i portovi session border controllera.
    .collect = { catalogue-collect--client }

catalogue-xsp-unreachable = XSP nije dostupan.
    .cause = Na portu nitko ne sluša ili vatrozid raspone adresa Webexa na 443 ili 8012 propušta samo djelomično ili nikako.
    .steps =
        Provjerite izvan svoje mreže: „w4b-diag certs HOST” i „w4b-diag certs cti://HOST”.
        Usporedite vatrozid s objavljenim rasponima adresa Webexa, TCP 443 i 8012.
        Na XSP-u provjerite radi li aplikacija.
    .collect = { catalogue-collect--tls }

catalogue-activation = Postupak: aktivacija korisnika s nepouzdanim e-porukama
    .cause = Korisnici se sami uključuju unosom adrese e-pošte na portalu za aktivaciju korisnika. To ne uspijeva kada predložak nije za to postavljen ili podaci korisnika ne odgovaraju.
    .steps =
        Korisnik na portalu pokušava još jednom s „Pokušaj ponovno”.
        Ako opet ne uspije: prijavite se u Partner Hub; Kupci (ili Postavke, BroadWorks Calling), „Prikaz predložaka”; otvorite predložak ovog korisnika.
        U odjeljku „Provjera korisnika” mora biti odabrano „Nepouzdane e-pošte”, a polje „Zajednička veza” mora pokazivati na vezu za aktivaciju.
        Ondje kliknite „Pokaži status korisnika”: BroadWorks ID, paket i je li dodjela dovršena ili što je na čekanju.
        Za korisnika s pogreškom ili zahtjevom na čekanju iza tri točke odaberite: „Ponovni pokušaj aktivacije” (s valjanom adresom e-pošte), „Izbriši korisnika” (kada najprije treba promijeniti konfiguraciju), „Promjena vrste paketa” ili „Kopiraj tekst pogreške”.
        Izvezite popis kao CSV i dajte ga procijeniti: w4b-diag users DATOTEKA --exclude-provisioned
        Odgovorite korak po korak: w4b-diag explain activation --untrusted-emails yes --share-link yes --retried yes --user-status error
    .collect = { catalogue-collect--provisioning }
catalogue-order = Postupak: e-poruka za dodjelu resursa iz narudžbe
    .cause = Prva e-poruka šalje se kontaktu za dodjelu resursa na zatraženi datum početka (RSD). Može se ponovno poslati dok organizacija nije uključena u Control Hub: točka bez povratka (PONR).
    .steps =
        Pogledajte mapu neželjene pošte; dopustite webex_comm@webex.com.
        Pogledajte stavku narudžbe u Cisco Commerce Workspaceu (CCW). Nemate pristup? Pitajte kontakt koji je naručio.
        „Čeka pojedinosti dodjele” (Pending provisioning details): kliknite „Ponovno pošalji” uz e-poštu kontakta, zatim „Da”. Kontakt se može mijenjati do PONR-a.
        „Zatvoreno” (Closed): nije dodijeljeno na vrijeme (7 dana za A-Flex i A-Flex-3, 30 dana za ostale ponude za suradnju). Ponovno pošaljite ili uredite na stranici pretplata Cloud/SaaS.
        Nakon PONR-a: e-poruka se više ne može poslati; kontakt ili administrator prijavljuje se na https://admin.webex.com i dovršava postavljanje.
        Ako slanje prije PONR-a ne uspije: obrišite predmemoriju i kolačiće, drugi preglednik, anonimni način. Zatim otvorite slučaj na https://www.cisco.com/go/cs: potražite „provisioning assistance”, „Open case”, vrsta zahtjeva „Resend provisioning email”, sa snimkama zaslona.
        Odgovorite korak po korak: w4b-diag explain order --line pending --offer a-flex --resend-failed no
    .collect = { catalogue-collect--order }
catalogue-bulk-users = Postupak: dodavanje, izmjena ili brisanje korisnika putem CSV-a
    .cause = Više od 25 korisnika ili izmjene mnogih idu putem CSV datoteke; obvezna polja koja nedostaju daju pogreške.
    .steps =
        Partner Hub, Kupci, kupac, pokrenite Control Hub; Korisnici, Upravljanje korisnicima, „CSV dodaj ili uredi”.
        Obvezno: kućni broj ili telefonski broj te lokacija za Webex Calling, Webex Calling Standard i Webex Suite; Jabber Calling i Jabber s Webex Teams za sve pakete.
        Preferirano mjesto Webexa za sve pakete osim Webex Voice: bez njega nema pogreške, ali mjesto za sastanke kasnije ne radi.
        Pri uvozu odaberite „Dodaj i ukloni usluge”, inače se dodaju i Basic Messaging, Basic Space Meetings i Call on Webex.
        Za brisanje korisnika postavite sve stupce veleprodajnih paketa na FALSE.
        Prije toga provjerite datoteku: w4b-diag users DATOTEKA
    .collect = { catalogue-collect--csv }
catalogue-manual-users = Postupak: ručno dodavanje korisnika
    .cause = Odjednom se bez datoteke može dodati do 25 korisnika postojećeg kupca.
    .steps =
        Partner Hub, Kupci, kupac, pokrenite Control Hub.
        Korisnici, Upravljanje korisnicima, „Ručno dodaj korisnike”.
        Unesite ime, adresu e-pošte i paket svakog korisnika, najviše 25, zatim Dalje i Zatvori.
        Za više od 25 upotrijebite CSV datoteku: w4b-diag explain bulk-users
    .collect = { catalogue-collect--nothing }
catalogue-package-change = Postupak: promjena paketa korisnika
    .cause = Paket određuje koje usluge korisnik ima.
    .steps =
        Partner Hub, Kupci, otvorite Control Hub kupca; Korisnici, korisnik.
        U odjeljku Paket kliknite strelicu, odaberite novi paket, kliknite Promijeni.
        Ako je novi paket Webex Calling ili Webex Suite, ažurirajte i broj za pozive.
        U Webexu za BroadWorks: u statusu korisnika predloška iza tri točke „Promjena vrste paketa” ili putem API-ja za dodjelu resursa.
    .collect = { catalogue-collect--provisioning }
catalogue-user-status = Postupak: pregled i procjena statusa korisnika
    .cause = Dodjela resursa teče u pozadini; samo popis pokazuje kako je završila.
    .steps =
        Partner Hub, Prikaz predložaka, predložak, odjeljak Provjera korisnika: „Pokaži status korisnika”.
        Uključite „Izuzmi dodijeljene korisnike” da biste vidjeli samo one na čekanju i neuspjele.
        „Izvoz” daje CSV; dajte ga procijeniti: w4b-diag users DATOTEKA
    .collect = { catalogue-collect--provisioning }
catalogue-flow-through = Postupak: protočna dodjela resursa; uspjeh znači početak, a ne kraj
    .cause = Dodjela usluge Integrated IM&P u BroadWorksu poziva Webex, koji dodjeljuje resurse u pozadini; za prvog korisnika tvrtke to traje nekoliko minuta.
    .steps =
        Pričekajte nekoliko minuta.
        Potražite kupca i korisnika na popisu kupaca u Partner Hubu: samo to potvrđuje dodjelu.
        Ako se korisnik ne pojavi, pogledajte „Pokaži status korisnika” predloška i PSLog.
    .collect = { catalogue-collect--provisioning }
catalogue-remove-user = Postupak: uklanjanje korisnika iz Webexa
    .cause = Način ovisi o tome kako je korisnik uključen.
    .steps =
        Protočna dodjela: korisniku u BroadWorksu oduzmite Integrated IM&P.
        CSV (veleprodaja): postavite sve stupce paketa na FALSE i uvezite.
        Neuspjeli korisnik: „Izbriši korisnika” u statusu korisnika predloška.
    .collect = { catalogue-collect--nothing }
catalogue-cluster-template = Postupak: izmjena ili brisanje klastera BroadWorksa ili predloška za uključivanje
    .cause = Klaster se ne može izbrisati dok je s njim povezan predložak.
    .steps =
        Partner Hub (https://admin.webex.com), Postavke, odjeljak BroadWorks Calling: „Prikaz klastera” ili „Prikaz predložaka”.
        Otvorite, izmijenite i spremite. Prazna polja lozinke zadržavaju trenutačnu lozinku.
        Za brisanje klastera najprije izbrišite predloške povezane s njim.
    .collect = { catalogue-collect--provisioning }
catalogue-trust-chain = Postupak: obnova lanca Webex CA (sidra povjerenja za uzajamni TLS)
    .cause = Preko tog lanca XSP vjeruje klijentskom certifikatu Webexa; treba ga obnoviti prije isteka.
    .steps =
        Preuzmite lanac iz Control Huba ili Partner Huba (tekstna datoteka kao CombinedCertChain2023.txt).
        Podijelite ga na datoteke s po jednim certifikatom.
        Učitajte svaku: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Stari i novi mogu stajati usporedno dok Webex ne prijeđe na novi.
        Provjerite: w4b-diag certs cti://HOST --trust DATOTEKA
    .collect = { catalogue-collect--tls }
catalogue-server-certificate = Postupak: obnova poslužiteljskog certifikata XSP-a
    .cause = Mora ga potpisati javni CA. Onaj nastao pri prvom osiguravanju sučelja samopotpisan je i vrijedi godinu dana. Pravodobna obnova vaša je odgovornost.
    .steps =
        Od javnog CA zatražite certifikat sa svim imenima XSP-a.
        Učitajte ga s ključem i lancem, na primjer: CTI/CTIServer/SSLSettings/Certificates> sslUpdate IP keyFile<path> certificateFile<path> chainFile<path>
        Provjerite izvana: w4b-diag certs HOST
    .collect = { catalogue-collect--tls }
catalogue-status-page = Postupak: je li do Webexa?
    .cause = Ako prije kvara ništa niste mijenjali u Control Hubu ili BroadWorksu, počnite od stranice statusa.
    .steps =
        Provjerite sada ili za vrijeme kvara: w4b-diag status --at VRIJEME
        Pretplatite se na incident na https://status.webex.com/ kako biste saznali kada završi.
        Ako ništa nije otvoreno, provjerite svoju stranu: w4b-diag check
    .collect = { catalogue-collect--nothing }
catalogue-service-request = Postupak: otvaranje zahtjeva za uslugu u kojem ništa ne nedostaje
    .cause = Davatelj usluga prvi je kontakt krajnjeg kupca i eskalira ono što ne može riješiti.
    .steps =
        Prikupite: ID organizacije kupca i partnera, ID za praćenje ako je prikazan, adresu e-pošte korisnika, verziju klijenta ako se kvar vidi u njemu, vremensko razdoblje.
        Dajte provjeriti: w4b-diag check --text DATOTEKA
        Zapakirajte: w4b-diag bundle --text DATOTEKA -o case.zip
        Otvorite slučaj u Support Case Manageru, zalijepite service-request.txt, prenesite zip.
    .collect = { catalogue-collect--unknown }
explain-error-stdin = standardni ulaz ne može se pročitati: { $reason }
    .hint = Proslijedite tekst pogreške cjevovodom ili ga navedite kao argument u navodnicima.
explain-heading-errors = Poznate pogreške
explain-heading-symptoms = Što javljaju zapisi i klijenti
explain-heading-procedures = Postupci
explain-heading-cause = Odakle dolazi
explain-heading-steps = Što učiniti
explain-heading-collect = Što prikupiti za zahtjev za uslugu
explain-heading-reference = Dokumentirano na
explain-list-hint = Više o pojedinom unosu: w4b-diag explain ID ili KOD, ili zalijepite cijeli tekst pogreške.
explain-nothing = Ništa u katalogu ne odgovara ovom tekstu. To ne govori ništa o kvaru: katalog zna samo ono što je dokumentirano.
explain-unknown-codes = { $count ->
        [one] Kod { $codes } nije u katalogu; što znači, ovdje nije poznato.
        [few] Kodovi { $codes } nisu u katalogu; što znače, ovdje nije poznato.
       *[other] Kodovi { $codes } nisu u katalogu; što znače, ovdje nije poznato.
    }
explain-reason = { $kind ->
        [id] traženo po imenu
        [code] kod { $value }
        [phrase] riječi „{ $value }”
       *[keywords] samo riječi { $value }
    }
explain-why = { $confidence ->
        [certain] Sigurno
        [likely] Vjerojatno
       *[possible] Možda
    }: { $reasons } [{ $id }]
explain-owner = Na potezu je: { $owner }

template-untrusted-emails = „Nepouzdane e-pošte” nije odabrano u predlošku za uključivanje
    .detail = Korisnici koji sami unose adresu e-pošte ne mogu se tako aktivirati.
    .remedy = Partner Hub, Kupci (ili Postavke, BroadWorks Calling), Prikaz predložaka, predložak, Provjera korisnika: odaberite „Nepouzdane e-pošte” i spremite. Zatim korisnik pokušava ponovno.
template-untrusted-emails--ok = „Nepouzdane e-pošte” odabrano je u predlošku za uključivanje
    .detail = Kako treba.
template-untrusted-emails--unknown = Je li „Nepouzdane e-pošte” odabrano u predlošku za uključivanje?
    .detail = Nije odgovoreno.
    .remedy = Pogledajte: Partner Hub, Kupci (ili Postavke, BroadWorks Calling), Prikaz predložaka, predložak, Provjera korisnika. Odgovorite s --untrusted-emails yes ili no.
template-share-link = Polje „Zajednička veza” ne pokazuje na vezu za aktivaciju
    .detail = Korisnici ne dolaze do portala za aktivaciju korisnika.
    .remedy = Partner Hub, Prikaz predložaka, predložak, Provjera korisnika: neka „Zajednička veza” pokazuje na vezu za aktivaciju i spremite.
template-share-link--ok = Polje „Zajednička veza” pokazuje na vezu za aktivaciju
    .detail = Kako treba.
template-share-link--unknown = Pokazuje li polje „Zajednička veza” na vezu za aktivaciju?
    .detail = Nije odgovoreno.
    .remedy = Pogledajte: Partner Hub, Prikaz predložaka, predložak, Provjera korisnika. Odgovorite s --share-link yes ili no.
user-error--activated = Korisniku su dodijeljeni resursi
    .detail = Ništa ne treba učiniti.
user-error--activation-template = Korisnik nije uspio, a predložak nije ispravan
    .detail = Dok je predložak pogrešan, ni novi pokušaj neće uspjeti.
    .remedy = Najprije ispravite predložak. Zatim u „Pokaži status korisnika”, tri točke: „Ponovni pokušaj aktivacije” s valjanom adresom e-pošte ili „Izbriši korisnika” kako bi korisnik mogao početi ispočetka.
user-error--activation-retry = Korisnik jednom nije uspio i nije pokušao ponovno
    .detail = Portal nudi „Pokušaj ponovno”; drugi pokušaj često uspije.
    .remedy = Zamolite korisnika da jednom klikne „Pokušaj ponovno”. Ako opet ne uspije, nastavite ovdje s --retried yes.
user-error--activation-choose = Korisnik ponovno nije uspio: odaberite što učiniti
    .detail = Predložak je ispravan ili nije provjeren; sada je riječ o ovom korisniku.
    .remedy = Partner Hub, predložak, „Pokaži status korisnika”, tri točke iza korisnika: „Kopiraj tekst pogreške” i potražite ga s w4b-diag explain; „Ponovni pokušaj aktivacije” s valjanom adresom e-pošte; „Izbriši korisnika” ako najprije treba promijeniti konfiguraciju; „Promjena vrste paketa” ako je paket pogrešan. Ako ništa ne pomaže, otvorite zahtjev za uslugu s kopiranim tekstom.
user-error--activation-absent = Korisnik nije na popisu
    .detail = Webex ne zna za korisnika: BroadWorks nije poslao zahtjev ili je riječ o drugom predlošku.
    .remedy = Provjerite je li korisniku u BroadWorksu dodijeljen Integrated IM&P i je li njegov URL iz ovog predloška. Pogledajte PSLog aplikacijskog poslužitelja.
user-error--activation-unknown = Što „Pokaži status korisnika” kaže o korisniku?
    .detail = Nije odgovoreno.
    .remedy = Pogledajte: Partner Hub, Prikaz predložaka, predložak, „Pokaži status korisnika”. Odgovorite s --user-status provisioned, pending, error ili absent.
user-pending--activation = Za korisnika je zahtjev na čekanju
    .detail = Webex čeka korisnika ili još radi; to traje nekoliko minuta.
    .remedy = Ako korisnik mora unijeti ili potvrditi adresu e-pošte, zamolite ga za to. Inače pričekajte nekoliko minuta i pogledajte ponovno; zatim tri točke, „Ponovni pokušaj aktivacije”.

order-not-ready = Stavka narudžbe je na čekanju: dodjela resursa nije dovršena
    .detail = { $when ->
        [future] Ako se ništa ne učini, stavka se zatvara { $closes }.
        [past] Trebala se zatvoriti { $closes }; pogledajte je ponovno.
       *[unknown] Stavka se zatvara 7 dana (A-Flex, A-Flex-3) ili 30 dana (ostale ponude za suradnju) nakon e-poruke.
    }
    .remedy = { $access ->
        [no] Zamolite kontakt koji je naručio u CCW-u da ponovno pošalje e-poruku za dodjelu resursa iz stavke narudžbe.
       *[yes] U CCW-u u stavci narudžbe kliknite „Ponovno pošalji” uz e-poštu kontakta, zatim „Da”. Kontakt se ondje može promijeniti. Prije toga dopustite webex_comm@webex.com i pogledajte neželjenu poštu.
    }
order-not-ready--early = E-poruka za dodjelu resursa još nije na redu
    .detail = Šalje se na zatraženi datum početka, { $start }.
    .remedy = Pričekajte do tada. Već sada provjerite je li kontakt u narudžbi ispravan.
order-not-ready--case = Ponovno slanje e-poruke za dodjelu resursa nije uspjelo prije točke bez povratka
    .detail = E-poruka se može slati dok organizacija nije uključena u Control Hub.
    .remedy = Obrišite predmemoriju i kolačiće preglednika, pokušajte drugim preglednikom, pokušajte anonimno. Ako i dalje ne uspije: https://www.cisco.com/go/cs, potražite „provisioning assistance”, „Open case”, vrsta zahtjeva „Resend provisioning email”, sa snimkama zaslona.
order-not-ready--unknown = Koje je stanje stavke narudžbe u CCW-u?
    .detail = Nije odgovoreno.
    .remedy = Pogledajte stavku u Cisco Commerce Workspaceu ili pitajte kontakt koji je naručio. Odgovorite s --line pending ili --line closed, odnosno --onboarded yes ako je organizacija već u Control Hubu.
order-closed = Stavka narudžbe je zatvorena: dodjela resursa nije dovršena na vrijeme
    .detail = { $offer ->
        [known] Za ovu ponudu stavka se zatvara { $days } dana nakon e-poruke.
       *[unknown] Stavka se zatvara 7 dana (A-Flex, A-Flex-3) ili 30 dana (ostale ponude za suradnju) nakon e-poruke.
    } Dodjela je i dalje moguća.
    .remedy = { $access ->
        [no] Zamolite kontakt koji je naručio da to učini: otvoriti narudžbu u CCW-u, slijediti poruku da je dodjela još na čekanju („Click here”) do stranice pretplata Cloud/SaaS i kliknuti „Ponovno pošalji”.
       *[yes] Otvorite narudžbu u CCW-u, slijedite poruku da je dodjela još na čekanju („Click here”) do stranice pretplata Cloud/SaaS, po potrebi promijenite kontakt i kliknite „Ponovno pošalji”.
    }
order-past-no-return = Organizacija je već uključena: e-poruka se više ne može poslati
    .detail = Narudžba je povezana s organizacijom u Control Hubu; to je točka bez povratka.
    .remedy = Kontakt ili administrator za dodjelu resursa prijavljuje se na https://admin.webex.com i ondje dovršava postavljanje.
help-explain--query = Kod pogreške, zalijepljeni tekst ili naziv postupka; - čita standardni ulaz; bez argumenta ispisuje što je poznato
help-explain--untrusted-emails = Aktivacija: „Nepouzdane e-pošte” odabrano je u predlošku (yes, no)
help-explain--share-link = Aktivacija: „Zajednička veza” pokazuje na vezu za aktivaciju (yes, no)
help-explain--retried = Aktivacija: korisnik je jednom kliknuo „Pokušaj ponovno” (yes, no)
help-explain--user-status = Aktivacija: što kaže „Pokaži status korisnika”
help-explain--line = Narudžba: stanje stavke narudžbe u CCW-u
help-explain--offer = Narudžba: što je naručeno
help-explain--requested-start = Narudžba: zatraženi datum početka (2026-11-22)
help-explain--ccw-access = Narudžba: sami možete ponovno poslati u CCW-u (yes, no)
help-explain--onboarded = Narudžba: organizacija je već u Control Hubu (yes, no)
help-explain--resend-failed = Narudžba: ponovno slanje pokušano je i nije uspjelo (yes, no)
help-explain--answers = Odgovori koje je raniji dijalog zapisao s --save
help-explain--save = Zapiši odgovore u ovu datoteku; check ili bundle uzima je s --answers
catalogue-lint = { $fault ->
    [id] { $id }: oznaka se sastoji od malih slova, znamenki i crtica
    [unreachable] { $id }: do unosa ne vodi ni kod ni izraz
    [no-example] { $id }: nedostaje primjer
    [no-counter-example] { $id }: nedostaje protuprimjer
    [example-elsewhere] { $id }: primjer „{ $text }” najprije vodi do { $other }
    [example] { $id }: primjer „{ $text }” ne vodi do unosa
    [counter-example] { $id }: protuprimjer „{ $text }” vodi do unosa
    [code] { $id }: kod { $text } pripada i unosu { $other }
    [reference] { $id }: poveznica { $text } ne počinje s https://
   *[keywords] { $id }: ključne riječi trebaju barem dvije skupine, nijedna prazna
    }
catalogue-lint-sum = { $entries ->
    [one] { $entries } unos
    [few] { $entries } unosa
   *[other] { $entries } unosa
    }, { $faults ->
    [0] bez pogrešaka
    [one] { $faults } pogreška
    [few] { $faults } pogreške
   *[other] { $faults } pogrešaka
    }
help-explain--lint = Provjeri katalog s vlastitim unosima: pravila, primjere i protuprimjere
explain-saved = Odgovori su u { $path }; predajte ih s „w4b-diag bundle --answers”.

## bundle

bundle-why = { $part ->
    [readme] Što je ovaj paket i kako ga čitati
    [request] Tekst zahtjeva za podršku, spreman za lijepljenje
    [report-html] Dijagnoza za ljude
    [report-json] Dijagnoza za programe
    [status] Što je odgovorila stranica stanja, kako je primljeno
    [observation] Što je vidjela TLS provjera poslužitelja
    [chain] Certifikati kako ih je poslužitelj poslao
    [trust] Certifikati instalirani kao sidra povjerenja
    [text] Tekst pogreške kako je prikazan korisniku
    [log] Zapisnik iz vremena smetnje
    [users] Stanje korisnika
    [picture] Snimka zaslona, priložena bez pregleda
   *[attachment] Prilog
}
bundle-note = { $status ->
    [withheld] Datoteka { $name } zadržana je: { $reason }
    [failed] Datoteka { $name } nije se mogla prikupiti: { $reason }
    [timed-out] Datoteka { $name } nije prikupljena na vrijeme: { $reason }
   *[interrupted] Datoteka { $name } nije prikupljena zbog prekida: { $reason }
}
bundle-readme-title = Dijagnoza za Webex for BroadWorks: { $name }
bundle-readme-intro = Ovo je paket za podršku davatelja usluga koji koristi Webex for BroadWorks. Najprije otvorite report.html: ondje piše što nije u redu, što učiniti i što je isključeno.
bundle-readme-part = { $part ->
    [report] Dijagnoza za ljude. Jedna stranica koju otvara svaki preglednik, i bez mreže.
    [request] Tekst zahtjeva za podršku, na engleskom.
    [markdown] Isti tekst kao Markdown.
    [data] Dijagnoza za programe.
    [manifest] Svaka datoteka s veličinom, kontrolnim zbrojem i podrijetlom, što je u njoj prikriveno te što nedostaje i zašto.
    [status] Što je odgovorila stranica stanja, kako je primljeno.
    [tls] Za svaki poslužitelj: certifikati kako su poslani i što je provjera vidjela.
    [trust] Sidra povjerenja za uzajamni TLS. Nikada privatni ključ.
    [text] Tekstovi pogrešaka kako su prikazani.
    [logs] Zapisnici.
    [users] Izvozi korisnika i njihova stanja.
    [attachments] Snimke zaslona i drugi prilozi.
   *[notes] Stoje ondje gdje se datoteka nije mogla podijeliti ili prikupiti i kažu zašto.
}
bundle-readme-private = Lozinke, tokeni, ključevi i podaci osoba koje nemaju veze sa slučajem prikriveni su. Ista vrijednost uvijek ima isti pseudonim. ID-ovi organizacija, ID-ovi za praćenje, verzije, certifikati i jedan pogođeni korisnik ostaju čitljivi jer ih podrška treba.
bundle-readme-check = w4b-diag verify provjerava je li što promijenjeno; w4b-diag restore vraća prave vrijednosti umjesto pseudonima u odgovoru, na računalu koje ima privatnu mapu.
bundle-readme-encrypted = { $count ->
        [one] Ovaj je paket proslijeđen šifriran programom age. Može ga otvoriti samo vlasnik tajnog ključa ovog primatelja:
        [few] Ovaj je paket proslijeđen šifriran programom age. Mogu ga otvoriti samo vlasnici tajnih ključeva ovih primatelja:
       *[other] Ovaj je paket proslijeđen šifriran programom age. Mogu ga otvoriti samo vlasnici tajnih ključeva ovih primatelja:
    }
bundle-readme-encrypted-how = Otvara se ovom naredbom; inspect, verify, diff i upload primaju šifriranu datoteku uz --identity KLJUČ:
error-bundle-write = nije moguće zapisati { $path }: { $reason ->
    [full] disk je pun
    [no-directory] direktorij ne postoji
    [denied] nema dopuštenja
   *[other] { $words }
}
    .hint = { $reason ->
        [full] Oslobodite prostor ili navedite drugo mjesto s -o. Ništa nije ostalo na disku.
        [no-directory] Stvorite direktorij ili navedite drugo mjesto s -o.
        [denied] Navedite s -o direktorij u koji smijete pisati.
       *[other] Navedite drugo mjesto s -o. Ništa nije ostalo na disku.
    }
error-bundle-redact = datoteku { $name } nije moguće prikriti: { $reason }
    .hint = Paket nije zapisan. Pokrenite w4b-diag self-test i prijavite ishod.
error-bundle-secret = gotovi paket još je sadržavao tajnu u datoteci { $file } ({ $kinds }) i obrisan je
    .hint = Izostavite tu datoteku ili u konfiguraciji pod [redact] dodajte uzorak za nju.
error-bundle-not-sealed = datoteka { $file } u gotovom paketu nije ono što je zapisano; paket je obrisan
    .hint = Disk ili memorija mogli bi biti neispravni. Pokušajte ponovno i navedite drugo mjesto s -o.
error-bundle-read = nije moguće pročitati { $path }: { $reason }
    .hint = Provjerite ime i dopuštenja.
error-bundle-encrypted = { $path } je šifriran
    .hint = Navedite datoteku sa svojim age-identitetom opcijom --identity ili paket prvo dešifrirajte: age --decrypt.
error-bundle-undecryptable = { $path } ne može se otvoriti ovim identitetom
    .hint = Pitajte za koga je šifriran. Ako je bio za Vas, datoteka je oštećena: zatražite je ponovno.
sign-error-read = { $path } ne može se pročitati: { $reason }
    .hint = Provjerite putanju i dozvole.
sign-error-not-a-key = { $path } nije privatni OpenSSH ključ
    .hint = Navedite privatni ključ, a ne datoteku koja završava na .pub. ssh-keygen -t ed25519 izrađuje ključ; ssh-keygen -p pretvara onaj u starom PEM obliku.
sign-error-no-passphrase = ključ { $path } zaštićen je lozinkom
    .hint = Navedite datoteku s lozinkom opcijom --passphrase-file ili postavite W4B_SIGN_PASSPHRASE.
sign-error-wrong-passphrase = lozinka ne otvara ključ { $path }
    .hint = Provjerite --passphrase-file ili W4B_SIGN_PASSPHRASE.
sign-error-algorithm = ključem { $path } vrste { $algorithm } ne može se potpisivati
    .hint = Upotrijebite ključ Ed25519 ili ECDSA na P-256 ili P-384: ssh-keygen -t ed25519.
error-bundle-not-zip = { $path } nije ZIP arhiva
    .hint = Navedite paket izrađen naredbom w4b-diag bundle.
error-bundle-broken = { $path } je oštećen: { $words }
    .hint = Ponovno kopirajte ili preuzmite datoteku.
error-bundle-manifest = { $path } nije paket programa w4b-diag: { $fault ->
    [missing] nema datoteke manifest.json
    [several] ima više datoteka manifest.json
    [version] manifest je verzije koju ovaj program ne poznaje
    [changed] manifest je promijenjen
   *[unreadable] manifest nije čitljiv
}
    .hint = Navedite paket izrađen naredbom w4b-diag bundle ili upotrijebite noviji program.
bundle-tampered = Datoteka { $subject } promijenjena je nakon pakiranja
    .detail = Veličina ili kontrolni zbroj ne odgovaraju manifestu.
    .remedy = Ne oslanjajte se na ovaj paket. Zatražite ga ponovno ili ga ponovno izradite.
bundle-tampered--missing = Datoteka { $subject } nedostaje
    .detail = Manifest je navodi, ali je nema u ZIP datoteci.
    .remedy = Ne oslanjajte se na ovaj paket. Zatražite ga ponovno ili ga ponovno izradite.
bundle-tampered--extra = Datoteka { $subject } ne pripada paketu
    .detail = Nalazi se u ZIP datoteci, ali ne i u manifestu.
    .remedy = Ne otvarajte je. Zatražite paket ponovno ili ga ponovno izradite.
bundle-tampered--duplicate = Datoteka { $subject } nalazi se u ZIP datoteci više puta
    .detail = Koja će se raspakirati, ovisi o programu.
    .remedy = Ne raspakiravajte je. Zatražite paket ponovno ili ga ponovno izradite.
bundle-tampered--name = ZIP datoteka ima stavku s nesigurnim imenom: { $subject }
    .detail = Pri raspakiravanju mogla bi se zapisati na neočekivano mjesto ili se predstaviti kao druga datoteka.
    .remedy = Ne raspakiravajte je. Zatražite paket ponovno ili ga ponovno izradite.
bundle-tampered--manifest = { $reason ->
    [missing] Datoteka { $subject } nedostaje
    [several] Datoteka { $subject } nalazi se u ZIP datoteci više puta
    [version] Datoteka { $subject } nepoznate je verzije
    [changed] Datoteka { $subject } promijenjena je nakon pakiranja
   *[unreadable] Datoteka { $subject } nije čitljiva
}
    .detail = Bez ispravnog manifesta u paketu se ništa ne može provjeriti.
    .remedy = Ne oslanjajte se na ovaj paket. Zatražite ga ponovno ili ga ponovno izradite.
bundle-tampered--container = ZIP datoteka { $subject } nije onakva kakva je zapisana
    .detail = Riječima programa: { $reason }.
    .remedy = Ponovno je kopirajte ili preuzmite. Ako to ne pomogne, ponovno je izradite.
bundle-tampered--ok = { $count ->
    [one] { $count } datoteka onakva je kakva je zapakirana
    [few] Sve { $count } datoteke onakve su kakve su zapakirane
   *[other] Svih { $count } datoteka onakvo je kakvo je zapakirano
}
    .detail = Veličina i kontrolni zbroj svake datoteke odgovaraju manifestu.
bundle-signature = { $subject } potpisan je ključem kojeg nema na popisu potpisnika
    .detail = Potpis odgovara datoteci, ali nitko s popisa nema ključ { $key }.
    .remedy = Drugim putem pitajte pošiljatelja je li to njegov ključ i tek ga tada dodajte na popis.
bundle-signature--ok = { $subject } potpisao je { $signer }
    .detail = Datoteka je upravo ona koja je potpisana. Ključ: { $key }.
bundle-signature--out-of-time = { $subject } potpisao je { $signer }, čiji ključ u ovo vrijeme ne vrijedi
    .detail = Popis potpisnika ograničava vrijeme valjanosti ključa { $key }.
    .remedy = Zamolite pošiljatelja da potpiše važećim ključem ili ispravite vremena na popisu.
bundle-signature--changed = { $subject } nije datoteka koja je potpisana
    .detail = Datoteka je promijenjena ili potpis pripada drugoj datoteci. Ključ potpisa: { $key }.
    .remedy = Ne oslanjajte se na ovaj paket. Ponovno zatražite paket i njegov potpis.
bundle-signature--missing = { $subject } nema potpis
    .detail = Datoteke s potpisom nema.
    .remedy = Zatražite od pošiljatelja datoteku koja završava na .sig ili je navedite opcijom --signature.
bundle-signature--unreadable = Potpis paketa { $subject } ne može se pročitati
    .detail = To nije OpenSSH potpis ili je od vrste ključa koja nije podržana. Podržani su Ed25519, ECDSA (P-256, P-384) i RSA.
    .remedy = Ponovno zatražite potpis od pošiljatelja.
bundle-signature--purpose = Potpis paketa { $subject } izrađen je za nešto drugo
    .detail = To je potpis za „{ $purpose }”, a ne za paket.
    .remedy = Zamolite pošiljatelja da paket potpiše naredbom „w4b-diag bundle --sign” ili „ssh-keygen -Y sign -n w4b-diag-bundle”.
bundle-secret-left = { $count ->
    [one] U datoteci { $subject } ostala je { $count } tajna
    [few] U datoteci { $subject } ostale su { $count } tajne
   *[other] U datoteci { $subject } ostalo je { $count } tajni
}
    .detail = Vrste: { $kinds }.
    .remedy = Ne dijelite ovaj paket. Izradite ga ponovno; ako se ponovi, izostavite datoteku ili u konfiguraciji pod [redact] dodajte uzorak. Promijenite lozinku ili token ako je već podijeljen.
bundle-secret-left--ok = { $count ->
    [one] Nema tajni u { $count } datoteci
    [few] Nema tajni u { $count } datoteke
   *[other] Nema tajni u { $count } datoteka
}
    .detail = Lozinke, tokeni, kolačići i privatni ključevi traženi su još jednom.
bundle-secret-left--unknown = U datoteci { $subject } nije se moglo tražiti tajne
    .detail = Datoteka nije tekst.
    .remedy = Sami je pogledajte prije nego što podijelite paket.
bundle-incomplete = { $status ->
    [partial] { $subject }: samo djelomično
    [withheld] { $subject }: zadržano
    [skipped] { $subject }: namjerno izostavljeno
    [timed-out] { $subject }: nije prikupljeno na vrijeme
    [interrupted] { $subject }: nije prikupljeno zbog prekida
   *[failed] { $subject }: nije se moglo prikupiti
}
    .detail = { $reason }
    .remedy = Pribavite na drugi način ako podrška to zatraži.
bundle-incomplete--core = Datoteke { $subject } nema u paketu
    .detail = Svaki potpuni paket ima tu datoteku.
    .remedy = Ponovno izradite paket.
bundle-incomplete--ok = Ništa ne nedostaje
    .detail = Sve što je trebalo prikupiti nalazi se u paketu.
bundle-redacted = { $masked ->
    [one] Prikrivena je { $masked } vrijednost
    [few] Prikrivene su { $masked } vrijednosti
   *[other] Prikriveno je { $masked } vrijednosti
}
    .detail = { $kept ->
        [one] Zadržana je { $kept } vrijednost koju podrška treba.
        [few] Zadržane su { $kept } vrijednosti koje podrška treba.
       *[other] Zadržano je { $kept } vrijednosti koje podrška treba.
    }
bundle-redacted--ok = { $masked ->
    [one] Prikrivena je { $masked } vrijednost
    [few] Prikrivene su { $masked } vrijednosti
   *[other] Prikriveno je { $masked } vrijednosti
}
    .detail = { $kept ->
        [one] Zadržana je { $kept } vrijednost koju podrška treba.
        [few] Zadržane su { $kept } vrijednosti koje podrška treba.
       *[other] Zadržano je { $kept } vrijednosti koje podrška treba.
    }
diff-old = Staro: { $name }, izrađeno { $made }: { $escalation ->
    [fix-first] prvo ovo popraviti
    [wait] pričekati Webex
    [incomplete] nedostaju podaci
    [ready] spremno za zahtjev za podršku
   *[none] { $verdict ->
        [ok] ništa nije neispravno
        [warning] upozorenja
        [critical] kritični nalazi
       *[unknown] nije se moglo provjeriti
    }
}
diff-new = Novo: { $name }, izrađeno { $made }: { $escalation ->
    [fix-first] prvo ovo popraviti
    [wait] pričekati Webex
    [incomplete] nedostaju podaci
    [ready] spremno za zahtjev za podršku
   *[none] { $verdict ->
        [ok] ništa nije neispravno
        [warning] upozorenja
        [critical] kritični nalazi
       *[unknown] nije se moglo provjeriti
    }
}
diff-keys = Paketi su izrađeni s različitim ključevima: pseudonimi iz jednoga ne mogu se uspoređivati s onima iz drugoga.
diff-nothing = Ništa se nije promijenilo.
diff-findings = Nalazi
diff-certificates = Certifikati
diff-facts = Vrijednosti
diff-files = Datoteke
diff-finding = { $change ->
    [new] novo: { $new }
    [worse] lošije: { $old } → { $new }
    [better] bolje: { $old } → { $new }
   *[gone] riješeno: bilo je { $old }
}
diff-certificate = { $subject }, serijski broj { $serial }, izdao { $issuer }, vrijedi do { $date }
diff-fact = { $fact ->
    [customer_orgs] Organizacija korisnika
    [partner_orgs] Partnerska organizacija
    [tracking_ids] ID-ovi za praćenje
    [user_emails] E-adresa korisnika
    [client_versions] Verzije aplikacije Webex
    [broadworks_releases] Izdanja BroadWorksa
    [control_hub_builds] Verzije Control Huba
    [error_codes] Kodovi pogrešaka
    [incidents] Incidenti
    [maintenances] Održavanja
    [reason] Zašto nema odgovora
    [acceptable_cas] Prihvaćeni nazivi CA-a
    [protocols_offered] Ponuđene verzije TLS-a
   *[other] { $fact }
}
progress-upload = Prijenos
upload-error-sr = „{ $sr }” nije broj zahtjeva za podršku
    .hint = Navedite samo znamenke, npr. --sr 699123456. Broj prikazuje Support Case Manager.
upload-error-no-token = nema tokena za prijenos
    .hint = Spremite token u datoteku koju samo vi možete čitati i navedite je s --token-file, ili u varijablu okoline { $variable }. Izrađuje ga Support Case Manager: otvorite slučaj, Attachments, Generate Token.
upload-error-token-file = token se ne može pročitati iz { $path }: { $reason }
    .hint = Datoteka smije sadržavati samo token, u jednom retku.
upload-error-url = „{ $url }” nije HTTPS adresa bez korisničkog imena, lozinke i upita
    .hint = Napišite je kao https://cxd.cisco.com/home/; ime datoteke se dodaje.
upload-error-not-clean = { $name } nije prenesen: nije onakav kakav je zapakiran ili sadrži tajnu
    .hint = Naredbom w4b-diag verify provjerite što nije u redu i ponovno izradite paket.
upload-error-file = { $path } se ne može pročitati: { $reason }
    .hint = Provjerite putanju i svoja prava.
upload-error-no-answer = ništa nije preneseno: { $host } ne odgovara ({ $cause }): { $reason }
    .hint = Provjerite mrežu, proxy (HTTPS_PROXY) i vatrozid prema { $host } pa ponovite istu naredbu. Vlastiti CA navodi se s --ca-file.
upload-error-refused = ništa nije preneseno: { $host } je odgovorio s { $status }
    .hint = { $status ->
        [401] { $likely ->
            [sr] Najvjerojatnije je pogrešan broj zahtjeva za podršku: obično ima devet znamenki. Korisničko ime je broj, a lozinka token.
           *[token] Token je najvjerojatnije pogrešan ili istekao: vrijedi 72 dana i samo za ovaj zahtjev. Izradite novi u Support Case Manageru.
        }
        [403] Token je najvjerojatnije pogrešan ili istekao: vrijedi 72 dana i samo za ovaj zahtjev. Izradite novi u Support Case Manageru.
        [404] Provjerite --url: na toj adresi nema prijenosa.
        [413] Paket je prevelik za tu adresu. Smanjite ga s --max-size.
       *[other] Pokušajte kasnije; ako tako ostane, priložite datoteku u Support Case Manageru.
    }
upload-error-consent = ništa nije preneseno: ovdje se nikoga ne može pitati
    .hint = Dodajte --yes kad vidite što prikazuje --preview.
upload-already = { $name } je već prenesen na { $sr } u { $at }; --again ga prenosi još jednom
upload-done = { $name } je prenesen na zahtjev za podršku { $sr } (SHA-256 { $sha }){ $replaced ->
    [yes] ; zamijenio je datoteku istog imena
   *[no] {""}
}
upload-again = Prijenos nije uspio i ponavlja se: { $reason }
bundle-error-max-size = nema mjesta: zip bi i bez zapisnika imao { $fixed }, a traženo je { $limit }
    .hint = Navedite veći --max-size ili manje datoteka.
bundle-reason-no-answer = Nema upotrebljivog odgovora: { $reason }
bundle-reason-no-room = Izostavljeno: nema mjesta unutar --max-size
bundle-reason-cut-around = Samo dio oko pogreške, od retka { $line }: --max-size
bundle-reason-cut-end = Samo kraj: --max-size
inspect-judged = Ponovno ocijenjeno za { $at }
inspect-unreadable = U paketu se ne može pročitati
    .hint = Naredbom w4b-diag verify provjerite je li paket mijenjan.
inspect-gap = Nije u paketu: { $reason }
    .hint = Zatražite to od osobe koja je izradila paket.
diff-since = Promijenjeno otkad je paket izrađen
inspect-no-report = { $name } ne sadrži čitljivo izvješće
    .hint = Naredba w4b-diag verify pokazuje je li što promijenjeno.
bundle-made = Izradio { $tool } { $version } u { $made } na sustavu { $os }
bundle-contents = { $count ->
    [one] { $count } datoteka, raspakirano { $size }
    [few] { $count } datoteke, raspakirano { $size }
   *[other] { $count } datoteka, raspakirano { $size }
}
bundle-gaps = Nedostaje, u cijelosti ili djelomično
bundle-gap = { $path }: { $status ->
    [partial] djelomično
    [withheld] zadržano
    [failed] neuspjelo
    [skipped] namjerno izostavljeno
    [timed-out] nije na vrijeme
   *[interrupted] prekinuto
} – { $reason }
bundle-masked = Prikriveno
bundle-kept = Zadržano jer podrška to treba
bundle-masked-count = { $count ->
    [one] { $count } prikrivena vrijednost
    [few] { $count } prikrivene vrijednosti
   *[other] { $count } prikrivenih vrijednosti
}
bundle-unscanned = nije pregledano

## plugin

plugin-subject = { $subject }: { $title }
plugin-until = { $title } (vrijedi do { $when } UTC)
plugin-since = { $title } (od { $when } UTC)
plugin-more = { $first } (i još { $count ->
    [one] { $count } problem
    [few] { $count } problema
   *[other] { $count } problema
    })
plugin-cut = Ovdje izostavljeno: { $lines ->
    [one] { $lines } redak
    [few] { $lines } retka
   *[other] { $lines } redaka
    }, { $values ->
    [one] { $values } mjerna vrijednost
    [few] { $values } mjerne vrijednosti
   *[other] { $values } mjernih vrijednosti
    }. Nadzor čita 8 KiB; --verbose ispisuje sve.
plugin-timeout = nema rezultata unutar { $seconds ->
    [one] { $seconds } sekunde
    [few] { $seconds } sekunde
   *[other] { $seconds } sekundi
    }
    .hint = Nešto ne odgovara: poslužitelj imena, poslužitelj ili datotečni sustav. Navedite manje ciljeva ili s --timeout dajte više vremena, ali manje nego što čeka sam nadzor.
check-plugin-ok = { $count ->
    [one] { $count } provjera je prošla, nije pronađena nijedna pogreška
    [few] { $count } provjere su prošle, nije pronađena nijedna pogreška
   *[other] { $count } provjera je prošlo, nije pronađena nijedna pogreška
}
status-plugin-ok = { $count ->
    [0] nema otvorenih incidenata ni održavanja
    [one] { $count } komponenta radi, nema otvorenih incidenata ni održavanja
    [few] { $count } komponente rade, nema otvorenih incidenata ni održavanja
   *[other] { $count } komponenata radi, nema otvorenih incidenata ni održavanja
}

## notify

notify-title = { $kind ->
    [reminder] Podsjetnik: { $title }
    [recovered] Riješeno: { $title }
   *[raised] { $title }
}
notify-over = Dva su izvođenja zaredom to tražila i više nisu našla.
notify-since = Prvi put viđeno: { $when } UTC
notify-until = { $past ->
    [yes] Vrijedio je do { $when } UTC
   *[no] Vrijedi do { $when } UTC
}
notify-where = Gdje: { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}i još { $more }
    }
notify-from = w4b-diag na { $host }, { $when } UTC
notify-test-title = Probna poruka programa w4b-diag
notify-test-detail = Poruke ovdje stižu. Ništa nije provjereno.
notify-sent = Poslane poruke: { $count }
notify-error-none = konfiguracija ne navodi nijedno odredište za poruke
    .hint = Dodajte barem jedan [[notify]] s kind i url; primjeri su u docs/notifications.md.
notify-error-secret = notify { $name }: { $from } ne sadrži ništa upotrebljivo
    .hint = Postavite varijablu okoline ili zapišite tajnu u datoteku, u jednom retku.
notify-error-url = notify { $name }: { $fault ->
    [missing] nema adrese
    [insecure] adresa nije šifrirana, a onamo ide tajna
   *[other] adresa se ne može upotrijebiti
    }
    .hint = Navedite url, url_env ili url_file: https://… za webhookove, smtps://HOST ili smtp://HOST za e-poštu, bez korisničkog imena i lozinke.
notify-error-mail = notify { $name }: „{ $key }” nedostaje ili nije adresa e-pošte
    .hint = E-pošta treba from i to; uz user i password_env ili password_file.
notify-error-twice = notify { $name } navedeno je dvaput
    .hint = Dajte svakom odredištu vlastito ime.
notify-error-ca-file = notify { $name }: { $fault ->
    [empty] u datoteci CA { $path } nema certifikata
   *[unreadable] datoteka CA { $path } ne može se pročitati: { $reason }
    }
    .hint = Onamo ništa nije poslano. ca_file navodi PEM datoteku s barem jednim certifikatom.
notify-error-send = { $name }: poruka nije stigla do { $host }: { $cause ->
    [dns] ime se ne može razriješiti
    [refused] ondje nitko ne sluša
    [unreachable] do njega nema puta
    [timeout] nema odgovora na vrijeme
    [tls-untrusted] njegovu se certifikatu ne vjeruje
    [tls-date] njegov certifikat sada ne vrijedi
    [tls-name] njegov je certifikat za drugo ime
    [http-status] odbija
   *[other] veza nije uspjela
    } ({ $reason })
    .hint = Sljedeće će izvođenje pokušati ponovno. Provjerite s --notify-test; vlastiti CA navodi se s ca_file.
notify-state-read = nije moguće čitati { $path }: { $reason }
    .hint = Ništa nije poslano. Dajte korisniku ovog izvođenja pristup datoteci.
notify-state-broken = { $path } nije zapis o obavijestima
    .hint = Ništa nije poslano. Navedite drugu datoteku s --state ili maknite ovu: tada će se sve javiti još jednom.
notify-state-write = nije moguće pisati { $path }: { $reason }
    .hint = Ništa nije poslano, jer bi svako izvođenje to slalo ponovno. Oslobodite mjesto na disku ili s --state navedite datoteku u koju se može pisati.
notify-state-busy = drugo izvođenje koristi { $path }
    .hint = Ono javlja što je novo. Neka se izvođenja ne preklapaju.
notify-state-place = nema direktorija za zapis o obavijestima
    .hint = Navedite datoteku s --state.
discover-read = nije moguće čitati popis { $path }: { $reason }
    .hint = Navedite konfiguraciju (TOML), CSV datoteku s poslužiteljima, JSON izvještaj ili paket.
discover-nothing = { $path } ne navodi nijedan poslužitelj
    .hint = CSV datoteka treba stupac s poslužiteljima (host, server, fqdn, url, adresa); izvještaj mora biti od naredbe certs ili check.
discover-row = { $path }, redak { $row }, izostavljeno: { $cause }
calendar-summary = { $element ->
    [leaf] Istječe certifikat od { $subject }
    [root] Istječe korijenski certifikat od { $subject }
    [anchor] Istječe Webexovo sidro povjerenja u { $subject }
   *[intermediate] Istječe međucertifikat od { $subject }
}
calendar-description = { $name } vrijedi do { $when } UTC. Izdao: { $issuer }.
calendar-name = Webex for BroadWorks: certifikati

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
render-made-by = Izradio { $tool } { $version } { $made }, procijenjeno prema stanju { $as_of }.
html-todo = Što učiniti
html-todo-none = Ne treba ništa učiniti.
html-certificates = Valjanost certifikata
html-chart = Najraniji istek prvi. Crte na stupcu: gdje počinju upozorenje i kritično. Crtkana crta: dan izvješća, { $date }.
html-until = { $state ->
    [expired] istekao { $date }
    [soon] samo do { $date }
   *[valid] do { $date }
}
html-days = { $days ->
    [one] još { $days } dan
    [few] još { $days } dana
   *[other] još { $days } dana
}
html-skip = Prijeđi na sadržaj
html-timelines = Vremenske crte
html-incidents = Smetnja te incidenti i održavanja oko nje
html-incidents-caption = Osjenčano: vrijeme smetnje. Ispunjeno: preklapa se s njom. Crtkano: ne preklapa se.
html-relation = { $relation ->
    [during] otvoreno kad je nastala smetnja
    [overlap] { $minutes ->
        [one] preklapa se sa smetnjom { $minutes } minutu
        [few] preklapa se sa smetnjom { $minutes } minute
       *[other] preklapa se sa smetnjom { $minutes } minuta
    }
    [before] { $minutes ->
        [one] završilo { $minutes } minutu prije
        [few] završilo { $minutes } minute prije
       *[other] završilo { $minutes } minuta prije
    }
   *[after] { $minutes ->
        [one] počelo { $minutes } minutu poslije
        [few] počelo { $minutes } minute poslije
       *[other] počelo { $minutes } minuta poslije
    }
}
html-span = { $until ->
    [none] od { $from }, još otvoreno
   *[other] od { $from } do { $until }
}
html-filter-severity = Ozbiljnost:
html-filter-owner = Čija strana:
html-filter-all = sve
html-filter-none = Nijedan nalaz ne odgovara objema filtrima.
html-copy = Kopiraj
html-copy-value = Kopiraj { $value }
html-copied = Kopirano
html-copy-all = Kopiraj sve podatke
html-size = Veličina
html-size-about = oko { $size }
html-redacted = Redigirano
html-later = broji se pri pakiranju; vidi manifest.json
html-masked = { $count } × { $kind ->
    [tracking-id] ID-ovi praćenja
    [customer-org] ID-ovi organizacije kupca
    [partner-org] ID-ovi partnerske organizacije
    [org] ID-ovi organizacija
    [user-id] ID-ovi korisnika
    [broadworks-user-id] BroadWorks ID-ovi korisnika
    [email] adrese e-pošte
    [client-version] verzije klijenta
    [broadworks-release] BroadWorks izdanja
    [control-hub-build] verzije Control Huba
    [error-code] kodovi pogrešaka
    [timestamp] vremenske oznake
    [call-id] Call-ID-ovi
    [device-id] ID-ovi uređaja
    [fingerprint] otisci
    [token] pristupni tokeni
    [jwt] JSON web tokeni
    [password] lozinke i tajne
    [cookie] kolačići i ID-ovi sesija
    [sip-digest] polja SIP digest
    [signed-url] parametri potpisanih URL-ova
    [private-key] privatni ključevi
    [phone] telefonski brojevi
    [person-name] imena osoba
    [ip-address] IP adrese
    [mac-address] MAC adrese
    [host-name] nazivi računala
   *[custom] vlastiti uzorci
 }
html-facts = Podaci o slučaju
html-files = Datoteke paketa
html-files-caption = Što je u paketu osim ove stranice
html-file = Datoteka

## service-request

sr-title-label = Naslov:
sr-title--error = Webex for BroadWorks: { $text } (pogreška { $code })
sr-title--code = Webex for BroadWorks: pogreška { $code }
sr-title--finding = Webex for BroadWorks: { $title }
sr-title--plain = Webex for BroadWorks: smetnja kod korisnika
sr-severity = { $level ->
    [s2] Predložena razina: S2 – usluga je znatno otežana za više korisnika. Podignite na S1 ako je usluga u prekidu i nema drugog načina.
   *[s3] Predložena razina: S3 – pogođen je jedan korisnik ili jedna funkcija, a rad se nastavlja. Podignite na S2 ako je pogođeno mnogo korisnika, na S1 ako je usluga u prekidu.
}
sr-heading = { $section ->
    [impact] Utjecaj na poslovanje
    [case] Tko i kada
    [ids] ID-ovi za praćenje
    [versions] Verzije
    [errors] Pogreške kako su prikazane
    [ours] Pronađeno na našoj strani
    [webex] Upućuje na Webex
    [ruled-out] Provjereno i isključeno
    [unchecked] Nije se moglo provjeriti
    [changes] Što je prije toga promijenjeno
    [missing] Što još nedostaje i gdje se nalazi
   *[files] Priložene datoteke
}
sr-impact-blank = [Ispunite: koliko je korisnika pogođeno, što ne mogu učiniti, otkada i postoji li drugi način.]
sr-changes-blank = [Ispunite: što je promijenjeno u sustavu Control Hub, Partner Hub ili BroadWorks prije nego što je smetnja počela, ili „ništa”.]
sr-field = { $field ->
    [provider] Davatelj usluga
    [customer-org] ID organizacije korisnika
    [partner-org] ID partnerske organizacije
    [other-org] ID druge organizacije
    [user] Pogođeni korisnik
    [broadworks-id] BroadWorks ID
    [webex-id] ID korisnika Webexa
    [time-frame] Vremensko razdoblje
    [client-version] Aplikacija Webex
    [control-hub-build] Control Hub build
   *[broadworks-release] Izdanje BroadWorksa
}
sr-time-frame = { $first } do { $last } (UTC)
sr-passed = { $check } ({ $count }): { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}i još { $more }
}
sr-more = { $count ->
    [one] i još { $count }; pogledajte report.json
    [few] i još { $count }; pogledajte report.json
   *[other] i još { $count }; pogledajte report.json
}
sr-more-files = { $count ->
    [one] i još { $count } datoteka; pogledajte manifest.json
    [few] i još { $count } datoteke; pogledajte manifest.json
   *[other] i još { $count } datoteka; pogledajte manifest.json
}

## exporter

help-exporter = Prati podešene ciljeve i daje njihove metrike Prometheusu
    .examples =
        w4b-diag exporter --config /etc/w4b-diag/config.toml
        w4b-diag exporter --listen :9812
        curl 'http://127.0.0.1:9812/probe?target=xsp1.example.net&module=cti'
help-exporter--listen = Adresa i port na kojima se sluša; „:9812” znači sve adrese; inače [exporter] listen, inače 127.0.0.1:9812
help-exporter--any-target = Putem /probe dopusti i ciljeve koji nisu podešeni: tko god dođe do exportera, tada se s ovog računala može spojiti bilo kamo
exporter-listening = { $count ->
    [one] Prati se { $count } cilj; metrike na { $address }, putanja /metrics
    [few] Prate se { $count } cilja; metrike na { $address }, putanja /metrics
   *[other] Prati se { $count } ciljeva; metrike na { $address }, putanja /metrics
}
exporter-reloaded = Konfiguracija je ponovno pročitana i sada vrijedi.
exporter-not-reloaded = Konfiguracija se ne može upotrijebiti; i dalje vrijedi prethodna. { $reason }
exporter-not-read-again = Datoteke navedene u konfiguraciji više se ne mogu pročitati; i dalje vrijedi ono što je prije pročitano. { $reason }
exporter-error-listen = „{ $text }” nije adresa s portom
    .hint = Napišite na primjer 127.0.0.1:9812, ili :9812 za sve adrese ovog računala.
exporter-error-bind = nije moguće slušati na { $address }: { $kind ->
        [in-use] to već čini drugi program
        [denied] pristup je odbijen
        [not-available] ovo računalo nema tu adresu
       *[other] { $reason }
    }
    .hint = Odaberite drugu adresu ili port s --listen ili [exporter] listen.
exporter-error-no-target = nema se što pratiti
    .hint = Navedite poslužitelje kao [[xsp]] u konfiguracijskoj datoteci ili s --any-target dopustite svaki cilj.
exporter-error-half-tls = u [exporter] tls_certificate i tls_key idu zajedno
    .hint = Navedite oboje, ili ništa za obični HTTP.
exporter-error-tls = HTTPS nije moguć: { $reason }
    .hint = U [exporter] navedite certifikat s lancem i privatni ključ koji mu pripada, oboje kao PEM.
exporter-error-user = „{ $name }” ne može biti korisničko ime u [[exporter.user]]
    .hint = Svako ime smije stajati samo jednom, ne smije biti prazno ni sadržavati dvotočku.
exporter-http-unauthorized = Prijavite se korisničkim imenom i lozinkom exportera.
exporter-http-not-found = Te stranice nema. Stranica / navodi sve.
exporter-http-method = Ovdje se odgovara samo na ove metode: { $allowed }
exporter-http-healthy = Exporter radi.
exporter-http-ready = Svaki je cilj barem jednom provjeren.
exporter-http-not-ready = Neki ciljevi još nisu provjereni.
exporter-http-reload-busy = Konfiguracija se već ponovno čita. Pokušajte opet za trenutak.
exporter-http-no-target = Navedite cilj: /probe?target=HOST:PORT&module=https
exporter-http-module = Modul „{ $module }” ne postoji. Moduli su https, cti i auth.
exporter-http-bad-target = „{ $target }” nije cilj ovog modula.
exporter-http-not-configured = { $target } nije među podešenim ciljevima.
exporter-http-too-many = Provjerava se previše ciljeva koji nisu podešeni. Pokušajte kasnije.
exporter-page-title = w4b-diag exporter { $version }
exporter-page-targets = { $count ->
    [one] Odgovara { $answering } od { $count } cilja.
    [few] Odgovara { $answering } od { $count } cilja.
   *[other] Odgovara { $answering } od { $count } ciljeva.
}
exporter-page-metrics = metrike svih podešenih ciljeva
exporter-page-sd = podešeni ciljevi za HTTP service discovery
exporter-page-healthy = radi li exporter
exporter-page-ready = je li svaki cilj barem jednom provjeren
exporter-page-probe = metrike jednog cilja
