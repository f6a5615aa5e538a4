### w4b-diag: every sentence a person reads, in italiano.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = errore:
label-warning = avviso:
label-hint = suggerimento:
error-interrupted = interrotto
error-output = impossibile scrivere sullo standard output: { $reason }

## files

cert-file-not-found = { $path }: il file non esiste
    .hint = Controllare il percorso. I percorsi relativi nella configurazione partono dal file di configurazione.
cert-file-permission = { $path }: lettura del file non consentita
    .hint = Avviare il programma come utente che può leggerlo, oppure copiare altrove il certificato (non la chiave).
cert-file-directory = { $path } è una directory
    .hint = Indicare un file al suo interno oppure un modello come "certs/*.pem".
cert-file-read = impossibile leggere { $path }: { $reason }
    .hint = Controllare il percorso e il disco.
cert-file-too-large = { $path } supera { $mebibytes } MiB: troppo per un file di certificati
    .hint = Indicare il file che contiene solo i certificati.
cert-file-empty = { $path } è vuoto
    .hint = Esportare o scaricare di nuovo il certificato.
cert-file-html = { $path } è una pagina web, non un certificato
    .hint = Il download è probabilmente finito su una pagina di accesso. Accedere e scaricare di nuovo il file.
cert-file-binary = { $path } non è un file di certificati: né PEM, né DER, PKCS#7, PKCS#12 o JKS
    .hint = Controllare che sia il file giusto e, se lo è, esportarlo di nuovo.
cert-file-no-certificate = { $path } non contiene alcun certificato
    .hint = Un certificato in forma di testo inizia con la riga "-----BEGIN CERTIFICATE-----".
cert-file-damaged = { $path } è danneggiato: { $format ->
    [der] certificato DER
    [pkcs7] file PKCS#7
    [pkcs12] file PKCS#12
    [jks] keystore Java
   *[other] file di certificati
    } troncato o non valido
    .hint = Copiarlo di nuovo in modalità binaria oppure esportarlo di nuovo.
cert-file-not-a-bundle = { $path } è PKCS#7, ma non un elenco di certificati
    .hint = Sono dati cifrati o firmati. Esportare i certificati come PEM o come file .p7b.
cert-file-password-needed = { $path } è protetto da password
    .hint = Inserire la password nella variabile d'ambiente W4B_DIAG_P12_PASSWORD, oppure indicare in W4B_DIAG_P12_PASSWORD_FILE un file che la contiene.
cert-file-password-wrong = { $path }: la password è errata
    .hint = Inserire la password corretta nella variabile d'ambiente W4B_DIAG_P12_PASSWORD, oppure nel file indicato da W4B_DIAG_P12_PASSWORD_FILE.
cert-file-unsupported = { $path } è cifrato con un metodo non supportato: { $algorithm }
    .hint = Esportare i certificati come PEM, per esempio con "openssl pkcs12 -nokeys".
cert-file-base64 = { $path }: il blocco { $block } è danneggiato alla riga { $line }: non è base64
    .hint = Copiare di nuovo il blocco dall'origine, dalla riga BEGIN alla riga END.
cert-file-empty-block = { $path }: il blocco { $block } alla riga { $line } è vuoto
    .hint = Copiare di nuovo il blocco dall'origine, dalla riga BEGIN alla riga END.
cert-file-no-end = { $path }: il blocco { $block } che inizia alla riga { $line } non ha la riga END
    .hint = Il file è stato probabilmente troncato. Copiarlo di nuovo.
cert-file-marker = { $path }: la riga BEGIN o END alla riga { $line } è danneggiata
    .hint = Prima e dopo devono esserci esattamente cinque trattini. Gli elaboratori di testi e i programmi di posta li modificano.
cert-file-damaged-block = { $path }: il blocco { $block } è danneggiato
    .hint = Esportare di nuovo il file.
cert-file-other-block = { $path }: il blocco "{ $label }" non è un certificato
    .hint = Usare il certificato restituito dalla CA, non la richiesta che le è stata inviata.
cert-file-too-many-blocks = { $path }: sono stati letti solo i primi { $limit } blocchi
    .hint = Indicare il file che contiene solo i certificati.
cert-file-no-markers = { $path }: mancano le righe BEGIN e END
    .hint = Aggiungere le righe "-----BEGIN CERTIFICATE-----" e "-----END CERTIFICATE-----": senza di esse altri programmi rifiutano il file.
cert-file-trailing-data = { $path }: dopo il certificato { $bytes ->
    [one] segue { $bytes } byte
   *[other] seguono { $bytes } byte
    } di altri dati
    .hint = Esportare di nuovo il file: altri programmi potrebbero rifiutarlo.
cert-file-secret-key-entry = { $path } contiene una chiave segreta e ciò che la segue nel keystore non è stato letto
    .hint = Elencare il keystore con keytool ed esportare i certificati che qui mancano.

## targets

target-empty = la destinazione è vuota
    .hint = Scrivere host, host:port, https://host, cti://host, auth://host o il percorso di un file.
target-scheme = "{ $target }": { $scheme }:// non è noto
    .hint = Sono noti https://, cti://, auth:// e file:.
target-host = "{ $target }" non contiene un nome host o un indirizzo valido
    .hint = Scrivere host, host:port oppure, per IPv6, [indirizzo]:port.
target-port = "{ $target }" non contiene una porta valida
    .hint = Una porta è un numero da 1 a 65535.
target-pin = "{ $target }": dopo "#" manca l'indirizzo
    .hint = Per fissare un indirizzo, terminare la destinazione con #ip= e un indirizzo IPv4 o IPv6.
target-user-info = la destinazione contiene un nome utente
    .hint = Omettere tutto fino a "@" compreso.
target-no-such-file = { $target }: il file non esiste
    .hint = Controllare il percorso. Se un server si chiama così, anteporre https://.
identity-read = impossibile leggere il certificato client o la chiave { $path }: { $reason }
    .hint = Controllare client_cert e client_key nella configurazione; entrambi sono file PEM.
identity-no-certificate = { $path } non contiene alcun certificato client
    .hint = client_cert deve indicare un file PEM con il certificato e la sua catena.
identity-no-key = { $path } non contiene una chiave privata utilizzabile
    .hint = client_key deve indicare un file PEM con una chiave RSA, ECDSA o Ed25519 non cifrata.
identity-mismatch = la chiave { $key } non appartiene al certificato { $certificate }
    .hint = Controllare client_cert e client_key nella configurazione.

## help

help-heading-usage = Uso:
help-heading-commands = Comandi
help-heading-arguments = Argomenti
help-heading-options = Opzioni
help-heading-global = Opzioni di tutti i comandi
help-heading-examples = Esempi:
help-heading-exit-codes = Codici di uscita:
help-value-command = COMANDO
help-note-values = { "[" }valori: { $value }]
help-note-default = { "[" }predefinito: { $value }]
help-note-env = { "[" }ambiente: { $value }]

help = Diagnostica e pacchetti di supporto per Webex for BroadWorks
    .exit-codes =
        0 tutto in ordine, oppure completato
        1 il risultato peggiore è un avviso, oppure qualcosa è stato omesso
        2 il risultato peggiore è critico
        3 non completato: controllo impossibile, uso errato o configurazione errata
        130 interrotto
help-global--config = File di configurazione; altrimenti quello dell'utente e quello della macchina
help-global--lang = Lingua dell'output; altrimenti quella del sistema
help-global--format = Formato dell'output; quelli disponibili dipendono dal comando
help-global--color = Quando usare i colori
help-global--quiet = Mostra solo risultati, avvisi ed errori
help-global--verbose = Mostra più dettagli
help-global--timeout = Limite di tempo per ogni destinazione e per la pagina di stato: 500ms, 5s, 2m; con --format nagios per l'intera esecuzione
help-global--as-of = Valuta a questo istante anziché adesso (RFC 3339)
help-global--threads = Quanti core del processore usare
help-global--help = Mostra la guida
help-global--version = Mostra la versione

help-check = Esegui tutti i controlli e indica cosa fare prima dell'escalation
    .examples =
        w4b-diag check mail.txt logs.zip --xsp cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag check --text - --no-network < error.txt
help-bundle = Esegui tutti i controlli e prepara il pacchetto per una richiesta di assistenza
    .examples =
        w4b-diag bundle --preview mail.txt logs.zip
        w4b-diag bundle mail.txt logs.zip --xsp xsp1.example.net --user-email user@customer.example.com -o case.zip
help-status = Interroga la pagina di stato di Webex su incidenti e manutenzioni
    .examples =
        w4b-diag status
        w4b-diag status --at 2026-11-20T08:30:00+01:00 --component "Webex App"
        w4b-diag status --url saved-index.json --format json
help-certs = Controlla certificati e catene di trust di server e file
    .examples =
        w4b-diag certs xsp1.example.net cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag certs installed.pem --host xsp1.example.net
        w4b-diag certs --config /etc/w4b-diag/config.toml --format nagios
help-extract = Trova in testi e log i dati necessari per una richiesta di assistenza
    .examples =
        w4b-diag extract mail.txt logs/
        journalctl -u tomcat | w4b-diag extract --format json
help-redact = Mostra un testo con segreti e dati altrui sostituiti
    .examples =
        w4b-diag redact mail.txt > mail.redacted.txt
help-users = Controlla le esportazioni utenti di Partner Hub e i file CSV per l'importazione in blocco
help-explain = Spiega un codice o testo di errore e indica cosa fare
    .examples =
        w4b-diag explain 18215
        w4b-diag explain "Provisioning error with messaging server"
help-diff = Mostra che cosa è cambiato tra due pacchetti
help-inspect = Mostra un pacchetto: esito, contenuto, cosa è stato oscurato
help-upload = Caricare un pacchetto nella sua richiesta di assistenza
help-verify = Confronta ogni file di un pacchetto con il manifest e cerca di nuovo segreti
help-restore = Riconverti gli pseudonimi nella risposta del fornitore nei valori reali
    .examples =
        w4b-diag restore answer.txt --map case.map
help-self-test = Esegui su questa macchina i casi critici dell'oscuramento
help-completions = Genera uno script di completamento per una shell
    .examples =
        w4b-diag completions bash > ~/.local/share/bash-completion/completions/w4b-diag
help-completions--shell = La shell
help-man = Genera le pagine di manuale
help-man--command = Il comando di cui mostrare la pagina; altrimenti la panoramica
help-man--output = Scrivi tutte le pagine in questa directory
help-checks = Elenca tutti i controlli
help-schema = Mostra gli schemi JSON di output, pacchetto e configurazione
help-schema--name = Lo schema da mostrare; altrimenti ne vengono elencati i nomi
help-schema--output = Scrivi tutti gli schemi in questa directory

help-notify--notify = Comunicare alle destinazioni di [[notify]] che cosa è nuovo, perdura o è finito
help-notify--notify-test = Inviare un messaggio di prova a ogni destinazione di [[notify]], senza controllare nulla
help-notify--state = File che ricorda che cosa è già stato comunicato; altrimenti notify.json nella directory di stato dell'utente
help-certs--discover = Altre destinazioni: una configurazione, un file CSV di host, un precedente report JSON o un pacchetto
help-certs--calendar = Scrivere le scadenze di tutti i certificati in questo file di calendario, con promemoria
help-case--text = File con un testo di errore; "-" è lo standard input
help-case--log = File di log, archivio o directory con log
help-case--users-csv = Esportazione utenti di Partner Hub o file CSV per l'importazione in blocco
help-case--attach = File da allegare: schermata, HAR; nelle immagini non si cercano segreti
help-case--xsp = Server da controllare: HOST, https://HOST[:PORT], cti://HOST[:PORT], auth://HOST[:PORT] o un file di certificato
help-case--trust = File con la catena CA di Webex installata come trust anchor
help-case--status-url = Pagina di stato: URL di base, un documento JSON o un file salvato
help-case--user-email = Indirizzo e-mail dell'utente interessato; resta leggibile
help-case--customer-org = ID organizzazione del cliente
help-case--partner-org = ID organizzazione del partner
help-case--client-version = Versione dell'app Webex o del client
help-case--broadworks-release = Release di un server BroadWorks per ruolo: as=Rel_25.0_1.1122
help-case--since = Inizio del periodo in cui è accaduto (RFC 3339)
help-case--until = Fine del periodo in cui è accaduto (RFC 3339)
help-case--no-network = Non usare la rete: valuta solo file e risposte salvate
help-case--paths = File di ogni tipo; il tipo è riconosciuto dal contenuto
help-bundle--output = Il file zip da scrivere
help-bundle--preview = Mostra cosa verrebbe condiviso, con dimensioni e oscuramenti; non scrive nulla
help-bundle--name = Nome della directory nel file zip
help-bundle--max-size = Non superare questa dimensione dello zip (20MB, 20MiB): i log vengono tagliati, tenendo prima il più recente e il più vicino all’errore
help-bundle--map = Scrivi anche la mappa privata degli pseudonimi in questo file; non va mai inoltrata
help-bundle--key = File con la chiave degli pseudonimi; altrimenti quella della sede
help-bundle--fresh-key = Usa una nuova chiave, così che il pacchetto non sia collegabile ad altri
help-bundle--yes = Non chiedere conferma prima di scrivere
help-diff--old = Il pacchetto precedente
help-diff--new = Il pacchetto successivo
help-inspect--zip = Il pacchetto
help-inspect--judge = Valutare di nuovo le osservazioni salvate con le regole di oggi, ad ora o a --as-of
help-upload--zip = Il pacchetto
help-upload--sr = Numero della richiesta di assistenza
help-upload--token-file = File con il token di caricamento del caso; altrimenti W4B_UPLOAD_TOKEN
help-upload--url = Caricare a questo indirizzo HTTPS invece che a quello di Cisco
help-upload--ca-file = File PEM con certificati di CA da considerare attendibili in aggiunta
help-upload--again = Caricare anche se la ricevuta dice che è già stato fatto
help-bundle--upload = Caricare il pacchetto nella richiesta di assistenza
help-bundle--sr = Numero della richiesta di assistenza
help-bundle--token-file = File con il token di caricamento del caso; altrimenti W4B_UPLOAD_TOKEN
help-bundle--url = Caricare a questo indirizzo HTTPS invece che a quello di Cisco
help-bundle--ca-file = File PEM con certificati di CA da considerare attendibili in aggiunta
help-bundle--again = Caricare anche se la ricevuta dice che è già stato fatto
help-verify--zip = Il pacchetto

## cli

config-unreadable =
    impossibile leggere il file di configurazione { $path }: { $reason ->
        [missing] il file non esiste
        [denied] autorizzazione negata
        [directory] è una directory
        [large] supera i 4 MiB
        [encoding] non è testo UTF-8
       *[other] { $detail }
    }
    .hint = Indicare un file TOML leggibile con --config o W4B_DIAG_CONFIG, oppure omettere entrambi.
config-syntax = { $place }: TOML non valido: { $reason }
    .hint = Correggere il file in questa riga e colonna. Il testo va tra virgolette, gli elenchi tra parentesi quadre.
config-unknown-key = { $place }: chiave sconosciuta "{ $key }"
    .hint =
        { $nearest ->
            [none] Chiavi note in questo punto: { $known }.
           *[other] Forse si intendeva "{ $nearest }"?
        }
config-missing-key = { $place }: manca la chiave "{ $key }"
    .hint = Aggiungere la chiave a questa tabella.
config-wrong-type =
    { $place }: il valore di "{ $key }" deve essere { $expected ->
        [text] un testo tra virgolette
        [number] un numero
        [boolean] true o false
        [list] un elenco tra parentesi quadre
       *[table] una tabella
    }, ma qui si trova { $found ->
        [text] un testo
        [number] un numero
        [boolean] true o false
        [date] una data
        [list] un elenco
       *[table] una tabella
    }
    .hint = Modificare il valore come descritto.
config-invalid-value = { $place }: { $value } non è un valore valido per "{ $key }"
    .hint =
        { $form ->
            [date-time] Scrivere un istante con il fuso orario (RFC 3339), ad esempio "2026-11-20T08:30:00+01:00".
            [threshold] Scrivere una durata come "30d" o una quota della validità come "33%".
            [duration] Scrivere una durata come "60s" o "5m".
            [sha256] Scrivere le 64 cifre esadecimali di uno SHA-256: printf %s PASSWORD | sha256sum.
            [language] Scrivere en, de, hr, nb o it.
           *[other] Valori ammessi: { $form }.
        }
config-refused = { $path }: { $reason }
    .hint = Correggere il file di configurazione.
error-format = questo comando non ha il formato "{ $format }"
    .hint = Formati di questo comando: { $available }.

usage-other = la riga di comando non è comprensibile: { $reason }
    .hint = Vedere { $help }.
usage-not-utf8 = un argomento non è testo UTF-8
    .hint = Vedere { $help }.
usage-missing-command = manca un comando
    .hint = Vedere { $help }.
usage-missing-argument = manca: { $argument }
    .hint = Vedere { $help }.
usage-surplus-value = "{ $value }" è un valore di troppo per "{ $argument }"
    .hint = Vedere { $help }.
usage-repeated = "{ $argument }" è indicato più volte
    .hint = Basta una volta; vedere { $help }.
usage-conflict = "{ $argument }" e "{ $other }" si escludono a vicenda
    .hint = Omettere uno dei due.
usage-unknown-argument = argomento sconosciuto "{ $argument }"
    .hint =
        { $nearest ->
            [none] Vedere { $help }.
           *[other] Forse si intendeva "{ $nearest }"?
        }
usage-unknown-command = comando sconosciuto "{ $command }"
    .hint =
        { $nearest ->
            [none] Vedere { $help }.
           *[other] Forse si intendeva "{ $nearest }"?
        }
usage-missing-value = "{ $argument }" richiede un valore
    .hint =
        { $values ->
            [none] Vedere { $help }.
           *[other] Valori possibili: { $values }.
        }
usage-invalid-value = "{ $value }" non è un valore valido per "{ $argument }"
    .hint =
        { $nearest ->
            [none] { $values ->
                [none] { $form ->
                    [TIME] Scrivere un istante con il fuso orario (RFC 3339), ad esempio 2026-11-20T08:30:00+01:00.
                    [DURATION] Scrivere una durata come 500ms, 5s, 2m o 30d.
                    [SIZE] Scrivere una dimensione come 500kB, 20MB o 20MiB.
                    [N] Scrivere un numero; vedere { $help }.
                   *[other] Vedere { $help }.
                }
               *[other] Valori possibili: { $values }.
            }
           *[other] Forse si intendeva "{ $nearest }"? Valori possibili: { $values }.
        }
error-write-file =
    impossibile scrivere { $path }: { $kind ->
        [no-directory] la directory non esiste
        [denied] autorizzazione negata
        [full] il disco è pieno
       *[other] { $reason }
    }
    .hint = Indicare una posizione esistente in cui è possibile scrivere.
man-name = NOME
man-synopsis = SINTASSI
man-description = DESCRIZIONE
man-commands = COMANDI
man-examples = ESEMPI
man-version = VERSIONE
schema-unknown = non esiste uno schema "{ $name }"
    .hint = Schemi: { $known }.

## checks

# What each check makes sure of; what it found is said by the finding.
checks-id = CONTROLLO
checks-severity = GRAVITÀ
checks-owner = COMPETENZA
checks-title = COSA SI CONTROLLA
check-status-reachable = La pagina di stato è leggibile
check-status-component = I componenti rilevanti sono operativi
check-status-incident = Nessun incidente Webex aperto
check-status-maintenance = Nessuna manutenzione Webex in corso o annunciata
check-status-incident-at-time = Nessun incidente Webex al momento del guasto
check-tls-connect = La porta accetta connessioni
check-tls-handshake = L'handshake TLS riesce
check-tls-protocol = È offerto TLS 1.2 o successivo
check-tls-legacy-protocol = TLS 1.0 e 1.1 sono disattivati
check-tls-cipher = È offerta una suite di cifratura usata da Webex
check-tls-mixed-addresses = Tutti gli indirizzi di un nome rispondono allo stesso modo
check-tls-clock-skew = L'orologio del server è esatto
check-cert-expired = Il certificato non è scaduto
check-cert-expires-soon = Il certificato non è in scadenza
check-cert-not-yet-valid = Il certificato è già valido
check-cert-self-signed = Il certificato non è autofirmato
check-cert-not-publicly-trusted = Una CA pubblica garantisce il certificato
check-cert-host-name = Il certificato contiene il nome host
check-cert-weak-key = La chiave è abbastanza robusta
check-cert-weak-signature = L'algoritmo di firma è abbastanza robusto
check-cert-key-usage = Il certificato può essere usato per questo scopo
check-cert-validity-period = La durata di validità rispetta le regole
check-cert-revoked = Il certificato non è revocato
check-cert-malformed = Il certificato è leggibile
check-chain-incomplete = La catena è completa
check-chain-order = La catena è nell'ordine corretto
check-chain-unrelated = Nessun certificato estraneo nella catena
check-chain-invalid = Firme e vincoli della catena sono validi
check-trust-expired = Nessun trust anchor è scaduto
check-trust-expires-soon = Nessun trust anchor è in scadenza
check-trust-not-yet-valid = Tutti i trust anchor sono già validi
check-trust-root-missing = Il file di trust contiene il certificato radice
check-trust-intermediate-missing = Il file di trust contiene la CA emittente
check-trust-not-a-ca = Tutti i trust anchor sono CA
check-trust-private-key = Il file di trust non contiene chiavi private
check-trust-duplicate = Nessun trust anchor è duplicato
check-trust-unsplit = Il file della catena è suddiviso in singoli certificati
check-mtls-not-requested = Il server richiede un certificato client
check-mtls-webex-ca-not-accepted = Il server accetta la catena CA di Webex
check-mtls-accepted-cas-unknown = Il server indica quali CA accetta
check-case-customer-org = L'ID organizzazione del cliente è noto
check-case-partner-org = L'ID organizzazione del partner è noto
check-case-tracking-id = È noto un ID di tracciamento
check-case-user-email = L'e-mail dell'utente interessato è nota
check-case-client-version = La versione del client è nota
check-case-time-frame = Il momento del guasto è noto
check-user-error = Nessun utente è in errore
check-user-pending = Nessun utente è in attesa di un requisito
check-user-stuck = Nessun utente è bloccato nel provisioning
check-user-duplicate = Nessun utente è duplicato
check-csv-missing-field = Tutti i campi obbligatori sono compilati
check-csv-invalid-value = Tutti i valori sono ammessi
check-csv-encoding = Codifica e separatore del file sono corretti
check-csv-package-conflict = Nessun utente ha pacchetti incompatibili
check-template-untrusted-emails = Nel modello sono selezionate le e-mail non attendibili
check-template-share-link = Il collegamento di condivisione del modello porta all'attivazione
check-release-unsupported = La release BroadWorks è supportata
check-release-unknown = La release BroadWorks è nota
check-order-not-ready = L'ordine è pronto per il provisioning
check-order-closed = La riga dell'ordine è aperta
check-order-past-no-return = L'ordine precede il punto di non ritorno
check-bundle-redacted = Il contenuto è oscurato
check-bundle-incomplete = Nel pacchetto non manca nulla
check-bundle-tampered = Il pacchetto non è stato alterato
check-bundle-secret-left = Nel pacchetto non restano segreti
check-bundle-signature = Il pacchetto è firmato da qualcuno di cui ci si fida

## input

input-error = { $name }: { $fault ->
    [not-found] il file non esiste
    [permission] il file non può essere letto con questi permessi
    [no-match] nessun file corrisponde a questo modello
    [not-regular] non è un file normale
    [link] è un collegamento fuori dalla cartella; non viene seguito
    [binary] non è testo; ignorato
    [truncated] il file finisce troppo presto; la parte precedente è stata letta
    [changed] il file è stato modificato durante la lettura
    [grew] il file è cresciuto durante la lettura; ciò che è stato aggiunto manca
    [damaged] il file è danneggiato ({ $detail })
    [encrypted] il file è cifrato
    [method] il file è compresso con un metodo non supportato
    [limit-depth] troppi archivi sono contenuti l'uno nell'altro
    [limit-count] i file sono troppi
    [limit-size] estratto occupa troppi byte
    [limit-ratio] estratto è molto più grande che compresso: probabilmente una bomba zip
    [limit-overlap] gli elementi condividono gli stessi byte: probabilmente una bomba zip
   *[other] il file non può essere letto: { $detail }
    }
    .hint = { $fault ->
    [not-found] Controllare il percorso; maiuscole e minuscole sono distinte.
    [permission] Avviare il programma come utente che può leggere il file, oppure copiarlo.
    [no-match] Controllare il modello oppure indicare i file.
    [not-regular] Indicare un file, una cartella o un archivio.
    [link] Indicare il file stesso se appartiene al caso.
    [binary] Allegare immagini e documenti al caso con --attach.
    [truncated] Copiare o scaricare di nuovo il file.
    [changed] Leggerlo di nuovo quando nessuno vi scrive, oppure leggere una copia.
    [grew] Leggere di nuovo il file per avere anche ciò che è stato aggiunto.
    [damaged] Copiare o scaricare di nuovo il file, oppure estrarlo con un altro programma.
    [encrypted] Estrarre prima il file e indicare i file estratti.
    [method] Estrarre il file con un altro programma e indicare i file estratti.
    [limit-depth] Estrarre l'archivio esterno e indicare quello interno.
    [limit-count] Indicare meno file oppure una sottocartella.
    [limit-size] Estrarre l'archivio e indicare i file che contano.
    [limit-ratio] Estrarlo solo se la provenienza è affidabile.
    [limit-overlap] Estrarlo solo se la provenienza è affidabile.
   *[other] Controllare il disco e il collegamento, quindi riprovare.
    }

## status

help-status--url = Pagina di stato: il suo URL di base, un documento JSON o un file salvato
help-status--component = Componente che interessa; ripetibile; altrimenti quelli della configurazione
help-status--region = Area che interessa, come scritta nella pagina; ripetibile; altrimenti quelle della configurazione
help-status--at = Momento del guasto (RFC 3339): che cosa era aperto?
help-status--since = Inizio del periodo in cui è successo (RFC 3339)
help-status--until = Fine del periodo in cui è successo (RFC 3339); altrimenti adesso
help-status--no-cache = Interrogare la pagina stessa, anche se interrogata nell'ultimo minuto
help-status--watch = Continuare a interrogare e stampare solo i cambiamenti
help-status--interval = Tempo tra due interrogazioni con --watch: 30s, 5m
help-status--output = Scrivere in questo file invece che sullo standard output: sostituito per intero, leggibile da tutti (0644); per il textfile collector del node exporter il nome termina in .prom

status-error-ca-file = impossibile leggere il file CA { $path }: { $reason }
    .hint = Indicare nella configurazione, [status] ca_file, un file PEM leggibile.
status-error-ca-file-empty = il file CA { $path } non contiene alcun certificato
    .hint = Il file deve contenere almeno un blocco “BEGIN CERTIFICATE”. Chiedere a chi gestisce il proxy il suo certificato CA in formato PEM.
status-error-proxy = { $reason } non è l'indirizzo di un proxy
    .hint = Scriverlo nella configurazione, [status] proxy, nella forma http://proxy.example.net:3128.
status-error-http = impossibile preparare HTTP: { $reason }
    .hint = Controllare i certificati del sistema. Se non basta, segnalare questo testo come errore del programma.
status-error-url = “{ $text }” non è un URL utilizzabile
    .hint = Indicare la base della pagina, ad esempio https://status.webex.com/, un documento JSON o un file salvato.
status-error-scheme = “{ $text }”: si possono leggere solo http, https e file
    .hint = Indicare la base della pagina, ad esempio https://status.webex.com/, un documento JSON o un file salvato.
status-error-reversed = l'intervallo finisce ({ $last }) prima di cominciare ({ $first })
    .hint = Scambiare o correggere --since e --until.

status-reachable = { $cause ->
        [file] Impossibile leggere il file di stato salvato
        [http-status] La pagina di stato risponde con un errore (HTTP { $status })
        [not-the-api] Ciò che risponde non è una pagina di stato
        [broken] La risposta della pagina di stato è danneggiata
        [too-large] La risposta della pagina di stato è troppo grande
        [captive-portal] Al posto della pagina di stato risponde una pagina di accesso alla rete
       *[other] La pagina di stato non è raggiungibile da qui
    }
    .detail =
        { $cause ->
            [dns] Il nome non si può risolvere.
            [refused] La connessione viene rifiutata.
            [unreachable] Non c'è alcun percorso per raggiungerla.
            [proxy] Il proxy HTTP non è raggiungibile o rifiuta.
            [proxy-auth] Il proxy HTTP chiede nome utente e password.
            [tls-untrusted] Il certificato non è firmato da una CA ritenuta attendibile qui; spesso c'è di mezzo un proxy che ispeziona TLS.
            [tls-date] Il certificato è scaduto o non è ancora valido; spesso l'orologio di questo computer è sbagliato.
            [tls-name] Il certificato è intestato a un altro nome.
            [tls] Non è stato possibile stabilire una connessione sicura.
            [timeout] Non è arrivata in tempo una risposta completa.
            [redirect-loop] I reindirizzamenti non finiscono mai.
            [redirect-insecure] Reindirizza da HTTPS a HTTP; questo reindirizzamento non viene seguito.
            [too-large] La lettura è stata interrotta al limite di 8 MiB.
            [reset] La connessione è stata chiusa prima che la risposta fosse completa.
            [not-http] Ciò che risponde non parla HTTP.
            [http-status] Il server risponde, ma non con lo stato.
            [captive-portal] La risposta arriva da un host diverso da quello interrogato.
            [not-the-api] È arrivata una pagina web o un altro documento, anche se con HTTP 200.
            [broken] Si interrompe a metà o non è valida.
            [file] Non esiste o non può essere letto.
           *[other] Il tentativo è fallito per un motivo imprevisto.
        } Questo non dice nulla sul funzionamento di Webex.
        { $subject }: { $reason }
    .remedy = { $cause ->
        [dns] Controllare il nome e i server DNS di questo computer, oppure eseguire il controllo da dove Internet è raggiungibile. In una rete con proxy impostare HTTPS_PROXY.
        [refused] Controllare indirizzo e porta. In una rete con proxy impostare HTTPS_PROXY.
        [unreachable] Controllare la rete e il firewall. In una rete con proxy impostare HTTPS_PROXY.
        [proxy] Controllare HTTPS_PROXY e NO_PROXY, oppure [status] proxy nella configurazione.
        [proxy-auth] Indicare nome utente e password in HTTPS_PROXY: http://USER:PASSWORD@proxy.example.net:3128.
        [tls-untrusted] Indicare il certificato CA del proxy nella configurazione, [status] ca_file.
        [tls-date] Controllare data e ora di questo computer.
        [tls-name] Controllare l'URL. In una rete con proxy rivolgersi a chi lo gestisce.
        [timeout] Riprovare, se necessario con un --timeout più lungo.
        [captive-portal] Aprire una pagina web nel browser di questo computer, accedere alla rete e riprovare.
        [not-the-api] Controllare l'URL: deve essere la base della pagina, ad esempio https://status.webex.com/, o uno dei suoi documenti JSON.
        [too-large] Controllare l'URL: deve essere la base della pagina, ad esempio https://status.webex.com/, o uno dei suoi documenti JSON.
        [http-status] Aprire la pagina in un browser e riprovare tra qualche minuto.
        [broken] Riprovare. Un file salvato può essere troncato: salvarlo di nuovo.
        [file] Controllare percorso e permessi.
       *[other] Aprire la pagina in un browser e riprovare. Un documento salvato da lì si può indicare con --url FILE.
    }
status-reachable--ok = La pagina di stato è stata letta
    .detail = { $subject }, { $at }.
status-reachable--skew = Gli orologi della pagina di stato e di questo computer differiscono di { $seconds } s
    .detail = L'orologio di questo computer è { $direction ->
            [behind] indietro
           *[ahead] avanti
        }. Gli orari dei log e della pagina di stato non si possono quindi confrontare al minuto. ({ $subject }, { $at })
    .remedy = Regolare l'orologio di questo computer con NTP e tenere conto della differenza nel confronto degli orari.

status-component = { $subject }: { $state ->
        [under_maintenance] in manutenzione
        [degraded_performance] prestazioni ridotte
        [partial_outage] interruzione parziale
       *[major_outage] interruzione grave
    }
    .detail = { $part ->
            [none] Lo segnala la pagina di stato per il componente stesso
           *[other] Lo segnala la pagina di stato per la sua parte “{ $part }”
        }{ $since ->
            [none] .
           *[other] ; ultima modifica { $since }.
        }
    .remedy = { $who } se ne sta occupando. Attendere, iscriversi agli aggiornamenti della pagina di stato e informare il cliente. Inoltrare il caso solo se il guasto persiste dopo la fine.
status-component--ok = { $subject }: operativo
    .detail = Secondo la pagina di stato.
status-component--other-region = { $subject }: problemi solo in altre aree ({ $regions })
    .detail = { $part ->
            [none] Il componente stesso
           *[other] La sua parte “{ $part }”
        }: { $state ->
            [under_maintenance] in manutenzione
            [degraded_performance] prestazioni ridotte
            [partial_outage] interruzione parziale
           *[major_outage] interruzione grave
        }. Nessuna delle aree della configurazione è citata.
    .remedy = Nulla da fare, a meno che un cliente usi queste aree.
status-component--unknown = La pagina di stato non elenca alcun componente “{ $subject }”
    .detail = { $nearest ->
            [none] {""}
           *[other] Si intendeva “{ $nearest }”?{" "}
        }Elenca: { $names }.
    .remedy = Scrivere il nome come nella pagina, con --component o nella configurazione, [status] components.
status-component--unknown-state = { $subject }: { $word ->
        [none] la pagina di stato non indica lo stato
       *[other] la pagina di stato dice “{ $word }”
    }
    .detail = Non se ne può dire nulla.
    .remedy = Consultare la pagina di stato.
status-component--not-said = Questa fonte non elenca componenti
    .detail = { $subject } non dice nulla sui singoli componenti.
    .remedy = Indicare la base della pagina, ad esempio https://status.webex.com/, o il suo index.json.

status-incident = Incidente aperto ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Inizio non indicato
           *[other] Dal { $since }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        } Interessati: { $components ->
            [none] non indicato
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; aree: { $regions }.
        }
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = { $who } se ne sta occupando. Attendere, iscriversi agli aggiornamenti dell'incidente ({ $link }) e informare il cliente. Non aprire una richiesta di assistenza per questo; inoltrare il caso solo se il guasto persiste dopo la chiusura dell'incidente.
status-incident--unclear = Incidente aperto che non cita componenti ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Inizio non indicato
           *[other] Dal { $since }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        } Solo dal testo si capisce se corrisponde.
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = Confrontare il testo con il guasto. Se corrisponde: attendere, iscriversi agli aggiornamenti dell'incidente ({ $link }) e informare il cliente.
status-incident--other-region = Incidente aperto in altre aree ({ $regions }; { $who }): { $name }
    .detail =
        { $since ->
            [none] Inizio non indicato
           *[other] Dal { $since }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        } Nessuna delle aree della configurazione è citata.
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = Nulla da fare, a meno che un cliente usi queste aree.
status-incident--unknown-state = Incidente di stato sconosciuto ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Inizio non indicato
           *[other] Dal { $since }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        } La fonte non dice con parole note se è ancora aperto.
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = Consultare la pagina di stato ({ $link }).
status-incident--ok = Nessun incidente aperto riguarda questi componenti
    .detail = { $others ->
            [0] Nessun incidente è aperto.
            [one] { $others } incidente aperto riguarda altri servizi.
           *[other] { $others } incidenti aperti riguardano altri servizi.
        }
status-incident--unknown = Questa fonte non dice quali incidenti sono aperti
    .detail = { $subject } non contiene un elenco degli incidenti.
    .remedy = Indicare la base della pagina, ad esempio https://status.webex.com/, o il suo index.json.

status-maintenance = Manutenzione in corso ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Inizio non indicato
           *[other] Dal { $since }
        }{ $until ->
            [none] {""}
           *[other] , prevista fino al { $until }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        } Interessati: { $components ->
            [none] non indicato
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; aree: { $regions }.
        }
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = Attendere la fine della manutenzione ({ $link }) e informare il cliente. Inoltrare il caso solo se il guasto persiste dopo la fine.
status-maintenance--unclear = Manutenzione in corso che non cita componenti ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Inizio non indicato
           *[other] Dal { $since }
        }{ $until ->
            [none] {""}
           *[other] , prevista fino al { $until }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        }
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = Confrontare il testo con il guasto ({ $link }).
status-maintenance--soon = Manutenzione entro 24 ore ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Inizio non indicato
           *[other] Dal { $since }
        }{ $until ->
            [none] {""}
           *[other] { " " }al { $until }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        } Interessati: { $components ->
            [none] non indicato
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; aree: { $regions }.
        }
    .remedy = Informare i clienti interessati ({ $link }).
status-maintenance--ok = Nessuna manutenzione di questi componenti ora o entro 24 ore
    .detail = Secondo la pagina di stato.
status-maintenance--unknown = Questa fonte non dice quali manutenzioni sono previste
    .detail = { $subject } non contiene un elenco delle manutenzioni.
    .remedy = Indicare la base della pagina, ad esempio https://status.webex.com/, o il suo index.json.

status-incident-at-time = Incidente al momento del guasto ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Guasto: { $first }.
           *[frame] Guasto: dal { $first } al { $last }.
        } Incidente: dal { $since } { $until ->
            [none] a ora, ancora aperto
           *[other] al { $until }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        }
        { $kind ->
            [instant] L'incidente era aperto in quel momento.
           *[frame] Sovrapposizione: { $minutes } min, dal { $from } al { $to }.
        } Interessati: { $components ->
            [none] non indicato
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; aree: { $regions }.
        }
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = Confrontare il testo con il guasto. Se corrisponde, l'incidente spiega il guasto: seguire l'incidente ({ $link }) e informare il cliente. Inoltrare solo ciò che resta dopo la sua fine.
status-incident-at-time--maintenance = Manutenzione al momento del guasto ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Guasto: { $first }.
           *[frame] Guasto: dal { $first } al { $last }.
        } Manutenzione: dal { $since } { $until ->
            [none] a ora, non ancora terminata
           *[other] al { $until }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        }
        { $kind ->
            [instant] Era in corso in quel momento.
           *[frame] Sovrapposizione: { $minutes } min, dal { $from } al { $to }.
        } Interessati: { $components ->
            [none] non indicato
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; aree: { $regions }.
        }
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = Confrontare il testo con il guasto ({ $link }). Se corrisponde, la manutenzione lo spiega. Inoltrare solo ciò che resta dopo la sua fine.
status-incident-at-time--unclear = Al momento del guasto, senza componente indicato: { $name }
    .detail =
        { $kind ->
            [instant] Guasto: { $first }.
           *[frame] Guasto: dal { $first } al { $last }.
        } Pubblicato: dal { $since } { $until ->
            [none] a ora, ancora aperto
           *[other] al { $until }
        }{ $numbers ->
            [none] .
           *[other] ; numero { $numbers }.
        }
        { $kind ->
            [instant] Era aperto in quel momento.
           *[frame] Sovrapposizione: { $minutes } min, dal { $from } al { $to }.
        }
        { $update ->
            [none] Nessun aggiornamento pubblicato finora.
           *[other] Ultimo aggiornamento ({ $updated }): { $update }
        }
    .remedy = Confrontare il testo con il guasto ({ $link }).
status-incident-at-time--ok = Nessun incidente e nessuna manutenzione Webex al momento del guasto
    .detail = { $kind ->
            [instant] { $first }
           *[frame] Dal { $first } al { $last }
        }: nulla che citi questi componenti si sovrappone.
status-incident-at-time--unknown = Non si sa se Webex avesse un incidente al momento del guasto
    .detail = { $kind ->
            [instant] Per { $first }
           *[frame] Per il periodo dal { $first } al { $last }
        } { $what ->
            [incidents] l'elenco degli incidenti non risale abbastanza indietro
            [maintenances] l'elenco delle manutenzioni non risale abbastanza indietro
           *[both] gli elenchi di incidenti e manutenzioni non risalgono abbastanza indietro
        }{ $known ->
            [none] , oppure questa fonte non ne ha.
           *[other] ; comincia il { $known }.
        } Ciò che è noto non si sovrappone.
    .remedy = Consultare la cronologia della pagina di stato ({ $subject }).

status-incident-at-time--skew = Gli orologi differiscono troppo per dire se vi è sovrapposizione ({ $who }): { $name }
    .detail = { $kind ->
            [instant] Guasto: { $first }.
           *[frame] Guasto: dal { $first } al { $last }.
        } Pubblicato: dal { $since } { $until ->
            [none] a ora, ancora aperto
           *[other] al { $until }
        }. Letti così non si sovrappongono. Ma rispetto alla pagina di stato questa macchina è { $direction ->
            [behind] indietro
           *[ahead] avanti
        } di { $seconds } s: un orario letto dal suo orologio è sbagliato di altrettanto, e allora si sovrappongono.
    .remedy = Chiarire da quale orologio proviene l'orario del guasto, regolare l'orologio di questa macchina con NTP e indicare l'orario corretto con --at oppure --since e --until.

status-watch-gone = finito: { $title }
status-watch-started = { $source } viene osservata ogni { $seconds } s; si stampano i cambiamenti. Ctrl-C termina.

timeline-title = Linea del tempo
timeline-fault = Guasto
## certs

tls-connect = Nessuna connessione a { $subject }
    .detail = Visto da questa macchina: { $reason ->
        [dns] il nome { $host } non viene risolto.
        [dns-silent] il server dei nomi non ha risposto alla richiesta di { $host }.
        [refused] { $address } rifiuta le connessioni sulla porta { $port }.
        [unreachable] non c'è alcun percorso verso { $address }.
        [timeout-connect] { $address } non risponde sulla porta { $port } entro il tempo limite.
        [internal] la prova stessa è fallita ({ $words }).
       *[other] nessuna connessione a { $address } sulla porta { $port } ({ $words }).
    }
    .remedy = { $reason ->
        [dns] Controllare l'ortografia e la voce DNS di { $host }. Anche Webex deve poter risolvere il nome.
        [dns-silent] Controllare i server dei nomi di questa macchina (/etc/resolv.conf) e il percorso per raggiungerli.
        [refused] Controllare sull'XSP che l'interfaccia sia in ascolto sulla porta { $port } e che il servizio sia attivo.
        [internal] Ripetere con --verbose; se succede di nuovo, segnalarlo come errore di questo programma.
       *[other] Controllare instradamento e firewall tra questa macchina e { $address }. Webex si connette dalle proprie reti: provare anche dall'esterno.
    }
tls-connect--ok = { $subject } è raggiungibile
tls-handshake = { $subject } non parla TLS come previsto
    .detail = Visto da questa macchina: { $reason ->
        [timeout-handshake] { $address } accetta la connessione e poi tace.
        [slow-peer] { $address } risponde così lentamente che l'handshake non termina entro il tempo limite.
        [reset] { $address } chiude la connessione durante l'handshake.
        [not-tls] ciò che risponde sulla porta { $port } di { $address } non è TLS.
        [protocol-version] { $address } e questo programma non hanno versioni TLS in comune.
        [alert] { $address } interrompe l'handshake con l'avviso TLS { $alert }.
       *[other] l'handshake con { $address } è fallito ({ $words }).
    }
    .remedy = { $reason ->
        [not-tls] Controllare che l'interfaccia sulla porta { $port } sia impostata come sicura.
        [protocol-version] Attivare TLS 1.2 su questa interfaccia.
        [alert] Cercare nel log dell'XSP lo stesso istante: vi è scritto perché l'handshake è stato rifiutato.
       *[other] Controllare se il servizio è bloccato o sovraccarico e se un firewall o un bilanciatore interrompe la connessione.
    }
tls-handshake--ok = L'handshake TLS con { $subject } riesce
tls-protocol = { $subject } non offre TLS 1.2
    .detail = Offerto: { $versions }. Webex negozia TLS 1.2 o successivo e niente di più vecchio.
    .remedy = Attivare TLSv1.2. Vale l'impostazione più specifica: { $contexts }
tls-protocol--ok = { $subject } offre { $versions }
tls-legacy-protocol = { $subject } offre ancora { $versions }
    .detail = Queste versioni sono superate (RFC 8996). Webex non le usa, un aggressore potrebbe farlo.
    .remedy = Rimuoverle dove sono impostate; vale l'impostazione più specifica: { $contexts }
tls-legacy-protocol--ok = { $subject } rifiuta TLS 1.1 e precedenti
tls-legacy-protocol--unknown = Non si è potuto vedere se { $subject } offre TLS 1.1 o precedenti
    .detail = Il server non ha risposto chiaramente alla prova con le vecchie versioni.
    .remedy = Verificare le versioni nella riga di comando di BroadWorks.
tls-cipher = { $subject } sceglie la cifratura debole { $cipher }
    .detail = Non ha forward secrecy oppure è stata violata. Webex potrebbe rifiutare la connessione.
    .remedy = Consentire cifrature ECDHE con AES-GCM; vale l'impostazione più specifica: { $contexts }
tls-cipher--ok = Cifratura di { $subject }: { $cipher }
tls-mixed-addresses = Gli indirizzi di { $subject } non sono tutti uguali
    .detail = { $aspect ->
        [reachable] La raggiungibilità è diversa: { $different } rispetto a { $others }.
        [certificate] { $different } mostra un certificato diverso da { $others }.
        [chain] { $different } fornisce certificati intermedi diversi da { $others }.
        [versions] { $different } offre versioni TLS diverse da { $others }.
        [client-auth] { $different } e { $others } differiscono nel richiedere il certificato client.
       *[accepted-names] { $different } accetta per i certificati client nomi di CA diversi da { $others }.
    }
    .remedy = Rendere uguali tutti i membri: un membro dimenticato fallisce solo ogni tanto ed è difficile da trovare.
tls-mixed-addresses--ok = Tutti i { $count } indirizzi di { $subject } sono uguali
tls-clock-skew = L'orologio di { $subject } è sbagliato di { $seconds } secondi
    .detail = { $direction ->
        [behind] È indietro rispetto all'orologio di questa macchina.
       *[ahead] È avanti rispetto all'orologio di questa macchina.
    }
    .remedy = Controllare NTP sull'XSP e su questa macchina. Token e certificati vengono verificati in base all'ora.
tls-clock-skew--ok = L'orologio di { $subject } è giusto ({ $seconds ->
        [one] { $seconds } secondo
       *[other] { $seconds } secondi
    } { $direction ->
        [behind] indietro
       *[ahead] avanti
    })
cert-expired = { $element ->
        [leaf] Il certificato di { $subject } è scaduto
        [intermediate] Un certificato intermedio di { $subject } è scaduto
       *[root] Il certificato radice di { $subject } è scaduto
    }
    .detail = { $name } era valido fino al { $until } ({ $days ->
        [one] { $days } giorno fa
       *[other] { $days } giorni fa
    }).
    .remedy = { $element ->
        [leaf] Procurarsi un nuovo certificato da una CA pubblica e installarlo con la sua catena: { $cli }
       *[other] Procurarsi la catena attuale dalla CA e installarla insieme al certificato: { $cli }
    }
cert-expired--ok = Il certificato di { $subject } non è scaduto
    .detail = { $name } è valido fino al { $until }.
cert-expires-soon = { $element ->
        [leaf] Il certificato di { $subject } scade tra { $days ->
            [one] { $days } giorno
           *[other] { $days } giorni
        }
        [intermediate] Un certificato intermedio di { $subject } scade tra { $days ->
            [one] { $days } giorno
           *[other] { $days } giorni
        }
       *[root] Il certificato radice di { $subject } scade tra { $days ->
            [one] { $days } giorno
           *[other] { $days } giorni
        }
    }
    .detail = { $name } è valido fino al { $until }. { $days ->
        [one] Resta { $days } giorno
       *[other] Restano { $days } giorni
    } = { $percent } % di { $lifetime } giorni; avviso da { $warn } giorni (= { $warnshare } %), critico da { $critical } giorni (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Ordinare subito un nuovo certificato a una CA pubblica e installarlo con la sua catena: { $cli }
       *[other] Chiedere alla CA la catena successiva e installarla insieme al certificato: { $cli }
    }
cert-expires-soon--hours = Un certificato di { $subject } scade tra { $hours ->
        [one] { $hours } ora
       *[other] { $hours } ore
    }
    .detail = { $name } è valido fino al { $until }. Restano: { $hours } h = { $percent } % di { $lifehours } h; avviso da { $warnhours } h (= { $warnshare } %), critico da { $criticalhours } h (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Ordinare subito un nuovo certificato a una CA pubblica e installarlo con la sua catena: { $cli }
       *[other] Chiedere alla CA la catena successiva e installarla insieme al certificato: { $cli }
    }
cert-expires-soon--ok = Il certificato di { $subject } non scade a breve
    .detail = { $name } è valido fino al { $until }: { $days ->
        [one] resta { $days } giorno
       *[other] restano { $days } giorni
    } = { $percent } % di { $lifetime } giorni; avviso da { $warn } giorni (= { $warnshare } %), critico da { $critical } giorni (= { $criticalshare } %).
cert-not-yet-valid = Un certificato di { $subject } non è ancora valido
    .detail = { $element ->
        [leaf] { $name } è valido dal { $from }, tra { $days ->
            [one] { $days } giorno
           *[other] { $days } giorni
        }.
        [intermediate] Il certificato intermedio { $name } è valido dal { $from }, tra { $days ->
            [one] { $days } giorno
           *[other] { $days } giorni
        }.
       *[root] Il certificato radice { $name } è valido dal { $from }, tra { $days ->
            [one] { $days } giorno
           *[other] { $days } giorni
        }.
    }
    .remedy = Controllare prima l'orologio. Se è giusto, installare il certificato solo quando sarà valido: { $cli }
cert-not-yet-valid--ok = Il certificato di { $subject } è già valido
    .detail = { $name } è valido dal { $from }.
cert-self-signed = Il certificato di { $subject } è autofirmato
    .detail = { $name } si è firmato da sé, valido fino al { $until }. Webex accetta solo certificati di CA pubbliche.
    .remedy = Sostituirlo con il certificato di una CA pubblica: { $cli }
cert-self-signed--one-year = { $subject } ha ancora il certificato autofirmato della prima configurazione
    .detail = { $name } si è firmato da sé e vale un anno, fino al { $until }: un certificato così viene creato quando un'interfaccia è messa in sicurezza per la prima volta. Webex accetta solo certificati di CA pubbliche.
    .remedy = Ordinare a una CA pubblica un certificato per il nome del server e installarlo con la sua catena: { $cli }
cert-self-signed--unknown = Qui non si può verificare se il certificato di { $subject } sia autofirmato
    .detail = { $name } indica sé stesso come emittente, ma la sua firma ({ $signature }) qui non può essere verificata.
    .remedy = Esaminare il certificato con un altro strumento, oppure ordinarne uno a una CA pubblica: { $cli }
cert-self-signed--ok = Il certificato di { $subject } non è autofirmato
    .detail = Emesso da { $issuer }.
cert-not-publicly-trusted = Il certificato di { $subject } non è di una CA pubblica
    .detail = La catena termina con { $root }, che non è tra le radici attendibili ({ $store }).
    .remedy = Ordinare un certificato a una CA pubblica e installarlo con la sua catena: { $cli }
cert-not-publicly-trusted--ok = Il certificato di { $subject } è attendibile
    .detail = Porta alla radice { $root } ({ $store }).
cert-not-publicly-trusted--unknown = Non si può ancora dire se la CA di { $subject } sia pubblica
    .detail = Manca il certificato { $root }, quindi nulla porta a una radice ({ $store }).
    .remedy = Completare prima la catena.
cert-not-publicly-trusted--distrusted = I browser non si fidano del certificato di { $subject }
    .detail = { $name } è stato emesso il { $from } sotto la radice { $root }. { $program } si fida solo di ciò che questa radice ha emesso fino al { $after } ({ $source }). La catena in sé è valida.
    .remedy = Ordinare un certificato a un'altra CA pubblica e installarlo con la sua catena: { $cli }
cert-not-publicly-trusted--distrusted-later = Il prossimo certificato di { $subject } deve venire da un'altra CA
    .detail = { $name } porta alla radice { $root }. { $program } si fida solo di ciò che questa radice ha emesso fino al { $after } ({ $source }); questo certificato è più vecchio e resta buono fino al { $until }.
    .remedy = Scegliere un'altra CA pubblica per il prossimo rinnovo.
cert-host-name = Il certificato di { $subject } è per un altro nome
    .detail = { $host } non è tra i suoi nomi: { $names }.
    .remedy = Usare uno di questi nomi oppure ordinare un certificato che contenga { $host } come Subject Alternative Name: { $cli }
cert-host-name--no-names = Il certificato di { $subject } non indica alcun host
    .detail = Non contiene alcun Subject Alternative Name e quindi non può valere per { $host }.
    .remedy = Ordinare un certificato che contenga { $host } come Subject Alternative Name: { $cli }
cert-host-name--cn-only = Il certificato di { $subject } ha il nome solo nel Common Name
    .detail = { $host } è nel Common Name, ma non ci sono Subject Alternative Name. Il software di oggi guarda solo lì.
    .remedy = Ordinare un certificato che contenga { $host } come Subject Alternative Name: { $cli }
cert-host-name--ok = Il certificato di { $subject } è per { $host }
    .detail = Nomi: { $names }.
cert-host-name--unknown = Il nome host per { $subject } non è stato controllato
    .detail = Un file non dice con quale nome viene fornito. Il suo certificato è { $name }.
    .remedy = Indicare il nome con --host.
cert-weak-key = Una chiave nella catena di { $subject } è troppo debole
    .detail = { $details } ({ $citation }). La chiave del certificato stesso: { $key }.
    .remedy = Creare una nuova chiave RSA di almeno 2048 bit o EC P-256, ordinare un certificato per essa e installarlo: { $cli }
cert-weak-key--ok = La chiave di { $subject } è abbastanza forte
    .detail = { $key }
cert-weak-signature = Una firma nella catena di { $subject } è troppo debole
    .detail = { $details } ({ $citation }). La firma del certificato stesso: { $signature }.
    .remedy = Ordinare un certificato firmato con SHA-256 o migliore: { $cli }
cert-weak-signature--ok = La firma di { $subject } è abbastanza forte
    .detail = { $signature }
cert-key-usage = Il certificato di { $subject } non è fatto per questo uso
    .detail = { $details } ({ $citation }).
    .remedy = Ordinare un certificato per server TLS (serverAuth): { $cli }
cert-key-usage--ok = Il certificato di { $subject } è fatto per i server
cert-validity-period = Il certificato di { $subject } vale più a lungo di quanto le CA pubbliche possano emettere
    .detail = { $details } ({ $citation }).
    .remedy = Ordinare un certificato di durata più breve e automatizzare il rinnovo: { $cli }
cert-validity-period--ok = La durata del certificato di { $subject } è ammessa
    .detail = { $lifetime ->
        [one] { $lifetime } giorno
       *[other] { $lifetime } giorni
    }
cert-revoked = Il certificato di { $subject } è revocato
    .detail = { $name } è stato revocato il { $revoked }: lo dice la lista di revoca di { $issuer } del { $this } (motivo: { $reason }).
    .remedy = Ordinare un nuovo certificato con una nuova chiave e installarlo subito: { $cli }
cert-revoked--issuer = Una CA sopra il certificato di { $subject } è revocata
    .detail = { $name } è stata revocata il { $revoked }: lo dice la lista di revoca di { $issuer } del { $this } (motivo: { $reason }). Nulla di ciò che ha emesso vale più.
    .remedy = Ordinare un nuovo certificato emesso da un'altra CA e installarlo con la sua catena: { $cli }
cert-revoked--ok = Il certificato di { $subject } non è revocato
    .detail = { $name } non è nella lista di revoca di { $issuer }, valida dal { $this } al { $next }.
cert-revoked--unknown = Non si può dire se il certificato di { $subject } sia revocato
    .detail = { $cause ->
        [no-issuer] Senza il certificato dell'emittente { $issuer } nessuna lista di revoca per { $name } si può verificare.
        [unreadable] Una lista di revoca indicata non si può leggere e nessun'altra è di { $issuer }, l'emittente di { $name }.
        [partition] Le liste indicate di { $issuer } riguardano altri certificati e non { $name }.
        [delta] La lista indicata di { $issuer } contiene solo le modifiche rispetto a una precedente.
        [signature] La lista indicata porta il nome di { $issuer }, ma l'ha firmata un'altra chiave oppure è stata modificata.
        [unverifiable] La firma della lista di { $issuer } qui non si può verificare.
        [not-signer] { $issuer } non può firmare liste di revoca (uso della chiave senza cRLSign).
        [unsound] La lista di { $issuer } viola RFC 5280: senza numero, o con una parte critica sconosciuta.
        [not-yet] La lista di { $issuer } vale solo dal { $this }.
        [expired] La lista di { $issuer } valeva solo fino al { $next }.
       *[none] Nessuna delle liste indicate è di { $issuer }, l'emittente di { $name }.
    }
    .remedy = { $cause ->
        [no-issuer] Sistemare prima la catena, o indicare il certificato mancante con --intermediates.
       *[none] Scaricare la lista completa attuale dell'emittente e indicarla con --crl. Da dove, lo dice il certificato: { $place }
    }
cert-revoked--ocsp = Il certificato di { $subject } è revocato
    .detail = { $name } è stato revocato il { $revoked }: lo dice la risposta OCSP che il server stesso allega (motivo: { $reason }).
    .remedy = Ordinare un nuovo certificato con una nuova chiave e installarlo subito: { $cli }
cert-revoked--ocsp-ok = Secondo la risposta OCSP allegata il certificato di { $subject } non è revocato
    .detail = { $name }: firmata da { $responder }, valida dal { $this } al { $next }.
cert-revoked--ocsp-unknown = La risposta OCSP allegata da { $subject } non dice se il certificato è revocato
    .detail = { $cause ->
        [unknown-status] Il risponditore { $responder } non conosce { $name }.
        [malformed] La risposta non rispetta il formato.
        [error] Il risponditore ha risposto con un errore.
        [no-issuer] Manca l'emittente di { $name }, quindi la risposta non può essere verificata.
        [other-certificate] La risposta riguarda un certificato diverso da { $name }.
        [responder] { $responder } non può rispondere per l'emittente di { $name }.
        [responder-expired] Il certificato del risponditore { $responder } non è valido in questo momento.
        [signature] La firma della risposta è sbagliata.
        [unverifiable] La firma della risposta usa un algoritmo che qui non può essere verificato.
        [not-yet] La risposta vale solo dal { $this }: un orologio è sbagliato.
       *[expired] La risposta valeva dal { $this } al { $next } ed è scaduta.
    }
    .remedy = { $cause ->
        [no-issuer] Sistemare prima la catena.
        [unknown-status] Chiedere alla CA se ha emesso questo certificato.
        [other-certificate] Riavviare l'interfaccia: allega la risposta del certificato precedente.
       *[other] Verificare che il server raggiunga il suo risponditore OCSP e che il suo orologio sia giusto, oppure disattivare l'allegato.
    }
cert-seen = { $what ->
    [trailing] dopo il certificato seguono { $bytes } byte
    [not-a-certificate] non è un certificato ({ $words })
    [dates] le date sono fuori intervallo
    [extension-twice] l'estensione { $oid } compare due volte
    [extension-malformed] l'estensione { $oid } non è leggibile ({ $words })
    [names-malformed] un nome alternativo (SAN) non è leggibile
    [version] versione X.509 { $version }
    [serial-zero] il numero di serie è zero
    [serial-negative] il numero di serie è negativo
    [serial-long] il numero di serie ha { $octets } ottetti, più di 20
    [algorithms-differ] sono indicati due algoritmi di firma diversi
    [authority-id-critical] l'identificativo della chiave dell'emittente è marcato come critico
    [authority-id-missing] manca l'identificativo della chiave dell'emittente
    [authority-id-without-key] l'identificativo della chiave dell'emittente non indica alcuna chiave
    [subject-id-critical] l'identificativo della propria chiave è marcato come critico
    [subject-id-missing] una CA senza identificativo della propria chiave
    [constraints-missing] una CA senza vincoli di base
    [constraints-not-critical] i vincoli di base non sono marcati come critici
    [constraints-not-ca] secondo i vincoli di base non è una CA
    [usage-signs] può firmare certificati (keyCertSign) senza essere una CA
    [usage-does-not-sign] una CA che non può firmare certificati (manca keyCertSign)
    [usage-empty] l'uso della chiave è vuoto
    [names-missing] non c'è alcun nome alternativo (SAN)
    [common-name] il common name { $other } non è tra i nomi alternativi (SAN)
    [extended-not-server] non è per server (manca serverAuth)
    [extended-any] per qualsiasi scopo (anyExtendedKeyUsage)
    [extended-root] un certificato radice con uso esteso della chiave
    [extended-critical] l'uso esteso della chiave è marcato come critico
    [extended-refuses] è stato emesso per un altro scopo (uso esteso della chiave)
    [rsa-small] chiave RSA di { $bits } bit, meno di 2048
    [rsa-odd] chiave RSA di { $bits } bit, non divisibile per 8
    [curve] la curva { $curve } non è ammessa
    [curve-unnamed] la curva non è indicata per nome
    [key-type] le chiavi di tipo { $type } non sono ammesse
    [signature] firmato con { $signature }
    [validity] valido { $days } giorni; per i certificati emessi dal { $since } ne sono ammessi al massimo { $max }
    [root-id-without-key] l'identificativo dell'emittente di un certificato radice non indica alcuna chiave
    [root-id-issuer] l'identificativo dell'emittente di un certificato radice indica emittente e numero di serie
    [root-id-other-key] l'identificativo dell'emittente di un certificato radice indica un'altra chiave
    [name-limits] un vincolo sui nomi (name constraints) è violato
    [name-limits-not-ca] vincoli sui nomi in un certificato che non è una CA
    [name-limits-empty] vincoli sui nomi che non vincolano nulla
    [name-limits-period] un vincolo sui nomi host comincia con un punto
    [name-limits-not-critical] i vincoli sui nomi non sono marcati come critici
    [policy-not-critical] i vincoli sui criteri non sono marcati come critici
    [names-not-critical] il soggetto è vuoto e i nomi alternativi (SAN) non sono marcati come critici
    [extension-unknown] l'estensione critica { $oid } non è nota
    [name-syntax] il nome { $other } contiene caratteri che i nomi host non hanno
    [unreadable] nessun certificato leggibile
    [unverifiable] un algoritmo di firma non è verificabile qui
    [self-signed] il certificato si è firmato da solo e non è un'ancora di fiducia
    [private-root] la catena termina con un certificato radice che non è un'ancora di fiducia
    [issuer-missing] l'emittente { $other } non è tra i certificati
    [issuer-unknown] l'emittente { $other } non è né tra i certificati né un'ancora di fiducia
    [no-path] nessun percorso porta a un'ancora di fiducia
    [expired] un certificato del percorso è scaduto ({ $date })
    [not-yet-valid] un certificato del percorso è valido solo dal { $date }
    [other-name] il nome non è tra quelli del certificato: { $other }
    [no-name] non c'è alcun nome alternativo (SAN) con cui confrontare
    [bad-signature] una firma non corrisponde alla chiave dell'emittente
    [path-too-long] il percorso è più lungo di quanto una CA consenta
    [path-too-deep] il percorso ha più certificati intermedi di quanti ne consenta --max-depth
    [issuer-no-ca] un certificato che non è una CA ne ha emesso un altro
    [ca-as-server] un certificato di CA è usato come certificato del server
    [revoked] è revocato
    [list-unsound] la lista di revoca non rispetta le regole
    [revoked-stapled] è revocato secondo la risposta OCSP allegata
    [algorithm] l'algoritmo di firma non è accettabile
    [algorithm-key] l'algoritmo di firma non corrisponde alla chiave, o il tipo di chiave non è accettabile
    [distrusted] { $program } considera attendibile solo quanto emesso da { $other } fino al { $date }
    [no-current-version] non è offerto né TLS 1.2 né TLS 1.3
    [cipher] la cifratura { $other } non è tra quelle offerte da Webex
    [not-requested] non viene richiesto alcun certificato client
   *[other-rule] un'altra regola è violata ({ $words })
    }
cert-seen-of = { $name }: { $seen }
cert-seen-cited = { $seen } ({ $citation })
cert-citation = { $document }, sezione { $section }
cert-citation-since = { $citation }, dal { $since }
cert-malformed = Il certificato { $position } di { $subject } è difettoso
    .detail = { $name }: { $faults }
    .remedy = Far emettere di nuovo il certificato e installarlo così come è arrivato dalla CA: { $cli }
cert-malformed--ok = I certificati di { $subject } sono ben formati
cert-malformed--unknown = { $subject } non contiene certificati
    .detail = Vi sono state trovate solo chiavi o liste di revoca.
    .remedy = Indicare il file con il certificato.
chain-incomplete = { $subject } non fornisce il suo certificato intermedio
    .detail = { $known ->
        [both] Manca: { $missing } (identificativo della chiave { $keyid }, disponibile presso { $url }).
        [key] Manca: { $missing } (identificativo della chiave { $keyid }).
        [place] Manca: { $missing } (disponibile presso { $url }).
       *[none] Manca: { $missing }.
    } Senza di esso { $name } non può essere verificato.
    .remedy = Mettere il certificato mancante dopo quello del server nel file della catena e installarli entrambi: { $cli }
chain-incomplete--ok = La catena di { $subject } è completa
chain-incomplete--at-hand = { $subject } non fornisce il suo certificato intermedio, che però è disponibile
    .detail = Manca: { $missing } (identificativo della chiave { $keyid }). I file indicati lo contengono: { $found }. { $whole ->
        [yes] Con esso la catena è completa.
       *[no] Poi manca ancora { $still }.
    }
    .remedy = Metterlo dopo il certificato del server nel file della catena (--write-chain scrive quel file) e installarli entrambi: { $cli }
chain-incomplete--fetched = { $subject } non fornisce il suo certificato intermedio
    .detail = Manca: { $missing } (identificativo della chiave { $keyid }). È stato scaricato da { $url }: { $found }. { $whole ->
        [yes] Con esso la catena è completa.
       *[no] Poi manca ancora { $still }.
    }
    .remedy = { $count ->
        [one] Metterlo dopo il certificato del server nel file della catena (--write-chain scrive quel file) e installarli entrambi: { $cli }
       *[other] Mettere questi { $count } certificati, in quest'ordine, dopo il certificato del server nel file della catena (--write-chain scrive quel file) e installarli: { $cli }
    }
chain-incomplete--not-fetched = { $subject } non fornisce il suo certificato intermedio, e non è stato possibile scaricarlo
    .detail = Manca: { $missing } (identificativo della chiave { $keyid }). { $url }: { $cause ->
        [scheme] non è un indirizzo http, quindi non è stato chiesto.
        [not-a-certificate] ciò che è arrivato non è un certificato.
        [limit] non chiesto, le richieste erano già troppe.
        [too-large] ciò che è arrivato è troppo grande per un certificato.
        [http-status] il server ha risposto con lo stato HTTP { $status }.
        [timeout] nessuna risposta entro il tempo limite.
        [dns] il nome non si risolve.
        [refused] la connessione è rifiutata.
        [fetched] ciò che è arrivato non è l'emittente.
       *[other] nessuna risposta ({ $cause }).
    }
    .remedy = Procurarsi il certificato dalla CA, metterlo dopo quello del server nel file della catena e installarli entrambi: { $cli }
chain-order = La catena di { $subject } è nell'ordine sbagliato
    .detail = Fornita: { $served }. Giusta: { $right }.
    .remedy = Scrivere il file della catena nell'ordine giusto, prima il certificato del server, e installarlo: { $cli }
chain-order--ok = La catena di { $subject } è nell'ordine giusto
chain-unrelated = { $subject } fornisce certificati che non appartengono alla sua catena
    .detail = { $count ->
        [one] Non appartiene: { $certificates }
       *[other] Non appartengono: { $certificates }
    }
    .remedy = Rimuoverli dal file della catena: { $cli }
chain-unrelated--ok = Tutti i certificati di { $subject } appartengono alla sua catena
chain-unrelated--other-key = { $subject } fornisce un emittente con il nome giusto e la chiave sbagliata
    .detail = { $count ->
        [one] { $certificates } porta il nome di un emittente, ma non ha firmato.
       *[other] { $certificates } portano il nome di un emittente, ma non hanno firmato.
    } Probabilmente la CA ha rinnovato il suo certificato intermedio.
    .remedy = Procurarsi dalla CA il certificato intermedio che corrisponde a questo certificato del server e installarlo: { $cli }
chain-unrelated--duplicate = { $subject } fornisce un certificato due volte
    .detail = { $count ->
        [one] Superfluo: { $certificates }
       *[other] Superflui: { $certificates }
    }
    .remedy = Rimuovere la seconda copia dal file della catena: { $cli }
chain-unrelated--needless-root = { $subject } fornisce anche il suo certificato radice
    .detail = { $certificates } non deve essere fornito: chi se ne fida lo ha già. Non fa danno.
    .remedy = Al prossimo rinnovo si può omettere dal file della catena.
chain-invalid = La catena di { $subject } non è valida
    .detail = { $details } ({ $citations }).
    .remedy = Far emettere di nuovo il certificato da una CA pubblica e installarlo con la catena fornita dalla CA: { $cli }
chain-invalid--ok = La catena di { $subject } è valida
chain-invalid--profile = La catena di { $subject } si discosta dal profilo dei certificati
    .detail = In termini tecnici: { $details }
    .remedy = Per ora non c'è nulla da fare. Segnalarlo alla CA al prossimo rinnovo.
chain-invalid--unverifiable = Alcune firme nella catena di { $subject } non possono essere verificate qui
    .detail = { $certificates }: questo programma non può verificare { $signature } con la chiave dell'emittente. Ciò non significa né che la catena sia buona né che sia cattiva.
    .remedy = Verificare la catena con un altro strumento. Al prossimo rinnovo ordinare un certificato con RSA, oppure con EC P-256 o P-384.
trust-expired = Un'ancora di fiducia Webex in { $subject } è scaduta
    .detail = { $name } era valido fino al { $until } ({ $days ->
        [one] { $days } giorno fa
       *[other] { $days } giorni fa
    }).
    .remedy = Scaricare la catena attuale da Partner Hub (Impostazioni, BroadWorks Calling), dividerla in un file per ogni certificato e caricarli uno per uno: { $cli }
trust-expired--ok = Nessuna ancora di fiducia in { $subject } è scaduta
    .detail = La prima è valida fino al { $until }.
trust-expires-soon = Un'ancora di fiducia Webex in { $subject } scade tra { $days ->
        [one] { $days } giorno
       *[other] { $days } giorni
    }
    .detail = { $name } è valido fino al { $until }. Restano { $days } giorni = { $percent } % di { $lifetime } giorni; avviso da { $warn } giorni, critico da { $critical } giorni.
    .remedy = Scaricare la catena attuale da Partner Hub (Impostazioni, BroadWorks Calling), dividerla e caricarla accanto alla vecchia con un nuovo alias: { $cli }
trust-expires-soon--ok = Nessuna ancora di fiducia in { $subject } scade a breve
    .detail = La prima è valida fino al { $until }.
trust-not-yet-valid = Un'ancora di fiducia Webex in { $subject } non è ancora valida
    .detail = { $name } è valido dal { $from }.
    .remedy = Controllare l'orologio. Fino ad allora lasciare caricata la vecchia catena.
trust-not-yet-valid--ok = Tutte le ancore di fiducia in { $subject } sono già valide
    .detail = La prima è valida fino al { $until }.
trust-root-missing = Manca la radice di una CA emittente in { $subject }
    .detail = { $name } è stato emesso da { $issuer }, che non è in nessuno dei file di fiducia.
    .remedy = Caricare anche l'altra parte del file della catena: { $cli }
trust-root-missing--ok = La radice è nei file di fiducia ({ $subject })
trust-intermediate-missing = Manca la CA emittente di una radice in { $subject }
    .detail = Nessun certificato nei file di fiducia è stato emesso da { $name }.
    .remedy = Caricare anche l'altra parte del file della catena: { $cli }
trust-intermediate-missing--ok = La CA emittente è nei file di fiducia ({ $subject })
trust-not-a-ca = { $subject } contiene un certificato che non è una CA
    .detail = { $name } non può essere un'ancora di fiducia per altri certificati.
    .remedy = Prendere il file della catena da Partner Hub, non il certificato di un server, e caricarlo: { $cli }
trust-not-a-ca--ok = Solo certificati di CA in { $subject }
trust-private-key = { $subject } contiene una chiave privata
    .detail = { $count ->
        [one] È stata trovata { $count } chiave privata.
       *[other] Sono state trovate { $count } chiavi private.
    } Un file di fiducia non ne ha bisogno. La chiave non viene inserita nei pacchetti.
    .remedy = Rimuovere la chiave dal file. Se il file è stato trasmesso ad altri, sostituire la chiave e il suo certificato.
trust-private-key--ok = Nessuna chiave privata in { $subject }
trust-duplicate = { $subject } contiene un certificato che c'è già
    .detail = { $name } è anche in { $other }.
    .remedy = Caricare ogni certificato una volta; una seconda copia non fa danno.
trust-duplicate--ok = Nessun certificato doppio in { $subject }
trust-unsplit = { $subject } va diviso prima di caricarlo
    .detail = { $count } certificati sono in un solo file. BroadWorks ne legge uno solo per alias.
    .remedy = Scrivere ogni certificato in un proprio file e caricarli ciascuno con il proprio alias: { $cli }
trust-unsplit--ok = { $subject } contiene un solo certificato
mtls-not-requested = { $subject } non richiede un certificato client
    .detail = Qui Webex si identifica con un certificato client. Se non viene richiesto, chiunque può connettersi oppure l'applicazione rifiuta Webex.
    .remedy = Attivare l'autenticazione del client per questa interfaccia: { $cli }
mtls-not-requested--ok = { $subject } richiede un certificato client
mtls-not-requested--unknown = Non si è potuto vedere se { $subject } richiede un certificato client
    .detail = L'handshake è terminato prima.
    .remedy = Sistemare prima la connessione, poi ripetere.
mtls-webex-ca-not-accepted = { $subject } non accetta la CA di Webex
    .detail = Del file della catena Webex, nulla di { $missing } è tra i { $count } nomi accettati: { $names }. Webex non verrà ammesso.
    .remedy = Caricare la catena della CA di Webex, un certificato per alias, e riavviare l'interfaccia: { $cli }
mtls-webex-ca-not-accepted--ok = { $subject } accetta la CA di Webex
    .detail = Tra i { $count } nomi accettati: { $present }.
mtls-webex-ca-not-accepted--partly = { $subject } accetta la CA di Webex
    .detail = { $present } è tra i { $count } nomi accettati, { $missing } no. Per l'handshake ne basta uno.
    .remedy = Caricare anche l'altra parte della catena: { $cli }
mtls-webex-ca-not-accepted--old-generation = { $subject } accetta solo la vecchia CA di Webex
    .detail = Accettati fino al { $until }: { $old }. Della catena attuale non accettati: { $missing }. La connessione si interromperà quando Webex passerà alla nuova.
    .remedy = Caricare la catena attuale accanto alla vecchia, con nuovi alias: { $cli }
mtls-webex-ca-not-accepted--same-names = Dall'esterno non si può stabilire quale CA di Webex { $subject } accetti
    .detail = La vecchia e la nuova catena portano gli stessi nomi ({ $present }); il server invia solo nomi.
    .remedy = Confrontare le impronte sull'XSP: { $cli } (get le elenca)
mtls-webex-ca-not-accepted--unknown = Non è stato controllato se { $subject } accetta la CA di Webex
    .detail = Non è stato indicato alcun file della catena Webex per il confronto. Nomi accettati: { $names }
    .remedy = Indicare il file della catena di Partner Hub con --trust o in [trust] webex_ca nella configurazione.
mtls-accepted-cas-unknown = { $subject } non dice quali CA accetta
    .detail = Richiede un certificato client con un elenco vuoto. Dall'esterno non si può stabilire se la CA di Webex sia caricata.
    .remedy = Confrontare le ancore di fiducia sull'XSP con il file della catena: { $cli } (get le elenca)
mtls-accepted-cas-unknown--ok = { $subject } indica le CA che accetta ({ $count })
tls-mixed-addresses--installed = { $subject } non fornisce il certificato installato
    .detail = Fornito: { $served }, valido fino al { $until }. In { $path }: { $installed }, valido fino al { $other }. Probabilmente il certificato è stato rinnovato ma non caricato.
    .remedy = Caricare il certificato e riavviare l'interfaccia: { $cli }
tls-mixed-addresses--installed-ok = { $subject } fornisce il certificato installato
    .detail = È quello in { $path }.
tls-mixed-addresses--installed-older = { $subject } fornisce un certificato più recente di quello su disco
    .detail = Fornito: { $served }, valido fino al { $until }. In { $path }: { $installed }, valido fino al { $other }. Il prossimo riavvio può riportare quello più vecchio.
    .remedy = Mettere anche in { $path } il certificato fornito, oppure indicare il file davvero installato: { $cli }
tls-mixed-addresses--installed-other = { $subject } fornisce un certificato del tutto diverso da quello su disco
    .detail = Fornito: { $served }, valido fino al { $until }. In { $path }: { $installed }, valido fino al { $other }. Non hanno alcun nome in comune.
    .remedy = Verificare se { $path } appartiene a questa interfaccia e installare il certificato giusto: { $cli }
tls-mixed-addresses--installed-none = Nessuno dei file corrisponde al certificato di { $subject }
    .detail = Fornito: { $served }. { $count ->
        [one] È stato confrontato { $count } file; non ha nessuno dei suoi nomi.
       *[other] Sono stati confrontati { $count } file; nessuno ha uno dei suoi nomi.
    }
    .remedy = Indicare il file con il certificato di questo server.
tls-mixed-addresses--earlier-ok = { $subject } fornisce lo stesso certificato del pacchetto
    .detail = È quello in { $path }, valido fino al { $until }.
tls-mixed-addresses--earlier-renewed = Il certificato di { $subject } è stato rinnovato dopo il pacchetto
    .detail = In { $path }: { $installed }, valido fino al { $other }. Ora: { $served }, valido fino al { $until }.
    .remedy = Non c'è nulla da fare, se il rinnovo era voluto.
tls-mixed-addresses--earlier-older = { $subject } è tornato a un certificato più vecchio dopo il pacchetto
    .detail = In { $path }: { $installed }, valido fino al { $other }. Ora: { $served }, valido fino al { $until }.
    .remedy = Installare di nuovo il certificato più recente: { $cli }
tls-mixed-addresses--odd-one = { $subject } è diverso dagli altri XSP
    .detail = { $aspect ->
        [certificate] Qui viene mostrato un certificato ({ $own }) diverso da quello di { $others } ({ $usual }), benché ciascuno valga per tutti questi nomi.
        [issuer] Il suo certificato viene da { $own }; quello di { $others } da { $usual }.
        [expiry] Il suo certificato scade il { $own }; quelli di { $others } scadono tutti il { $usual }.
        [length] Qui i certificati forniti sono { $own }; da { $others } { $usual }.
        [versions] Qui si offre { $own }; da { $others } { $usual }.
        [client-auth] Differisce da { $others } nel chiedere un certificato client ({ $own }; gli altri: { $usual }).
       *[accepted-names] Accetta altri nomi di CA per i certificati client: { $own }. Gli altri ({ $others }): { $usual }.
    }
    .remedy = Verificare se questo XSP è stato dimenticato all'ultima modifica e renderlo uguale agli altri.
tls-mixed-addresses--farm = Gli XSP sono diversi: { $subject }
    .detail = { $aspect ->
        [certificate] Qui viene mostrato un certificato ({ $own }) diverso da quello di { $others } ({ $usual }), benché ciascuno valga per tutti questi nomi.
        [issuer] Il certificato viene da { $own }; quello di { $others } da { $usual }.
        [expiry] Il certificato scade il { $own }; quello di { $others } il { $usual }.
        [length] Qui i certificati forniti sono { $own }; da { $others } { $usual }.
        [versions] Qui si offre { $own }; da { $others } { $usual }.
        [client-auth] Differenza rispetto a { $others } nel chiedere un certificato client ({ $own }; là: { $usual }).
       *[accepted-names] Qui si accettano questi nomi di CA per i certificati client: { $own }. Da { $others }: { $usual }.
    }
    .remedy = Verificare quale sia come deve essere e renderli uguali.
certs-webex-heading = Webex lo accetterebbe?
certs-webex = { $both ->
    [yes-yes] Webex accetterebbe { $target }. Anche questo computer (certificati radice: { $store }).
    [yes-no] Webex accetterebbe { $target }. Questo computer no (certificati radice: { $store }).
    [no-yes] Webex non accetterebbe { $target }: { $reasons }. Questo computer si fiderebbe del certificato (certificati radice: { $store }).
   *[no-no] Webex non accetterebbe { $target }: { $reasons }. Nemmeno questo computer (certificati radice: { $store }).
    }
certs-webex-reason = { $check ->
    [cert-expired] un certificato è scaduto
    [cert-not-yet-valid] un certificato non è ancora valido
    [cert-self-signed] il certificato è autofirmato
    [cert-not-publicly-trusted] il certificato non è di una CA pubblica
    [cert-host-name] il certificato è per un altro nome
    [cert-weak-key] una chiave è troppo debole
    [cert-weak-signature] una firma è troppo debole
    [cert-key-usage] il certificato non è per server
    [cert-revoked] un certificato è revocato
    [cert-malformed] un certificato è difettoso
    [chain-incomplete] manca un certificato intermedio
    [tls-protocol] TLS 1.2 non è offerto
    [tls-cipher] la cifratura non è tra quelle che Webex offre
    [mtls-not-requested] non viene richiesto alcun certificato client
   *[chain-invalid] la catena non è valida
    }
certs-table-state = Stato
certs-table-target = Obiettivo
certs-table-until = Valido fino al
certs-table-days = Giorni
certs-table-protocol = TLS
certs-table-issuer = Emittente
certs-reason = { $reason ->
    [dns] nome sconosciuto
    [refused] rifiutato
    [unreachable] nessun percorso
    [timeout-connect] nessuna risposta
    [timeout-handshake] muto
    [slow-peer] troppo lento
    [reset] connessione chiusa
    [not-tls] non è TLS
    [protocol-version] versione TLS
    [internal] errore interno
   *[other] { $reason }
    }
certs-plugin-ok = { $count ->
    [one] { $count } catena è in ordine; scade
   *[other] { $count } catene sono in ordine; la prima a scadere è quella di { $subject }
    } tra { $days ->
    [one] { $days } giorno
   *[other] { $days } giorni
    } ({ $when } UTC)
certs-plugin-none = non è stato controllato nulla
certs-progress = Connessione
certs-error-threshold = soglia sconosciuta "{ $value }"
    .hint = Scrivere giorni o ore, come 30d o 36h, oppure una quota della durata, come 33%.
certs-error-no-target = nessun obiettivo da controllare
    .hint = Indicare un server (xsp1.example.com, cti://xsp1.example.com) o un file di certificati, oppure elencare i server come [[xsp]] nella configurazione.
certs-error-no-anchors = { $path } non contiene alcuna ancora di fiducia
    .hint = Indicare un file con certificati di CA, oppure "mozilla" o "system".
certs-error-match = { $path } non contiene alcun certificato con cui confrontare
    .hint = Indicare il file con il certificato del server così come è installato.
certs-error-write-chain = nessuna catena da scrivere in { $path }
    .hint = Indicare esattamente un server o un file con un certificato leggibile, e i certificati mancanti con --intermediates.
certs-system-roots = Non è stato possibile leggere tutte le radici del sistema operativo: { $reason }
certs-chain-written = { $count ->
    [one] Catena con { $count } certificato scritta in { $path }. Installarla con: { $cli }
   *[other] Catena con { $count } certificati scritta in { $path }. Installarla con: { $cli }
    }
certs-chain-still-incomplete = La catena in { $path } è ancora incompleta: manca { $missing }
    .hint = Procurarsi questo certificato dalla CA e indicarlo con --intermediates.
help-certs--targets = HOST, HOST:PORTA, https://, cti:// o auth://HOST[:PORTA], oppure un file di certificati; può finire con #ip=INDIRIZZO. Senza: gli [[xsp]] della configurazione
help-certs--trust = File o directory con la catena della CA di Webex installata come ancora di fiducia per il TLS reciproco
help-certs--anchors = Fidarsi di queste radici: un file, "mozilla" o "system"
help-certs--intermediates = Altri certificati di CA che possono stare tra il server e la radice
help-certs--host = Controllare questo nome invece di quello dell'obiettivo; per i file il nome con cui vengono forniti
help-certs--crl = File con liste di revoca
help-certs--max-depth = Consentire al massimo questo numero di certificati intermedi
help-certs--match = Confrontare con questi file di certificati o con un pacchetto precedente (file, cartella, modello, zip): viene anche fornito ciò che è stato installato?
help-certs--write-chain = Scrivere la catena corretta, nell'ordine giusto, in questo file
help-certs--aia = Scaricare gli emittenti mancanti con semplice HTTP da dove i certificati dicono che si trovano, e dire che cosa completa la catena
help-certs--output = Scrivere in questo file invece che sullo standard output: sostituito per intero, leggibile da tutti (0644); per il textfile collector del node exporter il nome termina in .prom

## scan

help-extract--paths = File, cartelle, archivi o modelli; senza indicazione o con "-" si legge lo standard input
extract-heading = { $kind ->
    [tracking-id] ID di tracciamento
    [org] ID organizzazione
    [user-id] ID utente Webex
    [email] Indirizzi e-mail
    [broadworks-user-id] ID utente BroadWorks
    [client-version] Versioni dell'app Webex
    [broadworks-release] Release e patch di BroadWorks
    [control-hub-build] Build di Control Hub
    [error-code] Codici di errore
    [device-id] ID dispositivo
    [call-id] Call-ID
    [time-frame] Intervallo di tempo
   *[files] Letto
    }
extract-role = { $role ->
    [customer] cliente
    [partner] partner
    [user] utente interessato
    [other] altra persona
   *[unknown] ruolo sconosciuto
    }
extract-seen = { $count ->
    [one] una volta, { $place }
   *[other] { $count } volte, la prima { $place }
    }
extract-sure = { $evidence ->
    [label] certo: segue un'etichetta
    [prefix] molto probabile: dal prefisso
   *[shape] probabile: dalla forma
    }
extract-sure-label = certo: segue "{ $label }"
extract-time-frame = da { $first } a { $last } (UTC)
extract-time-note = La prima e l'ultima indicazione di tempo vicino a un errore; senza errori, di tutto.
extract-nothing = Non è stato trovato nulla di ciò che una richiesta di assistenza chiede.
extract-files = { $files ->
    [one] un testo
   *[other] { $files } testi
    } con { $lines ->
    [one] una riga
   *[other] { $lines } righe
    }
extract-omitted = { $count ->
    [one] un'occorrenza non è mostrata perché i valori diversi erano troppi
   *[other] { $count } occorrenze non sono mostrate perché i valori diversi erano troppi
    }
    .hint = Leggere meno file alla volta oppure usare --format ndjson, che elenca ogni occorrenza.
extract-terminal = Incollare il testo, poi premere Ctrl-D su una riga a sé.
extract-progress = Lettura
extract-nothing-read = non è stato possibile leggere nulla
    .hint = I messaggi precedenti dicono che cosa non va in ciascun ingresso.

## redact

redact-key-read = impossibile leggere la chiave di oscuramento { $path }: { $reason }
    .hint = Verificare percorso e permessi, oppure omettere --key per usare la chiave di questa sede.
redact-key-write = impossibile creare la chiave di oscuramento { $path }: { $reason }
    .hint = Rendere scrivibile la directory, indicare una chiave con --key FILE oppure usare --fresh-key.
redact-key-length = { $path } non è una chiave di oscuramento: { $bytes ->
        [one] contiene { $bytes } byte
       *[other] contiene { $bytes } byte
    }; servono 32 byte o 64 cifre esadecimali
    .hint = Indicare il file corretto, oppure eliminarlo perché venga creata una nuova chiave.
redact-key-permissions = la chiave di oscuramento { $path } è leggibile da altri (permessi { $mode })
    .hint = Eseguire «chmod 600» su questo file. Se altri possono averla letta, eliminarla perché ne venga creata una nuova.
redact-key-no-home = non esiste una directory home in cui conservare la chiave di oscuramento
    .hint = Impostare HOME o XDG_STATE_HOME, indicare una chiave con --key FILE oppure usare --fresh-key.
redact-key-random = il sistema operativo non fornisce numeri casuali: { $reason }
    .hint = Indicare una chiave esistente con --key FILE.
redact-policy-kind = [redact] keep: il tipo «{ $kind }» non esiste
    .hint = I tipi sono: { $kinds }.
redact-policy-secret = [redact] keep: i segreti del tipo «{ $kind }» non possono restare leggibili
    .hint = Rimuovere la voce. I segreti vengono sempre mascherati.
redact-policy-pattern = [redact] patterns: «{ $name }» non è un'espressione regolare utilizzabile: { $reason }
    .hint = Correggere l'espressione oppure rimuoverla.
redact-policy-empty = [redact] patterns: «{ $name }» corrisponde anche al testo vuoto
    .hint = Scrivere l'espressione in modo che richieda almeno un carattere, per esempio con + invece di *.
redact-error-binary = non è un file di testo, quindi non è possibile cercarvi dati riservati
    .hint = Estrarlo prima, oppure convertirlo in testo. Una schermata si può allegare con --attach.
redact-error-encoding = la codifica ({ $encoding }) non può essere letta senza perdite
    .hint = Salvare il file in UTF-8.
redact-error-collision = due valori diversi riceverebbero lo stesso pseudonimo
    .hint = Ripetere il comando con --fresh-key.
redact-error-read = impossibile leggere fino alla fine: { $reason }
    .hint = Verificare che il file sia completo e che non venga modificato durante la lettura.
redact-error-certificate = la voce { $number } non è un certificato
    .hint = Solo i certificati vengono trasmessi invariati; rimuovere tutto il resto dal file.
redact-error-picture = non è un'immagine (PNG, JPEG, GIF, WebP)
    .hint = Allegare un'immagine in uno di questi formati, oppure un file di testo.
redact-error-map = è una mappa privata: non deve lasciare questo computer
    .hint = Rimuoverla dall'elenco dei file.
redact-map-read = impossibile leggere la mappa { $path }: { $reason }
    .hint = Indicare il file scritto con --map durante l'oscuramento.
redact-map-write = impossibile scrivere la mappa { $path }: { $reason }
    .hint = Indicare un file in una directory esistente in cui sia possibile scrivere.
redact-map-format = { $path } non è una mappa di questo programma: { $reason }
    .hint = Indicare il file scritto con --map durante l'oscuramento.
help-redact--paths = File o directory; nessuno oppure «-»: standard input
help-redact--output = Scrivere i file oscurati in questa nuova directory, anche con i nomi oscurati
help-redact--preview = Mostrare ogni riga che cambierebbe e contare per tipo; non scrivere nulla
help-redact--map = Scrivere anche la mappa privata degli pseudonimi in questo file; non trasmetterla mai
help-redact--keep = Un valore da lasciare leggibile, o un intero tipo come kind:NOME
help-redact--key = File con la chiave degli pseudonimi; altrimenti quella della sede
help-redact--fresh-key = Usare una nuova chiave, in modo che il risultato non sia collegabile ad altri
help-restore--paths = La risposta del fornitore; nessuno oppure «-»: standard input
help-restore--map = La mappa privata scritta durante l'oscuramento
redact-source-read = impossibile leggere { $file }: { $reason }
    .hint = Verificare il nome e i permessi.
redact-withheld = { $file } viene trattenuto: { $reason }
redact-tree-not-empty = la directory { $path } non è vuota
    .hint = Indicare con -o una nuova directory, in modo da non mescolare file vecchi e nuovi.
redact-tree-write = impossibile scrivere { $path }: { $reason }
    .hint = Verificare lo spazio libero e i permessi della directory di destinazione.
redact-writing = Oscuramento
redact-changed = { $file } è cambiato dopo la prima lettura; i valori aggiunti nel frattempo vengono sostituiti solo dove l’etichetta o la forma li rivela
    .hint = Ripetere quando nessuno scrive nel file, oppure oscurare una copia.
redact-error-encrypted = questo file è cifrato (age), perciò non vi si possono cercare dati riservati
redact-map-recipient = «{ $recipient }» non è un destinatario age
    .hint = Un destinatario comincia con age1; lo mostra «age-keygen -y FILE».
redact-map-identity-read = impossibile leggere l’identità { $path }: { $reason }
    .hint = Indicare il file scritto da age-keygen.
redact-map-identity-none = { $path } non contiene alcuna identità age
    .hint = Indicare il file scritto da age-keygen; ha una riga che comincia con AGE-SECRET-KEY-1.
redact-map-encrypted = la mappa { $path } è cifrata
    .hint = Indicare il file con la propria identità age: --identity FILE.
redact-map-undecryptable = nessuna delle identità può decifrare la mappa { $path }
    .hint = Chiedere per chi è stata cifrata e indicare quell’identità con --identity.
redact-map-expired = la mappa { $path } andava eliminata il { $date }
    .hint = Eliminarla appena il caso è chiuso; le singole persone si cancellano con --forget.
redact-forgotten = { $count ->
        [one] { $count } pseudonimo cancellato
       *[other] { $count } pseudonimi cancellati
    } da { $path }
redact-forgot-nothing = la mappa non ha nulla che stia per { $value }
    .hint = Indicare un valore come era scritto: indirizzo e-mail, numero di telefono, nome o lo pseudonimo.
help-redact--encrypt-to = Cifrare la mappa con age per questo destinatario (age1…); ripetibile
help-bundle--encrypt-to = Cifrare il pacchetto, e anche la mappa, con age per questo destinatario (age1…); ripetibile
help-bundle--encrypt-map-to = Cifrare con age solo la mappa, per questo destinatario (age1…); ripetibile
help-bundle--sign = Firmare il pacchetto con questa chiave privata OpenSSH; la firma viene scritta accanto (.sig)
help-bundle--passphrase-file = File con la passphrase della chiave di firma; altrimenti W4B_SIGN_PASSPHRASE
help-verify--signer = Verificare la firma accanto al pacchetto: file con le chiavi ammesse (allowed_signers di OpenSSH)
help-verify--signature = File con la firma; altrimenti il nome del pacchetto e .sig
help-inspect--identity = File con l’identità age che apre un pacchetto cifrato; ripetibile
help-verify--identity = File con l’identità age che apre un pacchetto cifrato; ripetibile
help-diff--identity = File con l’identità age che apre un pacchetto cifrato; ripetibile
help-upload--identity = File con l’identità age che apre un pacchetto cifrato; ripetibile
help-restore--identity = File con l’identità age che decifra la mappa
help-restore--forget = Cancellare questo valore dalla mappa; ripetibile
redact-learning = Prima passata: raccolta dei valori
redact-map-written = La mappa privata si trova in { $path }. Conservarla; non trasmetterla mai.
redact-summary = { $redacted ->
        [one] { $redacted } valore sostituito
       *[other] { $redacted } valori sostituiti
    } in { $files ->
        [one] { $files } file
       *[other] { $files } file
    }, { $kept } conservati come prova
redact-heading-redacted = Sostituiti
redact-heading-kept = Conservati come prova
redact-restored = { $count ->
        [one] { $count } pseudonimo sostituito
       *[other] { $count } pseudonimi sostituiti
    } con il valore reale
redact-restore-unknown = { $count ->
        [one] { $count } pseudonimo non è
       *[other] { $count } pseudonimi non sono
    } in questa mappa
    .hint = Usare la mappa dello stesso pacchetto. Gli pseudonimi di un'altra chiave non sono reversibili.
redact-kind = { $kind ->
        [tracking-id] ID di tracciamento
        [customer-org] ID delle organizzazioni clienti
        [partner-org] ID delle organizzazioni partner
        [org] ID delle organizzazioni
        [user-id] ID utente Webex
        [broadworks-user-id] ID utente BroadWorks
        [email] indirizzi e-mail
        [client-version] versioni del client
        [broadworks-release] release BroadWorks
        [control-hub-build] build di Control Hub
        [error-code] codici di errore
        [timestamp] orari
        [call-id] Call-ID
        [device-id] ID dei dispositivi
        [fingerprint] impronte e numeri di serie
        [token] token di accesso
        [jwt] JSON Web Token
        [password] password
        [cookie] cookie e ID di sessione
        [sip-digest] campi SIP digest
        [signed-url] parametri di URL firmati
        [private-key] chiavi private
        [phone] numeri di telefono
        [person-name] nomi di persone
        [ip-address] indirizzi IP
        [mac-address] indirizzi MAC
        [host-name] nomi host propri
        [custom] modelli propri
       *[other] { $kind }
    }
redact-self-test-cases = impossibile leggere i casi incorporati: { $reason }
    .hint = È un errore del programma. Si prega di segnalarlo.
bundle-redacted--files = { $redacted ->
        [one] { $redacted } valore sostituito
       *[other] { $redacted } valori sostituiti
    } in { $files ->
        [one] { $files } file
       *[other] { $files } file
    }
    .detail = I segreti sono mascherati, i dati personali sono diventati pseudonimi.
    .remedy = { "" }
bundle-incomplete--withheld = { $subject } è stato trattenuto
    .detail = { $reason }
    .remedy = Convertire il file in testo leggibile e oscurarlo di nuovo, oppure tralasciarlo.
bundle-redacted--self-test-ok = { $group ->
        [secrets] I segreti vengono mascherati
        [personal] I dati personali diventano pseudonimi
        [evidence] Le prove restano leggibili
        [negatives] Il testo comune resta invariato
       *[withheld] I file illeggibili vengono trattenuti
    }
    .detail = { $count ->
        [one] { $count } prova superata.
       *[other] { $count } prove superate.
    }
    .remedy = { "" }
bundle-redacted--self-test-failed = Il caso { $subject } ha dato un risultato errato ({ $form })
    .detail = { $group ->
        [secrets] Nulla è trapelato, ma il testo attorno al segreto è cambiato.
        [personal] Nulla è trapelato, ma lo pseudonimo o il testo attorno non è quello previsto.
        [evidence] Una prova è stata modificata.
        [negatives] Testo comune è stato modificato.
       *[withheld] Il file doveva essere trattenuto.
    }
    .remedy = Segnalarlo con il nome del caso. Guardare l'anteprima prima di condividere un pacchetto.
bundle-secret-left--self-test = Il caso { $subject } lascia trapelare dati ({ $form })
    .detail = { $group ->
        [secrets] Un segreto è rimasto leggibile.
        [personal] Dati personali sono rimasti leggibili.
       *[other] Qualcosa che non deve uscire non è stato fermato.
    }
    .remedy = Non condividere pacchetti creati da questo programma su questo computer. Segnalarlo con il nome del caso.

## case

case-fact--customer-org = ID dell'organizzazione cliente
case-fact--partner-org = ID dell'organizzazione partner
case-fact--tracking-id = ID di tracciamento
case-fact--user-email = Indirizzo e-mail dell'utente
case-fact--client-version = Versione del client
case-fact--time-frame = Intervallo di tempo

case-customer-org = Manca l'ID dell'organizzazione cliente
    .detail = Nei dati forniti non c'è alcun ID dell'organizzazione del cliente. È la prima cosa che Cisco TAC chiede.
    .remedy = Partner Hub, Clienti, aprire il Control Hub del cliente, Account: copiare l'ID dell'organizzazione. In un blocco di errore copiato si trova dopo «View Org ID». Poi indicarlo con --customer-org.
case-customer-org--ok = ID dell'organizzazione cliente: { $value }
    .detail = Da { $source }.
case-customer-org--several = { $count ->
        [one] { $count } ID di organizzazione cliente
       *[other] { $count } ID diversi di organizzazioni clienti
    }
    .detail = Trovati: { $values }. Una richiesta di servizio riguarda un solo cliente.
    .remedy = Stabilire quale cliente riguarda il caso e indicarlo con --customer-org, oppure aprire un caso per ciascun cliente.
case-customer-org--role = È stato trovato un ID di organizzazione, ma non di chi è
    .detail = Trovato senza un'etichetta che indichi cliente o partner: { $values }.
    .remedy = Confrontare con Partner Hub, Clienti, Control Hub del cliente, Account. Indicare l'ID del cliente con --customer-org e il proprio con --partner-org.
case-partner-org = Manca l'ID dell'organizzazione partner
    .detail = Nei dati forniti non c'è alcun ID della propria organizzazione partner.
    .remedy = Accedere a Partner Hub con il proprio account, Account: copiare l'ID dell'organizzazione. In un blocco di errore copiato si trova dopo «Logged-in User Org ID». Poi indicarlo con --partner-org, oppure una volta per tutte nella configurazione come [provider] partner_org.
case-partner-org--ok = ID dell'organizzazione partner: { $value }
    .detail = Da { $source }.
case-partner-org--several = { $count ->
        [one] { $count } ID di organizzazione partner
       *[other] { $count } ID diversi di organizzazioni partner
    }
    .detail = Trovati: { $values }. Di solito l'organizzazione partner è una sola.
    .remedy = Verificare in Partner Hub, Account, qual è la propria e indicarla con --partner-org.
case-partner-org--same = L'ID dell'organizzazione partner e quello del cliente sono uguali
    .detail = Entrambi sono { $value }. È corretto solo se il guasto riguarda la propria organizzazione.
    .remedy = Se il guasto è presso un cliente, aprire il suo Control Hub, Account, e indicare l'ID con --customer-org.
case-tracking-id = Nessun ID di tracciamento
    .detail = Nei dati forniti non c'è alcun ID di tracciamento. Serve solo se il messaggio di errore o la schermata ne mostra uno.
    .remedy = Riguardare il messaggio di errore: premere «Copia» o «Dettagli» in Control Hub, oppure copiare l'intero testo dell'errore. Se contiene un ID di tracciamento, fornire il testo con --text. Se non ne compare nessuno, proseguire senza.
case-tracking-id--ok = { $count ->
        [one] ID di tracciamento: { $value }
       *[other] { $count } ID di tracciamento, il primo { $value }
    }
    .detail = Da { $source }.
case-tracking-id--outside = L'ID di tracciamento non corrisponde all'intervallo di tempo
    .detail = { $value } è del { $at }, l'intervallo va dal { $first } al { $last }.
    .remedy = Verificare se il testo dell'errore riguarda questo guasto. In tal caso correggere l'intervallo con --since e --until.
case-user-email = Manca l'indirizzo e-mail dell'utente
    .detail = Nei dati forniti non c'è l'indirizzo e-mail di alcun utente interessato.
    .remedy = Control Hub, Utenti, aprire l'utente: copiare l'indirizzo e-mail e indicarlo con --user-email. Se sono interessati tutti, indicare un utente come esempio.
case-user-email--ok = Utente: { $value }
    .detail = Da { $source }.
case-user-email--ok-id = Utente per ID Webex: { $value }
    .detail = Da { $source }. TAC può trovare l'utente anche con questo ID; con l'indirizzo e-mail fa prima.
case-user-email--broadworks = È noto solo l'ID BroadWorks dell'utente
    .detail = Noto: { $value }. TAC cerca per indirizzo e-mail o per ID utente Webex.
    .remedy = Partner Hub, modello di onboarding, Mostra stato utente: trovare la riga con questo ID BroadWorks. Oppure Control Hub, Utenti. Poi indicare l'indirizzo e-mail con --user-email.
case-user-email--several = { $count ->
        [one] Indirizzo e-mail di { $count } utente
       *[other] Indirizzi e-mail di { $count } utenti diversi
    }
    .detail = Trovati: { $values }.
    .remedy = Indicare con --user-email il solo utente il cui guasto è descritto meglio; gli altri possono restare nella descrizione.
case-client-version = La versione del client non è nota
    .detail = Non è stata indicata né trovata alcuna versione dell'app Webex. Serve solo se il guasto si vede in un client.
    .remedy = Nell'app Webex: immagine del profilo, Guida, Informazioni su Webex (sul telefono: Impostazioni, Informazioni). Copiare versione e piattaforma e indicarla con --client-version. Se il guasto si vede solo in Control Hub o Partner Hub, proseguire senza.
case-client-version--ok = Versione del client: { $value }
    .detail = Da { $source }.
case-client-version--implausible = Una versione del client così non esiste: { $value }
    .detail = Le versioni dell'app Webex sono composte da anno, mese, patch e build, per esempio 44.3.0.28993. { $value } (da { $source }) non corrisponde.
    .remedy = Rileggere la versione nell'app Webex: immagine del profilo, Guida, Informazioni su Webex. Poi indicarla con --client-version.
case-time-frame = Il momento del guasto non è noto
    .detail = Non è stata indicata un'ora e accanto agli errori nei dati forniti non ci sono data e ora.
    .remedy = Chiedere all'utente quando è successo l'ultima volta e indicarlo con --since e --until, con il fuso orario: 2026-11-22T10:00:00+01:00.
case-time-frame--ok = Intervallo di tempo: dal { $first } al { $last }
    .detail = Gli orari sono in UTC.
case-time-frame--future = L'intervallo di tempo è nel futuro
    .detail = Inizia il { $first }, dopo il momento di questo controllo, { $now }.
    .remedy = Verificare giorno, mese e fuso orario e indicare l'ora con --since e --until.
case-time-frame--reversed = L'intervallo di tempo finisce prima di iniziare
    .detail = Va dal { $first } al { $last }.
    .remedy = Scambiare o correggere --since e --until.
case-time-frame--wide = L'intervallo di tempo è lungo { $days } giorni
    .detail = Va dal { $first } al { $last }. TAC può cercare nei propri log solo per un tempo breve.
    .remedy = Indicare con --since e --until l'ora di un singolo episodio, al massimo un'ora.

case-escalation--fix-first = { $count ->
        [one] Da correggere prima: { $count } rilievo dalla propria parte
       *[other] Da correggere prima: { $count } rilievi dalla propria parte
    }
    .next = Risolverli nell'ordine mostrato, poi riprovare. Aprire una richiesta di servizio solo se il guasto rimane.
case-escalation--wait = Attendere: Webex ha un incidente aperto che corrisponde
    .next = Abbonarsi all'incidente nella pagina di stato e avvisare il cliente. Controllare di nuovo quando è chiuso; inoltrare il caso solo se il guasto rimane.
case-escalation--incomplete = { $count ->
        [one] Incompleto: { $count } informazione manca o non è chiara
       *[other] Incompleto: { $count } informazioni mancano o non sono chiare
    }
    .next = Procurarsi quanto elencato, poi controllare di nuovo. TAC lo chiederebbe.
case-escalation--ready = Pronto per una richiesta di servizio
    .next = Creare il pacchetto con «w4b-diag bundle», aprire un caso in Support Case Manager, incollare il testo di service-request.txt e caricare il file zip.

release-unsupported = { $subject }: BroadWorks { $release } non è più supportato
    .detail = { $kind ->
        [ended] La manutenzione della release { $major } è terminata il { $ends }.
       *[n-2] La release attuale è la { $current }; sono supportate questa e le due release principali precedenti (N-2), quindi non la { $major }.
    }
    .remedy = Pianificare l'aggiornamento alla release { $current }. Cisco può richiederlo prima di esaminare il guasto.
release-unsupported--ok = { $subject }: BroadWorks { $release } è supportato
    .detail = La release { $major } è tra quelle supportate, secondo i dati del { $dated }.
release-unsupported--ends = { $subject }: il supporto di BroadWorks { $release } termina il { $ends }
    .detail = La release attuale è la { $current }.
    .remedy = Pianificare l'aggiornamento prima del { $ends }.
release-unknown = { $subject }: non è possibile valutare il supporto di BroadWorks «{ $release }»
    .detail = { $reason ->
        [independent] È una versione indipendente dalla release; queste sono supportate in base alla data e non alla release principale, e le date qui non sono note.
        [newer] La release { $major } è più recente dei dati del { $dated } di cui dispone questo programma.
       *[unreadable] Il testo non è una release di BroadWorks come 25.0, Rel_25.0_1.944 o 2022.11.
    }
    .remedy = { $reason ->
        [unreadable] Leggere la release sul server con «bwshowver» e indicarla con --broadworks-release.
       *[other] Confrontare con la pagina del ciclo di vita di BroadWorks.
    }
check-fault-known = Nessun errore noto che si risolve al di fuori di Webex
check-fault-unknown-code = Ogni codice di errore è noto
fault-known = { $meaning }
    .detail = { $cause } Trovato in { $source }.
    .remedy = { $steps }
fault-known--procedure = Il testo riguarda: { $meaning }
    .detail = Trovato in { $source }.
    .remedy = I passi: w4b-diag explain { $id }
fault-unknown-code = { $count ->
        [one] Questo codice di errore non è nel catalogo: { $codes }
       *[other] Questi codici di errore non sono nel catalogo: { $codes }
    }
    .detail = Ciò che non è noto non si indovina.
    .remedy = Conservare l'intero testo dell'errore con il codice e l'ID di tracciamento; entrambi vanno nella richiesta di servizio.
case-customer-org--ok-others = ID organizzazione del cliente: { $value }
    .detail = Come indicato ({ $source }). I dati nominano anche altre organizzazioni clienti: { $values }.
    .remedy = Verificare che testi e registri appartengano a questo cliente.
case-where--customer-org = Partner Hub › Clienti › Control Hub del cliente › Account
case-where--partner-org = Partner Hub › Account
case-where--tracking-id = il messaggio di errore: «Copia» o «Dettagli»; solo se ne mostra uno
case-where--user-email = Control Hub del cliente › Utenti › l'utente
case-where--client-version = app Webex › immagine del profilo › Aiuto › Informazioni; solo per errori dell'app
case-where--time-frame = chiedere all'utente: giorno, ora, fuso orario
help-case--tracking-id = ID di tracciamento mostrato dal messaggio di errore o dalla schermata
help-case--answers = Risposte che «explain activation» o «explain order» hanno scritto con --save
help-case--interactive = Chiedere sul terminale ciò che manca
error-interactive = --interactive richiede un terminale: non c'è nessuno a cui chiedere
    .hint = Avviare il programma su un terminale senza reindirizzare l'input o lo standard error, oppure indicare i dati con opzioni come --customer-org.
error-case-tracking = { $flag }: «{ $value }» non è un ID di tracciamento
    .hint = Un ID di tracciamento ha l'aspetto di ATLAS_0a1b2c3d-1111-4222-8333-444455556666, oppure è formato da 32 cifre esadecimali.
error-case-answers = { $path } non è un file di risposte: { $reason }
    .hint = Scriverne uno con «w4b-diag explain activation --save FILE» o «explain order --save FILE».
bundle-why-dialogue = Domande e risposte di un dialogo guidato
prompt-default = { $question } [{ $default }]:
prompt-open = { $question } (Invio: salta):
prompt-choices = { $question } ({ $choices })
prompt-number = Numero { $choices }
prompt-yes-no = sì/no
prompt-error-offered = «{ $answer }» non è una delle risposte
    .hint = Possibili: { $offered }
prompt-error-date = «{ $answer }» non è una data
    .hint = Scrivere anno-mese-giorno, per esempio 2026-11-22.
prompt-error-file = «{ $answer }» non è un file
    .hint = Indicare il percorso di un'immagine o premere Invio per proseguire.
prompt-error-partner-org = «{ $answer }» è la propria organizzazione partner
    .hint = È richiesta l'organizzazione del cliente.
prompt-error-version = La versione del client «{ $answer }» non esiste
    .hint = Le versioni dell'app Webex sono formate da anno, mese, patch e build, per esempio 46.10.0.33788.
prompt-error-time = «{ $answer }» non è un orario
    .hint = Scrivere 2026-11-20T10:00:00+01:00, oppure 2026-11-20 10:00 per UTC.
prompt-error-future = «{ $answer }» è nel futuro
    .hint = Verificare giorno, mese e fuso orario.
prompt-error-release = «{ $answer }» non è una versione di BroadWorks
    .hint = Per esempio 25.0, Rel_25.0_1.944 o 2022.11; la mostra «bwshowver» sul server.
dialogue-text = Incollare il testo dell'errore così come appare; una riga vuota lo conclude.
dialogue-screenshot = Schermata da allegare (percorso):
dialogue-since = Quando è iniziato? (2026-11-20 10:00 è UTC; altrimenti con il fuso orario)
dialogue-until = Fino a quando?
dialogue-release = Versione di BroadWorks del server «{ $role }»
dialogue-untrusted-emails = Nel modello di onboarding, in Verifica utente, è selezionato «E-mail non attendibili»?
dialogue-share-link = «Condividi collegamento» punta al collegamento di attivazione?
dialogue-retried = L'utente ha fatto clic una volta su «Riprova» nel portale di attivazione utente?
dialogue-user-status = Che cosa dice «Mostra stato utente» dell'utente?
dialogue-state = { $state ->
        [provisioned] provisioning completato
        [pending] un requisito è in sospeso
        [error] errore
       *[absent] l'utente non è nell'elenco
    }
dialogue-onboarded = L'organizzazione è già in Control Hub (punto di non ritorno)?
dialogue-requested-start = Data di inizio richiesta dell'ordine (RSD)
dialogue-line = Stato della riga dell'ordine in CCW:
dialogue-line-state = { $state ->
        [pending] In attesa di dettagli provisioning
       *[closed] Chiuso
    }
dialogue-offer = Che cosa è stato ordinato?
dialogue-offer-name = { $offer ->
        [a-flex] A-Flex o A-Flex-3 (si chiude dopo { $days } giorni)
       *[other] un'altra offerta di collaborazione (si chiude dopo { $days } giorni)
    }
dialogue-ccw-access = È possibile inviare nuovamente l'e-mail da CCW in prima persona?
dialogue-resend-failed = Il nuovo invio è stato tentato senza riuscire?
check-release-patch = Le patch che servono a Webex sono installate e i server sono coerenti
release-patch--ok = { $subject }: { $patch } è installata
    .detail = { $purpose ->
        [flow-through] Serve al provisioning flow-through.
       *[other] Serve a Webex per BroadWorks.
    }
release-patch--older = { $subject }: il livello di patch { $highest } è precedente a { $patch }
    .detail = { $purpose ->
        [flow-through] Il provisioning flow-through richiede { $patch }; la patch più alta vista è { $highest }.
       *[other] Webex per BroadWorks richiede { $patch }; la patch più alta vista è { $highest }.
    }
    .remedy = Elencare le patch sul server (Maintenance/Patching nella CLI). Se manca, installare { $patch } o il pacchetto di patch corrente.
release-patch--unseen = { $subject }: { $patch } non è stata vista
    .detail = { $purpose ->
        [flow-through] Serve al provisioning flow-through. Sono state viste patch successive (fino a { $highest }), ma ogni patch si installa a sé.
       *[other] Serve a Webex per BroadWorks. Sono state viste patch successive (fino a { $highest }), ma ogni patch si installa a sé.
    }
    .remedy = Elencare le patch sul server (Maintenance/Patching nella CLI) e cercare { $patch }.
release-patch--same = I server sono allo stesso livello: { $levels }
    .detail = Confrontati per versione e per la patch più alta vista.
release-patch--differs = I server differiscono: { $levels }
    .detail = Confrontati per versione e per la patch più alta vista. Può essere voluto.
    .remedy = Confrontare con la matrice di compatibilità di BroadWorks. Se un server è stato dimenticato in un aggiornamento, portarlo al livello degli altri.
check-unclear = non chiaro: { $value }
check-where = { $needed ->
        [yes] manca → { $place }
       *[no] nessuno → { $place }
    }

## collect

progress-collect = raccolta in corso
error-case-org = { $flag }: "{ $value }" non è un ID organizzazione
    .hint = Un ID organizzazione è formato da 32 cifre esadecimali separate da trattini, come lo mostra Control Hub in Account.
error-case-release = --broadworks-release: "{ $value }" non è RUOLO=RELEASE
    .hint = Ad esempio: --broadworks-release as=25.0
error-case-email = { $flag }: "{ $value }" non è un indirizzo e-mail
    .hint = Indicare l'indirizzo con cui l'utente accede a Webex, ad esempio user@example.com.
error-case-time = configurazione, [case] { $key }: "{ $value }" non è un orario
    .hint = Scriverlo secondo RFC 3339 con il fuso orario, ad esempio 2026-11-20T08:00:00Z.
error-case-frame = l'intervallo di tempo finisce prima di iniziare
    .hint = Scambiare --since e --until, oppure controllare i fusi orari.
error-case-nothing = non c'è nulla da esaminare
    .hint = Indicare un testo di errore (--text FILE, "-" per lo standard input), un log, un'esportazione o un XSP, oppure una configurazione con --config.
error-case-terminal = lo standard input è un terminale e non è stato digitato nulla
    .hint = Incollare il testo di errore e terminarlo con Ctrl-D su una riga a sé, oppure indicare un file.
error-xsp-address = configurazione, [[xsp]] { $host }: "{ $address }" non è un indirizzo IP
    .hint = Scrivere indirizzi IPv4 o IPv6 in "addresses", oppure omettere la chiave per interrogare il DNS.
error-xsp-half-identity = configurazione, [[xsp]] { $host }: client_cert e client_key vanno insieme
    .hint = Indicare entrambi i file o nessuno.
error-no-network = non interrogata: la rete è disattivata per questa esecuzione
    .hint = Ripetere senza --no-network, oppure fornire una risposta salvata come file.
error-collect-internal = una parte del programma non è riuscita: { $part }
    .hint = Il resto del rapporto è valido. Segnalare il problema con l'output di --verbose.
error-attachment-kind = non è un'immagine; ciò che non può essere esaminato alla ricerca di segreti non viene incluso
    .hint = Allegare PNG, JPEG, GIF o WebP. Testi, log e archivi vanno con --log o --text.
error-attachment-read = impossibile leggere: { $reason }
    .hint = Controllare il percorso e le autorizzazioni.
bundle-incomplete--input = Omesso: { $subject }
    .detail = { $cause }
    .remedy = { $hint }
check-readiness = Pronto per una richiesta di servizio?
check-value = { $value } ({ $source })
check-more = e altri { $count }
check-time-frame = da { $first } a { $last }
bundle-why-status = Risposta della pagina di stato, come ricevuta
bundle-why-status-record = Come è stata interrogata la pagina di stato e con quale esito
bundle-why-chain = Certificati come presentati dal server
bundle-why-observation = Ciò che si è visto su questo endpoint
bundle-why-certificate = Certificato installato sull'XSP
bundle-why-trust = Ancore di fiducia per il TLS reciproco
bundle-why-users = Esportazione utenti, oscurata
bundle-why-text = Testo di errore, oscurato
bundle-why-log = Log, oscurato
bundle-why-attachment = Allegato; un'immagine non può essere esaminata alla ricerca di segreti
bundle-why-problem = Non è stato possibile raccoglierlo
bundle-why-request = Testo da incollare nella richiesta di servizio
bundle-why-markdown = Il testo della richiesta di assistenza in Markdown
bundle-why-html = Il rapporto come pagina
bundle-why-json = Il rapporto per i programmi
bundle-why-handover = Lo stesso testo nella lingua dell'operatore
bundle-reason-private-key = { $count ->
    [one] il file conteneva anche una chiave privata, che non è stata inclusa; sostituirla se il file è stato condiviso
   *[other] il file conteneva anche { $count } chiavi private, che non sono state incluse; sostituirle se il file è stato condiviso
 }
bundle-declined = non è stato scritto nulla
bundle-map-written = La mappa privata è stata scritta in { $path }; conservarla e non inviarla mai.
bundle-written = Pacchetto: { $path } ({ $files } file, { $kilobytes } kB). Incollare service-request.txt nella richiesta di servizio e allegare lo zip.
bundle-encrypted = Il pacchetto è cifrato. { $count ->
        [one] Può aprirlo solo chi ha la chiave segreta di { $recipients }
       *[other] Può aprirlo solo chi ha una delle chiavi segrete di { $recipients }
    }: age --decrypt --identity CHIAVE --output { $zip } { $path }. Il TAC di Cisco non può, a meno che una chiave sia sua.
bundle-signed = Firma: { $path } (chiave { $key }). Va inviata insieme al pacchetto.
bundle-ask = Includere questi file? [s/N]
bundle-ask-yes = s sì si y yes
preview-title = Che cosa verrebbe condiviso
preview-file = { $path } ({ $kilobytes } kB)
preview-withheld = omesso: { $reason }
preview-redacted = oscurati: { $count } × { $kind ->
    [tracking-id] ID di tracciamento
    [customer-org] ID organizzazione cliente
    [partner-org] ID organizzazione partner
    [org] ID organizzazione
    [user-id] ID utente
    [broadworks-user-id] ID utente BroadWorks
    [email] indirizzi e-mail
    [client-version] versioni del client
    [broadworks-release] release BroadWorks
    [control-hub-build] build di Control Hub
    [error-code] codici di errore
    [timestamp] indicazioni di tempo
    [call-id] Call-ID
    [device-id] ID dispositivo
    [fingerprint] impronte digitali
    [token] token di accesso
    [jwt] token web JSON
    [password] password e segreti
    [cookie] cookie e ID di sessione
    [sip-digest] campi SIP digest
    [signed-url] parametri di URL firmati
    [private-key] chiavi private
    [phone] numeri di telefono
    [person-name] nomi di persone
    [ip-address] indirizzi IP
    [mac-address] indirizzi MAC
    [host-name] nomi host
   *[custom] modelli propri
 }
preview-also = Si aggiungono README.txt (come leggere il pacchetto) e manifest.json (ogni file con SHA-256, origine, ora e oscuramenti). Entrambi nascono durante la creazione.
preview-total = { $files } file, { $kilobytes } kB, { $redactions } valori oscurati. Non è stato scritto nulla.

## users

users-error-empty = il file è vuoto
    .hint = Esportare di nuovo l'elenco: Partner Hub, il modello, Mostra stato utente, Esporta.
users-error-binary = il file non è testo
    .hint = Salvare il foglio come CSV (UTF-8) e fornire quel file.
users-error-columns = il file ha { $count } colonne
    .hint = Non è un elenco di utenti. Controllare quale file è stato indicato.
users-error-read = impossibile leggere { $path }: { $reason }
    .hint = Controllare il percorso e i permessi del file.
users-error-directory = { $path } è una cartella
    .hint = Indicare il file CSV al suo interno.
users-error-too-large = { $path } è troppo grande: { $bytes } byte
    .hint = Dividere il file o esportare meno utenti.
users-summary = { $file }: { $kind ->
        [user-status] stato utente
        [bulk-users] utenti in blocco
       *[unknown] tipo non riconosciuto
    }, { $count ->
        [one] { $count } riga
       *[other] { $count } righe
    }
users-counts = completati { $provisioned } · in sospeso { $pending } · bloccati { $stuck } · non riusciti { $failed } · non compresi { $unknown }
users-group = { $count ->
        [one] { $count } utente
       *[other] { $count } utenti
    }: { $cause }
users-group-more = { $count ->
        [one] … e { $count } altro
       *[other] … e altri { $count }
    }
users-cause-none = nessun testo di errore
users-cause-pending = ancora in sospeso
users-cause-stuck = in sospeso da troppo tempo
users-cause-status = uno stato che non viene compreso
users-see = Altro: w4b-diag explain { $id }
users-action = { $action ->
        [delete-user] Correggere la causa, poi Partner Hub, Mostra stato utente, tre punti: Elimina utente; l'utente può riattivarsi.
        [change-package] Partner Hub, Mostra stato utente, tre punti: Modifica tipo di pacchetto (o rimuovere il pacchetto e riassegnarlo).
        [retry-activation] Partner Hub, Mostra stato utente, tre punti: Riprova attivazione, con un indirizzo e-mail valido.
        [copy-error-text] Partner Hub, Mostra stato utente, tre punti: Copia testo errore; va nella richiesta di servizio.
        [ask-user] Chiedere all'utente di inserire o confermare l'indirizzo e-mail; poi Riprova attivazione.
        [wait] Attendere diversi minuti ed esportare di nuovo.
       *[none] Non c'è nulla da fare.
    }
user-error = { $subject }: provisioning non riuscito
    .detail = { $text ->
        [some] Riga { $line }: { $error }
       *[none] Riga { $line }, stato «{ $status }», senza testo di errore.
    }
    .remedy = { users-action }
user-error--ok = Nessun utente non riuscito, in sospeso o doppio
    .detail = { $count ->
        [one] { $count } utente nel file.
       *[other] { $count } utenti nel file.
    }
user-error--status = { $subject }: lo stato «{ $status }» non viene compreso
    .detail = Riga { $line }. Non è noto se questo utente funzioni.
    .remedy = Guardare in Partner Hub, Mostra stato utente.
user-error--more = { $count ->
        [one] { $count } altro utente non riuscito
       *[other] altri { $count } utenti non riusciti
    }
    .detail = Qui non sono elencati uno per uno; i dati del rapporto e --format csv li contengono tutti.
    .remedy = Risolvere le cause gruppo per gruppo.
user-pending = { $subject }: in sospeso
    .detail = { $known ->
        [yes] Riga { $line }, stato «{ $status }» da { $minutes } minuti.
       *[no] Riga { $line }, stato «{ $status }». Da quando, il file non lo dice.
    }
    .remedy = { users-action }
user-pending--more = { $count ->
        [one] { $count } altro utente in sospeso
       *[other] altri { $count } utenti in sospeso
    }
    .detail = Qui non sono elencati uno per uno; i dati del rapporto e --format csv li contengono tutti.
    .remedy = Attendere diversi minuti ed esportare di nuovo.
user-stuck = { $subject }: in sospeso da troppo tempo
    .detail = Riga { $line }, stato «{ $status }» da { $minutes } minuti. Il provisioning richiede diversi minuti.
    .remedy = { users-action }
user-stuck--more = { $count ->
        [one] { $count } altro utente in sospeso da troppo tempo
       *[other] altri { $count } utenti in sospeso da troppo tempo
    }
    .detail = Qui non sono elencati uno per uno; i dati del rapporto e --format csv li contengono tutti.
    .remedy = Riprovare l'attivazione; se sono molti, controllare la pagina di stato.
user-duplicate = { $field ->
        [email] L'indirizzo e-mail { $value } compare due volte
       *[broadworks_id] L'ID BroadWorks { $value } compare due volte
    }
    .detail = Alle righe { $earlier } e { $line }.
    .remedy = Solo un utente può averlo. Stabilire quale è giusto ed eliminare l'altro.
user-duplicate--more = { $count ->
        [one] { $count } altro duplicato
       *[other] altri { $count } duplicati
    }
    .detail = Qui non sono elencati uno per uno.
    .remedy = Ordinare il file per questa colonna per vederli.

csv-encoding = La riga { $line } contiene caratteri illeggibili
    .detail = Sono mostrati come �; tutto il resto è stato letto.
    .remedy = Salvare il file come UTF-8 e controllare questa riga.
csv-encoding--open-quote = Riga { $line }: virgolette non chiuse
    .detail = La riga è stata letta senza virgolette, quindi nessuna riga è persa. Control Hub inghiottirebbe le righe successive.
    .remedy = Chiudere o togliere le virgolette in questa riga.
csv-encoding--cells = { $found ->
        [one] La riga { $line } ha { $found } cella invece di { $expected }
       *[other] La riga { $line } ha { $found } celle invece di { $expected }
    }
    .detail = Le celle possono trovarsi in colonne sbagliate.
    .remedy = Cercare un separatore mancante o di troppo in questa riga; mettere tra virgolette le celle con un separatore.
csv-encoding--guessed = La codifica è stata dedotta: { $encoding }
    .detail = Il file non ha un byte order mark e non è UTF-8.
    .remedy = Se le lettere appaiono sbagliate, salvare il file come UTF-8.
csv-encoding--huge = Riga { $line }, colonna «{ $column }»: una cella di { $bytes } byte
    .detail = Nessun campo di un utente è così lungo; forse è stato incollato un intero log.
    .remedy = Controllare questa cella.
csv-encoding--header = Nessuna colonna dell'intestazione viene compresa
    .detail = Riga { $line }: { $names }
    .remedy = Verificare se è un elenco di utenti, se la prima riga è l'intestazione e se il separatore è virgola, punto e virgola, tabulazione o barra verticale.
csv-encoding--more = { $count ->
        [one] { $count } altro difetto nel file
       *[other] altri { $count } difetti nel file
    }
    .detail = Qui non sono elencati uno per uno.
    .remedy = Correggere i primi e controllare di nuovo.
csv-missing-field = Riga { $line }: manca { $field ->
        [email] l'indirizzo e-mail
        [extension] l'interno o il numero di telefono
        [location] la sede
        [jabber_calling] Jabber Calling
        [jabber_teams] Jabber con Webex Teams
       *[other] «{ $column }»
    }
    .detail = { $why ->
        [always] Obbligatorio in ogni riga.
       *[package] Obbligatorio per { $packages }.
    }
    .remedy = Compilare la colonna «{ $column }», altrimenti l'importazione dà un errore.
csv-missing-field--column = Manca la colonna per { $field ->
        [email] l'indirizzo e-mail
        [extension] l'interno o il numero di telefono
        [location] la sede
        [jabber_calling] Jabber Calling
       *[jabber_teams] Jabber con Webex Teams
    }
    .detail = È obbligatoria per i pacchetti in questo file.
    .remedy = Aggiungere la colonna; meglio partire dal modello CSV che Control Hub offre da scaricare.
csv-missing-field--site = Riga { $line }: nessun sito Webex preferito
    .detail = L'importazione non dà errori, ma il sito riunioni dell'utente poi crea problemi.
    .remedy = Compilare il sito Webex preferito per tutti i pacchetti tranne Webex Voice.
csv-missing-field--ok = Nessun campo obbligatorio manca e nessun valore è sbagliato
    .detail = { $count ->
        [one] { $count } riga controllata.
       *[other] { $count } righe controllate.
    }
csv-missing-field--more = { $count ->
        [one] { $count } altro campo mancante
       *[other] altri { $count } campi mancanti
    }
    .detail = Qui non sono elencati uno per uno.
    .remedy = Correggere i primi e controllare di nuovo.
csv-invalid-value--email = Riga { $line }: «{ $value }» non è un indirizzo e-mail valido
    .detail = Colonna «{ $column }». Servono una @, un dominio con un punto, niente spazi e niente lettere accentate.
    .remedy = Correggere l'indirizzo.
csv-invalid-value--email-plus = Riga { $line }: l'indirizzo e-mail { $value } contiene un «+»
    .detail = Colonna «{ $column }». Con un indirizzo così l'avvio di una riunione fallisce.
    .remedy = Usare un indirizzo senza «+».
csv-invalid-value--number = Riga { $line }: «{ $value }» non è un numero di telefono
    .detail = Colonna «{ $column }». Sono ammessi + al primo posto, da 7 a 15 cifre e -.
    .remedy = Scriverlo in E.164, per esempio +390212345678.
csv-invalid-value--number-no-plus = Riga { $line }: { $value } è senza prefisso internazionale
    .detail = Colonna «{ $column }». Un numero comincia con + e il prefisso internazionale.
    .remedy = Scriverlo in E.164, per esempio +390212345678.
csv-invalid-value--number-scientific = Riga { $line }: un foglio di calcolo ha rovinato il numero { $value }
    .detail = Colonna «{ $column }». Le ultime cifre sono perse.
    .remedy = Formattare la colonna come testo nel foglio, reinserire i numeri e salvare.
csv-invalid-value--boolean = Riga { $line }: «{ $value }» non è né TRUE né FALSE
    .detail = Colonna «{ $column }».
    .remedy = Scrivere TRUE o FALSE.
csv-invalid-value--boolean-language = Riga { $line }: «{ $value }» invece di TRUE o FALSE
    .detail = Colonna «{ $column }». I fogli di calcolo traducono TRUE e FALSE; Control Hub si aspetta le parole inglesi.
    .remedy = Scrivere TRUE o FALSE; prima formattare la colonna come testo.
csv-invalid-value--extension = Riga { $line }: «{ $value }» non è un interno
    .detail = Colonna «{ $column }». Un interno ha solo cifre, al massimo dieci.
    .remedy = Correggere l'interno.
csv-invalid-value--more = { $count ->
        [one] { $count } altro valore non valido
       *[other] altri { $count } valori non validi
    }
    .detail = Qui non sono elencati uno per uno.
    .remedy = Correggere i primi e controllare di nuovo.
csv-package-conflict = Riga { $line }: più pacchetti insieme: { $packages }
    .detail = Un utente ha un solo pacchetto wholesale.
    .remedy = Lasciare TRUE a un pacchetto e impostare gli altri su FALSE.
csv-package-conflict--removal-incomplete = Riga { $line }: né eliminato né assegnato
    .detail = Alcune colonne dei pacchetti sono FALSE, le altre vuote.
    .remedy = Per eliminare l'utente impostare su FALSE tutte le colonne dei pacchetti; per tenerlo, una su TRUE.
csv-package-conflict--base = Riga { $line }: licenza di base «{ $licence }» accanto a un pacchetto
    .detail = L'utente la riceve in aggiunta al pacchetto.
    .remedy = Se non è voluto, impostarla su FALSE.
csv-package-conflict--removals = { $count ->
        [one] { $count } utente verrà eliminato dall'organizzazione cliente
       *[other] { $count } utenti verranno eliminati dall'organizzazione cliente
    }
    .detail = Tutte le colonne dei pacchetti di queste righe sono FALSE.
    .remedy = Verificare che sia voluto.
csv-package-conflict--behaviour = All'importazione scegliere «Aggiungi e rimuovi servizi»
    .detail = Altrimenti Basic Messaging, Basic Space Meetings e Call on Webex vengono assegnati in aggiunta al pacchetto.
    .remedy = Control Hub, Utenti, Gestisci utenti, CSV aggiungi o modifica, comportamento di importazione CSV.
csv-package-conflict--more = { $count ->
        [one] { $count } altro conflitto di pacchetti
       *[other] altri { $count } conflitti di pacchetti
    }
    .detail = Qui non sono elencati uno per uno.
    .remedy = Correggere i primi e controllare di nuovo.
help-users--file = File CSV di Partner Hub o Control Hub; - legge lo standard input
help-users--exclude-provisioned = Escludi gli utenti con provisioning completato
users-error-overwrite = { $path } è l'originale; la copia corretta non lo sovrascrive
    .hint = Indicare un altro file con --write-corrected.
users-error-no-import = { $path } non è un file di utenti in blocco: non c'è nulla da correggere
    .hint = Si correggono solo i file da importare in Control Hub; un'esportazione mostra ciò che c'è.
users-corrected = { $count ->
        [one] Copia corretta: { $path } ({ $count } modifica)
       *[other] Copia corretta: { $path } ({ $count } modifiche)
    }
users-change = { $kind ->
        [delimiter] tutto il file: delimitatore «{ $before }» → «{ $after }»
        [encoding] tutto il file: codifica { $before } → { $after }
        [cells] riga { $line }: { $before } → { $after } celle, quelle nuove vuote
       *[other] riga { $line }, colonna «{ $column }»: «{ $before }» → «{ $after }»
    }
users-change-more = { $count ->
        [one] … e { $count } altra modifica; --format json le contiene tutte
       *[other] … e altre { $count } modifiche; --format json le contiene tutte
    }
users-corrected-left = { $count ->
        [0] Non resta nulla da correggere a mano.
        [one] Resta { $count } problema che si potrebbe solo indovinare: correggerlo a mano e controllare di nuovo la copia.
       *[other] Restano { $count } problemi che si potrebbero solo indovinare: correggerli a mano e controllare di nuovo la copia.
    }
help-users--write-corrected = Scrivere una copia corretta di un file di utenti in blocco: ciò che si corregge senza indovinare

## catalogue

catalogue-error-read = impossibile leggere il catalogo { $path }: { $reason }
    .hint = Controllare [catalogue] dir nella configurazione: indica una cartella con file *.toml.
catalogue-error-syntax = il file di catalogo { $path } non è valido: { $reason }
    .hint = Ogni [[entry]] richiede id, owner e meaning; i file nel sorgente del programma ne mostrano la forma.
catalogue-error-twice = il file di catalogo { $path } contiene l'id { $id } una seconda volta
    .hint = Dare a ogni voce un proprio id.
catalogue-error-too-large = { $path } è troppo grande per un catalogo
    .hint = Un file può avere 1 MiB, una cartella mille file.

catalogue-collect--provisioning = ID BroadWorks e indirizzo e-mail dell'utente, ID dell'organizzazione cliente, nome del modello, l'intero testo dell'errore con l'ID di tracciamento (Copia testo errore) e il PSLog dell'Application Server in quel momento.
catalogue-collect--csv = La riga del file CSV (con l'intestazione), l'elenco di errori che Control Hub esporta dopo l'importazione, l'ID di tracciamento e l'ID dell'organizzazione cliente.
catalogue-collect--client = Indirizzo e-mail dell'utente, piattaforma e versione dell'app Webex, l'ora, il codice con il testo mostrato (schermata) e i log del client.
catalogue-collect--tls = L'output di «w4b-diag certs» per l'XSP, l'ora del guasto e le righe del log dell'XSP in quel momento (XsiActionsLog, log di authenticationService).
catalogue-collect--order = Numero d'ordine, ID dell'abbonamento, nome e indirizzo e-mail del contatto di provisioning, stato della riga dell'ordine e schermate.
catalogue-collect--nothing = Niente; per questo non serve una richiesta di servizio.
catalogue-collect--unknown = Il codice e l'intero testo mostrato, ID di tracciamento, ora, indirizzo e-mail dell'utente, ID dell'organizzazione cliente e partner e versione del client che lo mostra.

catalogue-broadworks-id-taken = L'ID utente BroadWorks appartiene già a un altro utente Webex.
    .cause = L'abbonato è già stato attivato con questo ID BroadWorks, forse con un altro indirizzo e-mail o in un'altra organizzazione cliente.
    .steps =
        Partner Hub, modello di onboarding, Mostra stato utente: cercare l'ID BroadWorks.
        Se l'utente esistente è quello giusto, tenerlo; non c'è nulla da attivare.
        Altrimenti eliminare lì il vecchio utente (Elimina utente) e riattivarlo con un indirizzo e-mail valido.
        Se non è in elenco, aprire una richiesta di servizio: può essere in un'organizzazione non visibile.
    .collect = { catalogue-collect--provisioning }
catalogue-null-parameter = Un valore obbligatorio è vuoto nella richiesta di provisioning.
    .cause = Alla richiesta manca un valore che serve a Webex, per esempio l'indirizzo e-mail o il nome dell'utente.
    .steps =
        Confrontare la richiesta o i dati dell'utente in BroadWorks con ciò che l'API richiede: ID utente, azienda, nome, pacchetto e un indirizzo e-mail se il modello lo prevede.
        Completare ciò che manca e inviare di nuovo.
    .collect = { catalogue-collect--provisioning }
catalogue-parameter-size = Un valore nella richiesta di provisioning è troppo lungo o troppo corto.
    .cause = Uno dei campi ha più caratteri del consentito, oppure nessuno.
    .steps =
        Cercare nei dati dell'utente un nome, un indirizzo o un ID insolitamente lungo.
        Accorciarlo e inviare di nuovo la richiesta.
    .collect = { catalogue-collect--provisioning }
catalogue-precheck-success = Non è un errore: la verifica preliminare del provisioning è riuscita.
    .cause = Il provisioning dell'abbonato riuscirebbe probabilmente senza errori.
    .steps =
        Procedere con il provisioning.
        La verifica preliminare di per sé non attiva nulla.
    .collect = { catalogue-collect--nothing }
catalogue-wholesale-2560 = Webex in questo momento non ha potuto farlo; il testo stesso dell'errore rimanda alla pagina di stato e a un nuovo tentativo.
    .cause = Un guasto temporaneo dalla parte di Webex.
    .steps =
        Controllare la pagina di stato: w4b-diag status
        Se un incidente è aperto, attendere che sia chiuso.
        Riprovare. Se fallisce di nuovo senza incidenti aperti, aprire una richiesta di servizio.
    .collect = { catalogue-collect--provisioning }
catalogue-messaging-server = BroadWorks non è riuscito ad accedere a Webex per il provisioning dell'utente.
    .cause = Nome utente, password o URL di Integrated IM&P sull'Application Server non coincidono con account, password e URL di provisioning del modello di onboarding.
    .steps =
        Partner Hub, Impostazioni, BroadWorks Calling, Visualizza modelli: aprire il modello e annotare account di provisioning e URL.
        Confrontarli con le impostazioni di Integrated IM&P sull'Application Server. In caso di dubbio reimpostare la password da entrambe le parti.
        Assegnare di nuovo Integrated IM&P a un utente e leggere il PSLog.
    .collect = { catalogue-collect--provisioning }
catalogue-url-exists = L'indirizzo e-mail è già usato da un altro utente.
    .cause = Un altro utente, spesso uno precedente della stessa persona, ha questo indirizzo in BroadWorks o in Webex (409 Conflict).
    .steps =
        Control Hub del cliente, Utenti: cercare l'indirizzo e-mail.
        Rimuovere l'utente più vecchio oppure usare un altro indirizzo per quello nuovo.
        Poi ripetere l'attivazione.
    .collect = { catalogue-collect--provisioning }
catalogue-extension-taken = L'interno è già assegnato a qualcun altro.
    .cause = Lo ha un altro utente, uno spazio di lavoro o una funzione della sede. Spesso l'errore dice chi.
    .steps =
        Trovare chi ha l'interno (il numero alla fine del testo dell'errore, oppure Control Hub, Calling, Numeri).
        Scegliere un interno libero o toglierlo all'altro.
        Salvare o importare di nuovo.
    .collect = { catalogue-collect--csv }
catalogue-services-not-authorized = L'utente ha servizi per i quali il nuovo gruppo non è autorizzato.
    .cause = Nello spostamento in un altro gruppo o sede, i servizi tra parentesi sono assegnati all'utente ma non autorizzati nella destinazione.
    .steps =
        Annotare i servizi tra parentesi alla fine dell'errore.
        Autorizzarli nel gruppo di destinazione o toglierli all'utente.
        Spostare di nuovo l'utente.
    .collect = { catalogue-collect--provisioning }
catalogue-outbound-proxy = Webex non è riuscito a leggere il proxy in uscita del gruppo BroadWorks.
    .cause = Visti insieme: CPAPI 25013 e «[Error 26088] Cloud PBX Console is not configured properly». Che cosa non vada in dettaglio non è documentato.
    .steps =
        Verificare se riguarda un gruppo o tutti, e da quando.
        Controllare la pagina di stato.
        Aprire una richiesta di servizio con entrambi i codici e l'intero testo.
    .collect = { catalogue-collect--provisioning }
catalogue-number-invalid = Il numero di telefono non è valido.
    .cause = Sono ammessi solo + al primo posto, cifre e -; i numeri si scrivono in E.164, per esempio +390212345678.
    .steps =
        Correggere il numero: prefisso internazionale, senza spazi né lettere. I fogli di calcolo lo trasformano volentieri in 3,90212E+11: formattare la colonna come testo.
        Controllare il file con «w4b-diag users FILE», poi importare di nuovo.
    .collect = { catalogue-collect--csv }
catalogue-number-taken = Il numero di telefono è già assegnato.
    .cause = Lo ha un altro utente, uno spazio di lavoro o una funzione; non è tra i numeri non assegnati della sede.
    .steps =
        Control Hub, Calling, Numeri: cercare il numero e vedere chi lo ha.
        Annullare lì l'assegnazione o scegliere un numero non assegnato.
        Importare o salvare di nuovo.
    .collect = { catalogue-collect--csv }
catalogue-invitation-suppressed = Non è stato inviato alcun invito perché l'utente ne ha ricevuto uno nelle ultime 24 ore.
    .cause = Webex invia a un utente al massimo un invito al giorno.
    .steps =
        Chiedere all'utente di cercare l'invito precedente, anche nello spam.
        Se serve, inviarlo di nuovo dopo 24 ore.
    .collect = { catalogue-collect--nothing }
catalogue-licence-calling-mix = Le licenze Webex Calling Professional e Standard si escludono a vicenda.
    .cause = Un utente non può averle entrambe e Professional non può essere cambiata in Standard.
    .steps =
        Togliere una delle due dalla richiesta o dalla riga CSV.
        Per passare da Professional a Standard, rimuovere la prima e salvare prima di assegnare l'altra.
    .collect = { catalogue-collect--csv }
catalogue-licence-needs-professional = La licenza aggiuntiva richiede Webex Calling Professional.
    .cause = Attendant Console o Customer Experience Essentials non vanno con Webex Calling Standard, oppure manca la licenza Professional.
    .steps =
        Assegnare prima Webex Calling Professional all'utente.
        Poi assegnare la licenza aggiuntiva.
    .collect = { catalogue-collect--csv }
catalogue-licence-messenger = Le licenze Messenger non si possono gestire in questo modo.
    .cause = La richiesta contiene una licenza Messenger, non supportata nella gestione degli utenti.
    .steps =
        Togliere la licenza Messenger dalla richiesta e inviarla di nuovo.
    .collect = { catalogue-collect--csv }
catalogue-licence-attendee-site = Un sito riunioni nella richiesta non è valido per i partecipanti.
    .cause = Uno degli URL del sito è scritto male o non appartiene all'organizzazione.
    .steps =
        Control Hub, Servizi, Riunioni, Siti: confrontare il nome del sito lettera per lettera.
        Correggerlo e inviare di nuovo la richiesta.
    .collect = { catalogue-collect--csv }
catalogue-licence-other = Le licenze nella richiesta non vanno insieme; il significato esatto di questo codice qui non è noto.
    .cause = Il codice appartiene agli errori di licenza da 400404 a 400413. Il suo testo non è stato trovato nella documentazione pubblica.
    .steps =
        Leggere il testo accanto al codice: indica le licenze.
        Assegnare le licenze una alla volta per trovare quella rifiutata.
        Se il testo non aiuta, aprire una richiesta di servizio.
    .collect = { catalogue-collect--csv }
catalogue-email-invalid = L'indirizzo e-mail non è valido.
    .cause = Deve avere esattamente una @, solo caratteri ammessi e al massimo 161 caratteri prima di essa.
    .steps =
        Correggere l'indirizzo: niente spazi, niente lettere accentate, una sola @.
        Controllare il file con «w4b-diag users FILE», poi importare o salvare di nuovo.
    .collect = { catalogue-collect--csv }
catalogue-extension-invalid = L'interno non è valido.
    .cause = Un interno ha solo cifre da 0 a 9, nella lunghezza consentita dalla sede.
    .steps =
        Correggere l'interno nella riga CSV o nei dati dell'utente.
        Controllare la lunghezza: Control Hub, Calling, impostazioni di composizione della sede.
    .collect = { catalogue-collect--csv }
catalogue-mobile-network = L'integrazione con la rete mobile non è configurata per questo utente.
    .cause = La richiesta presuppone un'integrazione mobile che l'utente non ha.
    .steps =
        Configurare l'integrazione con la rete mobile per l'utente o ometterla dalla richiesta.
    .collect = { catalogue-collect--csv }
catalogue-email-or-extension-invalid = L'indirizzo e-mail o l'interno non è valido; quale dei due, il codice qui non lo dice.
    .cause = Il codice è compreso tra WXC-4801 e WXC-4910, che indicano indirizzi e-mail e interni non validi. Il suo testo non è stato trovato.
    .steps =
        Leggere il testo accanto al codice.
        Controllare l'indirizzo e-mail (una @, caratteri ammessi) e l'interno (solo cifre).
        Controllare il file con «w4b-diag users FILE».
    .collect = { catalogue-collect--csv }
catalogue-licence-not-rolled-back = Il pacchetto dell'utente non è stato cambiato e ora è modificato solo a metà.
    .cause = Control Hub ha cambiato la licenza ma non gli attributi dell'utente, oppure non ha potuto cambiare la licenza.
    .steps =
        Control Hub, Utenti, l'utente: rimuovere il pacchetto e salvare.
        Assegnare di nuovo il pacchetto.
        Ripetere l'importazione solo per questo utente.
    .collect = { catalogue-collect--csv }
catalogue-meeting-plus = L'avvio di una riunione fallisce perché l'indirizzo e-mail dell'utente contiene un «+».
    .cause = Gli indirizzi con «+» prima della @ impediscono l'avvio della riunione. Gli stessi codici possono avere anche altre cause.
    .steps =
        Verificare se l'indirizzo e-mail dell'utente contiene un «+».
        Se sì, dare all'utente un indirizzo senza «+» e accedere di nuovo.
        Se no, raccogliere i log e aprire una richiesta di servizio.
    .collect = { catalogue-collect--client }
catalogue-sign-in = Un errore di accesso dell'app Webex; il significato esatto di questo codice qui non è noto.
    .cause = I codici 100006, 200016 e 200054 sono nell'elenco Cisco dei codici di errore per gli utenti finali; i loro testi mancavano nelle fonti di questo programma. Perciò qui non si afferma nulla.
    .steps =
        Cercare il codice nella guida alla risoluzione dei problemi di Cisco (collegamento sotto).
        Verificare che l'XSP risponda e che i certificati siano in ordine: w4b-diag certs
        Verificare nome utente e password dell'utente BroadWorks e il suo stato in Partner Hub.
        Guardare il log di authenticationService e access_log dell'XSP all'ora dell'accesso.
    .collect = { catalogue-collect--client }

catalogue-client-certificate-refused = Nel TLS reciproco una parte ha rifiutato il certificato dell'altra.
    .cause = Di solito la catena CA di Webex non è installata come trust anchor sull'XSP, non è aggiornata o è stata caricata senza dividerla; oppure l'XSP invia una catena di cui Webex non si fida.
    .steps =
        Controllare con «w4b-diag certs cti://HOST --trust CombinedCertChain.txt».
        Caricare CA radice e CA emittente una alla volta: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Verificare che l'Application Server conosca il client: AS_CLI/System/ClientIdentity> get mostra bwcticlient.webex.com
        Riavviare l'interfaccia se la release lo richiede e controllare di nuovo.
    .collect = { catalogue-collect--tls }
catalogue-certificate-expired = Un certificato è scaduto.
    .cause = Il certificato server dell'XSP, la sua catena o un trust anchor ha superato l'ultimo giorno. Il certificato autofirmato generato alla prima protezione di un'interfaccia vale un anno.
    .steps =
        Scoprire quale: w4b-diag certs HOST e w4b-diag certs cti://HOST
        Richiederne e installarne uno nuovo, firmato da una CA pubblica, con la sua catena.
        Controllare di nuovo dall'esterno.
    .collect = { catalogue-collect--tls }
catalogue-certificate-untrusted = Un certificato non è attendibile.
    .cause = Il certificato è autofirmato, di una CA privata, oppure i certificati intermedi non vengono inviati.
    .steps =
        Controllare con «w4b-diag certs HOST»: dice quale certificato manca.
        Il certificato del server HTTP deve essere firmato da una CA pubblica; installare l'intera catena (chainFile).
        Se si tratta della catena CA di Webex, installare come trust anchor il file attuale da Partner Hub.
    .collect = { catalogue-collect--tls }
catalogue-certificate-host-name = Il certificato è per un altro nome host.
    .cause = Il nome nell'URL non è tra i nomi alternativi del certificato.
    .steps =
        Confrontare il nome negli URL del cluster (Partner Hub) con i nomi nel certificato: w4b-diag certs HOST
        Richiedere un certificato con tutti i nomi oppure correggere l'URL.
    .collect = { catalogue-collect--tls }
catalogue-tls-version = Le due parti non hanno trovato una versione TLS o una cifratura in comune.
    .cause = Webex parla TLS 1.2 e non scende più in basso; un XSP che offre solo versioni precedenti o altre cifrature viene rifiutato.
    .steps =
        Controllare con «w4b-diag certs HOST»: mostra le versioni offerte e la cifratura.
        Attivare TLS 1.2 e le cifrature ECDHE con AES-GCM nelle impostazioni SSL dell'XSP.
    .collect = { catalogue-collect--tls }
catalogue-email-elsewhere = L'indirizzo e-mail appartiene già a un account Webex esterno a questa organizzazione cliente.
    .cause = In Webex un indirizzo e-mail può appartenere a un solo account. L'utente ha un account gratuito, oppure uno in un'altra organizzazione.
    .steps =
        Chiedere all'utente un altro indirizzo e-mail, oppure se l'altro account può essere eliminato: messaggi e file vanno persi con esso.
        Un account gratuito viene eliminato dall'utente; un account in un'altra organizzazione viene rimosso dal relativo amministratore.
        Poi in Partner Hub, «Mostra stato utente»: «Riprova attivazione» per questo utente, con l'indirizzo ora libero o con l'altro.
    .collect = { catalogue-collect--client }
catalogue-phone-services = L'app Webex ha eseguito l'accesso, ma i suoi servizi telefonici non sono connessi.
    .cause = L'app non ha ottenuto un token BroadWorks, non ha potuto scaricare o leggere config-wxt.xml, oppure non raggiunge alcun session border controller via SIP. Con 1502 si tratta del token: l'Authentication Service sull'XSP, i suoi certificati o il percorso per raggiungerlo.
    .steps =
        Verificare l'XSP e i suoi certificati: w4b-diag certs HOST
        Consultare i log authenticationService e access_log dell'XSP in quel momento; annotare il tracking ID della richiesta.
        Far verificare in BroadWorks il tipo di dispositivo e config-wxt.xml di questo utente.
        Far verificare dalla rete dell'utente nome, record SRV e porte del session border controller.
    .collect = { catalogue-collect--client }

catalogue-xsp-unreachable = L'XSP non è stato raggiunto.
    .cause = Sulla porta non c'è nessuno in ascolto, oppure un firewall lascia passare gli intervalli di indirizzi di Webex su 443 o 8012 solo in parte o per niente.
    .steps =
        Controllare dall'esterno della propria rete: «w4b-diag certs HOST» e «w4b-diag certs cti://HOST».
        Confrontare il firewall con gli intervalli di indirizzi pubblicati da Webex, TCP 443 e 8012.
        Verificare sull'XSP che l'applicazione sia in esecuzione.
    .collect = { catalogue-collect--tls }

catalogue-activation = Procedura: attivazione utente con e-mail non attendibili
    .cause = Gli utenti si attivano da soli inserendo l'indirizzo e-mail nel portale di attivazione utente. Fallisce quando il modello non è configurato per questo o quando i dati dell'utente non vanno bene.
    .steps =
        L'utente riprova una volta con «Riprova» nel portale.
        Se fallisce di nuovo: accedere a Partner Hub; Clienti (o Impostazioni, BroadWorks Calling), «Visualizza modelli»; aprire il modello di onboarding di questo utente.
        In «Verifica utente» deve essere selezionato «E-mail non attendibili» e il campo «Condividi collegamento» deve puntare al collegamento di attivazione.
        Fare clic lì su «Mostra stato utente»: ID BroadWorks, pacchetto e se il provisioning è completato o che cosa è in sospeso.
        Per un utente con errore o requisito in sospeso, scegliere dietro i tre punti: «Riprova attivazione» (con un indirizzo e-mail valido), «Elimina utente» (quando prima va cambiata la configurazione), «Modifica tipo di pacchetto» o «Copia testo errore».
        Esportare l'elenco in CSV e farlo valutare: w4b-diag users FILE --exclude-provisioned
        Rispondere passo per passo: w4b-diag explain activation --untrusted-emails yes --share-link yes --retried yes --user-status error
    .collect = { catalogue-collect--provisioning }
catalogue-order = Procedura: l'e-mail di provisioning di un ordine
    .cause = La prima e-mail va al contatto di provisioning nella data di inizio richiesta (RSD). Può essere inviata di nuovo finché l'organizzazione non è integrata in Control Hub: il punto di non ritorno (PONR).
    .steps =
        Guardare nella cartella spam; consentire webex_comm@webex.com.
        Guardare la riga dell'ordine in Cisco Commerce Workspace (CCW). Nessun accesso? Chiedere al contatto che ha effettuato l'ordine.
        «In attesa di dettagli provisioning»: fare clic su «Invia nuovamente» accanto all'e-mail del contatto di provisioning, poi «Sì». Il contatto si può modificare fino al PONR.
        «Chiuso»: provisioning non completato in tempo (7 giorni per A-Flex e A-Flex-3, 30 giorni per le altre offerte di collaborazione). Inviare di nuovo o modificare dalla pagina degli abbonamenti Cloud/SaaS.
        Dopo il PONR: l'e-mail non si può più inviare; il contatto o l'amministratore di provisioning accede a https://admin.webex.com e completa la configurazione.
        Se l'invio fallisce prima del PONR: cancellare cache e cookie, un altro browser, modalità in incognito. Poi aprire un caso su https://www.cisco.com/go/cs: cercare «assistenza provisioning», «Apri un caso», tipo di richiesta «Invia nuovamente e-mail provisioning», con le schermate.
        Rispondere passo per passo: w4b-diag explain order --line pending --offer a-flex --resend-failed no
    .collect = { catalogue-collect--order }
catalogue-bulk-users = Procedura: aggiungere, modificare o eliminare utenti tramite CSV
    .cause = Più di 25 utenti, o modifiche a molti, passano per un file CSV; i campi obbligatori mancanti danno errori.
    .steps =
        Partner Hub, Clienti, il cliente, Avvia Control Hub; Utenti, Gestisci utenti, «CSV aggiungi o modifica».
        Obbligatori: interno o numero di telefono, e sede, per Webex Calling, Webex Calling Standard e Webex Suite; Jabber Calling e Jabber con Webex Teams per tutti i pacchetti.
        Sito Webex preferito per tutti i pacchetti tranne Webex Voice: senza non c'è errore, ma il sito riunioni poi non funziona.
        All'importazione scegliere «Aggiungi e rimuovi servizi», altrimenti si aggiungono anche Basic Messaging, Basic Space Meetings e Call on Webex.
        Per eliminare un utente, impostare su FALSE tutte le colonne dei pacchetti wholesale.
        Controllare prima il file: w4b-diag users FILE
    .collect = { catalogue-collect--csv }
catalogue-manual-users = Procedura: aggiungere utenti manualmente
    .cause = Si possono aggiungere fino a 25 utenti di un cliente esistente alla volta senza file.
    .steps =
        Partner Hub, Clienti, il cliente, Avvia Control Hub.
        Utenti, Gestisci utenti, «Aggiungi manualmente utenti».
        Inserire nome, indirizzo e-mail e pacchetto di ogni utente, al massimo 25, poi Avanti e Chiudi.
        Per più di 25 usare un file CSV: w4b-diag explain bulk-users
    .collect = { catalogue-collect--nothing }
catalogue-package-change = Procedura: cambiare il pacchetto di un utente
    .cause = Il pacchetto determina i servizi che un utente ha.
    .steps =
        Partner Hub, Clienti, aprire il Control Hub del cliente; Utenti, l'utente.
        Nella sezione Pacchetto fare clic sulla freccia, scegliere il nuovo pacchetto, fare clic su Modifica.
        Se il nuovo pacchetto è Webex Calling o Webex Suite, aggiornare anche il numero di chiamata.
        In Webex per BroadWorks: nello stato utente del modello dietro i tre punti «Modifica tipo di pacchetto», oppure tramite l'API di provisioning.
    .collect = { catalogue-collect--provisioning }
catalogue-user-status = Procedura: vedere e valutare lo stato degli utenti
    .cause = Il provisioning avviene in background; solo l'elenco mostra come è finito.
    .steps =
        Partner Hub, Visualizza modelli, il modello, sezione Verifica utente: «Mostra stato utente».
        Attivare «Escludi utenti con provisioning completato» per vedere solo quelli in sospeso e con errori.
        «Esporta» dà un CSV; farlo valutare: w4b-diag users FILE
    .collect = { catalogue-collect--provisioning }
catalogue-flow-through = Procedura: provisioning flow-through; riuscito significa avviato, non completato
    .cause = L'assegnazione di Integrated IM&P in BroadWorks chiama Webex, che esegue il provisioning in background; per il primo utente di un'azienda servono diversi minuti.
    .steps =
        Attendere diversi minuti.
        Cercare il cliente e l'utente nell'elenco clienti di Partner Hub: solo questo lo conferma.
        Se l'utente non compare, guardare «Mostra stato utente» del modello e il PSLog.
    .collect = { catalogue-collect--provisioning }
catalogue-remove-user = Procedura: togliere un utente da Webex
    .cause = Il modo dipende da come l'utente è entrato.
    .steps =
        Flow-through: togliere Integrated IM&P all'utente in BroadWorks.
        CSV (wholesale): impostare su FALSE tutte le colonne dei pacchetti e importare.
        Un utente non riuscito: «Elimina utente» nello stato utente del modello.
    .collect = { catalogue-collect--nothing }
catalogue-cluster-template = Procedura: modificare o eliminare un cluster BroadWorks o un modello di onboarding
    .cause = Un cluster non si può eliminare finché un modello è collegato a esso.
    .steps =
        Partner Hub (https://admin.webex.com), Impostazioni, sezione BroadWorks Calling: «Visualizza cluster» o «Visualizza modelli».
        Aprire, modificare e salvare. I campi password lasciati vuoti mantengono la password attuale.
        Per eliminare un cluster, eliminare prima i modelli collegati.
    .collect = { catalogue-collect--provisioning }
catalogue-trust-chain = Procedura: rinnovare la catena CA di Webex (trust anchor per il TLS reciproco)
    .cause = Tramite questa catena l'XSP si fida del certificato client di Webex; va rinnovata prima della scadenza.
    .steps =
        Scaricare la catena da Control Hub o Partner Hub (un file di testo come CombinedCertChain2023.txt).
        Dividerla in file con un solo certificato ciascuno.
        Caricarli uno per uno: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Vecchia e nuova possono coesistere finché Webex non è passato alla nuova.
        Controllare: w4b-diag certs cti://HOST --trust FILE
    .collect = { catalogue-collect--tls }
catalogue-server-certificate = Procedura: rinnovare il certificato server dell'XSP
    .cause = Deve essere firmato da una CA pubblica. Quello generato alla prima protezione di un'interfaccia è autofirmato e vale un anno. Rinnovarlo in tempo spetta al fornitore.
    .steps =
        Richiedere a una CA pubblica un certificato con tutti i nomi host dell'XSP.
        Caricarlo con chiave e catena, per esempio: CTI/CTIServer/SSLSettings/Certificates> sslUpdate IP keyFile<path> certificateFile<path> chainFile<path>
        Controllare dall'esterno: w4b-diag certs HOST
    .collect = { catalogue-collect--tls }
catalogue-status-page = Procedura: dipende da Webex?
    .cause = Se prima del guasto non è stato cambiato nulla in Control Hub o BroadWorks, cominciare dalla pagina di stato.
    .steps =
        Controllare ora o per il momento del guasto: w4b-diag status --at ORA
        Abbonarsi all'incidente su https://status.webex.com/ per sapere quando finisce.
        Se non c'è nulla di aperto, controllare la propria parte: w4b-diag check
    .collect = { catalogue-collect--nothing }
catalogue-service-request = Procedura: aprire una richiesta di servizio a cui non manca nulla
    .cause = Il fornitore è il primo contatto del cliente finale e inoltra ciò che non riesce a risolvere.
    .steps =
        Raccogliere: ID dell'organizzazione cliente e partner, ID di tracciamento se mostrato, indirizzo e-mail dell'utente, versione del client se il guasto si vede lì, intervallo di tempo.
        Farlo controllare: w4b-diag check --text FILE
        Impacchettarlo: w4b-diag bundle --text FILE -o case.zip
        Aprire un caso in Support Case Manager, incollare service-request.txt, caricare il file zip.
    .collect = { catalogue-collect--unknown }
explain-error-stdin = impossibile leggere lo standard input: { $reason }
    .hint = Passare il testo dell'errore con una pipe o indicarlo come argomento tra virgolette.
explain-heading-errors = Errori noti
explain-heading-symptoms = Che cosa dicono log e client
explain-heading-procedures = Procedure
explain-heading-cause = Da dove viene
explain-heading-steps = Che cosa fare
explain-heading-collect = Da raccogliere per una richiesta di servizio
explain-heading-reference = Documentato in
explain-list-hint = Per saperne di più: w4b-diag explain ID o CODICE, oppure incollare l'intero testo dell'errore.
explain-nothing = Niente nel catalogo corrisponde a questo testo. Questo non dice nulla sul guasto: il catalogo conosce solo ciò che è documentato.
explain-unknown-codes = { $count ->
        [one] Il codice { $codes } non è nel catalogo; il suo significato qui non è noto.
       *[other] I codici { $codes } non sono nel catalogo; il loro significato qui non è noto.
    }
explain-reason = { $kind ->
        [id] richiesto per nome
        [code] il codice { $value }
        [phrase] le parole «{ $value }»
       *[keywords] solo le parole { $value }
    }
explain-why = { $confidence ->
        [certain] Certo
        [likely] Probabile
       *[possible] Forse
    }: { $reasons } [{ $id }]
explain-owner = Deve agire: { $owner }

template-untrusted-emails = «E-mail non attendibili» non è selezionato nel modello di onboarding
    .detail = Gli utenti che inseriscono da soli l'indirizzo e-mail non possono essere attivati così.
    .remedy = Partner Hub, Clienti (o Impostazioni, BroadWorks Calling), Visualizza modelli, il modello, Verifica utente: selezionare «E-mail non attendibili» e salvare. Poi l'utente riprova.
template-untrusted-emails--ok = «E-mail non attendibili» è selezionato nel modello di onboarding
    .detail = Come richiesto.
template-untrusted-emails--unknown = «E-mail non attendibili» è selezionato nel modello di onboarding?
    .detail = Senza risposta.
    .remedy = Guardare: Partner Hub, Clienti (o Impostazioni, BroadWorks Calling), Visualizza modelli, il modello, Verifica utente. Rispondere con --untrusted-emails yes o no.
template-share-link = Il campo «Condividi collegamento» non punta al collegamento di attivazione
    .detail = Gli utenti non arrivano al portale di attivazione utente.
    .remedy = Partner Hub, Visualizza modelli, il modello, Verifica utente: far puntare «Condividi collegamento» al collegamento di attivazione e salvare.
template-share-link--ok = Il campo «Condividi collegamento» punta al collegamento di attivazione
    .detail = Come richiesto.
template-share-link--unknown = Il campo «Condividi collegamento» punta al collegamento di attivazione?
    .detail = Senza risposta.
    .remedy = Guardare: Partner Hub, Visualizza modelli, il modello, Verifica utente. Rispondere con --share-link yes o no.
user-error--activated = Il provisioning dell'utente è completato
    .detail = Non c'è nulla da fare.
user-error--activation-template = L'utente non è riuscito e il modello non è corretto
    .detail = Finché il modello è sbagliato, anche un nuovo tentativo fallisce.
    .remedy = Correggere prima il modello. Poi in «Mostra stato utente», tre punti: «Riprova attivazione» con un indirizzo e-mail valido, oppure «Elimina utente» perché l'utente possa ricominciare.
user-error--activation-retry = L'utente non è riuscito una volta e non ha riprovato
    .detail = Il portale offre «Riprova»; un secondo tentativo spesso riesce.
    .remedy = Chiedere all'utente di fare clic una volta su «Riprova». Se fallisce di nuovo, proseguire qui con --retried yes.
user-error--activation-choose = L'utente non è riuscito di nuovo: scegliere che cosa fare
    .detail = Il modello è corretto o non è stato controllato; ora si tratta di questo utente.
    .remedy = Partner Hub, il modello, «Mostra stato utente», tre punti dietro l'utente: «Copia testo errore» e cercarlo con w4b-diag explain; «Riprova attivazione» con un indirizzo e-mail valido; «Elimina utente» se prima va cambiata la configurazione; «Modifica tipo di pacchetto» se il pacchetto è sbagliato. Se niente aiuta, aprire una richiesta di servizio con il testo copiato.
user-error--activation-absent = L'utente non è in elenco
    .detail = Webex non sa dell'utente: BroadWorks non ha inviato la richiesta, oppure si intende un altro modello.
    .remedy = Verificare che in BroadWorks Integrated IM&P sia assegnato all'utente e che il suo URL sia quello di questo modello. Guardare il PSLog dell'Application Server.
user-error--activation-unknown = Che cosa dice «Mostra stato utente» dell'utente?
    .detail = Senza risposta.
    .remedy = Guardare: Partner Hub, Visualizza modelli, il modello, «Mostra stato utente». Rispondere con --user-status provisioned, pending, error o absent.
user-pending--activation = Per l'utente c'è un requisito in sospeso
    .detail = Webex attende l'utente o sta ancora lavorando; servono diversi minuti.
    .remedy = Se l'utente deve inserire o confermare un indirizzo e-mail, chiedergli di farlo. Altrimenti attendere diversi minuti e guardare di nuovo; poi tre punti, «Riprova attivazione».

order-not-ready = La riga dell'ordine è in attesa: il provisioning non è completato
    .detail = { $when ->
        [future] Se non si fa nulla, la riga si chiude il { $closes }.
        [past] Avrebbe dovuto chiudersi il { $closes }; guardare di nuovo la riga.
       *[unknown] La riga si chiude 7 giorni (A-Flex, A-Flex-3) o 30 giorni (altre offerte di collaborazione) dopo l'e-mail.
    }
    .remedy = { $access ->
        [no] Chiedere al contatto che ha effettuato l'ordine in CCW di inviare di nuovo l'e-mail di provisioning dalla riga dell'ordine.
       *[yes] In CCW fare clic su «Invia nuovamente» nella riga dell'ordine accanto all'e-mail del contatto di provisioning, poi su «Sì». Lì si può modificare il contatto. Prima consentire webex_comm@webex.com e guardare nello spam.
    }
order-not-ready--early = L'e-mail di provisioning non è ancora prevista
    .detail = Viene inviata nella data di inizio richiesta, { $start }.
    .remedy = Attendere fino ad allora. Verificare già ora che il contatto di provisioning nell'ordine sia giusto.
order-not-ready--case = Il nuovo invio dell'e-mail di provisioning non è riuscito prima del punto di non ritorno
    .detail = L'e-mail si può inviare finché l'organizzazione non è integrata in Control Hub.
    .remedy = Cancellare cache e cookie del browser, provare un altro browser, provare la modalità in incognito. Se non riesce ancora: https://www.cisco.com/go/cs, cercare «assistenza provisioning», «Apri un caso», tipo di richiesta «Invia nuovamente e-mail provisioning», con le schermate.
order-not-ready--unknown = In che stato è la riga dell'ordine in CCW?
    .detail = Senza risposta.
    .remedy = Guardare la riga in Cisco Commerce Workspace o chiedere al contatto che ha effettuato l'ordine. Rispondere con --line pending o --line closed, oppure --onboarded yes se l'organizzazione è già in Control Hub.
order-closed = La riga dell'ordine è chiusa: il provisioning non è stato completato in tempo
    .detail = { $offer ->
        [known] Per questa offerta la riga si chiude { $days } giorni dopo l'e-mail.
       *[unknown] La riga si chiude 7 giorni (A-Flex, A-Flex-3) o 30 giorni (altre offerte di collaborazione) dopo l'e-mail.
    } Il provisioning è ancora possibile.
    .remedy = { $access ->
        [no] Chiedere al contatto che ha effettuato l'ordine di farlo: aprire l'ordine in CCW, seguire il messaggio che il provisioning è ancora in sospeso («Fare clic qui») fino alla pagina degli abbonamenti Cloud/SaaS e fare clic su «Invia nuovamente».
       *[yes] Aprire l'ordine in CCW, seguire il messaggio che il provisioning è ancora in sospeso («Fare clic qui») fino alla pagina degli abbonamenti Cloud/SaaS, se serve modificare il contatto e fare clic su «Invia nuovamente».
    }
order-past-no-return = L'organizzazione è già integrata: l'e-mail non si può più inviare
    .detail = L'ordine è associato all'organizzazione in Control Hub; questo è il punto di non ritorno.
    .remedy = Il contatto o l'amministratore di provisioning accede a https://admin.webex.com e completa lì la configurazione.
help-explain--query = Codice di errore, testo incollato o nome di una procedura; - legge lo standard input; senza argomenti elenca ciò che è noto
help-explain--untrusted-emails = Attivazione: «E-mail non attendibili» è selezionato nel modello di onboarding (yes, no)
help-explain--share-link = Attivazione: «Condividi collegamento» punta al collegamento di attivazione (yes, no)
help-explain--retried = Attivazione: l'utente ha fatto clic una volta su «Riprova» (yes, no)
help-explain--user-status = Attivazione: che cosa dice «Mostra stato utente»
help-explain--line = Ordine: stato della riga dell'ordine in CCW
help-explain--offer = Ordine: che cosa è stato ordinato
help-explain--requested-start = Ordine: data di inizio richiesta (2026-11-22)
help-explain--ccw-access = Ordine: è possibile inviare di nuovo in CCW da soli (yes, no)
help-explain--onboarded = Ordine: l'organizzazione è già in Control Hub (yes, no)
help-explain--resend-failed = Ordine: il nuovo invio è stato tentato e non è riuscito (yes, no)
help-explain--answers = Risposte che un dialogo precedente ha scritto con --save
help-explain--save = Scrivere le risposte in questo file; check o bundle lo accettano con --answers
catalogue-lint = { $fault ->
    [id] { $id }: un identificativo ha lettere minuscole, cifre e trattini
    [unreachable] { $id }: né un codice né una frase vi conduce
    [no-example] { $id }: manca un esempio
    [no-counter-example] { $id }: manca un controesempio
    [example-elsewhere] { $id }: l'esempio «{ $text }» conduce prima a { $other }
    [example] { $id }: l'esempio «{ $text }» non vi conduce
    [counter-example] { $id }: il controesempio «{ $text }» vi conduce
    [code] { $id }: il codice { $text } appartiene anche a { $other }
    [reference] { $id }: il riferimento { $text } non inizia con https://
   *[keywords] { $id }: le parole chiave richiedono almeno due gruppi, nessuno vuoto
    }
catalogue-lint-sum = { $entries ->
    [one] { $entries } voce
   *[other] { $entries } voci
    }, { $faults ->
    [0] nessun errore
    [one] { $faults } errore
   *[other] { $faults } errori
    }
help-explain--lint = Controlla il catalogo, voci proprie comprese: regole, esempi e controesempi
explain-saved = Le risposte sono in { $path }; consegnarle con «w4b-diag bundle --answers».

## bundle

bundle-why = { $part ->
    [readme] Che cos'è questo pacchetto e come leggerlo
    [request] Testo della richiesta di assistenza, pronto da incollare
    [report-html] La diagnosi per le persone
    [report-json] La diagnosi per i programmi
    [status] La risposta della pagina di stato, come ricevuta
    [observation] Quanto osservato dalla verifica TLS del server
    [chain] Certificati come inviati dal server
    [trust] Certificati installati come ancore di fiducia
    [text] Testo dell'errore come mostrato all'utente
    [log] Log del momento del guasto
    [users] Stato degli utenti
    [picture] Schermata, allegata senza analisi
   *[attachment] Allegato
}
bundle-note = { $status ->
    [withheld] { $name } è stato trattenuto: { $reason }
    [failed] Non è stato possibile raccogliere { $name }: { $reason }
    [timed-out] { $name } non è stato raccolto in tempo: { $reason }
   *[interrupted] { $name } non è stato raccolto a causa di un'interruzione: { $reason }
}
bundle-readme-title = Diagnosi per Webex for BroadWorks: { $name }
bundle-readme-intro = Questo è il pacchetto di assistenza di un fornitore di servizi che gestisce Webex for BroadWorks. Aprire prima report.html: dice che cosa non va, che cosa fare e che cosa è stato escluso.
bundle-readme-part = { $part ->
    [report] La diagnosi per le persone. Una pagina che si apre in ogni browser, anche senza rete.
    [request] Il testo della richiesta di assistenza, in inglese.
    [markdown] Lo stesso testo in Markdown.
    [data] La diagnosi per i programmi.
    [manifest] Ogni file con dimensione, somma di controllo e origine, che cosa vi è stato mascherato, che cosa manca e perché.
    [status] La risposta della pagina di stato, come ricevuta.
    [tls] Per ogni server: i certificati come inviati e quanto osservato dalla verifica.
    [trust] Le ancore di fiducia per il TLS reciproco. Mai una chiave privata.
    [text] Testi degli errori come mostrati.
    [logs] Log.
    [users] Esportazioni degli utenti e del loro stato.
    [attachments] Schermate e altri allegati.
   *[notes] Stanno al posto di un file che non si è potuto condividere o raccogliere e dicono perché.
}
bundle-readme-private = Password, token, chiavi e dati di persone estranee al caso sono mascherati. Lo stesso valore ha sempre lo stesso pseudonimo. ID di organizzazione, ID di tracciamento, versioni, certificati e l'unico utente interessato restano leggibili, perché servono all'assistenza.
bundle-readme-check = w4b-diag verify controlla che nulla sia stato modificato; w4b-diag restore ritraduce gli pseudonimi di una risposta, sulla macchina che possiede la mappa privata.
bundle-readme-encrypted = { $count ->
        [one] Questo pacchetto è stato trasmesso cifrato con age. Può aprirlo solo chi ha la chiave segreta di questo destinatario:
       *[other] Questo pacchetto è stato trasmesso cifrato con age. Può aprirlo solo chi ha la chiave segreta di uno di questi destinatari:
    }
bundle-readme-encrypted-how = Si apre con questo comando; inspect, verify, diff e upload accettano il file cifrato con --identity CHIAVE:
error-bundle-write = impossibile scrivere { $path }: { $reason ->
    [full] il disco è pieno
    [no-directory] la cartella non esiste
    [denied] permesso negato
   *[other] { $words }
}
    .hint = { $reason ->
        [full] Liberare spazio o indicare un altro percorso con -o. Non è rimasto nulla sul disco.
        [no-directory] Creare la cartella o indicare un altro percorso con -o.
        [denied] Indicare con -o una cartella in cui è permesso scrivere.
       *[other] Indicare un altro percorso con -o. Non è rimasto nulla sul disco.
    }
error-bundle-redact = impossibile oscurare { $name }: { $reason }
    .hint = Il pacchetto non è stato scritto. Eseguire w4b-diag self-test e segnalarne l'esito.
error-bundle-secret = il pacchetto finito conteneva ancora un segreto in { $file } ({ $kinds }) ed è stato eliminato
    .hint = Tralasciare questo file oppure aggiungere un modello per esso sotto [redact] nella configurazione.
error-bundle-not-sealed = { $file } nel pacchetto finito non è ciò che è stato scritto; il pacchetto è stato eliminato
    .hint = Il disco o la memoria potrebbero essere difettosi. Riprovare e indicare un altro percorso con -o.
error-bundle-read = impossibile leggere { $path }: { $reason }
    .hint = Controllare il nome e i permessi.
error-bundle-encrypted = { $path } è cifrato
    .hint = Indicare con --identity il file con la propria identità age, oppure decifrarlo prima: age --decrypt.
error-bundle-undecryptable = { $path } non si apre con questa identità
    .hint = Chiedere per chi è stato cifrato. Se era per chi legge, il file è danneggiato: richiederlo di nuovo.
sign-error-read = impossibile leggere { $path }: { $reason }
    .hint = Controllare il percorso e i permessi.
sign-error-not-a-key = { $path } non è una chiave privata OpenSSH
    .hint = Indicare la chiave privata, non il file che termina con .pub. ssh-keygen -t ed25519 ne crea una; ssh-keygen -p ne converte una nel vecchio formato PEM.
sign-error-no-passphrase = la chiave { $path } è protetta da una passphrase
    .hint = Indicare un file con la passphrase con --passphrase-file, oppure impostare W4B_SIGN_PASSPHRASE.
sign-error-wrong-passphrase = la passphrase non apre la chiave { $path }
    .hint = Controllare --passphrase-file o W4B_SIGN_PASSPHRASE.
sign-error-algorithm = impossibile firmare con { $path }, una chiave di tipo { $algorithm }
    .hint = Usare una chiave Ed25519 o una chiave ECDSA su P-256 o P-384: ssh-keygen -t ed25519.
error-bundle-not-zip = { $path } non è un archivio ZIP
    .hint = Indicare un pacchetto creato con w4b-diag bundle.
error-bundle-broken = { $path } è danneggiato: { $words }
    .hint = Copiarlo o scaricarlo di nuovo.
error-bundle-manifest = { $path } non è un pacchetto di w4b-diag: { $fault ->
    [missing] manca manifest.json
    [several] manifest.json è presente più volte
    [version] il manifesto ha una versione che questo programma non conosce
    [changed] il manifesto è stato modificato
   *[unreadable] il manifesto non è leggibile
}
    .hint = Indicare un pacchetto creato con w4b-diag bundle oppure usare un programma più recente.
bundle-tampered = { $subject } è stato modificato dopo la creazione del pacchetto
    .detail = La dimensione o la somma di controllo non corrisponde al manifesto.
    .remedy = Non fare affidamento su questo pacchetto. Richiederlo o crearlo di nuovo.
bundle-tampered--missing = { $subject } manca
    .detail = Il manifesto lo elenca, ma non è nel file ZIP.
    .remedy = Non fare affidamento su questo pacchetto. Richiederlo o crearlo di nuovo.
bundle-tampered--extra = { $subject } non appartiene al pacchetto
    .detail = È nel file ZIP, ma non nel manifesto.
    .remedy = Non aprirlo. Richiedere o creare di nuovo il pacchetto.
bundle-tampered--duplicate = { $subject } è presente più volte nel file ZIP
    .detail = Quale versione venga estratta dipende dal programma.
    .remedy = Non estrarlo. Richiedere o creare di nuovo il pacchetto.
bundle-tampered--name = Il file ZIP ha una voce con un nome non sicuro: { $subject }
    .detail = Estratta, potrebbe essere scritta in un posto inatteso o fingersi un altro file.
    .remedy = Non estrarla. Richiedere o creare di nuovo il pacchetto.
bundle-tampered--manifest = { $reason ->
    [missing] { $subject } manca
    [several] { $subject } è presente più volte nel file ZIP
    [version] { $subject } ha una versione sconosciuta
    [changed] { $subject } è stato modificato dopo la creazione del pacchetto
   *[unreadable] { $subject } non è leggibile
}
    .detail = Senza un manifesto integro nulla nel pacchetto può essere verificato.
    .remedy = Non fare affidamento su questo pacchetto. Richiederlo o crearlo di nuovo.
bundle-tampered--container = Il file ZIP { $subject } non è come è stato scritto
    .detail = Nelle parole del programma: { $reason }.
    .remedy = Copiarlo o scaricarlo di nuovo. Se non basta, crearlo di nuovo.
bundle-tampered--ok = { $count ->
    [one] Il file è come è stato inserito nel pacchetto
   *[other] Tutti i { $count } file sono come sono stati inseriti nel pacchetto
}
    .detail = Dimensione e somma di controllo di ogni file corrispondono al manifesto.
bundle-signature = { $subject } è firmato con una chiave che non è nell’elenco dei firmatari
    .detail = La firma corrisponde al file, ma nessuno nell’elenco ha la chiave { $key }.
    .remedy = Chiedere al mittente per altra via se la chiave è sua, e solo allora aggiungerla all’elenco.
bundle-signature--ok = { $subject } è firmato da { $signer }
    .detail = Il file è quello che è stato firmato. Chiave: { $key }.
bundle-signature--out-of-time = { $subject } è firmato da { $signer }, la cui chiave non è valida in questo momento
    .detail = L’elenco dei firmatari limita nel tempo la chiave { $key }.
    .remedy = Chiedere al mittente di firmare con una chiave valida, oppure correggere i tempi nell’elenco.
bundle-signature--changed = { $subject } non è il file che è stato firmato
    .detail = Il file è stato modificato, oppure la firma è di un altro file. Chiave della firma: { $key }.
    .remedy = Non fare affidamento su questo pacchetto. Richiedere di nuovo il pacchetto e la sua firma.
bundle-signature--missing = { $subject } non ha una firma
    .detail = Il file con la firma non c’è.
    .remedy = Chiedere al mittente il file che termina con .sig, oppure indicarlo con --signature.
bundle-signature--unreadable = La firma di { $subject } non è leggibile
    .detail = Non è una firma OpenSSH, o è di un tipo di chiave non supportato. Sono supportati Ed25519, ECDSA (P-256, P-384) e RSA.
    .remedy = Chiedere di nuovo la firma al mittente.
bundle-signature--purpose = La firma di { $subject } è stata fatta per altro
    .detail = È una firma per «{ $purpose }», non per un pacchetto.
    .remedy = Chiedere al mittente di firmare il pacchetto con «w4b-diag bundle --sign» o con «ssh-keygen -Y sign -n w4b-diag-bundle».
bundle-secret-left = { $count ->
    [one] Un segreto è rimasto in { $subject }
   *[other] { $count } segreti sono rimasti in { $subject }
}
    .detail = Tipi: { $kinds }.
    .remedy = Non condividere questo pacchetto. Crearlo di nuovo; se si ripete, tralasciare il file o aggiungere un modello sotto [redact] nella configurazione. Cambiare la password o il token se è già stato condiviso.
bundle-secret-left--ok = { $count ->
    [one] Nessun segreto nel file
   *[other] Nessun segreto nei { $count } file
}
    .detail = Password, token, cookie e chiavi private sono stati cercati di nuovo.
bundle-secret-left--unknown = Non è stato possibile cercare segreti in { $subject }
    .detail = Non è un testo.
    .remedy = Esaminarlo di persona prima di condividere il pacchetto.
bundle-incomplete = { $status ->
    [partial] { $subject } è presente solo in parte
    [withheld] { $subject }: trattenuto
    [skipped] { $subject } è stato tralasciato di proposito
    [timed-out] { $subject } non è stato raccolto in tempo
    [interrupted] { $subject } non è stato raccolto a causa di un'interruzione
   *[failed] Non è stato possibile raccogliere { $subject }
}
    .detail = { $reason }
    .remedy = Procurarlo in altro modo se l'assistenza lo chiede.
bundle-incomplete--core = { $subject } non è nel pacchetto
    .detail = Ogni pacchetto completo contiene questo file.
    .remedy = Creare di nuovo il pacchetto.
bundle-incomplete--ok = Non manca nulla
    .detail = C'è tutto ciò che si doveva raccogliere.
bundle-redacted = { $masked ->
    [one] { $masked } valore è mascherato
   *[other] { $masked } valori sono mascherati
}
    .detail = { $kept ->
        [one] { $kept } valore utile all'assistenza è stato conservato.
       *[other] { $kept } valori utili all'assistenza sono stati conservati.
    }
bundle-redacted--ok = { $masked ->
    [one] { $masked } valore è mascherato
   *[other] { $masked } valori sono mascherati
}
    .detail = { $kept ->
        [one] { $kept } valore utile all'assistenza è stato conservato.
       *[other] { $kept } valori utili all'assistenza sono stati conservati.
    }
diff-old = Vecchio: { $name }, creato il { $made }: { $escalation ->
    [fix-first] correggere prima questo
    [wait] attendere Webex
    [incomplete] mancano dati
    [ready] pronto per una richiesta di assistenza
   *[none] { $verdict ->
        [ok] nessun problema
        [warning] avvisi
        [critical] risultati critici
       *[unknown] verifica non possibile
    }
}
diff-new = Nuovo: { $name }, creato il { $made }: { $escalation ->
    [fix-first] correggere prima questo
    [wait] attendere Webex
    [incomplete] mancano dati
    [ready] pronto per una richiesta di assistenza
   *[none] { $verdict ->
        [ok] nessun problema
        [warning] avvisi
        [critical] risultati critici
       *[unknown] verifica non possibile
    }
}
diff-keys = I due sono stati creati con chiavi diverse: gli pseudonimi dell’uno non si possono confrontare con quelli dell’altro.
diff-nothing = Non è cambiato nulla.
diff-findings = Risultati
diff-certificates = Certificati
diff-facts = Valori
diff-files = File
diff-finding = { $change ->
    [new] nuovo: { $new }
    [worse] peggiorato: { $old } → { $new }
    [better] migliorato: { $old } → { $new }
   *[gone] risolto: era { $old }
}
diff-certificate = { $subject }, numero di serie { $serial }, emesso da { $issuer }, valido fino al { $date }
diff-fact = { $fact ->
    [customer_orgs] Organizzazione cliente
    [partner_orgs] Organizzazione partner
    [tracking_ids] ID di tracciamento
    [user_emails] E-mail dell’utente
    [client_versions] Versioni di Webex App
    [broadworks_releases] Release di BroadWorks
    [control_hub_builds] Build di Control Hub
    [error_codes] Codici di errore
    [incidents] Incidenti
    [maintenances] Manutenzioni
    [reason] Perché non risponde
    [acceptable_cas] Nomi di CA accettati
    [protocols_offered] Versioni TLS offerte
   *[other] { $fact }
}
progress-upload = Caricamento
upload-error-sr = «{ $sr }» non è il numero di una richiesta di assistenza
    .hint = Indicare solo le cifre, ad esempio --sr 699123456. Support Case Manager mostra il numero.
upload-error-no-token = manca il token di caricamento
    .hint = Mettere il token in un file leggibile solo da chi lo usa e indicarlo con --token-file, oppure nella variabile d’ambiente { $variable }. Lo genera Support Case Manager: aprire il caso, Attachments, Generate Token.
upload-error-token-file = impossibile leggere il token da { $path }: { $reason }
    .hint = Il file deve contenere solo il token, su una riga.
upload-error-url = «{ $url }» non è un indirizzo HTTPS senza nome utente, password e query
    .hint = Scriverlo come https://cxd.cisco.com/home/; il nome del file viene aggiunto.
upload-error-not-clean = { $name } non è stato caricato: non è come è stato creato o contiene un segreto
    .hint = Eseguire w4b-diag verify per vedere che cosa non va e creare di nuovo il pacchetto.
upload-error-file = impossibile leggere { $path }: { $reason }
    .hint = Controllare il percorso e i permessi.
upload-error-no-answer = nulla è stato caricato: { $host } non risponde ({ $cause }): { $reason }
    .hint = Controllare rete, proxy (HTTPS_PROXY) e firewall verso { $host }, poi eseguire di nuovo lo stesso comando. Una CA propria si indica con --ca-file.
upload-error-refused = nulla è stato caricato: { $host } ha risposto con { $status }
    .hint = { $status ->
        [401] { $likely ->
            [sr] Molto probabilmente è sbagliato il numero della richiesta: di solito ha nove cifre. Il nome utente è il numero, la password è il token.
           *[token] Molto probabilmente il token è sbagliato o scaduto: vale 72 giorni e solo per questa richiesta. Generarne uno nuovo in Support Case Manager.
        }
        [403] Molto probabilmente il token è sbagliato o scaduto: vale 72 giorni e solo per questa richiesta. Generarne uno nuovo in Support Case Manager.
        [404] Controllare --url: a questo indirizzo non si può caricare nulla.
        [413] Il pacchetto è troppo grande per questo indirizzo. Ridurlo con --max-size.
       *[other] Riprovare più tardi; se non cambia, allegare il file in Support Case Manager.
    }
upload-error-consent = nulla è stato caricato: qui non si può chiedere a nessuno
    .hint = Aggiungere --yes dopo aver visto che cosa mostra --preview.
upload-already = { $name } è già stato caricato in { $sr } il { $at }; --again lo carica di nuovo
upload-done = { $name } è stato caricato nella richiesta di assistenza { $sr } (SHA-256 { $sha }){ $replaced ->
    [yes] ; ha sostituito un file con lo stesso nome
   *[no] {""}
}
upload-again = Il caricamento non è riuscito e viene ripetuto: { $reason }
bundle-error-max-size = non c’è spazio: lo zip avrebbe { $fixed } anche senza log, e ne sono richiesti { $limit }
    .hint = Indicare un --max-size maggiore o meno file.
bundle-reason-no-answer = Nessuna risposta utilizzabile: { $reason }
bundle-reason-no-room = Escluso: non c’è spazio entro --max-size
bundle-reason-cut-around = Solo la parte attorno all’errore, dalla riga { $line }: --max-size
bundle-reason-cut-end = Solo la fine: --max-size
inspect-judged = Valutato di nuovo al { $at }
inspect-unreadable = Non leggibile nel pacchetto
    .hint = Eseguire w4b-diag verify per vedere se il pacchetto è stato modificato.
inspect-gap = Non è nel pacchetto: { $reason }
    .hint = Chiederlo a chi ha creato il pacchetto.
diff-since = Cambiato da quando il pacchetto è stato creato
inspect-no-report = { $name } non contiene un rapporto leggibile
    .hint = Eseguire w4b-diag verify per sapere se è stato modificato.
bundle-made = Creato da { $tool } { $version } alle { $made } su { $os }
bundle-contents = { $count ->
    [one] { $count } file, { $size } estratto
   *[other] { $count } file, { $size } estratti
}
bundle-gaps = Assente, del tutto o in parte
bundle-gap = { $path }: { $status ->
    [partial] in parte
    [withheld] trattenuto
    [failed] non riuscito
    [skipped] tralasciato di proposito
    [timed-out] non in tempo
   *[interrupted] interrotto
} – { $reason }
bundle-masked = Mascherato
bundle-kept = Conservato perché serve all'assistenza
bundle-masked-count = { $count ->
    [one] { $count } mascherato
   *[other] { $count } mascherati
}
bundle-unscanned = non analizzato

## plugin

plugin-subject = { $subject }: { $title }
plugin-until = { $title } (valido fino al { $when } UTC)
plugin-since = { $title } (dal { $when } UTC)
plugin-more = { $first } (e { $count ->
    [one] { $count } altro problema
   *[other] altri { $count } problemi
    })
plugin-cut = Qui omessi: { $lines ->
    [one] { $lines } riga
   *[other] { $lines } righe
    }, { $values ->
    [one] { $values } valore di misura
   *[other] { $values } valori di misura
    }. Un sistema di monitoraggio legge 8 KiB; --verbose stampa tutto.
plugin-timeout = nessun risultato entro { $seconds ->
    [one] { $seconds } secondo
   *[other] { $seconds } secondi
    }
    .hint = Qualcosa non risponde: un server dei nomi, un server, un file system. Indicare meno destinazioni o concedere più tempo con --timeout, meno di quanto attende il monitoraggio stesso.
check-plugin-ok = { $count ->
    [one] { $count } controllo superato, nessun errore trovato
   *[other] { $count } controlli superati, nessun errore trovato
}
status-plugin-ok = { $count ->
    [0] nessun incidente aperto e nessuna manutenzione
    [one] { $count } componente funziona, nessun incidente aperto e nessuna manutenzione
   *[other] { $count } componenti funzionano, nessun incidente aperto e nessuna manutenzione
}

## notify

notify-title = { $kind ->
    [reminder] Promemoria: { $title }
    [recovered] Risolto: { $title }
   *[raised] { $title }
}
notify-over = Due esecuzioni consecutive lo hanno cercato e non lo hanno più trovato.
notify-since = Visto per la prima volta: { $when } UTC
notify-until = { $past ->
    [yes] Era valido fino al { $when } UTC
   *[no] Valido fino al { $when } UTC
}
notify-where = Dove: { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}e altri { $more }
    }
notify-from = w4b-diag su { $host }, { $when } UTC
notify-test-title = Messaggio di prova di w4b-diag
notify-test-detail = I messaggi arrivano qui. Non è stato controllato nulla.
notify-sent = Messaggi inviati: { $count }
notify-error-none = la configurazione non indica alcuna destinazione per i messaggi
    .hint = Aggiungere almeno un [[notify]] con kind e url; gli esempi sono in docs/notifications.md.
notify-error-secret = notify { $name }: { $from } non contiene nulla di utilizzabile
    .hint = Impostare la variabile d'ambiente o scrivere il segreto nel file, su una riga.
notify-error-url = notify { $name }: { $fault ->
    [missing] manca l'indirizzo
    [insecure] l'indirizzo non è cifrato, ma vi si invia un segreto
   *[other] l'indirizzo non è utilizzabile
    }
    .hint = Indicare url, url_env o url_file: https://… per i webhook, smtps://HOST o smtp://HOST per la posta, senza nome utente e password.
notify-error-mail = notify { $name }: "{ $key }" manca o non è un indirizzo e-mail
    .hint = La posta richiede from e to; con user anche password_env o password_file.
notify-error-twice = notify { $name } compare due volte
    .hint = Dare a ogni destinazione un nome proprio.
notify-error-ca-file = notify { $name }: { $fault ->
    [empty] il file CA { $path } non contiene alcun certificato
   *[unreadable] impossibile leggere il file CA { $path }: { $reason }
    }
    .hint = A questa destinazione non è stato inviato nulla. ca_file indica un file PEM con almeno un certificato.
notify-error-send = { $name }: il messaggio non ha raggiunto { $host }: { $cause ->
    [dns] il nome non si risolve
    [refused] nessuno è in ascolto
    [unreachable] non c'è una via per arrivarci
    [timeout] nessuna risposta in tempo
    [tls-untrusted] il suo certificato non è attendibile
    [tls-date] il suo certificato ora non è valido
    [tls-name] il suo certificato è per un altro nome
    [http-status] rifiuta
   *[other] la connessione è fallita
    } ({ $reason })
    .hint = La prossima esecuzione riprova. Provare con --notify-test; una CA propria si indica con ca_file.
notify-state-read = impossibile leggere { $path }: { $reason }
    .hint = Non è stato inviato nulla. Dare accesso al file all'utente di questa esecuzione.
notify-state-broken = { $path } non è una memoria delle notifiche
    .hint = Non è stato inviato nulla. Indicare un altro file con --state o spostare questo: tutto sarà comunicato ancora una volta.
notify-state-write = impossibile scrivere { $path }: { $reason }
    .hint = Non è stato inviato nulla, perché ogni esecuzione lo invierebbe di nuovo. Liberare spazio su disco o indicare con --state un file scrivibile.
notify-state-busy = un'altra esecuzione sta usando { $path }
    .hint = Comunica essa che cosa è nuovo. Evitare esecuzioni sovrapposte.
notify-state-place = non c'è una directory per la memoria delle notifiche
    .hint = Indicare un file con --state.
discover-read = impossibile leggere l'inventario { $path }: { $reason }
    .hint = Indicare una configurazione (TOML), un file CSV di host, un report JSON o un pacchetto.
discover-nothing = { $path } non indica alcun server
    .hint = Un file CSV richiede una colonna di host (host, server, fqdn, url, indirizzo); un report deve provenire da certs o check.
discover-row = { $path }, riga { $row }, tralasciata: { $cause }
calendar-summary = { $element ->
    [leaf] Scade il certificato di { $subject }
    [root] Scade il certificato radice di { $subject }
    [anchor] Scade l'ancora di fiducia Webex in { $subject }
   *[intermediate] Scade il certificato intermedio di { $subject }
}
calendar-description = { $name } è valido fino al { $when } UTC. Emesso da { $issuer }.
calendar-name = Webex for BroadWorks: certificati

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
render-made-by = Creato da { $tool } { $version } il { $made }, valutato alla data { $as_of }.
html-todo = Che cosa fare
html-todo-none = Non c'è nulla da fare.
html-certificates = Validità dei certificati
html-chart = Prima ciò che scade prima. Trattini sulla barra: dove iniziano avviso e critico. Linea tratteggiata: il giorno del rapporto, { $date }.
html-until = { $state ->
    [expired] scaduto il { $date }
    [soon] solo fino al { $date }
   *[valid] fino al { $date }
}
html-days = { $days ->
    [one] resta { $days } giorno
   *[other] restano { $days } giorni
}
html-skip = Vai al contenuto
html-timelines = Linee del tempo
html-incidents = Il guasto, e incidenti e manutenzioni vicini
html-incidents-caption = Sfondo grigio: il momento del guasto. Piena: si sovrappone. Tratteggiata: non si sovrappone.
html-relation = { $relation ->
    [during] aperto al momento del guasto
    [overlap] { $minutes ->
        [one] si sovrappone al guasto per { $minutes } minuto
       *[other] si sovrappone al guasto per { $minutes } minuti
    }
    [before] { $minutes ->
        [one] finito { $minutes } minuto prima
       *[other] finito { $minutes } minuti prima
    }
   *[after] { $minutes ->
        [one] iniziato { $minutes } minuto dopo
       *[other] iniziato { $minutes } minuti dopo
    }
}
html-span = { $until ->
    [none] dal { $from }, ancora aperto
   *[other] dal { $from } al { $until }
}
html-filter-severity = Gravità:
html-filter-owner = Da che parte:
html-filter-all = tutti
html-filter-none = Nessun risultato corrisponde a entrambi i filtri.
html-copy = Copia
html-copy-value = Copia { $value }
html-copied = Copiato
html-copy-all = Copia tutti i dati
html-size = Dimensione
html-size-about = circa { $size }
html-redacted = Oscurato
html-later = contato durante la compressione; vedere manifest.json
html-masked = { $count } × { $kind ->
    [tracking-id] ID di tracciamento
    [customer-org] ID organizzazione cliente
    [partner-org] ID organizzazione partner
    [org] ID organizzazione
    [user-id] ID utente
    [broadworks-user-id] ID utente BroadWorks
    [email] indirizzi e-mail
    [client-version] versioni del client
    [broadworks-release] release BroadWorks
    [control-hub-build] build di Control Hub
    [error-code] codici di errore
    [timestamp] indicazioni di tempo
    [call-id] Call-ID
    [device-id] ID dispositivo
    [fingerprint] impronte digitali
    [token] token di accesso
    [jwt] token web JSON
    [password] password e segreti
    [cookie] cookie e ID di sessione
    [sip-digest] campi SIP digest
    [signed-url] parametri di URL firmati
    [private-key] chiavi private
    [phone] numeri di telefono
    [person-name] nomi di persone
    [ip-address] indirizzi IP
    [mac-address] indirizzi MAC
    [host-name] nomi host
   *[custom] modelli propri
 }
html-facts = Dati del caso
html-files = File del pacchetto
html-files-caption = Che cosa contiene il pacchetto oltre a questa pagina
html-file = File

## service-request

sr-title-label = Titolo:
sr-title--error = Webex for BroadWorks: { $text } (errore { $code })
sr-title--code = Webex for BroadWorks: errore { $code }
sr-title--finding = Webex for BroadWorks: { $title }
sr-title--plain = Webex for BroadWorks: guasto presso un cliente
sr-severity = { $level ->
    [s2] Gravità proposta: S2 – il servizio è fortemente degradato per più utenti. Portarla a S1 se il servizio è fermo e non c'è alternativa.
   *[s3] Gravità proposta: S3 – è interessato un utente o una funzione e il lavoro prosegue. Portarla a S2 se sono interessati molti utenti, a S1 se il servizio è fermo.
}
sr-heading = { $section ->
    [impact] Impatto sull'attività
    [case] Chi e quando
    [ids] ID di tracciamento
    [versions] Versioni
    [errors] Errori come visualizzati
    [ours] Riscontrato da parte nostra
    [webex] Riconducibile a Webex
    [ruled-out] Verificato ed escluso
    [unchecked] Non è stato possibile verificare
    [changes] Che cosa è stato modificato prima
    [missing] Che cosa manca ancora e dove trovarlo
   *[files] File allegati
}
sr-impact-blank = [Da compilare: quanti utenti sono interessati, che cosa non possono fare, da quando e se esiste un'alternativa.]
sr-changes-blank = [Da compilare: che cosa è stato modificato in Control Hub, Partner Hub o BroadWorks prima dell'inizio del guasto, oppure “nulla”.]
sr-field = { $field ->
    [provider] Fornitore di servizi
    [customer-org] ID organizzazione del cliente
    [partner-org] ID organizzazione del partner
    [other-org] ID di un'altra organizzazione
    [user] Utente interessato
    [broadworks-id] ID BroadWorks
    [webex-id] ID utente Webex
    [time-frame] Intervallo di tempo
    [client-version] App Webex
    [control-hub-build] Build di Control Hub
   *[broadworks-release] Release BroadWorks
}
sr-time-frame = da { $first } a { $last } (UTC)
sr-passed = { $check } ({ $count }): { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}e altri { $more }
}
sr-more = { $count ->
    [one] e { $count } altro; vedere report.json
   *[other] e altri { $count }; vedere report.json
}
sr-more-files = { $count ->
    [one] e { $count } altro; vedere manifest.json
   *[other] e altri { $count }; vedere manifest.json
}

## exporter

help-exporter = Sorvegliare gli obiettivi configurati e fornirne le metriche a Prometheus
    .examples =
        w4b-diag exporter --config /etc/w4b-diag/config.toml
        w4b-diag exporter --listen :9812
        curl 'http://127.0.0.1:9812/probe?target=xsp1.example.net&module=cti'
help-exporter--listen = Indirizzo e porta su cui restare in ascolto; ":9812" significa tutti gli indirizzi; altrimenti [exporter] listen, altrimenti 127.0.0.1:9812
help-exporter--any-target = Accettare in /probe anche obiettivi non configurati: chi raggiunge l'exporter può allora collegarsi da questa macchina ovunque
exporter-listening = { $count ->
    [one] { $count } obiettivo sorvegliato; metriche su { $address }, percorso /metrics
   *[other] { $count } obiettivi sorvegliati; metriche su { $address }, percorso /metrics
}
exporter-reloaded = La configurazione è stata riletta ed è in uso.
exporter-not-reloaded = La configurazione non è utilizzabile; resta in uso quella precedente. { $reason }
exporter-not-read-again = I file indicati nella configurazione non sono più leggibili; resta in uso quanto letto in precedenza. { $reason }
exporter-error-listen = "{ $text }" non è un indirizzo con una porta
    .hint = Scrivere per esempio 127.0.0.1:9812, oppure :9812 per tutti gli indirizzi di questa macchina.
exporter-error-bind = impossibile restare in ascolto su { $address }: { $kind ->
        [in-use] lo fa già un altro programma
        [denied] permesso negato
        [not-available] questa macchina non ha quell'indirizzo
       *[other] { $reason }
    }
    .hint = Scegliere un altro indirizzo o un'altra porta con --listen o [exporter] listen.
exporter-error-no-target = non c'è nulla da sorvegliare
    .hint = Indicare i server come [[xsp]] nel file di configurazione, oppure ammettere qualsiasi obiettivo con --any-target.
exporter-error-half-tls = in [exporter] tls_certificate e tls_key vanno insieme
    .hint = Indicarli entrambi, oppure nessuno per il semplice HTTP.
exporter-error-tls = impossibile offrire HTTPS: { $reason }
    .hint = Indicare in [exporter] un certificato con la sua catena e la chiave privata corrispondente, entrambi in PEM.
exporter-error-user = "{ $name }" non può essere un nome utente in [[exporter.user]]
    .hint = Ogni nome deve comparire una sola volta, non essere vuoto e non contenere i due punti.
exporter-http-unauthorized = Accedere con un nome utente e una password dell'exporter.
exporter-http-not-found = Questa pagina non esiste. La pagina / le elenca tutte.
exporter-http-method = Qui si risponde solo a questi metodi: { $allowed }
exporter-http-healthy = L'exporter è in funzione.
exporter-http-ready = Ogni obiettivo è stato controllato almeno una volta.
exporter-http-not-ready = Alcuni obiettivi non sono ancora stati controllati.
exporter-http-reload-busy = La configurazione viene già riletta. Riprovare tra un momento.
exporter-http-no-target = Indicare un obiettivo: /probe?target=HOST:PORT&module=https
exporter-http-module = Il modulo "{ $module }" non esiste. I moduli sono https, cti e auth.
exporter-http-bad-target = "{ $target }" non è un obiettivo di questo modulo.
exporter-http-not-configured = { $target } non è tra gli obiettivi configurati.
exporter-http-too-many = Vengono controllati troppi obiettivi non configurati. Riprovare più tardi.
exporter-page-title = w4b-diag exporter { $version }
exporter-page-targets = { $count ->
    [one] Risponde { $answering } di { $count } obiettivo.
   *[other] Rispondono { $answering } di { $count } obiettivi.
}
exporter-page-metrics = le metriche di tutti gli obiettivi configurati
exporter-page-sd = gli obiettivi configurati, per la HTTP service discovery
exporter-page-healthy = se l'exporter è in funzione
exporter-page-ready = se ogni obiettivo è stato controllato almeno una volta
exporter-page-probe = le metriche di un obiettivo
