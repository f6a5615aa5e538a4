### w4b-diag: every sentence a person reads, på norsk bokmål.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = feil:
label-warning = advarsel:
label-hint = tips:
error-interrupted = avbrutt
error-output = kan ikke skrive til standard ut: { $reason }

## files

cert-file-not-found = { $path }: filen finnes ikke
    .hint = Kontroller banen. Relative baner i konfigurasjonen regnes fra konfigurasjonsfilen.
cert-file-permission = { $path }: filen kan ikke leses, tilgang nektet
    .hint = Kjør programmet som en bruker som har lov til å lese den, eller kopier sertifikatet (ikke nøkkelen) et annet sted.
cert-file-directory = { $path } er en mappe
    .hint = Oppgi en fil i mappen, eller et mønster som "certs/*.pem".
cert-file-read = { $path } kan ikke leses: { $reason }
    .hint = Kontroller banen og disken.
cert-file-too-large = { $path } er større enn { $mebibytes } MiB og dermed for stor for en sertifikatfil
    .hint = Oppgi filen som bare inneholder sertifikatene.
cert-file-empty = { $path } er tom
    .hint = Eksporter eller last ned sertifikatet på nytt.
cert-file-html = { $path } er en nettside, ikke et sertifikat
    .hint = Nedlastingen endte trolig på en påloggingsside. Logg på og last ned filen på nytt.
cert-file-binary = { $path } er ingen sertifikatfil: verken PEM, DER, PKCS#7, PKCS#12 eller JKS
    .hint = Kontroller at det er riktig fil, og eksporter den på nytt hvis den er det.
cert-file-no-certificate = { $path } inneholder ikke noe sertifikat
    .hint = Et sertifikat som tekst begynner med linjen "-----BEGIN CERTIFICATE-----".
cert-file-damaged = { $path } er skadet: { $format ->
    [der] et DER-sertifikat
    [pkcs7] en PKCS#7-fil
    [pkcs12] en PKCS#12-fil
    [jks] et Java-nøkkellager
   *[other] en sertifikatfil
    } som er avkuttet eller feil bygd opp
    .hint = Kopier filen på nytt i binærmodus, eller eksporter den på nytt.
cert-file-not-a-bundle = { $path } er PKCS#7, men ingen liste over sertifikater
    .hint = Det er krypterte eller signerte data. Eksporter sertifikatene som PEM eller som .p7b-fil.
cert-file-password-needed = { $path } er beskyttet med passord
    .hint = Legg passordet i miljøvariabelen W4B_DIAG_P12_PASSWORD, eller oppgi i W4B_DIAG_P12_PASSWORD_FILE en fil som inneholder det.
cert-file-password-wrong = { $path }: passordet er feil
    .hint = Legg riktig passord i miljøvariabelen W4B_DIAG_P12_PASSWORD, eller i filen som W4B_DIAG_P12_PASSWORD_FILE oppgir.
cert-file-unsupported = { $path } er kryptert på en måte som ikke støttes: { $algorithm }
    .hint = Eksporter sertifikatene som PEM, for eksempel med "openssl pkcs12 -nokeys".
cert-file-base64 = { $path }: blokk { $block } er skadet på linje { $line }: ikke base64
    .hint = Kopier blokken på nytt fra kilden, fra BEGIN-linjen til END-linjen.
cert-file-empty-block = { $path }: blokk { $block } på linje { $line } er tom
    .hint = Kopier blokken på nytt fra kilden, fra BEGIN-linjen til END-linjen.
cert-file-no-end = { $path }: blokk { $block }, som begynner på linje { $line }, mangler END-linje
    .hint = Filen er trolig avkuttet. Kopier den på nytt.
cert-file-marker = { $path }: BEGIN- eller END-linjen på linje { $line } er skadet
    .hint = Det må stå nøyaktig fem bindestreker foran og bak. Tekstbehandlere og e-postprogrammer endrer dem.
cert-file-damaged-block = { $path }: blokk { $block } er skadet
    .hint = Eksporter filen på nytt.
cert-file-other-block = { $path }: blokken "{ $label }" er ikke et sertifikat
    .hint = Bruk sertifikatet som CA-en sendte tilbake, ikke forespørselen som ble sendt dit.
cert-file-too-many-blocks = { $path }: bare de første { $limit } blokkene ble lest
    .hint = Oppgi filen som bare inneholder sertifikatene.
cert-file-no-markers = { $path }: BEGIN- og END-linjene mangler
    .hint = Legg til linjene "-----BEGIN CERTIFICATE-----" og "-----END CERTIFICATE-----": andre programmer avviser filen uten dem.
cert-file-trailing-data = { $path }: etter sertifikatet følger { $bytes ->
    [one] { $bytes } byte
   *[other] { $bytes } byte
    } med andre data
    .hint = Eksporter filen på nytt: andre programmer kan avvise den.
cert-file-secret-key-entry = { $path } inneholder en hemmelig nøkkel, og det som følger etter den i lageret, ble ikke lest
    .hint = List opp lageret med keytool og eksporter sertifikatene som mangler her.

## targets

target-empty = målet er tomt
    .hint = Skriv host, host:port, https://host, cti://host, auth://host eller banen til en fil.
target-scheme = "{ $target }": { $scheme }:// er ukjent
    .hint = Kjente er https://, cti://, auth:// og file:.
target-host = "{ $target }" inneholder ikke noe gyldig vertsnavn eller noen gyldig adresse
    .hint = Skriv host, host:port eller, for IPv6, [adresse]:port.
target-port = "{ $target }" inneholder ikke noen gyldig port
    .hint = En port er et tall fra 1 til 65535.
target-pin = "{ $target }": ingen adresse etter "#"
    .hint = For å låse en adresse avslutter du målet med #ip= og en IPv4- eller IPv6-adresse.
target-user-info = målet inneholder et brukernavn
    .hint = Utelat alt til og med "@".
target-no-such-file = { $target }: filen finnes ikke
    .hint = Kontroller banen. Hvis en server heter dette, skriver du https:// foran.
identity-read = klientsertifikatet eller nøkkelen { $path } kan ikke leses: { $reason }
    .hint = Kontroller client_cert og client_key i konfigurasjonen; begge er PEM-filer.
identity-no-certificate = { $path } inneholder ikke noe klientsertifikat
    .hint = client_cert må peke på en PEM-fil med sertifikatet og kjeden.
identity-no-key = { $path } inneholder ingen brukbar privat nøkkel
    .hint = client_key må peke på en PEM-fil med en ukryptert RSA-, ECDSA- eller Ed25519-nøkkel.
identity-mismatch = nøkkelen { $key } hører ikke til sertifikatet { $certificate }
    .hint = Kontroller client_cert og client_key i konfigurasjonen.

## help

help-heading-usage = Bruk:
help-heading-commands = Kommandoer
help-heading-arguments = Argumenter
help-heading-options = Valg
help-heading-global = Valg for alle kommandoer
help-heading-examples = Eksempler:
help-heading-exit-codes = Avslutningskoder:
help-value-command = KOMMANDO
help-note-values = { "[" }verdier: { $value }]
help-note-default = { "[" }standard: { $value }]
help-note-env = { "[" }miljø: { $value }]

help = Diagnostikk og supportpakker for Webex for BroadWorks
    .exit-codes =
        0 ingenting galt, eller utført
        1 det verste funnet er en advarsel, eller noe ble utelatt
        2 det verste funnet er kritisk
        3 ikke utført: kunne ikke kontrolleres, feil bruk eller feil konfigurasjon
        130 avbrutt
help-global--config = Konfigurasjonsfil; ellers brukerens og maskinens
help-global--lang = Språk i utskriften; ellers systemets
help-global--format = Utskriftsformat; hvilke som finnes, avhenger av kommandoen
help-global--color = Når farger brukes
help-global--quiet = Skriv bare resultater, advarsler og feil
help-global--verbose = Skriv mer
help-global--timeout = Tidsgrense for hvert mål og for statussiden: 500ms, 5s, 2m; med --format nagios for hele kjøringen
help-global--as-of = Vurder per dette tidspunktet i stedet for nå (RFC 3339)
help-global--threads = Hvor mange prosessorkjerner som brukes
help-global--help = Vis hjelp
help-global--version = Vis versjonen

help-check = Kjør alle kontroller og si hva som må gjøres før eskalering
    .examples =
        w4b-diag check mail.txt logs.zip --xsp cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag check --text - --no-network < error.txt
help-bundle = Kjør alle kontroller og pakk dokumentasjonen til en serviceforespørsel
    .examples =
        w4b-diag bundle --preview mail.txt logs.zip
        w4b-diag bundle mail.txt logs.zip --xsp xsp1.example.net --user-email user@customer.example.com -o case.zip
help-status = Spør Webex-statussiden om hendelser og vedlikehold
    .examples =
        w4b-diag status
        w4b-diag status --at 2026-11-20T08:30:00+01:00 --component "Webex App"
        w4b-diag status --url saved-index.json --format json
help-certs = Kontroller sertifikater og tillitskjeder på servere og i filer
    .examples =
        w4b-diag certs xsp1.example.net cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag certs installed.pem --host xsp1.example.net
        w4b-diag certs --config /etc/w4b-diag/config.toml --format nagios
help-extract = Finn opplysningene en serviceforespørsel trenger, i tekster og logger
    .examples =
        w4b-diag extract mail.txt logs/
        journalctl -u tomcat | w4b-diag extract --format json
help-redact = Skriv ut en tekst der hemmeligheter og andres data er erstattet
    .examples =
        w4b-diag redact mail.txt > mail.redacted.txt
help-users = Kontroller brukereksporter fra Partner Hub og CSV-filer for masseimport
help-explain = Forklar en feilkode eller feiltekst og si hva som må gjøres
    .examples =
        w4b-diag explain 18215
        w4b-diag explain "Provisioning error with messaging server"
help-diff = Vis hva som er endret mellom to pakker
help-inspect = Vis en pakke: konklusjon, innhold, hva som ble sladdet
help-upload = Last opp en pakke til støttesaken
help-verify = Sammenlign hver fil i en pakke med manifestet og let etter hemmeligheter på nytt
help-restore = Gjør pseudonymer i leverandørens svar om til de virkelige verdiene
    .examples =
        w4b-diag restore answer.txt --map case.map
help-self-test = Kjør sladderens vanskelige prøvetilfeller på denne maskinen
help-completions = Skriv ut et fullføringsskript for et skall
    .examples =
        w4b-diag completions bash > ~/.local/share/bash-completion/completions/w4b-diag
help-completions--shell = Skallet
help-man = Skriv ut manualsidene
help-man--command = Kommandoen siden gjelder; ellers oversikten
help-man--output = Skriv alle sidene til denne mappen
help-checks = List opp alle kontroller
help-schema = Skriv ut JSON-skjemaene for utskrift, pakke og konfigurasjon
help-schema--name = Skjemaet som skrives ut; ellers listes navnene
help-schema--output = Skriv alle skjemaene til denne mappen

help-notify--notify = Meld til målene i [[notify]] hva som er nytt, varer eller er over
help-notify--notify-test = Send en testmelding til hvert mål i [[notify]], og kontroller ingenting
help-notify--state = Fil som husker hva som er meldt; ellers notify.json i brukerens tilstandskatalog
help-certs--discover = Flere mål: en konfigurasjon, en CSV-fil med verter, en tidligere JSON-rapport eller en pakke
help-certs--calendar = Skriv utløpet av alle sertifikater til denne kalenderfilen, med påminnelser
help-case--text = Fil med en feiltekst; «-» er standard inndata
help-case--log = Loggfil, arkiv eller mappe med logger
help-case--users-csv = Brukereksport fra Partner Hub, eller en CSV-fil for masseimport
help-case--attach = Fil som legges ved: skjermbilde, HAR; bilder gjennomsøkes ikke for hemmeligheter
help-case--xsp = Server som kontrolleres: HOST, https://HOST[:PORT], cti://HOST[:PORT], auth://HOST[:PORT], eller en sertifikatfil
help-case--trust = Fil med Webex-CA-kjeden som er installert som tillitsankere
help-case--status-url = Statusside: basis-URL, et JSON-dokument eller en lagret fil
help-case--user-email = E-postadressen til den berørte brukeren; forblir lesbar
help-case--customer-org = Kundens organisasjons-ID
help-case--partner-org = Partnerens organisasjons-ID
help-case--client-version = Versjonen av Webex-appen eller klienten
help-case--broadworks-release = Utgivelsen på en BroadWorks-server etter rolle: as=Rel_25.0_1.1122
help-case--since = Starten på tidsrommet da det skjedde (RFC 3339)
help-case--until = Slutten på tidsrommet da det skjedde (RFC 3339)
help-case--no-network = Ikke bruk nettverket: vurder bare filer og lagrede svar
help-case--paths = Filer av alle slag; hva de er, kjennes igjen på innholdet
help-bundle--output = Zip-filen som skrives
help-bundle--preview = Vis hva som ville bli delt, med størrelser og sladdinger; skriv ingenting
help-bundle--name = Navnet på mappen i zip-filen
help-bundle--max-size = Gjør ikke zip-filen større enn dette (20MB, 20MiB): logger kuttes, det nyeste og nærmest feilen beholdes først
help-bundle--map = Skriv også den private oversikten over pseudonymer til denne filen; gi den aldri videre
help-bundle--key = Fil med nøkkelen til pseudonymene; ellers stedets egen
help-bundle--fresh-key = Bruk en ny nøkkel, slik at pakken ikke kan knyttes til andre
help-bundle--yes = Ikke spør før skriving
help-diff--old = Den tidligere pakken
help-diff--new = Den senere pakken
help-inspect--zip = Pakken
help-inspect--judge = Vurder de lagrede observasjonene på nytt etter dagens regler, per nå eller --as-of
help-upload--zip = Pakken
help-upload--sr = Nummeret på støttesaken
help-upload--token-file = Fil med sakens opplastingstoken; ellers W4B_UPLOAD_TOKEN
help-upload--url = Last opp til denne HTTPS-adressen i stedet for Ciscos
help-upload--ca-file = PEM-fil med CA-sertifikater som også skal stoles på
help-upload--again = Last opp selv om kvitteringen sier at det er gjort
help-bundle--upload = Last opp pakken til støttesaken
help-bundle--sr = Nummeret på støttesaken
help-bundle--token-file = Fil med sakens opplastingstoken; ellers W4B_UPLOAD_TOKEN
help-bundle--url = Last opp til denne HTTPS-adressen i stedet for Ciscos
help-bundle--ca-file = PEM-fil med CA-sertifikater som også skal stoles på
help-bundle--again = Last opp selv om kvitteringen sier at det er gjort
help-verify--zip = Pakken

## cli

config-unreadable =
    kan ikke lese konfigurasjonsfilen { $path }: { $reason ->
        [missing] filen finnes ikke
        [denied] ingen tilgang
        [directory] det er en mappe
        [large] den er større enn 4 MiB
        [encoding] den er ikke UTF-8-tekst
       *[other] { $detail }
    }
    .hint = Oppgi en lesbar TOML-fil med --config eller W4B_DIAG_CONFIG, eller utelat begge.
config-syntax = { $place }: ikke gyldig TOML: { $reason }
    .hint = Rett filen på denne linjen og kolonnen. Tekst står i anførselstegn, lister i hakeparenteser.
config-unknown-key = { $place }: ukjent nøkkel «{ $key }»
    .hint =
        { $nearest ->
            [none] Kjente nøkler her: { $known }.
           *[other] Mente du «{ $nearest }»?
        }
config-missing-key = { $place }: nøkkelen «{ $key }» mangler
    .hint = Legg til nøkkelen i denne tabellen.
config-wrong-type =
    { $place }: «{ $key }» må være { $expected ->
        [text] tekst i anførselstegn
        [number] et tall
        [boolean] true eller false
        [list] en liste i hakeparenteser
       *[table] en tabell
    }, men her står { $found ->
        [text] tekst
        [number] et tall
        [boolean] true eller false
        [date] en dato
        [list] en liste
       *[table] en tabell
    }
    .hint = Endre verdien som beskrevet.
config-invalid-value = { $place }: { $value } er ikke en gyldig verdi for «{ $key }»
    .hint =
        { $form ->
            [date-time] Skriv et tidspunkt med tidssone (RFC 3339), for eksempel "2026-11-20T08:30:00+01:00".
            [threshold] Skriv en varighet som "30d" eller en andel av levetiden som "33%".
            [duration] Skriv en varighet som "60s" eller "5m".
            [sha256] Skriv de 64 heksadesimale sifrene i en SHA-256: printf %s PASSORD | sha256sum.
            [language] Skriv en, de, hr, nb eller it.
           *[other] Tillatt: { $form }.
        }
config-refused = { $path }: { $reason }
    .hint = Rett konfigurasjonsfilen.
error-format = denne kommandoen har ikke formatet «{ $format }»
    .hint = Formater for denne kommandoen: { $available }.

usage-other = kommandolinjen kan ikke forstås: { $reason }
    .hint = Se { $help }.
usage-not-utf8 = et argument er ikke UTF-8-tekst
    .hint = Se { $help }.
usage-missing-command = en kommando mangler
    .hint = Se { $help }.
usage-missing-argument = mangler: { $argument }
    .hint = Se { $help }.
usage-surplus-value = «{ $value }» er én verdi for mye for «{ $argument }»
    .hint = Se { $help }.
usage-repeated = «{ $argument }» står der mer enn én gang
    .hint = Én gang er nok; se { $help }.
usage-conflict = «{ $argument }» og «{ $other }» utelukker hverandre
    .hint = Utelat en av dem.
usage-unknown-argument = ukjent argument «{ $argument }»
    .hint =
        { $nearest ->
            [none] Se { $help }.
           *[other] Mente du «{ $nearest }»?
        }
usage-unknown-command = ukjent kommando «{ $command }»
    .hint =
        { $nearest ->
            [none] Se { $help }.
           *[other] Mente du «{ $nearest }»?
        }
usage-missing-value = «{ $argument }» trenger en verdi
    .hint =
        { $values ->
            [none] Se { $help }.
           *[other] Mulige verdier: { $values }.
        }
usage-invalid-value = «{ $value }» er ikke en gyldig verdi for «{ $argument }»
    .hint =
        { $nearest ->
            [none] { $values ->
                [none] { $form ->
                    [TIME] Skriv et tidspunkt med tidssone (RFC 3339), for eksempel 2026-11-20T08:30:00+01:00.
                    [DURATION] Skriv en varighet som 500ms, 5s, 2m eller 30d.
                    [SIZE] Skriv en størrelse som 500kB, 20MB eller 20MiB.
                    [N] Skriv et tall; se { $help }.
                   *[other] Se { $help }.
                }
               *[other] Mulige verdier: { $values }.
            }
           *[other] Mente du «{ $nearest }»? Mulige verdier: { $values }.
        }
error-write-file =
    kan ikke skrive { $path }: { $kind ->
        [no-directory] mappen finnes ikke
        [denied] ingen tilgang
        [full] disken er full
       *[other] { $reason }
    }
    .hint = Oppgi et sted som finnes, og som du kan skrive til.
man-name = NAVN
man-synopsis = SYNOPSIS
man-description = BESKRIVELSE
man-commands = KOMMANDOER
man-examples = EKSEMPLER
man-version = VERSJON
schema-unknown = det finnes ikke noe skjema «{ $name }»
    .hint = Skjemaer: { $known }.

## checks

# What each check makes sure of; what it found is said by the finding.
checks-id = KONTROLL
checks-severity = ALVORLIGHET
checks-owner = ANSVAR
checks-title = HVA SOM KONTROLLERES
check-status-reachable = Statussiden kan leses
check-status-component = Komponentene som betyr noe, er i drift
check-status-incident = Ingen åpen Webex-hendelse
check-status-maintenance = Ikke noe pågående eller varslet Webex-vedlikehold
check-status-incident-at-time = Ingen Webex-hendelse da feilen oppsto
check-tls-connect = Porten tar imot tilkoblinger
check-tls-handshake = TLS-håndtrykket lykkes
check-tls-protocol = TLS 1.2 eller nyere tilbys
check-tls-legacy-protocol = TLS 1.0 og 1.1 er slått av
check-tls-cipher = En chiffersuite som Webex bruker, tilbys
check-tls-mixed-addresses = Alle adresser for et navn svarer likt
check-tls-clock-skew = Serverens klokke går riktig
check-cert-expired = Sertifikatet er ikke utløpt
check-cert-expires-soon = Sertifikatet utløper ikke snart
check-cert-not-yet-valid = Sertifikatet er allerede gyldig
check-cert-self-signed = Sertifikatet er ikke selvsignert
check-cert-not-publicly-trusted = En offentlig CA går god for sertifikatet
check-cert-host-name = Sertifikatet inneholder vertsnavnet
check-cert-weak-key = Nøkkelen er sterk nok
check-cert-weak-signature = Signaturalgoritmen er sterk nok
check-cert-key-usage = Sertifikatet kan brukes til dette formålet
check-cert-validity-period = Levetiden er innenfor reglene
check-cert-revoked = Sertifikatet er ikke tilbakekalt
check-cert-malformed = Sertifikatet kan leses
check-chain-incomplete = Kjeden er fullstendig
check-chain-order = Kjeden står i riktig rekkefølge
check-chain-unrelated = Ingen sertifikater i kjeden hører ikke hjemme der
check-chain-invalid = Signaturer og begrensninger i kjeden stemmer
check-trust-expired = Ingen tillitsankere er utløpt
check-trust-expires-soon = Ingen tillitsankere utløper snart
check-trust-not-yet-valid = Alle tillitsankere er allerede gyldige
check-trust-root-missing = Tillitsfilen inneholder rotsertifikatet
check-trust-intermediate-missing = Tillitsfilen inneholder den utstedende CA-en
check-trust-not-a-ca = Alle tillitsankere er CA-er
check-trust-private-key = Tillitsfilen inneholder ingen privat nøkkel
check-trust-duplicate = Ingen tillitsankere finnes to ganger
check-trust-unsplit = Kjedefilen er delt i enkeltsertifikater
check-mtls-not-requested = Serveren ber om klientsertifikat
check-mtls-webex-ca-not-accepted = Serveren godtar Webex-CA-kjeden
check-mtls-accepted-cas-unknown = Serveren oppgir hvilke CA-er den godtar
check-case-customer-org = Kundens organisasjons-ID er kjent
check-case-partner-org = Partnerens organisasjons-ID er kjent
check-case-tracking-id = En sporings-ID er kjent
check-case-user-email = Den berørte brukerens e-postadresse er kjent
check-case-client-version = Klientversjonen er kjent
check-case-time-frame = Tidspunktet for feilen er kjent
check-user-error = Ingen brukere har feil
check-user-pending = Ingen brukere venter på et krav
check-user-stuck = Ingen brukere har stått for lenge i klargjøring
check-user-duplicate = Ingen brukere finnes to ganger
check-csv-missing-field = Alle obligatoriske felt er fylt ut
check-csv-invalid-value = Alle verdier er tillatt
check-csv-encoding = Filens tegnkoding og skilletegn er riktige
check-csv-package-conflict = Ingen brukere har pakker som utelukker hverandre
check-template-untrusted-emails = Ikke-klarerte e-poster er valgt i malen
check-template-share-link = Malens delingslenke peker til aktiveringssiden
check-release-unsupported = BroadWorks-utgivelsen støttes
check-release-unknown = BroadWorks-utgivelsen er kjent
check-order-not-ready = Bestillingen er klar for klargjøring
check-order-closed = Bestillingslinjen er åpen
check-order-past-no-return = Bestillingen er før «point of no return»
check-bundle-redacted = Innholdet er sladdet
check-bundle-incomplete = Ingenting mangler i pakken
check-bundle-tampered = Pakken er uendret
check-bundle-secret-left = Ingen hemmeligheter er igjen i pakken
check-bundle-signature = Pakken er signert av noen du stoler på

## input

input-error = { $name }: { $fault ->
    [not-found] filen finnes ikke
    [permission] filen kan ikke leses med disse rettighetene
    [no-match] ingen fil passer til dette mønsteret
    [not-regular] dette er ikke en vanlig fil
    [link] dette er en lenke ut av mappen; den følges ikke
    [binary] dette er ikke tekst; hoppet over
    [truncated] filen slutter for tidlig; det som sto før, er lest
    [changed] filen ble endret mens den ble lest
    [grew] filen vokste mens den ble lest; det som kom til, er utelatt
    [damaged] filen er skadet ({ $detail })
    [encrypted] filen er kryptert
    [method] filen er komprimert med en metode som ikke støttes
    [limit-depth] for mange arkiver ligger inni hverandre
    [limit-count] det er for mange filer
    [limit-size] utpakket blir det for mange byte
    [limit-ratio] utpakket blir det langt mer enn pakket: trolig en zip-bombe
    [limit-overlap] oppføringene deler de samme bytene: trolig en zip-bombe
   *[other] filen kan ikke leses: { $detail }
    }
    .hint = { $fault ->
    [not-found] Kontroller banen; store og små bokstaver er forskjellige.
    [permission] Kjør programmet som en bruker som kan lese filen, eller kopier den.
    [no-match] Kontroller mønsteret, eller oppgi filene.
    [not-regular] Oppgi en fil, en mappe eller et arkiv.
    [link] Oppgi selve filen hvis den hører til saken.
    [binary] Legg bilder og dokumenter ved saken med --attach.
    [truncated] Kopier eller last ned filen på nytt.
    [changed] Les den på nytt når ingen skriver til den, eller les en kopi.
    [grew] Les filen på nytt for å få med det som kom til.
    [damaged] Kopier eller last ned filen på nytt, eller pakk den ut med et annet program.
    [encrypted] Pakk ut filen først, og oppgi de utpakkede filene.
    [method] Pakk ut filen med et annet program, og oppgi de utpakkede filene.
    [limit-depth] Pakk ut det ytre arkivet, og oppgi det indre.
    [limit-count] Oppgi færre filer eller en undermappe.
    [limit-size] Pakk ut arkivet, og oppgi filene som betyr noe.
    [limit-ratio] Pakk det bare ut hvis du stoler på kilden.
    [limit-overlap] Pakk det bare ut hvis du stoler på kilden.
   *[other] Kontroller disken og forbindelsen til den, og prøv igjen.
    }

## status

help-status--url = Statusside: grunnadressen, et JSON-dokument eller en lagret fil
help-status--component = Komponent som er viktig; kan oppgis flere ganger; ellers de i konfigurasjonen
help-status--region = Region som er viktig, slik siden skriver den; kan oppgis flere ganger; ellers de i konfigurasjonen
help-status--at = Tidspunktet for feilen (RFC 3339): Hva var åpent da?
help-status--since = Begynnelsen av tiden da det skjedde (RFC 3339)
help-status--until = Slutten av tiden da det skjedde (RFC 3339); ellers nå
help-status--no-cache = Spør selve siden, også når den ble spurt i løpet av det siste minuttet
help-status--watch = Fortsett å spørre, og skriv bare ut endringer
help-status--interval = Tid mellom to spørsmål med --watch: 30s, 5m
help-status--output = Skriv til denne filen i stedet for standard ut: erstattes som helhet, lesbar for alle (0644); for textfile-samleren i node exporter skal navnet slutte på .prom

status-error-ca-file = kan ikke lese CA-filen { $path }: { $reason }
    .hint = Oppgi en lesbar PEM-fil i konfigurasjonen, [status] ca_file.
status-error-ca-file-empty = det er ikke noe sertifikat i CA-filen { $path }
    .hint = Filen må inneholde minst én blokk «BEGIN CERTIFICATE». Be den som drifter proxyen, om CA-sertifikatet i PEM-format.
status-error-proxy = { $reason } er ikke en proxyadresse
    .hint = Skriv den som http://proxy.example.net:3128 i konfigurasjonen, [status] proxy.
status-error-http = kan ikke sette opp HTTP: { $reason }
    .hint = Sjekk sertifikatene på systemet. Hjelper ikke det, meld denne teksten som en programfeil.
status-error-url = «{ $text }» er ikke en brukbar URL
    .hint = Oppgi grunnadressen til siden, for eksempel https://status.webex.com/, et JSON-dokument eller en lagret fil.
status-error-scheme = «{ $text }»: bare http, https og filer kan leses
    .hint = Oppgi grunnadressen til siden, for eksempel https://status.webex.com/, et JSON-dokument eller en lagret fil.
status-error-reversed = tidsrommet slutter ({ $last }) før det begynner ({ $first })
    .hint = Bytt om eller rett --since og --until.

status-reachable = { $cause ->
        [file] Den lagrede statusfilen kan ikke leses
        [http-status] Statussiden svarer med en feil (HTTP { $status })
        [not-the-api] Det som svarer, er ikke en statusside
        [broken] Svaret fra statussiden er ødelagt
        [too-large] Svaret fra statussiden er for stort
        [captive-portal] En påloggingsside for nettverket svarer i stedet for statussiden
       *[other] Statussiden kan ikke nås herfra
    }
    .detail =
        { $cause ->
            [dns] Navnet kan ikke slås opp.
            [refused] Tilkoblingen blir avvist.
            [unreachable] Det finnes ingen rute dit.
            [proxy] HTTP-proxyen kan ikke nås, eller den avviser.
            [proxy-auth] HTTP-proxyen ber om brukernavn og passord.
            [tls-untrusted] Sertifikatet er ikke signert av en CA som er klarert her; ofte står det en proxy som inspiserer TLS, imellom.
            [tls-date] Sertifikatet er utløpt eller ennå ikke gyldig; ofte går klokken på denne maskinen feil.
            [tls-name] Sertifikatet gjelder et annet navn.
            [tls] Det kunne ikke opprettes en sikker tilkobling.
            [timeout] Det kom ikke noe fullstendig svar i tide.
            [redirect-loop] Den omdirigerer uten ende.
            [redirect-insecure] Den omdirigerer fra HTTPS til HTTP, og det følges ikke.
            [too-large] Lesingen ble avbrutt ved grensen på 8 MiB.
            [reset] Tilkoblingen ble lukket før svaret var fullstendig.
            [not-http] Det som svarer der, snakker ikke HTTP.
            [http-status] Serveren svarer, men ikke med statusen.
            [captive-portal] Svaret kommer fra en annen vert enn den som ble spurt.
            [not-the-api] Det kom en nettside eller et annet dokument, selv om det var med HTTP 200.
            [broken] Det slutter midt i eller er ikke gyldig.
            [file] Den finnes ikke, eller den kan ikke leses.
           *[other] Det mislyktes av en uventet grunn.
        } Det sier ingenting om hvorvidt Webex virker.
        { $subject }: { $reason }
    .remedy = { $cause ->
        [dns] Sjekk navnet og DNS-serverne på denne maskinen, eller kjør sjekken et sted der Internett kan nås. I et nettverk med proxy: Sett HTTPS_PROXY.
        [refused] Sjekk adresse og port. I et nettverk med proxy: Sett HTTPS_PROXY.
        [unreachable] Sjekk nettverket og brannmuren. I et nettverk med proxy: Sett HTTPS_PROXY.
        [proxy] Sjekk HTTPS_PROXY og NO_PROXY, eller [status] proxy i konfigurasjonen.
        [proxy-auth] Oppgi brukernavn og passord i HTTPS_PROXY: http://USER:PASSWORD@proxy.example.net:3128.
        [tls-untrusted] Oppgi CA-sertifikatet til proxyen i konfigurasjonen, [status] ca_file.
        [tls-date] Sjekk dato og klokkeslett på denne maskinen.
        [tls-name] Sjekk URL-en. I et nettverk med proxy: Spør den som drifter den.
        [timeout] Prøv igjen, om nødvendig med lengre --timeout.
        [captive-portal] Åpne en nettside i en nettleser på denne maskinen, logg på nettverket og prøv igjen.
        [not-the-api] Sjekk URL-en: Den må være grunnadressen til siden, for eksempel https://status.webex.com/, eller et av JSON-dokumentene der.
        [too-large] Sjekk URL-en: Den må være grunnadressen til siden, for eksempel https://status.webex.com/, eller et av JSON-dokumentene der.
        [http-status] Åpne siden i en nettleser, og prøv igjen om noen minutter.
        [broken] Prøv igjen. En lagret fil kan være avkuttet: Lagre den på nytt.
        [file] Sjekk sti og tillatelser.
       *[other] Åpne siden i en nettleser og prøv igjen. Et dokument som er lagret der, kan oppgis med --url FIL.
    }
status-reachable--ok = Statussiden er lest
    .detail = { $subject }, { $at }.
status-reachable--skew = Klokkene på statussiden og på denne maskinen avviker med { $seconds } s
    .detail = Klokken på denne maskinen går { $direction ->
            [behind] for sakte
           *[ahead] for fort
        }. Tider fra logger og fra statussiden kan da ikke sammenlignes på minuttet. ({ $subject }, { $at })
    .remedy = Still klokken på denne maskinen med NTP, og ta hensyn til avviket når du sammenligner tider.

status-component = { $subject }: { $state ->
        [under_maintenance] under vedlikehold
        [degraded_performance] redusert ytelse
        [partial_outage] delvis nede
       *[major_outage] stort sett nede
    }
    .detail = { $part ->
            [none] Statussiden melder dette for selve komponenten
           *[other] Statussiden melder dette for delen «{ $part }»
        }{ $since ->
            [none] .
           *[other] ; sist endret { $since }.
        }
    .remedy = { $who } arbeider med saken. Vent, abonner på statussiden og informer kunden. Eskaler bare hvis feilen består etterpå.
status-component--ok = { $subject }: i drift
    .detail = Ifølge statussiden.
status-component--other-region = { $subject }: problemer bare i andre regioner ({ $regions })
    .detail = { $part ->
            [none] Selve komponenten
           *[other] Delen «{ $part }»
        }: { $state ->
            [under_maintenance] under vedlikehold
            [degraded_performance] redusert ytelse
            [partial_outage] delvis nede
           *[major_outage] stort sett nede
        }. Ingen av regionene i konfigurasjonen er nevnt.
    .remedy = Ingenting å gjøre, med mindre en kunde bruker disse regionene.
status-component--unknown = Statussiden har ingen komponent «{ $subject }»
    .detail = { $nearest ->
            [none] {""}
           *[other] Mente du «{ $nearest }»?{" "}
        }Den har: { $names }.
    .remedy = Skriv navnet slik siden gjør, med --component eller i konfigurasjonen, [status] components.
status-component--unknown-state = { $subject }: { $word ->
        [none] Statussiden oppgir ingen status
       *[other] Statussiden sier «{ $word }»
    }
    .detail = Ingenting kan sies om den.
    .remedy = Se på statussiden.
status-component--not-said = Denne kilden har ingen komponenter
    .detail = { $subject } sier ingenting om enkeltkomponenter.
    .remedy = Oppgi grunnadressen til siden, for eksempel https://status.webex.com/, eller dens index.json.

status-incident = Åpen hendelse ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start ikke oppgitt
           *[other] Siden { $since }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        } Berørt: { $components ->
            [none] ikke oppgitt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regioner: { $regions }.
        }
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = { $who } arbeider med saken. Vent, abonner på hendelsen ({ $link }) og informer kunden. Ikke opprett en serviceforespørsel for dette; eskaler bare hvis feilen består etter at hendelsen er lukket.
status-incident--unclear = Åpen hendelse som ikke nevner noen komponent ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start ikke oppgitt
           *[other] Siden { $since }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        } Om den passer, må leses ut av teksten.
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = Sammenlign teksten med feilen. Hvis den passer: Vent, abonner på hendelsen ({ $link }) og informer kunden.
status-incident--other-region = Åpen hendelse i andre regioner ({ $regions }; { $who }): { $name }
    .detail =
        { $since ->
            [none] Start ikke oppgitt
           *[other] Siden { $since }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        } Ingen av regionene i konfigurasjonen er nevnt.
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = Ingenting å gjøre, med mindre en kunde bruker disse regionene.
status-incident--unknown-state = Hendelse med ukjent tilstand ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start ikke oppgitt
           *[other] Siden { $since }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        } Kilden sier ikke med kjente ord om den fortsatt er åpen.
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = Se på statussiden ({ $link }).
status-incident--ok = Ingen åpen hendelse gjelder disse komponentene
    .detail = { $others ->
            [0] Ingen hendelse er åpen.
            [one] { $others } åpen hendelse gjelder andre tjenester.
           *[other] { $others } åpne hendelser gjelder andre tjenester.
        }
status-incident--unknown = Denne kilden sier ikke hvilke hendelser som er åpne
    .detail = { $subject } har ingen liste over hendelser.
    .remedy = Oppgi grunnadressen til siden, for eksempel https://status.webex.com/, eller dens index.json.

status-maintenance = Pågående vedlikehold ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start ikke oppgitt
           *[other] Siden { $since }
        }{ $until ->
            [none] {""}
           *[other] , planlagt til { $until }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        } Berørt: { $components ->
            [none] ikke oppgitt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regioner: { $regions }.
        }
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = Vent til vedlikeholdet er over ({ $link }), og informer kunden. Eskaler bare hvis feilen består etterpå.
status-maintenance--unclear = Pågående vedlikehold som ikke nevner noen komponent ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start ikke oppgitt
           *[other] Siden { $since }
        }{ $until ->
            [none] {""}
           *[other] , planlagt til { $until }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        }
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = Sammenlign teksten med feilen ({ $link }).
status-maintenance--soon = Vedlikehold innen 24 timer ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start ikke oppgitt
           *[other] Fra { $since }
        }{ $until ->
            [none] {""}
           *[other] { " " }til { $until }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        } Berørt: { $components ->
            [none] ikke oppgitt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regioner: { $regions }.
        }
    .remedy = Informer kundene det gjelder ({ $link }).
status-maintenance--ok = Ikke noe vedlikehold av disse komponentene nå eller innen 24 timer
    .detail = Ifølge statussiden.
status-maintenance--unknown = Denne kilden sier ikke hvilket vedlikehold som er planlagt
    .detail = { $subject } har ingen liste over vedlikehold.
    .remedy = Oppgi grunnadressen til siden, for eksempel https://status.webex.com/, eller dens index.json.

status-incident-at-time = Hendelse da feilen oppstod ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Feil: { $first }.
           *[frame] Feil: { $first } til { $last }.
        } Hendelse: { $since } til { $until ->
            [none] nå, fortsatt åpen
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        }
        { $kind ->
            [instant] Hendelsen var åpen da.
           *[frame] Overlapp: { $minutes } min, { $from } til { $to }.
        } Berørt: { $components ->
            [none] ikke oppgitt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regioner: { $regions }.
        }
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = Sammenlign teksten med feilen. Hvis den passer, forklarer hendelsen feilen: Følg hendelsen ({ $link }) og informer kunden. Eskaler bare det som gjenstår etter at den er over.
status-incident-at-time--maintenance = Vedlikehold da feilen oppstod ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Feil: { $first }.
           *[frame] Feil: { $first } til { $last }.
        } Vedlikehold: { $since } til { $until ->
            [none] nå, ikke avsluttet ennå
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        }
        { $kind ->
            [instant] Det pågikk da.
           *[frame] Overlapp: { $minutes } min, { $from } til { $to }.
        } Berørt: { $components ->
            [none] ikke oppgitt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regioner: { $regions }.
        }
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = Sammenlign teksten med feilen ({ $link }). Hvis den passer, forklarer vedlikeholdet feilen. Eskaler bare det som gjenstår etter at det er over.
status-incident-at-time--unclear = Da feilen oppstod, nevner ingen komponent: { $name }
    .detail =
        { $kind ->
            [instant] Feil: { $first }.
           *[frame] Feil: { $first } til { $last }.
        } Publisert: { $since } til { $until ->
            [none] nå, fortsatt åpen
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; nummer { $numbers }.
        }
        { $kind ->
            [instant] Oppføringen var åpen da.
           *[frame] Overlapp: { $minutes } min, { $from } til { $to }.
        }
        { $update ->
            [none] Ingen oppdatering er publisert ennå.
           *[other] Siste oppdatering ({ $updated }): { $update }
        }
    .remedy = Sammenlign teksten med feilen ({ $link }).
status-incident-at-time--ok = Ingen Webex-hendelse og ikke noe vedlikehold da feilen oppstod
    .detail = { $kind ->
            [instant] { $first }
           *[frame] { $first } til { $last }
        }: Ingenting som nevner disse komponentene, overlapper.
status-incident-at-time--unknown = Det er ikke kjent om Webex hadde en hendelse da feilen oppstod
    .detail = { $kind ->
            [instant] For { $first }
           *[frame] For { $first } til { $last }
        } { $what ->
            [incidents] rekker ikke listen over hendelser langt nok tilbake
            [maintenances] rekker ikke listen over vedlikehold langt nok tilbake
           *[both] rekker ikke listene over hendelser og vedlikehold langt nok tilbake
        }{ $known ->
            [none] , eller denne kilden har ingen.
           *[other] ; den begynner { $known }.
        } Det som er kjent, overlapper ikke.
    .remedy = Se i historikken på statussiden ({ $subject }).

status-incident-at-time--skew = Klokkene avviker for mye til å si om dette overlapper ({ $who }): { $name }
    .detail = { $kind ->
            [instant] Feil: { $first }.
           *[frame] Feil: { $first } til { $last }.
        } Publisert: { $since } til { $until ->
            [none] nå, fortsatt åpen
           *[other] { $until }
        }. Lest slik overlapper de ikke. Men denne maskinen går { $seconds } s { $direction ->
            [behind] etter
           *[ahead] foran
        } statussiden: Et klokkeslett som er lest av klokken dens, er like mye feil, og da overlapper de.
    .remedy = Finn ut hvilken klokke tidspunktet for feilen kommer fra, still klokken på denne maskinen med NTP, og oppgi det rettede tidspunktet med --at eller --since og --until.

status-watch-gone = over: { $title }
status-watch-started = Følger { $source } hvert { $seconds }. sekund; endringer skrives ut. Ctrl-C avslutter.

timeline-title = Tidslinje
timeline-fault = Feil
## certs

tls-connect = Ingen forbindelse til { $subject }
    .detail = Sett fra denne maskinen: { $reason ->
        [dns] navnet { $host } kan ikke slås opp.
        [dns-silent] navnetjeneren svarte ikke på spørsmålet om { $host }.
        [refused] { $address } avviser forbindelser på port { $port }.
        [unreachable] det finnes ingen rute til { $address }.
        [timeout-connect] { $address } svarer ikke på port { $port } innen tidsfristen.
        [internal] selve prøven mislyktes ({ $words }).
       *[other] ingen forbindelse til { $address } på port { $port } ({ $words }).
    }
    .remedy = { $reason ->
        [dns] Kontroller stavemåten og DNS-oppføringen for { $host }. Også Webex må kunne slå opp navnet.
        [dns-silent] Kontroller navnetjenerne til denne maskinen (/etc/resolv.conf) og veien til dem.
        [refused] Kontroller på XSP-en at grensesnittet lytter på port { $port }, og at tjenesten kjører.
        [internal] Kjør på nytt med --verbose; skjer det igjen, meld det som en feil i dette programmet.
       *[other] Kontroller ruting og brannmur mellom denne maskinen og { $address }. Webex kobler til fra egne nett: test også utenfra.
    }
tls-connect--ok = { $subject } kan nås
tls-handshake = { $subject } snakker ikke TLS som ventet
    .detail = Sett fra denne maskinen: { $reason ->
        [timeout-handshake] { $address } tar imot forbindelsen og tier så.
        [slow-peer] { $address } svarer så langsomt at håndtrykket ikke blir ferdig innen tidsfristen.
        [reset] { $address } lukker forbindelsen under håndtrykket.
        [not-tls] det som svarer på port { $port } på { $address }, er ikke TLS.
        [protocol-version] { $address } og dette programmet har ingen felles TLS-versjon.
        [alert] { $address } avbryter håndtrykket med TLS-varsel { $alert }.
       *[other] håndtrykket med { $address } mislyktes ({ $words }).
    }
    .remedy = { $reason ->
        [not-tls] Kontroller at grensesnittet på port { $port } er satt til sikkert.
        [protocol-version] Slå på TLS 1.2 på dette grensesnittet.
        [alert] Se i loggen til XSP-en for samme tidspunkt: der står det hvorfor håndtrykket ble avvist.
       *[other] Kontroller om tjenesten henger eller er overbelastet, og om en brannmur eller lastbalanserer bryter forbindelsen.
    }
tls-handshake--ok = TLS-håndtrykk med { $subject } lykkes
tls-protocol = { $subject } tilbyr ikke TLS 1.2
    .detail = Tilbudt: { $versions }. Webex forhandler TLS 1.2 eller nyere og ikke noe eldre.
    .remedy = Slå på TLSv1.2. Den mest spesifikke innstillingen gjelder: { $contexts }
tls-protocol--ok = { $subject } tilbyr { $versions }
tls-legacy-protocol = { $subject } tilbyr fortsatt { $versions }
    .detail = Disse versjonene er foreldet (RFC 8996). Webex bruker dem ikke, men angripere kan gjøre det.
    .remedy = Fjern dem der de er innstilt; den mest spesifikke innstillingen gjelder: { $contexts }
tls-legacy-protocol--ok = { $subject } avviser TLS 1.1 og eldre
tls-legacy-protocol--unknown = Det lot seg ikke se om { $subject } tilbyr TLS 1.1 eller eldre
    .detail = Serveren svarte ikke tydelig på prøven med gamle versjoner.
    .remedy = Slå opp versjonene på kommandolinjen i BroadWorks.
tls-cipher = { $subject } velger den svake krypteringen { $cipher }
    .detail = Den mangler fremtidssikring (forward secrecy) eller er knekt. Webex kan avvise forbindelsen.
    .remedy = Tillat ECDHE-kryptering med AES-GCM; den mest spesifikke innstillingen gjelder: { $contexts }
tls-cipher--ok = Kryptering for { $subject }: { $cipher }
tls-mixed-addresses = Adressene til { $subject } er ikke like
    .detail = { $aspect ->
        [reachable] Tilgjengeligheten er ulik: { $different } mot { $others }.
        [certificate] { $different } viser et annet sertifikat enn { $others }.
        [chain] { $different } leverer andre mellomsertifikater enn { $others }.
        [versions] { $different } tilbyr andre TLS-versjoner enn { $others }.
        [client-auth] { $different } og { $others } er ulike i om de ber om klientsertifikat.
       *[accepted-names] { $different } godtar andre CA-navn for klientsertifikater enn { $others }.
    }
    .remedy = Gjør alle medlemmene like: et glemt medlem svikter bare av og til og er vanskelig å finne.
tls-mixed-addresses--ok = Alle { $count } adressene til { $subject } er like
tls-clock-skew = Klokken på { $subject } går { $seconds } sekunder feil
    .detail = { $direction ->
        [behind] Den går etter klokken på denne maskinen.
       *[ahead] Den går foran klokken på denne maskinen.
    }
    .remedy = Kontroller NTP på XSP-en og på denne maskinen. Tokener og sertifikater kontrolleres mot klokken.
tls-clock-skew--ok = Klokken på { $subject } stemmer ({ $seconds ->
        [one] { $seconds } sekund
       *[other] { $seconds } sekunder
    } { $direction ->
        [behind] etter
       *[ahead] foran
    })
cert-expired = { $element ->
        [leaf] Sertifikatet til { $subject } er utløpt
        [intermediate] Et mellomsertifikat for { $subject } er utløpt
       *[root] Rotsertifikatet for { $subject } er utløpt
    }
    .detail = { $name } var gyldig til { $until } ({ $days ->
        [one] for { $days } dag siden
       *[other] for { $days } dager siden
    }).
    .remedy = { $element ->
        [leaf] Skaff et nytt sertifikat fra en offentlig CA og installer det med kjeden: { $cli }
       *[other] Skaff den gjeldende kjeden fra CA-en og installer den sammen med sertifikatet: { $cli }
    }
cert-expired--ok = Sertifikatet til { $subject } er ikke utløpt
    .detail = { $name } er gyldig til { $until }.
cert-expires-soon = { $element ->
        [leaf] Sertifikatet til { $subject } utløper om { $days ->
            [one] { $days } dag
           *[other] { $days } dager
        }
        [intermediate] Et mellomsertifikat for { $subject } utløper om { $days ->
            [one] { $days } dag
           *[other] { $days } dager
        }
       *[root] Rotsertifikatet for { $subject } utløper om { $days ->
            [one] { $days } dag
           *[other] { $days } dager
        }
    }
    .detail = { $name } er gyldig til { $until }. { $days ->
        [one] { $days } dag
       *[other] { $days } dager
    } igjen = { $percent } % av { $lifetime } dager; advarsel fra { $warn } dager (= { $warnshare } %), kritisk fra { $critical } dager (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Bestill et nytt sertifikat fra en offentlig CA nå og installer det med kjeden: { $cli }
       *[other] Spør CA-en etter kjeden som følger, og installer den sammen med sertifikatet: { $cli }
    }
cert-expires-soon--hours = Et sertifikat for { $subject } utløper om { $hours ->
        [one] { $hours } time
       *[other] { $hours } timer
    }
    .detail = { $name } er gyldig til { $until }. Igjen: { $hours } h = { $percent } % av { $lifehours } h; advarsel fra { $warnhours } h (= { $warnshare } %), kritisk fra { $criticalhours } h (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Bestill et nytt sertifikat fra en offentlig CA nå og installer det med kjeden: { $cli }
       *[other] Spør CA-en etter kjeden som følger, og installer den sammen med sertifikatet: { $cli }
    }
cert-expires-soon--ok = Sertifikatet til { $subject } utløper ikke snart
    .detail = { $name } er gyldig til { $until }: { $days ->
        [one] { $days } dag
       *[other] { $days } dager
    } igjen = { $percent } % av { $lifetime } dager; advarsel fra { $warn } dager (= { $warnshare } %), kritisk fra { $critical } dager (= { $criticalshare } %).
cert-not-yet-valid = Et sertifikat for { $subject } er ikke gyldig ennå
    .detail = { $element ->
        [leaf] { $name } er gyldig fra { $from }, om { $days ->
            [one] { $days } dag
           *[other] { $days } dager
        }.
        [intermediate] Mellomsertifikatet { $name } er gyldig fra { $from }, om { $days ->
            [one] { $days } dag
           *[other] { $days } dager
        }.
       *[root] Rotsertifikatet { $name } er gyldig fra { $from }, om { $days ->
            [one] { $days } dag
           *[other] { $days } dager
        }.
    }
    .remedy = Kontroller klokken først. Går den riktig, installer sertifikatet først når det er blitt gyldig: { $cli }
cert-not-yet-valid--ok = Sertifikatet til { $subject } er allerede gyldig
    .detail = { $name } er gyldig fra { $from }.
cert-self-signed = Sertifikatet til { $subject } er selvsignert
    .detail = { $name } har signert seg selv, gyldig til { $until }. Webex godtar bare sertifikater fra offentlige CA-er.
    .remedy = Erstatt det med et sertifikat fra en offentlig CA: { $cli }
cert-self-signed--one-year = { $subject } har fortsatt det selvsignerte sertifikatet fra førstegangsoppsettet
    .detail = { $name } har signert seg selv og er gyldig i ett år, til { $until }: et slikt sertifikat lages når et grensesnitt sikres for første gang. Webex godtar bare sertifikater fra offentlige CA-er.
    .remedy = Bestill et sertifikat fra en offentlig CA på serverens navn og installer det med kjeden: { $cli }
cert-self-signed--unknown = Om sertifikatet til { $subject } er selvsignert, kan ikke kontrolleres her
    .detail = { $name } oppgir seg selv som utsteder, men signaturen ({ $signature }) kan ikke kontrolleres her.
    .remedy = Se på sertifikatet med et annet verktøy, eller bestill et fra en offentlig CA: { $cli }
cert-self-signed--ok = Sertifikatet til { $subject } er ikke selvsignert
    .detail = Utstedt av { $issuer }.
cert-not-publicly-trusted = Sertifikatet til { $subject } er ikke fra en offentlig CA
    .detail = Kjeden ender ved { $root }, som ikke er blant de klarerte røttene ({ $store }).
    .remedy = Bestill et sertifikat fra en offentlig CA og installer det med kjeden: { $cli }
cert-not-publicly-trusted--ok = Sertifikatet til { $subject } er klarert
    .detail = Det leder til roten { $root } ({ $store }).
cert-not-publicly-trusted--unknown = Om CA-en til { $subject } er offentlig, kan ikke sies ennå
    .detail = Sertifikatet { $root } mangler, så ingenting leder til en rot ({ $store }).
    .remedy = Gjør kjeden fullstendig først.
cert-not-publicly-trusted--distrusted = Nettlesere stoler ikke på sertifikatet til { $subject }
    .detail = { $name } ble utstedt { $from } under roten { $root }. { $program } stoler bare på det denne roten utstedte til og med { $after } ({ $source }). Selve kjeden er gyldig.
    .remedy = Bestill et sertifikat fra en annen offentlig CA og installer det med kjeden: { $cli }
cert-not-publicly-trusted--distrusted-later = Det neste sertifikatet til { $subject } må komme fra en annen CA
    .detail = { $name } leder til roten { $root }. { $program } stoler bare på det denne roten utstedte til og med { $after } ({ $source }); dette sertifikatet er eldre og er godt til { $until }.
    .remedy = Velg en annen offentlig CA ved neste fornyelse.
cert-host-name = Sertifikatet til { $subject } gjelder et annet navn
    .detail = { $host } er ikke blant navnene: { $names }.
    .remedy = Bruk et av disse navnene, eller bestill et sertifikat som har { $host } som Subject Alternative Name: { $cli }
cert-host-name--no-names = Sertifikatet til { $subject } nevner ingen vert
    .detail = Det har ikke noe Subject Alternative Name og kan derfor ikke stå for { $host }.
    .remedy = Bestill et sertifikat som har { $host } som Subject Alternative Name: { $cli }
cert-host-name--cn-only = Sertifikatet til { $subject } har navnet bare i Common Name
    .detail = { $host } står i Common Name, men det finnes ingen Subject Alternative Names. Dagens programvare ser bare der.
    .remedy = Bestill et sertifikat som har { $host } som Subject Alternative Name: { $cli }
cert-host-name--ok = Sertifikatet til { $subject } gjelder { $host }
    .detail = Navn: { $names }.
cert-host-name--unknown = Vertsnavnet for { $subject } ble ikke kontrollert
    .detail = En fil sier ikke under hvilket navn den leveres. Sertifikatet er { $name }.
    .remedy = Oppgi navnet med --host.
cert-weak-key = En nøkkel i kjeden til { $subject } er for svak
    .detail = { $details } ({ $citation }). Sertifikatets egen nøkkel: { $key }.
    .remedy = Lag en ny nøkkel på RSA 2048 biter eller mer, eller EC P-256, bestill et sertifikat for den og installer det: { $cli }
cert-weak-key--ok = Nøkkelen til { $subject } er sterk nok
    .detail = { $key }
cert-weak-signature = En signatur i kjeden til { $subject } er for svak
    .detail = { $details } ({ $citation }). Sertifikatets egen signatur: { $signature }.
    .remedy = Bestill et sertifikat som er signert med SHA-256 eller bedre: { $cli }
cert-weak-signature--ok = Signaturen til { $subject } er sterk nok
    .detail = { $signature }
cert-key-usage = Sertifikatet til { $subject } er ikke laget for denne bruken
    .detail = { $details } ({ $citation }).
    .remedy = Bestill et sertifikat for TLS-servere (serverAuth): { $cli }
cert-key-usage--ok = Sertifikatet til { $subject } er laget for servere
cert-validity-period = Sertifikatet til { $subject } gjelder lenger enn offentlige CA-er kan utstede
    .detail = { $details } ({ $citation }).
    .remedy = Bestill et sertifikat med kortere levetid og automatiser fornyelsen: { $cli }
cert-validity-period--ok = Levetiden til sertifikatet for { $subject } er tillatt
    .detail = { $lifetime ->
        [one] { $lifetime } dag
       *[other] { $lifetime } dager
    }
cert-revoked = Sertifikatet til { $subject } er tilbakekalt
    .detail = { $name } ble tilbakekalt { $revoked }; det sier tilbakekallingslisten til { $issuer } fra { $this } (grunn: { $reason }).
    .remedy = Bestill et nytt sertifikat med ny nøkkel og installer det straks: { $cli }
cert-revoked--issuer = En utsteder over sertifikatet til { $subject } er tilbakekalt
    .detail = { $name } ble tilbakekalt { $revoked }; det sier tilbakekallingslisten til { $issuer } fra { $this } (grunn: { $reason }). Ingenting den har utstedt, gjelder lenger.
    .remedy = Bestill et nytt sertifikat som en annen utsteder utsteder, og installer det med kjeden: { $cli }
cert-revoked--ok = Sertifikatet til { $subject } er ikke tilbakekalt
    .detail = { $name } står ikke på tilbakekallingslisten til { $issuer }, som er riktig fra { $this } til { $next }.
cert-revoked--unknown = Om sertifikatet til { $subject } er tilbakekalt, kan ikke sies
    .detail = { $cause ->
        [no-issuer] Uten sertifikatet til utstederen { $issuer } kan ingen tilbakekallingsliste for { $name } kontrolleres.
        [unreadable] En oppgitt tilbakekallingsliste kan ikke leses, og ingen annen er fra { $issuer }, utstederen av { $name }.
        [partition] De oppgitte listene til { $issuer } gjelder andre sertifikater enn { $name }.
        [delta] Den oppgitte listen til { $issuer } inneholder bare endringene siden en tidligere liste.
        [signature] Den oppgitte listen bærer navnet { $issuer }, men en annen nøkkel har signert den, eller den er endret.
        [unverifiable] Signaturen på listen til { $issuer } kan ikke kontrolleres her.
        [not-signer] { $issuer } har ikke lov til å signere tilbakekallingslister (nøkkelbruk uten cRLSign).
        [unsound] Listen til { $issuer } bryter RFC 5280: uten nummer, eller med en ukjent kritisk del.
        [not-yet] Listen til { $issuer } er først riktig fra { $this }.
        [expired] Listen til { $issuer } var bare riktig til { $next }.
       *[none] Ingen av de oppgitte listene er fra { $issuer }, utstederen av { $name }.
    }
    .remedy = { $cause ->
        [no-issuer] Få orden på kjeden først, eller oppgi det manglende sertifikatet med --intermediates.
       *[none] Hent den gjeldende fullstendige listen til utstederen, og oppgi den med --crl. Sertifikatet sier hvorfra: { $place }
    }
cert-revoked--ocsp = Sertifikatet til { $subject } er tilbakekalt
    .detail = { $name } ble tilbakekalt { $revoked }; det sier OCSP-svaret som serveren selv legger ved (grunn: { $reason }).
    .remedy = Bestill et nytt sertifikat med ny nøkkel og installer det straks: { $cli }
cert-revoked--ocsp-ok = Ifølge det vedlagte OCSP-svaret er ikke sertifikatet til { $subject } tilbakekalt
    .detail = { $name }: signert av { $responder }, riktig fra { $this } til { $next }.
cert-revoked--ocsp-unknown = Det vedlagte OCSP-svaret til { $subject } sier ikke om sertifikatet er tilbakekalt
    .detail = { $cause ->
        [unknown-status] Svartjenesten { $responder } kjenner ikke { $name }.
        [malformed] Svaret følger ikke formatet.
        [error] Svartjenesten svarte med en feil.
        [no-issuer] Utstederen av { $name } mangler, så svaret kan ikke kontrolleres.
        [other-certificate] Svaret gjelder et annet sertifikat enn { $name }.
        [responder] { $responder } har ikke lov til å svare for utstederen av { $name }.
        [responder-expired] Sertifikatet til svartjenesten { $responder } er ikke gyldig på dette tidspunktet.
        [signature] Signaturen på svaret er feil.
        [unverifiable] Signaturen på svaret bruker en algoritme som ikke kan kontrolleres her.
        [not-yet] Svaret er riktig først fra { $this }: en klokke går feil.
       *[expired] Svaret var riktig fra { $this } til { $next } og er utdatert.
    }
    .remedy = { $cause ->
        [no-issuer] Få orden på kjeden først.
        [unknown-status] Spør CA-en om den har utstedt dette sertifikatet.
        [other-certificate] Start grensesnittet på nytt: det legger ved svaret for det forrige sertifikatet.
       *[other] Kontroller at serveren når OCSP-tjenesten sin og at klokken går riktig, eller slå av vedleggingen.
    }
cert-seen = { $what ->
    [trailing] { $bytes } byte følger etter sertifikatet
    [not-a-certificate] ikke et sertifikat ({ $words })
    [dates] datoene er utenfor gyldig område
    [extension-twice] utvidelsen { $oid } finnes to ganger
    [extension-malformed] utvidelsen { $oid } kan ikke leses ({ $words })
    [names-malformed] et alternativt navn (SAN) kan ikke leses
    [version] X.509-versjon { $version }
    [serial-zero] serienummeret er null
    [serial-negative] serienummeret er negativt
    [serial-long] serienummeret har { $octets } oktetter, flere enn 20
    [algorithms-differ] to ulike signaturalgoritmer er oppgitt
    [authority-id-critical] utstederens nøkkel-ID er merket som kritisk
    [authority-id-missing] utstederens nøkkel-ID mangler
    [authority-id-without-key] utstederens nøkkel-ID nevner ingen nøkkel
    [subject-id-critical] den egne nøkkel-ID-en er merket som kritisk
    [subject-id-missing] en CA uten egen nøkkel-ID
    [constraints-missing] en CA uten grunnleggende begrensninger
    [constraints-not-critical] de grunnleggende begrensningene er ikke merket som kritiske
    [constraints-not-ca] ifølge de grunnleggende begrensningene er det ikke en CA
    [usage-signs] kan signere sertifikater (keyCertSign) uten å være en CA
    [usage-does-not-sign] en CA som ikke kan signere sertifikater (keyCertSign mangler)
    [usage-empty] nøkkelbruken er tom
    [names-missing] det finnes ikke noe alternativt navn (SAN)
    [common-name] common name { $other } er ikke blant de alternative navnene (SAN)
    [extended-not-server] ikke for servere (serverAuth mangler)
    [extended-any] for ethvert formål (anyExtendedKeyUsage)
    [extended-root] et rotsertifikat med utvidet nøkkelbruk
    [extended-critical] den utvidede nøkkelbruken er merket som kritisk
    [extended-refuses] det er utstedt for et annet formål (utvidet nøkkelbruk)
    [rsa-small] RSA-nøkkel på { $bits } biter, færre enn 2048
    [rsa-odd] RSA-nøkkel på { $bits } biter, ikke delelig med 8
    [curve] kurven { $curve } er ikke tillatt
    [curve-unnamed] kurven er ikke navngitt
    [key-type] nøkler av typen { $type } er ikke tillatt
    [signature] signert med { $signature }
    [validity] gyldig i { $days } dager; høyst { $max } er tillatt ved utstedelse fra { $since }
    [root-id-without-key] utsteder-ID-en i et rotsertifikat nevner ingen nøkkel
    [root-id-issuer] utsteder-ID-en i et rotsertifikat nevner utsteder og serienummer
    [root-id-other-key] utsteder-ID-en i et rotsertifikat nevner en annen nøkkel
    [name-limits] en navnebegrensning (name constraints) er brutt
    [name-limits-not-ca] navnebegrensninger i et sertifikat som ikke er en CA
    [name-limits-empty] navnebegrensninger som ikke begrenser noe
    [name-limits-period] en begrensning av vertsnavn begynner med punktum
    [name-limits-not-critical] navnebegrensningene er ikke merket som kritiske
    [policy-not-critical] policybegrensningene er ikke merket som kritiske
    [names-not-critical] innehaveren er tom, og de alternative navnene (SAN) er ikke merket som kritiske
    [extension-unknown] den kritiske utvidelsen { $oid } er ikke kjent
    [name-syntax] navnet { $other } har tegn som ikke hører hjemme i vertsnavn
    [unreadable] ikke noe lesbart sertifikat
    [unverifiable] en signaturalgoritme kan ikke kontrolleres her
    [self-signed] sertifikatet har signert seg selv og er ikke et tillitsanker
    [private-root] kjeden ender i et rotsertifikat som ikke er et tillitsanker
    [issuer-missing] utstederen { $other } er ikke blant sertifikatene
    [issuer-unknown] utstederen { $other } er verken blant sertifikatene eller et tillitsanker
    [no-path] ingen vei fører til et tillitsanker
    [expired] et sertifikat i kjeden utløp { $date }
    [not-yet-valid] et sertifikat i kjeden er ikke gyldig før { $date }
    [other-name] navnet er ikke blant sertifikatets navn: { $other }
    [no-name] det finnes ikke noe alternativt navn (SAN) å sammenligne med
    [bad-signature] en signatur passer ikke til utstederens nøkkel
    [path-too-long] kjeden er lengre enn en CA tillater
    [path-too-deep] kjeden har flere mellomsertifikater enn --max-depth tillater
    [issuer-no-ca] et sertifikat som ikke er en CA, har utstedt et annet
    [ca-as-server] et CA-sertifikat brukes som serversertifikat
    [revoked] det er tilbakekalt
    [list-unsound] tilbakekallingslisten følger ikke reglene
    [revoked-stapled] det er tilbakekalt ifølge det vedlagte OCSP-svaret
    [algorithm] signaturalgoritmen er ikke akseptabel
    [algorithm-key] signaturalgoritmen passer ikke til nøkkelen, eller nøkkeltypen er ikke akseptabel
    [distrusted] { $program } stoler bare på det { $other } utstedte til og med { $date }
    [no-current-version] verken TLS 1.2 eller TLS 1.3 tilbys
    [cipher] Webex tilbyr ikke chifferet { $other }
    [not-requested] det bes ikke om klientsertifikat
   *[other-rule] en annen regel er brutt ({ $words })
    }
cert-seen-of = { $name }: { $seen }
cert-seen-cited = { $seen } ({ $citation })
cert-citation = { $document }, avsnitt { $section }
cert-citation-since = { $citation }, fra { $since }
cert-malformed = Sertifikat { $position } for { $subject } er feil
    .detail = { $name }: { $faults }
    .remedy = Få sertifikatet utstedt på nytt, og installer det slik det kom fra CA-en: { $cli }
cert-malformed--ok = Sertifikatene til { $subject } er velformede
cert-malformed--unknown = { $subject } inneholder ikke noe sertifikat
    .detail = Bare nøkler eller tilbakekallingslister ble funnet i den.
    .remedy = Oppgi filen med sertifikatet.
chain-incomplete = { $subject } leverer ikke mellomsertifikatet sitt
    .detail = { $known ->
        [both] Mangler: { $missing } (nøkkelidentifikator { $keyid }, kan hentes fra { $url }).
        [key] Mangler: { $missing } (nøkkelidentifikator { $keyid }).
        [place] Mangler: { $missing } (kan hentes fra { $url }).
       *[none] Mangler: { $missing }.
    } Uten det kan ikke { $name } kontrolleres.
    .remedy = Sett sertifikatet som mangler, bak serversertifikatet i kjedefilen og installer begge: { $cli }
chain-incomplete--ok = Kjeden til { $subject } er fullstendig
chain-incomplete--at-hand = { $subject } leverer ikke mellomsertifikatet sitt, men det finnes her
    .detail = Mangler: { $missing } (nøkkelidentifikator { $keyid }). Filene som ble oppgitt, inneholder det: { $found }. { $whole ->
        [yes] Med det er kjeden fullstendig.
       *[no] Da mangler fortsatt { $still }.
    }
    .remedy = Sett det bak serversertifikatet i kjedefilen (--write-chain skriver den filen) og installer begge: { $cli }
chain-incomplete--fetched = { $subject } leverer ikke mellomsertifikatet sitt
    .detail = Mangler: { $missing } (nøkkelidentifikator { $keyid }). Det ble hentet fra { $url }: { $found }. { $whole ->
        [yes] Med det er kjeden fullstendig.
       *[no] Da mangler fortsatt { $still }.
    }
    .remedy = { $count ->
        [one] Sett det bak serversertifikatet i kjedefilen (--write-chain skriver den filen) og installer begge: { $cli }
       *[other] Sett disse { $count } sertifikatene i denne rekkefølgen bak serversertifikatet i kjedefilen (--write-chain skriver den filen) og installer dem: { $cli }
    }
chain-incomplete--not-fetched = { $subject } leverer ikke mellomsertifikatet sitt, og det kunne ikke hentes
    .detail = Mangler: { $missing } (nøkkelidentifikator { $keyid }). { $url }: { $cause ->
        [scheme] ikke en http-adresse, derfor ikke spurt.
        [not-a-certificate] det som kom, er ikke et sertifikat.
        [limit] ikke spurt, det var allerede for mange forespørsler.
        [too-large] det som kom, er for stort for et sertifikat.
        [http-status] serveren svarte med HTTP-status { $status }.
        [timeout] ikke noe svar innen fristen.
        [dns] navnet kan ikke slås opp.
        [refused] forbindelsen avvises.
        [fetched] det som kom, er ikke utstederen.
       *[other] ikke noe svar ({ $cause }).
    }
    .remedy = Hent sertifikatet hos CA-en, sett det bak serversertifikatet i kjedefilen og installer begge: { $cli }
chain-order = Kjeden til { $subject } har feil rekkefølge
    .detail = Levert: { $served }. Riktig: { $right }.
    .remedy = Skriv kjedefilen i riktig rekkefølge, serversertifikatet først, og installer den: { $cli }
chain-order--ok = Kjeden til { $subject } har riktig rekkefølge
chain-unrelated = { $subject } leverer sertifikater som ikke hører til kjeden
    .detail = { $count ->
        [one] Hører ikke til: { $certificates }
       *[other] Hører ikke til: { $certificates }
    }
    .remedy = Fjern dem fra kjedefilen: { $cli }
chain-unrelated--ok = Alle sertifikatene til { $subject } hører til kjeden
chain-unrelated--other-key = { $subject } leverer en utsteder med riktig navn, men feil nøkkel
    .detail = { $count ->
        [one] { $certificates } har navnet til en utsteder, men har ikke signert.
       *[other] { $certificates } har navnet til en utsteder, men har ikke signert.
    } CA-en har trolig fornyet mellomsertifikatet sitt.
    .remedy = Skaff mellomsertifikatet som hører til dette serversertifikatet, fra CA-en, og installer det: { $cli }
chain-unrelated--duplicate = { $subject } leverer et sertifikat to ganger
    .detail = { $count ->
        [one] Overflødig: { $certificates }
       *[other] Overflødige: { $certificates }
    }
    .remedy = Fjern den andre kopien fra kjedefilen: { $cli }
chain-unrelated--needless-root = { $subject } leverer også rotsertifikatet
    .detail = { $certificates } trenger ikke å leveres: den som stoler på det, har det. Det gjør ingen skade.
    .remedy = Det kan utelates fra kjedefilen ved neste fornyelse.
chain-invalid = Kjeden til { $subject } er ikke gyldig
    .detail = { $details } ({ $citations }).
    .remedy = Få sertifikatet utstedt på nytt av en offentlig CA, og installer det med kjeden som CA-en leverer: { $cli }
chain-invalid--ok = Kjeden til { $subject } er gyldig
chain-invalid--profile = Kjeden til { $subject } avviker fra sertifikatprofilen
    .detail = Teknisk sagt: { $details }
    .remedy = Det er ikke noe å gjøre nå. Si fra til CA-en ved neste fornyelse.
chain-invalid--unverifiable = Signaturer i kjeden til { $subject } kan ikke kontrolleres her
    .detail = { $certificates }: dette programmet kan ikke kontrollere { $signature } med utstederens nøkkel. Det betyr verken at kjeden er god eller at den er dårlig.
    .remedy = Kontroller kjeden med et annet verktøy. Bestill ved neste fornyelse et sertifikat med RSA, eller med EC P-256 eller P-384.
trust-expired = Et Webex-tillitsanker i { $subject } er utløpt
    .detail = { $name } var gyldig til { $until } ({ $days ->
        [one] for { $days } dag siden
       *[other] for { $days } dager siden
    }).
    .remedy = Last ned den gjeldende kjeden i Partner Hub (Innstillinger, BroadWorks Calling), del den i én fil for hvert sertifikat og last inn hver av dem: { $cli }
trust-expired--ok = Ingen tillitsankre i { $subject } er utløpt
    .detail = Det første er gyldig til { $until }.
trust-expires-soon = Et Webex-tillitsanker i { $subject } utløper om { $days ->
        [one] { $days } dag
       *[other] { $days } dager
    }
    .detail = { $name } er gyldig til { $until }. { $days } dager igjen = { $percent } % av { $lifetime } dager; advarsel fra { $warn } dager, kritisk fra { $critical } dager.
    .remedy = Last ned den gjeldende kjeden i Partner Hub (Innstillinger, BroadWorks Calling), del den, og last den inn ved siden av den gamle under et nytt alias: { $cli }
trust-expires-soon--ok = Ingen tillitsankre i { $subject } utløper snart
    .detail = Det første er gyldig til { $until }.
trust-not-yet-valid = Et Webex-tillitsanker i { $subject } er ikke gyldig ennå
    .detail = { $name } er gyldig fra { $from }.
    .remedy = Kontroller klokken. La den gamle kjeden være lastet inn til da.
trust-not-yet-valid--ok = Alle tillitsankre i { $subject } er allerede gyldige
    .detail = Det første er gyldig til { $until }.
trust-root-missing = Roten til en utstedende CA i { $subject } mangler
    .detail = { $name } ble utstedt av { $issuer }, som ikke er i noen av tillitsfilene.
    .remedy = Last også inn den andre delen av kjedefilen: { $cli }
trust-root-missing--ok = Roten er i tillitsfilene ({ $subject })
trust-intermediate-missing = Den utstedende CA-en til en rot i { $subject } mangler
    .detail = Ingen sertifikater i tillitsfilene ble utstedt av { $name }.
    .remedy = Last også inn den andre delen av kjedefilen: { $cli }
trust-intermediate-missing--ok = Den utstedende CA-en er i tillitsfilene ({ $subject })
trust-not-a-ca = { $subject } inneholder et sertifikat som ikke er en CA
    .detail = { $name } kan ikke være tillitsanker for andre sertifikater.
    .remedy = Ta kjedefilen fra Partner Hub, ikke sertifikatet til en server, og last den inn: { $cli }
trust-not-a-ca--ok = Bare CA-sertifikater i { $subject }
trust-private-key = { $subject } inneholder en privat nøkkel
    .detail = { $count ->
        [one] { $count } privat nøkkel ble funnet.
       *[other] { $count } private nøkler ble funnet.
    } En tillitsfil trenger ingen. Nøkkelen pakkes ikke i pakker.
    .remedy = Fjern nøkkelen fra filen. Er filen gitt videre, bytt ut nøkkelen og sertifikatet.
trust-private-key--ok = Ingen privat nøkkel i { $subject }
trust-duplicate = { $subject } inneholder et sertifikat som allerede finnes
    .detail = { $name } er også i { $other }.
    .remedy = Last inn hvert sertifikat én gang; en kopi til gjør ingen skade.
trust-duplicate--ok = Ingen sertifikater to ganger i { $subject }
trust-unsplit = { $subject } må deles før den lastes inn
    .detail = { $count } sertifikater er i én fil. BroadWorks leser bare ett for hvert alias.
    .remedy = Skriv hvert sertifikat i en egen fil og last inn hver under sitt eget alias: { $cli }
trust-unsplit--ok = { $subject } inneholder ett sertifikat
mtls-not-requested = { $subject } ber ikke om klientsertifikat
    .detail = Webex legitimerer seg her med et klientsertifikat. Blir det ikke bedt om, kan hvem som helst koble til, eller programmet avviser Webex.
    .remedy = Slå på klientautentisering for dette grensesnittet: { $cli }
mtls-not-requested--ok = { $subject } ber om klientsertifikat
mtls-not-requested--unknown = Det lot seg ikke se om { $subject } ber om klientsertifikat
    .detail = Håndtrykket endte før det.
    .remedy = Få orden på forbindelsen først, og kjør så på nytt.
mtls-webex-ca-not-accepted = { $subject } godtar ikke Webex-CA-en
    .detail = Fra Webex-kjedefilen er ingen av { $missing } blant de { $count } godtatte navnene: { $names }. Webex slipper ikke inn.
    .remedy = Last inn Webex-CA-kjeden, ett sertifikat for hvert alias, og start grensesnittet på nytt: { $cli }
mtls-webex-ca-not-accepted--ok = { $subject } godtar Webex-CA-en
    .detail = Blant de { $count } godtatte navnene: { $present }.
mtls-webex-ca-not-accepted--partly = { $subject } godtar Webex-CA-en
    .detail = { $present } er blant de { $count } godtatte navnene, { $missing } er det ikke. Ett er nok for håndtrykket.
    .remedy = Last også inn den andre delen av kjeden: { $cli }
mtls-webex-ca-not-accepted--old-generation = { $subject } godtar bare den gamle Webex-CA-en
    .detail = Godtas til { $until }: { $old }. Fra den gjeldende kjeden godtas ikke: { $missing }. Forbindelsen brytes når Webex går over.
    .remedy = Last inn den gjeldende kjeden ved siden av den gamle, under nye alias: { $cli }
mtls-webex-ca-not-accepted--same-names = Hvilken Webex-CA { $subject } godtar, kan ikke avgjøres utenfra
    .detail = Den gamle og den nye kjeden har samme navn ({ $present }); serveren sender bare navn.
    .remedy = Sammenlign fingeravtrykkene på XSP-en: { $cli } (get viser dem)
mtls-webex-ca-not-accepted--unknown = Om { $subject } godtar Webex-CA-en, ble ikke kontrollert
    .detail = Ingen Webex-kjedefil ble oppgitt til sammenligning. Godtatte navn: { $names }
    .remedy = Oppgi kjedefilen fra Partner Hub med --trust, eller under [trust] webex_ca i konfigurasjonen.
mtls-accepted-cas-unknown = { $subject } sier ikke hvilke CA-er den godtar
    .detail = Den ber om klientsertifikat med en tom liste. Utenfra kan det ikke avgjøres om Webex-CA-en er lastet inn.
    .remedy = Sammenlign tillitsankrene på XSP-en med kjedefilen: { $cli } (get viser dem)
mtls-accepted-cas-unknown--ok = { $subject } nevner CA-ene den godtar ({ $count })
tls-mixed-addresses--installed = { $subject } leverer ikke det installerte sertifikatet
    .detail = Levert: { $served }, gyldig til { $until }. I { $path }: { $installed }, gyldig til { $other }. Sertifikatet er trolig fornyet, men ikke lastet inn.
    .remedy = Last inn sertifikatet og start grensesnittet på nytt: { $cli }
tls-mixed-addresses--installed-ok = { $subject } leverer det installerte sertifikatet
    .detail = Det er det i { $path }.
tls-mixed-addresses--installed-older = { $subject } leverer et nyere sertifikat enn det på disken
    .detail = Levert: { $served }, gyldig til { $until }. I { $path }: { $installed }, gyldig til { $other }. Neste omstart kan bringe det eldre tilbake.
    .remedy = Legg sertifikatet som leveres, i { $path } også, eller oppgi filen som virkelig er installert: { $cli }
tls-mixed-addresses--installed-other = { $subject } leverer et helt annet sertifikat enn det på disken
    .detail = Levert: { $served }, gyldig til { $until }. I { $path }: { $installed }, gyldig til { $other }. De har ingen navn felles.
    .remedy = Kontroller om { $path } hører til dette grensesnittet, og installer riktig sertifikat: { $cli }
tls-mixed-addresses--installed-none = Ingen av filene passer til sertifikatet til { $subject }
    .detail = Levert: { $served }. { $count ->
        [one] { $count } fil ble sammenlignet; den har ingen av navnene.
       *[other] { $count } filer ble sammenlignet; ingen har noen av navnene.
    }
    .remedy = Oppgi filen med sertifikatet til denne serveren.
tls-mixed-addresses--earlier-ok = { $subject } leverer samme sertifikat som i pakken
    .detail = Det er det i { $path }, gyldig til { $until }.
tls-mixed-addresses--earlier-renewed = Sertifikatet til { $subject } er fornyet siden pakken
    .detail = I { $path }: { $installed }, gyldig til { $other }. Nå: { $served }, gyldig til { $until }.
    .remedy = Det er ikke noe å gjøre hvis fornyelsen var ment.
tls-mixed-addresses--earlier-older = { $subject } har gått tilbake til et eldre sertifikat siden pakken
    .detail = I { $path }: { $installed }, gyldig til { $other }. Nå: { $served }, gyldig til { $until }.
    .remedy = Installer det nyere sertifikatet igjen: { $cli }
tls-mixed-addresses--odd-one = { $subject } skiller seg fra de andre XSP-ene
    .detail = { $aspect ->
        [certificate] Her vises et annet sertifikat ({ $own }) enn av { $others } ({ $usual }), selv om hvert av dem gjelder for alle disse navnene.
        [issuer] Sertifikatet kommer fra { $own }; det til { $others } fra { $usual }.
        [expiry] Sertifikatet utløper { $own }; de til { $others } utløper alle { $usual }.
        [length] Her leveres { $own } sertifikater; av { $others } { $usual }.
        [versions] Her tilbys { $own }; av { $others } { $usual }.
        [client-auth] Skiller seg fra { $others } i om det bes om klientsertifikat ({ $own }; de andre: { $usual }).
       *[accepted-names] Her godtas andre CA-navn for klientsertifikater: { $own }. De andre ({ $others }): { $usual }.
    }
    .remedy = Kontroller om denne XSP-en ble glemt ved siste endring, og gjør den lik de andre.
tls-mixed-addresses--farm = XSP-ene er ulike: { $subject }
    .detail = { $aspect ->
        [certificate] Her vises et annet sertifikat ({ $own }) enn av { $others } ({ $usual }), selv om hvert av dem gjelder for alle disse navnene.
        [issuer] Sertifikatet kommer fra { $own }; det til { $others } fra { $usual }.
        [expiry] Sertifikatet utløper { $own }; det til { $others } { $usual }.
        [length] Her leveres { $own } sertifikater; av { $others } { $usual }.
        [versions] Her tilbys { $own }; av { $others } { $usual }.
        [client-auth] Skiller seg fra { $others } i om det bes om klientsertifikat ({ $own }; der: { $usual }).
       *[accepted-names] Her godtas disse CA-navnene for klientsertifikater: { $own }. Av { $others }: { $usual }.
    }
    .remedy = Kontroller hvilken som er slik den skal være, og gjør dem like.
certs-webex-heading = Ville Webex ha godtatt det?
certs-webex = { $both ->
    [yes-yes] Webex ville godtatt { $target }. Det ville denne maskinen også (rotsertifikater: { $store }).
    [yes-no] Webex ville godtatt { $target }. Denne maskinen ville ikke (rotsertifikater: { $store }).
    [no-yes] Webex ville ikke godtatt { $target }: { $reasons }. Denne maskinen ville stolt på sertifikatet (rotsertifikater: { $store }).
   *[no-no] Webex ville ikke godtatt { $target }: { $reasons }. Det ville heller ikke denne maskinen (rotsertifikater: { $store }).
    }
certs-webex-reason = { $check ->
    [cert-expired] et sertifikat er utløpt
    [cert-not-yet-valid] et sertifikat er ikke gyldig ennå
    [cert-self-signed] sertifikatet er selvsignert
    [cert-not-publicly-trusted] sertifikatet er ikke fra en offentlig CA
    [cert-host-name] sertifikatet gjelder et annet navn
    [cert-weak-key] en nøkkel er for svak
    [cert-weak-signature] en signatur er for svak
    [cert-key-usage] sertifikatet er ikke for servere
    [cert-revoked] et sertifikat er tilbakekalt
    [cert-malformed] et sertifikat er feil
    [chain-incomplete] et mellomsertifikat sendes ikke med
    [tls-protocol] TLS 1.2 tilbys ikke
    [tls-cipher] chifferet er ikke blant dem Webex tilbyr
    [mtls-not-requested] det bes ikke om klientsertifikat
   *[chain-invalid] kjeden er ikke gyldig
    }
certs-table-state = Tilstand
certs-table-target = Mål
certs-table-until = Gyldig til
certs-table-days = Dager
certs-table-protocol = TLS
certs-table-issuer = Utsteder
certs-reason = { $reason ->
    [dns] ukjent navn
    [refused] avvist
    [unreachable] ingen rute
    [timeout-connect] ikke svar
    [timeout-handshake] taus
    [slow-peer] for langsom
    [reset] forbindelse brutt
    [not-tls] ikke TLS
    [protocol-version] TLS-versjon
    [internal] intern feil
   *[other] { $reason }
    }
certs-plugin-ok = { $count ->
    [one] { $count } kjede er i orden; den utløper
   *[other] { $count } kjeder er i orden; først utløper den til { $subject }
    } om { $days ->
    [one] { $days } dag
   *[other] { $days } dager
    } ({ $when } UTC)
certs-plugin-none = ingenting ble kontrollert
certs-progress = Kobler til
certs-error-threshold = ukjent terskel «{ $value }»
    .hint = Skriv dager eller timer, som 30d eller 36h, eller en andel av levetiden, som 33%.
certs-error-no-target = ingenting å kontrollere
    .hint = Oppgi en server (xsp1.example.com, cti://xsp1.example.com) eller en sertifikatfil, eller før opp serverne som [[xsp]] i konfigurasjonen.
certs-error-no-anchors = { $path } inneholder ikke noe tillitsanker
    .hint = Oppgi en fil med CA-sertifikater, eller «mozilla» eller «system».
certs-error-match = { $path } inneholder ikke noe sertifikat å sammenligne med
    .hint = Oppgi filen med serversertifikatet slik det er installert.
certs-error-write-chain = ingen kjede å skrive til { $path }
    .hint = Oppgi nøyaktig én server eller fil med et lesbart sertifikat, og sertifikater som mangler, med --intermediates.
certs-system-roots = Ikke alle røttene i operativsystemet kunne leses: { $reason }
certs-chain-written = { $count ->
    [one] Kjede med { $count } sertifikat skrevet til { $path }. Installer den med: { $cli }
   *[other] Kjede med { $count } sertifikater skrevet til { $path }. Installer den med: { $cli }
    }
certs-chain-still-incomplete = Kjeden i { $path } er fortsatt ufullstendig: { $missing } mangler
    .hint = Skaff dette sertifikatet fra CA-en og oppgi det med --intermediates.
help-certs--targets = HOST, HOST:PORT, https://, cti:// eller auth://HOST[:PORT], eller en sertifikatfil; kan slutte med #ip=ADRESSE. Uten: [[xsp]] i konfigurasjonen
help-certs--trust = Fil eller katalog med Webex-CA-kjeden som er installert som tillitsanker for gjensidig TLS
help-certs--anchors = Stol på disse røttene: en fil, «mozilla» eller «system»
help-certs--intermediates = Flere CA-sertifikater som kan stå mellom server og rot
help-certs--host = Kontroller dette navnet i stedet for målets; for filer navnet de leveres under
help-certs--crl = Fil med tilbakekallingslister
help-certs--max-depth = Tillat høyst så mange mellomsertifikater
help-certs--match = Sammenlign med disse sertifikatfilene eller en tidligere pakke (fil, katalog, mønster, zip): blir det som ble installert, også levert?
help-certs--write-chain = Skriv den rettede kjeden, i riktig rekkefølge, til denne filen
help-certs--aia = Hent manglende utstedere over vanlig HTTP der sertifikatene sier de finnes, og si hva som gjør kjeden fullstendig
help-certs--output = Skriv til denne filen i stedet for standard ut: erstattes som helhet, lesbar for alle (0644); for textfile-samleren i node exporter skal navnet slutte på .prom

## scan

help-extract--paths = Filer, mapper, arkiver eller mønstre; uten, eller med «-», leses standard inn
extract-heading = { $kind ->
    [tracking-id] Sporings-ID-er
    [org] Organisasjons-ID-er
    [user-id] Webex-bruker-ID-er
    [email] E-postadresser
    [broadworks-user-id] BroadWorks-bruker-ID-er
    [client-version] Versjoner av Webex-appen
    [broadworks-release] BroadWorks-utgaver og -oppdateringer
    [control-hub-build] Control Hub-bygg
    [error-code] Feilkoder
    [device-id] Enhets-ID-er
    [call-id] Call-ID-er
    [time-frame] Tidsrom
   *[files] Lest
    }
extract-role = { $role ->
    [customer] kunde
    [partner] partner
    [user] berørt bruker
    [other] en annen
   *[unknown] rolle ukjent
    }
extract-seen = { $count ->
    [one] én gang, { $place }
   *[other] { $count } ganger, først { $place }
    }
extract-sure = { $evidence ->
    [label] sikkert: står bak en etikett
    [prefix] svært sannsynlig: etter prefikset
   *[shape] sannsynlig: etter formen
    }
extract-sure-label = sikkert: står bak «{ $label }»
extract-time-frame = { $first } til { $last } (UTC)
extract-time-note = Første og siste tidsstempel i nærheten av en feil; uten feil, av alt.
extract-nothing = Det ble ikke funnet noe som en serviceforespørsel spør etter.
extract-files = { $files ->
    [one] én tekst
   *[other] { $files } tekster
    } med { $lines ->
    [one] én linje
   *[other] { $lines } linjer
    }
extract-omitted = { $count ->
    [one] ett funn vises ikke fordi det var for mange ulike verdier
   *[other] { $count } funn vises ikke fordi det var for mange ulike verdier
    }
    .hint = Les færre filer om gangen, eller bruk --format ndjson, som viser hvert funn.
extract-terminal = Lim inn teksten, og trykk deretter Ctrl-D på en egen linje.
extract-progress = Leser
extract-nothing-read = ingenting kunne leses
    .hint = Meldingene over sier hva som er galt med hver av inndataene.

## redact

redact-key-read = nøkkelen for sladding { $path } kan ikke leses: { $reason }
    .hint = Kontroller sti og rettigheter, eller utelat --key for å bruke nøkkelen til denne installasjonen.
redact-key-write = nøkkelen for sladding { $path } kan ikke opprettes: { $reason }
    .hint = Gjør katalogen skrivbar, oppgi en nøkkel med --key FIL, eller bruk --fresh-key.
redact-key-length = { $path } er ikke en nøkkel for sladding: { $bytes ->
        [one] filen har { $bytes } byte
       *[other] filen har { $bytes } byte
    }; det kreves 32 byte eller 64 heksadesimale sifre
    .hint = Oppgi riktig fil, eller slett den slik at en ny nøkkel blir laget.
redact-key-permissions = nøkkelen for sladding { $path } kan leses av andre (rettigheter { $mode })
    .hint = Kjør «chmod 600» på denne filen. Hvis andre kan ha lest den, slett den slik at en ny blir laget.
redact-key-no-home = det finnes ingen hjemmekatalog å oppbevare nøkkelen for sladding i
    .hint = Sett HOME eller XDG_STATE_HOME, oppgi en nøkkel med --key FIL, eller bruk --fresh-key.
redact-key-random = operativsystemet gir ingen tilfeldige tall: { $reason }
    .hint = Oppgi en eksisterende nøkkel med --key FIL.
redact-policy-kind = [redact] keep: typen «{ $kind }» finnes ikke
    .hint = Typene er: { $kinds }.
redact-policy-secret = [redact] keep: hemmeligheter av typen «{ $kind }» kan ikke beholdes
    .hint = Fjern oppføringen. Hemmeligheter blir alltid skjult.
redact-policy-pattern = [redact] patterns: «{ $name }» er ikke et brukbart regulært uttrykk: { $reason }
    .hint = Rett mønsteret, eller fjern det.
redact-policy-empty = [redact] patterns: «{ $name }» passer også på tom tekst
    .hint = Skriv mønsteret slik at det krever minst ett tegn, for eksempel med + i stedet for *.
redact-error-binary = dette er ikke en tekstfil, så den kan ikke gjennomsøkes for fortrolige data
    .hint = Pakk den ut først, eller gjør den om til tekst. Et skjermbilde kan legges ved med --attach.
redact-error-encoding = tegnkodingen ({ $encoding }) kan ikke leses uten tap
    .hint = Lagre filen som UTF-8.
redact-error-collision = to ulike verdier ville fått samme pseudonym
    .hint = Kjør på nytt med --fresh-key.
redact-error-read = den kan ikke leses til slutten: { $reason }
    .hint = Kontroller at filen er fullstendig og ikke endres mens den leses.
redact-error-certificate = oppføring { $number } er ikke et sertifikat
    .hint = Bare sertifikater sendes videre uendret; fjern alt annet fra filen.
redact-error-picture = dette er ikke et bilde (PNG, JPEG, GIF, WebP)
    .hint = Legg ved et bilde i et av disse formatene, eller en tekstfil.
redact-error-map = dette er en privat oversettelsestabell; den må ikke forlate denne maskinen
    .hint = Fjern den fra listen over filer.
redact-map-read = oversettelsestabellen { $path } kan ikke leses: { $reason }
    .hint = Oppgi filen som ble skrevet med --map da dataene ble sladdet.
redact-map-write = oversettelsestabellen { $path } kan ikke skrives: { $reason }
    .hint = Oppgi en fil i en eksisterende katalog som du kan skrive til.
redact-map-format = { $path } er ikke en oversettelsestabell fra dette programmet: { $reason }
    .hint = Oppgi filen som ble skrevet med --map da dataene ble sladdet.
help-redact--paths = Filer eller kataloger; ingen eller «-»: standard inndata
help-redact--output = Skriv de sladdede filene til denne nye katalogen, med sladdede navn
help-redact--preview = Vis hver linje som ville blitt endret, og tell per type; skriv ingenting
help-redact--map = Skriv også den private oversettelsestabellen til denne filen; gi den aldri videre
help-redact--keep = En verdi som forblir lesbar, eller en hel type som kind:NAVN
help-redact--key = Fil med nøkkelen til pseudonymene; ellers installasjonens egen
help-redact--fresh-key = Bruk en ny nøkkel, slik at resultatet ikke kan kobles til andre
help-restore--paths = Svaret fra leverandøren; ingen eller «-»: standard inndata
help-restore--map = Den private oversettelsestabellen som ble skrevet da dataene ble sladdet
redact-source-read = { $file } kan ikke leses: { $reason }
    .hint = Kontroller navnet og rettighetene.
redact-withheld = { $file } holdes tilbake: { $reason }
redact-tree-not-empty = katalogen { $path } er ikke tom
    .hint = Oppgi en ny katalog med -o, slik at gamle og nye filer ikke blandes.
redact-tree-write = { $path } kan ikke skrives: { $reason }
    .hint = Kontroller ledig plass og rettighetene til utdatakatalogen.
redact-writing = Sladder
redact-changed = { $file } ble endret etter første gjennomgang; verdier som er kommet til siden, erstattes bare der etiketten eller formen røper dem
    .hint = Gjenta når ingen skriver til filen, eller sladd en kopi.
redact-error-encrypted = denne filen er kryptert (age) og kan derfor ikke gjennomsøkes for fortrolige data
redact-map-recipient = «{ $recipient }» er ingen age-mottaker
    .hint = En mottaker begynner med age1; «age-keygen -y NØKKELFIL» skriver den ut.
redact-map-identity-read = identiteten { $path } kan ikke leses: { $reason }
    .hint = Oppgi filen som age-keygen skrev.
redact-map-identity-none = { $path } har ingen age-identitet
    .hint = Oppgi filen som age-keygen skrev; den har en linje som begynner med AGE-SECRET-KEY-1.
redact-map-encrypted = tabellen { $path } er kryptert
    .hint = Oppgi filen med din age-identitet: --identity FIL.
redact-map-undecryptable = ingen av identitetene kan dekryptere tabellen { $path }
    .hint = Spør hvem den ble kryptert for, og oppgi den identiteten med --identity.
redact-map-expired = tabellen { $path } skulle vært slettet { $date }
    .hint = Slett den så snart saken er lukket; enkeltpersoner fjernes med --forget.
redact-forgotten = { $count ->
        [one] { $count } pseudonym
       *[other] { $count } pseudonymer
    } ble fjernet fra { $path }
redact-forgot-nothing = tabellen har ingenting som står for { $value }
    .hint = Oppgi en verdi slik den var skrevet: e-postadresse, telefonnummer, navn eller pseudonymet.
help-redact--encrypt-to = Krypter tabellen med age for denne mottakeren (age1…); kan oppgis flere ganger
help-bundle--encrypt-to = Krypter pakken, og tabellen også, med age for denne mottakeren (age1…); kan oppgis flere ganger
help-bundle--encrypt-map-to = Krypter bare tabellen med age, for denne mottakeren (age1…); kan oppgis flere ganger
help-bundle--sign = Signer pakken med denne private OpenSSH-nøkkelen; signaturen skrives ved siden av (.sig)
help-bundle--passphrase-file = Fil med passfrasen til signeringsnøkkelen; ellers W4B_SIGN_PASSPHRASE
help-verify--signer = Kontroller signaturen ved siden av pakken: fil med nøklene som kan signere (allowed_signers i OpenSSH)
help-verify--signature = Fil med signaturen; ellers pakkens navn og .sig
help-inspect--identity = Fil med age-identiteten som åpner en kryptert pakke; kan oppgis flere ganger
help-verify--identity = Fil med age-identiteten som åpner en kryptert pakke; kan oppgis flere ganger
help-diff--identity = Fil med age-identiteten som åpner en kryptert pakke; kan oppgis flere ganger
help-upload--identity = Fil med age-identiteten som åpner en kryptert pakke; kan oppgis flere ganger
help-restore--identity = Fil med age-identiteten som dekrypterer tabellen
help-restore--forget = Fjern denne verdien fra tabellen; kan oppgis flere ganger
redact-learning = Første gjennomgang: samler verdier
redact-map-written = Den private oversettelsestabellen ligger i { $path }. Ta vare på den; gi den aldri videre.
redact-summary = { $redacted ->
        [one] { $redacted } verdi
       *[other] { $redacted } verdier
    } erstattet i { $files ->
        [one] { $files } fil
       *[other] { $files } filer
    }, { $kept } beholdt som bevis
redact-heading-redacted = Erstattet
redact-heading-kept = Beholdt som bevis
redact-restored = { $count ->
        [one] { $count } pseudonym
       *[other] { $count } pseudonymer
    } erstattet med den virkelige verdien
redact-restore-unknown = { $count ->
        [one] { $count } pseudonym finnes
       *[other] { $count } pseudonymer finnes
    } ikke i denne oversettelsestabellen
    .hint = Bruk tabellen til samme pakke. Pseudonymer fra en annen nøkkel kan ikke gjøres om.
redact-kind = { $kind ->
        [tracking-id] sporings-ID-er
        [customer-org] kundeorganisasjons-ID-er
        [partner-org] partnerorganisasjons-ID-er
        [org] organisasjons-ID-er
        [user-id] Webex-bruker-ID-er
        [broadworks-user-id] BroadWorks-bruker-ID-er
        [email] e-postadresser
        [client-version] klientversjoner
        [broadworks-release] BroadWorks-utgivelser
        [control-hub-build] Control Hub-bygg
        [error-code] feilkoder
        [timestamp] tidspunkter
        [call-id] Call-ID-er
        [device-id] enhets-ID-er
        [fingerprint] fingeravtrykk og serienumre
        [token] tilgangstokener
        [jwt] JSON Web Token
        [password] passord
        [cookie] informasjonskapsler og økt-ID-er
        [sip-digest] SIP-digest-felter
        [signed-url] parametere i signerte URL-er
        [private-key] private nøkler
        [phone] telefonnumre
        [person-name] personnavn
        [ip-address] IP-adresser
        [mac-address] MAC-adresser
        [host-name] egne vertsnavn
        [custom] egne mønstre
       *[other] { $kind }
    }
redact-self-test-cases = de innebygde tilfellene kan ikke leses: { $reason }
    .hint = Dette er en feil i programmet. Meld fra om den.
bundle-redacted--files = { $redacted ->
        [one] { $redacted } verdi
       *[other] { $redacted } verdier
    } erstattet i { $files ->
        [one] { $files } fil
       *[other] { $files } filer
    }
    .detail = Hemmeligheter er skjult, persondata er blitt pseudonymer.
    .remedy = { "" }
bundle-incomplete--withheld = { $subject } ble holdt tilbake
    .detail = { $reason }
    .remedy = Gjør filen om til lesbar tekst og sladd den på nytt, eller utelat den.
bundle-redacted--self-test-ok = { $group ->
        [secrets] Hemmeligheter blir skjult
        [personal] Persondata blir pseudonymer
        [evidence] Bevis forblir lesbare
        [negatives] Vanlig tekst forblir uendret
       *[withheld] Uleselige filer holdes tilbake
    }
    .detail = { $count ->
        [one] { $count } kjøring bestått.
       *[other] { $count } kjøringer bestått.
    }
    .remedy = { "" }
bundle-redacted--self-test-failed = Tilfellet { $subject } ga feil resultat ({ $form })
    .detail = { $group ->
        [secrets] Ingenting lakk, men teksten rundt hemmeligheten ble endret.
        [personal] Ingenting lakk, men pseudonymet eller teksten rundt er ikke som den skal være.
        [evidence] Bevis ble endret.
        [negatives] Vanlig tekst ble endret.
       *[withheld] Filen skulle ha blitt holdt tilbake.
    }
    .remedy = Meld fra med navnet på tilfellet. Se på forhåndsvisningen før du deler en pakke.
bundle-secret-left--self-test = Tilfellet { $subject } lekker ({ $form })
    .detail = { $group ->
        [secrets] En hemmelighet forble lesbar.
        [personal] Persondata forble lesbare.
       *[other] Noe som ikke må ut, ble ikke stoppet.
    }
    .remedy = Ikke del pakker som dette programmet har laget på denne maskinen. Meld fra med navnet på tilfellet.

## case

case-fact--customer-org = Kundens organisasjons-ID
case-fact--partner-org = Partnerens organisasjons-ID
case-fact--tracking-id = Sporings-ID
case-fact--user-email = Brukerens e-postadresse
case-fact--client-version = Klientversjon
case-fact--time-frame = Tidsrom

case-customer-org = Kundens organisasjons-ID mangler
    .detail = Ingen organisasjons-ID for kunden er oppgitt eller funnet i inndataene. Cisco TAC spør om den først.
    .remedy = Partner Hub, Kunder, åpne kundens Control Hub, Konto: kopier organisasjons-ID-en. I en kopiert feilblokk står den bak «View Org ID». Oppgi den så med --customer-org.
case-customer-org--ok = Kundens organisasjons-ID: { $value }
    .detail = Fra { $source }.
case-customer-org--several = { $count ->
        [one] { $count } organisasjons-ID for kunde
       *[other] { $count } ulike organisasjons-ID-er for kunder
    }
    .detail = Funnet: { $values }. En serviceforespørsel gjelder én kunde.
    .remedy = Avgjør hvilken kunde saken gjelder, og oppgi den med --customer-org, eller åpne én sak per kunde.
case-customer-org--role = En organisasjons-ID ble funnet, men ikke hvem den tilhører
    .detail = Funnet uten etikett for kunde eller partner: { $values }.
    .remedy = Sammenlign med Partner Hub, Kunder, kundens Control Hub, Konto. Oppgi kundens ID med --customer-org og din egen med --partner-org.
case-partner-org = Partnerens organisasjons-ID mangler
    .detail = Ingen organisasjons-ID for din egen partnerorganisasjon er oppgitt eller funnet i inndataene.
    .remedy = Logg inn i Partner Hub med din egen konto, Konto: kopier organisasjons-ID-en. I en kopiert feilblokk står den bak «Logged-in User Org ID». Oppgi den så med --partner-org, eller én gang for alle i konfigurasjonen som [provider] partner_org.
case-partner-org--ok = Partnerens organisasjons-ID: { $value }
    .detail = Fra { $source }.
case-partner-org--several = { $count ->
        [one] { $count } organisasjons-ID for partner
       *[other] { $count } ulike organisasjons-ID-er for partnere
    }
    .detail = Funnet: { $values }. Vanligvis har du én partnerorganisasjon.
    .remedy = Kontroller i Partner Hub, Konto, hvilken som er din, og oppgi den med --partner-org.
case-partner-org--same = Partnerens og kundens organisasjons-ID er like
    .detail = Begge er { $value }. Det stemmer bare når feilen er i din egen organisasjon.
    .remedy = Hvis feilen er hos en kunde: åpne kundens Control Hub, Konto, og oppgi ID-en med --customer-org.
case-tracking-id = Ingen sporings-ID
    .detail = Ingen sporings-ID ble funnet i inndataene. Den trengs bare hvis feilmeldingen eller skjermbildet viser en.
    .remedy = Se på feilmeldingen igjen: trykk «Kopier» eller «Detaljer» i Control Hub, eller kopier hele feilteksten. Står det en sporings-ID der, oppgi teksten med --text. Vises ingen, gå videre uten.
case-tracking-id--ok = { $count ->
        [one] Sporings-ID: { $value }
       *[other] { $count } sporings-ID-er, første { $value }
    }
    .detail = Fra { $source }.
case-tracking-id--outside = Sporings-ID-en passer ikke til tidsrommet
    .detail = { $value } er fra { $at }, tidsrommet er { $first } til { $last }.
    .remedy = Kontroller om feilteksten hører til denne feilen. Hvis ja, rett tidsrommet med --since og --until.
case-user-email = Brukerens e-postadresse mangler
    .detail = Ingen e-postadresse for en berørt bruker er oppgitt eller funnet i inndataene.
    .remedy = Control Hub, Brukere, åpne brukeren: kopier e-postadressen og oppgi den med --user-email. Hvis alle er berørt, oppgi én bruker som eksempel.
case-user-email--ok = Bruker: { $value }
    .detail = Fra { $source }.
case-user-email--ok-id = Bruker etter Webex-ID: { $value }
    .detail = Fra { $source }. TAC finner brukeren også med denne ID-en; med e-postadressen går det raskere.
case-user-email--broadworks = Bare brukerens BroadWorks-ID er kjent
    .detail = Kjent: { $value }. TAC søker etter e-postadressen eller Webex-bruker-ID-en.
    .remedy = Partner Hub, onboardingmalen, Vis brukerstatus: finn raden med denne BroadWorks-ID-en. Eller Control Hub, Brukere. Oppgi så e-postadressen med --user-email.
case-user-email--several = { $count ->
        [one] E-postadresse for { $count } bruker
       *[other] E-postadresser for { $count } ulike brukere
    }
    .detail = Funnet: { $values }.
    .remedy = Oppgi med --user-email den ene brukeren som har den best beskrevne feilen; de andre kan stå i beskrivelsen.
case-client-version = Klientversjonen er ikke kjent
    .detail = Ingen versjon av Webex-appen er oppgitt eller funnet. Den trengs bare hvis feilen viser seg i en klient.
    .remedy = I Webex-appen: profilbilde, Hjelp, Om Webex (på telefon: Innstillinger, Om). Kopier versjon og plattform, og oppgi den med --client-version. Hvis feilen bare vises i Control Hub eller Partner Hub, gå videre uten.
case-client-version--ok = Klientversjon: { $value }
    .detail = Fra { $source }.
case-client-version--implausible = En slik klientversjon finnes ikke: { $value }
    .detail = Versjoner av Webex-appen består av år, måned, oppdatering og byggnummer, for eksempel 44.3.0.28993. { $value } (fra { $source }) passer ikke.
    .remedy = Les av versjonen på nytt i Webex-appen: profilbilde, Hjelp, Om Webex. Oppgi den så med --client-version.
case-time-frame = Tidspunktet for feilen er ikke kjent
    .detail = Ingen tid er oppgitt, og ingen feil i inndataene har tidsstempel.
    .remedy = Spør brukeren når det skjedde sist, og oppgi det med --since og --until, med tidssone: 2026-11-22T10:00:00+01:00.
case-time-frame--ok = Tidsrom: { $first } til { $last }
    .detail = Tidene er i UTC.
case-time-frame--future = Tidsrommet ligger i fremtiden
    .detail = Det begynner { $first }, senere enn tidspunktet for denne kontrollen, { $now }.
    .remedy = Kontroller dag, måned og tidssone, og oppgi tiden med --since og --until.
case-time-frame--reversed = Tidsrommet slutter før det begynner
    .detail = Det går fra { $first } til { $last }.
    .remedy = Bytt om eller rett --since og --until.
case-time-frame--wide = Tidsrommet er { $days } dager langt
    .detail = Det går fra { $first } til { $last }. TAC kan bare søke i loggene sine for en kort tid.
    .remedy = Oppgi tiden for én hendelse, høyst en time, med --since og --until.

case-escalation--fix-first = { $count ->
        [one] Rett dette først: { $count } funn på din side
       *[other] Rett dette først: { $count } funn på din side
    }
    .next = Gå gjennom dem i rekkefølgen som vises, og prøv igjen. Åpne en serviceforespørsel bare hvis feilen består.
case-escalation--wait = Vent: Webex har en åpen hendelse som passer
    .next = Abonner på hendelsen på statussiden, og informer kunden. Kontroller igjen når den er lukket; eskaler bare hvis feilen består.
case-escalation--incomplete = { $count ->
        [one] Ufullstendig: { $count } opplysning mangler eller er uklar
       *[other] Ufullstendig: { $count } opplysninger mangler eller er uklare
    }
    .next = Skaff det som er listet opp, og kontroller igjen. TAC ville spurt om det.
case-escalation--ready = Klar for en serviceforespørsel
    .next = Lag pakken med «w4b-diag bundle», åpne en sak i Support Case Manager, lim inn teksten fra service-request.txt, og last opp zip-filen.

release-unsupported = { $subject }: BroadWorks { $release } støttes ikke lenger
    .detail = { $kind ->
        [ended] Vedlikeholdet av versjon { $major } tok slutt { $ends }.
       *[n-2] Gjeldende versjon er { $current }; den og de to hovedversjonene før støttes (N-2), altså ikke versjon { $major }.
    }
    .remedy = Planlegg oppgradering til versjon { $current }. Cisco kan kreve det før feilen undersøkes.
release-unsupported--ok = { $subject }: BroadWorks { $release } støttes
    .detail = Versjon { $major } er blant de støttede versjonene ifølge data fra { $dated }.
release-unsupported--ends = { $subject }: støtten for BroadWorks { $release } tar slutt { $ends }
    .detail = Gjeldende versjon er { $current }.
    .remedy = Planlegg oppgraderingen før { $ends }.
release-unknown = { $subject }: støtten for BroadWorks «{ $release }» kan ikke vurderes
    .detail = { $reason ->
        [independent] Det er en versjonsuavhengig utgave; slike støttes etter dato og ikke etter hovedversjon, og datoene er ikke kjent her.
        [newer] Versjon { $major } er nyere enn dataene fra { $dated } som dette programmet har.
       *[unreadable] Teksten er ikke en BroadWorks-versjon som 25.0, Rel_25.0_1.944 eller 2022.11.
    }
    .remedy = { $reason ->
        [unreadable] Les av versjonen på serveren med «bwshowver», og oppgi den med --broadworks-release.
       *[other] Sammenlign med livssyklussiden for BroadWorks.
    }
check-fault-known = Ingen kjent feil som rettes utenfor Webex
check-fault-unknown-code = Alle feilkoder er kjent
fault-known = { $meaning }
    .detail = { $cause } Funnet i { $source }.
    .remedy = { $steps }
fault-known--procedure = Teksten handler om: { $meaning }
    .detail = Funnet i { $source }.
    .remedy = Trinnene: w4b-diag explain { $id }
fault-unknown-code = { $count ->
        [one] Denne feilkoden står ikke i katalogen: { $codes }
       *[other] Disse feilkodene står ikke i katalogen: { $codes }
    }
    .detail = Det som ikke er kjent, gjettes ikke.
    .remedy = Ta vare på hele feilteksten med kode og sporings-ID; begge skal med i serviceforespørselen.
case-customer-org--ok-others = Kundens organisasjons-ID: { $value }
    .detail = Som oppgitt ({ $source }). Inndataene nevner også andre kundeorganisasjoner: { $values }.
    .remedy = Kontroller at tekster og logger hører til denne kunden.
case-where--customer-org = Partner Hub › Kunder › kundens Control Hub › Konto
case-where--partner-org = Partner Hub › Konto
case-where--tracking-id = feilmeldingen: «Kopier» eller «Detaljer»; bare hvis den viser en
case-where--user-email = kundens Control Hub › Brukere › brukeren
case-where--client-version = Webex-appen › profilbilde › Hjelp › Om; bare for feil i appen
case-where--time-frame = spør brukeren: dag, klokkeslett, tidssone
help-case--tracking-id = Sporings-ID som feilmeldingen eller skjermen viser
help-case--answers = Svar som «explain activation» eller «explain order» skrev med --save
help-case--interactive = Spør på terminalen etter det som mangler
error-interactive = --interactive trenger en terminal: det er ingen å spørre
    .hint = Start programmet på en terminal uten å omdirigere inndata eller standard feil, eller oppgi opplysningene med valg som --customer-org.
error-case-tracking = { $flag }: «{ $value }» er ikke en sporings-ID
    .hint = En sporings-ID ser ut som ATLAS_0a1b2c3d-1111-4222-8333-444455556666, eller er 32 heksadesimale sifre.
error-case-answers = { $path } er ikke en fil med svar: { $reason }
    .hint = Skriv en med «w4b-diag explain activation --save FIL» eller «explain order --save FIL».
bundle-why-dialogue = Spørsmål og svar fra en veiledet dialog
prompt-default = { $question } [{ $default }]:
prompt-open = { $question } (Enter: hopp over):
prompt-choices = { $question } ({ $choices })
prompt-number = Nummer { $choices }
prompt-yes-no = ja/nei
prompt-error-offered = «{ $answer }» er ikke et av svarene
    .hint = Mulige: { $offered }
prompt-error-date = «{ $answer }» er ikke en dato
    .hint = Skriv år-måned-dag, for eksempel 2026-11-22.
prompt-error-file = «{ $answer }» er ikke en fil
    .hint = Oppgi banen til et bilde, eller trykk Enter for å gå videre.
prompt-error-partner-org = «{ $answer }» er din egen partnerorganisasjon
    .hint = Det spørres etter kundens organisasjon.
prompt-error-version = Klientversjonen «{ $answer }» finnes ikke
    .hint = Versjoner av Webex-appen består av år, måned, oppdatering og bygg, for eksempel 46.10.0.33788.
prompt-error-time = «{ $answer }» er ikke et tidspunkt
    .hint = Skriv 2026-11-20T10:00:00+01:00, eller 2026-11-20 10:00 for UTC.
prompt-error-future = «{ $answer }» ligger i fremtiden
    .hint = Kontroller dag, måned og tidssone.
prompt-error-release = «{ $answer }» er ikke en BroadWorks-versjon
    .hint = For eksempel 25.0, Rel_25.0_1.944 eller 2022.11; «bwshowver» på serveren viser den.
dialogue-text = Lim inn feilteksten slik den vises; en tom linje avslutter den.
dialogue-screenshot = Skjermbilde som skal legges ved (bane):
dialogue-since = Når begynte det? (2026-11-20 10:00 er UTC; ellers med tidssone)
dialogue-until = Til når?
dialogue-release = BroadWorks-versjonen på serveren «{ $role }»
dialogue-untrusted-emails = Er «Uklarerte e-poster» valgt under Brukerbekreftelse i onboarding-malen?
dialogue-share-link = Peker «Del kobling» der til aktiveringskoblingen?
dialogue-retried = Har brukeren klikket «Prøv igjen» i brukeraktiveringsportalen én gang?
dialogue-user-status = Hva sier «Vis brukerstatus» om brukeren?
dialogue-state = { $state ->
        [provisioned] klargjort
        [pending] et krav er ventende
        [error] feil
       *[absent] brukeren står ikke på listen
    }
dialogue-onboarded = Er organisasjonen allerede i Control Hub (punktet uten retur)?
dialogue-requested-start = Ønsket startdato for ordren (RSD)
dialogue-line = Ordrelinjens tilstand i CCW:
dialogue-line-state = { $state ->
        [pending] Venter på klargjøringsdetaljer
       *[closed] Lukket
    }
dialogue-offer = Hva er bestilt?
dialogue-offer-name = { $offer ->
        [a-flex] A-Flex eller A-Flex-3 (lukkes etter { $days } dager)
       *[other] et annet samarbeidstilbud (lukkes etter { $days } dager)
    }
dialogue-ccw-access = Kan du selv sende e-posten på nytt i CCW?
dialogue-resend-failed = Ble ny utsending forsøkt uten å lykkes?
check-release-patch = Oppdateringene som Webex trenger, er installert, og serverne passer til hverandre
release-patch--ok = { $subject }: { $patch } er installert
    .detail = { $purpose ->
        [flow-through] Flow-through-klargjøring trenger den.
       *[other] Webex for BroadWorks trenger den.
    }
release-patch--older = { $subject }: oppdateringsnivået { $highest } er eldre enn { $patch }
    .detail = { $purpose ->
        [flow-through] Flow-through-klargjøring trenger { $patch }; den høyeste oppdateringen som er sett, er { $highest }.
       *[other] Webex for BroadWorks trenger { $patch }; den høyeste oppdateringen som er sett, er { $highest }.
    }
    .remedy = List opp oppdateringene på serveren (Maintenance/Patching i CLI). Mangler den, installerer du { $patch } eller den gjeldende oppdateringspakken.
release-patch--unseen = { $subject }: { $patch } ble ikke sett
    .detail = { $purpose ->
        [flow-through] Flow-through-klargjøring trenger den. Senere oppdateringer ble sett (opptil { $highest }), men hver oppdatering installeres for seg.
       *[other] Webex for BroadWorks trenger den. Senere oppdateringer ble sett (opptil { $highest }), men hver oppdatering installeres for seg.
    }
    .remedy = List opp oppdateringene på serveren (Maintenance/Patching i CLI) og se etter { $patch }.
release-patch--same = Serverne har samme nivå: { $levels }
    .detail = Sammenlignet etter versjon og den høyeste oppdateringen som er sett.
release-patch--differs = Serverne er forskjellige: { $levels }
    .detail = Sammenlignet etter versjon og den høyeste oppdateringen som er sett. Det kan være meningen.
    .remedy = Sammenlign med kompatibilitetsmatrisen for BroadWorks. Er en server glemt ved en oppdatering, bringer du den til de andres nivå.
check-unclear = uklart: { $value }
check-where = { $needed ->
        [yes] mangler → { $place }
       *[no] ingen → { $place }
    }

## collect

progress-collect = samler inn
error-case-org = { $flag }: «{ $value }» er ikke en organisasjons-ID
    .hint = En organisasjons-ID er 32 heksadesimale sifre med bindestreker, slik Control Hub viser den under Konto.
error-case-release = --broadworks-release: «{ $value }» er ikke ROLLE=UTGAVE
    .hint = For eksempel: --broadworks-release as=25.0
error-case-email = { $flag }: «{ $value }» er ikke en e-postadresse
    .hint = Oppgi adressen brukeren logger på Webex med, for eksempel user@example.com.
error-case-time = konfigurasjon, [case] { $key }: «{ $value }» er ikke et tidspunkt
    .hint = Skriv det etter RFC 3339 med tidssone, for eksempel 2026-11-20T08:00:00Z.
error-case-frame = tidsrommet slutter før det begynner
    .hint = Bytt om --since og --until, eller kontroller tidssonene.
error-case-nothing = det er ingenting å se på
    .hint = Oppgi en feiltekst (--text FIL, «-» for standard inn), en logg, en eksport eller en XSP, eller en konfigurasjon med --config.
error-case-terminal = standard inn er en terminal, og ingenting ble skrevet
    .hint = Lim inn feilteksten og avslutt med Ctrl-D på en egen linje, eller oppgi en fil.
error-xsp-address = konfigurasjon, [[xsp]] { $host }: «{ $address }» er ikke en IP-adresse
    .hint = Skriv IPv4- eller IPv6-adresser under «addresses», eller utelat nøkkelen for å spørre DNS.
error-xsp-half-identity = konfigurasjon, [[xsp]] { $host }: client_cert og client_key hører sammen
    .hint = Oppgi begge filene eller ingen.
error-no-network = ikke spurt: nettverket er slått av for denne kjøringen
    .hint = Kjør igjen uten --no-network, eller oppgi et lagret svar som fil.
error-collect-internal = en del av programmet feilet: { $part }
    .hint = Resten av rapporten gjelder. Meld fra om dette med utdata fra --verbose.
error-attachment-kind = ikke et bilde; det som ikke kan undersøkes for hemmeligheter, pakkes ikke
    .hint = Legg ved PNG, JPEG, GIF eller WebP. Tekster, logger og arkiver hører til --log eller --text.
error-attachment-read = kan ikke leses: { $reason }
    .hint = Kontroller stien og tillatelsene.
bundle-incomplete--input = Utelatt: { $subject }
    .detail = { $cause }
    .remedy = { $hint }
check-readiness = Klar for en serviceforespørsel?
check-value = { $value } ({ $source })
check-more = og { $count } til
check-time-frame = { $first } til { $last }
bundle-why-status = Svaret fra statussiden, slik det kom
bundle-why-status-record = Hvordan statussiden ble spurt, og hva som kom ut av det
bundle-why-chain = Sertifikatene slik serveren viste dem
bundle-why-observation = Det som ble sett på dette endepunktet
bundle-why-certificate = Sertifikat installert på XSP-en
bundle-why-trust = Tillitsankere for gjensidig TLS
bundle-why-users = Brukereksport, sladdet
bundle-why-text = Feiltekst, sladdet
bundle-why-log = Logg, sladdet
bundle-why-attachment = Vedlegg; et bilde kan ikke undersøkes for hemmeligheter
bundle-why-problem = Kunne ikke samles inn
bundle-why-request = Tekst til å lime inn i serviceforespørselen
bundle-why-markdown = Teksten til supportsaken som Markdown
bundle-why-html = Rapporten som side
bundle-why-json = Rapporten for programmer
bundle-why-handover = Den samme teksten på agentens språk
bundle-reason-private-key = { $count ->
    [one] filen inneholdt også en privat nøkkel, som ikke ble pakket; bytt nøkkelen hvis filen er delt
   *[other] filen inneholdt også { $count } private nøkler, som ikke ble pakket; bytt nøklene hvis filen er delt
 }
bundle-declined = ingenting ble skrevet
bundle-map-written = Den private oversettelsestabellen ble skrevet til { $path }; ta vare på den, og send den aldri.
bundle-written = Pakke: { $path } ({ $files } filer, { $kilobytes } kB). Lim service-request.txt inn i serviceforespørselen, og legg ved zip-filen.
bundle-encrypted = Pakken er kryptert. { $count ->
        [one] Bare den som har den hemmelige nøkkelen til { $recipients }, kan åpne den
       *[other] Bare de som har en av de hemmelige nøklene til { $recipients }, kan åpne den
    }: age --decrypt --identity NØKKEL --output { $zip } { $path }. Cisco TAC kan ikke, med mindre en av nøklene er deres.
bundle-signed = Signatur: { $path } (nøkkel { $key }). Send den sammen med pakken.
bundle-ask = Pakke disse filene? [j/N]
bundle-ask-yes = j ja y yes
preview-title = Dette ville bli delt
preview-file = { $path } ({ $kilobytes } kB)
preview-withheld = utelatt: { $reason }
preview-redacted = sladdet: { $count } × { $kind ->
    [tracking-id] sporings-ID-er
    [customer-org] kundeorganisasjons-ID-er
    [partner-org] partnerorganisasjons-ID-er
    [org] organisasjons-ID-er
    [user-id] bruker-ID-er
    [broadworks-user-id] BroadWorks-bruker-ID-er
    [email] e-postadresser
    [client-version] klientversjoner
    [broadworks-release] BroadWorks-utgaver
    [control-hub-build] Control Hub-versjoner
    [error-code] feilkoder
    [timestamp] tidsstempler
    [call-id] Call-ID-er
    [device-id] enhets-ID-er
    [fingerprint] fingeravtrykk
    [token] tilgangstokener
    [jwt] JSON-webtokener
    [password] passord og hemmeligheter
    [cookie] informasjonskapsler og økt-ID-er
    [sip-digest] SIP digest-felt
    [signed-url] signerte URL-parametere
    [private-key] private nøkler
    [phone] telefonnumre
    [person-name] personnavn
    [ip-address] IP-adresser
    [mac-address] MAC-adresser
    [host-name] vertsnavn
   *[custom] egne mønstre
 }
preview-also = I tillegg kommer README.txt (hvordan pakken leses) og manifest.json (hver fil med SHA-256, kilde, tid og sladdinger). Begge lages under pakkingen.
preview-total = { $files } filer, { $kilobytes } kB, { $redactions } verdier sladdet. Ingenting ble skrevet.

## users

users-error-empty = filen er tom
    .hint = Eksporter listen på nytt: Partner Hub, malen, Vis brukerstatus, Eksporter.
users-error-binary = filen er ikke tekst
    .hint = Lagre regnearket som CSV (UTF-8), og oppgi den filen.
users-error-columns = filen har { $count } kolonner
    .hint = Dette er ingen brukerliste. Kontroller hvilken fil som ble oppgitt.
users-error-read = kan ikke lese { $path }: { $reason }
    .hint = Kontroller filens sti og rettigheter.
users-error-directory = { $path } er en mappe
    .hint = Oppgi CSV-filen i den.
users-error-too-large = { $path } er for stor: { $bytes } byte
    .hint = Del filen, eller eksporter færre brukere.
users-summary = { $file }: { $kind ->
        [user-status] brukerstatus
        [bulk-users] massebrukere
       *[unknown] typen ble ikke gjenkjent
    }, { $count ->
        [one] { $count } rad
       *[other] { $count } rader
    }
users-counts = klargjort { $provisioned } · venter { $pending } · henger { $stuck } · mislyktes { $failed } · ikke forstått { $unknown }
users-group = { $count ->
        [one] { $count } bruker
       *[other] { $count } brukere
    }: { $cause }
users-group-more = { $count ->
        [one] … og { $count } til
       *[other] … og { $count } til
    }
users-cause-none = ingen feiltekst
users-cause-pending = venter fortsatt
users-cause-stuck = har ventet for lenge
users-cause-status = en status som ikke forstås
users-see = Mer: w4b-diag explain { $id }
users-action = { $action ->
        [delete-user] Rett årsaken, deretter Partner Hub, Vis brukerstatus, tre prikker: Slett bruker; brukeren kan aktivere seg på nytt.
        [change-package] Partner Hub, Vis brukerstatus, tre prikker: Endre pakketype (eller fjern pakken og tildel den på nytt).
        [retry-activation] Partner Hub, Vis brukerstatus, tre prikker: Prøv aktivering på nytt, med en gyldig e-postadresse.
        [copy-error-text] Partner Hub, Vis brukerstatus, tre prikker: Kopier feiltekst; den hører hjemme i serviceforespørselen.
        [ask-user] Be brukeren skrive inn eller bekrefte e-postadressen; deretter Prøv aktivering på nytt.
        [wait] Vent flere minutter, og eksporter på nytt.
       *[none] Ingenting må gjøres.
    }
user-error = { $subject }: klargjøringen mislyktes
    .detail = { $text ->
        [some] Linje { $line }: { $error }
       *[none] Linje { $line }, status «{ $status }», uten feiltekst.
    }
    .remedy = { users-action }
user-error--ok = Ingen bruker har mislyktes, venter eller står to ganger
    .detail = { $count ->
        [one] { $count } bruker i filen.
       *[other] { $count } brukere i filen.
    }
user-error--status = { $subject }: statusen «{ $status }» forstås ikke
    .detail = Linje { $line }. Om denne brukeren fungerer, er ikke kjent.
    .remedy = Se etter i Partner Hub, Vis brukerstatus.
user-error--more = { $count ->
        [one] { $count } mislykket bruker til
       *[other] { $count } mislykkede brukere til
    }
    .detail = De er ikke listet enkeltvis her; rapportens data og --format csv har alle.
    .remedy = Gå gjennom årsakene gruppevis.
user-pending = { $subject }: venter
    .detail = { $known ->
        [yes] Linje { $line }, status «{ $status }» i { $minutes } minutter.
       *[no] Linje { $line }, status «{ $status }». Siden når, sier ikke filen.
    }
    .remedy = { users-action }
user-pending--more = { $count ->
        [one] { $count } ventende bruker til
       *[other] { $count } ventende brukere til
    }
    .detail = De er ikke listet enkeltvis her; rapportens data og --format csv har alle.
    .remedy = Vent flere minutter, og eksporter på nytt.
user-stuck = { $subject }: har ventet for lenge
    .detail = Linje { $line }, status «{ $status }» i { $minutes } minutter. Klargjøring tar flere minutter.
    .remedy = { users-action }
user-stuck--more = { $count ->
        [one] { $count } bruker til som har ventet for lenge
       *[other] { $count } brukere til som har ventet for lenge
    }
    .detail = De er ikke listet enkeltvis her; rapportens data og --format csv har alle.
    .remedy = Prøv aktiveringen på nytt; henger mange, kontroller statussiden.
user-duplicate = { $field ->
        [email] E-postadressen { $value } står to ganger
       *[broadworks_id] BroadWorks-ID-en { $value } står to ganger
    }
    .detail = På linje { $earlier } og { $line }.
    .remedy = Bare én bruker kan ha den. Finn ut hvilken som er riktig, og slett den andre.
user-duplicate--more = { $count ->
        [one] { $count } duplikat til
       *[other] { $count } duplikater til
    }
    .detail = De er ikke listet enkeltvis her.
    .remedy = Sorter filen etter denne kolonnen for å se dem.

csv-encoding = Linje { $line } har tegn som ikke kan leses
    .detail = De vises som �; alt annet ble lest.
    .remedy = Lagre filen som UTF-8, og kontroller denne linjen.
csv-encoding--open-quote = Linje { $line }: et anførselstegn er ikke lukket
    .detail = Linjen ble lest uten anførselstegn, så ingen rad er tapt. Control Hub ville slukt radene bak.
    .remedy = Lukk eller fjern anførselstegnet på denne linjen.
csv-encoding--cells = { $found ->
        [one] Linje { $line } har { $found } celle i stedet for { $expected }
       *[other] Linje { $line } har { $found } celler i stedet for { $expected }
    }
    .detail = Cellene kan stå i feil kolonner.
    .remedy = Se etter et manglende eller overflødig skilletegn på denne linjen; sett celler med skilletegn i anførselstegn.
csv-encoding--guessed = Tegnkodingen ble gjettet: { $encoding }
    .detail = Filen har ikke noe byterekkefølgemerke og er ikke UTF-8.
    .remedy = Ser bokstaver feil ut, lagre filen som UTF-8.
csv-encoding--huge = Linje { $line }, kolonne «{ $column }»: en celle på { $bytes } byte
    .detail = Ingen brukerfelt er så lange; kanskje er en hel logg limt inn.
    .remedy = Kontroller denne cellen.
csv-encoding--header = Ingen kolonne i overskriften forstås
    .detail = Linje { $line }: { $names }
    .remedy = Kontroller om dette er en brukerliste, om første linje er overskriften, og om skilletegnet er komma, semikolon, tabulator eller loddrett strek.
csv-encoding--more = { $count ->
        [one] { $count } feil til i filen
       *[other] { $count } feil til i filen
    }
    .detail = De er ikke listet enkeltvis her.
    .remedy = Rett de første, og kontroller igjen.
csv-missing-field = Linje { $line }: { $field ->
        [email] e-postadressen
        [extension] internnummer eller telefonnummer
        [location] sted
        [jabber_calling] Jabber-anrop
        [jabber_teams] Jabber med Webex Teams
       *[other] «{ $column }»
    } mangler
    .detail = { $why ->
        [always] Obligatorisk på hver rad.
       *[package] Obligatorisk for { $packages }.
    }
    .remedy = Fyll ut kolonnen «{ $column }», ellers gir importen en feil.
csv-missing-field--column = Kolonnen for { $field ->
        [email] e-postadressen
        [extension] internnummer eller telefonnummer
        [location] sted
        [jabber_calling] Jabber-anrop
       *[jabber_teams] Jabber med Webex Teams
    } mangler
    .detail = Den er obligatorisk for pakkene i denne filen.
    .remedy = Legg til kolonnen; begynn helst med CSV-malen som Control Hub tilbyr for nedlasting.
csv-missing-field--site = Linje { $line }: intet foretrukket Webex-nettsted
    .detail = Importen gir ingen feil, men brukerens møtested skaper problemer senere.
    .remedy = Fyll ut foretrukket Webex-nettsted for alle pakker unntatt Webex Voice.
csv-missing-field--ok = Ingen obligatoriske felt mangler, og ingen verdi er feil
    .detail = { $count ->
        [one] { $count } rad kontrollert.
       *[other] { $count } rader kontrollert.
    }
csv-missing-field--more = { $count ->
        [one] { $count } manglende felt til
       *[other] { $count } manglende felt til
    }
    .detail = De er ikke listet enkeltvis her.
    .remedy = Rett de første, og kontroller igjen.
csv-invalid-value--email = Linje { $line }: «{ $value }» er ingen gyldig e-postadresse
    .detail = Kolonne «{ $column }». Den trenger én @, et domene med punktum, ingen mellomrom og ingen æøå.
    .remedy = Rett adressen.
csv-invalid-value--email-plus = Linje { $line }: e-postadressen { $value } inneholder «+»
    .detail = Kolonne «{ $column }». Med en slik adresse mislykkes det å starte et møte.
    .remedy = Bruk en adresse uten «+».
csv-invalid-value--number = Linje { $line }: «{ $value }» er ikke et telefonnummer
    .detail = Kolonne «{ $column }». Tillatt er + først, 7 til 15 sifre og -.
    .remedy = Skriv det som E.164, for eksempel +4722123456.
csv-invalid-value--number-no-plus = Linje { $line }: { $value } har ingen landskode
    .detail = Kolonne «{ $column }». Et nummer begynner med + og landskoden.
    .remedy = Skriv det som E.164, for eksempel +4722123456.
csv-invalid-value--number-scientific = Linje { $line }: et regneark har ødelagt nummeret { $value }
    .detail = Kolonne «{ $column }». De siste sifrene er tapt.
    .remedy = Formater kolonnen som tekst i regnearket, skriv inn numrene på nytt, og lagre.
csv-invalid-value--boolean = Linje { $line }: «{ $value }» er verken TRUE eller FALSE
    .detail = Kolonne «{ $column }».
    .remedy = Skriv TRUE eller FALSE.
csv-invalid-value--boolean-language = Linje { $line }: «{ $value }» i stedet for TRUE eller FALSE
    .detail = Kolonne «{ $column }». Regneark oversetter TRUE og FALSE; Control Hub forventer de engelske ordene.
    .remedy = Skriv TRUE eller FALSE; formater kolonnen som tekst først.
csv-invalid-value--extension = Linje { $line }: «{ $value }» er ikke et internnummer
    .detail = Kolonne «{ $column }». Et internnummer har bare sifre, høyst ti.
    .remedy = Rett internnummeret.
csv-invalid-value--more = { $count ->
        [one] { $count } ugyldig verdi til
       *[other] { $count } ugyldige verdier til
    }
    .detail = De er ikke listet enkeltvis her.
    .remedy = Rett de første, og kontroller igjen.
csv-package-conflict = Linje { $line }: flere pakker samtidig: { $packages }
    .detail = En bruker har én engrospakke.
    .remedy = La TRUE stå ved én pakke, og sett de andre til FALSE.
csv-package-conflict--removal-incomplete = Linje { $line }: verken slettet eller tildelt
    .detail = Noen pakkekolonner er FALSE, de andre er tomme.
    .remedy = For å slette brukeren, sett alle pakkekolonner til FALSE; for å beholde, sett én til TRUE.
csv-package-conflict--base = Linje { $line }: basislisensen «{ $licence }» ved siden av en pakke
    .detail = Brukeren får den i tillegg til pakken.
    .remedy = Er det ikke ønsket, sett den til FALSE.
csv-package-conflict--removals = { $count ->
        [one] { $count } bruker blir slettet fra kundeorganisasjonen
       *[other] { $count } brukere blir slettet fra kundeorganisasjonen
    }
    .detail = Alle pakkekolonner i disse radene er FALSE.
    .remedy = Kontroller at det er meningen.
csv-package-conflict--behaviour = Velg «Legg til og fjern tjenester» ved import
    .detail = Ellers tildeles Grunnleggende meldinger, Møter i grunnleggende rom og Ring på Webex i tillegg til pakken.
    .remedy = Control Hub, Brukere, Administrer brukere, CSV legg til eller rediger, CSV-importvirkemåte.
csv-package-conflict--more = { $count ->
        [one] { $count } pakkekonflikt til
       *[other] { $count } pakkekonflikter til
    }
    .detail = De er ikke listet enkeltvis her.
    .remedy = Rett de første, og kontroller igjen.
help-users--file = CSV-fil fra Partner Hub eller Control Hub; - leser standard inndata
help-users--exclude-provisioned = Utelat klargjorte brukere
users-error-overwrite = { $path } er originalen; den rettede kopien skrives ikke over den
    .hint = Oppgi en annen fil med --write-corrected.
users-error-no-import = { $path } er ikke en massebrukerfil: det er ingenting å rette
    .hint = Bare filer som skal importeres i Control Hub, rettes; en eksport viser det som er.
users-corrected = { $count ->
        [one] Rettet kopi: { $path } ({ $count } endring)
       *[other] Rettet kopi: { $path } ({ $count } endringer)
    }
users-change = { $kind ->
        [delimiter] hele filen: skilletegn «{ $before }» → «{ $after }»
        [encoding] hele filen: tegnkoding { $before } → { $after }
        [cells] linje { $line }: { $before } → { $after } celler, de nye er tomme
       *[other] linje { $line }, kolonne «{ $column }»: «{ $before }» → «{ $after }»
    }
users-change-more = { $count ->
        [one] … og { $count } endring til; --format json har alle
       *[other] … og { $count } endringer til; --format json har alle
    }
users-corrected-left = { $count ->
        [0] Det er ikke mer å rette for hånd.
        [one] { $count } problem gjenstår som bare kunne gjettes: rett det for hånd, og kontroller kopien på nytt.
       *[other] { $count } problemer gjenstår som bare kunne gjettes: rett dem for hånd, og kontroller kopien på nytt.
    }
help-users--write-corrected = Skriv en rettet kopi av en massebrukerfil: det som kan rettes uten å gjette

## catalogue

catalogue-error-read = kan ikke lese katalogen { $path }: { $reason }
    .hint = Kontroller [catalogue] dir i konfigurasjonen: den navngir en mappe med *.toml-filer.
catalogue-error-syntax = katalogfilen { $path } er ikke gyldig: { $reason }
    .hint = Hver [[entry]] trenger id, owner og meaning; filene i programmets kildekode viser formen.
catalogue-error-twice = katalogfilen { $path } har id-en { $id } en gang til
    .hint = Gi hver oppføring sin egen id.
catalogue-error-too-large = { $path } er for stor for en katalog
    .hint = En fil kan ha 1 MiB, en mappe tusen filer.

catalogue-collect--provisioning = Brukerens BroadWorks-ID og e-postadresse, kundens organisasjons-ID, malens navn, hele feilteksten med sporings-ID (Kopier feiltekst) og PSLog fra Application Server rundt tidspunktet.
catalogue-collect--csv = Raden i CSV-filen (med overskrift), feillisten som Control Hub eksporterer etter importen, sporings-ID-en og kundens organisasjons-ID.
catalogue-collect--client = Brukerens e-postadresse, plattform og versjon av Webex-appen, tidspunktet, koden med teksten slik den vises (skjermbilde) og klientens logger.
catalogue-collect--tls = Utdata fra «w4b-diag certs» for XSP-en, tidspunktet for feilen og linjene i XSP-ens logg rundt det (XsiActionsLog, authenticationService-loggen).
catalogue-collect--order = Ordrenummer, abonnements-ID, navn og e-postadresse til klargjøringskontakten, ordrelinjens status og skjermbilder.
catalogue-collect--nothing = Ingenting; dette krever ingen serviceforespørsel.
catalogue-collect--unknown = Koden og hele teksten slik den vises, sporings-ID, tidspunkt, brukerens e-postadresse, kundens og partnerens organisasjons-ID og versjonen av klienten som viser den.

catalogue-broadworks-id-taken = BroadWorks-bruker-ID-en tilhører allerede en annen Webex-bruker.
    .cause = Abonnenten er tatt inn tidligere med denne BroadWorks-ID-en, kanskje med en annen e-postadresse eller i en annen kundeorganisasjon.
    .steps =
        Partner Hub, onboardingmalen, Vis brukerstatus: søk etter BroadWorks-ID-en.
        Er den eksisterende brukeren den riktige, behold den; ingenting skal klargjøres.
        Hvis ikke, slett den gamle brukeren der (Slett bruker), og ta inn på nytt med en gyldig e-postadresse.
        Står den ikke på listen, åpne en serviceforespørsel: den kan være i en organisasjon du ikke ser.
    .collect = { catalogue-collect--provisioning }
catalogue-null-parameter = En obligatorisk verdi er tom i klargjøringsforespørselen.
    .cause = Forespørselen mangler en verdi som Webex trenger, for eksempel e-postadressen eller brukerens navn.
    .steps =
        Sammenlign forespørselen eller brukerens data i BroadWorks med det API-et krever: bruker-ID, bedrift, navn, pakke, og en e-postadresse hvis malen trenger det.
        Fyll inn det som mangler, og send på nytt.
    .collect = { catalogue-collect--provisioning }
catalogue-parameter-size = En verdi i klargjøringsforespørselen er for lang eller for kort.
    .cause = Et av feltene har flere tegn enn tillatt, eller ingen.
    .steps =
        Se etter et uvanlig langt navn, en adresse eller bruker-ID i brukerens data.
        Kort det ned, og send forespørselen på nytt.
    .collect = { catalogue-collect--provisioning }
catalogue-precheck-success = Ikke en feil: forhåndskontrollen av klargjøringen lyktes.
    .cause = Abonnenten vil trolig bli klargjort uten feil.
    .steps =
        Fortsett med klargjøringen.
        Forhåndskontrollen klargjør ingenting selv.
    .collect = { catalogue-collect--nothing }
catalogue-wholesale-2560 = Webex kunne ikke utføre det akkurat nå; feilteksten selv viser til statussiden og et nytt forsøk.
    .cause = En midlertidig feil på Webex' side.
    .steps =
        Kontroller statussiden: w4b-diag status
        Er en hendelse åpen, vent til den er lukket.
        Prøv igjen. Mislykkes det igjen uten åpen hendelse, åpne en serviceforespørsel.
    .collect = { catalogue-collect--provisioning }
catalogue-messaging-server = BroadWorks kunne ikke logge inn i Webex for å klargjøre brukeren.
    .cause = Brukernavn, passord eller URL for Integrated IM&P på Application Server er ikke lik klargjøringskontoen, passordet og URL-en i onboardingmalen.
    .steps =
        Partner Hub, Innstillinger, BroadWorks Calling, Vis maler: åpne malen, og noter klargjøringskonto og URL.
        Sammenlign med innstillingene for Integrated IM&P på Application Server. Sett passordet på nytt på begge sider hvis du er i tvil.
        Tildel Integrated IM&P til en bruker på nytt, og les PSLog.
    .collect = { catalogue-collect--provisioning }
catalogue-url-exists = E-postadressen brukes allerede av en annen bruker.
    .cause = En annen bruker, ofte en tidligere av samme person, har denne adressen i BroadWorks eller i Webex (409 Conflict).
    .steps =
        Kundens Control Hub, Brukere: søk etter e-postadressen.
        Fjern den eldre brukeren, eller bruk en annen e-postadresse for den nye.
        Prøv så aktiveringen på nytt.
    .collect = { catalogue-collect--provisioning }
catalogue-extension-taken = Internnummeret er allerede tildelt noen andre.
    .cause = En annen bruker, et arbeidsområde eller en funksjon på stedet har det. Feilen nevner ofte hvem.
    .steps =
        Finn ut hvem som har internnummeret (nummeret på slutten av feilteksten, eller Control Hub, Calling, Numre).
        Velg et ledig internnummer, eller ta det fra den andre.
        Lagre eller importer på nytt.
    .collect = { catalogue-collect--csv }
catalogue-services-not-authorized = Brukeren har tjenester som den nye gruppen ikke er autorisert for.
    .cause = Ved flytting til en annen gruppe eller et annet sted er tjenestene i klammer tildelt brukeren, men ikke autorisert på målet.
    .steps =
        Noter tjenestene i klammer på slutten av feilen.
        Autoriser dem i målgruppen, eller fjern dem fra brukeren.
        Flytt brukeren på nytt.
    .collect = { catalogue-collect--provisioning }
catalogue-outbound-proxy = Webex kunne ikke lese den utgående proxyen til BroadWorks-gruppen.
    .cause = Sett sammen: CPAPI 25013 og «[Error 26088] Cloud PBX Console is not configured properly». Hva som er galt i detalj, er ikke dokumentert.
    .steps =
        Kontroller om det gjelder én gruppe eller alle, og siden når.
        Kontroller statussiden.
        Åpne en serviceforespørsel med begge kodene og hele teksten.
    .collect = { catalogue-collect--provisioning }
catalogue-number-invalid = Telefonnummeret er ugyldig.
    .cause = Bare + først, sifre og - er tillatt; numre skrives som E.164, for eksempel +4722123456.
    .steps =
        Rett nummeret: landskode, ingen mellomrom, ingen bokstaver. Regneark gjør det gjerne om til 4,72212E+09: formater kolonnen som tekst.
        Kontroller filen med «w4b-diag users FIL», og importer på nytt.
    .collect = { catalogue-collect--csv }
catalogue-number-taken = Telefonnummeret er allerede tildelt.
    .cause = En annen bruker, et arbeidsområde eller en funksjon har nummeret; det er ikke blant stedets ledige numre.
    .steps =
        Control Hub, Calling, Numre: søk etter nummeret, og se hvem som har det.
        Fjern tildelingen der, eller velg et ledig nummer.
        Importer eller lagre på nytt.
    .collect = { catalogue-collect--csv }
catalogue-invitation-suppressed = Ingen invitasjon ble sendt fordi brukeren fikk en de siste 24 timene.
    .cause = Webex sender høyst én invitasjon om dagen til en bruker.
    .steps =
        Be brukeren lete etter den tidligere invitasjonen, også i søppelpost.
        Send den på nytt etter 24 timer om nødvendig.
    .collect = { catalogue-collect--nothing }
catalogue-licence-calling-mix = Lisensene Webex Calling Professional og Standard utelukker hverandre.
    .cause = En bruker kan ikke ha begge, og Professional kan ikke endres til Standard.
    .steps =
        Ta en av de to ut av forespørselen eller CSV-raden.
        For å gå fra Professional til Standard: fjern den første og lagre før du tildeler den andre.
    .collect = { catalogue-collect--csv }
catalogue-licence-needs-professional = Tilleggslisensen krever Webex Calling Professional.
    .cause = Attendant Console eller Customer Experience Essentials går ikke med Webex Calling Standard, eller Professional-lisensen mangler.
    .steps =
        Tildel brukeren Webex Calling Professional først.
        Tildel så tilleggslisensen.
    .collect = { catalogue-collect--csv }
catalogue-licence-messenger = Messenger-lisenser kan ikke administreres på denne måten.
    .cause = Forespørselen inneholder en Messenger-lisens, som ikke støttes i brukeradministrasjonen.
    .steps =
        Ta Messenger-lisensen ut av forespørselen, og send på nytt.
    .collect = { catalogue-collect--csv }
catalogue-licence-attendee-site = Et møtenettsted i forespørselen er ikke gyldig for deltakere.
    .cause = En av nettstedets URL-er er feilskrevet eller tilhører ikke organisasjonen.
    .steps =
        Control Hub, Tjenester, Møter, Nettsteder: sammenlign navnet bokstav for bokstav.
        Rett det, og send forespørselen på nytt.
    .collect = { catalogue-collect--csv }
catalogue-licence-other = Lisensene i forespørselen går ikke sammen; hva denne koden betyr nøyaktig, er ikke kjent her.
    .cause = Koden hører til lisensfeilene 400404 til 400413. Teksten ble ikke funnet i offentlig dokumentasjon.
    .steps =
        Les teksten ved koden: den nevner lisensene.
        Tildel lisensene én etter én for å finne den som avvises.
        Hjelper ikke teksten, åpne en serviceforespørsel.
    .collect = { catalogue-collect--csv }
catalogue-email-invalid = E-postadressen er ugyldig.
    .cause = Den trenger nøyaktig én @, bare tillatte tegn og høyst 161 tegn foran.
    .steps =
        Rett adressen: ingen mellomrom, ingen æøå, én @.
        Kontroller filen med «w4b-diag users FIL», og importer eller lagre på nytt.
    .collect = { catalogue-collect--csv }
catalogue-extension-invalid = Internnummeret er ugyldig.
    .cause = Et internnummer har bare sifrene 0 til 9, i lengden som stedet tillater.
    .steps =
        Rett internnummeret i CSV-raden eller i brukerens data.
        Kontroller lengden: Control Hub, Calling, stedets oppringingsinnstillinger.
    .collect = { catalogue-collect--csv }
catalogue-mobile-network = Mobilnettintegrasjon er ikke satt opp for denne brukeren.
    .cause = Forespørselen forventer en mobilintegrasjon som brukeren ikke har.
    .steps =
        Sett opp mobilnettintegrasjon for brukeren, eller utelat den fra forespørselen.
    .collect = { catalogue-collect--csv }
catalogue-email-or-extension-invalid = E-postadressen eller internnummeret er ugyldig; hvilken av dem sier koden ikke her.
    .cause = Koden ligger mellom WXC-4801 og WXC-4910, som står for ugyldige e-postadresser og internnumre. Dens egen tekst ble ikke funnet.
    .steps =
        Les teksten ved koden.
        Kontroller e-postadresse (én @, tillatte tegn) og internnummer (bare sifre).
        Kontroller filen med «w4b-diag users FIL».
    .collect = { catalogue-collect--csv }
catalogue-licence-not-rolled-back = Brukerens pakke kunne ikke endres og er nå bare halvveis endret.
    .cause = Control Hub endret lisensen, men ikke brukerens attributter, eller kunne ikke endre lisensen.
    .steps =
        Control Hub, Brukere, brukeren: fjern pakken, og lagre.
        Tildel pakken på nytt.
        Gjenta importen bare for denne brukeren.
    .collect = { catalogue-collect--csv }
catalogue-meeting-plus = Det mislykkes å starte et møte fordi brukerens e-postadresse inneholder «+».
    .cause = Adresser med «+» foran @ hindrer at møtet starter. De samme kodene kan også ha andre årsaker.
    .steps =
        Se om brukerens e-postadresse inneholder «+».
        Hvis ja, gi brukeren en adresse uten «+», og logg inn på nytt.
        Hvis nei, samle loggene, og åpne en serviceforespørsel.
    .collect = { catalogue-collect--client }
catalogue-sign-in = En påloggingsfeil i Webex-appen; hva denne koden betyr nøyaktig, er ikke kjent her.
    .cause = Kodene 100006, 200016 og 200054 står på Ciscos liste over feilkoder for sluttbrukere; tekstene fantes ikke i kildene til dette programmet. Derfor hevdes ingenting her.
    .steps =
        Slå opp koden i Ciscos feilsøkingsveiledning (lenke nedenfor).
        Kontroller at XSP-en svarer, og at sertifikatene er i orden: w4b-diag certs
        Kontroller BroadWorks-brukerens brukernavn og passord, og statusen i Partner Hub.
        Se i XSP-ens authenticationService-logg og access_log på tidspunktet for påloggingen.
    .collect = { catalogue-collect--client }

catalogue-client-certificate-refused = Den ene siden avviste den andres sertifikat i gjensidig TLS.
    .cause = Oftest er Webex-CA-kjeden ikke installert som tillitsanker på XSP-en, foreldet eller lastet udelt; eller XSP-en sender en kjede som Webex ikke stoler på.
    .steps =
        Kontroller med «w4b-diag certs cti://HOST --trust CombinedCertChain.txt».
        Last rot-CA og utstedende CA hver for seg: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Kontroller at Application Server kjenner klienten: AS_CLI/System/ClientIdentity> get viser bwcticlient.webex.com
        Start grensesnittet på nytt hvis versjonen krever det, og kontroller igjen.
    .collect = { catalogue-collect--tls }
catalogue-certificate-expired = Et sertifikat er utløpt.
    .cause = XSP-ens serversertifikat, kjeden eller et tillitsanker er forbi siste dag. Det selvsignerte sertifikatet som lages første gang et grensesnitt sikres, gjelder i ett år.
    .steps =
        Finn ut hvilket: w4b-diag certs HOST og w4b-diag certs cti://HOST
        Bestill og installer et nytt, signert av en offentlig CA, med kjeden.
        Kontroller igjen utenfra.
    .collect = { catalogue-collect--tls }
catalogue-certificate-untrusted = Et sertifikat er ikke klarert.
    .cause = Sertifikatet er selvsignert, fra en privat CA, eller mellomsertifikatene sendes ikke med.
    .steps =
        Kontroller med «w4b-diag certs HOST»: det sier hvilket sertifikat som mangler.
        HTTP-serverens sertifikat må være signert av en offentlig CA; installer hele kjeden (chainFile).
        Gjelder det Webex-CA-kjeden, installer den gjeldende filen fra Partner Hub som tillitsanker.
    .collect = { catalogue-collect--tls }
catalogue-certificate-host-name = Sertifikatet gjelder et annet vertsnavn.
    .cause = Navnet i URL-en er ikke blant sertifikatets alternative navn.
    .steps =
        Sammenlign navnet i klyngens URL-er (Partner Hub) med navnene i sertifikatet: w4b-diag certs HOST
        Bestill et sertifikat med alle navn, eller rett URL-en.
    .collect = { catalogue-collect--tls }
catalogue-tls-version = De to sidene fant ingen felles TLS-versjon eller kryptering.
    .cause = Webex bruker TLS 1.2 og går ikke lavere; en XSP som bare tilbyr eldre versjoner eller andre krypteringer, avvises.
    .steps =
        Kontroller med «w4b-diag certs HOST»: det viser tilbudte versjoner og krypteringen.
        Slå på TLS 1.2 og ECDHE-krypteringene med AES-GCM i XSP-ens SSL-innstillinger.
    .collect = { catalogue-collect--tls }
catalogue-email-elsewhere = E-postadressen hører allerede til en Webex-konto utenfor denne kundeorganisasjonen.
    .cause = I Webex kan en e-postadresse bare høre til én konto. Brukeren har en gratis konto, eller en konto i en annen organisasjon.
    .steps =
        Be brukeren om en annen e-postadresse, eller spør om den andre kontoen kan fjernes: Meldingene og filene går tapt med den.
        En gratis konto sletter brukeren selv; en konto i en annen organisasjon fjernes av administratoren der.
        Deretter i Partner Hub, «Vis brukerstatus»: «Prøv aktivering på nytt» for denne brukeren, med adressen som nå er ledig, eller den andre.
    .collect = { catalogue-collect--client }
catalogue-phone-services = Webex-appen er logget på, men telefontjenestene er ikke tilkoblet.
    .cause = Appen fikk ikke noe BroadWorks-token, kunne ikke hente eller lese config-wxt.xml, eller når ingen session border controller med SIP. Ved 1502 er det tokenet: Authentication Service på XSP-en, sertifikatene der eller veien dit.
    .steps =
        Kontroller XSP-en og sertifikatene: w4b-diag certs HOST
        Se i authenticationService-loggen og access_log på XSP-en på det tidspunktet; noter sporings-ID-en til forespørselen.
        Få kontrollert enhetstype og config-wxt.xml for denne brukeren i BroadWorks.
        Få kontrollert navn, SRV-oppføringer og porter for session border controlleren fra brukerens nett.
    .collect = { catalogue-collect--client }

catalogue-xsp-unreachable = XSP-en ble ikke nådd.
    .cause = Ingenting lytter på porten, eller en brannmur slipper Webex' adresseområder gjennom på 443 eller 8012 bare delvis eller ikke i det hele tatt.
    .steps =
        Kontroller utenfra nettverket ditt: «w4b-diag certs HOST» og «w4b-diag certs cti://HOST».
        Sammenlign brannmuren med Webex' publiserte adresseområder, TCP 443 og 8012.
        Kontroller på XSP-en at applikasjonen kjører.
    .collect = { catalogue-collect--tls }

catalogue-activation = Fremgangsmåte: brukeraktivering med uklarert e-post
    .cause = Brukerne klargjør seg selv ved å skrive inn e-postadressen i brukeraktiveringsportalen. Det mislykkes når malen ikke er satt opp for det, eller når brukerens data ikke passer.
    .steps =
        Brukeren prøver én gang til med «Prøv igjen» i portalen.
        Mislykkes det igjen: logg inn i Partner Hub; Kunder (eller Innstillinger, BroadWorks Calling), «Vis maler»; åpne onboardingmalen for denne brukeren.
        Under «Brukerbekreftelse» må «Uklarert e-post» være valgt, og feltet «Del lenke» må peke på aktiveringslenken.
        Klikk «Vis brukerstatus» der: BroadWorks-ID, pakke, og om brukeren er klargjort eller hva som venter.
        For en bruker med feil eller ventende krav, velg bak de tre prikkene: «Prøv aktivering på nytt» (med gyldig e-postadresse), «Slett bruker» (når konfigurasjonen må endres først), «Endre pakketype» eller «Kopier feiltekst».
        Eksporter listen som CSV, og få den vurdert: w4b-diag users FIL --exclude-provisioned
        Svar trinn for trinn: w4b-diag explain activation --untrusted-emails yes --share-link yes --retried yes --user-status error
    .collect = { catalogue-collect--provisioning }
catalogue-order = Fremgangsmåte: klargjørings-e-posten for en ordre
    .cause = Den første e-posten går til klargjøringskontakten på ønsket startdato (RSD). Den kan sendes på nytt til organisasjonen er tatt inn i Control Hub: punktet uten retur (PONR).
    .steps =
        Se i søppelposten; tillat webex_comm@webex.com.
        Se på ordrelinjen i Cisco Commerce Workspace (CCW). Ingen tilgang? Spør kontakten som la inn ordren.
        «Venter på klargjøringsdetaljer» (Pending provisioning details): klikk «Send på nytt» ved siden av kontaktens e-post, deretter «Ja». Kontakten kan endres frem til PONR.
        «Lukket» (Closed): ikke klargjort i tide (7 dager for A-Flex og A-Flex-3, 30 dager for andre samarbeidstilbud). Send på nytt eller rediger via siden for Cloud/SaaS-abonnementer.
        Etter PONR: e-posten kan ikke sendes; kontakten eller klargjøringsadministratoren logger inn på https://admin.webex.com og fullfører oppsettet.
        Mislykkes sendingen før PONR: tøm buffer og informasjonskapsler, en annen nettleser, inkognito. Åpne så en sak på https://www.cisco.com/go/cs: søk «provisioning assistance», «Open case», forespørselstype «Resend provisioning email», med skjermbilder.
        Svar trinn for trinn: w4b-diag explain order --line pending --offer a-flex --resend-failed no
    .collect = { catalogue-collect--order }
catalogue-bulk-users = Fremgangsmåte: legge til, endre eller slette brukere via CSV
    .cause = Flere enn 25 brukere, eller endringer for mange, går via en CSV-fil; manglende obligatoriske felter gir feil.
    .steps =
        Partner Hub, Kunder, kunden, Start Control Hub; Brukere, Administrer brukere, «CSV legg til eller rediger».
        Obligatorisk: internnummer eller telefonnummer, og sted, for Webex Calling, Webex Calling Standard og Webex Suite; Jabber-anrop og Jabber med Webex Teams for alle pakker.
        Foretrukket Webex-nettsted for alle pakker unntatt Webex Voice: uten det kommer ingen feil, men møtestedet svikter senere.
        Velg «Legg til og fjern tjenester» ved import, ellers legges Grunnleggende meldinger, Møter i grunnleggende rom og Ring på Webex til.
        For å slette en bruker, sett alle kolonner for engrospakker til USANN (FALSE).
        Kontroller filen først: w4b-diag users FIL
    .collect = { catalogue-collect--csv }
catalogue-manual-users = Fremgangsmåte: legge til brukere manuelt
    .cause = Opptil 25 brukere hos en eksisterende kunde kan legges til om gangen uten fil.
    .steps =
        Partner Hub, Kunder, kunden, Start Control Hub.
        Brukere, Administrer brukere, «Legg til brukere manuelt».
        Skriv inn navn, e-postadresse og pakke for hver bruker, høyst 25, deretter Neste og Lukk.
        For flere enn 25, bruk en CSV-fil: w4b-diag explain bulk-users
    .collect = { catalogue-collect--nothing }
catalogue-package-change = Fremgangsmåte: endre brukerpakke
    .cause = Pakken bestemmer hvilke tjenester en bruker har.
    .steps =
        Partner Hub, Kunder, åpne kundens Control Hub; Brukere, brukeren.
        Klikk på pilen i Pakke-delen, velg den nye pakken, klikk Endre.
        Er den nye pakken Webex Calling eller Webex Suite, oppdater også anropsnummeret.
        I Webex for BroadWorks: i malens brukerstatus bak de tre prikkene «Endre pakketype», eller via klargjørings-API-et.
    .collect = { catalogue-collect--provisioning }
catalogue-user-status = Fremgangsmåte: se og vurdere brukernes status
    .cause = Klargjøringen går i bakgrunnen; bare listen viser hvordan den endte.
    .steps =
        Partner Hub, Vis maler, malen, delen Brukerbekreftelse: «Vis brukerstatus».
        Slå på «Utelat klargjorte brukere» for å se bare ventende og mislykkede.
        «Eksporter» gir en CSV; få den vurdert: w4b-diag users FIL
    .collect = { catalogue-collect--provisioning }
catalogue-flow-through = Fremgangsmåte: gjennomgående klargjøring; vellykket betyr startet, ikke fullført
    .cause = Tildeling av Integrated IM&P i BroadWorks kaller Webex, som klargjør i bakgrunnen; for en bedrifts første bruker tar det flere minutter.
    .steps =
        Vent flere minutter.
        Let etter kunden og brukeren i kundelisten i Partner Hub: bare det bekrefter klargjøringen.
        Dukker brukeren ikke opp, se på «Vis brukerstatus» i malen og i PSLog.
    .collect = { catalogue-collect--provisioning }
catalogue-remove-user = Fremgangsmåte: ta en bruker ut av Webex
    .cause = Måten avhenger av hvordan brukeren kom inn.
    .steps =
        Gjennomgående klargjøring: fjern Integrated IM&P fra brukeren i BroadWorks.
        CSV (engros): sett alle pakkekolonner til USANN (FALSE), og importer.
        En mislykket bruker: «Slett bruker» i malens brukerstatus.
    .collect = { catalogue-collect--nothing }
catalogue-cluster-template = Fremgangsmåte: endre eller slette en BroadWorks-klynge eller en onboardingmal
    .cause = En klynge kan ikke slettes så lenge en mal er knyttet til den.
    .steps =
        Partner Hub (https://admin.webex.com), Innstillinger, delen BroadWorks Calling: «Vis klynger» eller «Vis maler».
        Åpne, endre det som skal endres, og lagre. Tomme passordfelt beholder det nåværende passordet.
        For å slette en klynge, slett først malene som er knyttet til den.
    .collect = { catalogue-collect--provisioning }
catalogue-trust-chain = Fremgangsmåte: fornye Webex-CA-kjeden (tillitsankre for gjensidig TLS)
    .cause = Gjennom denne kjeden stoler XSP-en på Webex' klientsertifikat; den må fornyes før den utløper.
    .steps =
        Last ned kjeden fra Control Hub eller Partner Hub (en tekstfil som CombinedCertChain2023.txt).
        Del den i filer med ett sertifikat hver.
        Last hver av dem: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Gammel og ny kan stå side om side til Webex har gått over.
        Kontroller: w4b-diag certs cti://HOST --trust FIL
    .collect = { catalogue-collect--tls }
catalogue-server-certificate = Fremgangsmåte: fornye XSP-ens serversertifikat
    .cause = Det må være signert av en offentlig CA. Det som lages første gang et grensesnitt sikres, er selvsignert og gjelder i ett år. Å fornye i tide er ditt ansvar.
    .steps =
        Bestill et sertifikat fra en offentlig CA med alle XSP-ens vertsnavn.
        Last det med nøkkel og kjede, for eksempel: CTI/CTIServer/SSLSettings/Certificates> sslUpdate IP keyFile<path> certificateFile<path> chainFile<path>
        Kontroller utenfra: w4b-diag certs HOST
    .collect = { catalogue-collect--tls }
catalogue-status-page = Fremgangsmåte: er det Webex?
    .cause = Hvis du ikke endret noe i Control Hub eller BroadWorks før feilen, begynn med statussiden.
    .steps =
        Kontroller nå, eller for tidspunktet for feilen: w4b-diag status --at TID
        Abonner på hendelsen på https://status.webex.com/ for å få vite når den er over.
        Er ingenting åpent, kontroller din side: w4b-diag check
    .collect = { catalogue-collect--nothing }
catalogue-service-request = Fremgangsmåte: åpne en serviceforespørsel der ingenting mangler
    .cause = Leverandøren er sluttkundens første kontakt og eskalerer det den ikke kan løse.
    .steps =
        Samle: kundens og partnerens organisasjons-ID, sporings-ID hvis en vises, brukerens e-postadresse, klientversjon hvis feilen vises i en klient, tidsrom.
        Få det kontrollert: w4b-diag check --text FIL
        Pakk det: w4b-diag bundle --text FIL -o case.zip
        Åpne en sak i Support Case Manager, lim inn service-request.txt, last opp zip-filen.
    .collect = { catalogue-collect--unknown }
explain-error-stdin = kan ikke lese standard inndata: { $reason }
    .hint = Send feilteksten inn med en pipe, eller oppgi den som argument i anførselstegn.
explain-heading-errors = Kjente feil
explain-heading-symptoms = Hva logger og klienter melder
explain-heading-procedures = Fremgangsmåter
explain-heading-cause = Hvor det kommer fra
explain-heading-steps = Hva du gjør
explain-heading-collect = Samles til en serviceforespørsel
explain-heading-reference = Dokumentert på
explain-list-hint = Mer om en av dem: w4b-diag explain ID eller KODE, eller lim inn hele feilteksten.
explain-nothing = Ingenting i katalogen passer til denne teksten. Det sier ingenting om feilen: katalogen kjenner bare det som er dokumentert.
explain-unknown-codes = { $count ->
        [one] Koden { $codes } står ikke i katalogen; hva den betyr, er ikke kjent her.
       *[other] Kodene { $codes } står ikke i katalogen; hva de betyr, er ikke kjent her.
    }
explain-reason = { $kind ->
        [id] spurt etter med navn
        [code] koden { $value }
        [phrase] ordene «{ $value }»
       *[keywords] bare ordene { $value }
    }
explain-why = { $confidence ->
        [certain] Sikkert
        [likely] Sannsynlig
       *[possible] Kanskje
    }: { $reasons } [{ $id }]
explain-owner = Må handle: { $owner }

template-untrusted-emails = «Uklarert e-post» er ikke valgt i onboardingmalen
    .detail = Brukere som skriver inn e-postadressen selv, kan ikke aktiveres slik.
    .remedy = Partner Hub, Kunder (eller Innstillinger, BroadWorks Calling), Vis maler, malen, Brukerbekreftelse: velg «Uklarert e-post», og lagre. Deretter prøver brukeren igjen.
template-untrusted-emails--ok = «Uklarert e-post» er valgt i onboardingmalen
    .detail = Som nødvendig.
template-untrusted-emails--unknown = Er «Uklarert e-post» valgt i onboardingmalen?
    .detail = Ikke besvart.
    .remedy = Se etter: Partner Hub, Kunder (eller Innstillinger, BroadWorks Calling), Vis maler, malen, Brukerbekreftelse. Svar med --untrusted-emails yes eller no.
template-share-link = Feltet «Del lenke» peker ikke på aktiveringslenken
    .detail = Brukerne kommer ikke til brukeraktiveringsportalen.
    .remedy = Partner Hub, Vis maler, malen, Brukerbekreftelse: la «Del lenke» peke på aktiveringslenken, og lagre.
template-share-link--ok = Feltet «Del lenke» peker på aktiveringslenken
    .detail = Som nødvendig.
template-share-link--unknown = Peker feltet «Del lenke» på aktiveringslenken?
    .detail = Ikke besvart.
    .remedy = Se etter: Partner Hub, Vis maler, malen, Brukerbekreftelse. Svar med --share-link yes eller no.
user-error--activated = Brukeren er klargjort
    .detail = Ingenting må gjøres.
user-error--activation-template = Brukeren mislyktes, og malen er ikke riktig
    .detail = Så lenge malen er feil, mislykkes også et nytt forsøk.
    .remedy = Rett malen først. Deretter under «Vis brukerstatus», tre prikker: «Prøv aktivering på nytt» med en gyldig e-postadresse, eller «Slett bruker» så brukeren kan begynne på nytt.
user-error--activation-retry = Brukeren mislyktes én gang og har ikke prøvd igjen
    .detail = Portalen tilbyr «Prøv igjen»; et nytt forsøk hjelper ofte.
    .remedy = Be brukeren klikke «Prøv igjen» én gang. Mislykkes det igjen, fortsett her med --retried yes.
user-error--activation-choose = Brukeren mislyktes igjen: velg hva som skal gjøres
    .detail = Malen er riktig eller ble ikke kontrollert; nå gjelder det denne brukeren.
    .remedy = Partner Hub, malen, «Vis brukerstatus», tre prikker bak brukeren: «Kopier feiltekst» og slå den opp med w4b-diag explain; «Prøv aktivering på nytt» med en gyldig e-postadresse; «Slett bruker» hvis konfigurasjonen må endres først; «Endre pakketype» hvis pakken er feil. Hjelper ingenting, åpne en serviceforespørsel med den kopierte teksten.
user-error--activation-absent = Brukeren står ikke på listen
    .detail = Webex kjenner ikke brukeren: BroadWorks har ikke sendt forespørselen, eller en annen mal er ment.
    .remedy = Kontroller at Integrated IM&P er tildelt brukeren i BroadWorks, og at URL-en er den i denne malen. Se i PSLog på Application Server.
user-error--activation-unknown = Hva sier «Vis brukerstatus» om brukeren?
    .detail = Ikke besvart.
    .remedy = Se etter: Partner Hub, Vis maler, malen, «Vis brukerstatus». Svar med --user-status provisioned, pending, error eller absent.
user-pending--activation = Et krav venter for brukeren
    .detail = Webex venter på brukeren eller arbeider fortsatt; det tar flere minutter.
    .remedy = Må brukeren skrive inn eller bekrefte en e-postadresse, be om det. Ellers vent flere minutter og se igjen; deretter tre prikker, «Prøv aktivering på nytt».

order-not-ready = Ordrelinjen venter: klargjøringen er ikke ferdig
    .detail = { $when ->
        [future] Gjøres ingenting, lukkes linjen { $closes }.
        [past] Den skulle ha blitt lukket { $closes }; se på linjen igjen.
       *[unknown] Linjen lukkes 7 dager (A-Flex, A-Flex-3) eller 30 dager (andre samarbeidstilbud) etter e-posten.
    }
    .remedy = { $access ->
        [no] Be kontakten som la inn ordren i CCW, om å sende klargjørings-e-posten på nytt fra ordrelinjen.
       *[yes] I CCW: klikk «Send på nytt» på ordrelinjen ved siden av kontaktens e-post, deretter «Ja». Kontakten kan endres der. Tillat først webex_comm@webex.com, og se i søppelposten.
    }
order-not-ready--early = Klargjørings-e-posten skal ikke sendes ennå
    .detail = Den sendes på ønsket startdato, { $start }.
    .remedy = Vent til da. Kontroller nå at klargjøringskontakten i ordren er riktig.
order-not-ready--case = Ny sending av klargjørings-e-posten mislyktes før punktet uten retur
    .detail = E-posten kan sendes til organisasjonen er tatt inn i Control Hub.
    .remedy = Tøm nettleserens buffer og informasjonskapsler, prøv en annen nettleser, prøv inkognito. Mislykkes det fortsatt: https://www.cisco.com/go/cs, søk «provisioning assistance», «Open case», forespørselstype «Resend provisioning email», med skjermbilder.
order-not-ready--unknown = Hvilken status har ordrelinjen i CCW?
    .detail = Ikke besvart.
    .remedy = Se på linjen i Cisco Commerce Workspace, eller spør kontakten som la inn ordren. Svar med --line pending eller --line closed, eller --onboarded yes hvis organisasjonen allerede er i Control Hub.
order-closed = Ordrelinjen er lukket: klargjøringen ble ikke fullført i tide
    .detail = { $offer ->
        [known] For dette tilbudet lukkes linjen { $days } dager etter e-posten.
       *[unknown] Linjen lukkes 7 dager (A-Flex, A-Flex-3) eller 30 dager (andre samarbeidstilbud) etter e-posten.
    } Klargjøring er fortsatt mulig.
    .remedy = { $access ->
        [no] Be kontakten som la inn ordren, om å gjøre dette: åpne ordren i CCW, følg meldingen om at klargjøringen fortsatt venter («Click here») til siden for Cloud/SaaS-abonnementer, og klikk «Send på nytt».
       *[yes] Åpne ordren i CCW, følg meldingen om at klargjøringen fortsatt venter («Click here») til siden for Cloud/SaaS-abonnementer, endre kontakten om nødvendig, og klikk «Send på nytt».
    }
order-past-no-return = Organisasjonen er allerede tatt inn: e-posten kan ikke lenger sendes
    .detail = Ordren er knyttet til organisasjonen i Control Hub; det er punktet uten retur.
    .remedy = Klargjøringskontakten eller klargjøringsadministratoren logger inn på https://admin.webex.com og fullfører oppsettet der.
help-explain--query = Feilkode, innlimt tekst eller navn på en fremgangsmåte; - leser standard inndata; uten argument listes det som er kjent
help-explain--untrusted-emails = Aktivering: «Uklarert e-post» er valgt i onboardingmalen (yes, no)
help-explain--share-link = Aktivering: «Del lenke» peker på aktiveringslenken (yes, no)
help-explain--retried = Aktivering: brukeren har klikket «Prøv igjen» én gang (yes, no)
help-explain--user-status = Aktivering: hva «Vis brukerstatus» sier
help-explain--line = Ordre: ordrelinjens status i CCW
help-explain--offer = Ordre: hva som ble bestilt
help-explain--requested-start = Ordre: ønsket startdato (2026-11-22)
help-explain--ccw-access = Ordre: du kan sende på nytt i CCW selv (yes, no)
help-explain--onboarded = Ordre: organisasjonen er allerede i Control Hub (yes, no)
help-explain--resend-failed = Ordre: ny sending ble forsøkt og mislyktes (yes, no)
help-explain--answers = Svar som en tidligere dialog skrev med --save
help-explain--save = Skriv svarene til denne filen; gi den til check eller bundle med --answers
catalogue-lint = { $fault ->
    [id] { $id }: en ID består av små bokstaver, sifre og bindestreker
    [unreachable] { $id }: verken en kode eller en frase fører dit
    [no-example] { $id }: eksempel mangler
    [no-counter-example] { $id }: moteksempel mangler
    [example-elsewhere] { $id }: eksempelet «{ $text }» fører først til { $other }
    [example] { $id }: eksempelet «{ $text }» fører ikke dit
    [counter-example] { $id }: moteksempelet «{ $text }» fører dit
    [code] { $id }: koden { $text } hører også til { $other }
    [reference] { $id }: referansen { $text } begynner ikke med https://
   *[keywords] { $id }: nøkkelord trenger minst to grupper, ingen av dem tomme
    }
catalogue-lint-sum = { $entries ->
    [one] { $entries } oppføring
   *[other] { $entries } oppføringer
    }, { $faults ->
    [0] ingen feil
    [one] { $faults } feil
   *[other] { $faults } feil
    }
help-explain--lint = Kontroller katalogen, også egne oppføringer: regler, eksempler og moteksempler
explain-saved = Svarene står i { $path }; ta dem med i «w4b-diag bundle --answers».

## bundle

bundle-why = { $part ->
    [readme] Hva denne pakken er, og hvordan den leses
    [request] Teksten til supportsaken, klar til å limes inn
    [report-html] Diagnosen for mennesker
    [report-json] Diagnosen for programmer
    [status] Hva statussiden svarte, slik det ble mottatt
    [observation] Hva TLS-kontrollen av serveren så
    [chain] Sertifikater slik serveren sendte dem
    [trust] Sertifikater som er installert som tillitsankre
    [text] Feiltekst slik den ble vist for brukeren
    [log] Logg fra tidspunktet for feilen
    [users] Tilstanden til brukerne
    [picture] Skjermbilde, lagt ved uten gjennomgang
   *[attachment] Vedlegg
}
bundle-note = { $status ->
    [withheld] { $name } ble holdt tilbake: { $reason }
    [failed] { $name } kunne ikke samles inn: { $reason }
    [timed-out] { $name } ble ikke samlet inn i tide: { $reason }
   *[interrupted] { $name } ble ikke samlet inn fordi arbeidet ble avbrutt: { $reason }
}
bundle-readme-title = Diagnose for Webex for BroadWorks: { $name }
bundle-readme-intro = Dette er en supportpakke fra en tjenesteleverandør som drifter Webex for BroadWorks. Åpne report.html først: Der står det hva som er galt, hva som må gjøres, og hva som er utelukket.
bundle-readme-part = { $part ->
    [report] Diagnosen for mennesker. Én side som åpnes i alle nettlesere, også uten nett.
    [request] Teksten til supportsaken, på engelsk.
    [markdown] Den samme teksten som Markdown.
    [data] Diagnosen for programmer.
    [manifest] Hver fil med størrelse, sjekksum og opphav, hva som er maskert i den, og hva som mangler og hvorfor.
    [status] Hva statussiden svarte, slik det ble mottatt.
    [tls] For hver server: sertifikatene slik de ble sendt, og hva kontrollen så.
    [trust] Tillitsankrene for gjensidig TLS. Aldri en privat nøkkel.
    [text] Feiltekster slik de ble vist.
    [logs] Logger.
    [users] Eksporter av brukere og tilstanden deres.
    [attachments] Skjermbilder og andre vedlegg.
   *[notes] Står der en fil ikke kunne deles eller samles inn, og sier hvorfor.
}
bundle-readme-private = Passord, tokener, nøkler og data om personer som ikke har noe med saken å gjøre, er maskert. Samme verdi har alltid samme pseudonym. Organisasjons-ID-er, sporings-ID-er, versjoner, sertifikater og den ene berørte brukeren er fortsatt lesbare, fordi support trenger dem.
bundle-readme-check = w4b-diag verify kontrollerer om noe er endret; w4b-diag restore gjør pseudonymer i et svar om til de virkelige verdiene, på maskinen som har det private kartet.
bundle-readme-encrypted = { $count ->
        [one] Denne pakken ble sendt videre kryptert med age. Bare den som har den hemmelige nøkkelen til denne mottakeren, kan åpne den:
       *[other] Denne pakken ble sendt videre kryptert med age. Bare de som har den hemmelige nøkkelen til en av disse mottakerne, kan åpne den:
    }
bundle-readme-encrypted-how = Den åpnes med denne kommandoen; inspect, verify, diff og upload tar den krypterte filen med --identity NØKKEL:
error-bundle-write = kan ikke skrive { $path }: { $reason ->
    [full] disken er full
    [no-directory] mappen finnes ikke
    [denied] ingen tilgang
   *[other] { $words }
}
    .hint = { $reason ->
        [full] Frigjør plass eller angi et annet sted med -o. Ingenting ble liggende igjen.
        [no-directory] Opprett mappen eller angi et annet sted med -o.
        [denied] Angi med -o en mappe du har skrivetilgang til.
       *[other] Angi et annet sted med -o. Ingenting ble liggende igjen.
    }
error-bundle-redact = { $name } kan ikke sladdes: { $reason }
    .hint = Pakken ble ikke skrevet. Kjør w4b-diag self-test og meld fra om resultatet.
error-bundle-secret = den ferdige pakken hadde fortsatt en hemmelighet i { $file } ({ $kinds }) og ble slettet
    .hint = Utelat denne filen, eller legg til et mønster for den under [redact] i konfigurasjonen.
error-bundle-not-sealed = { $file } i den ferdige pakken er ikke det som ble skrevet; pakken ble slettet
    .hint = Disken eller minnet kan være defekt. Prøv igjen, og angi et annet sted med -o.
error-bundle-read = kan ikke lese { $path }: { $reason }
    .hint = Kontroller navnet og tilgangen.
error-bundle-encrypted = { $path } er kryptert
    .hint = Oppgi filen med age-identiteten din med --identity, eller dekrypter den først: age --decrypt.
error-bundle-undecryptable = { $path } kan ikke åpnes med denne identiteten
    .hint = Spør hvem den ble kryptert for. Var det for deg, er filen skadet: be om den på nytt.
sign-error-read = { $path } kan ikke leses: { $reason }
    .hint = Kontroller banen og tillatelsene dine.
sign-error-not-a-key = { $path } er ikke en privat OpenSSH-nøkkel
    .hint = Oppgi den private nøkkelen, ikke filen som slutter på .pub. ssh-keygen -t ed25519 lager en; ssh-keygen -p gjør om en i det gamle PEM-formatet.
sign-error-no-passphrase = nøkkelen { $path } er beskyttet med en passfrase
    .hint = Oppgi en fil med passfrasen med --passphrase-file, eller sett W4B_SIGN_PASSPHRASE.
sign-error-wrong-passphrase = passfrasen åpner ikke nøkkelen { $path }
    .hint = Kontroller --passphrase-file eller W4B_SIGN_PASSPHRASE.
sign-error-algorithm = kan ikke signere med { $path }, en nøkkel av typen { $algorithm }
    .hint = Bruk en Ed25519-nøkkel eller en ECDSA-nøkkel på P-256 eller P-384: ssh-keygen -t ed25519.
error-bundle-not-zip = { $path } er ikke et ZIP-arkiv
    .hint = Angi en pakke som er laget med w4b-diag bundle.
error-bundle-broken = { $path } er skadet: { $words }
    .hint = Kopier eller last den ned på nytt.
error-bundle-manifest = { $path } er ikke en pakke fra w4b-diag: { $fault ->
    [missing] den har ingen manifest.json
    [several] den har mer enn én manifest.json
    [version] manifestet har en versjon som dette programmet ikke kjenner
    [changed] manifestet er endret
   *[unreadable] manifestet kan ikke leses
}
    .hint = Angi en pakke som er laget med w4b-diag bundle, eller bruk et nyere program.
bundle-tampered = { $subject } ble endret etter pakkingen
    .detail = Størrelsen eller sjekksummen er ikke den som står i manifestet.
    .remedy = Ikke stol på denne pakken. Be om den på nytt, eller lag den på nytt.
bundle-tampered--missing = { $subject } mangler
    .detail = Manifestet nevner filen, men den er ikke i ZIP-filen.
    .remedy = Ikke stol på denne pakken. Be om den på nytt, eller lag den på nytt.
bundle-tampered--extra = { $subject } hører ikke til pakken
    .detail = Filen er i ZIP-filen, men ikke i manifestet.
    .remedy = Ikke åpne den. Be om pakken på nytt, eller lag den på nytt.
bundle-tampered--duplicate = { $subject } er i ZIP-filen mer enn én gang
    .detail = Hvilken som pakkes ut, avhenger av programmet.
    .remedy = Ikke pakk den ut. Be om pakken på nytt, eller lag den på nytt.
bundle-tampered--name = ZIP-filen har en oppføring med et utrygt navn: { $subject }
    .detail = Utpakket kan den bli skrevet et uventet sted eller utgi seg for å være en annen fil.
    .remedy = Ikke pakk den ut. Be om pakken på nytt, eller lag den på nytt.
bundle-tampered--manifest = { $reason ->
    [missing] { $subject } mangler
    [several] { $subject } er i ZIP-filen mer enn én gang
    [version] { $subject } har en ukjent versjon
    [changed] { $subject } ble endret etter pakkingen
   *[unreadable] { $subject } kan ikke leses
}
    .detail = Uten et feilfritt manifest kan ingenting i pakken kontrolleres.
    .remedy = Ikke stol på denne pakken. Be om den på nytt, eller lag den på nytt.
bundle-tampered--container = ZIP-filen { $subject } er ikke slik den ble skrevet
    .detail = Med programmets ord: { $reason }.
    .remedy = Kopier eller last den ned på nytt. Hjelper ikke det, lag den på nytt.
bundle-tampered--ok = { $count ->
    [one] Filen er slik den ble pakket
   *[other] Alle { $count } filene er slik de ble pakket
}
    .detail = Størrelsen og sjekksummen til hver fil stemmer med manifestet.
bundle-signature = { $subject } er signert med en nøkkel som ikke står på listen over signerere
    .detail = Signaturen passer til filen, men ingen på listen har nøkkelen { $key }.
    .remedy = Spør avsenderen på en annen måte om dette er nøkkelen deres, og legg den først da til på listen.
bundle-signature--ok = { $subject } er signert av { $signer }
    .detail = Filen er den som ble signert. Nøkkel: { $key }.
bundle-signature--out-of-time = { $subject } er signert av { $signer }, men nøkkelen gjelder ikke på dette tidspunktet
    .detail = Listen over signerere begrenser tiden for nøkkelen { $key }.
    .remedy = Be avsenderen signere med en gyldig nøkkel, eller rett tidene på listen.
bundle-signature--changed = { $subject } er ikke filen som ble signert
    .detail = Filen er endret, eller signaturen hører til en annen fil. Signaturens nøkkel: { $key }.
    .remedy = Ikke stol på denne pakken. Be om pakken og signaturen på nytt.
bundle-signature--missing = { $subject } har ingen signatur
    .detail = Filen med signaturen finnes ikke.
    .remedy = Be avsenderen om filen som slutter på .sig, eller oppgi den med --signature.
bundle-signature--unreadable = Signaturen til { $subject } kan ikke leses
    .detail = Den er ikke en OpenSSH-signatur, eller nøkkeltypen støttes ikke. Ed25519, ECDSA (P-256, P-384) og RSA støttes.
    .remedy = Be avsenderen om signaturen på nytt.
bundle-signature--purpose = Signaturen til { $subject } ble laget for noe annet
    .detail = Den er en signatur for «{ $purpose }», ikke for en pakke.
    .remedy = Be avsenderen signere pakken med «w4b-diag bundle --sign» eller «ssh-keygen -Y sign -n w4b-diag-bundle».
bundle-secret-left = { $count ->
    [one] En hemmelighet er igjen i { $subject }
   *[other] { $count } hemmeligheter er igjen i { $subject }
}
    .detail = Typer: { $kinds }.
    .remedy = Ikke del denne pakken. Lag den på nytt; skjer det igjen, utelat filen eller legg til et mønster under [redact] i konfigurasjonen. Bytt passordet eller tokenet hvis det allerede er delt.
bundle-secret-left--ok = { $count ->
    [one] Ingen hemmelighet i filen
   *[other] Ingen hemmelighet i de { $count } filene
}
    .detail = Det ble lett etter passord, tokener, informasjonskapsler og private nøkler en gang til.
bundle-secret-left--unknown = { $subject } kunne ikke gjennomsøkes for hemmeligheter
    .detail = Filen er ikke tekst.
    .remedy = Se gjennom den selv før du deler pakken.
bundle-incomplete = { $status ->
    [partial] { $subject } er bare delvis med
    [withheld] { $subject }: holdt tilbake
    [skipped] { $subject } ble utelatt med vilje
    [timed-out] { $subject } ble ikke samlet inn i tide
    [interrupted] { $subject } ble ikke samlet inn fordi arbeidet ble avbrutt
   *[failed] { $subject } kunne ikke samles inn
}
    .detail = { $reason }
    .remedy = Skaff den på en annen måte hvis support spør etter den.
bundle-incomplete--core = { $subject } er ikke i pakken
    .detail = Alle fullstendige pakker har denne filen.
    .remedy = Lag pakken på nytt.
bundle-incomplete--ok = Ingenting mangler
    .detail = Alt som skulle samles inn, er med.
bundle-redacted = { $masked ->
    [one] { $masked } verdi er maskert
   *[other] { $masked } verdier er maskert
}
    .detail = { $kept ->
        [one] { $kept } verdi som support trenger, ble beholdt.
       *[other] { $kept } verdier som support trenger, ble beholdt.
    }
bundle-redacted--ok = { $masked ->
    [one] { $masked } verdi er maskert
   *[other] { $masked } verdier er maskert
}
    .detail = { $kept ->
        [one] { $kept } verdi som support trenger, ble beholdt.
       *[other] { $kept } verdier som support trenger, ble beholdt.
    }
diff-old = Gammel: { $name }, laget { $made }: { $escalation ->
    [fix-first] rett dette først
    [wait] vent på Webex
    [incomplete] opplysninger mangler
    [ready] klar for en støttesak
   *[none] { $verdict ->
        [ok] ingenting galt
        [warning] advarsler
        [critical] kritiske funn
       *[unknown] kunne ikke kontrolleres
    }
}
diff-new = Ny: { $name }, laget { $made }: { $escalation ->
    [fix-first] rett dette først
    [wait] vent på Webex
    [incomplete] opplysninger mangler
    [ready] klar for en støttesak
   *[none] { $verdict ->
        [ok] ingenting galt
        [warning] advarsler
        [critical] kritiske funn
       *[unknown] kunne ikke kontrolleres
    }
}
diff-keys = De to er laget med forskjellige nøkler: pseudonymer i den ene kan ikke sammenlignes med dem i den andre.
diff-nothing = Ingenting er endret.
diff-findings = Funn
diff-certificates = Sertifikater
diff-facts = Verdier
diff-files = Filer
diff-finding = { $change ->
    [new] nytt: { $new }
    [worse] verre: { $old } → { $new }
    [better] bedre: { $old } → { $new }
   *[gone] borte: var { $old }
}
diff-certificate = { $subject }, serienummer { $serial }, utstedt av { $issuer }, gyldig til { $date }
diff-fact = { $fact ->
    [customer_orgs] Kundeorganisasjon
    [partner_orgs] Partnerorganisasjon
    [tracking_ids] Sporings-ID-er
    [user_emails] Brukerens e-post
    [client_versions] Versjoner av Webex App
    [broadworks_releases] BroadWorks-utgivelser
    [control_hub_builds] Control Hub-bygg
    [error_codes] Feilkoder
    [incidents] Hendelser
    [maintenances] Vedlikehold
    [reason] Hvorfor det ikke kommer svar
    [acceptable_cas] Godtatte CA-navn
    [protocols_offered] Tilbudte TLS-versjoner
   *[other] { $fact }
}
progress-upload = Laster opp
upload-error-sr = «{ $sr }» er ikke nummeret på en støttesak
    .hint = Oppgi bare sifrene, for eksempel --sr 699123456. Support Case Manager viser nummeret.
upload-error-no-token = det finnes ikke noe opplastingstoken
    .hint = Legg tokenet i en fil som bare du kan lese, og oppgi den med --token-file, eller i miljøvariabelen { $variable }. Support Case Manager lager det: åpne saken, Attachments, Generate Token.
upload-error-token-file = kan ikke lese tokenet fra { $path }: { $reason }
    .hint = Filen skal bare inneholde tokenet, på én linje.
upload-error-url = «{ $url }» er ikke en HTTPS-adresse uten brukernavn, passord og spørring
    .hint = Skriv den som https://cxd.cisco.com/home/; filnavnet legges til.
upload-error-not-clean = { $name } ble ikke lastet opp: den er ikke slik den ble pakket, eller inneholder en hemmelighet
    .hint = Kjør w4b-diag verify for å se hva som er galt, og lag pakken på nytt.
upload-error-file = kan ikke lese { $path }: { $reason }
    .hint = Kontroller stien og rettighetene dine.
upload-error-no-answer = ingenting ble lastet opp: { $host } svarte ikke ({ $cause }): { $reason }
    .hint = Kontroller nettverk, proxy (HTTPS_PROXY) og brannmur mot { $host }, og kjør samme kommando igjen. En egen CA oppgis med --ca-file.
upload-error-refused = ingenting ble lastet opp: { $host } svarte med { $status }
    .hint = { $status ->
        [401] { $likely ->
            [sr] Nummeret på støttesaken er mest sannsynlig feil: det har vanligvis ni sifre. Brukernavnet er nummeret, passordet er tokenet.
           *[token] Tokenet er mest sannsynlig feil eller utløpt: det gjelder i 72 dager og bare for denne saken. Lag et nytt i Support Case Manager.
        }
        [403] Tokenet er mest sannsynlig feil eller utløpt: det gjelder i 72 dager og bare for denne saken. Lag et nytt i Support Case Manager.
        [404] Kontroller --url: det går ikke an å laste opp til denne adressen.
        [413] Pakken er for stor for denne adressen. Gjør den mindre med --max-size.
       *[other] Prøv igjen senere; fortsetter det, legg ved filen i Support Case Manager.
    }
upload-error-consent = ingenting ble lastet opp: her kan ingen spørres
    .hint = Legg til --yes når du har sett hva --preview viser.
upload-already = { $name } ble allerede lastet opp til { $sr } { $at }; --again laster den opp en gang til
upload-done = { $name } er lastet opp til støttesak { $sr } (SHA-256 { $sha }){ $replaced ->
    [yes] ; den erstattet en fil med samme navn
   *[no] {""}
}
upload-again = Opplastingen mislyktes og prøves igjen: { $reason }
bundle-error-max-size = det er ikke plass: zip-filen ville hatt { $fixed } helt uten logger, og { $limit } er bedt om
    .hint = Oppgi en større --max-size eller færre filer.
bundle-reason-no-answer = Ikke noe brukbart svar: { $reason }
bundle-reason-no-room = Utelatt: ikke plass innenfor --max-size
bundle-reason-cut-around = Bare delen rundt feilen, fra linje { $line }: --max-size
bundle-reason-cut-end = Bare slutten: --max-size
inspect-judged = Vurdert på nytt per { $at }
inspect-unreadable = Kan ikke leses i pakken
    .hint = Kjør w4b-diag verify for å se om pakken er endret.
inspect-gap = Ikke i pakken: { $reason }
    .hint = Be den som laget pakken om det.
diff-since = Endret siden pakken ble laget
inspect-no-report = { $name } har ingen lesbar rapport
    .hint = Kjør w4b-diag verify for å se om noe er endret.
bundle-made = Laget av { $tool } { $version } { $made } på { $os }
bundle-contents = { $count ->
    [one] { $count } fil, { $size } utpakket
   *[other] { $count } filer, { $size } utpakket
}
bundle-gaps = Mangler helt eller delvis
bundle-gap = { $path }: { $status ->
    [partial] delvis
    [withheld] holdt tilbake
    [failed] mislyktes
    [skipped] utelatt med vilje
    [timed-out] ikke i tide
   *[interrupted] avbrutt
} – { $reason }
bundle-masked = Maskert
bundle-kept = Beholdt fordi support trenger det
bundle-masked-count = { $count ->
    [one] { $count } maskert
   *[other] { $count } maskert
}
bundle-unscanned = ikke gjennomsøkt

## plugin

plugin-subject = { $subject }: { $title }
plugin-until = { $title } (gyldig til { $when } UTC)
plugin-since = { $title } (siden { $when } UTC)
plugin-more = { $first } (og { $count ->
    [one] { $count } problem til
   *[other] { $count } problemer til
    })
plugin-cut = Utelatt her: { $lines ->
    [one] { $lines } linje
   *[other] { $lines } linjer
    }, { $values ->
    [one] { $values } måleverdi
   *[other] { $values } måleverdier
    }. En overvåker leser 8 KiB; --verbose skriver ut alt.
plugin-timeout = ikke noe resultat innen { $seconds ->
    [one] { $seconds } sekund
   *[other] { $seconds } sekunder
    }
    .hint = Noe svarer ikke: en navnetjener, en tjener eller et filsystem. Nevn færre mål, eller gi mer tid med --timeout, mindre enn overvåkeren selv venter.
check-plugin-ok = { $count ->
    [one] { $count } kontroll bestått, ingen feil funnet
   *[other] { $count } kontroller bestått, ingen feil funnet
}
status-plugin-ok = { $count ->
    [0] ingen åpen hendelse og ikke noe vedlikehold
    [one] { $count } komponent virker, ingen åpen hendelse og ikke noe vedlikehold
   *[other] { $count } komponenter virker, ingen åpen hendelse og ikke noe vedlikehold
}

## notify

notify-title = { $kind ->
    [reminder] Påminnelse: { $title }
    [recovered] Løst: { $title }
   *[raised] { $title }
}
notify-over = To kjøringer på rad lette etter det og fant det ikke lenger.
notify-since = Først sett: { $when } UTC
notify-until = { $past ->
    [yes] Var gyldig til { $when } UTC
   *[no] Gyldig til { $when } UTC
}
notify-where = Hvor: { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}og { $more } til
    }
notify-from = w4b-diag på { $host }, { $when } UTC
notify-test-title = Testmelding fra w4b-diag
notify-test-detail = Meldinger kommer fram hit. Ingenting ble kontrollert.
notify-sent = Sendte meldinger: { $count }
notify-error-none = konfigurasjonen nevner ikke noe mål for meldinger
    .hint = Legg til minst én [[notify]] med kind og url; docs/notifications.md har eksempler.
notify-error-secret = notify { $name }: { $from } inneholder ingenting som kan brukes
    .hint = Sett miljøvariabelen, eller skriv hemmeligheten i filen på én linje.
notify-error-url = notify { $name }: { $fault ->
    [missing] adressen mangler
    [insecure] adressen er ikke kryptert, men en hemmelighet går dit
   *[other] adressen kan ikke brukes
    }
    .hint = Nevn url, url_env eller url_file: https://… for webhooks, smtps://VERT eller smtp://VERT for e-post, uten brukernavn og passord i den.
notify-error-mail = notify { $name }: «{ $key }» mangler eller er ingen e-postadresse
    .hint = E-post trenger from og to; med user også password_env eller password_file.
notify-error-twice = notify { $name } står der to ganger
    .hint = Gi hvert mål et eget navn.
notify-error-ca-file = notify { $name }: { $fault ->
    [empty] det er ikke noe sertifikat i CA-filen { $path }
   *[unreadable] kan ikke lese CA-filen { $path }: { $reason }
    }
    .hint = Ingenting ble sendt dit. ca_file navngir en PEM-fil med minst ett sertifikat.
notify-error-send = { $name }: meldingen nådde ikke { $host }: { $cause ->
    [dns] navnet kan ikke slås opp
    [refused] ingen lytter der
    [unreachable] det går ingen vei dit
    [timeout] ikke noe svar i tide
    [tls-untrusted] sertifikatet er ikke klarert
    [tls-date] sertifikatet gjelder ikke nå
    [tls-name] sertifikatet gjelder et annet navn
    [http-status] mottakeren avviser
   *[other] forbindelsen mislyktes
    } ({ $reason })
    .hint = Neste kjøring prøver igjen. Test med --notify-test; en egen CA nevnes med ca_file.
notify-state-read = kan ikke lese { $path }: { $reason }
    .hint = Ingenting ble sendt. Gi brukeren av denne kjøringen tilgang til filen.
notify-state-broken = { $path } er ikke et minne for meldinger
    .hint = Ingenting ble sendt. Nevn en annen fil med --state, eller flytt denne: da meldes alt én gang til.
notify-state-write = kan ikke skrive { $path }: { $reason }
    .hint = Ingenting ble sendt, fordi hver kjøring ville sende det igjen. Frigjør plass på disken, eller nevn en skrivbar fil med --state.
notify-state-busy = en annen kjøring bruker { $path }
    .hint = Den melder det som er nytt. La ikke kjøringer overlappe.
notify-state-place = det finnes ingen katalog for minnet om meldinger
    .hint = Nevn en fil med --state.
discover-read = kan ikke lese oversikten { $path }: { $reason }
    .hint = Nevn en konfigurasjon (TOML), en CSV-fil med verter, en JSON-rapport eller en pakke.
discover-nothing = { $path } nevner ingen tjener
    .hint = En CSV-fil trenger en kolonne med verter (host, server, fqdn, url, adresse); en rapport må komme fra certs eller check.
discover-row = { $path }, rad { $row }, utelatt: { $cause }
calendar-summary = { $element ->
    [leaf] Sertifikatet til { $subject } utløper
    [root] Rotsertifikatet til { $subject } utløper
    [anchor] Webex-tillitsanker i { $subject } utløper
   *[intermediate] Mellomsertifikatet til { $subject } utløper
}
calendar-description = { $name } er gyldig til { $when } UTC. Utstedt av { $issuer }.
calendar-name = Webex for BroadWorks: sertifikater

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
html-todo = Dette må gjøres
html-todo-none = Ingenting må gjøres.
html-certificates = Sertifikatenes gyldighet
html-chart = Det som utløper først, står først. Streker på en stolpe: der advarsel og kritisk begynner. Stiplet linje: rapportens dag, { $date }.
html-until = { $state ->
    [expired] utløpt { $date }
    [soon] bare til { $date }
   *[valid] til { $date }
}
html-days = { $days ->
    [one] { $days } dag igjen
   *[other] { $days } dager igjen
}
html-skip = Gå til innholdet
html-timelines = Tidslinjer
html-incidents = Feilen, og hendelser og vedlikehold i nærheten
html-incidents-caption = Grått felt: tiden for feilen. Fylt: overlapper med den. Stiplet: gjør det ikke.
html-relation = { $relation ->
    [during] åpen da feilen oppstod
    [overlap] { $minutes ->
        [one] overlapper feilen i { $minutes } minutt
       *[other] overlapper feilen i { $minutes } minutter
    }
    [before] { $minutes ->
        [one] sluttet { $minutes } minutt før
       *[other] sluttet { $minutes } minutter før
    }
   *[after] { $minutes ->
        [one] begynte { $minutes } minutt etter
       *[other] begynte { $minutes } minutter etter
    }
}
html-span = { $until ->
    [none] siden { $from }, fortsatt åpen
   *[other] { $from } til { $until }
}
html-filter-severity = Alvorlighet:
html-filter-owner = Hvem sin side:
html-filter-all = alle
html-filter-none = Ingen funn passer til begge filtrene.
html-copy = Kopier
html-copy-value = Kopier { $value }
html-copied = Kopiert
html-copy-all = Kopier alle opplysninger
html-size = Størrelse
html-size-about = ca. { $size }
html-redacted = Sladdet
html-later = telles under pakkingen; se manifest.json
html-masked = { $count } × { $kind ->
    [tracking-id] sporings-ID-er
    [customer-org] kundeorganisasjons-ID-er
    [partner-org] partnerorganisasjons-ID-er
    [org] organisasjons-ID-er
    [user-id] bruker-ID-er
    [broadworks-user-id] BroadWorks-bruker-ID-er
    [email] e-postadresser
    [client-version] klientversjoner
    [broadworks-release] BroadWorks-utgaver
    [control-hub-build] Control Hub-versjoner
    [error-code] feilkoder
    [timestamp] tidsstempler
    [call-id] Call-ID-er
    [device-id] enhets-ID-er
    [fingerprint] fingeravtrykk
    [token] tilgangstokener
    [jwt] JSON-webtokener
    [password] passord og hemmeligheter
    [cookie] informasjonskapsler og økt-ID-er
    [sip-digest] SIP digest-felt
    [signed-url] signerte URL-parametere
    [private-key] private nøkler
    [phone] telefonnumre
    [person-name] personnavn
    [ip-address] IP-adresser
    [mac-address] MAC-adresser
    [host-name] vertsnavn
   *[custom] egne mønstre
 }
html-facts = Opplysninger om saken
html-files = Filene i pakken
html-files-caption = Hva som er i pakken ved siden av denne siden
html-file = Fil

## service-request

sr-title-label = Tittel:
sr-title--error = Webex for BroadWorks: { $text } (feil { $code })
sr-title--code = Webex for BroadWorks: feil { $code }
sr-title--finding = Webex for BroadWorks: { $title }
sr-title--plain = Webex for BroadWorks: feil hos en kunde
sr-severity = { $level ->
    [s2] Foreslått alvorlighetsgrad: S2 – tjenesten er sterkt svekket for flere brukere. Hev til S1 hvis den er nede og det ikke finnes noen vei rundt.
   *[s3] Foreslått alvorlighetsgrad: S3 – én bruker eller én funksjon er berørt, og arbeidet går videre. Hev til S2 hvis mange brukere er berørt, til S1 hvis tjenesten er nede.
}
sr-heading = { $section ->
    [impact] Følger for driften
    [case] Hvem og når
    [ids] Sporings-ID-er
    [versions] Versjoner
    [errors] Feil slik de ble vist
    [ours] Funnet på vår side
    [webex] Peker mot Webex
    [ruled-out] Kontrollert og utelukket
    [unchecked] Kunne ikke kontrolleres
    [changes] Hva som ble endret før feilen
    [missing] Hva som fortsatt mangler, og hvor det finnes
   *[files] Vedlagte filer
}
sr-impact-blank = [Fyll ut: hvor mange brukere som er berørt, hva de ikke får gjort, siden når, og om det finnes en vei rundt.]
sr-changes-blank = [Fyll ut: hva som ble endret i Control Hub, Partner Hub eller BroadWorks før feilen begynte, eller «ingenting».]
sr-field = { $field ->
    [provider] Tjenesteleverandør
    [customer-org] Kundens organisasjons-ID
    [partner-org] Partnerens organisasjons-ID
    [other-org] Annen organisasjons-ID
    [user] Berørt bruker
    [broadworks-id] BroadWorks-ID
    [webex-id] Webex-bruker-ID
    [time-frame] Tidsrom
    [client-version] Webex-appen
    [control-hub-build] Control Hub-bygg
   *[broadworks-release] BroadWorks-versjon
}
sr-time-frame = { $first } til { $last } (UTC)
sr-passed = { $check } ({ $count }): { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}og { $more } til
}
sr-more = { $count ->
    [one] og { $count } til; se report.json
   *[other] og { $count } til; se report.json
}
sr-more-files = og { $count } til; se manifest.json

## exporter

help-exporter = Overvåk de konfigurerte målene og gi metrikkene deres til Prometheus
    .examples =
        w4b-diag exporter --config /etc/w4b-diag/config.toml
        w4b-diag exporter --listen :9812
        curl 'http://127.0.0.1:9812/probe?target=xsp1.example.net&module=cti'
help-exporter--listen = Adresse og port å lytte på; «:9812» er alle adresser; ellers [exporter] listen, ellers 127.0.0.1:9812
help-exporter--any-target = La /probe også spørre mål som ikke er konfigurert: den som når eksportøren, kan da koble til hvor som helst fra denne maskinen
exporter-listening = { $count ->
    [one] Overvåker { $count } mål; metrikker på { $address }, sti /metrics
   *[other] Overvåker { $count } mål; metrikker på { $address }, sti /metrics
}
exporter-reloaded = Konfigurasjonen er lest på nytt og i bruk.
exporter-not-reloaded = Konfigurasjonen kan ikke brukes; den forrige gjelder fortsatt. { $reason }
exporter-not-read-again = Filer som konfigurasjonen nevner, kan ikke leses lenger; det som ble lest før, gjelder fortsatt. { $reason }
exporter-error-listen = «{ $text }» er ikke en adresse med port
    .hint = Skriv for eksempel 127.0.0.1:9812, eller :9812 for alle adressene til denne maskinen.
exporter-error-bind = kan ikke lytte på { $address }: { $kind ->
        [in-use] det gjør et annet program allerede
        [denied] ingen tilgang
        [not-available] maskinen har ikke den adressen
       *[other] { $reason }
    }
    .hint = Velg en annen adresse eller port med --listen eller [exporter] listen.
exporter-error-no-target = det er ingenting å overvåke
    .hint = Oppgi serverne som [[xsp]] i konfigurasjonsfilen, eller tillat alle mål med --any-target.
exporter-error-half-tls = i [exporter] hører tls_certificate og tls_key sammen
    .hint = Oppgi begge, eller ingen for vanlig HTTP.
exporter-error-tls = kan ikke tilby HTTPS: { $reason }
    .hint = Oppgi et sertifikat med kjeden sin og den private nøkkelen som hører til, begge som PEM, i [exporter].
exporter-error-user = «{ $name }» kan ikke være brukernavn i [[exporter.user]]
    .hint = Hvert navn må stå én gang, ikke være tomt og ikke inneholde kolon.
exporter-http-unauthorized = Logg inn med et brukernavn og passord for eksportøren.
exporter-http-not-found = Siden finnes ikke. Siden / viser alle.
exporter-http-method = Her besvares bare disse metodene: { $allowed }
exporter-http-healthy = Eksportøren kjører.
exporter-http-ready = Hvert mål er kontrollert minst én gang.
exporter-http-not-ready = Noen mål er ikke kontrollert ennå.
exporter-http-reload-busy = Konfigurasjonen leses allerede på nytt. Prøv igjen om et øyeblikk.
exporter-http-no-target = Oppgi et mål: /probe?target=HOST:PORT&module=https
exporter-http-module = Modulen «{ $module }» finnes ikke. Modulene er https, cti og auth.
exporter-http-bad-target = «{ $target }» er ikke et mål for denne modulen.
exporter-http-not-configured = { $target } er ikke blant de konfigurerte målene.
exporter-http-too-many = Det kontrolleres for mange mål som ikke er konfigurert. Prøv igjen senere.
exporter-page-title = w4b-diag exporter { $version }
exporter-page-targets = { $count ->
    [one] { $answering } av { $count } mål svarer.
   *[other] { $answering } av { $count } mål svarer.
}
exporter-page-metrics = metrikkene for alle konfigurerte mål
exporter-page-sd = de konfigurerte målene, for HTTP service discovery
exporter-page-healthy = om eksportøren kjører
exporter-page-ready = om hvert mål er kontrollert minst én gang
exporter-page-probe = metrikkene for ett mål
