### w4b-diag: every sentence a person reads, auf Deutsch.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = Fehler:
label-warning = Warnung:
label-hint = Hinweis:
error-interrupted = abgebrochen
error-output = Standardausgabe kann nicht geschrieben werden: { $reason }

## files

cert-file-not-found = { $path }: Diese Datei gibt es nicht
    .hint = Prüfen Sie den Pfad. Relative Pfade in der Konfiguration gelten ab dem Ort der Konfigurationsdatei.
cert-file-permission = { $path }: Diese Datei darf nicht gelesen werden
    .hint = Starten Sie das Programm als Benutzer, der sie lesen darf, oder kopieren Sie das Zertifikat (nicht den Schlüssel) an einen anderen Ort.
cert-file-directory = { $path } ist ein Verzeichnis
    .hint = Nennen Sie eine Datei darin oder ein Muster wie "certs/*.pem".
cert-file-read = { $path } kann nicht gelesen werden: { $reason }
    .hint = Prüfen Sie den Pfad und den Datenträger.
cert-file-too-large = { $path } ist größer als { $mebibytes } MiB und damit zu groß für eine Zertifikatsdatei
    .hint = Nennen Sie die Datei, die nur die Zertifikate enthält.
cert-file-empty = { $path } ist leer
    .hint = Exportieren Sie das Zertifikat erneut oder laden Sie es erneut herunter.
cert-file-html = { $path } ist eine Webseite, kein Zertifikat
    .hint = Vermutlich endete das Herunterladen auf einer Anmeldeseite. Melden Sie sich an und laden Sie die Datei erneut herunter.
cert-file-binary = { $path } ist keine Zertifikatsdatei: weder PEM noch DER, PKCS#7, PKCS#12 oder JKS
    .hint = Prüfen Sie, ob es die richtige Datei ist, und exportieren Sie sie gegebenenfalls erneut.
cert-file-no-certificate = { $path } enthält kein Zertifikat
    .hint = Ein Zertifikat als Text beginnt mit der Zeile "-----BEGIN CERTIFICATE-----".
cert-file-damaged = { $path } ist beschädigt: { $format ->
    [der] ein DER-Zertifikat, das
    [pkcs7] eine PKCS#7-Datei, die
    [pkcs12] eine PKCS#12-Datei, die
    [jks] ein Java-Keystore, der
   *[other] eine Zertifikatsdatei, die
    } abgeschnitten oder fehlerhaft ist
    .hint = Kopieren Sie die Datei erneut im Binärmodus oder exportieren Sie sie erneut.
cert-file-not-a-bundle = { $path } ist PKCS#7, aber keine Liste von Zertifikaten
    .hint = Es sind verschlüsselte oder signierte Daten. Exportieren Sie die Zertifikate als PEM oder als .p7b-Datei.
cert-file-password-needed = { $path } ist durch ein Passwort geschützt
    .hint = Legen Sie das Passwort in der Umgebungsvariablen W4B_DIAG_P12_PASSWORD ab, oder nennen Sie in W4B_DIAG_P12_PASSWORD_FILE eine Datei, die es enthält.
cert-file-password-wrong = { $path }: Das Passwort ist falsch
    .hint = Legen Sie das richtige Passwort in der Umgebungsvariablen W4B_DIAG_P12_PASSWORD ab, oder in der Datei, die W4B_DIAG_P12_PASSWORD_FILE nennt.
cert-file-unsupported = { $path } ist mit einem nicht unterstützten Verfahren verschlüsselt: { $algorithm }
    .hint = Exportieren Sie die Zertifikate als PEM, zum Beispiel mit "openssl pkcs12 -nokeys".
cert-file-base64 = { $path }: Block { $block } ist in Zeile { $line } beschädigt: kein Base64
    .hint = Kopieren Sie den Block erneut aus der Quelle, von der BEGIN-Zeile bis zur END-Zeile.
cert-file-empty-block = { $path }: Block { $block } in Zeile { $line } ist leer
    .hint = Kopieren Sie den Block erneut aus der Quelle, von der BEGIN-Zeile bis zur END-Zeile.
cert-file-no-end = { $path }: Block { $block }, der in Zeile { $line } beginnt, hat keine END-Zeile
    .hint = Die Datei wurde vermutlich abgeschnitten. Kopieren Sie sie erneut.
cert-file-marker = { $path }: Die BEGIN- oder END-Zeile in Zeile { $line } ist beschädigt
    .hint = Davor und danach müssen genau fünf Bindestriche stehen. Textverarbeitungen und Mailprogramme verändern sie.
cert-file-damaged-block = { $path }: Block { $block } ist beschädigt
    .hint = Exportieren Sie die Datei erneut.
cert-file-other-block = { $path }: Der Block "{ $label }" ist kein Zertifikat
    .hint = Verwenden Sie das Zertifikat, das die CA zurückgeschickt hat, nicht die Anforderung, die an sie ging.
cert-file-too-many-blocks = { $path }: Nur die ersten { $limit } Blöcke wurden gelesen
    .hint = Nennen Sie die Datei, die nur die Zertifikate enthält.
cert-file-no-markers = { $path }: Die BEGIN- und END-Zeilen fehlen
    .hint = Ergänzen Sie die Zeilen "-----BEGIN CERTIFICATE-----" und "-----END CERTIFICATE-----": Andere Programme lehnen die Datei sonst ab.
cert-file-trailing-data = { $path }: Nach dem Zertifikat { $bytes ->
    [one] folgt { $bytes } Byte
   *[other] folgen { $bytes } Byte
    } anderer Daten
    .hint = Exportieren Sie die Datei erneut: Andere Programme lehnen sie vielleicht ab.
cert-file-secret-key-entry = { $path } enthält einen geheimen Schlüssel; was im Keystore darauf folgt, wurde nicht gelesen
    .hint = Listen Sie den Keystore mit keytool auf und exportieren Sie die Zertifikate, die hier fehlen.

## targets

target-empty = das Ziel ist leer
    .hint = Schreiben Sie host, host:port, https://host, cti://host, auth://host oder den Pfad einer Datei.
target-scheme = "{ $target }": { $scheme }:// ist nicht bekannt
    .hint = Bekannt sind https://, cti://, auth:// und file:.
target-host = "{ $target }" enthält keinen gültigen Hostnamen und keine gültige Adresse
    .hint = Schreiben Sie host, host:port oder bei IPv6 [Adresse]:port.
target-port = "{ $target }" enthält keinen gültigen Port
    .hint = Ein Port ist eine Zahl von 1 bis 65535.
target-pin = "{ $target }": Nach dem "#" folgt keine Adresse
    .hint = Um eine Adresse festzulegen, beenden Sie das Ziel mit #ip= und einer IPv4- oder IPv6-Adresse.
target-user-info = das Ziel enthält einen Benutzernamen
    .hint = Lassen Sie alles bis einschließlich "@" weg.
target-no-such-file = { $target }: Diese Datei gibt es nicht
    .hint = Prüfen Sie den Pfad. Heißt ein Server so, schreiben Sie https:// davor.
identity-read = Clientzertifikat oder Schlüssel { $path } kann nicht gelesen werden: { $reason }
    .hint = Prüfen Sie client_cert und client_key in der Konfiguration; beide sind PEM-Dateien.
identity-no-certificate = { $path } enthält kein Clientzertifikat
    .hint = client_cert muss eine PEM-Datei mit dem Zertifikat und seiner Kette nennen.
identity-no-key = { $path } enthält keinen verwendbaren privaten Schlüssel
    .hint = client_key muss eine PEM-Datei mit einem unverschlüsselten RSA-, ECDSA- oder Ed25519-Schlüssel nennen.
identity-mismatch = der Schlüssel { $key } gehört nicht zum Zertifikat { $certificate }
    .hint = Prüfen Sie client_cert und client_key in der Konfiguration.

## help

help-heading-usage = Aufruf:
help-heading-commands = Befehle
help-heading-arguments = Argumente
help-heading-options = Optionen
help-heading-global = Optionen aller Befehle
help-heading-examples = Beispiele:
help-heading-exit-codes = Exitcodes:
help-value-command = BEFEHL
help-note-values = { "[" }Werte: { $value }]
help-note-default = { "[" }Vorgabe: { $value }]
help-note-env = { "[" }Umgebung: { $value }]

help = Diagnose und Supportpakete für Webex for BroadWorks
    .exit-codes =
        0 alles in Ordnung oder erledigt
        1 der schwerste Befund ist eine Warnung, oder etwas wurde ausgelassen
        2 der schwerste Befund ist kritisch
        3 nicht erledigt: nicht prüfbar, falscher Aufruf, fehlerhafte Konfiguration
        130 abgebrochen
help-global--config = Konfigurationsdatei; sonst die des Benutzers und die des Rechners
help-global--lang = Sprache der Ausgabe; sonst die der Ländereinstellung
help-global--format = Ausgabeformat; welche es gibt, hängt vom Befehl ab
help-global--color = Wann Farben verwendet werden
help-global--quiet = Nur Ergebnisse, Warnungen und Fehler ausgeben
help-global--verbose = Mehr ausgeben
help-global--timeout = Zeitlimit für jedes Ziel und für die Statusseite: 500ms, 5s, 2m; mit --format nagios für den ganzen Lauf
help-global--as-of = Zu diesem Zeitpunkt statt jetzt beurteilen (RFC 3339)
help-global--threads = Wie viele Prozessorkerne verwendet werden
help-global--help = Hilfe ausgeben
help-global--version = Version ausgeben

help-check = Alle Prüfungen ausführen und sagen, was vor dem Eskalieren zu tun ist
    .examples =
        w4b-diag check mail.txt logs.zip --xsp cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag check --text - --no-network < error.txt
help-bundle = Alle Prüfungen ausführen und die Belege für einen Service Request packen
    .examples =
        w4b-diag bundle --preview mail.txt logs.zip
        w4b-diag bundle mail.txt logs.zip --xsp xsp1.example.net --user-email user@customer.example.com -o case.zip
help-status = Die Webex-Statusseite nach Störungen und Wartungen fragen
    .examples =
        w4b-diag status
        w4b-diag status --at 2026-11-20T08:30:00+01:00 --component "Webex App"
        w4b-diag status --url saved-index.json --format json
help-certs = Zertifikate und Vertrauensketten von Servern und Dateien prüfen
    .examples =
        w4b-diag certs xsp1.example.net cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag certs installed.pem --host xsp1.example.net
        w4b-diag certs --config /etc/w4b-diag/config.toml --format nagios
help-extract = Die für einen Service Request nötigen Angaben in Texten und Logs finden
    .examples =
        w4b-diag extract mail.txt logs/
        journalctl -u tomcat | w4b-diag extract --format json
help-redact = Einen Text ohne Geheimnisse und Daten Dritter ausgeben
    .examples =
        w4b-diag redact mail.txt > mail.redacted.txt
help-users = Benutzerexporte von Partner Hub und CSV-Dateien für Massenimporte prüfen
help-explain = Einen Fehlercode oder Fehlertext erklären und sagen, was zu tun ist
    .examples =
        w4b-diag explain 18215
        w4b-diag explain "Provisioning error with messaging server"
help-diff = Zeigen, was sich zwischen zwei Paketen geändert hat
help-inspect = Ein Paket zeigen: Urteil, Inhalt, was geschwärzt wurde
help-upload = Ein Paket zu seinem Service Request hochladen
help-verify = Jede Datei eines Pakets mit dem Manifest vergleichen und erneut nach Geheimnissen suchen
help-restore = Pseudonyme in der Antwort des Herstellers in die echten Werte zurückverwandeln
    .examples =
        w4b-diag restore answer.txt --map case.map
help-self-test = Die Härtefälle der Schwärzung auf diesem Rechner durchspielen
help-completions = Ein Vervollständigungsskript für eine Shell ausgeben
    .examples =
        w4b-diag completions bash > ~/.local/share/bash-completion/completions/w4b-diag
help-completions--shell = Die Shell
help-man = Die Handbuchseiten ausgeben
help-man--command = Der Befehl, dessen Seite ausgegeben wird; sonst die Übersicht
help-man--output = Alle Seiten in dieses Verzeichnis schreiben
help-checks = Alle Prüfungen auflisten
help-schema = Die JSON-Schemas von Ausgabe, Paket und Konfiguration ausgeben
help-schema--name = Das auszugebende Schema; sonst werden die Namen aufgelistet
help-schema--output = Alle Schemas in dieses Verzeichnis schreiben

help-notify--notify = Den Zielen von [[notify]] melden, was neu ist, andauert oder vorbei ist
help-notify--notify-test = Jedem Ziel von [[notify]] eine Testnachricht senden und nichts prüfen
help-notify--state = Datei, die sich merkt, was schon gemeldet wurde; sonst notify.json im Zustandsverzeichnis des Benutzers
help-certs--discover = Weitere Ziele: eine Konfiguration, eine CSV-Datei mit Hosts, ein früherer JSON-Bericht oder ein Paket
help-certs--calendar = Das Ende aller Zertifikate in diese Kalenderdatei schreiben, mit Erinnerungen
help-case--text = Datei mit einem Fehlertext; „-“ ist die Standardeingabe
help-case--log = Logdatei, Archiv oder Verzeichnis mit Logs
help-case--users-csv = Benutzerexport von Partner Hub oder CSV-Datei für den Massenimport
help-case--attach = Beizulegende Datei: Bildschirmfoto, HAR; Bilder werden nicht nach Geheimnissen durchsucht
help-case--xsp = Zu prüfender Server: HOST, https://HOST[:PORT], cti://HOST[:PORT], auth://HOST[:PORT] oder eine Zertifikatsdatei
help-case--trust = Datei mit der als Vertrauensanker installierten Webex-CA-Kette
help-case--status-url = Statusseite: Basis-URL, ein JSON-Dokument oder eine gespeicherte Datei
help-case--user-email = E-Mail-Adresse des betroffenen Benutzers; bleibt lesbar
help-case--customer-org = Organisations-ID des Kunden
help-case--partner-org = Organisations-ID des Partners
help-case--client-version = Version der Webex-App oder des Clients
help-case--broadworks-release = Release eines BroadWorks-Servers nach Rolle: as=Rel_25.0_1.1122
help-case--since = Beginn des Zeitraums, in dem es auftrat (RFC 3339)
help-case--until = Ende des Zeitraums, in dem es auftrat (RFC 3339)
help-case--no-network = Kein Netz benutzen: nur Dateien und gespeicherte Antworten beurteilen
help-case--paths = Dateien jeder Art; was sie sind, wird am Inhalt erkannt
help-bundle--output = Die zu schreibende Zip-Datei
help-bundle--preview = Zeigen, was weitergegeben würde, mit Größen und Schwärzungen; nichts schreiben
help-bundle--name = Name des Verzeichnisses in der Zip-Datei
help-bundle--max-size = Das Zip nicht größer machen (20MB, 20MiB): Protokolle werden gekürzt, das Neueste und dem Fehler Nächste zuerst
help-bundle--map = Zusätzlich die private Zuordnung der Pseudonyme in diese Datei schreiben; nie weitergeben
help-bundle--key = Datei mit dem Schlüssel der Pseudonyme; sonst der eigene des Standorts
help-bundle--fresh-key = Einen neuen Schlüssel verwenden, damit sich das Paket nicht mit anderen verknüpfen lässt
help-bundle--yes = Vor dem Schreiben nicht nachfragen
help-diff--old = Das frühere Paket
help-diff--new = Das spätere Paket
help-inspect--zip = Das Paket
help-inspect--judge = Die gespeicherten Beobachtungen nach heutigen Regeln neu beurteilen, zum jetzigen Zeitpunkt oder zu --as-of
help-upload--zip = Das Paket
help-upload--sr = Nummer des Service Requests
help-upload--token-file = Datei mit dem Upload-Token des Falls; sonst W4B_UPLOAD_TOKEN
help-upload--url = An diese HTTPS-Adresse hochladen statt zu Cisco
help-upload--ca-file = PEM-Datei mit CA-Zertifikaten, denen zusätzlich vertraut wird
help-upload--again = Auch hochladen, wenn es laut Quittung schon hochgeladen ist
help-bundle--upload = Das Paket zum Service Request hochladen
help-bundle--sr = Nummer des Service Requests
help-bundle--token-file = Datei mit dem Upload-Token des Falls; sonst W4B_UPLOAD_TOKEN
help-bundle--url = An diese HTTPS-Adresse hochladen statt zu Cisco
help-bundle--ca-file = PEM-Datei mit CA-Zertifikaten, denen zusätzlich vertraut wird
help-bundle--again = Auch hochladen, wenn es laut Quittung schon hochgeladen ist
help-verify--zip = Das Paket

## cli

config-unreadable =
    Konfigurationsdatei { $path } kann nicht gelesen werden: { $reason ->
        [missing] die Datei gibt es nicht
        [denied] keine Berechtigung
        [directory] es ist ein Verzeichnis
        [large] sie ist größer als 4 MiB
        [encoding] sie ist kein UTF-8-Text
       *[other] { $detail }
    }
    .hint = Geben Sie mit --config oder W4B_DIAG_CONFIG eine lesbare TOML-Datei an oder lassen Sie beides weg.
config-syntax = { $place }: kein gültiges TOML: { $reason }
    .hint = Korrigieren Sie die Datei in dieser Zeile und Spalte. Text steht in Anführungszeichen, Listen in eckigen Klammern.
config-unknown-key = { $place }: unbekannter Schlüssel „{ $key }“
    .hint =
        { $nearest ->
            [none] Bekannte Schlüssel an dieser Stelle: { $known }.
           *[other] Meinten Sie „{ $nearest }“?
        }
config-missing-key = { $place }: der Schlüssel „{ $key }“ fehlt
    .hint = Ergänzen Sie den Schlüssel in dieser Tabelle.
config-wrong-type =
    { $place }: „{ $key }“ muss { $expected ->
        [text] Text in Anführungszeichen
        [number] eine Zahl
        [boolean] true oder false
        [list] eine Liste in eckigen Klammern
       *[table] eine Tabelle
    } sein, hier steht aber { $found ->
        [text] Text
        [number] eine Zahl
        [boolean] true oder false
        [date] ein Datum
        [list] eine Liste
       *[table] eine Tabelle
    }
    .hint = Ändern Sie den Wert wie beschrieben.
config-invalid-value = { $place }: { $value } ist kein gültiger Wert für „{ $key }“
    .hint =
        { $form ->
            [date-time] Schreiben Sie eine Zeit mit Zone (RFC 3339), zum Beispiel "2026-11-20T08:30:00+01:00".
            [threshold] Schreiben Sie eine Dauer wie "30d" oder einen Anteil der Laufzeit wie "33%".
            [duration] Schreiben Sie eine Dauer wie "60s" oder "5m".
            [sha256] Schreiben Sie die 64 Hexadezimalziffern eines SHA-256: printf %s PASSWORT | sha256sum.
            [language] Schreiben Sie en, de, hr, nb oder it.
           *[other] Erlaubt: { $form }.
        }
config-refused = { $path }: { $reason }
    .hint = Korrigieren Sie die Konfigurationsdatei.
error-format = dieser Befehl hat kein Format „{ $format }“
    .hint = Formate dieses Befehls: { $available }.

usage-other = die Befehlszeile ist nicht verständlich: { $reason }
    .hint = Siehe { $help }.
usage-not-utf8 = ein Argument ist kein UTF-8-Text
    .hint = Siehe { $help }.
usage-missing-command = es fehlt ein Befehl
    .hint = Siehe { $help }.
usage-missing-argument = es fehlt: { $argument }
    .hint = Siehe { $help }.
usage-surplus-value = „{ $value }“ ist ein Wert zu viel für „{ $argument }“
    .hint = Siehe { $help }.
usage-repeated = „{ $argument }“ steht mehrmals da
    .hint = Einmal genügt; siehe { $help }.
usage-conflict = „{ $argument }“ und „{ $other }“ schließen einander aus
    .hint = Lassen Sie eines davon weg.
usage-unknown-argument = unbekanntes Argument „{ $argument }“
    .hint =
        { $nearest ->
            [none] Siehe { $help }.
           *[other] Meinten Sie „{ $nearest }“?
        }
usage-unknown-command = unbekannter Befehl „{ $command }“
    .hint =
        { $nearest ->
            [none] Siehe { $help }.
           *[other] Meinten Sie „{ $nearest }“?
        }
usage-missing-value = „{ $argument }“ braucht einen Wert
    .hint =
        { $values ->
            [none] Siehe { $help }.
           *[other] Mögliche Werte: { $values }.
        }
usage-invalid-value = „{ $value }“ ist kein gültiger Wert für „{ $argument }“
    .hint =
        { $nearest ->
            [none] { $values ->
                [none] { $form ->
                    [TIME] Schreiben Sie eine Zeit mit Zone (RFC 3339), zum Beispiel 2026-11-20T08:30:00+01:00.
                    [DURATION] Schreiben Sie eine Dauer wie 500ms, 5s, 2m oder 30d.
                    [SIZE] Schreiben Sie eine Größe wie 500kB, 20MB oder 20MiB.
                    [N] Schreiben Sie eine Zahl; siehe { $help }.
                   *[other] Siehe { $help }.
                }
               *[other] Mögliche Werte: { $values }.
            }
           *[other] Meinten Sie „{ $nearest }“? Mögliche Werte: { $values }.
        }
error-write-file =
    { $path } kann nicht geschrieben werden: { $kind ->
        [no-directory] das Verzeichnis gibt es nicht
        [denied] keine Berechtigung
        [full] der Datenträger ist voll
       *[other] { $reason }
    }
    .hint = Geben Sie einen Ort an, den es gibt und an dem Sie schreiben dürfen.
man-name = NAME
man-synopsis = ÜBERSICHT
man-description = BESCHREIBUNG
man-commands = BEFEHLE
man-examples = BEISPIELE
man-version = VERSION
schema-unknown = es gibt kein Schema „{ $name }“
    .hint = Schemas: { $known }.

## checks

# What each check makes sure of; what it found is said by the finding.
checks-id = PRÜFUNG
checks-severity = SCHWEREGRAD
checks-owner = ZUSTÄNDIG
checks-title = WAS GEPRÜFT WIRD
check-status-reachable = Die Statusseite ist lesbar
check-status-component = Die wichtigen Komponenten sind in Betrieb
check-status-incident = Keine offene Webex-Störung
check-status-maintenance = Keine laufende oder angekündigte Webex-Wartung
check-status-incident-at-time = Keine Webex-Störung zum Zeitpunkt des Fehlers
check-tls-connect = Der Port nimmt Verbindungen an
check-tls-handshake = Der TLS-Handshake gelingt
check-tls-protocol = TLS 1.2 oder neuer wird angeboten
check-tls-legacy-protocol = TLS 1.0 und 1.1 sind abgeschaltet
check-tls-cipher = Eine von Webex genutzte Cipher-Suite wird angeboten
check-tls-mixed-addresses = Alle Adressen eines Namens antworten gleich
check-tls-clock-skew = Die Uhr des Servers geht richtig
check-cert-expired = Das Zertifikat ist nicht abgelaufen
check-cert-expires-soon = Das Zertifikat läuft nicht bald ab
check-cert-not-yet-valid = Das Zertifikat ist bereits gültig
check-cert-self-signed = Das Zertifikat ist nicht selbst signiert
check-cert-not-publicly-trusted = Eine öffentliche Zertifizierungsstelle bürgt für das Zertifikat
check-cert-host-name = Das Zertifikat nennt den Hostnamen
check-cert-weak-key = Der Schlüssel ist stark genug
check-cert-weak-signature = Das Signaturverfahren ist stark genug
check-cert-key-usage = Das Zertifikat darf für diesen Zweck verwendet werden
check-cert-validity-period = Die Laufzeit entspricht den Regeln
check-cert-revoked = Das Zertifikat ist nicht gesperrt
check-cert-malformed = Das Zertifikat ist lesbar
check-chain-incomplete = Die Kette ist vollständig
check-chain-order = Die Kette ist richtig geordnet
check-chain-unrelated = Kein Zertifikat der Kette ist fehl am Platz
check-chain-invalid = Signaturen und Beschränkungen der Kette stimmen
check-trust-expired = Kein Vertrauensanker ist abgelaufen
check-trust-expires-soon = Kein Vertrauensanker läuft bald ab
check-trust-not-yet-valid = Jeder Vertrauensanker ist bereits gültig
check-trust-root-missing = Die Vertrauensdatei enthält das Stammzertifikat
check-trust-intermediate-missing = Die Vertrauensdatei enthält die ausstellende CA
check-trust-not-a-ca = Jeder Vertrauensanker ist eine CA
check-trust-private-key = Die Vertrauensdatei enthält keinen privaten Schlüssel
check-trust-duplicate = Kein Vertrauensanker ist doppelt vorhanden
check-trust-unsplit = Die Kettendatei ist in einzelne Zertifikate aufgeteilt
check-mtls-not-requested = Der Server verlangt ein Clientzertifikat
check-mtls-webex-ca-not-accepted = Der Server akzeptiert die Webex-CA-Kette
check-mtls-accepted-cas-unknown = Der Server nennt die akzeptierten CAs
check-case-customer-org = Die Organisations-ID des Kunden ist bekannt
check-case-partner-org = Die Organisations-ID des Partners ist bekannt
check-case-tracking-id = Eine Tracking-ID ist bekannt
check-case-user-email = Die E-Mail-Adresse des betroffenen Benutzers ist bekannt
check-case-client-version = Die Version des Clients ist bekannt
check-case-time-frame = Der Zeitpunkt des Fehlers ist bekannt
check-user-error = Kein Benutzer hat einen Fehler
check-user-pending = Kein Benutzer wartet auf eine Voraussetzung
check-user-stuck = Kein Benutzer hängt in der Bereitstellung
check-user-duplicate = Kein Benutzer ist doppelt vorhanden
check-csv-missing-field = Alle Pflichtfelder sind ausgefüllt
check-csv-invalid-value = Alle Werte sind zulässig
check-csv-encoding = Zeichenkodierung und Trennzeichen stimmen
check-csv-package-conflict = Kein Benutzer hat einander ausschließende Pakete
check-template-untrusted-emails = Nicht vertrauenswürdige E-Mails sind in der Vorlage gewählt
check-template-share-link = Der Freigabelink der Vorlage führt zur Aktivierung
check-release-unsupported = Das BroadWorks-Release wird unterstützt
check-release-unknown = Das BroadWorks-Release ist bekannt
check-order-not-ready = Die Bestellung ist bereit zur Bereitstellung
check-order-closed = Die Bestellposition ist offen
check-order-past-no-return = Die Bestellung liegt vor dem „Point of no return“
check-bundle-redacted = Der Inhalt ist geschwärzt
check-bundle-incomplete = Im Paket fehlt nichts
check-bundle-tampered = Das Paket ist unverändert
check-bundle-secret-left = Im Paket ist kein Geheimnis verblieben
check-bundle-signature = Das Paket ist von jemandem signiert, dem Sie vertrauen

## input

input-error = { $name }: { $fault ->
    [not-found] die Datei gibt es nicht
    [permission] die Datei darf nicht gelesen werden
    [no-match] keine Datei passt zu diesem Muster
    [not-regular] das ist keine gewöhnliche Datei
    [link] das ist ein Verweis aus dem Verzeichnis hinaus; ihm wird nicht gefolgt
    [binary] das ist kein Text; übersprungen
    [truncated] die Datei endet zu früh; was davor stand, wurde gelesen
    [changed] die Datei hat sich geändert, während sie gelesen wurde
    [grew] die Datei ist gewachsen, während sie gelesen wurde; das Angehängte fehlt
    [damaged] die Datei ist beschädigt ({ $detail })
    [encrypted] die Datei ist verschlüsselt
    [method] die Datei ist mit einem nicht unterstützten Verfahren komprimiert
    [limit-depth] zu viele Archive sind ineinander verschachtelt
    [limit-count] es sind zu viele Dateien
    [limit-size] entpackt sind es zu viele Bytes
    [limit-ratio] entpackt ist es weit mehr als gepackt: vermutlich eine Zip-Bombe
    [limit-overlap] die Einträge teilen sich ihre Bytes: vermutlich eine Zip-Bombe
   *[other] die Datei ist nicht lesbar: { $detail }
    }
    .hint = { $fault ->
    [not-found] Prüfen Sie den Pfad; Groß- und Kleinschreibung zählt.
    [permission] Starten Sie das Programm als Benutzer, der die Datei lesen darf, oder kopieren Sie sie.
    [no-match] Prüfen Sie das Muster oder nennen Sie die Dateien einzeln.
    [not-regular] Nennen Sie eine Datei, ein Verzeichnis oder ein Archiv.
    [link] Nennen Sie die Datei selbst, wenn sie zum Fall gehört.
    [binary] Fügen Sie Bilder und Dokumente dem Fall mit --attach bei.
    [truncated] Kopieren oder laden Sie die Datei noch einmal.
    [changed] Lesen Sie die Datei noch einmal, wenn niemand in sie schreibt, oder lesen Sie eine Kopie.
    [grew] Lesen Sie die Datei noch einmal, um auch das Angehängte zu haben.
    [damaged] Kopieren oder laden Sie die Datei noch einmal oder entpacken Sie sie mit einem anderen Programm.
    [encrypted] Entpacken Sie die Datei zuerst und nennen Sie die entpackten Dateien.
    [method] Entpacken Sie die Datei mit einem anderen Programm und nennen Sie die entpackten Dateien.
    [limit-depth] Entpacken Sie das äußere Archiv und nennen Sie das innere.
    [limit-count] Nennen Sie weniger Dateien oder ein Unterverzeichnis.
    [limit-size] Entpacken Sie das Archiv und nennen Sie die Dateien, auf die es ankommt.
    [limit-ratio] Entpacken Sie es nur, wenn Sie der Quelle vertrauen.
    [limit-overlap] Entpacken Sie es nur, wenn Sie der Quelle vertrauen.
   *[other] Prüfen Sie den Datenträger und die Verbindung zu ihm und versuchen Sie es noch einmal.
    }

## status

help-status--url = Statusseite: ihre Basis-URL, ein JSON-Dokument oder eine gespeicherte Datei
help-status--component = Komponente, auf die es ankommt; mehrfach möglich; sonst die der Konfiguration
help-status--region = Region, auf die es ankommt, wie auf der Seite geschrieben; mehrfach möglich; sonst die der Konfiguration
help-status--at = Zeitpunkt des Fehlers (RFC 3339): Was war da offen?
help-status--since = Beginn der Zeit, in der es geschah (RFC 3339)
help-status--until = Ende der Zeit, in der es geschah (RFC 3339); sonst jetzt
help-status--no-cache = Die Seite selbst fragen, auch wenn sie in der letzten Minute gefragt wurde
help-status--watch = Weiter fragen und nur Änderungen ausgeben
help-status--interval = Zeit zwischen zwei Fragen bei --watch: 30s, 5m
help-status--output = In diese Datei statt auf die Standardausgabe schreiben: im Ganzen ersetzt, für alle lesbar (0644); für den Textfile-Collector des Node Exporters endet ihr Name auf .prom

status-error-ca-file = die CA-Datei { $path } kann nicht gelesen werden: { $reason }
    .hint = Nennen Sie in der Konfiguration unter [status] ca_file eine lesbare PEM-Datei.
status-error-ca-file-empty = die CA-Datei { $path } enthält kein Zertifikat
    .hint = Die Datei muss mindestens einen Block „BEGIN CERTIFICATE“ enthalten. Fragen Sie den Betreiber des Proxys nach dessen CA-Zertifikat im PEM-Format.
status-error-proxy = { $reason } ist keine Proxy-Adresse
    .hint = Schreiben Sie in der Konfiguration unter [status] proxy zum Beispiel http://proxy.example.net:3128.
status-error-http = HTTP kann nicht eingerichtet werden: { $reason }
    .hint = Prüfen Sie die Zertifikate des Systems. Hilft das nicht, melden Sie diesen Text als Programmfehler.
status-error-url = „{ $text }“ ist keine brauchbare URL
    .hint = Geben Sie die Basis der Seite an, etwa https://status.webex.com/, ein JSON-Dokument oder eine gespeicherte Datei.
status-error-scheme = „{ $text }“: nur http, https und Dateien können gelesen werden
    .hint = Geben Sie die Basis der Seite an, etwa https://status.webex.com/, ein JSON-Dokument oder eine gespeicherte Datei.
status-error-reversed = der Zeitraum endet ({ $last }), bevor er beginnt ({ $first })
    .hint = Vertauschen oder berichtigen Sie --since und --until.

status-reachable = { $cause ->
        [file] Die gespeicherte Statusdatei kann nicht gelesen werden
        [http-status] Die Statusseite antwortet mit einem Fehler (HTTP { $status })
        [not-the-api] Was antwortet, ist keine Statusseite
        [broken] Die Antwort der Statusseite ist beschädigt
        [too-large] Die Antwort der Statusseite ist zu groß
        [captive-portal] Statt der Statusseite antwortet eine Anmeldeseite des Netzwerks
       *[other] Die Statusseite ist von hier aus nicht erreichbar
    }
    .detail =
        { $cause ->
            [dns] Der Name lässt sich nicht auflösen.
            [refused] Die Verbindung wird abgelehnt.
            [unreachable] Es gibt keinen Weg dorthin.
            [proxy] Der HTTP-Proxy ist nicht erreichbar oder lehnt ab.
            [proxy-auth] Der HTTP-Proxy verlangt Benutzername und Kennwort.
            [tls-untrusted] Das Zertifikat stammt von keiner CA, der hier vertraut wird; oft steht ein Proxy dazwischen, der TLS aufbricht.
            [tls-date] Das Zertifikat ist abgelaufen oder noch nicht gültig; oft geht die Uhr dieses Rechners falsch.
            [tls-name] Das Zertifikat gilt für einen anderen Namen.
            [tls] Es kam keine sichere Verbindung zustande.
            [timeout] Es kam nicht rechtzeitig eine vollständige Antwort.
            [redirect-loop] Die Weiterleitungen nehmen kein Ende.
            [redirect-insecure] Es wird von HTTPS auf HTTP weitergeleitet; dem wird nicht gefolgt.
            [too-large] Das Lesen wurde bei der Grenze von 8 MiB abgebrochen.
            [reset] Die Verbindung wurde geschlossen, bevor die Antwort vollständig war.
            [not-http] Was dort antwortet, spricht kein HTTP.
            [http-status] Der Server antwortet, aber nicht mit dem Status.
            [captive-portal] Die Antwort kommt von einem anderen Host als dem gefragten.
            [not-the-api] Es kam eine Webseite oder ein anderes Dokument, auch wenn mit HTTP 200.
            [broken] Sie endet mittendrin oder ist ungültig.
            [file] Sie existiert nicht oder darf nicht gelesen werden.
           *[other] Es misslang aus einem unerwarteten Grund.
        } Das sagt nichts darüber, ob Webex funktioniert.
        { $subject }: { $reason }
    .remedy = { $cause ->
        [dns] Prüfen Sie den Namen und die DNS-Server dieses Rechners, oder führen Sie die Prüfung dort aus, wo das Internet erreichbar ist. In einem Netzwerk mit Proxy setzen Sie HTTPS_PROXY.
        [refused] Prüfen Sie Adresse und Port. In einem Netzwerk mit Proxy setzen Sie HTTPS_PROXY.
        [unreachable] Prüfen Sie Netzwerk und Firewall. In einem Netzwerk mit Proxy setzen Sie HTTPS_PROXY.
        [proxy] Prüfen Sie HTTPS_PROXY und NO_PROXY oder in der Konfiguration [status] proxy.
        [proxy-auth] Geben Sie Benutzername und Kennwort in HTTPS_PROXY an: http://USER:PASSWORD@proxy.example.net:3128.
        [tls-untrusted] Nennen Sie das CA-Zertifikat des Proxys in der Konfiguration unter [status] ca_file.
        [tls-date] Prüfen Sie Datum und Uhrzeit dieses Rechners.
        [tls-name] Prüfen Sie die URL. In einem Netzwerk mit Proxy fragen Sie dessen Betreiber.
        [timeout] Versuchen Sie es noch einmal, bei Bedarf mit längerem --timeout.
        [captive-portal] Öffnen Sie auf diesem Rechner eine Webseite im Browser, melden Sie sich am Netzwerk an, und versuchen Sie es noch einmal.
        [not-the-api] Prüfen Sie die URL: Sie muss die Basis der Seite sein, etwa https://status.webex.com/, oder eines ihrer JSON-Dokumente.
        [too-large] Prüfen Sie die URL: Sie muss die Basis der Seite sein, etwa https://status.webex.com/, oder eines ihrer JSON-Dokumente.
        [http-status] Öffnen Sie die Seite im Browser, und versuchen Sie es in einigen Minuten noch einmal.
        [broken] Versuchen Sie es noch einmal. Eine gespeicherte Datei kann abgeschnitten sein: Speichern Sie sie neu.
        [file] Prüfen Sie Pfad und Berechtigungen.
       *[other] Öffnen Sie die Seite im Browser, und versuchen Sie es noch einmal. Ein dort gespeichertes Dokument lässt sich mit --url DATEI angeben.
    }
status-reachable--ok = Die Statusseite wurde gelesen
    .detail = { $subject }, { $at }.
status-reachable--skew = Die Uhren der Statusseite und dieses Rechners weichen um { $seconds } s voneinander ab
    .detail = Dieser Rechner geht { $direction ->
            [behind] nach
           *[ahead] vor
        }. Zeiten aus Protokollen und von der Statusseite lassen sich dann nicht auf die Minute vergleichen. ({ $subject }, { $at })
    .remedy = Stellen Sie die Uhr dieses Rechners über NTP, und berücksichtigen Sie die Abweichung beim Vergleichen.

status-component = { $subject }: { $state ->
        [under_maintenance] in Wartung
        [degraded_performance] eingeschränkte Leistung
        [partial_outage] teilweise ausgefallen
       *[major_outage] weitgehend ausgefallen
    }
    .detail = { $part ->
            [none] So meldet es die Statusseite für die Komponente selbst
           *[other] So meldet es die Statusseite für ihren Teil „{ $part }“
        }{ $since ->
            [none] .
           *[other] ; letzte Änderung { $since }.
        }
    .remedy = { $who } arbeitet daran. Warten Sie ab, abonnieren Sie die Statusseite, und informieren Sie den Kunden. Eskalieren Sie nur, wenn die Störung danach bleibt.
status-component--ok = { $subject }: in Betrieb
    .detail = Laut Statusseite.
status-component--other-region = { $subject }: Störung nur in anderen Regionen ({ $regions })
    .detail = { $part ->
            [none] Die Komponente selbst
           *[other] Ihr Teil „{ $part }“
        }: { $state ->
            [under_maintenance] in Wartung
            [degraded_performance] eingeschränkte Leistung
            [partial_outage] teilweise ausgefallen
           *[major_outage] weitgehend ausgefallen
        }. Keine der Regionen aus der Konfiguration ist genannt.
    .remedy = Nichts zu tun, außer ein Kunde nutzt diese Regionen.
status-component--unknown = Die Statusseite führt keine Komponente „{ $subject }“
    .detail = { $nearest ->
            [none] {""}
           *[other] Meinten Sie „{ $nearest }“?{" "}
        }Sie führt: { $names }.
    .remedy = Schreiben Sie den Namen wie auf der Seite, mit --component oder in der Konfiguration unter [status] components.
status-component--unknown-state = { $subject }: { $word ->
        [none] Die Statusseite nennt keinen Zustand
       *[other] Die Statusseite sagt „{ $word }“
    }
    .detail = Darüber lässt sich nichts sagen.
    .remedy = Sehen Sie auf der Statusseite nach.
status-component--not-said = Diese Quelle führt keine Komponenten
    .detail = { $subject } sagt nichts über einzelne Komponenten.
    .remedy = Geben Sie die Basis der Seite an, etwa https://status.webex.com/, oder deren index.json.

status-incident = Offene Störung ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Beginn nicht genannt
           *[other] Seit { $since }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        } Betroffen: { $components ->
            [none] nicht genannt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; Regionen: { $regions }.
        }
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = { $who } arbeitet daran. Warten Sie ab, abonnieren Sie die Störung ({ $link }), und informieren Sie den Kunden. Öffnen Sie dafür keine Serviceanfrage; eskalieren Sie nur, wenn der Fehler nach dem Ende der Störung bleibt.
status-incident--unclear = Offene Störung, die keine Komponente nennt ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Beginn nicht genannt
           *[other] Seit { $since }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        } Ob sie passt, geht nur aus ihrem Text hervor.
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = Vergleichen Sie den Text mit dem Fehler. Passt er: Warten Sie ab, abonnieren Sie die Störung ({ $link }), und informieren Sie den Kunden.
status-incident--other-region = Offene Störung in anderen Regionen ({ $regions }; { $who }): { $name }
    .detail =
        { $since ->
            [none] Beginn nicht genannt
           *[other] Seit { $since }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        } Keine der Regionen aus der Konfiguration ist genannt.
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = Nichts zu tun, außer ein Kunde nutzt diese Regionen.
status-incident--unknown-state = Störung, deren Stand nicht bekannt ist ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Beginn nicht genannt
           *[other] Seit { $since }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        } Die Quelle sagt nicht in bekannten Worten, ob sie noch offen ist.
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = Sehen Sie auf der Statusseite nach ({ $link }).
status-incident--ok = Keine offene Störung betrifft diese Komponenten
    .detail = { $others ->
            [0] Es ist keine Störung offen.
            [one] { $others } offene Störung betrifft andere Dienste.
           *[other] { $others } offene Störungen betreffen andere Dienste.
        }
status-incident--unknown = Diese Quelle sagt nicht, welche Störungen offen sind
    .detail = { $subject } enthält keine Liste der Störungen.
    .remedy = Geben Sie die Basis der Seite an, etwa https://status.webex.com/, oder deren index.json.

status-maintenance = Laufende Wartung ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Beginn nicht genannt
           *[other] Seit { $since }
        }{ $until ->
            [none] {""}
           *[other] , geplant bis { $until }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        } Betroffen: { $components ->
            [none] nicht genannt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; Regionen: { $regions }.
        }
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = Warten Sie das Ende der Wartung ab ({ $link }), und informieren Sie den Kunden. Eskalieren Sie nur, wenn der Fehler danach bleibt.
status-maintenance--unclear = Laufende Wartung, die keine Komponente nennt ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Beginn nicht genannt
           *[other] Seit { $since }
        }{ $until ->
            [none] {""}
           *[other] , geplant bis { $until }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        }
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = Vergleichen Sie den Text mit dem Fehler ({ $link }).
status-maintenance--soon = Wartung innerhalb von 24 Stunden ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Beginn nicht genannt
           *[other] Von { $since }
        }{ $until ->
            [none] {""}
           *[other] { " " }bis { $until }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        } Betroffen: { $components ->
            [none] nicht genannt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; Regionen: { $regions }.
        }
    .remedy = Informieren Sie die betroffenen Kunden ({ $link }).
status-maintenance--ok = Keine Wartung dieser Komponenten jetzt oder innerhalb von 24 Stunden
    .detail = Laut Statusseite.
status-maintenance--unknown = Diese Quelle sagt nicht, welche Wartung geplant ist
    .detail = { $subject } enthält keine Liste der Wartungen.
    .remedy = Geben Sie die Basis der Seite an, etwa https://status.webex.com/, oder deren index.json.

status-incident-at-time = Störung zur Zeit des Fehlers ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Fehler: { $first }.
           *[frame] Fehler: { $first } bis { $last }.
        } Störung: { $since } bis { $until ->
            [none] jetzt, noch offen
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        }
        { $kind ->
            [instant] Die Störung war zu dieser Zeit offen.
           *[frame] Überschneidung: { $minutes } min, { $from } bis { $to }.
        } Betroffen: { $components ->
            [none] nicht genannt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; Regionen: { $regions }.
        }
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = Vergleichen Sie den Text mit dem Fehler. Passt er, erklärt die Störung den Fehler: Verfolgen Sie die Störung ({ $link }), und informieren Sie den Kunden. Eskalieren Sie nur, was nach ihrem Ende bleibt.
status-incident-at-time--maintenance = Wartung zur Zeit des Fehlers ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Fehler: { $first }.
           *[frame] Fehler: { $first } bis { $last }.
        } Wartung: { $since } bis { $until ->
            [none] jetzt, noch nicht beendet
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        }
        { $kind ->
            [instant] Sie lief zu dieser Zeit.
           *[frame] Überschneidung: { $minutes } min, { $from } bis { $to }.
        } Betroffen: { $components ->
            [none] nicht genannt
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; Regionen: { $regions }.
        }
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = Vergleichen Sie den Text mit dem Fehler ({ $link }). Passt er, erklärt die Wartung den Fehler. Eskalieren Sie nur, was nach ihrem Ende bleibt.
status-incident-at-time--unclear = Zur Zeit des Fehlers, nennt keine Komponente: { $name }
    .detail =
        { $kind ->
            [instant] Fehler: { $first }.
           *[frame] Fehler: { $first } bis { $last }.
        } Gemeldet: { $since } bis { $until ->
            [none] jetzt, noch offen
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; Nummer { $numbers }.
        }
        { $kind ->
            [instant] Zu dieser Zeit war der Eintrag offen.
           *[frame] Überschneidung: { $minutes } min, { $from } bis { $to }.
        }
        { $update ->
            [none] Bisher keine Mitteilung.
           *[other] Letzte Mitteilung ({ $updated }): { $update }
        }
    .remedy = Vergleichen Sie den Text mit dem Fehler ({ $link }).
status-incident-at-time--ok = Keine Webex-Störung oder -Wartung zur Zeit des Fehlers
    .detail = { $kind ->
            [instant] { $first }
           *[frame] { $first } bis { $last }
        }: Nichts überschneidet sich, das diese Komponenten nennt.
status-incident-at-time--unknown = Ob Webex zur Zeit des Fehlers eine Störung hatte, ist nicht bekannt
    .detail = { $kind ->
            [instant] { $first }
           *[frame] { $first } bis { $last }
        }: { $what ->
            [incidents] Die Liste der Störungen reicht nicht weit genug zurück
            [maintenances] Die Liste der Wartungen reicht nicht weit genug zurück
           *[both] Die Listen der Störungen und Wartungen reichen nicht weit genug zurück
        }{ $known ->
            [none] , oder diese Quelle hat keine.
           *[other] ; sie beginnt am { $known }.
        } Was bekannt ist, überschneidet sich nicht.
    .remedy = Sehen Sie im Verlauf der Statusseite nach ({ $subject }).

status-incident-at-time--skew = Die Uhren gehen zu verschieden, um zu sagen, ob sich das überschneidet ({ $who }): { $name }
    .detail = { $kind ->
            [instant] Fehler: { $first }.
           *[frame] Fehler: { $first } bis { $last }.
        } Veröffentlicht: { $since } bis { $until ->
            [none] jetzt, noch offen
           *[other] { $until }
        }. So gelesen überschneiden sie sich nicht. Diese Maschine geht gegenüber der Statusseite aber { $seconds } s { $direction ->
            [behind] nach
           *[ahead] vor
        }: Eine Zeit, die von ihrer Uhr abgelesen wurde, ist um ebenso viel falsch, und dann überschneiden sie sich.
    .remedy = Klären Sie, von welcher Uhr die Zeit des Fehlers stammt, stellen Sie die Uhr dieser Maschine mit NTP, und geben Sie die berichtigte Zeit mit --at oder --since und --until an.

status-watch-gone = vorbei: { $title }
status-watch-started = { $source } wird alle { $seconds } s beobachtet; Änderungen werden ausgegeben. Strg-C beendet es.

timeline-title = Zeitleiste
timeline-fault = Fehler
## certs

tls-connect = Keine Verbindung zu { $subject }
    .detail = Von diesem Rechner aus gesehen: { $reason ->
        [dns] Der Name { $host } wird nicht aufgelöst.
        [dns-silent] Der Nameserver hat auf die Frage nach { $host } nicht geantwortet.
        [refused] { $address } weist Verbindungen auf Port { $port } ab.
        [unreachable] Es gibt keine Route zu { $address }.
        [timeout-connect] { $address } antwortet auf Port { $port } nicht innerhalb der Zeitgrenze.
        [internal] Die Prüfung selbst ist gescheitert ({ $words }).
       *[other] Keine Verbindung zu { $address } auf Port { $port } ({ $words }).
    }
    .remedy = { $reason ->
        [dns] Prüfen Sie die Schreibweise und den DNS-Eintrag von { $host }. Auch Webex muss den Namen auflösen können.
        [dns-silent] Prüfen Sie die Nameserver dieses Rechners (/etc/resolv.conf) und den Weg zu ihnen.
        [refused] Prüfen Sie auf dem XSP, ob die Schnittstelle auf Port { $port } lauscht und der Dienst läuft.
        [internal] Wiederholen Sie den Aufruf mit --verbose; tritt der Fehler erneut auf, melden Sie ihn als Fehler dieses Programms.
       *[other] Prüfen Sie Routing und Firewall zwischen diesem Rechner und { $address }. Webex verbindet sich aus eigenen Netzen: Testen Sie auch von außen.
    }
tls-connect--ok = { $subject } ist erreichbar
tls-handshake = { $subject } spricht nicht wie erwartet TLS
    .detail = Von diesem Rechner aus gesehen: { $reason ->
        [timeout-handshake] { $address } nimmt die Verbindung an und schweigt dann.
        [slow-peer] { $address } antwortet so langsam, dass der Handshake nicht innerhalb der Zeitgrenze endet.
        [reset] { $address } schließt die Verbindung während des Handshakes.
        [not-tls] Was auf Port { $port } von { $address } antwortet, ist kein TLS.
        [protocol-version] { $address } und dieses Programm haben keine gemeinsame TLS-Version.
        [alert] { $address } bricht den Handshake mit dem TLS-Alert { $alert } ab.
       *[other] Der Handshake mit { $address } ist gescheitert ({ $words }).
    }
    .remedy = { $reason ->
        [not-tls] Prüfen Sie, ob die Schnittstelle auf Port { $port } auf „secure“ gestellt ist.
        [protocol-version] Schalten Sie an dieser Schnittstelle TLS 1.2 ein.
        [alert] Sehen Sie im Protokoll des XSP zum selben Zeitpunkt nach: Dort steht, warum der Handshake abgelehnt wurde.
       *[other] Prüfen Sie, ob der Dienst hängt oder überlastet ist und ob eine Firewall oder ein Load Balancer die Verbindung trennt.
    }
tls-handshake--ok = TLS-Handshake mit { $subject } gelingt
tls-protocol = { $subject } bietet TLS 1.2 nicht an
    .detail = Angeboten: { $versions }. Webex handelt TLS 1.2 oder neuer aus, nichts Älteres.
    .remedy = Schalten Sie TLSv1.2 ein. Die speziellste Einstellung gilt: { $contexts }
tls-protocol--ok = { $subject } bietet { $versions } an
tls-legacy-protocol = { $subject } bietet noch { $versions } an
    .detail = Diese Versionen sind überholt (RFC 8996). Webex nutzt sie nicht, Angreifer möglicherweise schon.
    .remedy = Entfernen Sie sie dort, wo sie eingestellt sind; die speziellste Einstellung gilt: { $contexts }
tls-legacy-protocol--ok = { $subject } lehnt TLS 1.1 und älter ab
tls-legacy-protocol--unknown = Ob { $subject } TLS 1.1 oder älter anbietet, war nicht zu erkennen
    .detail = Der Server hat auf die Probe mit alten Versionen nicht eindeutig geantwortet.
    .remedy = Sehen Sie die Versionen in der BroadWorks-Befehlszeile nach.
tls-cipher = { $subject } wählt das schwache Verfahren { $cipher }
    .detail = Es bietet keine Forward Secrecy oder ist gebrochen. Webex lehnt die Verbindung möglicherweise ab.
    .remedy = Lassen Sie ECDHE-Verfahren mit AES-GCM zu; die speziellste Einstellung gilt: { $contexts }
tls-cipher--ok = Verschlüsselung von { $subject }: { $cipher }
tls-mixed-addresses = Nicht alle Adressen von { $subject } verhalten sich gleich
    .detail = { $aspect ->
        [reachable] Die Erreichbarkeit unterscheidet sich: { $different } gegenüber { $others }.
        [certificate] { $different } zeigt ein anderes Zertifikat als { $others }.
        [chain] { $different } liefert andere Zwischenzertifikate als { $others }.
        [versions] { $different } bietet andere TLS-Versionen an als { $others }.
        [client-auth] { $different } und { $others } unterscheiden sich darin, ob sie ein Client-Zertifikat verlangen.
       *[accepted-names] { $different } akzeptiert für Client-Zertifikate andere CA-Namen als { $others }.
    }
    .remedy = Gleichen Sie alle Mitglieder der Farm an: Ein vergessenes Mitglied fällt nur ab und zu auf und ist schwer zu finden.
tls-mixed-addresses--ok = Alle { $count } Adressen von { $subject } verhalten sich gleich
tls-clock-skew = Die Uhr von { $subject } weicht um { $seconds } Sekunden ab
    .detail = { $direction ->
        [behind] Sie geht gegenüber diesem Rechner nach.
       *[ahead] Sie geht gegenüber diesem Rechner vor.
    }
    .remedy = Prüfen Sie NTP auf dem XSP und auf diesem Rechner. Token und Zertifikate werden anhand der Uhrzeit geprüft.
tls-clock-skew--ok = Die Uhr von { $subject } stimmt ({ $seconds ->
        [one] { $seconds } Sekunde
       *[other] { $seconds } Sekunden
    } { $direction ->
        [behind] Rückstand
       *[ahead] Vorsprung
    })
cert-expired = { $element ->
        [leaf] Das Zertifikat von { $subject } ist abgelaufen
        [intermediate] Ein Zwischenzertifikat von { $subject } ist abgelaufen
       *[root] Das Stammzertifikat von { $subject } ist abgelaufen
    }
    .detail = { $name } war gültig bis { $until } ({ $days ->
        [one] vor { $days } Tag
       *[other] vor { $days } Tagen
    }).
    .remedy = { $element ->
        [leaf] Besorgen Sie ein neues Zertifikat einer öffentlichen CA und installieren Sie es mit seiner Kette: { $cli }
       *[other] Besorgen Sie die aktuelle Kette von der CA und installieren Sie sie zusammen mit dem Zertifikat: { $cli }
    }
cert-expired--ok = Zertifikat von { $subject } ist nicht abgelaufen
    .detail = { $name } ist gültig bis { $until }.
cert-expires-soon = { $element ->
        [leaf] Das Zertifikat von { $subject } läuft in { $days ->
            [one] { $days } Tag
           *[other] { $days } Tagen
        } ab
        [intermediate] Ein Zwischenzertifikat von { $subject } läuft in { $days ->
            [one] { $days } Tag
           *[other] { $days } Tagen
        } ab
       *[root] Das Stammzertifikat von { $subject } läuft in { $days ->
            [one] { $days } Tag
           *[other] { $days } Tagen
        } ab
    }
    .detail = { $name } ist gültig bis { $until }. { $days ->
        [one] { $days } Tag verbleibt
       *[other] { $days } Tage verbleiben
    } = { $percent } % von { $lifetime } Tagen; Warnung ab { $warn } Tagen (= { $warnshare } %), kritisch ab { $critical } Tagen (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Bestellen Sie jetzt ein neues Zertifikat bei einer öffentlichen CA und installieren Sie es mit seiner Kette: { $cli }
       *[other] Fragen Sie die CA nach der Nachfolgekette und installieren Sie sie zusammen mit dem Zertifikat: { $cli }
    }
cert-expires-soon--hours = Ein Zertifikat von { $subject } läuft in { $hours ->
        [one] { $hours } Stunde
       *[other] { $hours } Stunden
    } ab
    .detail = { $name } ist gültig bis { $until }. Rest: { $hours } h = { $percent } % von { $lifehours } h; Warnung ab { $warnhours } h (= { $warnshare } %), kritisch ab { $criticalhours } h (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Bestellen Sie jetzt ein neues Zertifikat bei einer öffentlichen CA und installieren Sie es mit seiner Kette: { $cli }
       *[other] Fragen Sie die CA nach der Nachfolgekette und installieren Sie sie zusammen mit dem Zertifikat: { $cli }
    }
cert-expires-soon--ok = Zertifikat von { $subject } läuft nicht bald ab
    .detail = { $name } ist gültig bis { $until }: { $days ->
        [one] { $days } Tag verbleibt
       *[other] { $days } Tage verbleiben
    } = { $percent } % von { $lifetime } Tagen; Warnung ab { $warn } Tagen (= { $warnshare } %), kritisch ab { $critical } Tagen (= { $criticalshare } %).
cert-not-yet-valid = Ein Zertifikat von { $subject } ist noch nicht gültig
    .detail = { $element ->
        [leaf] { $name } gilt ab { $from }, in { $days ->
            [one] { $days } Tag
           *[other] { $days } Tagen
        }.
        [intermediate] Das Zwischenzertifikat { $name } gilt ab { $from }, in { $days ->
            [one] { $days } Tag
           *[other] { $days } Tagen
        }.
       *[root] Das Stammzertifikat { $name } gilt ab { $from }, in { $days ->
            [one] { $days } Tag
           *[other] { $days } Tagen
        }.
    }
    .remedy = Prüfen Sie zuerst die Uhr. Geht sie richtig, installieren Sie das Zertifikat erst, wenn es gültig ist: { $cli }
cert-not-yet-valid--ok = Zertifikat von { $subject } ist bereits gültig
    .detail = { $name } gilt ab { $from }.
cert-self-signed = Das Zertifikat von { $subject } ist selbstsigniert
    .detail = { $name } hat sich selbst signiert, gültig bis { $until }. Webex akzeptiert nur Zertifikate öffentlicher CAs.
    .remedy = Ersetzen Sie es durch das Zertifikat einer öffentlichen CA: { $cli }
cert-self-signed--one-year = { $subject } hat noch das selbstsignierte Zertifikat der Ersteinrichtung
    .detail = { $name } hat sich selbst signiert und gilt ein Jahr, bis { $until }: Ein solches Zertifikat entsteht, wenn eine Schnittstelle zum ersten Mal gesichert wird. Webex akzeptiert nur Zertifikate öffentlicher CAs.
    .remedy = Bestellen Sie bei einer öffentlichen CA ein Zertifikat auf den Namen des Servers und installieren Sie es mit seiner Kette: { $cli }
cert-self-signed--unknown = Ob das Zertifikat von { $subject } selbstsigniert ist, lässt sich hier nicht prüfen
    .detail = { $name } nennt sich selbst als Aussteller, aber seine Signatur ({ $signature }) lässt sich hier nicht prüfen.
    .remedy = Sehen Sie sich das Zertifikat mit einem anderen Werkzeug an, oder bestellen Sie eines bei einer öffentlichen CA: { $cli }
cert-self-signed--ok = Zertifikat von { $subject } ist nicht selbstsigniert
    .detail = Ausgestellt von { $issuer }.
cert-not-publicly-trusted = Das Zertifikat von { $subject } stammt nicht von einer öffentlichen CA
    .detail = Die Kette endet bei { $root }; das ist keine der vertrauenswürdigen Stammzertifizierungsstellen ({ $store }).
    .remedy = Bestellen Sie ein Zertifikat bei einer öffentlichen CA und installieren Sie es mit seiner Kette: { $cli }
cert-not-publicly-trusted--ok = Zertifikat von { $subject } ist vertrauenswürdig
    .detail = Es führt zum Stammzertifikat { $root } ({ $store }).
cert-not-publicly-trusted--unknown = Ob die CA von { $subject } öffentlich ist, lässt sich noch nicht sagen
    .detail = Das Zertifikat von { $root } fehlt, daher führt nichts zu einem Stammzertifikat ({ $store }).
    .remedy = Vervollständigen Sie zuerst die Kette.
cert-not-publicly-trusted--distrusted = Browser vertrauen dem Zertifikat von { $subject } nicht
    .detail = { $name } wurde am { $from } unter dem Stammzertifikat { $root } ausgestellt. { $program } vertraut nur dem, was dort bis { $after } ausgestellt wurde ({ $source }). Die Kette selbst ist gültig.
    .remedy = Bestellen Sie ein Zertifikat bei einer anderen öffentlichen CA und installieren Sie es mit seiner Kette: { $cli }
cert-not-publicly-trusted--distrusted-later = Das nächste Zertifikat von { $subject } muss von einer anderen CA kommen
    .detail = { $name } führt zum Stammzertifikat { $root }. { $program } vertraut nur dem, was dort bis { $after } ausgestellt wurde ({ $source }); dieses Zertifikat ist älter und bleibt bis { $until } gut.
    .remedy = Wählen Sie für die nächste Erneuerung eine andere öffentliche CA.
cert-host-name = Das Zertifikat von { $subject } gilt für einen anderen Namen
    .detail = { $host } gehört nicht zu seinen Namen: { $names }.
    .remedy = Verwenden Sie einen dieser Namen oder bestellen Sie ein Zertifikat, das { $host } als Subject Alternative Name enthält: { $cli }
cert-host-name--no-names = Das Zertifikat von { $subject } nennt keinen Host
    .detail = Es enthält keinen Subject Alternative Name und kann deshalb nicht für { $host } stehen.
    .remedy = Bestellen Sie ein Zertifikat, das { $host } als Subject Alternative Name enthält: { $cli }
cert-host-name--cn-only = Das Zertifikat von { $subject } trägt seinen Namen nur im Common Name
    .detail = { $host } steht im Common Name, aber es gibt keine Subject Alternative Names. Heutige Software sieht nur dort nach.
    .remedy = Bestellen Sie ein Zertifikat, das { $host } als Subject Alternative Name enthält: { $cli }
cert-host-name--ok = Zertifikat von { $subject } gilt für { $host }
    .detail = Namen: { $names }.
cert-host-name--unknown = Der Hostname zu { $subject } wurde nicht geprüft
    .detail = Eine Datei sagt nicht, unter welchem Namen sie ausgeliefert wird. Ihr Zertifikat ist { $name }.
    .remedy = Geben Sie den Namen mit --host an.
cert-weak-key = Ein Schlüssel in der Kette von { $subject } ist zu schwach
    .detail = { $details } ({ $citation }). Der eigene Schlüssel des Zertifikats: { $key }.
    .remedy = Erzeugen Sie einen neuen Schlüssel mit RSA 2048 Bit oder mehr oder EC P-256, bestellen Sie dafür ein Zertifikat und installieren Sie es: { $cli }
cert-weak-key--ok = Schlüssel von { $subject } ist stark genug
    .detail = { $key }
cert-weak-signature = Eine Signatur in der Kette von { $subject } ist zu schwach
    .detail = { $details } ({ $citation }). Die eigene Signatur des Zertifikats: { $signature }.
    .remedy = Bestellen Sie ein Zertifikat, das mit SHA-256 oder besser signiert ist: { $cli }
cert-weak-signature--ok = Signatur von { $subject } ist stark genug
    .detail = { $signature }
cert-key-usage = Das Zertifikat von { $subject } ist nicht für diesen Zweck ausgestellt
    .detail = { $details } ({ $citation }).
    .remedy = Bestellen Sie ein Zertifikat für TLS-Server (serverAuth): { $cli }
cert-key-usage--ok = Zertifikat von { $subject } ist für Server ausgestellt
cert-validity-period = Das Zertifikat von { $subject } gilt länger, als öffentliche CAs ausstellen dürfen
    .detail = { $details } ({ $citation }).
    .remedy = Bestellen Sie ein Zertifikat mit kürzerer Laufzeit und automatisieren Sie die Erneuerung: { $cli }
cert-validity-period--ok = Laufzeit des Zertifikats von { $subject } ist zulässig
    .detail = { $lifetime ->
        [one] { $lifetime } Tag
       *[other] { $lifetime } Tage
    }
cert-revoked = Das Zertifikat von { $subject } ist gesperrt
    .detail = { $name } wurde am { $revoked } gesperrt; das sagt die Sperrliste von { $issuer } vom { $this } (Grund: { $reason }).
    .remedy = Bestellen Sie ein neues Zertifikat mit neuem Schlüssel und installieren Sie es sofort: { $cli }
cert-revoked--issuer = Eine Zertifizierungsstelle über dem Zertifikat von { $subject } ist gesperrt
    .detail = { $name } wurde am { $revoked } gesperrt; das sagt die Sperrliste von { $issuer } vom { $this } (Grund: { $reason }). Nichts, was sie ausgestellt hat, gilt noch.
    .remedy = Bestellen Sie ein neues Zertifikat, das eine andere Stelle ausstellt, und installieren Sie es mit seiner Kette: { $cli }
cert-revoked--ok = Zertifikat von { $subject } ist nicht gesperrt
    .detail = { $name } steht nicht auf der Sperrliste von { $issuer }, die von { $this } bis { $next } richtig ist.
cert-revoked--unknown = Ob das Zertifikat von { $subject } gesperrt ist, lässt sich nicht sagen
    .detail = { $cause ->
        [no-issuer] Ohne das Zertifikat des Ausstellers { $issuer } lässt sich keine Sperrliste für { $name } prüfen.
        [unreadable] Eine angegebene Sperrliste ist nicht lesbar, und keine andere ist von { $issuer }, dem Aussteller von { $name }.
        [partition] Die angegebenen Listen von { $issuer } betreffen andere Zertifikate als { $name }.
        [delta] Die angegebene Liste von { $issuer } enthält nur die Änderungen seit einer früheren.
        [signature] Die angegebene Liste trägt den Namen von { $issuer }, aber ein anderer Schlüssel hat sie signiert, oder sie wurde verändert.
        [unverifiable] Die Signatur der Liste von { $issuer } lässt sich hier nicht prüfen.
        [not-signer] { $issuer } darf keine Sperrlisten signieren (Schlüsselverwendung ohne cRLSign).
        [unsound] Die Liste von { $issuer } verletzt RFC 5280: ohne Nummer, oder mit einem unbekannten kritischen Teil.
        [not-yet] Die Liste von { $issuer } ist erst ab { $this } richtig.
        [expired] Die Liste von { $issuer } war nur bis { $next } richtig.
       *[none] Keine der angegebenen Listen ist von { $issuer }, dem Aussteller von { $name }.
    }
    .remedy = { $cause ->
        [no-issuer] Bringen Sie zuerst die Kette in Ordnung, oder geben Sie das fehlende Zertifikat mit --intermediates an.
       *[none] Holen Sie die aktuelle vollständige Liste des Ausstellers und geben Sie sie mit --crl an. Woher, sagt das Zertifikat: { $place }
    }
cert-revoked--ocsp = Das Zertifikat von { $subject } ist gesperrt
    .detail = { $name } wurde am { $revoked } gesperrt; das sagt die OCSP-Antwort, die der Server selbst mitliefert (Grund: { $reason }).
    .remedy = Bestellen Sie ein neues Zertifikat mit neuem Schlüssel und installieren Sie es sofort: { $cli }
cert-revoked--ocsp-ok = Laut mitgelieferter OCSP-Antwort ist das Zertifikat von { $subject } nicht gesperrt
    .detail = { $name }: signiert von { $responder }, richtig von { $this } bis { $next }.
cert-revoked--ocsp-unknown = Die mitgelieferte OCSP-Antwort von { $subject } sagt nicht, ob das Zertifikat gesperrt ist
    .detail = { $cause ->
        [unknown-status] Der Responder { $responder } kennt { $name } nicht.
        [malformed] Die Antwort hält das Format nicht ein.
        [error] Der Responder hat mit einem Fehler geantwortet.
        [no-issuer] Der Aussteller von { $name } fehlt, daher lässt sich die Antwort nicht prüfen.
        [other-certificate] Die Antwort betrifft ein anderes Zertifikat als { $name }.
        [responder] { $responder } darf nicht für den Aussteller von { $name } antworten.
        [responder-expired] Das Zertifikat des Responders { $responder } ist zu dieser Zeit nicht gültig.
        [signature] Die Signatur der Antwort ist falsch.
        [unverifiable] Die Signatur der Antwort verwendet ein Verfahren, das sich hier nicht prüfen lässt.
        [not-yet] Die Antwort gilt erst ab { $this }: Eine Uhr geht falsch.
       *[expired] Die Antwort galt von { $this } bis { $next } und ist veraltet.
    }
    .remedy = { $cause ->
        [no-issuer] Bringen Sie zuerst die Kette in Ordnung.
        [unknown-status] Fragen Sie die CA, ob sie dieses Zertifikat ausgestellt hat.
        [other-certificate] Starten Sie die Schnittstelle neu: Sie liefert die Antwort zum vorigen Zertifikat.
       *[other] Prüfen Sie, ob der Server seinen OCSP-Responder erreicht und ob seine Uhr stimmt, oder schalten Sie das Mitliefern ab.
    }
cert-seen = { $what ->
    [trailing] nach dem Zertifikat folgen { $bytes } Bytes
    [not-a-certificate] kein Zertifikat ({ $words })
    [dates] die Gültigkeitsdaten liegen außerhalb des Darstellbaren
    [extension-twice] die Erweiterung { $oid } kommt doppelt vor
    [extension-malformed] die Erweiterung { $oid } ist nicht lesbar ({ $words })
    [names-malformed] ein alternativer Name (SAN) ist nicht lesbar
    [version] X.509-Version { $version }
    [serial-zero] die Seriennummer ist null
    [serial-negative] die Seriennummer ist negativ
    [serial-long] die Seriennummer hat { $octets } Oktette, mehr als 20
    [algorithms-differ] es sind zwei verschiedene Signaturverfahren genannt
    [authority-id-critical] die Schlüsselkennung des Ausstellers ist als kritisch markiert
    [authority-id-missing] die Schlüsselkennung des Ausstellers fehlt
    [authority-id-without-key] die Schlüsselkennung des Ausstellers nennt keinen Schlüssel
    [subject-id-critical] die eigene Schlüsselkennung ist als kritisch markiert
    [subject-id-missing] eine CA ohne eigene Schlüsselkennung
    [constraints-missing] eine CA ohne Basiseinschränkungen
    [constraints-not-critical] die Basiseinschränkungen sind nicht als kritisch markiert
    [constraints-not-ca] laut Basiseinschränkungen ist es keine CA
    [usage-signs] darf Zertifikate signieren (keyCertSign), ohne eine CA zu sein
    [usage-does-not-sign] eine CA, die keine Zertifikate signieren darf (keyCertSign fehlt)
    [usage-empty] die Schlüsselverwendung ist leer
    [names-missing] es gibt keinen alternativen Namen (SAN)
    [common-name] der Common Name { $other } steht nicht unter den alternativen Namen (SAN)
    [extended-not-server] nicht für Server (serverAuth fehlt)
    [extended-any] für jeden Zweck (anyExtendedKeyUsage)
    [extended-root] ein Stammzertifikat mit erweiterter Schlüsselverwendung
    [extended-critical] die erweiterte Schlüsselverwendung ist als kritisch markiert
    [extended-refuses] es wurde für einen anderen Zweck ausgestellt (erweiterte Schlüsselverwendung)
    [rsa-small] RSA-Schlüssel mit { $bits } Bit, weniger als 2048
    [rsa-odd] RSA-Schlüssel mit { $bits } Bit, nicht durch 8 teilbar
    [curve] die Kurve { $curve } ist nicht zugelassen
    [curve-unnamed] die Kurve ist nicht benannt
    [key-type] Schlüssel vom Typ { $type } sind nicht zugelassen
    [signature] signiert mit { $signature }
    [validity] { $days } Tage gültig; bei Ausstellung ab { $since } sind höchstens { $max } zulässig
    [root-id-without-key] die Ausstellerkennung eines Stammzertifikats nennt keinen Schlüssel
    [root-id-issuer] die Ausstellerkennung eines Stammzertifikats nennt Aussteller und Seriennummer
    [root-id-other-key] die Ausstellerkennung eines Stammzertifikats nennt einen anderen Schlüssel
    [name-limits] eine Namenseinschränkung (Name Constraints) ist verletzt
    [name-limits-not-ca] Namenseinschränkungen in einem Zertifikat, das keine CA ist
    [name-limits-empty] Namenseinschränkungen, die nichts einschränken
    [name-limits-period] eine Einschränkung für Hostnamen beginnt mit einem Punkt
    [name-limits-not-critical] die Namenseinschränkungen sind nicht als kritisch markiert
    [policy-not-critical] die Richtlinieneinschränkungen sind nicht als kritisch markiert
    [names-not-critical] der Inhaber ist leer und die alternativen Namen (SAN) sind nicht als kritisch markiert
    [extension-unknown] die kritische Erweiterung { $oid } ist nicht bekannt
    [name-syntax] der Name { $other } enthält Zeichen, die in Hostnamen nicht vorkommen
    [unreadable] kein lesbares Zertifikat
    [unverifiable] ein Signaturverfahren lässt sich hier nicht prüfen
    [self-signed] das Zertifikat hat sich selbst signiert und ist kein Vertrauensanker
    [private-root] die Kette endet bei einem Stammzertifikat, das kein Vertrauensanker ist
    [issuer-missing] der Aussteller { $other } ist nicht unter den Zertifikaten
    [issuer-unknown] der Aussteller { $other } ist weder unter den Zertifikaten noch ein Vertrauensanker
    [no-path] kein Pfad führt zu einem Vertrauensanker
    [expired] ein Zertifikat des Pfades ist abgelaufen ({ $date })
    [not-yet-valid] ein Zertifikat des Pfades gilt erst ab { $date }
    [other-name] der Name gehört nicht zu denen des Zertifikats: { $other }
    [no-name] es gibt keinen alternativen Namen (SAN) zum Vergleichen
    [bad-signature] eine Signatur passt nicht zum Schlüssel des Ausstellers
    [path-too-long] der Pfad ist länger, als eine CA erlaubt
    [path-too-deep] der Pfad hat mehr Zwischenzertifikate, als --max-depth erlaubt
    [issuer-no-ca] ein Zertifikat, das keine CA ist, hat ein anderes ausgestellt
    [ca-as-server] ein CA-Zertifikat wird als Serverzertifikat verwendet
    [revoked] es ist gesperrt
    [list-unsound] die Sperrliste hält die Regeln nicht ein
    [revoked-stapled] es ist laut mitgelieferter OCSP-Antwort gesperrt
    [algorithm] das Signaturverfahren ist nicht zulässig
    [algorithm-key] das Signaturverfahren passt nicht zum Schlüssel, oder der Schlüsseltyp ist nicht zulässig
    [distrusted] { $program } vertraut nur dem, was { $other } bis { $date } ausgestellt hat
    [no-current-version] weder TLS 1.2 noch TLS 1.3 wird angeboten
    [cipher] das Verschlüsselungsverfahren { $other } bietet Webex nicht an
    [not-requested] es wird kein Client-Zertifikat verlangt
   *[other-rule] eine andere Regel ist verletzt ({ $words })
    }
cert-seen-of = { $name }: { $seen }
cert-seen-cited = { $seen } ({ $citation })
cert-citation = { $document } Abschnitt { $section }
cert-citation-since = { $citation }, ab { $since }
cert-malformed = Zertifikat { $position } von { $subject } ist fehlerhaft
    .detail = { $name }: { $faults }
    .remedy = Lassen Sie das Zertifikat neu ausstellen und installieren Sie es so, wie es von der CA kam: { $cli }
cert-malformed--ok = Zertifikate von { $subject } sind wohlgeformt
cert-malformed--unknown = { $subject } enthält kein Zertifikat
    .detail = Darin fanden sich nur Schlüssel oder Sperrlisten.
    .remedy = Nennen Sie die Datei mit dem Zertifikat.
chain-incomplete = { $subject } liefert sein Zwischenzertifikat nicht mit
    .detail = { $known ->
        [both] Es fehlt: { $missing } (Schlüsselkennung { $keyid }, erhältlich unter { $url }).
        [key] Es fehlt: { $missing } (Schlüsselkennung { $keyid }).
        [place] Es fehlt: { $missing } (erhältlich unter { $url }).
       *[none] Es fehlt: { $missing }.
    } Ohne dieses Zertifikat lässt sich { $name } nicht prüfen.
    .remedy = Stellen Sie das fehlende Zertifikat in der Kettendatei hinter das Serverzertifikat und installieren Sie beide: { $cli }
chain-incomplete--ok = Kette von { $subject } ist vollständig
chain-incomplete--at-hand = { $subject } liefert sein Zwischenzertifikat nicht mit; es liegt aber vor
    .detail = Es fehlt: { $missing } (Schlüsselkennung { $keyid }). Die angegebenen Dateien enthalten es: { $found }. { $whole ->
        [yes] Damit ist die Kette vollständig.
       *[no] Danach fehlt noch { $still }.
    }
    .remedy = Stellen Sie es in der Kettendatei hinter das Serverzertifikat (--write-chain schreibt diese Datei) und installieren Sie beide: { $cli }
chain-incomplete--fetched = { $subject } liefert sein Zwischenzertifikat nicht mit
    .detail = Es fehlt: { $missing } (Schlüsselkennung { $keyid }). Es wurde von { $url } geholt: { $found }. { $whole ->
        [yes] Damit ist die Kette vollständig.
       *[no] Danach fehlt noch { $still }.
    }
    .remedy = { $count ->
        [one] Stellen Sie es in der Kettendatei hinter das Serverzertifikat (--write-chain schreibt diese Datei) und installieren Sie beide: { $cli }
       *[other] Stellen Sie diese { $count } Zertifikate in dieser Reihenfolge in der Kettendatei hinter das Serverzertifikat (--write-chain schreibt diese Datei) und installieren Sie sie: { $cli }
    }
chain-incomplete--not-fetched = { $subject } liefert sein Zwischenzertifikat nicht mit, und es ließ sich nicht holen
    .detail = Es fehlt: { $missing } (Schlüsselkennung { $keyid }). { $url }: { $cause ->
        [scheme] keine http-Adresse, daher nicht abgefragt.
        [not-a-certificate] was kam, ist kein Zertifikat.
        [limit] nicht abgefragt, es waren schon zu viele Anfragen.
        [too-large] was kam, ist zu groß für ein Zertifikat.
        [http-status] der Server antwortete mit HTTP-Status { $status }.
        [timeout] keine Antwort innerhalb der Frist.
        [dns] der Name lässt sich nicht auflösen.
        [refused] die Verbindung wird abgelehnt.
        [fetched] was kam, ist nicht der Aussteller.
       *[other] keine Antwort ({ $cause }).
    }
    .remedy = Holen Sie das Zertifikat bei der CA, stellen Sie es in der Kettendatei hinter das Serverzertifikat und installieren Sie beide: { $cli }
chain-order = Die Kette von { $subject } hat die falsche Reihenfolge
    .detail = Geliefert: { $served }. Richtig: { $right }.
    .remedy = Schreiben Sie die Kettendatei in der richtigen Reihenfolge, das Serverzertifikat zuerst, und installieren Sie sie: { $cli }
chain-order--ok = Kette von { $subject } hat die richtige Reihenfolge
chain-unrelated = { $subject } liefert Zertifikate, die nicht zu seiner Kette gehören
    .detail = { $count ->
        [one] Gehört nicht dazu: { $certificates }
       *[other] Gehören nicht dazu: { $certificates }
    }
    .remedy = Entfernen Sie sie aus der Kettendatei: { $cli }
chain-unrelated--ok = Alle Zertifikate von { $subject } gehören zu seiner Kette
chain-unrelated--other-key = { $subject } liefert einen Aussteller mit richtigem Namen, aber falschem Schlüssel
    .detail = { $count ->
        [one] { $certificates } trägt den Namen eines Ausstellers, hat aber nicht signiert.
       *[other] { $certificates } tragen den Namen eines Ausstellers, haben aber nicht signiert.
    } Die CA hat ihr Zwischenzertifikat vermutlich erneuert.
    .remedy = Besorgen Sie von der CA das Zwischenzertifikat, das zu diesem Serverzertifikat gehört, und installieren Sie es: { $cli }
chain-unrelated--duplicate = { $subject } liefert ein Zertifikat doppelt
    .detail = { $count ->
        [one] Überzählig: { $certificates }
       *[other] Überzählig: { $certificates }
    }
    .remedy = Entfernen Sie die zweite Kopie aus der Kettendatei: { $cli }
chain-unrelated--needless-root = { $subject } liefert auch sein Stammzertifikat
    .detail = { $certificates } muss nicht mitgeliefert werden: Wer ihm vertraut, hat es bereits. Es schadet nicht.
    .remedy = Bei der nächsten Erneuerung kann es in der Kettendatei entfallen.
chain-invalid = Die Kette von { $subject } ist ungültig
    .detail = { $details } ({ $citations }).
    .remedy = Lassen Sie das Zertifikat von einer öffentlichen CA neu ausstellen und installieren Sie es mit der Kette, die die CA liefert: { $cli }
chain-invalid--ok = Kette von { $subject } ist gültig
chain-invalid--profile = Die Kette von { $subject } weicht vom Zertifikatsprofil ab
    .detail = Technisch ausgedrückt: { $details }
    .remedy = Jetzt ist nichts zu tun. Weisen Sie die CA bei der nächsten Erneuerung darauf hin.
chain-invalid--unverifiable = Signaturen in der Kette von { $subject } lassen sich hier nicht prüfen
    .detail = { $certificates }: Dieses Programm kann { $signature } mit dem Schlüssel des Ausstellers nicht prüfen. Das heißt weder, dass die Kette gut ist, noch, dass sie schlecht ist.
    .remedy = Prüfen Sie die Kette mit einem anderen Werkzeug. Bestellen Sie bei der nächsten Erneuerung ein Zertifikat mit RSA oder mit EC P-256 oder P-384.
trust-expired = Ein Webex-Vertrauensanker in { $subject } ist abgelaufen
    .detail = { $name } war gültig bis { $until } ({ $days ->
        [one] vor { $days } Tag
       *[other] vor { $days } Tagen
    }).
    .remedy = Laden Sie die aktuelle Kette im Partner Hub herunter (Einstellungen, BroadWorks Calling), teilen Sie sie in eine Datei je Zertifikat und laden Sie jede: { $cli }
trust-expired--ok = Kein Vertrauensanker in { $subject } ist abgelaufen
    .detail = Der erste ist gültig bis { $until }.
trust-expires-soon = Ein Webex-Vertrauensanker in { $subject } läuft in { $days ->
        [one] { $days } Tag
       *[other] { $days } Tagen
    } ab
    .detail = { $name } ist gültig bis { $until }. { $days } Tage verbleiben = { $percent } % von { $lifetime } Tagen; Warnung ab { $warn } Tagen, kritisch ab { $critical } Tagen.
    .remedy = Laden Sie die aktuelle Kette im Partner Hub herunter (Einstellungen, BroadWorks Calling), teilen Sie sie und laden Sie sie neben der alten unter einem neuen Alias: { $cli }
trust-expires-soon--ok = Kein Vertrauensanker in { $subject } läuft bald ab
    .detail = Der erste ist gültig bis { $until }.
trust-not-yet-valid = Ein Webex-Vertrauensanker in { $subject } ist noch nicht gültig
    .detail = { $name } gilt ab { $from }.
    .remedy = Prüfen Sie die Uhr. Lassen Sie bis dahin die alte Kette geladen.
trust-not-yet-valid--ok = Alle Vertrauensanker in { $subject } sind bereits gültig
    .detail = Der erste ist gültig bis { $until }.
trust-root-missing = Zu einer ausstellenden CA in { $subject } fehlt das Stammzertifikat
    .detail = { $name } wurde von { $issuer } ausgestellt; dieses Zertifikat ist in keiner der Dateien.
    .remedy = Laden Sie auch den anderen Teil der Kettendatei: { $cli }
trust-root-missing--ok = Das Stammzertifikat ist vorhanden ({ $subject })
trust-intermediate-missing = Zu einem Stammzertifikat in { $subject } fehlt die ausstellende CA
    .detail = Kein Zertifikat in den Dateien wurde von { $name } ausgestellt.
    .remedy = Laden Sie auch den anderen Teil der Kettendatei: { $cli }
trust-intermediate-missing--ok = Die ausstellende CA ist vorhanden ({ $subject })
trust-not-a-ca = { $subject } enthält ein Zertifikat, das keine CA ist
    .detail = { $name } kann kein Vertrauensanker für andere Zertifikate sein.
    .remedy = Nehmen Sie die Kettendatei aus dem Partner Hub, nicht das Zertifikat eines Servers, und laden Sie sie: { $cli }
trust-not-a-ca--ok = Nur CA-Zertifikate in { $subject }
trust-private-key = { $subject } enthält einen privaten Schlüssel
    .detail = { $count ->
        [one] { $count } privater Schlüssel wurde gefunden.
       *[other] { $count } private Schlüssel wurden gefunden.
    } Eine Datei mit Vertrauensankern braucht keinen. Der Schlüssel wird nicht in Pakete aufgenommen.
    .remedy = Entfernen Sie den Schlüssel aus der Datei. Wurde die Datei weitergegeben, ersetzen Sie den Schlüssel und sein Zertifikat.
trust-private-key--ok = Kein privater Schlüssel in { $subject }
trust-duplicate = { $subject } enthält ein Zertifikat, das es schon gibt
    .detail = { $name } ist auch in { $other }.
    .remedy = Laden Sie jedes Zertifikat einmal; eine zweite Kopie schadet nicht.
trust-duplicate--ok = Kein Zertifikat doppelt in { $subject }
trust-unsplit = { $subject } muss vor dem Laden geteilt werden
    .detail = { $count } Zertifikate stehen in einer Datei. BroadWorks liest je Alias nur eines.
    .remedy = Schreiben Sie jedes Zertifikat in eine eigene Datei und laden Sie jede unter einem eigenen Alias: { $cli }
trust-unsplit--ok = { $subject } enthält ein einzelnes Zertifikat
mtls-not-requested = { $subject } verlangt kein Client-Zertifikat
    .detail = Webex weist sich hier mit einem Client-Zertifikat aus. Wird es nicht verlangt, kann sich jeder verbinden, oder die Anwendung lehnt Webex ab.
    .remedy = Schalten Sie die Client-Authentifizierung dieser Schnittstelle ein: { $cli }
mtls-not-requested--ok = { $subject } verlangt ein Client-Zertifikat
mtls-not-requested--unknown = Ob { $subject } ein Client-Zertifikat verlangt, war nicht zu erkennen
    .detail = Der Handshake endete vorher.
    .remedy = Bringen Sie zuerst die Verbindung in Ordnung und wiederholen Sie dann die Prüfung.
mtls-webex-ca-not-accepted = { $subject } akzeptiert die Webex-CA nicht
    .detail = Aus der Webex-Kettendatei gehört keines von { $missing } zu den { $count } akzeptierten Namen: { $names }. Webex wird abgewiesen.
    .remedy = Laden Sie die Webex-CA-Kette, ein Zertifikat je Alias, und starten Sie die Schnittstelle neu: { $cli }
mtls-webex-ca-not-accepted--ok = { $subject } akzeptiert die Webex-CA
    .detail = Unter den { $count } akzeptierten Namen: { $present }.
mtls-webex-ca-not-accepted--partly = { $subject } akzeptiert die Webex-CA
    .detail = { $present } gehört zu den { $count } akzeptierten Namen, { $missing } nicht. Für den Handshake genügt einer.
    .remedy = Laden Sie auch den anderen Teil der Kette: { $cli }
mtls-webex-ca-not-accepted--old-generation = { $subject } akzeptiert nur die alte Webex-CA
    .detail = Akzeptiert bis { $until }: { $old }. Aus der aktuellen Kette nicht akzeptiert: { $missing }. Die Verbindung bricht ab, sobald Webex umstellt.
    .remedy = Laden Sie die aktuelle Kette neben der alten unter neuen Aliasen: { $cli }
mtls-webex-ca-not-accepted--same-names = Welche Webex-CA { $subject } akzeptiert, lässt sich von außen nicht entscheiden
    .detail = Alte und neue Kette tragen dieselben Namen ({ $present }); der Server sendet nur Namen.
    .remedy = Vergleichen Sie die Fingerabdrücke auf dem XSP: { $cli } (get listet sie auf)
mtls-webex-ca-not-accepted--unknown = Ob { $subject } die Webex-CA akzeptiert, wurde nicht geprüft
    .detail = Es wurde keine Webex-Kettendatei zum Vergleich angegeben. Akzeptierte Namen: { $names }
    .remedy = Geben Sie die Kettendatei aus dem Partner Hub mit --trust an oder in der Konfiguration unter [trust] webex_ca.
mtls-accepted-cas-unknown = { $subject } sagt nicht, welche CAs es akzeptiert
    .detail = Es verlangt ein Client-Zertifikat mit leerer Liste. Ob die Webex-CA geladen ist, lässt sich von außen nicht entscheiden.
    .remedy = Vergleichen Sie die Vertrauensanker auf dem XSP mit der Kettendatei: { $cli } (get listet sie auf)
mtls-accepted-cas-unknown--ok = { $subject } nennt die akzeptierten CAs ({ $count })
tls-mixed-addresses--installed = { $subject } liefert nicht das installierte Zertifikat
    .detail = Geliefert: { $served }, gültig bis { $until }. In { $path }: { $installed }, gültig bis { $other }. Das Zertifikat wurde vermutlich erneuert, aber nicht geladen.
    .remedy = Laden Sie das Zertifikat und starten Sie die Schnittstelle neu: { $cli }
tls-mixed-addresses--installed-ok = { $subject } liefert das installierte Zertifikat
    .detail = Es ist das aus { $path }.
tls-mixed-addresses--installed-older = { $subject } liefert ein neueres Zertifikat als das auf der Platte
    .detail = Geliefert: { $served }, gültig bis { $until }. In { $path }: { $installed }, gültig bis { $other }. Beim nächsten Neustart kann das ältere zurückkommen.
    .remedy = Legen Sie das ausgelieferte Zertifikat auch in { $path } ab, oder nennen Sie die wirklich installierte Datei: { $cli }
tls-mixed-addresses--installed-other = { $subject } liefert ein ganz anderes Zertifikat als das auf der Platte
    .detail = Geliefert: { $served }, gültig bis { $until }. In { $path }: { $installed }, gültig bis { $other }. Sie haben keinen Namen gemeinsam.
    .remedy = Prüfen Sie, ob { $path } zu dieser Schnittstelle gehört, und installieren Sie das richtige Zertifikat: { $cli }
tls-mixed-addresses--installed-none = Keine der Dateien passt zum Zertifikat von { $subject }
    .detail = Geliefert: { $served }. { $count ->
        [one] { $count } Datei wurde verglichen; sie hat keinen seiner Namen.
       *[other] { $count } Dateien wurden verglichen; keine hat einen seiner Namen.
    }
    .remedy = Nennen Sie die Datei mit dem Zertifikat dieses Servers.
tls-mixed-addresses--earlier-ok = { $subject } liefert dasselbe Zertifikat wie im Paket
    .detail = Es ist das in { $path }, gültig bis { $until }.
tls-mixed-addresses--earlier-renewed = Das Zertifikat von { $subject } wurde seit dem Paket erneuert
    .detail = In { $path }: { $installed }, gültig bis { $other }. Jetzt: { $served }, gültig bis { $until }.
    .remedy = Nichts zu tun, wenn die Erneuerung gewollt war.
tls-mixed-addresses--earlier-older = { $subject } ist seit dem Paket zu einem älteren Zertifikat zurückgekehrt
    .detail = In { $path }: { $installed }, gültig bis { $other }. Jetzt: { $served }, gültig bis { $until }.
    .remedy = Installieren Sie wieder das neuere Zertifikat: { $cli }
tls-mixed-addresses--odd-one = { $subject } weicht von den anderen XSPs ab
    .detail = { $aspect ->
        [certificate] Hier wird ein anderes Zertifikat gezeigt ({ $own }) als von { $others } ({ $usual }), obwohl jedes für alle diese Namen gilt.
        [issuer] Sein Zertifikat stammt von { $own }; das von { $others } von { $usual }.
        [expiry] Sein Zertifikat endet am { $own }; die von { $others } enden alle am { $usual }.
        [length] Hier werden { $own } Zertifikate geliefert; von { $others } { $usual }.
        [versions] Angeboten wird { $own }; von { $others } { $usual }.
        [client-auth] Anders als { $others } beim Verlangen eines Client-Zertifikats ({ $own }; die anderen: { $usual }).
       *[accepted-names] Für Client-Zertifikate werden andere CA-Namen akzeptiert: { $own }. Die anderen ({ $others }): { $usual }.
    }
    .remedy = Prüfen Sie, ob dieser XSP bei der letzten Änderung vergessen wurde, und gleichen Sie ihn den anderen an.
tls-mixed-addresses--farm = Die XSPs unterscheiden sich: { $subject }
    .detail = { $aspect ->
        [certificate] Hier wird ein anderes Zertifikat gezeigt ({ $own }) als von { $others } ({ $usual }), obwohl jedes für alle diese Namen gilt.
        [issuer] Das Zertifikat stammt von { $own }; das von { $others } von { $usual }.
        [expiry] Das Zertifikat endet am { $own }; das von { $others } am { $usual }.
        [length] Hier werden { $own } Zertifikate geliefert; von { $others } { $usual }.
        [versions] Hier wird { $own } angeboten; von { $others } { $usual }.
        [client-auth] Anders als { $others } beim Verlangen eines Client-Zertifikats ({ $own }; dort: { $usual }).
       *[accepted-names] Hier werden diese CA-Namen für Client-Zertifikate akzeptiert: { $own }. Von { $others }: { $usual }.
    }
    .remedy = Prüfen Sie, welcher so ist, wie er sein soll, und gleichen Sie sie einander an.
certs-webex-heading = Würde Webex das annehmen?
certs-webex = { $both ->
    [yes-yes] Webex würde { $target } annehmen. Dieser Rechner auch (Stammzertifikate: { $store }).
    [yes-no] Webex würde { $target } annehmen. Dieser Rechner nicht (Stammzertifikate: { $store }).
    [no-yes] Webex würde { $target } nicht annehmen: { $reasons }. Dieser Rechner würde dem Zertifikat vertrauen (Stammzertifikate: { $store }).
   *[no-no] Webex würde { $target } nicht annehmen: { $reasons }. Dieser Rechner auch nicht (Stammzertifikate: { $store }).
    }
certs-webex-reason = { $check ->
    [cert-expired] ein Zertifikat ist abgelaufen
    [cert-not-yet-valid] ein Zertifikat ist noch nicht gültig
    [cert-self-signed] das Zertifikat ist selbst signiert
    [cert-not-publicly-trusted] das Zertifikat stammt nicht von einer öffentlichen CA
    [cert-host-name] das Zertifikat gilt für einen anderen Namen
    [cert-weak-key] ein Schlüssel ist zu schwach
    [cert-weak-signature] eine Signatur ist zu schwach
    [cert-key-usage] das Zertifikat ist nicht für Server ausgestellt
    [cert-revoked] ein Zertifikat ist gesperrt
    [cert-malformed] ein Zertifikat ist fehlerhaft
    [chain-incomplete] ein Zwischenzertifikat wird nicht mitgeliefert
    [tls-protocol] TLS 1.2 wird nicht angeboten
    [tls-cipher] das Verschlüsselungsverfahren ist keines, das Webex bekanntermaßen anbietet
    [mtls-not-requested] es wird kein Client-Zertifikat verlangt
   *[chain-invalid] die Kette ist nicht gültig
    }
certs-table-state = Stand
certs-table-target = Ziel
certs-table-until = Gültig bis
certs-table-days = Tage
certs-table-protocol = TLS
certs-table-issuer = Aussteller
certs-reason = { $reason ->
    [dns] Name unbekannt
    [refused] abgewiesen
    [unreachable] keine Route
    [timeout-connect] keine Antwort
    [timeout-handshake] schweigt
    [slow-peer] zu langsam
    [reset] Verbindung getrennt
    [not-tls] kein TLS
    [protocol-version] TLS-Version
    [internal] interner Fehler
   *[other] { $reason }
    }
certs-plugin-ok = { $count ->
    [one] { $count } Kette ist in Ordnung; sie endet
   *[other] { $count } Ketten sind in Ordnung; als erste endet die von { $subject }
    } in { $days ->
    [one] { $days } Tag
   *[other] { $days } Tagen
    } ({ $when } UTC)
certs-plugin-none = nichts wurde geprüft
certs-progress = Verbinde
certs-error-threshold = unbekannter Schwellenwert „{ $value }“
    .hint = Schreiben Sie Tage oder Stunden wie 30d oder 36h oder einen Anteil der Laufzeit wie 33%.
certs-error-no-target = kein Ziel zum Prüfen
    .hint = Nennen Sie einen Server (xsp1.example.com, cti://xsp1.example.com) oder eine Zertifikatsdatei, oder führen Sie die Server als [[xsp]] in der Konfiguration auf.
certs-error-no-anchors = { $path } enthält keinen Vertrauensanker
    .hint = Nennen Sie eine Datei mit CA-Zertifikaten oder „mozilla“ oder „system“.
certs-error-match = { $path } enthält kein Zertifikat zum Vergleichen
    .hint = Nennen Sie die Datei mit dem Serverzertifikat, wie es installiert ist.
certs-error-write-chain = keine Kette, die nach { $path } geschrieben werden könnte
    .hint = Nennen Sie genau einen Server oder eine Datei mit lesbarem Zertifikat, und fehlende Zertifikate mit --intermediates.
certs-system-roots = Nicht alle Stammzertifikate des Betriebssystems waren lesbar: { $reason }
certs-chain-written = { $count ->
    [one] Kette mit { $count } Zertifikat nach { $path } geschrieben. Installieren mit: { $cli }
   *[other] Kette mit { $count } Zertifikaten nach { $path } geschrieben. Installieren mit: { $cli }
    }
certs-chain-still-incomplete = Die Kette in { $path } ist noch unvollständig: { $missing } fehlt
    .hint = Besorgen Sie dieses Zertifikat von der CA und nennen Sie es mit --intermediates.
help-certs--targets = HOST, HOST:PORT, https://, cti:// oder auth://HOST[:PORT], oder eine Zertifikatsdatei; darf mit #ip=ADRESSE enden. Ohne Angabe: die [[xsp]] der Konfiguration
help-certs--trust = Datei oder Verzeichnis mit der Webex-CA-Kette, die als Vertrauensanker für gegenseitiges TLS installiert ist
help-certs--anchors = Diesen Stammzertifikaten vertrauen: eine Datei, „mozilla“ oder „system“
help-certs--intermediates = Weitere CA-Zertifikate, die zwischen Server und Stammzertifikat stehen dürfen
help-certs--host = Diesen Namen prüfen statt des Namens im Ziel; bei Dateien der Name, unter dem sie ausgeliefert werden
help-certs--crl = Datei mit Sperrlisten
help-certs--max-depth = Höchstens so viele Zwischenzertifikate zulassen
help-certs--match = Mit diesen Zertifikatsdateien oder einem früheren Paket vergleichen (Datei, Verzeichnis, Muster, Zip): Wird auch ausgeliefert, was installiert wurde?
help-certs--write-chain = Die berichtigte Kette in der richtigen Reihenfolge in diese Datei schreiben
help-certs--aia = Fehlende Aussteller über einfaches HTTP dort holen, wo sie laut Zertifikat zu haben sind, und sagen, was die Kette vervollständigt
help-certs--output = In diese Datei statt auf die Standardausgabe schreiben: im Ganzen ersetzt, für alle lesbar (0644); für den Textfile-Collector des Node Exporters endet ihr Name auf .prom

## scan

help-extract--paths = Dateien, Verzeichnisse, Archive oder Muster; ohne Angabe oder mit „-“ die Standardeingabe
extract-heading = { $kind ->
    [tracking-id] Tracking-IDs
    [org] Organisations-IDs
    [user-id] Webex-Benutzer-IDs
    [email] E-Mail-Adressen
    [broadworks-user-id] BroadWorks-Benutzer-IDs
    [client-version] Webex-App-Versionen
    [broadworks-release] BroadWorks-Versionen und Patches
    [control-hub-build] Control-Hub-Builds
    [error-code] Fehlercodes
    [device-id] Geräte-IDs
    [call-id] Call-IDs
    [time-frame] Zeitraum
   *[files] Gelesen
    }
extract-role = { $role ->
    [customer] Kunde
    [partner] Partner
    [user] betroffener Benutzer
    [other] andere Person
   *[unknown] Rolle unbekannt
    }
extract-seen = { $count ->
    [one] einmal, { $place }
   *[other] { $count }-mal, zuerst { $place }
    }
extract-sure = { $evidence ->
    [label] sicher: steht hinter einer Beschriftung
    [prefix] sehr wahrscheinlich: am Präfix erkannt
   *[shape] wahrscheinlich: an der Form erkannt
    }
extract-sure-label = sicher: steht hinter „{ $label }“
extract-time-frame = { $first } bis { $last } (UTC)
extract-time-note = Erster und letzter Zeitstempel in der Nähe eines Fehlers; ohne Fehler aus allem.
extract-nothing = Es wurde nichts gefunden, wonach ein Service Request fragt.
extract-files = { $files ->
    [one] ein Text
   *[other] { $files } Texte
    } mit { $lines ->
    [one] einer Zeile
   *[other] { $lines } Zeilen
    }
extract-omitted = { $count ->
    [one] ein Fund wird nicht gezeigt, weil es zu viele verschiedene Werte gab
   *[other] { $count } Funde werden nicht gezeigt, weil es zu viele verschiedene Werte gab
    }
    .hint = Lesen Sie weniger Dateien auf einmal oder verwenden Sie --format ndjson, das jeden Fund nennt.
extract-terminal = Fügen Sie den Text ein und drücken Sie dann Strg-D in einer eigenen Zeile.
extract-progress = Lese
extract-nothing-read = es konnte nichts gelesen werden
    .hint = Die Meldungen darüber sagen, was mit jeder Eingabe nicht stimmt.

## redact

redact-key-read = Der Schlüssel für die Schwärzung { $path } kann nicht gelesen werden: { $reason }
    .hint = Prüfen Sie Pfad und Rechte, oder lassen Sie --key weg, um den Schlüssel dieses Standorts zu verwenden.
redact-key-write = Der Schlüssel für die Schwärzung { $path } kann nicht angelegt werden: { $reason }
    .hint = Machen Sie das Verzeichnis beschreibbar, nennen Sie einen Schlüssel mit --key DATEI, oder verwenden Sie --fresh-key.
redact-key-length = { $path } ist kein Schlüssel für die Schwärzung: { $bytes ->
        [one] die Datei hat { $bytes } Byte
       *[other] die Datei hat { $bytes } Bytes
    }; nötig sind 32 Bytes oder 64 Hexadezimalziffern
    .hint = Nennen Sie die richtige Datei, oder löschen Sie sie, damit ein neuer Schlüssel entsteht.
redact-key-permissions = Der Schlüssel für die Schwärzung { $path } ist für andere lesbar (Rechte { $mode })
    .hint = Führen Sie „chmod 600“ für diese Datei aus. Falls andere ihn gelesen haben könnten, löschen Sie ihn, damit ein neuer entsteht.
redact-key-no-home = Es gibt kein Home-Verzeichnis für den Schlüssel der Schwärzung
    .hint = Setzen Sie HOME oder XDG_STATE_HOME, nennen Sie einen Schlüssel mit --key DATEI, oder verwenden Sie --fresh-key.
redact-key-random = Das Betriebssystem liefert keine Zufallszahlen: { $reason }
    .hint = Nennen Sie einen vorhandenen Schlüssel mit --key DATEI.
redact-policy-kind = [redact] keep: Die Art „{ $kind }“ gibt es nicht
    .hint = Es gibt: { $kinds }.
redact-policy-secret = [redact] keep: Geheimnisse der Art „{ $kind }“ können nicht lesbar bleiben
    .hint = Entfernen Sie den Eintrag. Geheimnisse werden immer unkenntlich gemacht.
redact-policy-pattern = [redact] patterns: „{ $name }“ ist kein brauchbarer regulärer Ausdruck: { $reason }
    .hint = Berichtigen Sie das Muster, oder entfernen Sie es.
redact-policy-empty = [redact] patterns: „{ $name }“ passt auch auf leeren Text
    .hint = Schreiben Sie das Muster so, dass es mindestens ein Zeichen verlangt, zum Beispiel mit + statt *.
redact-error-binary = Das ist keine Textdatei; sie kann nicht auf vertrauliche Daten durchsucht werden
    .hint = Entpacken Sie sie zuerst, oder wandeln Sie sie in Text um. Ein Bildschirmfoto lässt sich mit --attach anhängen.
redact-error-encoding = Die Kodierung ({ $encoding }) lässt sich nicht verlustfrei lesen
    .hint = Speichern Sie die Datei als UTF-8.
redact-error-collision = Zwei verschiedene Werte bekämen dasselbe Pseudonym
    .hint = Wiederholen Sie den Aufruf mit --fresh-key.
redact-error-read = Die Datei kann nicht bis zum Ende gelesen werden: { $reason }
    .hint = Prüfen Sie, ob die Datei vollständig ist und während des Lesens nicht verändert wird.
redact-error-certificate = Eintrag { $number } ist kein Zertifikat
    .hint = Nur Zertifikate werden unverändert weitergegeben; entfernen Sie alles andere aus der Datei.
redact-error-picture = Das ist kein Bild (PNG, JPEG, GIF, WebP)
    .hint = Hängen Sie ein Bild in einem dieser Formate an, oder eine Textdatei.
redact-error-map = Das ist eine private Zuordnung; sie darf diesen Rechner nicht verlassen
    .hint = Entfernen Sie sie aus der Liste der Dateien.
redact-map-read = Die Zuordnung { $path } kann nicht gelesen werden: { $reason }
    .hint = Nennen Sie die Datei, die beim Schwärzen mit --map geschrieben wurde.
redact-map-write = Die Zuordnung { $path } kann nicht geschrieben werden: { $reason }
    .hint = Nennen Sie eine Datei in einem vorhandenen Verzeichnis, in das Sie schreiben dürfen.
redact-map-format = { $path } ist keine Zuordnung dieses Programms: { $reason }
    .hint = Nennen Sie die Datei, die beim Schwärzen mit --map geschrieben wurde.
help-redact--paths = Dateien oder Verzeichnisse; ohne Angabe oder „-“: Standardeingabe
help-redact--output = Die geschwärzten Dateien in dieses neue Verzeichnis schreiben, auch die Namen geschwärzt
help-redact--preview = Jede Zeile zeigen, die sich ändern würde, und nach Art zählen; nichts schreiben
help-redact--map = Zusätzlich die private Zuordnung der Pseudonyme in diese Datei schreiben; nie weitergeben
help-redact--keep = Ein Wert, der lesbar bleibt, oder eine ganze Art als kind:NAME
help-redact--key = Datei mit dem Schlüssel der Pseudonyme; sonst der des Standorts
help-redact--fresh-key = Einen neuen Schlüssel verwenden, damit das Ergebnis mit keinem anderen verknüpft werden kann
help-restore--paths = Die Antwort des Herstellers; ohne Angabe oder „-“: Standardeingabe
help-restore--map = Die private Zuordnung, die beim Schwärzen geschrieben wurde
redact-source-read = { $file } kann nicht gelesen werden: { $reason }
    .hint = Prüfen Sie den Namen und die Rechte.
redact-withheld = { $file } wird zurückgehalten: { $reason }
redact-tree-not-empty = Das Verzeichnis { $path } ist nicht leer
    .hint = Nennen Sie mit -o ein neues Verzeichnis, damit sich alte und neue Dateien nicht mischen.
redact-tree-write = { $path } kann nicht geschrieben werden: { $reason }
    .hint = Prüfen Sie den freien Platz und die Rechte des Ausgabeverzeichnisses.
redact-writing = Schwärzen
redact-changed = { $file } hat sich nach dem ersten Durchgang geändert; seither hinzugekommene Werte werden nur ersetzt, wo Bezeichnung oder Form sie verraten
    .hint = Wiederholen Sie es, wenn niemand in die Datei schreibt, oder schwärzen Sie eine Kopie.
redact-error-encrypted = Diese Datei ist verschlüsselt (age) und kann daher nicht nach vertraulichen Daten durchsucht werden
redact-map-recipient = „{ $recipient }“ ist kein age-Empfänger
    .hint = Ein Empfänger beginnt mit age1; „age-keygen -y SCHLÜSSELDATEI“ gibt ihn aus.
redact-map-identity-read = Die Identität { $path } kann nicht gelesen werden: { $reason }
    .hint = Geben Sie die Datei an, die age-keygen geschrieben hat.
redact-map-identity-none = { $path } enthält keine age-Identität
    .hint = Geben Sie die Datei an, die age-keygen geschrieben hat; eine Zeile darin beginnt mit AGE-SECRET-KEY-1.
redact-map-encrypted = Die Zuordnung { $path } ist verschlüsselt
    .hint = Geben Sie die Datei mit Ihrer age-Identität an: --identity DATEI.
redact-map-undecryptable = Keine der Identitäten kann die Zuordnung { $path } entschlüsseln
    .hint = Fragen Sie, für wen sie verschlüsselt wurde, und geben Sie diese Identität mit --identity an.
redact-map-expired = Die Zuordnung { $path } hätte am { $date } gelöscht werden sollen
    .hint = Löschen Sie sie, sobald der Fall geschlossen ist; einzelne Personen tilgt --forget.
redact-forgotten = { $count ->
        [one] { $count } Pseudonym wurde
       *[other] { $count } Pseudonyme wurden
    } aus { $path } getilgt
redact-forgot-nothing = Die Zuordnung enthält nichts, was für { $value } steht
    .hint = Geben Sie einen Wert an, wie er geschrieben stand: E-Mail-Adresse, Telefonnummer, Name oder das Pseudonym.
help-redact--encrypt-to = Die Zuordnung mit age für diesen Empfänger (age1…) verschlüsseln; mehrfach möglich
help-bundle--encrypt-to = Das Paket und auch die Zuordnung mit age für diesen Empfänger (age1…) verschlüsseln; mehrfach möglich
help-bundle--encrypt-map-to = Nur die Zuordnung mit age verschlüsseln, für diesen Empfänger (age1…); mehrfach möglich
help-bundle--sign = Das Paket mit diesem privaten OpenSSH-Schlüssel signieren; die Signatur liegt daneben (.sig)
help-bundle--passphrase-file = Datei mit der Passphrase des Signaturschlüssels; sonst W4B_SIGN_PASSPHRASE
help-verify--signer = Die Signatur neben dem Paket prüfen: Datei mit den zulässigen Schlüsseln (allowed_signers von OpenSSH)
help-verify--signature = Datei mit der Signatur; sonst der Name des Pakets und .sig
help-inspect--identity = Datei mit der age-Identität, die ein verschlüsseltes Paket öffnet; mehrfach möglich
help-verify--identity = Datei mit der age-Identität, die ein verschlüsseltes Paket öffnet; mehrfach möglich
help-diff--identity = Datei mit der age-Identität, die ein verschlüsseltes Paket öffnet; mehrfach möglich
help-upload--identity = Datei mit der age-Identität, die ein verschlüsseltes Paket öffnet; mehrfach möglich
help-restore--identity = Datei mit der age-Identität, die die Zuordnung entschlüsselt
help-restore--forget = Diesen Wert aus der Zuordnung tilgen; mehrfach möglich
redact-learning = Erster Durchgang: Werte werden gesammelt
redact-map-written = Die private Zuordnung steht in { $path }. Bewahren Sie sie auf; geben Sie sie nie weiter.
redact-summary = { $redacted ->
        [one] { $redacted } Wert
       *[other] { $redacted } Werte
    } in { $files ->
        [one] { $files } Datei
       *[other] { $files } Dateien
    } ersetzt, { $kept } als Belege behalten
redact-heading-redacted = Ersetzt
redact-heading-kept = Als Belege behalten
redact-restored = { $count ->
        [one] { $count } Pseudonym
       *[other] { $count } Pseudonyme
    } durch den echten Wert ersetzt
redact-restore-unknown = { $count ->
        [one] { $count } Pseudonym steht
       *[other] { $count } Pseudonyme stehen
    } nicht in dieser Zuordnung
    .hint = Verwenden Sie die Zuordnung desselben Pakets. Pseudonyme eines anderen Schlüssels lassen sich nicht zurückverwandeln.
redact-kind = { $kind ->
        [tracking-id] Tracking-IDs
        [customer-org] Kundenorganisations-IDs
        [partner-org] Partnerorganisations-IDs
        [org] Organisations-IDs
        [user-id] Webex-Benutzer-IDs
        [broadworks-user-id] BroadWorks-Benutzer-IDs
        [email] E-Mail-Adressen
        [client-version] Client-Versionen
        [broadworks-release] BroadWorks-Releases
        [control-hub-build] Control-Hub-Builds
        [error-code] Fehlercodes
        [timestamp] Zeitpunkte
        [call-id] Call-IDs
        [device-id] Geräte-IDs
        [fingerprint] Fingerabdrücke und Seriennummern
        [token] Zugriffstoken
        [jwt] JSON Web Tokens
        [password] Passwörter
        [cookie] Cookies und Sitzungs-IDs
        [sip-digest] SIP-Digest-Felder
        [signed-url] Parameter signierter URLs
        [private-key] private Schlüssel
        [phone] Telefonnummern
        [person-name] Personennamen
        [ip-address] IP-Adressen
        [mac-address] MAC-Adressen
        [host-name] eigene Hostnamen
        [custom] eigene Muster
       *[other] { $kind }
    }
redact-self-test-cases = Die eingebauten Fälle können nicht gelesen werden: { $reason }
    .hint = Das ist ein Fehler des Programms. Bitte melden Sie ihn.
bundle-redacted--files = { $redacted ->
        [one] { $redacted } Wert
       *[other] { $redacted } Werte
    } in { $files ->
        [one] { $files } Datei
       *[other] { $files } Dateien
    } ersetzt
    .detail = Geheimnisse sind unkenntlich gemacht, personenbezogene Daten wurden zu Pseudonymen.
    .remedy = { "" }
bundle-incomplete--withheld = { $subject } wurde zurückgehalten
    .detail = { $reason }
    .remedy = Wandeln Sie die Datei in lesbaren Text um und schwärzen Sie sie erneut, oder lassen Sie sie weg.
bundle-redacted--self-test-ok = { $group ->
        [secrets] Geheimnisse werden unkenntlich
        [personal] Personenbezogene Daten werden zu Pseudonymen
        [evidence] Belege bleiben lesbar
        [negatives] Gewöhnlicher Text bleibt unverändert
       *[withheld] Unlesbare Dateien werden zurückgehalten
    }
    .detail = { $count ->
        [one] { $count } Durchlauf bestanden.
       *[other] { $count } Durchläufe bestanden.
    }
    .remedy = { "" }
bundle-redacted--self-test-failed = Der Fall { $subject } ergab etwas Falsches ({ $form })
    .detail = { $group ->
        [secrets] Nichts blieb lesbar, aber der Text um das Geheimnis änderte sich.
        [personal] Nichts blieb lesbar, aber das Pseudonym oder der Text darum ist nicht wie vorgesehen.
        [evidence] Ein Beleg wurde verändert.
        [negatives] Gewöhnlicher Text wurde verändert.
       *[withheld] Die Datei hätte zurückgehalten werden müssen.
    }
    .remedy = Melden Sie es mit dem Namen des Falls. Sehen Sie sich die Vorschau an, bevor Sie ein Paket weitergeben.
bundle-secret-left--self-test = Der Fall { $subject } ist undicht ({ $form })
    .detail = { $group ->
        [secrets] Ein Geheimnis blieb lesbar.
        [personal] Personenbezogene Daten blieben lesbar.
       *[other] Etwas, das nicht hinaus darf, wurde nicht aufgehalten.
    }
    .remedy = Geben Sie keine Pakete weiter, die dieses Programm auf diesem Rechner erstellt hat. Melden Sie es mit dem Namen des Falls.

## case

case-fact--customer-org = Organisations-ID des Kunden
case-fact--partner-org = Organisations-ID des Partners
case-fact--tracking-id = Tracking-ID
case-fact--user-email = E-Mail-Adresse des Benutzers
case-fact--client-version = Version des Clients
case-fact--time-frame = Zeitraum

case-customer-org = Organisations-ID des Kunden fehlt
    .detail = In den Eingaben steht keine Organisations-ID des Kunden, und es wurde keine angegeben. Cisco TAC fragt danach zuerst.
    .remedy = Partner Hub, Kunden, Control Hub des Kunden öffnen, Konto: Organisations-ID kopieren. In einem kopierten Fehlerblock steht sie hinter „View Org ID“. Dann mit --customer-org angeben.
case-customer-org--ok = Organisations-ID des Kunden: { $value }
    .detail = Aus { $source }.
case-customer-org--several = { $count ->
        [one] { $count } Organisations-ID eines Kunden
       *[other] { $count } verschiedene Organisations-IDs von Kunden
    }
    .detail = Gefunden: { $values }. Eine Serviceanfrage betrifft einen Kunden.
    .remedy = Entscheiden Sie, um welchen Kunden es geht, und geben Sie ihn mit --customer-org an, oder öffnen Sie je Kunde einen Fall.
case-customer-org--role = Eine Organisations-ID wurde gefunden, aber nicht, wem sie gehört
    .detail = Ohne Bezeichnung als Kunde oder Partner gefunden: { $values }.
    .remedy = Vergleichen Sie mit Partner Hub, Kunden, Control Hub des Kunden, Konto. Geben Sie die ID des Kunden mit --customer-org und Ihre eigene mit --partner-org an.
case-partner-org = Organisations-ID des Partners fehlt
    .detail = In den Eingaben steht keine Organisations-ID Ihrer eigenen Partnerorganisation, und es wurde keine angegeben.
    .remedy = Mit dem eigenen Konto am Partner Hub anmelden, Konto: Organisations-ID kopieren. In einem kopierten Fehlerblock steht sie hinter „Logged-in User Org ID“. Dann mit --partner-org angeben, oder ein für alle Mal in der Konfiguration als [provider] partner_org.
case-partner-org--ok = Organisations-ID des Partners: { $value }
    .detail = Aus { $source }.
case-partner-org--several = { $count ->
        [one] { $count } Organisations-ID eines Partners
       *[other] { $count } verschiedene Organisations-IDs von Partnern
    }
    .detail = Gefunden: { $values }. In der Regel haben Sie eine einzige Partnerorganisation.
    .remedy = Prüfen Sie im Partner Hub unter Konto, welche Ihre ist, und geben Sie sie mit --partner-org an.
case-partner-org--same = Organisations-ID von Partner und Kunde sind gleich
    .detail = Beide sind { $value }. Das stimmt nur, wenn der Fehler in Ihrer eigenen Organisation auftritt.
    .remedy = Tritt der Fehler bei einem Kunden auf: dessen Control Hub öffnen, Konto, und die ID mit --customer-org angeben.
case-tracking-id = Keine Tracking-ID
    .detail = In den Eingaben steht keine Tracking-ID. Sie wird nur gebraucht, wenn die Fehlermeldung oder die Oberfläche eine anzeigt.
    .remedy = Sehen Sie die Fehlermeldung noch einmal an: in Control Hub „Kopieren“ oder „Details“ drücken oder den ganzen Fehlertext kopieren. Steht eine Tracking-ID darin, den Text mit --text angeben. Wird keine angezeigt, geht es ohne sie weiter.
case-tracking-id--ok = { $count ->
        [one] Tracking-ID: { $value }
       *[other] { $count } Tracking-IDs, erste { $value }
    }
    .detail = Aus { $source }.
case-tracking-id--outside = Die Tracking-ID passt nicht zum Zeitraum
    .detail = { $value } ist von { $at }, der Zeitraum reicht von { $first } bis { $last }.
    .remedy = Prüfen Sie, ob der Fehlertext zu diesem Fehler gehört. Wenn ja, berichtigen Sie den Zeitraum mit --since und --until.
case-user-email = E-Mail-Adresse des Benutzers fehlt
    .detail = In den Eingaben steht keine E-Mail-Adresse eines betroffenen Benutzers, und es wurde keine angegeben.
    .remedy = Control Hub, Benutzer, den Benutzer öffnen: E-Mail-Adresse kopieren und mit --user-email angeben. Sind alle betroffen, genügt ein Benutzer als Beispiel.
case-user-email--ok = Benutzer: { $value }
    .detail = Aus { $source }.
case-user-email--ok-id = Benutzer nach Webex-ID: { $value }
    .detail = Aus { $source }. TAC findet den Benutzer auch über diese ID; mit der E-Mail-Adresse geht es schneller.
case-user-email--broadworks = Nur die BroadWorks-ID des Benutzers ist bekannt
    .detail = Bekannt: { $value }. TAC sucht nach der E-Mail-Adresse oder der Webex-Benutzer-ID.
    .remedy = Partner Hub, Onboarding-Vorlage, Benutzerstatus anzeigen: Zeile mit dieser BroadWorks-ID suchen. Oder Control Hub, Benutzer. Dann die E-Mail-Adresse mit --user-email angeben.
case-user-email--several = { $count ->
        [one] E-Mail-Adresse von { $count } Benutzer
       *[other] E-Mail-Adressen von { $count } verschiedenen Benutzern
    }
    .detail = Gefunden: { $values }.
    .remedy = Nennen Sie mit --user-email den einen Benutzer, dessen Fehler am besten beschrieben ist; die anderen können in der Beschreibung bleiben.
case-client-version = Version des Clients ist nicht bekannt
    .detail = Es wurde keine Version der Webex-App angegeben oder gefunden. Sie wird nur gebraucht, wenn sich der Fehler in einem Client zeigt.
    .remedy = In der Webex-App Profilbild, Hilfe, Info über Webex (am Telefon: Einstellungen, Info): Version und Plattform kopieren und mit --client-version angeben. Zeigt sich der Fehler nur in Control Hub oder Partner Hub, geht es ohne sie weiter.
case-client-version--ok = Version des Clients: { $value }
    .detail = Aus { $source }.
case-client-version--implausible = Diese Version des Clients gibt es nicht: { $value }
    .detail = Versionen der Webex-App bestehen aus Jahr, Monat, Patch und Build, etwa 44.3.0.28993. { $value } (aus { $source }) passt nicht dazu.
    .remedy = Lesen Sie die Version noch einmal in der Webex-App ab: Profilbild, Hilfe, Info über Webex. Dann mit --client-version angeben.
case-time-frame = Zeitpunkt des Fehlers ist nicht bekannt
    .detail = Es wurde keine Zeit angegeben, und bei keinem Fehler in den Eingaben steht ein Zeitstempel.
    .remedy = Fragen Sie den Benutzer, wann es zuletzt auftrat, und geben Sie es mit --since und --until an, mit Zeitzone: 2026-11-22T10:00:00+01:00.
case-time-frame--ok = Zeitraum: { $first } bis { $last }
    .detail = Zeiten in UTC.
case-time-frame--future = Der Zeitraum liegt in der Zukunft
    .detail = Er beginnt um { $first }, später als der Zeitpunkt dieser Prüfung, { $now }.
    .remedy = Prüfen Sie Tag, Monat und Zeitzone und geben Sie die Zeit mit --since und --until an.
case-time-frame--reversed = Der Zeitraum endet, bevor er beginnt
    .detail = Er reicht von { $first } bis { $last }.
    .remedy = Vertauschen oder berichtigen Sie --since und --until.
case-time-frame--wide = Der Zeitraum ist { $days } Tage lang
    .detail = Er reicht von { $first } bis { $last }. TAC kann in seinen Protokollen nur über kurze Zeit suchen.
    .remedy = Geben Sie die Zeit eines einzelnen Vorfalls mit --since und --until an, höchstens eine Stunde.

case-escalation--fix-first = { $count ->
        [one] Zuerst beheben: { $count } Befund auf Ihrer Seite
       *[other] Zuerst beheben: { $count } Befunde auf Ihrer Seite
    }
    .next = Arbeiten Sie sie in der gezeigten Reihenfolge ab und versuchen Sie es dann erneut. Öffnen Sie eine Serviceanfrage nur, wenn der Fehler bleibt.
case-escalation--wait = Warten: Webex hat eine offene Störung, die dazu passt
    .next = Abonnieren Sie die Störung auf der Statusseite und informieren Sie den Kunden. Prüfen Sie erneut, sobald sie behoben ist; eskalieren Sie nur, wenn der Fehler bleibt.
case-escalation--incomplete = { $count ->
        [one] Unvollständig: { $count } Angabe fehlt oder ist unklar
       *[other] Unvollständig: { $count } Angaben fehlen oder sind unklar
    }
    .next = Beschaffen Sie, was aufgeführt ist, und prüfen Sie dann erneut. TAC würde danach fragen.
case-escalation--ready = Bereit für eine Serviceanfrage
    .next = Erstellen Sie das Paket mit „w4b-diag bundle“, öffnen Sie einen Fall im Support Case Manager, fügen Sie den Text aus service-request.txt ein und laden Sie die ZIP-Datei hoch.

release-unsupported = { $subject }: BroadWorks { $release } wird nicht mehr unterstützt
    .detail = { $kind ->
        [ended] Die Wartung von Release { $major } endete am { $ends }.
       *[n-2] Aktuell ist Release { $current }; unterstützt werden dieses und die zwei Hauptversionen davor (N-2), Release { $major } also nicht mehr.
    }
    .remedy = Planen Sie das Upgrade auf Release { $current }. Cisco kann es verlangen, bevor der Fehler untersucht wird.
release-unsupported--ok = { $subject }: BroadWorks { $release } wird unterstützt
    .detail = Release { $major } gehört nach dem Stand vom { $dated } zu den unterstützten Versionen.
release-unsupported--ends = { $subject }: Unterstützung für BroadWorks { $release } endet am { $ends }
    .detail = Aktuell ist Release { $current }.
    .remedy = Planen Sie das Upgrade vor dem { $ends }.
release-unknown = { $subject }: Unterstützung für BroadWorks „{ $release }“ lässt sich nicht beurteilen
    .detail = { $reason ->
        [independent] Es ist eine releaseunabhängige Version; diese werden nach Datum und nicht nach Hauptversion unterstützt, und die Daten sind hier nicht bekannt.
        [newer] Release { $major } ist neuer als der Stand vom { $dated }, den dieses Programm kennt.
       *[unreadable] Der Text ist keine BroadWorks-Version wie 25.0, Rel_25.0_1.944 oder 2022.11.
    }
    .remedy = { $reason ->
        [unreadable] Lesen Sie die Version auf dem Server mit „bwshowver“ ab und geben Sie sie mit --broadworks-release an.
       *[other] Vergleichen Sie mit der Lebenszyklus-Seite von BroadWorks.
    }
check-fault-known = Kein bekannter Fehler, der außerhalb von Webex behoben wird
check-fault-unknown-code = Jeder Fehlercode ist bekannt
fault-known = { $meaning }
    .detail = { $cause } Gefunden in { $source }.
    .remedy = { $steps }
fault-known--procedure = Im Text geht es um: { $meaning }
    .detail = Gefunden in { $source }.
    .remedy = Die Schritte: w4b-diag explain { $id }
fault-unknown-code = { $count ->
        [one] Dieser Fehlercode steht nicht im Katalog: { $codes }
       *[other] Diese Fehlercodes stehen nicht im Katalog: { $codes }
    }
    .detail = Was nicht bekannt ist, wird nicht geraten.
    .remedy = Bewahren Sie den ganzen Fehlertext mit Code und Tracking-ID auf; beides gehört in die Serviceanfrage.
case-customer-org--ok-others = Kundenorganisations-ID: { $value }
    .detail = Wie angegeben ({ $source }). Die Eingabe nennt auch andere Kundenorganisationen: { $values }.
    .remedy = Prüfen Sie, ob Texte und Protokolle zu diesem Kunden gehören.
case-where--customer-org = Partner Hub › Kunden › Control Hub des Kunden › Konto
case-where--partner-org = Partner Hub › Konto
case-where--tracking-id = die Fehlermeldung: „Kopieren“ oder „Details“; nur wenn sie eine zeigt
case-where--user-email = Control Hub des Kunden › Benutzer › der Benutzer
case-where--client-version = Webex-App › Profilbild › Hilfe › Info; nur bei Fehlern der App
case-where--time-frame = beim Benutzer erfragen: Tag, Uhrzeit, Zeitzone
help-case--tracking-id = Tracking-ID, die Fehlermeldung oder Bildschirm zeigt
help-case--answers = Antworten, die „explain activation“ oder „explain order“ mit --save geschrieben hat
help-case--interactive = Auf dem Terminal nach dem fragen, was fehlt
error-interactive = --interactive braucht ein Terminal: es ist niemand da, der antworten kann
    .hint = Starten Sie das Programm auf einem Terminal, ohne Eingabe oder Fehlerausgabe umzuleiten, oder geben Sie die Angaben mit Optionen wie --customer-org an.
error-case-tracking = { $flag }: „{ $value }“ ist keine Tracking-ID
    .hint = Eine Tracking-ID sieht aus wie ATLAS_0a1b2c3d-1111-4222-8333-444455556666 oder besteht aus 32 Hexadezimalziffern.
error-case-answers = { $path } ist keine Datei mit Antworten: { $reason }
    .hint = Schreiben Sie eine mit „w4b-diag explain activation --save DATEI“ oder „explain order --save DATEI“.
bundle-why-dialogue = Fragen und Antworten eines geführten Dialogs
prompt-default = { $question } [{ $default }]:
prompt-open = { $question } (Eingabetaste: überspringen):
prompt-choices = { $question } ({ $choices })
prompt-number = Nummer { $choices }
prompt-yes-no = ja/nein
prompt-error-offered = „{ $answer }“ ist keine der Antworten
    .hint = Möglich: { $offered }
prompt-error-date = „{ $answer }“ ist kein Datum
    .hint = Schreiben Sie Jahr-Monat-Tag, etwa 2026-11-22.
prompt-error-file = „{ $answer }“ ist keine Datei
    .hint = Geben Sie den Pfad eines Bildes an oder drücken Sie die Eingabetaste, um fortzufahren.
prompt-error-partner-org = „{ $answer }“ ist Ihre eigene Partnerorganisation
    .hint = Gefragt ist die Organisation des Kunden.
prompt-error-version = Eine Client-Version „{ $answer }“ gibt es nicht
    .hint = Versionen der Webex-App bestehen aus Jahr, Monat, Patch und Build, etwa 46.10.0.33788.
prompt-error-time = „{ $answer }“ ist keine Zeit
    .hint = Schreiben Sie 2026-11-20T10:00:00+01:00, oder 2026-11-20 10:00 für UTC.
prompt-error-future = „{ $answer }“ liegt in der Zukunft
    .hint = Prüfen Sie Tag, Monat und Zeitzone.
prompt-error-release = „{ $answer }“ ist kein BroadWorks-Release
    .hint = Etwa 25.0, Rel_25.0_1.944 oder 2022.11; „bwshowver“ auf dem Server zeigt es.
dialogue-text = Fügen Sie den Fehlertext ein, wie er angezeigt wird; eine leere Zeile beendet ihn.
dialogue-screenshot = Bild des Bildschirms zum Anhängen (Pfad):
dialogue-since = Wann begann es? (2026-11-20 10:00 ist UTC; sonst mit Zeitzone)
dialogue-until = Bis wann?
dialogue-release = BroadWorks-Release des Servers „{ $role }“
dialogue-untrusted-emails = Ist in der Onboarding-Vorlage unter Benutzerverifizierung „Nicht vertrauenswürdige E-Mails“ ausgewählt?
dialogue-share-link = Zeigt „Link teilen“ dort auf den Aktivierungslink?
dialogue-retried = Hat der Benutzer im Benutzeraktivierungsportal einmal auf „Erneut versuchen“ geklickt?
dialogue-user-status = Was sagt „Benutzerstatus anzeigen“ über den Benutzer?
dialogue-state = { $state ->
        [provisioned] bereitgestellt
        [pending] eine Anforderung steht aus
        [error] Fehler
       *[absent] der Benutzer steht nicht in der Liste
    }
dialogue-onboarded = Ist die Organisation schon in Control Hub (Punkt ohne Wiederkehr)?
dialogue-requested-start = Gewünschtes Startdatum der Bestellung (RSD)
dialogue-line = Zustand der Bestellzeile in CCW:
dialogue-line-state = { $state ->
        [pending] Bereitstellungsdetails ausstehend
       *[closed] Geschlossen
    }
dialogue-offer = Was wurde bestellt?
dialogue-offer-name = { $offer ->
        [a-flex] A-Flex oder A-Flex-3 (schließt nach { $days } Tagen)
       *[other] ein anderes Collaboration-Angebot (schließt nach { $days } Tagen)
    }
dialogue-ccw-access = Können Sie die E-Mail in CCW selbst erneut senden?
dialogue-resend-failed = Wurde das erneute Senden versucht und ist gescheitert?
check-release-patch = Die Patches, die Webex braucht, sind installiert, und die Server passen zueinander
release-patch--ok = { $subject }: { $patch } ist installiert
    .detail = { $purpose ->
        [flow-through] Die Flow-Through-Bereitstellung braucht ihn.
       *[other] Webex für BroadWorks braucht ihn.
    }
release-patch--older = { $subject }: der Patch-Stand { $highest } ist älter als { $patch }
    .detail = { $purpose ->
        [flow-through] Die Flow-Through-Bereitstellung braucht { $patch }; der höchste gesehene Patch ist { $highest }.
       *[other] Webex für BroadWorks braucht { $patch }; der höchste gesehene Patch ist { $highest }.
    }
    .remedy = Listen Sie die Patches auf dem Server auf (Maintenance/Patching in der CLI). Fehlt er, installieren Sie { $patch } oder das aktuelle Patch-Bündel.
release-patch--unseen = { $subject }: { $patch } wurde nicht gesehen
    .detail = { $purpose ->
        [flow-through] Die Flow-Through-Bereitstellung braucht ihn. Spätere Patches wurden gesehen (bis { $highest }), aber jeder Patch wird für sich installiert.
       *[other] Webex für BroadWorks braucht ihn. Spätere Patches wurden gesehen (bis { $highest }), aber jeder Patch wird für sich installiert.
    }
    .remedy = Listen Sie die Patches auf dem Server auf (Maintenance/Patching in der CLI) und suchen Sie { $patch }.
release-patch--same = Die Server haben denselben Stand: { $levels }
    .detail = Verglichen nach Release und nach dem höchsten gesehenen Patch.
release-patch--differs = Die Server unterscheiden sich: { $levels }
    .detail = Verglichen nach Release und nach dem höchsten gesehenen Patch. Das kann gewollt sein.
    .remedy = Vergleichen Sie mit der Kompatibilitätsmatrix von BroadWorks. Wurde ein Server bei einer Aktualisierung vergessen, bringen Sie ihn auf den Stand der anderen.
check-unclear = unklar: { $value }
check-where = { $needed ->
        [yes] fehlt → { $place }
       *[no] keine → { $place }
    }

## collect

progress-collect = wird gesammelt
error-case-org = { $flag }: „{ $value }“ ist keine Organisations-ID
    .hint = Eine Organisations-ID besteht aus 32 hexadezimalen Ziffern mit Bindestrichen, wie Control Hub sie unter „Konto“ zeigt.
error-case-release = --broadworks-release: „{ $value }“ ist nicht ROLLE=RELEASE
    .hint = Zum Beispiel: --broadworks-release as=25.0
error-case-email = { $flag }: „{ $value }“ ist keine E-Mail-Adresse
    .hint = Geben Sie die Adresse an, mit der sich der Benutzer bei Webex anmeldet, zum Beispiel user@example.com.
error-case-time = Konfiguration, [case] { $key }: „{ $value }“ ist keine Zeitangabe
    .hint = Schreiben Sie sie nach RFC 3339 mit Zeitzone, zum Beispiel 2026-11-20T08:00:00Z.
error-case-frame = der Zeitraum endet, bevor er beginnt
    .hint = Vertauschen Sie --since und --until oder prüfen Sie die Zeitzonen.
error-case-nothing = es gibt nichts zu untersuchen
    .hint = Nennen Sie einen Fehlertext (--text DATEI, „-“ für die Standardeingabe), ein Protokoll, einen Export oder eine XSP oder mit --config eine Konfiguration.
error-case-terminal = die Standardeingabe ist ein Terminal, und es wurde nichts eingegeben
    .hint = Fügen Sie den Fehlertext ein und schließen Sie ihn mit Strg-D in einer eigenen Zeile ab, oder nennen Sie eine Datei.
error-xsp-address = Konfiguration, [[xsp]] { $host }: „{ $address }“ ist keine IP-Adresse
    .hint = Schreiben Sie IPv4- oder IPv6-Adressen unter „addresses“, oder lassen Sie den Schlüssel weg, um DNS zu fragen.
error-xsp-half-identity = Konfiguration, [[xsp]] { $host }: client_cert und client_key gehören zusammen
    .hint = Nennen Sie beide Dateien oder keine.
error-no-network = nicht gefragt: das Netz ist für diesen Lauf abgeschaltet
    .hint = Wiederholen Sie den Lauf ohne --no-network, oder geben Sie eine gespeicherte Antwort als Datei an.
error-collect-internal = ein Teil des Programms ist fehlgeschlagen: { $part }
    .hint = Der übrige Bericht gilt. Bitte melden Sie dies mit der Ausgabe von --verbose.
error-attachment-kind = kein Bild; was sich nicht auf Geheimnisse prüfen lässt, wird nicht gepackt
    .hint = Hängen Sie PNG, JPEG, GIF oder WebP an. Texte, Protokolle und Archive gehören zu --log oder --text.
error-attachment-read = kann nicht gelesen werden: { $reason }
    .hint = Prüfen Sie den Pfad und die Berechtigungen.
bundle-incomplete--input = Ausgelassen: { $subject }
    .detail = { $cause }
    .remedy = { $hint }
check-readiness = Bereit für eine Serviceanfrage?
check-value = { $value } ({ $source })
check-more = und { $count } weitere
check-time-frame = { $first } bis { $last }
bundle-why-status = Antwort der Statusseite, wie empfangen
bundle-why-status-record = Wie die Statusseite abgefragt wurde und was dabei herauskam
bundle-why-chain = Zertifikate, wie der Server sie vorlegte
bundle-why-observation = Was an diesem Endpunkt zu sehen war
bundle-why-certificate = Auf der XSP installiertes Zertifikat
bundle-why-trust = Vertrauensanker für gegenseitiges TLS
bundle-why-users = Benutzerexport, geschwärzt
bundle-why-text = Fehlertext, geschwärzt
bundle-why-log = Protokoll, geschwärzt
bundle-why-attachment = Anhang; ein Bild lässt sich nicht auf Geheimnisse prüfen
bundle-why-problem = Konnte nicht gesammelt werden
bundle-why-request = Text zum Einfügen in die Serviceanfrage
bundle-why-markdown = Der Text der Serviceanfrage als Markdown
bundle-why-html = Der Bericht als Seite
bundle-why-json = Der Bericht für Programme
bundle-why-handover = Derselbe Text in der Sprache des Bearbeiters
bundle-reason-private-key = { $count ->
    [one] die Datei enthielt auch einen privaten Schlüssel, der nicht gepackt wurde; ersetzen Sie ihn, falls die Datei weitergegeben wurde
   *[other] die Datei enthielt auch { $count } private Schlüssel, die nicht gepackt wurden; ersetzen Sie sie, falls die Datei weitergegeben wurde
 }
bundle-declined = es wurde nichts geschrieben
bundle-map-written = Die private Zuordnung wurde nach { $path } geschrieben; bewahren Sie sie auf und versenden Sie sie nie.
bundle-written = Paket: { $path } ({ $files } Dateien, { $kilobytes } kB). Fügen Sie service-request.txt in die Serviceanfrage ein und hängen Sie das Zip an.
bundle-encrypted = Das Paket ist verschlüsselt. { $count ->
        [one] Öffnen kann es nur, wer den geheimen Schlüssel zu { $recipients } hat
       *[other] Öffnen kann es nur, wer einen der geheimen Schlüssel zu { $recipients } hat
    }: age --decrypt --identity SCHLÜSSEL --output { $zip } { $path }. Das Cisco TAC kann es nicht, außer ein Schlüssel gehört ihm.
bundle-signed = Signatur: { $path } (Schlüssel { $key }). Geben Sie sie mit dem Paket weiter.
bundle-ask = Diese Dateien packen? [j/N]
bundle-ask-yes = j ja y yes
preview-title = Was weitergegeben würde
preview-file = { $path } ({ $kilobytes } kB)
preview-withheld = ausgelassen: { $reason }
preview-redacted = geschwärzt: { $count } × { $kind ->
    [tracking-id] Tracking-IDs
    [customer-org] Kundenorganisations-IDs
    [partner-org] Partnerorganisations-IDs
    [org] Organisations-IDs
    [user-id] Benutzer-IDs
    [broadworks-user-id] BroadWorks-Benutzer-IDs
    [email] E-Mail-Adressen
    [client-version] Client-Versionen
    [broadworks-release] BroadWorks-Releases
    [control-hub-build] Control-Hub-Builds
    [error-code] Fehlercodes
    [timestamp] Zeitstempel
    [call-id] Call-IDs
    [device-id] Geräte-IDs
    [fingerprint] Fingerabdrücke
    [token] Zugriffstoken
    [jwt] JSON-Web-Token
    [password] Passwörter und Geheimnisse
    [cookie] Cookies und Sitzungs-IDs
    [sip-digest] SIP-Digest-Felder
    [signed-url] signierende URL-Parameter
    [private-key] private Schlüssel
    [phone] Telefonnummern
    [person-name] Personennamen
    [ip-address] IP-Adressen
    [mac-address] MAC-Adressen
    [host-name] Hostnamen
   *[custom] eigene Muster
 }
preview-also = Dazu kommen README.txt (wie das Paket zu lesen ist) und manifest.json (jede Datei mit SHA-256, Herkunft, Zeit und Schwärzungen). Beide entstehen beim Packen.
preview-total = { $files } Dateien, { $kilobytes } kB, { $redactions } Werte geschwärzt. Es wurde nichts geschrieben.

## users

users-error-empty = die Datei ist leer
    .hint = Exportieren Sie die Liste erneut: Partner Hub, die Vorlage, Benutzerstatus anzeigen, Exportieren.
users-error-binary = die Datei ist kein Text
    .hint = Speichern Sie die Tabelle als CSV (UTF-8) und geben Sie diese Datei an.
users-error-columns = die Datei hat { $count } Spalten
    .hint = Das ist keine Benutzerliste. Prüfen Sie, welche Datei angegeben wurde.
users-error-read = { $path } kann nicht gelesen werden: { $reason }
    .hint = Prüfen Sie Pfad und Rechte der Datei.
users-error-directory = { $path } ist ein Verzeichnis
    .hint = Nennen Sie die CSV-Datei darin.
users-error-too-large = { $path } ist zu groß: { $bytes } Bytes
    .hint = Teilen Sie die Datei oder exportieren Sie weniger Benutzer.
users-summary = { $file }: { $kind ->
        [user-status] Benutzerstatus
        [bulk-users] Massenimport von Benutzern
       *[unknown] Art nicht erkannt
    }, { $count ->
        [one] { $count } Zeile
       *[other] { $count } Zeilen
    }
users-counts = bereitgestellt { $provisioned } · ausstehend { $pending } · hängen { $stuck } · gescheitert { $failed } · nicht verstanden { $unknown }
users-group = { $count ->
        [one] { $count } Benutzer
       *[other] { $count } Benutzer
    }: { $cause }
users-group-more = { $count ->
        [one] … und { $count } weiterer
       *[other] … und { $count } weitere
    }
users-cause-none = kein Fehlertext
users-cause-pending = noch ausstehend
users-cause-stuck = zu lange ausstehend
users-cause-status = ein Status, der nicht verstanden wird
users-see = Mehr: w4b-diag explain { $id }
users-action = { $action ->
        [delete-user] Ursache beheben, dann Partner Hub, Benutzerstatus anzeigen, drei Punkte: Benutzer löschen; der Benutzer kann sich neu aktivieren.
        [change-package] Partner Hub, Benutzerstatus anzeigen, drei Punkte: Pakettyp ändern (oder das Paket entfernen und erneut zuweisen).
        [retry-activation] Partner Hub, Benutzerstatus anzeigen, drei Punkte: Aktivierung wiederholen, mit gültiger E-Mail-Adresse.
        [copy-error-text] Partner Hub, Benutzerstatus anzeigen, drei Punkte: Fehlertext kopieren; er gehört in die Serviceanfrage.
        [ask-user] Den Benutzer bitten, die E-Mail-Adresse einzugeben oder zu bestätigen; dann Aktivierung wiederholen.
        [wait] Mehrere Minuten warten und erneut exportieren.
       *[none] Es ist nichts zu tun.
    }
user-error = { $subject }: Bereitstellung gescheitert
    .detail = { $text ->
        [some] Zeile { $line }: { $error }
       *[none] Zeile { $line }, Status „{ $status }“, ohne Fehlertext.
    }
    .remedy = { users-action }
user-error--ok = Kein Benutzer ist gescheitert, steht aus oder ist doppelt
    .detail = { $count ->
        [one] { $count } Benutzer in der Datei.
       *[other] { $count } Benutzer in der Datei.
    }
user-error--status = { $subject }: Der Status „{ $status }“ wird nicht verstanden
    .detail = Zeile { $line }. Ob dieser Benutzer funktioniert, ist nicht bekannt.
    .remedy = Im Partner Hub unter Benutzerstatus anzeigen nachsehen.
user-error--more = { $count ->
        [one] { $count } weiterer gescheiterter Benutzer
       *[other] { $count } weitere gescheiterte Benutzer
    }
    .detail = Hier nicht einzeln aufgeführt; die Daten des Berichts und --format csv enthalten alle.
    .remedy = Arbeiten Sie die Ursachen gruppenweise ab.
user-pending = { $subject }: ausstehend
    .detail = { $known ->
        [yes] Zeile { $line }, Status „{ $status }“ seit { $minutes } Minuten.
       *[no] Zeile { $line }, Status „{ $status }“. Seit wann, steht nicht in der Datei.
    }
    .remedy = { users-action }
user-pending--more = { $count ->
        [one] { $count } weiterer ausstehender Benutzer
       *[other] { $count } weitere ausstehende Benutzer
    }
    .detail = Hier nicht einzeln aufgeführt; die Daten des Berichts und --format csv enthalten alle.
    .remedy = Mehrere Minuten warten und erneut exportieren.
user-stuck = { $subject }: zu lange ausstehend
    .detail = Zeile { $line }, Status „{ $status }“ seit { $minutes } Minuten. Die Bereitstellung dauert mehrere Minuten.
    .remedy = { users-action }
user-stuck--more = { $count ->
        [one] { $count } weiterer zu lange ausstehender Benutzer
       *[other] { $count } weitere zu lange ausstehende Benutzer
    }
    .detail = Hier nicht einzeln aufgeführt; die Daten des Berichts und --format csv enthalten alle.
    .remedy = Aktivierung wiederholen; hängen viele, die Statusseite prüfen.
user-duplicate = { $field ->
        [email] Die E-Mail-Adresse { $value } steht zweimal da
       *[broadworks_id] Die BroadWorks-ID { $value } steht zweimal da
    }
    .detail = In Zeile { $earlier } und { $line }.
    .remedy = Nur ein Benutzer kann sie haben. Feststellen, welcher stimmt, und den anderen löschen.
user-duplicate--more = { $count ->
        [one] { $count } weiteres Duplikat
       *[other] { $count } weitere Duplikate
    }
    .detail = Hier nicht einzeln aufgeführt.
    .remedy = Sortieren Sie die Datei nach dieser Spalte, um sie zu sehen.

csv-encoding = Zeile { $line } enthält Zeichen, die nicht lesbar sind
    .detail = Sie erscheinen als �; alles andere wurde gelesen.
    .remedy = Die Datei als UTF-8 speichern und diese Zeile prüfen.
csv-encoding--open-quote = Zeile { $line }: ein Anführungszeichen ist nicht geschlossen
    .detail = Die Zeile wurde ohne Anführungszeichen gelesen, es geht keine Zeile verloren. Control Hub würde die folgenden Zeilen verschlucken.
    .remedy = Das Anführungszeichen in dieser Zeile schließen oder entfernen.
csv-encoding--cells = { $found ->
        [one] Zeile { $line } hat { $found } Zelle statt { $expected }
       *[other] Zeile { $line } hat { $found } Zellen statt { $expected }
    }
    .detail = Die Zellen können in falschen Spalten stehen.
    .remedy = Nach einem fehlenden oder überzähligen Trennzeichen in dieser Zeile suchen; Zellen mit Trennzeichen in Anführungszeichen setzen.
csv-encoding--guessed = Die Zeichenkodierung wurde geschätzt: { $encoding }
    .detail = Die Datei hat keine Byte-Reihenfolge-Markierung und ist nicht UTF-8.
    .remedy = Sehen Buchstaben falsch aus, die Datei als UTF-8 speichern.
csv-encoding--huge = Zeile { $line }, Spalte „{ $column }“: eine Zelle mit { $bytes } Bytes
    .detail = Kein Feld eines Benutzers ist so lang; vielleicht wurde ein ganzes Protokoll eingefügt.
    .remedy = Diese Zelle prüfen.
csv-encoding--header = Keine Spalte der Kopfzeile wird verstanden
    .detail = Zeile { $line }: { $names }
    .remedy = Prüfen, ob das eine Benutzerliste ist, ob die erste Zeile die Kopfzeile ist und ob das Trennzeichen Komma, Semikolon, Tabulator oder senkrechter Strich ist.
csv-encoding--more = { $count ->
        [one] { $count } weiterer Fehler in der Datei
       *[other] { $count } weitere Fehler in der Datei
    }
    .detail = Hier nicht einzeln aufgeführt.
    .remedy = Die ersten beheben und erneut prüfen.
csv-missing-field = Zeile { $line }: { $field ->
        [email] E-Mail-Adresse
        [extension] Durchwahl oder Telefonnummer
        [location] Standort
        [jabber_calling] Jabber Calling
        [jabber_teams] Jabber mit Webex Teams
       *[other] „{ $column }“
    } fehlt
    .detail = { $why ->
        [always] Pflicht in jeder Zeile.
       *[package] Pflicht für { $packages }.
    }
    .remedy = Die Spalte „{ $column }“ ausfüllen, sonst meldet der Import einen Fehler.
csv-missing-field--column = Die Spalte für { $field ->
        [email] die E-Mail-Adresse
        [extension] Durchwahl oder Telefonnummer
        [location] den Standort
        [jabber_calling] Jabber Calling
       *[jabber_teams] Jabber mit Webex Teams
    } fehlt
    .detail = Sie ist für die Pakete in dieser Datei Pflicht.
    .remedy = Die Spalte ergänzen; am besten mit der CSV-Vorlage beginnen, die Control Hub zum Herunterladen anbietet.
csv-missing-field--site = Zeile { $line }: keine bevorzugte Webex-Site
    .detail = Der Import meldet keinen Fehler, aber die Meeting-Site des Benutzers macht später Probleme.
    .remedy = Die bevorzugte Webex-Site für alle Pakete außer Webex Voice ausfüllen.
csv-missing-field--ok = Kein Pflichtfeld fehlt und kein Wert ist falsch
    .detail = { $count ->
        [one] { $count } Zeile geprüft.
       *[other] { $count } Zeilen geprüft.
    }
csv-missing-field--more = { $count ->
        [one] { $count } weiteres fehlendes Feld
       *[other] { $count } weitere fehlende Felder
    }
    .detail = Hier nicht einzeln aufgeführt.
    .remedy = Die ersten beheben und erneut prüfen.
csv-invalid-value--email = Zeile { $line }: „{ $value }“ ist keine gültige E-Mail-Adresse
    .detail = Spalte „{ $column }“. Nötig sind ein @, eine Domäne mit Punkt, keine Leerzeichen und keine Umlaute.
    .remedy = Die Adresse berichtigen.
csv-invalid-value--email-plus = Zeile { $line }: die E-Mail-Adresse { $value } enthält ein „+“
    .detail = Spalte „{ $column }“. Mit so einer Adresse scheitert das Starten eines Meetings.
    .remedy = Eine Adresse ohne „+“ verwenden.
csv-invalid-value--number = Zeile { $line }: „{ $value }“ ist keine Telefonnummer
    .detail = Spalte „{ $column }“. Erlaubt sind + an erster Stelle, 7 bis 15 Ziffern und -.
    .remedy = Nach E.164 schreiben, etwa +4930123456.
csv-invalid-value--number-no-plus = Zeile { $line }: { $value } hat keine Landesvorwahl
    .detail = Spalte „{ $column }“. Eine Nummer beginnt mit + und der Landesvorwahl.
    .remedy = Nach E.164 schreiben, etwa +4930123456.
csv-invalid-value--number-scientific = Zeile { $line }: ein Tabellenprogramm hat die Nummer { $value } verdorben
    .detail = Spalte „{ $column }“. Die letzten Ziffern sind verloren.
    .remedy = Die Spalte in der Tabelle als Text formatieren, die Nummern neu eintragen und speichern.
csv-invalid-value--boolean = Zeile { $line }: „{ $value }“ ist weder TRUE noch FALSE
    .detail = Spalte „{ $column }“.
    .remedy = TRUE oder FALSE schreiben.
csv-invalid-value--boolean-language = Zeile { $line }: „{ $value }“ statt TRUE oder FALSE
    .detail = Spalte „{ $column }“. Tabellenprogramme übersetzen TRUE und FALSE; Control Hub erwartet die englischen Wörter.
    .remedy = TRUE oder FALSE schreiben; die Spalte vorher als Text formatieren.
csv-invalid-value--extension = Zeile { $line }: „{ $value }“ ist keine Durchwahl
    .detail = Spalte „{ $column }“. Eine Durchwahl hat nur Ziffern, höchstens zehn.
    .remedy = Die Durchwahl berichtigen.
csv-invalid-value--more = { $count ->
        [one] { $count } weiterer ungültiger Wert
       *[other] { $count } weitere ungültige Werte
    }
    .detail = Hier nicht einzeln aufgeführt.
    .remedy = Die ersten beheben und erneut prüfen.
csv-package-conflict = Zeile { $line }: mehrere Pakete zugleich: { $packages }
    .detail = Ein Benutzer hat ein Wholesale-Paket.
    .remedy = TRUE bei einem Paket lassen, die anderen auf FALSE setzen.
csv-package-conflict--removal-incomplete = Zeile { $line }: weder gelöscht noch zugewiesen
    .detail = Einige Paketspalten sind FALSE, die anderen leer.
    .remedy = Um den Benutzer zu löschen, alle Paketspalten auf FALSE setzen; um ihn zu behalten, eine auf TRUE.
csv-package-conflict--base = Zeile { $line }: Basislizenz „{ $licence }“ neben einem Paket
    .detail = Der Benutzer bekommt sie zusätzlich zum Paket.
    .remedy = Ist das nicht gewollt, auf FALSE setzen.
csv-package-conflict--removals = { $count ->
        [one] { $count } Benutzer wird aus der Kundenorganisation gelöscht
       *[other] { $count } Benutzer werden aus der Kundenorganisation gelöscht
    }
    .detail = Alle Paketspalten dieser Zeilen sind FALSE.
    .remedy = Prüfen, ob das beabsichtigt ist.
csv-package-conflict--behaviour = Beim Import „Dienste hinzufügen und entfernen“ wählen
    .detail = Sonst werden Basic Messaging, Basic Space Meetings und Call on Webex zusätzlich zum Paket zugewiesen.
    .remedy = Control Hub, Benutzer, Benutzer verwalten, CSV hinzufügen oder ändern, CSV-Importverhalten.
csv-package-conflict--more = { $count ->
        [one] { $count } weiterer Paketkonflikt
       *[other] { $count } weitere Paketkonflikte
    }
    .detail = Hier nicht einzeln aufgeführt.
    .remedy = Die ersten beheben und erneut prüfen.
help-users--file = CSV-Datei aus Partner Hub oder Control Hub; - liest die Standardeingabe
help-users--exclude-provisioned = Bereitgestellte Benutzer ausschließen
users-error-overwrite = { $path } ist das Original; die berichtigte Kopie überschreibt es nicht
    .hint = Geben Sie bei --write-corrected eine andere Datei an.
users-error-no-import = { $path } ist keine Massenimport-Datei: es gibt nichts zu berichtigen
    .hint = Nur Dateien für den Import in Control Hub werden berichtigt; ein Export zeigt, was da ist.
users-corrected = { $count ->
        [one] Berichtigte Kopie: { $path } ({ $count } Änderung)
       *[other] Berichtigte Kopie: { $path } ({ $count } Änderungen)
    }
users-change = { $kind ->
        [delimiter] ganze Datei: Trennzeichen „{ $before }“ → „{ $after }“
        [encoding] ganze Datei: Kodierung { $before } → { $after }
        [cells] Zeile { $line }: { $before } → { $after } Zellen, die neuen leer
       *[other] Zeile { $line }, Spalte „{ $column }“: „{ $before }“ → „{ $after }“
    }
users-change-more = { $count ->
        [one] … und { $count } weitere Änderung; --format json hat alle
       *[other] … und { $count } weitere Änderungen; --format json hat alle
    }
users-corrected-left = { $count ->
        [0] Von Hand ist nichts mehr zu berichtigen.
        [one] { $count } Problem bleibt, das nur zu raten wäre: berichtigen Sie es von Hand und prüfen Sie die Kopie noch einmal.
       *[other] { $count } Probleme bleiben, die nur zu raten wären: berichtigen Sie sie von Hand und prüfen Sie die Kopie noch einmal.
    }
help-users--write-corrected = Berichtigte Kopie einer Massenimport-Datei schreiben: was sich ohne Raten berichtigen lässt

## catalogue

catalogue-error-read = Katalog { $path } kann nicht gelesen werden: { $reason }
    .hint = Prüfen Sie [catalogue] dir in der Konfiguration: Es nennt ein Verzeichnis mit *.toml-Dateien.
catalogue-error-syntax = Katalogdatei { $path } ist ungültig: { $reason }
    .hint = Jedes [[entry]] braucht id, owner und meaning; die Dateien im Quelltext des Programms zeigen die Form.
catalogue-error-twice = Katalogdatei { $path } enthält die id { $id } ein zweites Mal
    .hint = Geben Sie jedem Eintrag eine eigene id.
catalogue-error-too-large = { $path } ist zu groß für einen Katalog
    .hint = Eine Datei darf 1 MiB haben, ein Verzeichnis tausend Dateien.

catalogue-collect--provisioning = BroadWorks-ID und E-Mail-Adresse des Benutzers, Organisations-ID des Kunden, Name der Vorlage, den ganzen Fehlertext mit Tracking-ID (Fehlertext kopieren) und das PSLog des Application Servers um diese Zeit.
catalogue-collect--csv = Die Zeile der CSV-Datei (mit Kopfzeile), die Fehlerliste, die Control Hub nach dem Import exportiert, die Tracking-ID und die Organisations-ID des Kunden.
catalogue-collect--client = E-Mail-Adresse des Benutzers, Plattform und Version der Webex-App, Zeitpunkt, den Code mit seinem Text wie angezeigt (Bildschirmfoto) und die Protokolle des Clients.
catalogue-collect--tls = Die Ausgabe von „w4b-diag certs“ für die XSP, den Zeitpunkt des Fehlers und die Zeilen aus dem Protokoll der XSP dazu (XsiActionsLog, authenticationService-Protokoll).
catalogue-collect--order = Bestellnummer, Abonnement-ID, Name und E-Mail-Adresse des Bereitstellungskontakts, Status der Bestellposition und Bildschirmfotos.
catalogue-collect--nothing = Nichts; dafür ist keine Serviceanfrage nötig.
catalogue-collect--unknown = Den Code und seinen ganzen Text wie angezeigt, Tracking-ID, Zeitpunkt, E-Mail-Adresse des Benutzers, Organisations-ID von Kunde und Partner und die Version des Clients, der ihn anzeigt.

catalogue-broadworks-id-taken = Die BroadWorks-Benutzer-ID gehört bereits zu einem anderen Webex-Benutzer.
    .cause = Der Teilnehmer wurde mit dieser BroadWorks-ID schon einmal aufgenommen, vielleicht mit einer anderen E-Mail-Adresse oder in einer anderen Kundenorganisation.
    .steps =
        Partner Hub, Onboarding-Vorlage, Benutzerstatus anzeigen: nach der BroadWorks-ID suchen.
        Ist der vorhandene Benutzer der richtige, behalten Sie ihn; es ist nichts bereitzustellen.
        Sonst den alten Benutzer dort löschen (Benutzer löschen) und mit gültiger E-Mail-Adresse erneut aufnehmen.
        Ist er nicht aufgeführt, eine Serviceanfrage öffnen: Er kann in einer Organisation sein, die Sie nicht sehen.
    .collect = { catalogue-collect--provisioning }
catalogue-null-parameter = In der Bereitstellungsanfrage ist ein Pflichtwert leer.
    .cause = Der Anfrage fehlt ein Wert, den Webex braucht, zum Beispiel E-Mail-Adresse oder Name des Benutzers.
    .steps =
        Vergleichen Sie die Anfrage oder die Benutzerdaten in BroadWorks mit dem, was die API verlangt: Benutzer-ID, Unternehmen, Name, Paket, und eine E-Mail-Adresse, wenn die Vorlage sie braucht.
        Ergänzen Sie das Fehlende und senden Sie die Anfrage erneut.
    .collect = { catalogue-collect--provisioning }
catalogue-parameter-size = Ein Wert in der Bereitstellungsanfrage ist zu lang oder zu kurz.
    .cause = Eines der Felder hat mehr Zeichen als erlaubt oder keine.
    .steps =
        Suchen Sie in den Benutzerdaten nach einem ungewöhnlich langen Namen, einer Adresse oder Benutzer-ID.
        Kürzen Sie den Wert und senden Sie die Anfrage erneut.
    .collect = { catalogue-collect--provisioning }
catalogue-precheck-success = Kein Fehler: Die Vorprüfung der Bereitstellung war erfolgreich.
    .cause = Der Teilnehmer ließe sich voraussichtlich ohne Fehler bereitstellen.
    .steps =
        Fahren Sie mit der Bereitstellung fort.
        Die Vorprüfung selbst stellt nichts bereit.
    .collect = { catalogue-collect--nothing }
catalogue-wholesale-2560 = Webex konnte es in diesem Moment nicht ausführen; der Fehlertext selbst verweist auf die Statusseite und auf einen neuen Versuch.
    .cause = Eine vorübergehende Störung auf der Seite von Webex.
    .steps =
        Statusseite prüfen: w4b-diag status
        Ist eine Störung offen, warten Sie, bis sie behoben ist.
        Erneut versuchen. Scheitert es ohne offene Störung wieder, eine Serviceanfrage öffnen.
    .collect = { catalogue-collect--provisioning }
catalogue-messaging-server = BroadWorks konnte sich zur Bereitstellung des Benutzers nicht bei Webex anmelden.
    .cause = Benutzername, Passwort oder URL von Integrated IM&P auf dem Application Server stimmen nicht mit Bereitstellungskonto, Passwort und URL der Onboarding-Vorlage überein.
    .steps =
        Partner Hub, Einstellungen, BroadWorks Calling, Vorlagen anzeigen: Vorlage öffnen, Bereitstellungskonto und URL notieren.
        Mit den Einstellungen von Integrated IM&P auf dem Application Server vergleichen. Im Zweifel das Passwort auf beiden Seiten neu setzen.
        Integrated IM&P einem Benutzer erneut zuweisen und das PSLog lesen.
    .collect = { catalogue-collect--provisioning }
catalogue-url-exists = Die E-Mail-Adresse wird bereits von einem anderen Benutzer verwendet.
    .cause = Ein anderer Benutzer, oft ein früherer derselben Person, hat diese Adresse in BroadWorks oder in Webex (409 Conflict).
    .steps =
        Control Hub des Kunden, Benutzer: nach der E-Mail-Adresse suchen.
        Den älteren Benutzer entfernen oder für den neuen eine andere E-Mail-Adresse verwenden.
        Dann die Aktivierung wiederholen.
    .collect = { catalogue-collect--provisioning }
catalogue-extension-taken = Die Durchwahl ist bereits jemand anderem zugewiesen.
    .cause = Ein anderer Benutzer, Arbeitsbereich oder eine Funktion des Standorts hat sie. Oft nennt der Fehlertext, wer.
    .steps =
        Feststellen, wer die Durchwahl hat (Nummer am Ende des Fehlertextes, oder Control Hub, Calling, Rufnummern).
        Eine freie Durchwahl wählen oder sie dort wegnehmen.
        Erneut speichern oder importieren.
    .collect = { catalogue-collect--csv }
catalogue-services-not-authorized = Der Benutzer hat Dienste, für die die neue Gruppe nicht berechtigt ist.
    .cause = Beim Umzug in eine andere Gruppe oder an einen anderen Standort sind die Dienste in Klammern dem Benutzer zugewiesen, am Ziel aber nicht freigegeben.
    .steps =
        Die Dienste in Klammern am Ende des Fehlertextes notieren.
        Sie in der Zielgruppe freigeben oder dem Benutzer entziehen.
        Den Benutzer erneut umziehen.
    .collect = { catalogue-collect--provisioning }
catalogue-outbound-proxy = Webex konnte den Outbound-Proxy der BroadWorks-Gruppe nicht lesen.
    .cause = Gemeinsam beobachtet: CPAPI 25013 und „[Error 26088] Cloud PBX Console is not configured properly“. Was genau falsch ist, ist nicht dokumentiert.
    .steps =
        Prüfen, ob es eine Gruppe oder alle betrifft und seit wann.
        Statusseite prüfen.
        Eine Serviceanfrage mit beiden Codes und dem ganzen Text öffnen.
    .collect = { catalogue-collect--provisioning }
catalogue-number-invalid = Die Telefonnummer ist ungültig.
    .cause = Erlaubt sind + an erster Stelle, Ziffern und -; geschrieben wird nach E.164, etwa +4930123456.
    .steps =
        Nummer berichtigen: mit Landesvorwahl, ohne Leerzeichen und Buchstaben. Tabellenprogramme machen daraus gern 4,93012E+11: Spalte als Text formatieren.
        Die Datei mit „w4b-diag users DATEI“ prüfen, dann erneut importieren.
    .collect = { catalogue-collect--csv }
catalogue-number-taken = Die Telefonnummer ist bereits zugewiesen.
    .cause = Ein anderer Benutzer, Arbeitsbereich oder eine Funktion hat die Nummer; sie gehört nicht zu den freien Nummern des Standorts.
    .steps =
        Control Hub, Calling, Rufnummern: Nummer suchen und sehen, wer sie hat.
        Dort die Zuweisung aufheben oder eine freie Nummer wählen.
        Erneut importieren oder speichern.
    .collect = { catalogue-collect--csv }
catalogue-invitation-suppressed = Es wurde keine Einladung gesendet, weil der Benutzer in den letzten 24 Stunden eine erhalten hat.
    .cause = Webex sendet einem Benutzer höchstens eine Einladung am Tag.
    .steps =
        Den Benutzer bitten, nach der früheren Einladung zu suchen, auch im Spam-Ordner.
        Bei Bedarf nach 24 Stunden erneut senden.
    .collect = { catalogue-collect--nothing }
catalogue-licence-calling-mix = Die Lizenzen Webex Calling Professional und Standard schließen sich aus.
    .cause = Ein Benutzer kann nicht beide haben, und Professional lässt sich nicht in Standard ändern.
    .steps =
        Eine der beiden aus der Anfrage oder der CSV-Zeile nehmen.
        Für den Wechsel von Professional zu Standard die erste entfernen und speichern, bevor Sie die andere zuweisen.
    .collect = { catalogue-collect--csv }
catalogue-licence-needs-professional = Die Zusatzlizenz braucht Webex Calling Professional.
    .cause = Attendant Console oder Customer Experience Essentials passen nicht zu Webex Calling Standard, oder die Lizenz Professional fehlt.
    .steps =
        Dem Benutzer zuerst Webex Calling Professional zuweisen.
        Dann die Zusatzlizenz zuweisen.
    .collect = { catalogue-collect--csv }
catalogue-licence-messenger = Messenger-Lizenzen lassen sich so nicht verwalten.
    .cause = Die Anfrage enthält eine Messenger-Lizenz; das wird in der Benutzerverwaltung nicht unterstützt.
    .steps =
        Die Messenger-Lizenz aus der Anfrage nehmen und erneut senden.
    .collect = { catalogue-collect--csv }
catalogue-licence-attendee-site = Eine Meeting-Site in der Anfrage ist für Teilnehmer ungültig.
    .cause = Eine der Site-URLs ist falsch geschrieben oder gehört nicht zur Organisation.
    .steps =
        Control Hub, Dienste, Meeting, Sites: den Namen der Site Buchstabe für Buchstabe vergleichen.
        Berichtigen und die Anfrage erneut senden.
    .collect = { catalogue-collect--csv }
catalogue-licence-other = Lizenzen in der Anfrage passen nicht zusammen; was dieser Code genau bedeutet, ist hier nicht bekannt.
    .cause = Der Code gehört zu den Lizenzfehlern 400404 bis 400413. Sein Text wurde in öffentlicher Dokumentation nicht gefunden.
    .steps =
        Den Text neben dem Code lesen: Er nennt die Lizenzen.
        Die Lizenzen einzeln zuweisen, um die abgelehnte zu finden.
        Hilft der Text nicht, eine Serviceanfrage öffnen.
    .collect = { catalogue-collect--csv }
catalogue-email-invalid = Die E-Mail-Adresse ist ungültig.
    .cause = Sie braucht genau ein @, nur erlaubte Zeichen und höchstens 161 Zeichen davor.
    .steps =
        Adresse berichtigen: keine Leerzeichen, keine Umlaute, ein @.
        Die Datei mit „w4b-diag users DATEI“ prüfen, dann erneut importieren oder speichern.
    .collect = { catalogue-collect--csv }
catalogue-extension-invalid = Die Durchwahl ist ungültig.
    .cause = Eine Durchwahl besteht nur aus Ziffern, in der Länge, die der Standort erlaubt.
    .steps =
        Durchwahl in der CSV-Zeile oder in den Benutzerdaten berichtigen.
        Länge prüfen: Control Hub, Calling, Wähleinstellungen des Standorts.
    .collect = { catalogue-collect--csv }
catalogue-mobile-network = Die Mobilfunkintegration ist für diesen Benutzer nicht eingerichtet.
    .cause = Die Anfrage setzt eine Mobilfunkintegration voraus, die der Benutzer nicht hat.
    .steps =
        Mobilfunkintegration für den Benutzer einrichten oder in der Anfrage weglassen.
    .collect = { catalogue-collect--csv }
catalogue-email-or-extension-invalid = E-Mail-Adresse oder Durchwahl ist ungültig; welche von beiden, sagt der Code hier nicht.
    .cause = Der Code liegt zwischen WXC-4801 und WXC-4910; diese stehen für ungültige E-Mail-Adressen und Durchwahlen. Sein eigener Text wurde nicht gefunden.
    .steps =
        Den Text neben dem Code lesen.
        E-Mail-Adresse (ein @, erlaubte Zeichen) und Durchwahl (nur Ziffern) prüfen.
        Die Datei mit „w4b-diag users DATEI“ prüfen.
    .collect = { catalogue-collect--csv }
catalogue-licence-not-rolled-back = Das Paket des Benutzers ließ sich nicht ändern und ist jetzt nur halb geändert.
    .cause = Control Hub hat die Lizenz geändert, aber nicht die Attribute des Benutzers, oder konnte die Lizenz nicht ändern.
    .steps =
        Control Hub, Benutzer, den Benutzer öffnen: Paket entfernen und speichern.
        Das Paket erneut zuweisen.
        Den Import nur für diesen Benutzer wiederholen.
    .collect = { catalogue-collect--csv }
catalogue-meeting-plus = Das Starten eines Meetings scheitert, weil die E-Mail-Adresse des Benutzers ein „+“ enthält.
    .cause = Adressen mit „+“ vor dem @ verhindern den Start eines Meetings. Dieselben Codes können auch andere Ursachen haben.
    .steps =
        Prüfen, ob die E-Mail-Adresse des Benutzers ein „+“ enthält.
        Wenn ja, eine Adresse ohne „+“ vergeben und neu anmelden.
        Wenn nein, die Protokolle sammeln und eine Serviceanfrage öffnen.
    .collect = { catalogue-collect--client }
catalogue-sign-in = Ein Anmeldefehler der Webex-App; was dieser Code genau bedeutet, ist hier nicht bekannt.
    .cause = Die Codes 100006, 200016 und 200054 stehen in Ciscos Liste der Fehlercodes für Endbenutzer; ihre Texte fehlten in den Quellen dieses Programms. Deshalb wird hier nichts behauptet.
    .steps =
        Den Code in Ciscos Leitfaden zur Fehlerbehebung nachschlagen (Verweis unten).
        Prüfen, ob die XSP antwortet und ihre Zertifikate in Ordnung sind: w4b-diag certs
        Benutzername und Passwort des BroadWorks-Benutzers und seinen Status im Partner Hub prüfen.
        Das authenticationService-Protokoll und access_log der XSP zum Zeitpunkt der Anmeldung ansehen.
    .collect = { catalogue-collect--client }

catalogue-client-certificate-refused = Bei gegenseitigem TLS hat eine Seite das Zertifikat der anderen abgelehnt.
    .cause = Meist ist die Webex-CA-Kette auf der XSP nicht als Vertrauensanker installiert, veraltet oder ungeteilt geladen; oder die XSP sendet eine Kette, der Webex nicht vertraut.
    .steps =
        Prüfen mit „w4b-diag certs cti://HOST --trust CombinedCertChain.txt“.
        Stamm- und ausstellende CA einzeln laden: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Prüfen, ob der Application Server den Client kennt: AS_CLI/System/ClientIdentity> get zeigt bwcticlient.webex.com
        Schnittstelle neu starten, wenn die Version es verlangt, und erneut prüfen.
    .collect = { catalogue-collect--tls }
catalogue-certificate-expired = Ein Zertifikat ist abgelaufen.
    .cause = Das Serverzertifikat der XSP, seine Kette oder ein Vertrauensanker ist über das Ablaufdatum hinaus. Das beim ersten Absichern einer Schnittstelle erzeugte selbstsignierte Zertifikat gilt ein Jahr.
    .steps =
        Feststellen, welches: w4b-diag certs HOST und w4b-diag certs cti://HOST
        Ein neues, von einer öffentlichen CA signiertes Zertifikat anfordern und mit Kette installieren.
        Von außen erneut prüfen.
    .collect = { catalogue-collect--tls }
catalogue-certificate-untrusted = Einem Zertifikat wird nicht vertraut.
    .cause = Das Zertifikat ist selbstsigniert, von einer privaten CA, oder die Zwischenzertifikate werden nicht mitgesendet.
    .steps =
        Prüfen mit „w4b-diag certs HOST“: Es sagt, welches Zertifikat fehlt.
        Das Zertifikat des HTTP-Servers muss von einer öffentlichen CA signiert sein; die ganze Kette installieren (chainFile).
        Geht es um die Webex-CA-Kette, die aktuelle Datei aus dem Partner Hub als Vertrauensanker installieren.
    .collect = { catalogue-collect--tls }
catalogue-certificate-host-name = Das Zertifikat gilt für einen anderen Hostnamen.
    .cause = Der Name in der URL steht nicht unter den alternativen Namen des Zertifikats.
    .steps =
        Den Namen in den URLs des Clusters (Partner Hub) mit den Namen im Zertifikat vergleichen: w4b-diag certs HOST
        Ein Zertifikat mit allen Namen anfordern oder die URL berichtigen.
    .collect = { catalogue-collect--tls }
catalogue-tls-version = Die beiden Seiten fanden keine gemeinsame TLS-Version oder Verschlüsselung.
    .cause = Webex spricht TLS 1.2 und nichts Älteres; eine XSP, die nur ältere Versionen oder andere Verfahren anbietet, wird abgelehnt.
    .steps =
        Prüfen mit „w4b-diag certs HOST“: Es zeigt die angebotenen Versionen und das Verfahren.
        TLS 1.2 und die ECDHE-Verfahren mit AES-GCM in den SSL-Einstellungen der XSP einschalten.
    .collect = { catalogue-collect--tls }
catalogue-email-elsewhere = Die E-Mail-Adresse gehört bereits zu einem Webex-Konto außerhalb dieser Kundenorganisation.
    .cause = In Webex kann eine E-Mail-Adresse nur zu einem Konto gehören. Der Benutzer hat ein kostenloses Konto oder eines in einer anderen Organisation.
    .steps =
        Bitten Sie den Benutzer um eine andere E-Mail-Adresse, oder fragen Sie, ob das andere Konto wegfallen darf: Nachrichten und Dateien gehen mit ihm verloren.
        Ein kostenloses Konto löscht der Benutzer selbst; ein Konto in einer anderen Organisation entfernt deren Administrator.
        Danach im Partner Hub unter „Benutzerstatus anzeigen“: für diesen Benutzer „Aktivierung wiederholen“, mit der nun freien oder der anderen Adresse.
    .collect = { catalogue-collect--client }
catalogue-phone-services = Die Webex-App ist angemeldet, aber ihre Telefondienste sind nicht verbunden.
    .cause = Die App hat kein BroadWorks-Token bekommen, konnte config-wxt.xml nicht abrufen oder lesen oder erreicht per SIP keinen Session Border Controller. Bei 1502 ist es das Token: der Authentication Service auf dem XSP, dessen Zertifikate oder der Weg dorthin.
    .steps =
        Prüfen Sie den XSP und seine Zertifikate: w4b-diag certs HOST
        Sehen Sie zu diesem Zeitpunkt in authenticationService-Log und access_log des XSP nach; notieren Sie die Tracking-ID der Anfrage.
        Lassen Sie Gerätetyp und config-wxt.xml dieses Benutzers in BroadWorks prüfen.
        Lassen Sie Namen, SRV-Einträge und Ports des Session Border Controllers vom Netz des Benutzers aus prüfen.
    .collect = { catalogue-collect--client }

catalogue-xsp-unreachable = Die XSP wurde nicht erreicht.
    .cause = Auf dem Port lauscht nichts, oder eine Firewall lässt die Adressbereiche von Webex auf 443 oder 8012 nur teilweise oder gar nicht durch.
    .steps =
        Von außerhalb Ihres Netzes prüfen: „w4b-diag certs HOST“ und „w4b-diag certs cti://HOST“.
        Die Firewall mit den veröffentlichten Adressbereichen von Webex vergleichen, TCP 443 und 8012.
        Auf der XSP prüfen, ob die Anwendung läuft.
    .collect = { catalogue-collect--tls }

catalogue-activation = Verfahren: Benutzeraktivierung mit nicht vertrauenswürdigen E-Mails
    .cause = Benutzer stellen sich selbst bereit, indem sie im Benutzeraktivierungsportal ihre E-Mail-Adresse eingeben. Das scheitert, wenn die Vorlage nicht dafür eingerichtet ist oder die Daten des Benutzers nicht passen.
    .steps =
        Der Benutzer versucht es im Portal noch einmal mit „Erneut versuchen“.
        Scheitert es wieder: am Partner Hub anmelden; Kundenliste (oder Einstellungen, BroadWorks Calling), „Vorlagen anzeigen“; die Onboarding-Vorlage dieses Benutzers öffnen.
        Unter „Benutzerverifizierung“ muss „Nicht vertrauenswürdige E-Mails“ ausgewählt sein, und das Feld „Link teilen“ muss auf den Aktivierungslink zeigen.
        Dort auf „Benutzerstatus anzeigen“ klicken: BroadWorks-ID, Paket, und ob bereitgestellt oder was aussteht.
        Bei Benutzern mit Fehler oder ausstehender Anforderung hinter den drei Punkten wählen: „Aktivierung wiederholen“ (mit gültiger E-Mail-Adresse), „Benutzer löschen“ (wenn zuerst die Konfiguration zu ändern ist), „Pakettyp ändern“ oder „Fehlertext kopieren“.
        Die Liste als CSV exportieren und beurteilen lassen: w4b-diag users DATEI --exclude-provisioned
        Schritt für Schritt beantworten: w4b-diag explain activation --untrusted-emails yes --share-link yes --retried yes --user-status error
    .collect = { catalogue-collect--provisioning }
catalogue-order = Verfahren: die Bereitstellungs-E-Mail einer Bestellung
    .cause = Die erste E-Mail geht am gewünschten Startdatum (RSD) an den Bereitstellungskontakt. Sie kann erneut gesendet werden, bis die Organisation in Control Hub aufgenommen ist: der Punkt ohne Wiederkehr (PONR).
    .steps =
        Im Spam-Ordner nachsehen; webex_comm@webex.com zulassen.
        Die Bestellposition in Cisco Commerce Workspace (CCW) ansehen. Kein Zugang? Den Kontakt fragen, der bestellt hat.
        „Bereitstellungsdetails ausstehend“ (Pending provisioning details): neben der E-Mail des Bereitstellungskontakts auf „Erneut senden“ klicken, dann „Ja“. Der Kontakt lässt sich bis zum PONR ändern.
        „Geschlossen“ (Closed): nicht rechtzeitig bereitgestellt (7 Tage bei A-Flex und A-Flex-3, 30 Tage bei anderen Collaboration-Angeboten). Über die Seite Cloud/SaaS-Abonnements erneut senden oder bearbeiten.
        Nach dem PONR: Es kann keine E-Mail mehr gesendet werden; der Kontakt oder der Bereitstellungsadministrator meldet sich an https://admin.webex.com an und schließt die Einrichtung ab.
        Scheitert das Senden vor dem PONR: Cache und Cookies löschen, anderer Browser, Inkognito. Dann unter https://www.cisco.com/go/cs einen Fall öffnen: „provisioning assistance“ suchen, „Open case“, Anfragetyp „Resend provisioning email“, mit Bildschirmfotos.
        Schritt für Schritt beantworten: w4b-diag explain order --line pending --offer a-flex --resend-failed no
    .collect = { catalogue-collect--order }
catalogue-bulk-users = Verfahren: Benutzer per CSV hinzufügen, ändern oder löschen
    .cause = Mehr als 25 Benutzer oder Änderungen an vielen gehen über eine CSV-Datei; fehlende Pflichtfelder ergeben Fehler.
    .steps =
        Partner Hub, Kunden, den Kunden, Control Hub starten; Benutzer, Benutzer verwalten, „CSV hinzufügen oder ändern“.
        Pflicht: Durchwahl oder Telefonnummer, und Standort, für Webex Calling, Webex Calling Standard und Webex Suite; Jabber Calling und Jabber mit Webex Teams für alle Pakete.
        Bevorzugte Webex-Site für alle Pakete außer Webex Voice: Ohne sie kommt kein Fehler, aber die Meeting-Site macht später Probleme.
        Beim Import „Dienste hinzufügen und entfernen“ wählen, sonst kommen Basic Messaging, Basic Space Meetings und Call on Webex dazu.
        Um einen Benutzer zu löschen, alle Wholesale-Paketspalten auf FALSE setzen.
        Die Datei vorher prüfen: w4b-diag users DATEI
    .collect = { catalogue-collect--csv }
catalogue-manual-users = Verfahren: Benutzer von Hand hinzufügen
    .cause = Bis zu 25 Benutzer eines bestehenden Kunden lassen sich auf einmal ohne Datei hinzufügen.
    .steps =
        Partner Hub, Kunden, den Kunden, Control Hub starten.
        Benutzer, Benutzer verwalten, „Benutzer manuell hinzufügen“.
        Name, E-Mail-Adresse und Paket jedes Benutzers eingeben, höchstens 25, dann Weiter und Schließen.
        Für mehr als 25 eine CSV-Datei verwenden: w4b-diag explain bulk-users
    .collect = { catalogue-collect--nothing }
catalogue-package-change = Verfahren: das Paket eines Benutzers ändern
    .cause = Das Paket bestimmt, welche Dienste ein Benutzer hat.
    .steps =
        Partner Hub, Kunden, Control Hub des Kunden öffnen; Benutzer, den Benutzer wählen.
        Im Abschnitt Paket auf den Pfeil klicken, neues Paket wählen, „Ändern“ klicken.
        Ist das neue Paket Webex Calling oder Webex Suite, auch die Rufnummer aktualisieren.
        Bei Webex für BroadWorks: im Benutzerstatus der Vorlage hinter den drei Punkten „Pakettyp ändern“, oder über die Bereitstellungs-API.
    .collect = { catalogue-collect--provisioning }
catalogue-user-status = Verfahren: den Status von Benutzern sehen und beurteilen
    .cause = Die Bereitstellung läuft im Hintergrund; nur die Liste zeigt, wie sie ausging.
    .steps =
        Partner Hub, Vorlagen anzeigen, die Vorlage, Abschnitt Benutzerverifizierung: „Benutzerstatus anzeigen“.
        „Bereitgestellte Benutzer ausschließen“ einschalten, um nur ausstehende und fehlgeschlagene zu sehen.
        „Exportieren“ ergibt eine CSV-Datei; beurteilen lassen: w4b-diag users DATEI
    .collect = { catalogue-collect--provisioning }
catalogue-flow-through = Verfahren: Flow-Through-Bereitstellung; Erfolg heißt begonnen, nicht beendet
    .cause = Das Zuweisen von Integrated IM&P in BroadWorks ruft Webex auf, das im Hintergrund bereitstellt; beim ersten Benutzer eines Unternehmens dauert es mehrere Minuten.
    .steps =
        Mehrere Minuten warten.
        Kunde und Benutzer in der Kundenliste des Partner Hub suchen: Nur das bestätigt es.
        Erscheint der Benutzer nicht, „Benutzerstatus anzeigen“ der Vorlage und das PSLog ansehen.
    .collect = { catalogue-collect--provisioning }
catalogue-remove-user = Verfahren: einen Benutzer aus Webex entfernen
    .cause = Der Weg hängt davon ab, wie der Benutzer hineinkam.
    .steps =
        Flow-Through: dem Benutzer Integrated IM&P in BroadWorks entziehen.
        CSV (Wholesale): alle Paketspalten auf FALSE setzen und importieren.
        Ein fehlgeschlagener Benutzer: „Benutzer löschen“ im Benutzerstatus der Vorlage.
    .collect = { catalogue-collect--nothing }
catalogue-cluster-template = Verfahren: einen BroadWorks-Cluster oder eine Onboarding-Vorlage ändern oder löschen
    .cause = Ein Cluster lässt sich nicht löschen, solange eine Vorlage mit ihm verknüpft ist.
    .steps =
        Partner Hub (https://admin.webex.com), Einstellungen, Abschnitt BroadWorks Calling: „Cluster anzeigen“ oder „Vorlagen anzeigen“.
        Öffnen, ändern und speichern. Leere Passwortfelder behalten das bisherige Passwort.
        Um einen Cluster zu löschen, zuerst die damit verknüpften Vorlagen löschen.
    .collect = { catalogue-collect--provisioning }
catalogue-trust-chain = Verfahren: die Webex-CA-Kette erneuern (Vertrauensanker für gegenseitiges TLS)
    .cause = Über diese Kette vertraut die XSP dem Client-Zertifikat von Webex; sie muss vor dem Ablauf erneuert werden.
    .steps =
        Die Kette aus Control Hub oder Partner Hub herunterladen (eine Textdatei wie CombinedCertChain2023.txt).
        In Dateien mit je einem Zertifikat teilen.
        Jede laden: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Alte und neue können nebeneinander stehen, bis Webex umgestellt hat.
        Prüfen: w4b-diag certs cti://HOST --trust DATEI
    .collect = { catalogue-collect--tls }
catalogue-server-certificate = Verfahren: das Serverzertifikat der XSP erneuern
    .cause = Es muss von einer öffentlichen CA signiert sein. Das beim ersten Absichern einer Schnittstelle erzeugte ist selbstsigniert und gilt ein Jahr. Das rechtzeitige Erneuern liegt bei Ihnen.
    .steps =
        Bei einer öffentlichen CA ein Zertifikat mit allen Hostnamen der XSP anfordern.
        Mit Schlüssel und Kette laden, zum Beispiel: CTI/CTIServer/SSLSettings/Certificates> sslUpdate IP keyFile<path> certificateFile<path> chainFile<path>
        Von außen prüfen: w4b-diag certs HOST
    .collect = { catalogue-collect--tls }
catalogue-status-page = Verfahren: liegt es an Webex?
    .cause = Haben Sie vor dem Fehler nichts in Control Hub oder BroadWorks geändert, beginnen Sie mit der Statusseite.
    .steps =
        Jetzt prüfen oder für den Zeitpunkt des Fehlers: w4b-diag status --at ZEIT
        Die Störung auf https://status.webex.com/ abonnieren, um von ihrem Ende zu erfahren.
        Ist nichts offen, Ihre Seite prüfen: w4b-diag check
    .collect = { catalogue-collect--nothing }
catalogue-service-request = Verfahren: eine Serviceanfrage öffnen, bei der nichts fehlt
    .cause = Der Dienstleister ist der erste Ansprechpartner des Endkunden und eskaliert, was er nicht lösen kann.
    .steps =
        Sammeln: Organisations-ID von Kunde und Partner, Tracking-ID, falls angezeigt, E-Mail-Adresse des Benutzers, Version des Clients, wenn sich der Fehler dort zeigt, Zeitraum.
        Prüfen lassen: w4b-diag check --text DATEI
        Packen: w4b-diag bundle --text DATEI -o case.zip
        Einen Fall im Support Case Manager öffnen, service-request.txt einfügen, ZIP-Datei hochladen.
    .collect = { catalogue-collect--unknown }
explain-error-stdin = Standardeingabe kann nicht gelesen werden: { $reason }
    .hint = Leiten Sie den Fehlertext hinein, oder geben Sie ihn in Anführungszeichen als Argument an.
explain-heading-errors = Bekannte Fehler
explain-heading-symptoms = Was Protokolle und Clients melden
explain-heading-procedures = Verfahren
explain-heading-cause = Woher es kommt
explain-heading-steps = Was zu tun ist
explain-heading-collect = Für eine Serviceanfrage zu sammeln
explain-heading-reference = Dokumentiert unter
explain-list-hint = Mehr zu einem davon: w4b-diag explain ID oder CODE, oder den ganzen Fehlertext einfügen.
explain-nothing = Nichts im Katalog passt zu diesem Text. Das sagt nichts über den Fehler: Der Katalog kennt nur, was dokumentiert ist.
explain-unknown-codes = { $count ->
        [one] Der Code { $codes } steht nicht im Katalog; was er bedeutet, ist hier nicht bekannt.
       *[other] Die Codes { $codes } stehen nicht im Katalog; was sie bedeuten, ist hier nicht bekannt.
    }
explain-reason = { $kind ->
        [id] nach dem Namen gefragt
        [code] der Code { $value }
        [phrase] die Worte „{ $value }“
       *[keywords] nur die Wörter { $value }
    }
explain-why = { $confidence ->
        [certain] Sicher
        [likely] Wahrscheinlich
       *[possible] Vielleicht
    }: { $reasons } [{ $id }]
explain-owner = Zu handeln hat: { $owner }

template-untrusted-emails = „Nicht vertrauenswürdige E-Mails“ ist in der Onboarding-Vorlage nicht ausgewählt
    .detail = Benutzer, die ihre E-Mail-Adresse selbst eingeben, lassen sich so nicht aktivieren.
    .remedy = Partner Hub, Kundenliste (oder Einstellungen, BroadWorks Calling), Vorlagen anzeigen, die Vorlage, Benutzerverifizierung: „Nicht vertrauenswürdige E-Mails“ auswählen und speichern. Dann versucht es der Benutzer erneut.
template-untrusted-emails--ok = „Nicht vertrauenswürdige E-Mails“ ist in der Onboarding-Vorlage ausgewählt
    .detail = Wie erforderlich.
template-untrusted-emails--unknown = Ist „Nicht vertrauenswürdige E-Mails“ in der Onboarding-Vorlage ausgewählt?
    .detail = Nicht beantwortet.
    .remedy = Nachsehen: Partner Hub, Kundenliste (oder Einstellungen, BroadWorks Calling), Vorlagen anzeigen, die Vorlage, Benutzerverifizierung. Mit --untrusted-emails yes oder no antworten.
template-share-link = Das Feld „Link teilen“ zeigt nicht auf den Aktivierungslink
    .detail = Benutzer gelangen nicht zum Benutzeraktivierungsportal.
    .remedy = Partner Hub, Vorlagen anzeigen, die Vorlage, Benutzerverifizierung: „Link teilen“ auf den Aktivierungslink setzen und speichern.
template-share-link--ok = Das Feld „Link teilen“ zeigt auf den Aktivierungslink
    .detail = Wie erforderlich.
template-share-link--unknown = Zeigt das Feld „Link teilen“ auf den Aktivierungslink?
    .detail = Nicht beantwortet.
    .remedy = Nachsehen: Partner Hub, Vorlagen anzeigen, die Vorlage, Benutzerverifizierung. Mit --share-link yes oder no antworten.
user-error--activated = Der Benutzer ist bereitgestellt
    .detail = Es ist nichts zu tun.
user-error--activation-template = Der Benutzer ist gescheitert, und die Vorlage stimmt nicht
    .detail = Solange die Vorlage falsch ist, scheitert auch ein neuer Versuch.
    .remedy = Zuerst die Vorlage berichtigen. Dann unter „Benutzerstatus anzeigen“, drei Punkte: „Aktivierung wiederholen“ mit gültiger E-Mail-Adresse, oder „Benutzer löschen“, damit der Benutzer neu beginnen kann.
user-error--activation-retry = Der Benutzer ist einmal gescheitert und hat es nicht erneut versucht
    .detail = Das Portal bietet „Erneut versuchen“; ein zweiter Versuch hilft oft.
    .remedy = Bitten Sie den Benutzer, einmal auf „Erneut versuchen“ zu klicken. Scheitert es wieder, hier mit --retried yes weitermachen.
user-error--activation-choose = Der Benutzer ist erneut gescheitert: Wählen Sie, was zu tun ist
    .detail = Die Vorlage stimmt oder wurde nicht geprüft; jetzt geht es um diesen Benutzer.
    .remedy = Partner Hub, die Vorlage, „Benutzerstatus anzeigen“, drei Punkte hinter dem Benutzer: „Fehlertext kopieren“ und mit w4b-diag explain nachschlagen; „Aktivierung wiederholen“ mit gültiger E-Mail-Adresse; „Benutzer löschen“, wenn zuerst die Konfiguration zu ändern ist; „Pakettyp ändern“, wenn das Paket falsch ist. Hilft nichts davon, mit dem kopierten Text eine Serviceanfrage öffnen.
user-error--activation-absent = Der Benutzer steht nicht in der Liste
    .detail = Webex weiß nichts von dem Benutzer: BroadWorks hat die Anfrage nicht gesendet, oder eine andere Vorlage ist gemeint.
    .remedy = Prüfen, ob dem Benutzer in BroadWorks Integrated IM&P zugewiesen ist und dessen URL die dieser Vorlage ist. Das PSLog des Application Servers ansehen.
user-error--activation-unknown = Was sagt „Benutzerstatus anzeigen“ über den Benutzer?
    .detail = Nicht beantwortet.
    .remedy = Nachsehen: Partner Hub, Vorlagen anzeigen, die Vorlage, „Benutzerstatus anzeigen“. Mit --user-status provisioned, pending, error oder absent antworten.
user-pending--activation = Für den Benutzer steht eine Anforderung aus
    .detail = Webex wartet auf den Benutzer oder arbeitet noch; das dauert mehrere Minuten.
    .remedy = Muss der Benutzer eine E-Mail-Adresse eingeben oder bestätigen, bitten Sie ihn darum. Sonst mehrere Minuten warten und erneut nachsehen; dann drei Punkte, „Aktivierung wiederholen“.

order-not-ready = Die Bestellposition ist offen: Die Bereitstellung ist nicht abgeschlossen
    .detail = { $when ->
        [future] Geschieht nichts, wird die Position am { $closes } geschlossen.
        [past] Sie hätte am { $closes } geschlossen werden müssen; sehen Sie noch einmal nach.
       *[unknown] Die Position wird 7 Tage (A-Flex, A-Flex-3) oder 30 Tage (andere Collaboration-Angebote) nach der E-Mail geschlossen.
    }
    .remedy = { $access ->
        [no] Bitten Sie den Kontakt, der in CCW bestellt hat, die Bereitstellungs-E-Mail aus der Bestellposition erneut zu senden.
       *[yes] In CCW in der Bestellposition neben der E-Mail des Bereitstellungskontakts auf „Erneut senden“ klicken, dann „Ja“. Der Kontakt lässt sich dort ändern. Vorher webex_comm@webex.com zulassen und im Spam nachsehen.
    }
order-not-ready--early = Die Bereitstellungs-E-Mail ist noch nicht fällig
    .detail = Sie wird am gewünschten Startdatum gesendet, { $start }.
    .remedy = Bis dahin warten. Schon jetzt prüfen, ob der Bereitstellungskontakt in der Bestellung stimmt.
order-not-ready--case = Das erneute Senden der Bereitstellungs-E-Mail scheiterte vor dem Punkt ohne Wiederkehr
    .detail = Die E-Mail kann gesendet werden, bis die Organisation in Control Hub aufgenommen ist.
    .remedy = Cache und Cookies des Browsers löschen, anderen Browser versuchen, Inkognito-Modus versuchen. Scheitert es weiter: https://www.cisco.com/go/cs, „provisioning assistance“ suchen, „Open case“, Anfragetyp „Resend provisioning email“, mit Bildschirmfotos.
order-not-ready--unknown = Welchen Status hat die Bestellposition in CCW?
    .detail = Nicht beantwortet.
    .remedy = Position in Cisco Commerce Workspace ansehen oder den Kontakt fragen, der bestellt hat. Mit --line pending oder --line closed antworten, oder --onboarded yes, wenn die Organisation schon in Control Hub ist.
order-closed = Die Bestellposition ist geschlossen: Die Bereitstellung wurde nicht rechtzeitig abgeschlossen
    .detail = { $offer ->
        [known] Bei diesem Angebot wird die Position { $days } Tage nach der E-Mail geschlossen.
       *[unknown] Die Position wird 7 Tage (A-Flex, A-Flex-3) oder 30 Tage (andere Collaboration-Angebote) nach der E-Mail geschlossen.
    } Bereitstellen ist weiterhin möglich.
    .remedy = { $access ->
        [no] Bitten Sie den Kontakt, der bestellt hat, darum: die Bestellung in CCW öffnen, der Meldung, dass die Bereitstellung noch aussteht („Click here“), zur Seite Cloud/SaaS-Abonnements folgen und „Erneut senden“ klicken.
       *[yes] Die Bestellung in CCW öffnen, der Meldung, dass die Bereitstellung noch aussteht („Click here“), zur Seite Cloud/SaaS-Abonnements folgen, bei Bedarf den Kontakt ändern und „Erneut senden“ klicken.
    }
order-past-no-return = Die Organisation ist bereits aufgenommen: Die E-Mail kann nicht mehr gesendet werden
    .detail = Die Bestellung ist der Organisation in Control Hub zugeordnet; das ist der Punkt ohne Wiederkehr.
    .remedy = Der Bereitstellungskontakt oder der Bereitstellungsadministrator meldet sich an https://admin.webex.com an und schließt die Einrichtung dort ab.
help-explain--query = Fehlercode, eingefügter Text oder Name eines Verfahrens; - liest die Standardeingabe; nichts listet auf, was bekannt ist
help-explain--untrusted-emails = Aktivierung: „Nicht vertrauenswürdige E-Mails“ ist in der Onboarding-Vorlage ausgewählt (yes, no)
help-explain--share-link = Aktivierung: „Link teilen“ zeigt auf den Aktivierungslink (yes, no)
help-explain--retried = Aktivierung: Der Benutzer hat einmal „Erneut versuchen“ geklickt (yes, no)
help-explain--user-status = Aktivierung: was „Benutzerstatus anzeigen“ sagt
help-explain--line = Bestellung: Status der Bestellposition in CCW
help-explain--offer = Bestellung: was bestellt wurde
help-explain--requested-start = Bestellung: gewünschtes Startdatum (2026-11-22)
help-explain--ccw-access = Bestellung: Sie können in CCW selbst erneut senden (yes, no)
help-explain--onboarded = Bestellung: Die Organisation ist schon in Control Hub (yes, no)
help-explain--resend-failed = Bestellung: Erneutes Senden wurde versucht und scheiterte (yes, no)
help-explain--answers = Antworten, die ein früherer Dialog mit --save geschrieben hat
help-explain--save = Die Antworten in diese Datei schreiben; check oder bundle nimmt sie mit --answers
catalogue-lint = { $fault ->
    [id] { $id }: Eine Kennung besteht aus Kleinbuchstaben, Ziffern und Bindestrichen
    [unreachable] { $id }: Weder ein Code noch ein Satzteil führt dorthin
    [no-example] { $id }: Es fehlt ein Beispiel
    [no-counter-example] { $id }: Es fehlt ein Gegenbeispiel
    [example-elsewhere] { $id }: Das Beispiel „{ $text }“ führt zuerst zu { $other }
    [example] { $id }: Das Beispiel „{ $text }“ führt nicht dorthin
    [counter-example] { $id }: Das Gegenbeispiel „{ $text }“ führt dorthin
    [code] { $id }: Der Code { $text } gehört auch zu { $other }
    [reference] { $id }: Der Verweis { $text } beginnt nicht mit https://
   *[keywords] { $id }: Schlüsselwörter brauchen mindestens zwei Gruppen, keine davon leer
    }
catalogue-lint-sum = { $entries ->
    [one] { $entries } Eintrag
   *[other] { $entries } Einträge
    }, { $faults ->
    [0] keine Fehler
    [one] { $faults } Fehler
   *[other] { $faults } Fehler
    }
help-explain--lint = Den Katalog samt eigenen Einträgen prüfen: Regeln, Beispiele und Gegenbeispiele
explain-saved = Die Antworten stehen in { $path }; „w4b-diag bundle --answers“ nimmt sie auf.

## bundle

bundle-why = { $part ->
    [readme] Was dieses Paket ist und wie man es liest
    [request] Text der Serviceanfrage, fertig zum Einfügen
    [report-html] Die Diagnose für Menschen
    [report-json] Die Diagnose für Programme
    [status] Was die Statusseite geantwortet hat, wie empfangen
    [observation] Was die TLS-Prüfung des Servers gesehen hat
    [chain] Zertifikate, wie der Server sie gesendet hat
    [trust] Zertifikate, die als Vertrauensanker installiert sind
    [text] Fehlertext, wie er dem Benutzer angezeigt wurde
    [log] Protokoll aus der Zeit der Störung
    [users] Zustand der Benutzer
    [picture] Bildschirmfoto, ungeprüft beigelegt
   *[attachment] Anlage
}
bundle-note = { $status ->
    [withheld] { $name } wurde zurückgehalten: { $reason }
    [failed] { $name } konnte nicht gesammelt werden: { $reason }
    [timed-out] { $name } wurde nicht rechtzeitig gesammelt: { $reason }
   *[interrupted] { $name } wurde wegen eines Abbruchs nicht gesammelt: { $reason }
}
bundle-readme-title = Diagnose für Webex for BroadWorks: { $name }
bundle-readme-intro = Dies ist das Supportpaket eines Dienstanbieters, der Webex for BroadWorks betreibt. Öffnen Sie zuerst report.html: Dort steht, was nicht stimmt, was zu tun ist und was ausgeschlossen wurde.
bundle-readme-part = { $part ->
    [report] Die Diagnose für Menschen. Eine Seite, die jeder Browser öffnet, auch ohne Netz.
    [request] Der Text der Serviceanfrage, auf Englisch.
    [markdown] Derselbe Text als Markdown.
    [data] Die Diagnose für Programme.
    [manifest] Jede Datei mit Größe, Prüfsumme und Herkunft, was darin maskiert wurde, und was fehlt und warum.
    [status] Was die Statusseite geantwortet hat, wie empfangen.
    [tls] Je Server: die Zertifikate, wie gesendet, und was die Prüfung gesehen hat.
    [trust] Die Vertrauensanker für gegenseitiges TLS. Nie ein privater Schlüssel.
    [text] Fehlertexte, wie angezeigt.
    [logs] Protokolle.
    [users] Exporte der Benutzer und ihres Zustands.
    [attachments] Bildschirmfotos und andere Anlagen.
   *[notes] Stehen dort, wo eine Datei nicht geteilt oder gesammelt werden konnte, und sagen, warum.
}
bundle-readme-private = Passwörter, Token, Schlüssel und Daten von Personen, die mit dem Fall nichts zu tun haben, sind maskiert. Derselbe Wert hat immer dasselbe Pseudonym. Organisations-IDs, Tracking-IDs, Versionen, Zertifikate und der eine betroffene Benutzer bleiben lesbar, weil der Support sie braucht.
bundle-readme-check = w4b-diag verify prüft, ob etwas verändert wurde; w4b-diag restore übersetzt Pseudonyme in einer Antwort zurück, auf dem Rechner mit der privaten Zuordnung.
bundle-readme-encrypted = { $count ->
        [one] Dieses Paket wurde mit age verschlüsselt weitergegeben. Öffnen kann es nur, wer den geheimen Schlüssel dieses Empfängers hat:
       *[other] Dieses Paket wurde mit age verschlüsselt weitergegeben. Öffnen kann es nur, wer den geheimen Schlüssel eines dieser Empfänger hat:
    }
bundle-readme-encrypted-how = Geöffnet wird es mit diesem Befehl; inspect, verify, diff und upload nehmen die verschlüsselte Datei mit --identity SCHLÜSSEL:
error-bundle-write = { $path } kann nicht geschrieben werden: { $reason ->
    [full] der Datenträger ist voll
    [no-directory] das Verzeichnis gibt es nicht
    [denied] keine Berechtigung
   *[other] { $words }
}
    .hint = { $reason ->
        [full] Schaffen Sie Platz oder nennen Sie mit -o einen anderen Ort. Es wurde nichts zurückgelassen.
        [no-directory] Legen Sie das Verzeichnis an oder nennen Sie mit -o einen anderen Ort.
        [denied] Nennen Sie mit -o ein Verzeichnis, in das Sie schreiben dürfen.
       *[other] Nennen Sie mit -o einen anderen Ort. Es wurde nichts zurückgelassen.
    }
error-bundle-redact = { $name } kann nicht geschwärzt werden: { $reason }
    .hint = Das Paket wurde nicht geschrieben. Führen Sie w4b-diag self-test aus und melden Sie das Ergebnis.
error-bundle-secret = das fertige Paket enthielt noch ein Geheimnis in { $file } ({ $kinds }) und wurde gelöscht
    .hint = Lassen Sie diese Datei weg oder ergänzen Sie in der Konfiguration unter [redact] ein Muster dafür.
error-bundle-not-sealed = { $file } im fertigen Paket ist nicht, was geschrieben wurde; das Paket wurde gelöscht
    .hint = Datenträger oder Speicher könnten defekt sein. Versuchen Sie es erneut und nennen Sie mit -o einen anderen Ort.
error-bundle-read = { $path } kann nicht gelesen werden: { $reason }
    .hint = Prüfen Sie den Namen und die Berechtigungen.
error-bundle-encrypted = { $path } ist verschlüsselt
    .hint = Nennen Sie mit --identity die Datei mit Ihrer age-Identität, oder entschlüsseln Sie es zuerst: age --decrypt.
error-bundle-undecryptable = { $path } lässt sich mit dieser Identität nicht öffnen
    .hint = Fragen Sie nach, für wen es verschlüsselt wurde. War es für Sie, ist die Datei beschädigt: Lassen Sie sie sich noch einmal schicken.
sign-error-read = { $path } ist nicht lesbar: { $reason }
    .hint = Prüfen Sie Pfad und Berechtigungen.
sign-error-not-a-key = { $path } ist kein privater OpenSSH-Schlüssel
    .hint = Nennen Sie den privaten Schlüssel, nicht die Datei mit der Endung .pub. ssh-keygen -t ed25519 erzeugt einen; ssh-keygen -p wandelt einen im alten PEM-Format um.
sign-error-no-passphrase = der Schlüssel { $path } ist mit einer Passphrase geschützt
    .hint = Nennen Sie mit --passphrase-file eine Datei mit der Passphrase, oder setzen Sie W4B_SIGN_PASSPHRASE.
sign-error-wrong-passphrase = die Passphrase öffnet den Schlüssel { $path } nicht
    .hint = Prüfen Sie --passphrase-file oder W4B_SIGN_PASSPHRASE.
sign-error-algorithm = mit { $path }, einem Schlüssel der Art { $algorithm }, kann nicht signiert werden
    .hint = Verwenden Sie einen Ed25519-Schlüssel oder einen ECDSA-Schlüssel auf P-256 oder P-384: ssh-keygen -t ed25519.
error-bundle-not-zip = { $path } ist kein ZIP-Archiv
    .hint = Nennen Sie ein Paket, das mit w4b-diag bundle erstellt wurde.
error-bundle-broken = { $path } ist beschädigt: { $words }
    .hint = Kopieren oder laden Sie die Datei noch einmal.
error-bundle-manifest = { $path } ist kein Paket von w4b-diag: { $fault ->
    [missing] manifest.json fehlt
    [several] manifest.json ist mehrfach vorhanden
    [version] das Manifest hat eine Version, die dieses Programm nicht kennt
    [changed] das Manifest wurde verändert
   *[unreadable] das Manifest ist nicht lesbar
}
    .hint = Nennen Sie ein Paket, das mit w4b-diag bundle erstellt wurde, oder verwenden Sie ein neueres Programm.
bundle-tampered = { $subject } wurde nach dem Packen verändert
    .detail = Größe oder Prüfsumme stimmen nicht mit dem Manifest überein.
    .remedy = Verlassen Sie sich nicht auf dieses Paket. Fordern Sie es erneut an oder erstellen Sie es neu.
bundle-tampered--missing = { $subject } fehlt
    .detail = Das Manifest nennt die Datei, aber sie ist nicht in der ZIP-Datei.
    .remedy = Verlassen Sie sich nicht auf dieses Paket. Fordern Sie es erneut an oder erstellen Sie es neu.
bundle-tampered--extra = { $subject } gehört nicht zum Paket
    .detail = Die Datei ist in der ZIP-Datei, aber nicht im Manifest.
    .remedy = Öffnen Sie sie nicht. Fordern Sie das Paket erneut an oder erstellen Sie es neu.
bundle-tampered--duplicate = { $subject } ist mehrfach in der ZIP-Datei
    .detail = Welche Fassung entpackt wird, hängt vom Programm ab.
    .remedy = Entpacken Sie es nicht. Fordern Sie das Paket erneut an oder erstellen Sie es neu.
bundle-tampered--name = Die ZIP-Datei enthält einen Eintrag mit unsicherem Namen: { $subject }
    .detail = Beim Entpacken könnte er an einen unerwarteten Ort geschrieben werden oder eine andere Datei vortäuschen.
    .remedy = Entpacken Sie es nicht. Fordern Sie das Paket erneut an oder erstellen Sie es neu.
bundle-tampered--manifest = { $reason ->
    [missing] { $subject } fehlt
    [several] { $subject } ist mehrfach in der ZIP-Datei
    [version] { $subject } hat eine unbekannte Version
    [changed] { $subject } wurde nach dem Packen verändert
   *[unreadable] { $subject } ist nicht lesbar
}
    .detail = Ohne einwandfreies Manifest lässt sich im Paket nichts prüfen.
    .remedy = Verlassen Sie sich nicht auf dieses Paket. Fordern Sie es erneut an oder erstellen Sie es neu.
bundle-tampered--container = Die ZIP-Datei { $subject } ist nicht so, wie sie geschrieben wurde
    .detail = In den Worten des Programms: { $reason }.
    .remedy = Kopieren oder laden Sie sie noch einmal. Hilft das nicht, erstellen Sie sie neu.
bundle-tampered--ok = { $count ->
    [one] Die Datei ist so, wie sie gepackt wurde
   *[other] Alle { $count } Dateien sind so, wie sie gepackt wurden
}
    .detail = Größe und Prüfsumme jeder Datei stimmen mit dem Manifest überein.
bundle-signature = { $subject } ist mit einem Schlüssel signiert, der nicht in der Liste der Unterzeichner steht
    .detail = Die Signatur passt zur Datei, aber niemand in der Liste hat den Schlüssel { $key }.
    .remedy = Fragen Sie den Absender auf anderem Weg, ob das sein Schlüssel ist, und nehmen Sie ihn erst dann in die Liste auf.
bundle-signature--ok = { $subject } ist signiert von { $signer }
    .detail = Die Datei ist genau die, die signiert wurde. Schlüssel: { $key }.
bundle-signature--out-of-time = { $subject } ist signiert von { $signer }, dessen Schlüssel zu dieser Zeit nicht gilt
    .detail = Die Liste der Unterzeichner begrenzt die Gültigkeit des Schlüssels { $key }.
    .remedy = Bitten Sie den Absender, mit einem gültigen Schlüssel zu signieren, oder berichtigen Sie die Zeiten in der Liste.
bundle-signature--changed = { $subject } ist nicht die Datei, die signiert wurde
    .detail = Die Datei wurde verändert, oder die Signatur gehört zu einer anderen Datei. Schlüssel der Signatur: { $key }.
    .remedy = Verlassen Sie sich nicht auf dieses Paket. Lassen Sie sich Paket und Signatur noch einmal geben.
bundle-signature--missing = { $subject } hat keine Signatur
    .detail = Die Datei mit der Signatur ist nicht da.
    .remedy = Lassen Sie sich die Datei mit der Endung .sig geben, oder nennen Sie sie mit --signature.
bundle-signature--unreadable = Die Signatur von { $subject } ist nicht lesbar
    .detail = Sie ist keine OpenSSH-Signatur oder von einer Schlüsselart, die nicht unterstützt wird. Unterstützt werden Ed25519, ECDSA (P-256, P-384) und RSA.
    .remedy = Lassen Sie sich die Signatur noch einmal geben.
bundle-signature--purpose = Die Signatur von { $subject } wurde für etwas anderes erstellt
    .detail = Sie ist eine Signatur für „{ $purpose }“, nicht für ein Paket.
    .remedy = Bitten Sie den Absender, das Paket mit „w4b-diag bundle --sign“ oder mit „ssh-keygen -Y sign -n w4b-diag-bundle“ zu signieren.
bundle-secret-left = { $count ->
    [one] In { $subject } ist noch ein Geheimnis
   *[other] In { $subject } sind noch { $count } Geheimnisse
}
    .detail = Arten: { $kinds }.
    .remedy = Geben Sie dieses Paket nicht weiter. Erstellen Sie es neu; geschieht es wieder, lassen Sie die Datei weg oder ergänzen Sie in der Konfiguration unter [redact] ein Muster. Ändern Sie das Passwort oder Token, falls es schon weitergegeben wurde.
bundle-secret-left--ok = { $count ->
    [one] Kein Geheimnis in der Datei
   *[other] Kein Geheimnis in den { $count } Dateien
}
    .detail = Passwörter, Token, Cookies und private Schlüssel wurden noch einmal gesucht.
bundle-secret-left--unknown = { $subject } konnte nicht auf Geheimnisse geprüft werden
    .detail = Die Datei ist kein Text.
    .remedy = Sehen Sie selbst hinein, bevor Sie das Paket weitergeben.
bundle-incomplete = { $status ->
    [partial] { $subject } ist nur zum Teil vorhanden
    [withheld] { $subject }: zurückgehalten
    [skipped] { $subject } wurde absichtlich weggelassen
    [timed-out] { $subject } wurde nicht rechtzeitig gesammelt
    [interrupted] { $subject } wurde wegen eines Abbruchs nicht gesammelt
   *[failed] { $subject } konnte nicht gesammelt werden
}
    .detail = { $reason }
    .remedy = Beschaffen Sie es auf anderem Weg, falls der Support danach fragt.
bundle-incomplete--core = { $subject } ist nicht im Paket
    .detail = Jedes vollständige Paket enthält diese Datei.
    .remedy = Erstellen Sie das Paket neu.
bundle-incomplete--ok = Es fehlt nichts
    .detail = Alles, was gesammelt werden sollte, ist vorhanden.
bundle-redacted = { $masked ->
    [one] { $masked } Wert ist maskiert
   *[other] { $masked } Werte sind maskiert
}
    .detail = { $kept ->
        [one] { $kept } Wert, den der Support braucht, wurde behalten.
       *[other] { $kept } Werte, die der Support braucht, wurden behalten.
    }
bundle-redacted--ok = { $masked ->
    [one] { $masked } Wert ist maskiert
   *[other] { $masked } Werte sind maskiert
}
    .detail = { $kept ->
        [one] { $kept } Wert, den der Support braucht, wurde behalten.
       *[other] { $kept } Werte, die der Support braucht, wurden behalten.
    }
diff-old = Alt: { $name }, erstellt am { $made }: { $escalation ->
    [fix-first] zuerst dies beheben
    [wait] auf Webex warten
    [incomplete] es fehlen Angaben
    [ready] bereit für einen Service Request
   *[none] { $verdict ->
        [ok] nichts auszusetzen
        [warning] Warnungen
        [critical] kritische Befunde
       *[unknown] nicht prüfbar
    }
}
diff-new = Neu: { $name }, erstellt am { $made }: { $escalation ->
    [fix-first] zuerst dies beheben
    [wait] auf Webex warten
    [incomplete] es fehlen Angaben
    [ready] bereit für einen Service Request
   *[none] { $verdict ->
        [ok] nichts auszusetzen
        [warning] Warnungen
        [critical] kritische Befunde
       *[unknown] nicht prüfbar
    }
}
diff-keys = Die beiden wurden mit verschiedenen Schlüsseln erstellt: Pseudonyme des einen lassen sich nicht mit denen des anderen vergleichen.
diff-nothing = Nichts hat sich geändert.
diff-findings = Befunde
diff-certificates = Zertifikate
diff-facts = Werte
diff-files = Dateien
diff-finding = { $change ->
    [new] neu: { $new }
    [worse] schlechter: { $old } → { $new }
    [better] besser: { $old } → { $new }
   *[gone] behoben: war { $old }
}
diff-certificate = { $subject }, Seriennummer { $serial }, ausgestellt von { $issuer }, gültig bis { $date }
diff-fact = { $fact ->
    [customer_orgs] Kundenorganisation
    [partner_orgs] Partnerorganisation
    [tracking_ids] Tracking-IDs
    [user_emails] E-Mail der betroffenen Person
    [client_versions] Versionen der Webex App
    [broadworks_releases] BroadWorks-Releases
    [control_hub_builds] Control-Hub-Builds
    [error_codes] Fehlercodes
    [incidents] Störungen
    [maintenances] Wartungen
    [reason] Warum keine Antwort kommt
    [acceptable_cas] Akzeptierte CA-Namen
    [protocols_offered] Angebotene TLS-Versionen
   *[other] { $fact }
}
progress-upload = Hochladen
upload-error-sr = „{ $sr }“ ist keine Nummer eines Service Requests
    .hint = Geben Sie nur die Ziffern an, etwa --sr 699123456. Der Support Case Manager zeigt die Nummer.
upload-error-no-token = es gibt kein Upload-Token
    .hint = Legen Sie das Token in eine Datei, die nur Sie lesen können, und nennen Sie sie mit --token-file, oder in die Umgebungsvariable { $variable }. Der Support Case Manager erzeugt es: Fall öffnen, Attachments, Generate Token.
upload-error-token-file = das Token in { $path } ist nicht lesbar: { $reason }
    .hint = Die Datei darf nur das Token enthalten, in einer Zeile.
upload-error-url = „{ $url }“ ist keine HTTPS-Adresse ohne Benutzernamen, Passwort und Query
    .hint = Schreiben Sie sie wie https://cxd.cisco.com/home/; der Dateiname wird angehängt.
upload-error-not-clean = { $name } wurde nicht hochgeladen: Es ist nicht mehr wie gepackt oder enthält ein Geheimnis
    .hint = Prüfen Sie mit w4b-diag verify, was falsch ist, und erstellen Sie das Paket neu.
upload-error-file = { $path } ist nicht lesbar: { $reason }
    .hint = Prüfen Sie Pfad und Rechte.
upload-error-no-answer = nichts wurde hochgeladen: keine Antwort von { $host } ({ $cause }): { $reason }
    .hint = Prüfen Sie Netz, Proxy (HTTPS_PROXY) und Firewall zu { $host } und führen Sie denselben Befehl erneut aus. Eine eigene CA nennt --ca-file.
upload-error-refused = nichts wurde hochgeladen: { $host } antwortete mit { $status }
    .hint = { $status ->
        [401] { $likely ->
            [sr] Wahrscheinlich stimmt die Nummer des Service Requests nicht: Sie hat meist neun Ziffern. Benutzername ist die Nummer, Passwort das Token.
           *[token] Wahrscheinlich ist das Token falsch oder abgelaufen: Es gilt 72 Tage und nur für diesen Service Request. Erzeugen Sie im Support Case Manager ein neues.
        }
        [403] Wahrscheinlich ist das Token falsch oder abgelaufen: Es gilt 72 Tage und nur für diesen Service Request. Erzeugen Sie im Support Case Manager ein neues.
        [404] Prüfen Sie --url: Unter dieser Adresse lässt sich nichts hochladen.
        [413] Das Paket ist für diese Adresse zu groß. Verkleinern Sie es mit --max-size.
       *[other] Versuchen Sie es später erneut; bleibt es dabei, hängen Sie die Datei im Support Case Manager an.
    }
upload-error-consent = nichts wurde hochgeladen: Hier kann niemand gefragt werden
    .hint = Ergänzen Sie --yes, sobald Sie gesehen haben, was --preview zeigt.
upload-already = { $name } wurde am { $at } schon zu { $sr } hochgeladen; --again lädt es noch einmal hoch
upload-done = { $name } ist zum Service Request { $sr } hochgeladen (SHA-256 { $sha }){ $replaced ->
    [yes] ; es hat eine Datei gleichen Namens ersetzt
   *[no] {""}
}
upload-again = Das Hochladen ist fehlgeschlagen und wird wiederholt: { $reason }
bundle-error-max-size = kein Platz: Das Zip hätte { $fixed } ganz ohne Protokolle, verlangt sind { $limit }
    .hint = Geben Sie ein größeres --max-size an oder weniger Dateien.
bundle-reason-no-answer = Keine brauchbare Antwort: { $reason }
bundle-reason-no-room = Weggelassen: kein Platz innerhalb von --max-size
bundle-reason-cut-around = Nur der Teil um den Fehler, ab Zeile { $line }: --max-size
bundle-reason-cut-end = Nur das Ende: --max-size
inspect-judged = Neu beurteilt zum { $at }
inspect-unreadable = Im Paket nicht lesbar
    .hint = Prüfen Sie mit w4b-diag verify, ob das Paket verändert wurde.
inspect-gap = Nicht im Paket: { $reason }
    .hint = Erbitten Sie es von der Person, die das Paket erstellt hat.
diff-since = Seit der Erstellung des Pakets geändert
inspect-no-report = { $name } enthält keinen lesbaren Bericht
    .hint = Mit w4b-diag verify sehen Sie, ob etwas verändert wurde.
bundle-made = Erstellt von { $tool } { $version } am { $made } unter { $os }
bundle-contents = { $count ->
    [one] { $count } Datei, entpackt { $size }
   *[other] { $count } Dateien, entpackt { $size }
}
bundle-gaps = Nicht oder nur zum Teil vorhanden
bundle-gap = { $path }: { $status ->
    [partial] zum Teil
    [withheld] zurückgehalten
    [failed] fehlgeschlagen
    [skipped] absichtlich weggelassen
    [timed-out] nicht rechtzeitig
   *[interrupted] abgebrochen
} – { $reason }
bundle-masked = Maskiert
bundle-kept = Behalten, weil der Support es braucht
bundle-masked-count = { $count ->
    [one] { $count } maskiert
   *[other] { $count } maskiert
}
bundle-unscanned = nicht geprüft

## plugin

plugin-subject = { $subject }: { $title }
plugin-until = { $title } (gültig bis { $when } UTC)
plugin-since = { $title } (seit { $when } UTC)
plugin-more = { $first } (und { $count ->
    [one] { $count } weiteres Problem
   *[other] { $count } weitere Probleme
    })
plugin-cut = Hier weggelassen: { $lines ->
    [one] { $lines } Zeile
   *[other] { $lines } Zeilen
    }, { $values ->
    [one] { $values } Messwert
   *[other] { $values } Messwerte
    }. Eine Überwachung liest 8 KiB; --verbose gibt alles aus.
plugin-timeout = kein Ergebnis innerhalb von { $seconds ->
    [one] { $seconds } Sekunde
   *[other] { $seconds } Sekunden
    }
    .hint = Etwas antwortet nicht: ein Namensserver, ein Server, ein Dateisystem. Nennen Sie weniger Ziele oder geben Sie mit --timeout mehr Zeit, weniger als die Überwachung selbst wartet.
check-plugin-ok = { $count ->
    [one] { $count } Prüfung bestanden, kein Fehler gefunden
   *[other] { $count } Prüfungen bestanden, kein Fehler gefunden
}
status-plugin-ok = { $count ->
    [0] keine offene Störung und keine Wartung
    [one] { $count } Komponente arbeitet, keine offene Störung und keine Wartung
   *[other] { $count } Komponenten arbeiten, keine offene Störung und keine Wartung
}

## notify

notify-title = { $kind ->
    [reminder] Erinnerung: { $title }
    [recovered] Behoben: { $title }
   *[raised] { $title }
}
notify-over = Zwei Läufe nacheinander haben danach gesucht und es nicht mehr gefunden.
notify-since = Zuerst gesehen: { $when } UTC
notify-until = { $past ->
    [yes] War gültig bis { $when } UTC
   *[no] Gültig bis { $when } UTC
}
notify-where = Wo: { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}und { $more } weitere
    }
notify-from = w4b-diag auf { $host }, { $when } UTC
notify-test-title = Testnachricht von w4b-diag
notify-test-detail = Nachrichten kommen hier an. Geprüft wurde nichts.
notify-sent = Gesendete Nachrichten: { $count }
notify-error-none = die Konfiguration nennt kein Ziel für Nachrichten
    .hint = Fügen Sie mindestens ein [[notify]] mit kind und url hinzu; Beispiele stehen in docs/notifications.md.
notify-error-secret = notify { $name }: { $from } enthält nichts Brauchbares
    .hint = Setzen Sie die Umgebungsvariable oder schreiben Sie das Geheimnis in einer Zeile in die Datei.
notify-error-url = notify { $name }: { $fault ->
    [missing] die Adresse fehlt
    [insecure] die Adresse ist unverschlüsselt, aber ein Geheimnis geht dorthin
   *[other] die Adresse ist unbrauchbar
    }
    .hint = Nennen Sie url, url_env oder url_file: https://… für Webhooks, smtps://HOST oder smtp://HOST für E-Mail, ohne Benutzernamen und Passwort darin.
notify-error-mail = notify { $name }: „{ $key }“ fehlt oder ist keine E-Mail-Adresse
    .hint = E-Mail braucht from und to; mit user auch password_env oder password_file.
notify-error-twice = notify { $name } steht zweimal da
    .hint = Geben Sie jedem Ziel einen eigenen Namen.
notify-error-ca-file = notify { $name }: { $fault ->
    [empty] die CA-Datei { $path } enthält kein Zertifikat
   *[unreadable] die CA-Datei { $path } kann nicht gelesen werden: { $reason }
    }
    .hint = Dorthin wurde nichts gesendet. ca_file nennt eine PEM-Datei mit mindestens einem Zertifikat.
notify-error-send = { $name }: Die Nachricht hat { $host } nicht erreicht: { $cause ->
    [dns] der Name ist nicht auflösbar
    [refused] dort hört niemand
    [unreachable] es führt kein Weg dorthin
    [timeout] keine Antwort in der Zeit
    [tls-untrusted] dem Zertifikat wird nicht vertraut
    [tls-date] das Zertifikat gilt jetzt nicht
    [tls-name] das Zertifikat gilt für einen anderen Namen
    [http-status] die Gegenseite lehnt ab
   *[other] die Verbindung ist gescheitert
    } ({ $reason })
    .hint = Der nächste Lauf versucht es wieder. Testen Sie mit --notify-test; eine eigene CA nennt ca_file.
notify-state-read = { $path } ist nicht lesbar: { $reason }
    .hint = Es wurde nichts gesendet. Geben Sie dem Benutzer dieses Laufs Zugriff auf die Datei.
notify-state-broken = { $path } ist kein Gedächtnis für Meldungen
    .hint = Es wurde nichts gesendet. Nennen Sie mit --state eine andere Datei oder räumen Sie diese weg: Dann wird alles noch einmal gemeldet.
notify-state-write = { $path } ist nicht schreibbar: { $reason }
    .hint = Es wurde nichts gesendet, denn jeder Lauf würde es wieder senden. Schaffen Sie Platz auf der Platte oder nennen Sie mit --state eine schreibbare Datei.
notify-state-busy = ein anderer Lauf benutzt { $path }
    .hint = Er meldet, was neu ist. Lassen Sie Läufe sich nicht überschneiden.
notify-state-place = es gibt kein Verzeichnis für das Gedächtnis der Meldungen
    .hint = Nennen Sie eine Datei mit --state.
discover-read = das Verzeichnis der Server { $path } ist nicht lesbar: { $reason }
    .hint = Nennen Sie eine Konfiguration (TOML), eine CSV-Datei mit Hosts, einen JSON-Bericht oder ein Paket.
discover-nothing = { $path } nennt keinen Server
    .hint = Eine CSV-Datei braucht eine Spalte mit Hosts (host, server, fqdn, url, adresse); ein Bericht muss von certs oder check stammen.
discover-row = { $path }, Zeile { $row }, ausgelassen: { $cause }
calendar-summary = { $element ->
    [leaf] Zertifikat von { $subject } läuft ab
    [root] Stammzertifikat von { $subject } läuft ab
    [anchor] Webex-Vertrauensanker in { $subject } läuft ab
   *[intermediate] Zwischenzertifikat von { $subject } läuft ab
}
calendar-description = { $name } ist gültig bis { $when } UTC. Ausgestellt von { $issuer }.
calendar-name = Webex for BroadWorks: Zertifikate

## render

render-severity = { $severity ->
    [ok] in Ordnung
    [info] Hinweis
    [unknown] nicht geprüft
    [warning] Warnung
   *[critical] kritisch
}
render-owner = { $owner ->
    [service-provider] Dienstanbieter
    [webex] Webex
    [customer] Kunde
   *[unknown] Zuständigkeit unbekannt
}
render-verdict = { $verdict ->
    [ok] Es wurde kein Fehler gefunden.
    [warning] Etwas braucht bald Aufmerksamkeit.
    [unknown] Nicht alles konnte geprüft werden.
   *[critical] Es liegt ein Fehler vor, der jetzt behoben werden muss.
}
render-count = { $severity ->
    [ok] { $count ->
        [one] { $count } in Ordnung
       *[other] { $count } in Ordnung
    }
    [info] { $count ->
        [one] { $count } Hinweis
       *[other] { $count } Hinweise
    }
    [unknown] { $count ->
        [one] { $count } nicht geprüft
       *[other] { $count } nicht geprüft
    }
    [warning] { $count ->
        [one] { $count } Warnung
       *[other] { $count } Warnungen
    }
   *[critical] { $count ->
        [one] { $count } kritisch
       *[other] { $count } kritisch
    }
}
render-heading = Diagnose für Webex for BroadWorks
render-findings = Befunde
render-passed = Geprüft und in Ordnung
render-remedy = Was zu tun ist:
render-made-by = Erstellt von { $tool } { $version } am { $made }, beurteilt zum Stand { $as_of }.
html-todo = Was zu tun ist
html-todo-none = Es ist nichts zu tun.
html-certificates = Gültigkeit der Zertifikate
html-chart = Das früheste Ende zuerst. Striche auf einem Balken: Beginn von Warnung und kritisch. Gestrichelte Linie: der Tag des Berichts, { $date }.
html-until = { $state ->
    [expired] abgelaufen am { $date }
    [soon] nur noch bis { $date }
   *[valid] bis { $date }
}
html-days = { $days ->
    [one] noch { $days } Tag
   *[other] noch { $days } Tage
}
html-skip = Zum Inhalt springen
html-timelines = Zeitleisten
html-incidents = Der Fehler und die Störungen und Wartungen in seiner Nähe
html-incidents-caption = Hinterlegt: die Zeit des Fehlers. Gefüllt: überschneidet sich damit. Gestrichelt: nicht.
html-relation = { $relation ->
    [during] offen, als der Fehler auftrat
    [overlap] { $minutes ->
        [one] überschneidet sich { $minutes } Minute mit dem Fehler
       *[other] überschneidet sich { $minutes } Minuten mit dem Fehler
    }
    [before] { $minutes ->
        [one] endete { $minutes } Minute vorher
       *[other] endete { $minutes } Minuten vorher
    }
   *[after] { $minutes ->
        [one] begann { $minutes } Minute danach
       *[other] begann { $minutes } Minuten danach
    }
}
html-span = { $until ->
    [none] seit { $from }, noch offen
   *[other] { $from } bis { $until }
}
html-filter-severity = Schweregrad:
html-filter-owner = Wessen Seite:
html-filter-all = alle
html-filter-none = Kein Befund passt zu beiden Filtern.
html-copy = Kopieren
html-copy-value = { $value } kopieren
html-copied = Kopiert
html-copy-all = Alle Angaben kopieren
html-size = Größe
html-size-about = etwa { $size }
html-redacted = Geschwärzt
html-later = wird beim Packen gezählt; siehe manifest.json
html-masked = { $count } × { $kind ->
    [tracking-id] Tracking-IDs
    [customer-org] Kundenorganisations-IDs
    [partner-org] Partnerorganisations-IDs
    [org] Organisations-IDs
    [user-id] Benutzer-IDs
    [broadworks-user-id] BroadWorks-Benutzer-IDs
    [email] E-Mail-Adressen
    [client-version] Client-Versionen
    [broadworks-release] BroadWorks-Releases
    [control-hub-build] Control-Hub-Builds
    [error-code] Fehlercodes
    [timestamp] Zeitstempel
    [call-id] Call-IDs
    [device-id] Geräte-IDs
    [fingerprint] Fingerabdrücke
    [token] Zugriffstoken
    [jwt] JSON-Web-Token
    [password] Passwörter und Geheimnisse
    [cookie] Cookies und Sitzungs-IDs
    [sip-digest] SIP-Digest-Felder
    [signed-url] signierende URL-Parameter
    [private-key] private Schlüssel
    [phone] Telefonnummern
    [person-name] Personennamen
    [ip-address] IP-Adressen
    [mac-address] MAC-Adressen
    [host-name] Hostnamen
   *[custom] eigene Muster
 }
html-facts = Angaben zum Fall
html-files = Dateien des Pakets
html-files-caption = Was außer dieser Seite im Paket ist
html-file = Datei

## service-request

sr-title-label = Titel:
sr-title--error = Webex for BroadWorks: { $text } (Fehler { $code })
sr-title--code = Webex for BroadWorks: Fehler { $code }
sr-title--finding = Webex for BroadWorks: { $title }
sr-title--plain = Webex for BroadWorks: Störung bei einem Kunden
sr-severity = { $level ->
    [s2] Vorgeschlagener Schweregrad: S2 – der Dienst ist für mehrere Benutzer stark beeinträchtigt. Auf S1 anheben, wenn er ausgefallen ist und es keinen anderen Weg gibt.
   *[s3] Vorgeschlagener Schweregrad: S3 – ein Benutzer oder eine Funktion ist betroffen, die Arbeit geht weiter. Auf S2 anheben, wenn viele Benutzer betroffen sind, auf S1, wenn der Dienst ausgefallen ist.
}
sr-heading = { $section ->
    [impact] Auswirkung auf den Betrieb
    [case] Wer und wann
    [ids] Tracking-IDs
    [versions] Versionen
    [errors] Fehler, wie angezeigt
    [ours] Auf unserer Seite gefunden
    [webex] Weist auf Webex hin
    [ruled-out] Geprüft und ausgeschlossen
    [unchecked] Konnte nicht geprüft werden
    [changes] Was vorher geändert wurde
    [missing] Was noch fehlt und wo es zu finden ist
   *[files] Beigefügte Dateien
}
sr-impact-blank = [Bitte ausfüllen: wie viele Benutzer betroffen sind, was sie nicht tun können, seit wann, und ob es einen anderen Weg gibt.]
sr-changes-blank = [Bitte ausfüllen: was in Control Hub, Partner Hub oder BroadWorks geändert wurde, bevor die Störung begann, oder „nichts“.]
sr-field = { $field ->
    [provider] Dienstanbieter
    [customer-org] Kundenorganisations-ID
    [partner-org] Partnerorganisations-ID
    [other-org] Weitere Organisations-ID
    [user] Betroffener Benutzer
    [broadworks-id] BroadWorks-ID
    [webex-id] Webex-Benutzer-ID
    [time-frame] Zeitraum
    [client-version] Webex-App
    [control-hub-build] Control-Hub-Build
   *[broadworks-release] BroadWorks-Release
}
sr-time-frame = { $first } bis { $last } (UTC)
sr-passed = { $check } ({ $count }): { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}und { $more } weitere
}
sr-more = { $count ->
    [one] und { $count } weitere; siehe report.json
   *[other] und { $count } weitere; siehe report.json
}
sr-more-files = und { $count } weitere; siehe manifest.json

## exporter

help-exporter = Die konfigurierten Ziele beobachten und ihre Metriken für Prometheus bereitstellen
    .examples =
        w4b-diag exporter --config /etc/w4b-diag/config.toml
        w4b-diag exporter --listen :9812
        curl 'http://127.0.0.1:9812/probe?target=xsp1.example.net&module=cti'
help-exporter--listen = Adresse und Port, auf denen gelauscht wird; „:9812“ heißt alle Adressen; sonst [exporter] listen, sonst 127.0.0.1:9812
help-exporter--any-target = Über /probe auch Ziele zulassen, die nicht konfiguriert sind: Wer den Exporter erreicht, kann dann von diesem Rechner aus überallhin eine Verbindung aufbauen
exporter-listening = { $count ->
    [one] { $count } Ziel wird beobachtet; Metriken auf { $address }, Pfad /metrics
   *[other] { $count } Ziele werden beobachtet; Metriken auf { $address }, Pfad /metrics
}
exporter-reloaded = Die Konfiguration wurde neu gelesen und gilt jetzt.
exporter-not-reloaded = Die Konfiguration ist nicht verwendbar; die vorherige gilt weiter. { $reason }
exporter-not-read-again = Dateien, die die Konfiguration nennt, sind nicht mehr lesbar; es gilt weiter, was zuvor gelesen wurde. { $reason }
exporter-error-listen = „{ $text }“ ist keine Adresse mit Port
    .hint = Schreiben Sie zum Beispiel 127.0.0.1:9812, oder :9812 für alle Adressen dieses Rechners.
exporter-error-bind = auf { $address } kann nicht gelauscht werden: { $kind ->
        [in-use] das tut schon ein anderes Programm
        [denied] Zugriff verweigert
        [not-available] diese Adresse hat der Rechner nicht
       *[other] { $reason }
    }
    .hint = Wählen Sie mit --listen oder [exporter] listen eine andere Adresse oder einen anderen Port.
exporter-error-no-target = es gibt nichts zu beobachten
    .hint = Nennen Sie die Server als [[xsp]] in der Konfigurationsdatei, oder lassen Sie mit --any-target jedes Ziel zu.
exporter-error-half-tls = in [exporter] gehören tls_certificate und tls_key zusammen
    .hint = Nennen Sie beide, oder keines für einfaches HTTP.
exporter-error-tls = HTTPS ist nicht möglich: { $reason }
    .hint = Nennen Sie in [exporter] ein Zertifikat mit seiner Kette und den zugehörigen privaten Schlüssel, beides als PEM.
exporter-error-user = „{ $name }“ kann in [[exporter.user]] kein Benutzername sein
    .hint = Jeder Name darf nur einmal vorkommen, nicht leer sein und keinen Doppelpunkt enthalten.
exporter-http-unauthorized = Melden Sie sich mit einem Benutzernamen und Passwort des Exporters an.
exporter-http-not-found = Diese Seite gibt es nicht. Die Seite / nennt alle.
exporter-http-method = Hier werden nur diese Methoden beantwortet: { $allowed }
exporter-http-healthy = Der Exporter läuft.
exporter-http-ready = Jedes Ziel wurde mindestens einmal geprüft.
exporter-http-not-ready = Einige Ziele wurden noch nicht geprüft.
exporter-http-reload-busy = Die Konfiguration wird gerade schon neu gelesen. Versuchen Sie es gleich noch einmal.
exporter-http-no-target = Nennen Sie ein Ziel: /probe?target=HOST:PORT&module=https
exporter-http-module = Das Modul „{ $module }“ gibt es nicht. Die Module heißen https, cti und auth.
exporter-http-bad-target = „{ $target }“ ist kein Ziel dieses Moduls.
exporter-http-not-configured = { $target } gehört nicht zu den konfigurierten Zielen.
exporter-http-too-many = Es werden zu viele Ziele geprüft, die nicht konfiguriert sind. Versuchen Sie es später noch einmal.
exporter-page-title = w4b-diag exporter { $version }
exporter-page-targets = { $count ->
    [one] { $answering } von { $count } Ziel antwortet.
   *[other] { $answering } von { $count } Zielen antworten.
}
exporter-page-metrics = die Metriken aller konfigurierten Ziele
exporter-page-sd = die konfigurierten Ziele für die HTTP Service Discovery
exporter-page-healthy = ob der Exporter läuft
exporter-page-ready = ob jedes Ziel mindestens einmal geprüft wurde
exporter-page-probe = die Metriken eines Ziels
