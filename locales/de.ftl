### w4b-diag: every sentence a person reads, auf Deutsch.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = Fehler:
label-warning = Warnung:
label-hint = Hinweis:
error-interrupted = abgebrochen
error-output = Standardausgabe kann nicht geschrieben werden: { $reason }
error-not-there = noch nicht verfügbar

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
    .hint = Legen Sie das Passwort in der Umgebungsvariablen W4B_DIAG_P12_PASSWORD ab.
cert-file-password-wrong = { $path }: Das Passwort ist falsch
    .hint = Legen Sie das richtige Passwort in der Umgebungsvariablen W4B_DIAG_P12_PASSWORD ab.
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
help-value-command = BEFEHL
help-note-values = { "[" }Werte: { $value }]
help-note-default = { "[" }Vorgabe: { $value }]
help-note-env = { "[" }Umgebung: { $value }]

help = Diagnose und Supportpakete für Webex for BroadWorks
help-global--config = Konfigurationsdatei; sonst die des Benutzers und die des Rechners
help-global--lang = Sprache der Ausgabe; sonst die der Ländereinstellung
help-global--format = Ausgabeformat; welche es gibt, hängt vom Befehl ab
help-global--color = Wann Farben verwendet werden
help-global--quiet = Nur Ergebnisse, Warnungen und Fehler ausgeben
help-global--verbose = Mehr ausgeben
help-global--timeout = Zeitgrenze je Ziel und für die Statusseite: 500ms, 5s, 2m
help-global--as-of = Zu diesem Zeitpunkt statt jetzt beurteilen (RFC 3339)
help-global--threads = Wie viele Prozessorkerne verwendet werden
help-global--help = Hilfe ausgeben
help-global--version = Version ausgeben

help-check = Alle Prüfungen ausführen und sagen, was vor dem Eskalieren zu tun ist
help-bundle = Alle Prüfungen ausführen und die Belege für einen Service Request packen
help-status = Die Webex-Statusseite nach Störungen und Wartungen fragen
help-certs = Zertifikate und Vertrauensketten von Servern und Dateien prüfen
help-extract = Die für einen Service Request nötigen Angaben in Texten und Logs finden
help-redact = Einen Text ohne Geheimnisse und Daten Dritter ausgeben
help-users = Benutzerexporte von Partner Hub und CSV-Dateien für Massenimporte prüfen
help-explain = Einen Fehlercode oder Fehlertext erklären und sagen, was zu tun ist
help-inspect = Ein Paket zeigen: Urteil, Inhalt, was geschwärzt wurde
help-verify = Jede Datei eines Pakets mit dem Manifest vergleichen und erneut nach Geheimnissen suchen
help-diff = Sagen, was sich zwischen zwei Paketen geändert hat
help-restore = Pseudonyme in der Antwort des Herstellers in die echten Werte zurückverwandeln
help-self-test = Die Härtefälle der Schwärzung auf diesem Rechner durchspielen
help-completions = Ein Vervollständigungsskript für eine Shell ausgeben
help-completions--shell = Die Shell
help-man = Die Handbuchseiten ausgeben
help-man--command = Der Befehl, dessen Seite ausgegeben wird; sonst die Übersicht
help-man--output = Alle Seiten in dieses Verzeichnis schreiben
help-checks = Alle Prüfungen auflisten
help-schema = Die JSON-Schemas von Ausgabe, Paket und Konfiguration ausgeben
help-schema--name = Das auszugebende Schema; sonst werden die Namen aufgelistet
help-schema--output = Alle Schemas in dieses Verzeichnis schreiben

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
help-bundle--map = Zusätzlich die private Zuordnung der Pseudonyme in diese Datei schreiben; nie weitergeben
help-bundle--key = Datei mit dem Schlüssel der Pseudonyme; sonst der eigene des Standorts
help-bundle--fresh-key = Einen neuen Schlüssel verwenden, damit sich das Paket nicht mit anderen verknüpfen lässt
help-bundle--yes = Vor dem Schreiben nicht nachfragen

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

## input

## status

help-status--url = Statusseite: ihre Basis-URL, ein JSON-Dokument oder eine gespeicherte Datei
help-status--component = Komponente, auf die es ankommt; mehrfach möglich; sonst die der Konfiguration
help-status--at = Zeitpunkt des Fehlers (RFC 3339): Was war da offen?
help-status--since = Beginn der Zeit, in der es geschah (RFC 3339)
help-status--until = Ende der Zeit, in der es geschah (RFC 3339); sonst jetzt

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
    .remedy = Webex arbeitet daran. Warten Sie ab, abonnieren Sie die Statusseite, und informieren Sie den Kunden. Eskalieren Sie nur, wenn die Störung danach bleibt.
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
    .detail = Sie führt: { $names }.
    .remedy = Schreiben Sie den Namen wie auf der Seite, mit --component oder in der Konfiguration unter [status] components.
status-component--unknown-state = { $subject }: Die Statusseite sagt „{ $word }“
    .detail = Dieses Wort kennt das Programm nicht.
    .remedy = Sehen Sie auf der Statusseite nach.
status-component--not-said = Diese Quelle führt keine Komponenten
    .detail = { $subject } sagt nichts über einzelne Komponenten.
    .remedy = Geben Sie die Basis der Seite an, etwa https://status.webex.com/, oder deren index.json.

status-incident = Offene Webex-Störung: { $name }
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
    .remedy = Webex arbeitet daran. Warten Sie ab, abonnieren Sie die Störung ({ $link }), und informieren Sie den Kunden. Öffnen Sie dafür keine Serviceanfrage; eskalieren Sie nur, wenn der Fehler nach dem Ende der Störung bleibt.
status-incident--unclear = Offene Webex-Störung, die keine Komponente nennt: { $name }
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
status-incident--other-region = Offene Webex-Störung in anderen Regionen ({ $regions }): { $name }
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
status-incident--unknown-state = Webex-Störung, deren Stand nicht bekannt ist: { $name }
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

status-maintenance = Laufende Webex-Wartung: { $name }
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
status-maintenance--unclear = Laufende Webex-Wartung, die keine Komponente nennt: { $name }
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
status-maintenance--soon = Webex-Wartung innerhalb von 24 Stunden: { $name }
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

status-incident-at-time = Webex-Störung zur Zeit des Fehlers: { $name }
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
    .remedy = Vergleichen Sie den Text mit dem Fehler. Passt er, liegt es an Webex: Verfolgen Sie die Störung ({ $link }), und informieren Sie den Kunden. Eskalieren Sie nur, was nach ihrem Ende bleibt.
status-incident-at-time--maintenance = Webex-Wartung zur Zeit des Fehlers: { $name }
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

## certs

## scan

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

## users

## catalogue

## bundle

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
sr-more = { $count ->
    [one] und { $count } weitere; siehe report.json
   *[other] und { $count } weitere; siehe report.json
}
