### w4b-diag: every sentence a person reads, in English.
### One section an area; a finding is one message named after its check, with .detail and .remedy; an error has .hint.

## general

label-error = error:
label-warning = warning:
label-hint = hint:
error-interrupted = interrupted
error-output = cannot write to standard output: { $reason }

## files

cert-file-not-found = { $path }: there is no such file
    .hint = Check the path. Relative paths in the configuration are relative to the configuration file.
cert-file-permission = { $path }: not allowed to read this file
    .hint = Run the program as a user who may read it, or copy the certificate (not the key) elsewhere.
cert-file-directory = { $path } is a directory
    .hint = Name a file in it, or a pattern such as "certs/*.pem".
cert-file-read = { $path } cannot be read: { $reason }
    .hint = Check the path and the disk.
cert-file-too-large = { $path } is larger than { $mebibytes } MiB, too large for a certificate file
    .hint = Name the file with the certificates only.
cert-file-empty = { $path } is empty
    .hint = Export or download the certificate again.
cert-file-html = { $path } is a web page, not a certificate
    .hint = The download probably ended at a sign-in page. Sign in and download the file again.
cert-file-binary = { $path } is not a certificate file: none of PEM, DER, PKCS#7, PKCS#12, JKS
    .hint = Check that this is the right file, and export it again if it is.
cert-file-no-certificate = { $path } holds no certificate
    .hint = A certificate as text begins with the line "-----BEGIN CERTIFICATE-----".
cert-file-damaged = { $path } is damaged: { $format ->
    [der] a DER certificate
    [pkcs7] a PKCS#7 file
    [pkcs12] a PKCS#12 file
    [jks] a Java key store
   *[other] a certificate file
    } that is cut short or malformed
    .hint = Copy it again in binary mode, or export it again.
cert-file-not-a-bundle = { $path } is PKCS#7, but not a list of certificates
    .hint = It is encrypted or signed data. Export the certificates as PEM or as a .p7b bundle.
cert-file-password-needed = { $path } is protected by a password
    .hint = Put the password in the environment variable W4B_DIAG_P12_PASSWORD, or name a file that holds it in W4B_DIAG_P12_PASSWORD_FILE.
cert-file-password-wrong = { $path }: the password is wrong
    .hint = Put the right password in the environment variable W4B_DIAG_P12_PASSWORD, or in the file that W4B_DIAG_P12_PASSWORD_FILE names.
cert-file-unsupported = { $path } is encrypted in a way that is not supported: { $algorithm }
    .hint = Export the certificates as PEM, for example with "openssl pkcs12 -nokeys".
cert-file-base64 = { $path }: block { $block } is damaged at line { $line }: not base64
    .hint = Copy the block again from its source, from the BEGIN line to the END line.
cert-file-empty-block = { $path }: block { $block } at line { $line } is empty
    .hint = Copy the block again from its source, from the BEGIN line to the END line.
cert-file-no-end = { $path }: block { $block } that begins at line { $line } has no END line
    .hint = The file was probably cut short. Copy it again.
cert-file-marker = { $path }: the BEGIN or END line at line { $line } is damaged
    .hint = Exactly five hyphens must stand before and after. Word processors and mail programs change them.
cert-file-damaged-block = { $path }: block { $block } is damaged
    .hint = Export the file again.
cert-file-other-block = { $path }: the block "{ $label }" is not a certificate
    .hint = Use the certificate that the CA sent back, not the request that was sent to it.
cert-file-too-many-blocks = { $path }: only the first { $limit } blocks were read
    .hint = Name the file with the certificates only.
cert-file-no-markers = { $path }: the BEGIN and END lines are missing
    .hint = Add the lines "-----BEGIN CERTIFICATE-----" and "-----END CERTIFICATE-----": other programs refuse the file without them.
cert-file-trailing-data = { $path }: { $bytes ->
    [one] { $bytes } byte of other data follows
   *[other] { $bytes } bytes of other data follow
    } the certificate
    .hint = Export the file again: other programs may refuse it.
cert-file-secret-key-entry = { $path } holds a secret key, and what follows it in the store was not read
    .hint = List the store with keytool and export the certificates that are missing here.

## targets

target-empty = the target is empty
    .hint = Write host, host:port, https://host, cti://host, auth://host or the path of a file.
target-scheme = "{ $target }": { $scheme }:// is not known
    .hint = Known are https://, cti://, auth:// and file:.
target-host = "{ $target }" holds no valid host name or address
    .hint = Write host, host:port or, for IPv6, [address]:port.
target-port = "{ $target }" holds no valid port
    .hint = A port is a number from 1 to 65535.
target-pin = "{ $target }": no address follows the "#"
    .hint = To pin an address, end the target in #ip= and an IPv4 or IPv6 address.
target-user-info = the target holds a user name
    .hint = Leave out everything up to and including the "@".
target-no-such-file = { $target }: there is no such file
    .hint = Check the path. For a server with such a name, write https:// before it.
identity-read = the client certificate or key { $path } cannot be read: { $reason }
    .hint = Check client_cert and client_key in the configuration; both are PEM files.
identity-no-certificate = { $path } holds no client certificate
    .hint = client_cert must name a PEM file with the certificate and its chain.
identity-no-key = { $path } holds no usable private key
    .hint = client_key must name a PEM file with an unencrypted RSA, ECDSA or Ed25519 key.
identity-mismatch = the key { $key } does not belong to the certificate { $certificate }
    .hint = Check client_cert and client_key in the configuration.

## help

help-heading-usage = Usage:
help-heading-commands = Commands
help-heading-arguments = Arguments
help-heading-options = Options
help-heading-global = Options of every command
help-heading-examples = Examples:
help-heading-exit-codes = Exit codes:
help-value-command = COMMAND
help-note-values = { "[" }values: { $value }]
help-note-default = { "[" }default: { $value }]
help-note-env = { "[" }environment: { $value }]

help = Diagnostics and support bundles for Webex for BroadWorks
    .exit-codes =
        0 nothing wrong, or done
        1 the worst finding is a warning, or something was left out
        2 the worst finding is critical
        3 not done: could not be checked, bad usage, bad configuration
        130 interrupted
help-global--config = Configuration file; else the user's and the machine's
help-global--lang = Language of the output; else that of the locale
help-global--format = Output format; which ones exist depends on the command
help-global--color = When to use colours
help-global--quiet = Say nothing but results, warnings and errors
help-global--verbose = Say more
help-global--timeout = Time limit for each target and for the status page: 500ms, 5s, 2m; with --format nagios for the whole run
help-global--as-of = Judge as of this instant instead of now (RFC 3339)
help-global--threads = How many processor cores to use
help-global--help = Print help
help-global--version = Print the version

help-check = Run every check and say what to do before escalating
    .examples =
        w4b-diag check mail.txt logs.zip --xsp cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag check --text - --no-network < error.txt
help-bundle = Run every check and pack the evidence for a service request
    .examples =
        w4b-diag bundle --preview mail.txt logs.zip
        w4b-diag bundle mail.txt logs.zip --xsp xsp1.example.net --user-email user@customer.example.com -o case.zip
help-status = Ask the Webex status page about incidents and maintenance
    .examples =
        w4b-diag status
        w4b-diag status --at 2026-11-20T08:30:00+01:00 --component "Webex App"
        w4b-diag status --url saved-index.json --format json
help-certs = Check certificates and trust chains of servers and files
    .examples =
        w4b-diag certs xsp1.example.net cti://xsp1.example.net --trust CombinedCertChain.txt
        w4b-diag certs installed.pem --host xsp1.example.net
        w4b-diag certs --config /etc/w4b-diag/config.toml --format nagios
help-extract = Find the facts that a service request needs in texts and logs
    .examples =
        w4b-diag extract mail.txt logs/
        journalctl -u tomcat | w4b-diag extract --format json
help-redact = Print a text with secrets and other people's data replaced
    .examples =
        w4b-diag redact mail.txt > mail.redacted.txt
help-users = Check user exports of Partner Hub and bulk-user CSV files
help-explain = Explain an error code or text and say what to do
    .examples =
        w4b-diag explain 18215
        w4b-diag explain "Provisioning error with messaging server"
help-diff = Show what changed between two bundles
help-inspect = Show a bundle: verdict, contents, what was redacted
help-upload = Upload a bundle to its service request
help-verify = Check every file of a bundle against its manifest and look for secrets again
help-restore = Turn pseudonyms in the vendor's answer back into the real values
    .examples =
        w4b-diag restore answer.txt --map case.map
help-self-test = Run the redactor's adversarial cases on this machine
help-completions = Print a completion script for a shell
    .examples =
        w4b-diag completions bash > ~/.local/share/bash-completion/completions/w4b-diag
help-completions--shell = The shell
help-man = Print the manual pages
help-man--command = The command whose page is printed; else the overview
help-man--output = Write all pages into this directory
help-checks = List all checks
help-schema = Print the JSON Schemas of output, bundle and configuration
help-schema--name = The schema to print; else their names are listed
help-schema--output = Write all schemas into this directory

help-notify--notify = Tell the destinations of [[notify]] what is new, lasts or is over
help-notify--notify-test = Send a test message to every destination of [[notify]], and check nothing
help-notify--state = File that remembers what was said; else notify.json in the user's state directory
help-certs--discover = More targets: a configuration, a CSV file of hosts, an earlier JSON report, or a bundle
help-certs--calendar = Write the ends of all certificates to this calendar file, with alarms
help-case--text = File with an error text; "-" is standard input
help-case--log = Log file, archive, or directory with logs
help-case--users-csv = User export of Partner Hub, or a bulk-user CSV file
help-case--attach = File to pack as it is shown: screenshot, HAR; pictures are not searched for secrets
help-case--xsp = Server to check: HOST, https://HOST[:PORT], cti://HOST[:PORT], auth://HOST[:PORT], or a certificate file
help-case--trust = File with the Webex CA chain that is installed as trust anchors
help-case--status-url = Status page: its base URL, a JSON document, or a saved file
help-case--user-email = E-mail address of the affected user; stays readable
help-case--customer-org = Organisation ID of the customer
help-case--partner-org = Organisation ID of the partner
help-case--client-version = Version of the Webex App or client
help-case--broadworks-release = Release of a BroadWorks server by its role: as=Rel_25.0_1.1122
help-case--since = Beginning of the time when it happened (RFC 3339)
help-case--until = End of the time when it happened (RFC 3339)
help-case--no-network = Use no network: judge files and saved answers only
help-case--paths = Files of any kind; what they are is recognised by their content
help-bundle--output = The zip to write
help-bundle--preview = Show what would be shared, with sizes and redactions; write nothing
help-bundle--name = Name of the directory inside the zip
help-bundle--max-size = Make the zip no larger than this (20MB, 20MiB): logs are cut, newest and nearest to the error first
help-bundle--map = Also write the private map of pseudonyms to this file; never pass it on
help-bundle--key = File with the key of the pseudonyms; else the site's own
help-bundle--fresh-key = Use a new key, so that the bundle cannot be linked to others
help-bundle--yes = Do not ask before writing
help-diff--old = The earlier bundle
help-diff--new = The later bundle
help-inspect--zip = The bundle
help-inspect--judge = Judge the saved observations again with today's rules, as of now or --as-of
help-upload--zip = The bundle
help-upload--sr = Number of the service request
help-upload--token-file = File with the upload token of the case; else W4B_UPLOAD_TOKEN
help-upload--url = Upload to this HTTPS address instead of Cisco’s
help-upload--ca-file = PEM file with CA certificates to trust in addition
help-upload--again = Upload even if the receipt says that it was uploaded
help-bundle--upload = Upload the bundle to the service request
help-bundle--sr = Number of the service request
help-bundle--token-file = File with the upload token of the case; else W4B_UPLOAD_TOKEN
help-bundle--url = Upload to this HTTPS address instead of Cisco’s
help-bundle--ca-file = PEM file with CA certificates to trust in addition
help-bundle--again = Upload even if the receipt says that it was uploaded
help-verify--zip = The bundle

## cli

config-unreadable =
    cannot read the configuration file { $path }: { $reason ->
        [missing] there is no such file
        [denied] permission denied
        [directory] it is a directory
        [large] it is larger than 4 MiB
        [encoding] it is not UTF-8 text
       *[other] { $detail }
    }
    .hint = Name a readable TOML file with --config or W4B_DIAG_CONFIG, or leave both out.
config-syntax = { $place }: not valid TOML: { $reason }
    .hint = Correct the file at this line and column. Text stands in quotes, lists in square brackets.
config-unknown-key = { $place }: unknown key "{ $key }"
    .hint =
        { $nearest ->
            [none] Known keys here: { $known }.
           *[other] Did you mean "{ $nearest }"?
        }
config-missing-key = { $place }: the key "{ $key }" is missing
    .hint = Add the key to this table.
config-wrong-type =
    { $place }: "{ $key }" must be { $expected ->
        [text] text in quotes
        [number] a number
        [boolean] true or false
        [list] a list in square brackets
       *[table] a table
    }, but here stands { $found ->
        [text] text
        [number] a number
        [boolean] true or false
        [date] a date
        [list] a list
       *[table] a table
    }
    .hint = Change the value as described.
config-invalid-value = { $place }: { $value } is not a valid value for "{ $key }"
    .hint =
        { $form ->
            [date-time] Write a time with its zone (RFC 3339), for example "2026-11-20T08:30:00+01:00".
            [threshold] Write a duration such as "30d" or a share of the lifetime such as "33%".
            [duration] Write a duration such as "60s" or "5m".
            [sha256] Write the 64 hexadecimal digits of a SHA-256: printf %s PASSWORD | sha256sum.
            [language] Write en, de, hr, nb or it.
           *[other] Allowed: { $form }.
        }
config-refused = { $path }: { $reason }
    .hint = Correct the configuration file.
error-format = this command has no format "{ $format }"
    .hint = Formats of this command: { $available }.

usage-other = the command line cannot be understood: { $reason }
    .hint = See { $help }.
usage-not-utf8 = an argument is not UTF-8 text
    .hint = See { $help }.
usage-missing-command = a command is missing
    .hint = See { $help }.
usage-missing-argument = missing: { $argument }
    .hint = See { $help }.
usage-surplus-value = "{ $value }" is one value too many for "{ $argument }"
    .hint = See { $help }.
usage-repeated = "{ $argument }" stands there more than once
    .hint = Once is enough; see { $help }.
usage-conflict = "{ $argument }" and "{ $other }" exclude each other
    .hint = Leave one of them out.
usage-unknown-argument = unknown argument "{ $argument }"
    .hint =
        { $nearest ->
            [none] See { $help }.
           *[other] Did you mean "{ $nearest }"?
        }
usage-unknown-command = unknown command "{ $command }"
    .hint =
        { $nearest ->
            [none] See { $help }.
           *[other] Did you mean "{ $nearest }"?
        }
usage-missing-value = "{ $argument }" needs a value
    .hint =
        { $values ->
            [none] See { $help }.
           *[other] Possible values: { $values }.
        }
usage-invalid-value = "{ $value }" is not a valid value for "{ $argument }"
    .hint =
        { $nearest ->
            [none] { $values ->
                [none] { $form ->
                    [TIME] Write a time with its zone (RFC 3339), for example 2026-11-20T08:30:00+01:00.
                    [DURATION] Write a duration such as 500ms, 5s, 2m or 30d.
                    [SIZE] Write a size such as 500kB, 20MB or 20MiB.
                    [N] Write a number; see { $help }.
                   *[other] See { $help }.
                }
               *[other] Possible values: { $values }.
            }
           *[other] Did you mean "{ $nearest }"? Possible values: { $values }.
        }
error-write-file =
    cannot write { $path }: { $kind ->
        [no-directory] its directory does not exist
        [denied] permission denied
        [full] the disk is full
       *[other] { $reason }
    }
    .hint = Name a place that exists and that you may write to.
man-name = NAME
man-synopsis = SYNOPSIS
man-description = DESCRIPTION
man-commands = COMMANDS
man-examples = EXAMPLES
man-version = VERSION
schema-unknown = there is no schema "{ $name }"
    .hint = Schemas: { $known }.

## checks

# What each check makes sure of; what it found is said by the finding.
checks-id = CHECK
checks-severity = SEVERITY
checks-owner = OWNER
checks-title = WHAT IS CHECKED
check-status-reachable = The status page can be read
check-status-component = Components that matter are operational
check-status-incident = No open Webex incident
check-status-maintenance = No Webex maintenance under way or announced
check-status-incident-at-time = No Webex incident when the fault happened
check-tls-connect = The port accepts connections
check-tls-handshake = The TLS handshake works
check-tls-protocol = TLS 1.2 or newer is offered
check-tls-legacy-protocol = TLS 1.0 and 1.1 are switched off
check-tls-cipher = A cipher suite that Webex uses is offered
check-tls-mixed-addresses = All addresses of a name answer alike
check-tls-clock-skew = The server's clock is right
check-cert-expired = The certificate has not expired
check-cert-expires-soon = The certificate does not expire soon
check-cert-not-yet-valid = The certificate is already valid
check-cert-self-signed = The certificate is not self-signed
check-cert-not-publicly-trusted = A public CA vouches for the certificate
check-cert-host-name = The certificate names the host
check-cert-weak-key = The key is strong enough
check-cert-weak-signature = The signature algorithm is strong enough
check-cert-key-usage = The certificate may be used for this purpose
check-cert-validity-period = The lifetime is within the rules
check-cert-revoked = The certificate is not revoked
check-cert-malformed = The certificate can be read
check-chain-incomplete = The chain is complete
check-chain-order = The chain is in order
check-chain-unrelated = No certificate in the chain is out of place
check-chain-invalid = Signatures and constraints of the chain hold
check-trust-expired = No trust anchor has expired
check-trust-expires-soon = No trust anchor expires soon
check-trust-not-yet-valid = Every trust anchor is already valid
check-trust-root-missing = The trust file holds the root
check-trust-intermediate-missing = The trust file holds the issuing CA
check-trust-not-a-ca = Every trust anchor is a CA
check-trust-private-key = The trust file holds no private key
check-trust-duplicate = No trust anchor stands there twice
check-trust-unsplit = The chain file is split into single certificates
check-mtls-not-requested = The server asks for a client certificate
check-mtls-webex-ca-not-accepted = The server accepts the Webex CA chain
check-mtls-accepted-cas-unknown = The server says which CAs it accepts
check-case-customer-org = The customer's organisation ID is known
check-case-partner-org = The partner's organisation ID is known
check-case-tracking-id = A tracking ID is known
check-case-user-email = The affected user's e-mail is known
check-case-client-version = The client's version is known
check-case-time-frame = The time of the fault is known
check-user-error = No user is in error
check-user-pending = No user waits for a requirement
check-user-stuck = No user has been provisioning for too long
check-user-duplicate = No user stands there twice
check-csv-missing-field = Every mandatory field is filled in
check-csv-invalid-value = Every value is allowed
check-csv-encoding = The file's encoding and separator are right
check-csv-package-conflict = No user has packages that exclude each other
check-template-untrusted-emails = Untrusted e-mails are selected in the template
check-template-share-link = The template's share link points to the activation page
check-release-unsupported = The BroadWorks release is supported
check-release-unknown = The BroadWorks release is known
check-order-not-ready = The order is ready for provisioning
check-order-closed = The order line is open
check-order-past-no-return = The order is before the point of no return
check-bundle-redacted = The contents are redacted
check-bundle-incomplete = Nothing is missing from the bundle
check-bundle-tampered = The bundle is unchanged
check-bundle-secret-left = No secret is left in the bundle
check-bundle-signature = The bundle is signed by someone you trust

## input

input-error = { $name }: { $fault ->
    [not-found] there is no such file
    [permission] it may not be read
    [no-match] no file fits this pattern
    [not-regular] it is not a regular file
    [link] it is a link out of the directory; not followed
    [binary] it is not text; skipped
    [truncated] it ends too early; what came before was read
    [changed] it changed while it was read
    [grew] it grew while it was read; what was appended is left out
    [damaged] it is damaged ({ $detail })
    [encrypted] it is encrypted
    [method] it is compressed by a method that is not supported
    [limit-depth] there are too many archives inside one another
    [limit-count] there are too many files
    [limit-size] it unpacks to too many bytes
    [limit-ratio] it unpacks to far more than it is: probably a zip bomb
    [limit-overlap] its members share their bytes: probably a zip bomb
   *[other] it cannot be read: { $detail }
    }
    .hint = { $fault ->
    [not-found] Check the path; the name is case-sensitive.
    [permission] Run the program as a user who may read the file, or copy it.
    [no-match] Check the pattern, or name the files.
    [not-regular] Name a file, a directory or an archive.
    [link] Name the file itself if it belongs to the case.
    [binary] Attach pictures and documents to the case with --attach.
    [truncated] Copy or download it again.
    [changed] Read it again when nothing writes to it, or read a copy.
    [grew] Read it again to have what was appended.
    [damaged] Copy or download it again, or unpack it with another program.
    [encrypted] Unpack it first and name the unpacked files.
    [method] Unpack it with another program and name the unpacked files.
    [limit-depth] Unpack the outer archive and name the inner one.
    [limit-count] Name fewer files, or a subdirectory.
    [limit-size] Unpack it and name the files that matter.
    [limit-ratio] Do not unpack it unless you trust its source.
    [limit-overlap] Do not unpack it unless you trust its source.
   *[other] Check the disk and the connection to it, and try again.
    }

## status

help-status--url = Status page: its base URL, a JSON document, or a saved file
help-status--component = Component that matters; may be given several times; else those of the configuration
help-status--region = Region that matters, as the page names it; may be given several times; else those of the configuration
help-status--at = Instant of the fault (RFC 3339): what was open then?
help-status--since = Beginning of the time when it happened (RFC 3339)
help-status--until = End of the time when it happened (RFC 3339); else now
help-status--no-cache = Ask the page itself, even if it was asked within the last minute
help-status--watch = Keep asking, and print changes only
help-status--interval = Time between two questions with --watch: 30s, 5m
help-status--output = Write to this file instead of standard output: replaced as a whole, readable by everybody (0644); for the textfile collector of the node exporter name it *.prom

status-error-ca-file = cannot read the CA file { $path }: { $reason }
    .hint = Name a readable PEM file in the configuration, [status] ca_file.
status-error-ca-file-empty = there is no certificate in the CA file { $path }
    .hint = The file must hold at least one block “BEGIN CERTIFICATE”. Ask whoever runs the proxy for its CA certificate in PEM form.
status-error-proxy = { $reason } is not the address of a proxy
    .hint = Write it as http://proxy.example.net:3128 in the configuration, [status] proxy.
status-error-http = cannot set up HTTP: { $reason }
    .hint = Check the certificates of the system. If that does not help, report this text as a fault of the program.
status-error-url = “{ $text }” is not a usable URL
    .hint = Give the base of the page, such as https://status.webex.com/, a JSON document, or a saved file.
status-error-scheme = “{ $text }”: only http, https and files can be read
    .hint = Give the base of the page, such as https://status.webex.com/, a JSON document, or a saved file.
status-error-reversed = the time frame ends ({ $last }) before it begins ({ $first })
    .hint = Swap or correct --since and --until.

status-reachable = { $cause ->
        [file] The saved status file cannot be read
        [http-status] The status page answers with an error (HTTP { $status })
        [not-the-api] What answers is not a status page
        [broken] The answer of the status page is broken
        [too-large] The answer of the status page is too large
        [captive-portal] A sign-in page of the network answers instead of the status page
       *[other] The status page cannot be reached from here
    }
    .detail =
        { $cause ->
            [dns] The name cannot be resolved.
            [refused] The connection is refused.
            [unreachable] There is no route to it.
            [proxy] The HTTP proxy cannot be reached, or it refuses.
            [proxy-auth] The HTTP proxy asks for a user name and a password.
            [tls-untrusted] Its certificate is not signed by a CA that is trusted here; often a proxy that inspects TLS stands in between.
            [tls-date] Its certificate has expired or is not yet valid; often the clock of this machine is wrong.
            [tls-name] Its certificate is for another name.
            [tls] No secure connection could be made.
            [timeout] No complete answer came in time.
            [redirect-loop] It redirects without end.
            [redirect-insecure] It redirects from HTTPS to HTTP, which is not followed.
            [too-large] Reading was given up at the limit of 8 MiB.
            [reset] The connection was closed before the answer was complete.
            [not-http] What answers there does not speak HTTP.
            [http-status] The server answers, but not with the status.
            [captive-portal] The answer comes from another host than the one that was asked.
            [not-the-api] A web page or another document came, even if with HTTP 200.
            [broken] It ends in the middle or is not valid.
            [file] It does not exist, or it may not be read.
           *[other] It failed for an unexpected reason.
        } This says nothing about whether Webex works.
        { $subject }: { $reason }
    .remedy = { $cause ->
        [dns] Check the name and the DNS servers of this machine, or run the check where the internet can be reached. In a network with a proxy set HTTPS_PROXY.
        [refused] Check address and port. In a network with a proxy set HTTPS_PROXY.
        [unreachable] Check the network and the firewall. In a network with a proxy set HTTPS_PROXY.
        [proxy] Check HTTPS_PROXY and NO_PROXY, or [status] proxy in the configuration.
        [proxy-auth] Give user name and password in HTTPS_PROXY: http://USER:PASSWORD@proxy.example.net:3128.
        [tls-untrusted] Name the CA certificate of the proxy in the configuration, [status] ca_file.
        [tls-date] Check date and time of this machine.
        [tls-name] Check the URL. In a network with a proxy ask whoever runs it.
        [timeout] Try again, with a longer --timeout if need be.
        [captive-portal] Open a web page in a browser on this machine, sign in to the network, and try again.
        [not-the-api] Check the URL: it must be the base of the page, such as https://status.webex.com/, or one of its JSON documents.
        [too-large] Check the URL: it must be the base of the page, such as https://status.webex.com/, or one of its JSON documents.
        [http-status] Open the page in a browser, and try again in a few minutes.
        [broken] Try again. A saved file may have been cut off: save it again.
        [file] Check path and permissions.
       *[other] Open the page in a browser and try again. A document saved there can be given with --url FILE.
    }
status-reachable--ok = The status page was read
    .detail = { $subject }, { $at }.
status-reachable--skew = The clocks of the status page and of this machine differ by { $seconds } s
    .detail = This machine is { $direction ->
            [behind] behind
           *[ahead] ahead
        }. Times of logs and of the status page can then not be compared to the minute. ({ $subject }, { $at })
    .remedy = Set the clock of this machine by NTP, and mind the difference when comparing times.

status-component = { $subject }: { $state ->
        [under_maintenance] under maintenance
        [degraded_performance] degraded performance
        [partial_outage] partial outage
       *[major_outage] major outage
    }
    .detail = { $part ->
            [none] The status page reports this for the component itself
           *[other] The status page reports this for its part “{ $part }”
        }{ $since ->
            [none] .
           *[other] ; last change { $since }.
        }
    .remedy = { $who } is on it. Wait, subscribe to the status page, and tell the customer. Escalate only if the fault stays afterwards.
status-component--ok = { $subject }: operational
    .detail = According to the status page.
status-component--other-region = { $subject }: trouble only in other regions ({ $regions })
    .detail = { $part ->
            [none] The component itself
           *[other] Its part “{ $part }”
        }: { $state ->
            [under_maintenance] under maintenance
            [degraded_performance] degraded performance
            [partial_outage] partial outage
           *[major_outage] major outage
        }. None of the regions of the configuration is named.
    .remedy = Nothing to do, unless a customer uses these regions.
status-component--unknown = The status page lists no component “{ $subject }”
    .detail = { $nearest ->
            [none] {""}
           *[other] Did you mean “{ $nearest }”?{" "}
        }It lists: { $names }.
    .remedy = Write the name as the page does, with --component or in the configuration, [status] components.
status-component--unknown-state = { $subject }: { $word ->
        [none] the status page states no status
       *[other] the status page says “{ $word }”
    }
    .detail = Nothing can be said about it.
    .remedy = Look at the status page.
status-component--not-said = This source lists no components
    .detail = { $subject } says nothing about single components.
    .remedy = Give the base of the page, such as https://status.webex.com/, or its index.json.

status-incident = Open incident ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start not stated
           *[other] Since { $since }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        } Affected: { $components ->
            [none] not stated
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regions: { $regions }.
        }
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = { $who } is on it. Wait, subscribe to the incident ({ $link }), and tell the customer. Do not open a service request for it; escalate only if the fault stays once the incident is closed.
status-incident--unclear = Open incident that names no component ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start not stated
           *[other] Since { $since }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        } Whether it fits must be read from its text.
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = Compare the text with the fault. If it fits: wait, subscribe to the incident ({ $link }), and tell the customer.
status-incident--other-region = Open incident in other regions ({ $regions }; { $who }): { $name }
    .detail =
        { $since ->
            [none] Start not stated
           *[other] Since { $since }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        } None of the regions of the configuration is named.
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = Nothing to do, unless a customer uses these regions.
status-incident--unknown-state = Incident whose state is not known ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start not stated
           *[other] Since { $since }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        } The source does not say in known words whether it is still open.
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = Look at the status page ({ $link }).
status-incident--ok = No open incident concerns these components
    .detail = { $others ->
            [0] No incident is open.
            [one] { $others } open incident concerns other services.
           *[other] { $others } open incidents concern other services.
        }
status-incident--unknown = This source does not say which incidents are open
    .detail = { $subject } has no list of incidents.
    .remedy = Give the base of the page, such as https://status.webex.com/, or its index.json.

status-maintenance = Maintenance under way ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start not stated
           *[other] Since { $since }
        }{ $until ->
            [none] {""}
           *[other] , planned until { $until }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        } Affected: { $components ->
            [none] not stated
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regions: { $regions }.
        }
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = Wait for the end of the maintenance ({ $link }), and tell the customer. Escalate only if the fault stays afterwards.
status-maintenance--unclear = Maintenance under way that names no component ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start not stated
           *[other] Since { $since }
        }{ $until ->
            [none] {""}
           *[other] , planned until { $until }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        }
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = Compare the text with the fault ({ $link }).
status-maintenance--soon = Maintenance within 24 hours ({ $who }): { $name }
    .detail =
        { $since ->
            [none] Start not stated
           *[other] From { $since }
        }{ $until ->
            [none] {""}
           *[other] { " " }until { $until }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        } Affected: { $components ->
            [none] not stated
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regions: { $regions }.
        }
    .remedy = Tell the customers concerned ({ $link }).
status-maintenance--ok = No maintenance of these components now or within 24 hours
    .detail = According to the status page.
status-maintenance--unknown = This source does not say which maintenance is planned
    .detail = { $subject } has no list of maintenances.
    .remedy = Give the base of the page, such as https://status.webex.com/, or its index.json.

status-incident-at-time = Incident when the fault happened ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Fault: { $first }.
           *[frame] Fault: { $first } to { $last }.
        } Incident: { $since } to { $until ->
            [none] now, still open
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        }
        { $kind ->
            [instant] The incident was open at that time.
           *[frame] Overlap: { $minutes } min, { $from } to { $to }.
        } Affected: { $components ->
            [none] not stated
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regions: { $regions }.
        }
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = Compare the text with the fault. If it fits, the incident explains the fault: follow the incident ({ $link }) and tell the customer. Escalate only what stays after its end.
status-incident-at-time--maintenance = Maintenance when the fault happened ({ $who }): { $name }
    .detail =
        { $kind ->
            [instant] Fault: { $first }.
           *[frame] Fault: { $first } to { $last }.
        } Maintenance: { $since } to { $until ->
            [none] now, not yet ended
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        }
        { $kind ->
            [instant] It was under way at that time.
           *[frame] Overlap: { $minutes } min, { $from } to { $to }.
        } Affected: { $components ->
            [none] not stated
           *[other] { $components }
        }{ $regions ->
            [none] .
           *[other] ; regions: { $regions }.
        }
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = Compare the text with the fault ({ $link }). If it fits, the maintenance explains it. Escalate only what stays after its end.
status-incident-at-time--unclear = At the time of the fault, names no component: { $name }
    .detail =
        { $kind ->
            [instant] Fault: { $first }.
           *[frame] Fault: { $first } to { $last }.
        } Published: { $since } to { $until ->
            [none] now, still open
           *[other] { $until }
        }{ $numbers ->
            [none] .
           *[other] ; number { $numbers }.
        }
        { $kind ->
            [instant] It was open at that time.
           *[frame] Overlap: { $minutes } min, { $from } to { $to }.
        }
        { $update ->
            [none] No update has been published.
           *[other] Last update ({ $updated }): { $update }
        }
    .remedy = Compare the text with the fault ({ $link }).
status-incident-at-time--ok = No Webex incident or maintenance when the fault happened
    .detail = { $kind ->
            [instant] At { $first }
           *[frame] From { $first } to { $last }
        } none overlaps that names these components.
status-incident-at-time--unknown = Whether Webex had an incident when the fault happened is not known
    .detail = { $kind ->
            [instant] For { $first }
           *[frame] For { $first } to { $last }
        } { $what ->
            [incidents] the list of incidents does not reach back far enough
            [maintenances] the list of maintenances does not reach back far enough
           *[both] the lists of incidents and maintenances do not reach back far enough
        }{ $known ->
            [none] , or this source has none.
           *[other] ; it begins at { $known }.
        } What is known does not overlap.
    .remedy = Look at the history of the status page ({ $subject }).

status-incident-at-time--skew = The clocks differ too much to say whether this overlaps ({ $who }): { $name }
    .detail = { $kind ->
            [instant] Fault: { $first }.
           *[frame] Fault: { $first } to { $last }.
        } Published: { $since } to { $until ->
            [none] now, still open
           *[other] { $until }
        }. Read like this they do not overlap. But this machine is { $seconds } s { $direction ->
            [behind] behind
           *[ahead] ahead of
        } the status page: a time that was read from its clock is off by as much, and then they overlap.
    .remedy = Find out which clock the fault’s time comes from, set this machine’s clock by NTP, and give the corrected time with --at or --since and --until.

status-watch-gone = over: { $title }
status-watch-started = Watching { $source } every { $seconds } s; changes are printed. Ctrl-C ends it.

timeline-title = Time line
timeline-fault = Fault
## certs

tls-connect = No connection to { $subject }
    .detail = Seen from this machine: { $reason ->
        [dns] the name { $host } does not resolve.
        [dns-silent] the name server did not answer when asked for { $host }.
        [refused] { $address } refuses connections on port { $port }.
        [unreachable] there is no route to { $address }.
        [timeout-connect] { $address } does not answer on port { $port } within the time-out.
        [internal] the probe itself failed ({ $words }).
       *[other] no connection to { $address } on port { $port } ({ $words }).
    }
    .remedy = { $reason ->
        [dns] Check the spelling and the DNS entry of { $host }. Webex must be able to resolve it too.
        [dns-silent] Check the name servers of this machine (/etc/resolv.conf) and the way to them.
        [refused] Check on the XSP that the interface listens on port { $port }, and that the service runs.
        [internal] Run it again with --verbose; if it happens again, report it as a fault of this program.
       *[other] Check routing and firewall between this machine and { $address }. Webex connects from its own networks: test from outside as well.
    }
tls-connect--ok = { $subject } can be reached
tls-handshake = { $subject } does not speak TLS as expected
    .detail = Seen from this machine: { $reason ->
        [timeout-handshake] { $address } accepts the connection and then says nothing.
        [slow-peer] { $address } answers so slowly that the handshake does not end within the time-out.
        [reset] { $address } closes the connection during the handshake.
        [not-tls] what answers on port { $port } of { $address } is not TLS.
        [protocol-version] { $address } and this program have no TLS version in common.
        [alert] { $address } breaks off the handshake with TLS alert { $alert }.
       *[other] the handshake with { $address } failed ({ $words }).
    }
    .remedy = { $reason ->
        [not-tls] Check that the interface on port { $port } is set to secure.
        [protocol-version] Enable TLS 1.2 on this interface.
        [alert] Look into the log of the XSP for the same moment: it says why the handshake was refused.
       *[other] Check whether the service hangs or is overloaded, and whether a firewall or load balancer cuts the connection.
    }
tls-handshake--ok = TLS handshake with { $subject } succeeds
tls-protocol = { $subject } does not offer TLS 1.2
    .detail = Offered: { $versions }. Webex negotiates TLS 1.2 or later and nothing older.
    .remedy = Enable TLSv1.2. The most specific setting wins: { $contexts }
tls-protocol--ok = { $subject } offers { $versions }
tls-legacy-protocol = { $subject } still offers { $versions }
    .detail = These versions are deprecated (RFC 8996). Webex does not use them, attackers may.
    .remedy = Remove them where they are set; the most specific setting wins: { $contexts }
tls-legacy-protocol--ok = { $subject } refuses TLS 1.1 and older
tls-legacy-protocol--unknown = Whether { $subject } offers TLS 1.1 or older could not be seen
    .detail = The server did not answer the test for old versions clearly.
    .remedy = Look up the versions in the BroadWorks command line.
tls-cipher = { $subject } chooses the weak cipher { $cipher }
    .detail = It has no forward secrecy or is broken. Webex may refuse the connection.
    .remedy = Allow ECDHE ciphers with AES-GCM; the most specific setting wins: { $contexts }
tls-cipher--ok = Cipher of { $subject }: { $cipher }
tls-mixed-addresses = Not all addresses of { $subject } are alike
    .detail = { $aspect ->
        [reachable] Reachability differs: { $different } against { $others }.
        [certificate] { $different } shows another certificate than { $others }.
        [chain] { $different } serves other intermediate certificates than { $others }.
        [versions] { $different } offers other TLS versions than { $others }.
        [client-auth] { $different } and { $others } differ in asking for a client certificate.
       *[accepted-names] { $different } accepts other CA names for client certificates than { $others }.
    }
    .remedy = Make all members of the farm alike: a member that was forgotten fails only now and then, and is hard to find.
tls-mixed-addresses--ok = All { $count } addresses of { $subject } are alike
tls-clock-skew = The clock of { $subject } is wrong by { $seconds } seconds
    .detail = { $direction ->
        [behind] It is behind this machine's clock.
       *[ahead] It is ahead of this machine's clock.
    }
    .remedy = Check NTP on the XSP, and on this machine. Tokens and certificates are checked against the clock.
tls-clock-skew--ok = The clock of { $subject } agrees ({ $seconds ->
        [one] { $seconds } second
       *[other] { $seconds } seconds
    } { $direction ->
        [behind] behind
       *[ahead] ahead
    })
cert-expired = { $element ->
        [leaf] The certificate of { $subject } has expired
        [intermediate] An intermediate certificate of { $subject } has expired
       *[root] The root certificate of { $subject } has expired
    }
    .detail = { $name } was valid until { $until } ({ $days ->
        [one] { $days } day ago
       *[other] { $days } days ago
    }).
    .remedy = { $element ->
        [leaf] Get a new certificate from a public CA and install it with its chain: { $cli }
       *[other] Get the current chain from the CA and install it together with the certificate: { $cli }
    }
cert-expired--ok = Certificate of { $subject } has not expired
    .detail = { $name } is valid until { $until }.
cert-expires-soon = { $element ->
        [leaf] The certificate of { $subject } expires in { $days ->
            [one] { $days } day
           *[other] { $days } days
        }
        [intermediate] An intermediate certificate of { $subject } expires in { $days ->
            [one] { $days } day
           *[other] { $days } days
        }
       *[root] The root certificate of { $subject } expires in { $days ->
            [one] { $days } day
           *[other] { $days } days
        }
    }
    .detail = { $name } is valid until { $until }. { $days ->
        [one] { $days } day
       *[other] { $days } days
    } left = { $percent } % of { $lifetime } days; warning from { $warn } days (= { $warnshare } %), critical from { $critical } days (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Order a new certificate from a public CA now and install it with its chain: { $cli }
       *[other] Ask the CA for the chain that follows and install it together with the certificate: { $cli }
    }
cert-expires-soon--hours = A certificate of { $subject } expires in { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }
    .detail = { $name } is valid until { $until }. Left: { $hours } h = { $percent } % of { $lifehours } h; warning from { $warnhours } h (= { $warnshare } %), critical from { $criticalhours } h (= { $criticalshare } %).
    .remedy = { $element ->
        [leaf] Order a new certificate from a public CA now and install it with its chain: { $cli }
       *[other] Ask the CA for the chain that follows and install it together with the certificate: { $cli }
    }
cert-expires-soon--ok = Certificate of { $subject } does not expire soon
    .detail = { $name } is valid until { $until }: { $days ->
        [one] { $days } day
       *[other] { $days } days
    } left = { $percent } % of { $lifetime } days; warning from { $warn } days (= { $warnshare } %), critical from { $critical } days (= { $criticalshare } %).
cert-not-yet-valid = A certificate of { $subject } is not valid yet
    .detail = { $element ->
        [leaf] { $name } is valid from { $from }, in { $days ->
            [one] { $days } day
           *[other] { $days } days
        }.
        [intermediate] The intermediate certificate { $name } is valid from { $from }, in { $days ->
            [one] { $days } day
           *[other] { $days } days
        }.
       *[root] The root certificate { $name } is valid from { $from }, in { $days ->
            [one] { $days } day
           *[other] { $days } days
        }.
    }
    .remedy = Check the clock first. If it is right, install the certificate only when it has become valid: { $cli }
cert-not-yet-valid--ok = Certificate of { $subject } is already valid
    .detail = { $name } is valid from { $from }.
cert-self-signed = The certificate of { $subject } is self-signed
    .detail = { $name } signed itself, valid until { $until }. Webex accepts only certificates of public CAs.
    .remedy = Replace it by a certificate of a public CA: { $cli }
cert-self-signed--one-year = { $subject } still has the self-signed certificate of its first set-up
    .detail = { $name } signed itself and is valid for one year, until { $until }: this is what an interface makes when it is secured for the first time. Webex accepts only certificates of public CAs.
    .remedy = Order a certificate from a public CA for the name of the server and install it with its chain: { $cli }
cert-self-signed--unknown = Whether the certificate of { $subject } is self-signed cannot be verified here
    .detail = { $name } names itself as its issuer, but its signature ({ $signature }) cannot be verified here.
    .remedy = Look at the certificate with another tool, or order one from a public CA: { $cli }
cert-self-signed--ok = Certificate of { $subject } is not self-signed
    .detail = Issued by { $issuer }.
cert-not-publicly-trusted = The certificate of { $subject } is not from a public CA
    .detail = The chain ends at { $root }, which is not among the trusted roots ({ $store }).
    .remedy = Order a certificate from a public CA and install it with its chain: { $cli }
cert-not-publicly-trusted--ok = Certificate of { $subject } is trusted
    .detail = It leads to the root { $root } ({ $store }).
cert-not-publicly-trusted--unknown = Whether the CA of { $subject } is public cannot be said yet
    .detail = The certificate of { $root } is missing, so that nothing leads to a root ({ $store }).
    .remedy = Complete the chain first.
cert-not-publicly-trusted--distrusted = Browsers do not trust the certificate of { $subject }
    .detail = { $name } was issued on { $from } under the root { $root }. { $program } trusts only what this root issued until { $after } ({ $source }). The chain itself is valid.
    .remedy = Order a certificate from another public CA and install it with its chain: { $cli }
cert-not-publicly-trusted--distrusted-later = The next certificate of { $subject } must come from another CA
    .detail = { $name } leads to the root { $root }. { $program } trusts only what this root issued until { $after } ({ $source }); this certificate is older and stays good until { $until }.
    .remedy = Choose another public CA for the next renewal.
cert-host-name = The certificate of { $subject } is for another name
    .detail = { $host } is not among its names: { $names }.
    .remedy = Use one of these names, or order a certificate that has { $host } as subject alternative name: { $cli }
cert-host-name--no-names = The certificate of { $subject } names no host
    .detail = There is no subject alternative name in it, so it cannot stand for { $host }.
    .remedy = Order a certificate that has { $host } as subject alternative name: { $cli }
cert-host-name--cn-only = The certificate of { $subject } has its name only in the common name
    .detail = { $host } stands in the common name, but there are no subject alternative names. Today's software looks only there.
    .remedy = Order a certificate that has { $host } as subject alternative name: { $cli }
cert-host-name--ok = Certificate of { $subject } is for { $host }
    .detail = Names: { $names }.
cert-host-name--unknown = The host name for { $subject } was not checked
    .detail = A file does not say under which name it is served. Its certificate is { $name }.
    .remedy = Say the name with --host.
cert-weak-key = A key in the chain of { $subject } is too weak
    .detail = { $details } ({ $citation }). The certificate's own key: { $key }.
    .remedy = Make a new key of RSA 2048 bits or more, or EC P-256, order a certificate for it and install it: { $cli }
cert-weak-key--ok = Key of { $subject } is strong enough
    .detail = { $key }
cert-weak-signature = A signature in the chain of { $subject } is too weak
    .detail = { $details } ({ $citation }). The certificate's own signature: { $signature }.
    .remedy = Order a certificate that is signed with SHA-256 or better: { $cli }
cert-weak-signature--ok = Signature of { $subject } is strong enough
    .detail = { $signature }
cert-key-usage = The certificate of { $subject } is not made for this use
    .detail = { $details } ({ $citation }).
    .remedy = Order a certificate for TLS servers (serverAuth): { $cli }
cert-key-usage--ok = Certificate of { $subject } is made for servers
cert-validity-period = The certificate of { $subject } is valid for longer than public CAs may issue
    .detail = { $details } ({ $citation }).
    .remedy = Order a certificate with a shorter life, and automate its renewal: { $cli }
cert-validity-period--ok = Lifetime of the certificate of { $subject } is allowed
    .detail = { $lifetime ->
        [one] { $lifetime } day
       *[other] { $lifetime } days
    }
cert-revoked = The certificate of { $subject } is revoked
    .detail = { $name } was revoked on { $revoked }, says the revocation list of { $issuer } of { $this } (reason: { $reason }).
    .remedy = Order a new certificate with a new key and install it at once: { $cli }
cert-revoked--issuer = A CA above the certificate of { $subject } is revoked
    .detail = { $name } was revoked on { $revoked }, says the revocation list of { $issuer } of { $this } (reason: { $reason }). Nothing that it issued counts any more.
    .remedy = Order a new certificate that another CA issues, and install it with its chain: { $cli }
cert-revoked--ok = Certificate of { $subject } is not revoked
    .detail = { $name } does not stand on the revocation list of { $issuer }, which is right from { $this } until { $next }.
cert-revoked--unknown = Whether the certificate of { $subject } is revoked cannot be said
    .detail = { $cause ->
        [no-issuer] Without the certificate of the issuer { $issuer } no revocation list for { $name } can be verified.
        [unreadable] A given revocation list cannot be read, and no other is of { $issuer }, the issuer of { $name }.
        [partition] The given lists of { $issuer } are about other certificates than { $name }.
        [delta] The given list of { $issuer } has only the changes since an earlier one.
        [signature] The given list bears the name of { $issuer }, but another key signed it, or it was changed.
        [unverifiable] The signature of the list of { $issuer } cannot be verified here.
        [not-signer] { $issuer } may not sign revocation lists (key usage without cRLSign).
        [unsound] The list of { $issuer } breaks RFC 5280: no number, or a critical part that is not known.
        [not-yet] The list of { $issuer } is right from { $this } on only.
        [expired] The list of { $issuer } was right until { $next } only.
       *[none] None of the given lists is of { $issuer }, the issuer of { $name }.
    }
    .remedy = { $cause ->
        [no-issuer] Put the chain right first, or name the missing certificate with --intermediates.
       *[none] Fetch the current complete list of the issuer and name it with --crl. The certificate says where from: { $place }
    }
cert-revoked--ocsp = The certificate of { $subject } is revoked
    .detail = { $name } was revoked on { $revoked }, says the OCSP response that the server itself staples (reason: { $reason }).
    .remedy = Order a new certificate with a new key and install it at once: { $cli }
cert-revoked--ocsp-ok = The stapled OCSP response says that the certificate of { $subject } is not revoked
    .detail = { $name }: signed by { $responder }, right from { $this } until { $next }.
cert-revoked--ocsp-unknown = The stapled OCSP response of { $subject } does not say whether the certificate is revoked
    .detail = { $cause ->
        [unknown-status] The responder { $responder } does not know { $name }.
        [malformed] The response does not follow the format.
        [error] The responder answered with an error.
        [no-issuer] The issuer of { $name } is missing, so the response cannot be verified.
        [other-certificate] The response is about another certificate than { $name }.
        [responder] { $responder } may not answer for the issuer of { $name }.
        [responder-expired] The certificate of the responder { $responder } is not valid at this time.
        [signature] The signature of the response is wrong.
        [unverifiable] The signature of the response uses an algorithm that cannot be verified here.
        [not-yet] The response is right only from { $this }: a clock is wrong.
       *[expired] The response was right from { $this } until { $next } and is out of date.
    }
    .remedy = { $cause ->
        [no-issuer] Put the chain right first.
        [unknown-status] Ask the CA whether it issued this certificate.
        [other-certificate] Restart the interface: it staples the response of the certificate before.
       *[other] Check that the server can reach its OCSP responder and that its clock is right, or switch stapling off.
    }
cert-seen = { $what ->
    [trailing] { $bytes } bytes follow the certificate
    [not-a-certificate] not a certificate ({ $words })
    [dates] the dates are out of range
    [extension-twice] the extension { $oid } is there twice
    [extension-malformed] the extension { $oid } cannot be read ({ $words })
    [names-malformed] a subject alternative name cannot be read
    [version] X.509 version { $version }
    [serial-zero] the serial number is zero
    [serial-negative] the serial number is negative
    [serial-long] the serial number has { $octets } octets, more than 20
    [algorithms-differ] two different signature algorithms are named
    [authority-id-critical] the authority key identifier is critical
    [authority-id-missing] the authority key identifier is missing
    [authority-id-without-key] the authority key identifier names no key
    [subject-id-critical] the subject key identifier is critical
    [subject-id-missing] a CA without subject key identifier
    [constraints-missing] a CA without basic constraints
    [constraints-not-critical] the basic constraints are not critical
    [constraints-not-ca] the basic constraints say that it is not a CA
    [usage-signs] may sign certificates (keyCertSign) without being a CA
    [usage-does-not-sign] a CA that may not sign certificates (keyCertSign is missing)
    [usage-empty] the key usage is empty
    [names-missing] there is no subject alternative name
    [common-name] the common name { $other } is not among the subject alternative names
    [extended-not-server] not for servers (serverAuth is missing)
    [extended-any] for any purpose (anyExtendedKeyUsage)
    [extended-root] a root with extended key usage
    [extended-critical] the extended key usage is critical
    [extended-refuses] it was issued for another purpose (extended key usage)
    [rsa-small] RSA key of { $bits } bits, fewer than 2048
    [rsa-odd] RSA key of { $bits } bits, not divisible by 8
    [curve] the curve { $curve } is not allowed
    [curve-unnamed] the curve is not named
    [key-type] keys of the type { $type } are not allowed
    [signature] signed with { $signature }
    [validity] valid for { $days } days; at most { $max } are allowed when issued from { $since } on
    [root-id-without-key] the authority key identifier of a root names no key
    [root-id-issuer] the authority key identifier of a root names issuer and serial number
    [root-id-other-key] the authority key identifier of a root names another key
    [name-limits] a limit on names (name constraints) is violated
    [name-limits-not-ca] limits on names in a certificate that is not a CA
    [name-limits-empty] limits on names that limit nothing
    [name-limits-period] a limit on host names begins with a period
    [name-limits-not-critical] the limits on names are not critical
    [policy-not-critical] the policy constraints are not critical
    [names-not-critical] the subject is empty and the subject alternative names are not critical
    [extension-unknown] the critical extension { $oid } is not known
    [name-syntax] the name { $other } has characters that host names do not have
    [unreadable] no certificate that can be read
    [unverifiable] a signature algorithm cannot be verified here
    [self-signed] the certificate signed itself and is not a trust anchor
    [private-root] the chain ends at a root that is not a trust anchor
    [issuer-missing] the issuer { $other } is not among the certificates
    [issuer-unknown] the issuer { $other } is neither among the certificates nor a trust anchor
    [no-path] no path leads to a trust anchor
    [expired] a certificate of the path expired { $date }
    [not-yet-valid] a certificate of the path is not valid before { $date }
    [other-name] the name is not among those of the certificate: { $other }
    [no-name] there is no subject alternative name to compare with
    [bad-signature] a signature does not go with the key of the issuer
    [path-too-long] the path is longer than a CA allows
    [path-too-deep] the path has more intermediates than --max-depth allows
    [issuer-no-ca] a certificate that is not a CA issued another
    [ca-as-server] a CA certificate is used as server certificate
    [revoked] it is revoked
    [list-unsound] the revocation list does not keep to the rules
    [revoked-stapled] it is revoked, says the stapled OCSP response
    [algorithm] the signature algorithm is not acceptable
    [algorithm-key] the signature algorithm does not go with the key, or the type of the key is not acceptable
    [distrusted] { $program } trusts what { $other } issued until { $date } only
    [no-current-version] neither TLS 1.2 nor TLS 1.3 is offered
    [cipher] the cipher { $other } is not one that Webex offers
    [not-requested] no client certificate is asked for
   *[other-rule] another rule is broken ({ $words })
    }
cert-seen-of = { $name }: { $seen }
cert-seen-cited = { $seen } ({ $citation })
cert-citation = { $document } section { $section }
cert-citation-since = { $citation }, from { $since }
cert-malformed = Certificate { $position } of { $subject } is faulty
    .detail = { $name }: { $faults }
    .remedy = Have the certificate issued again, and install it as it came from the CA: { $cli }
cert-malformed--ok = Certificates of { $subject } are well-formed
cert-malformed--unknown = { $subject } holds no certificate
    .detail = Only keys or revocation lists were found in it.
    .remedy = Name the file with the certificate.
chain-incomplete = { $subject } does not serve its intermediate certificate
    .detail = { $known ->
        [both] Missing: { $missing } (key identifier { $keyid }, to be had from { $url }).
        [key] Missing: { $missing } (key identifier { $keyid }).
        [place] Missing: { $missing } (to be had from { $url }).
       *[none] Missing: { $missing }.
    } { $name } cannot be checked without it.
    .remedy = Put the missing certificate behind the server certificate in the chain file and install both: { $cli }
chain-incomplete--ok = Chain of { $subject } is complete
chain-incomplete--at-hand = { $subject } does not serve its intermediate certificate, which is at hand
    .detail = Missing: { $missing } (key identifier { $keyid }). The files given hold it: { $found }. { $whole ->
        [yes] With it the chain is complete.
       *[no] Then { $still } is still missing.
    }
    .remedy = Put it behind the server certificate in the chain file (--write-chain writes that file) and install both: { $cli }
chain-incomplete--fetched = { $subject } does not serve its intermediate certificate
    .detail = Missing: { $missing } (key identifier { $keyid }). It was fetched from { $url }: { $found }. { $whole ->
        [yes] With it the chain is complete.
       *[no] Then { $still } is still missing.
    }
    .remedy = { $count ->
        [one] Put it behind the server certificate in the chain file (--write-chain writes that file) and install both: { $cli }
       *[other] Put these { $count } certificates behind the server certificate in the chain file, in this order (--write-chain writes that file), and install them: { $cli }
    }
chain-incomplete--not-fetched = { $subject } does not serve its intermediate certificate, and it could not be fetched
    .detail = Missing: { $missing } (key identifier { $keyid }). { $url }: { $cause ->
        [scheme] not an http address, so not asked.
        [not-a-certificate] what came is not a certificate.
        [limit] not asked, too many requests already.
        [too-large] what came is too large for a certificate.
        [http-status] the server answered with HTTP status { $status }.
        [timeout] no answer within the time-out.
        [dns] the name does not resolve.
        [refused] the connection is refused.
        [fetched] what came is not the issuer.
       *[other] no answer ({ $cause }).
    }
    .remedy = Get the certificate from the CA, put it behind the server certificate in the chain file and install both: { $cli }
chain-order = The chain of { $subject } is in the wrong order
    .detail = Served: { $served }. Right: { $right }.
    .remedy = Write the chain file in the right order, server certificate first, and install it: { $cli }
chain-order--ok = Chain of { $subject } is in the right order
chain-unrelated = { $subject } serves certificates that do not belong to its chain
    .detail = { $count ->
        [one] Does not belong: { $certificates }
       *[other] Do not belong: { $certificates }
    }
    .remedy = Remove them from the chain file: { $cli }
chain-unrelated--ok = All certificates of { $subject } belong to its chain
chain-unrelated--other-key = { $subject } serves an issuer of the right name with the wrong key
    .detail = { $count ->
        [one] { $certificates } has the name of an issuer, but did not sign.
       *[other] { $certificates } have the name of an issuer, but did not sign.
    } The CA has probably renewed its intermediate certificate.
    .remedy = Get the intermediate certificate that goes with this server certificate from the CA and install it: { $cli }
chain-unrelated--duplicate = { $subject } serves a certificate twice
    .detail = { $count ->
        [one] Superfluous: { $certificates }
       *[other] Superfluous: { $certificates }
    }
    .remedy = Remove the second copy from the chain file: { $cli }
chain-unrelated--needless-root = { $subject } also serves its root certificate
    .detail = { $certificates } need not be served: whoever trusts it has it. It does no harm.
    .remedy = It may be left out of the chain file at the next renewal.
chain-invalid = The chain of { $subject } is not valid
    .detail = { $details } ({ $citations }).
    .remedy = Have the certificate issued again by a public CA, and install it with the chain that the CA supplies: { $cli }
chain-invalid--ok = Chain of { $subject } is valid
chain-invalid--profile = The chain of { $subject } departs from the certificate profile
    .detail = In technical terms: { $details }
    .remedy = Nothing needs to be done now. Tell the CA at the next renewal.
chain-invalid--unverifiable = Signatures in the chain of { $subject } cannot be verified here
    .detail = { $certificates }: this program cannot verify { $signature } with the issuer's key. That says neither that the chain is good nor that it is bad.
    .remedy = Check the chain with another tool. At the next renewal order a certificate with RSA, or with EC P-256 or P-384.
trust-expired = A Webex trust anchor in { $subject } has expired
    .detail = { $name } was valid until { $until } ({ $days ->
        [one] { $days } day ago
       *[other] { $days } days ago
    }).
    .remedy = Download the current chain in Partner Hub (Settings, BroadWorks Calling), split it into one file for each certificate, and load each: { $cli }
trust-expired--ok = No trust anchor in { $subject } has expired
    .detail = The first one is valid until { $until }.
trust-expires-soon = A Webex trust anchor in { $subject } expires in { $days ->
        [one] { $days } day
       *[other] { $days } days
    }
    .detail = { $name } is valid until { $until }. { $days } days left = { $percent } % of { $lifetime } days; warning from { $warn } days, critical from { $critical } days.
    .remedy = Download the current chain in Partner Hub (Settings, BroadWorks Calling), split it, and load it beside the old one under a new alias: { $cli }
trust-expires-soon--ok = No trust anchor in { $subject } expires soon
    .detail = The first one is valid until { $until }.
trust-not-yet-valid = A Webex trust anchor in { $subject } is not valid yet
    .detail = { $name } is valid from { $from }.
    .remedy = Check the clock. Keep the old chain loaded until then.
trust-not-yet-valid--ok = All trust anchors in { $subject } are already valid
    .detail = The first one is valid until { $until }.
trust-root-missing = The root to an issuing CA in { $subject } is missing
    .detail = { $name } was issued by { $issuer }, which is in none of the trust files.
    .remedy = Load the other part of the chain file as well: { $cli }
trust-root-missing--ok = The root is in the trust files ({ $subject })
trust-intermediate-missing = The issuing CA to a root in { $subject } is missing
    .detail = No certificate in the trust files was issued by { $name }.
    .remedy = Load the other part of the chain file as well: { $cli }
trust-intermediate-missing--ok = The issuing CA is in the trust files ({ $subject })
trust-not-a-ca = { $subject } holds a certificate that is not a CA
    .detail = { $name } cannot be a trust anchor for other certificates.
    .remedy = Take the chain file from Partner Hub, not the certificate of a server, and load it: { $cli }
trust-not-a-ca--ok = Only CA certificates in { $subject }
trust-private-key = { $subject } holds a private key
    .detail = { $count ->
        [one] { $count } private key was found.
       *[other] { $count } private keys were found.
    } A trust file needs none. The key is not packed into bundles.
    .remedy = Remove the key from the file. If the file was passed on, replace the key and its certificate.
trust-private-key--ok = No private key in { $subject }
trust-duplicate = { $subject } holds a certificate that is already there
    .detail = { $name } is also in { $other }.
    .remedy = Load each certificate once; a second copy does no harm.
trust-duplicate--ok = No certificate twice in { $subject }
trust-unsplit = { $subject } must be split before it is loaded
    .detail = { $count } certificates are in one file. BroadWorks reads only one for each alias.
    .remedy = Write each certificate into a file of its own and load each under its own alias: { $cli }
trust-unsplit--ok = { $subject } holds a single certificate
mtls-not-requested = { $subject } does not ask for a client certificate
    .detail = Webex identifies itself by a client certificate here. Without a request for it, anybody can connect, or the application refuses Webex.
    .remedy = Switch on client authentication for this interface: { $cli }
mtls-not-requested--ok = { $subject } asks for a client certificate
mtls-not-requested--unknown = Whether { $subject } asks for a client certificate could not be seen
    .detail = The handshake ended before that.
    .remedy = Put the connection right first, then run it again.
mtls-webex-ca-not-accepted = { $subject } does not accept the Webex CA
    .detail = Of the Webex chain file, none of { $missing } is among the { $count } accepted names: { $names }. Webex will not be let in.
    .remedy = Load the Webex CA chain, one certificate for each alias, and restart the interface: { $cli }
mtls-webex-ca-not-accepted--ok = { $subject } accepts the Webex CA
    .detail = Among the { $count } accepted names: { $present }.
mtls-webex-ca-not-accepted--partly = { $subject } accepts the Webex CA
    .detail = { $present } is among the { $count } accepted names, { $missing } is not. One of them is enough for the handshake.
    .remedy = Load the other part of the chain as well: { $cli }
mtls-webex-ca-not-accepted--old-generation = { $subject } accepts only the old Webex CA
    .detail = Accepted, until { $until }: { $old }. Not accepted, of the current chain: { $missing }. The connection breaks off when Webex changes over.
    .remedy = Load the current chain beside the old one, under new aliases: { $cli }
mtls-webex-ca-not-accepted--same-names = Which Webex CA { $subject } accepts cannot be decided from outside
    .detail = The old and the new chain bear the same names ({ $present }); the server sends names only.
    .remedy = Compare the fingerprints on the XSP: { $cli } (get lists them)
mtls-webex-ca-not-accepted--unknown = Whether { $subject } accepts the Webex CA was not checked
    .detail = No Webex chain file was given to compare with. Accepted names: { $names }
    .remedy = Name the chain file from Partner Hub with --trust, or under [trust] webex_ca in the configuration.
mtls-accepted-cas-unknown = { $subject } does not say which CAs it accepts
    .detail = It asks for a client certificate with an empty list. From outside it cannot be decided whether the Webex CA is loaded.
    .remedy = Compare the trust anchors on the XSP with the chain file: { $cli } (get lists them)
mtls-accepted-cas-unknown--ok = { $subject } names the CAs that it accepts ({ $count })
tls-mixed-addresses--installed = { $subject } does not serve the installed certificate
    .detail = Served: { $served }, valid until { $until }. In { $path }: { $installed }, valid until { $other }. The certificate was probably renewed but not loaded.
    .remedy = Load the certificate and restart the interface: { $cli }
tls-mixed-addresses--installed-ok = { $subject } serves the installed certificate
    .detail = It is the one in { $path }.
tls-mixed-addresses--installed-older = { $subject } serves a newer certificate than the one on disk
    .detail = Served: { $served }, valid until { $until }. In { $path }: { $installed }, valid until { $other }. The next restart may bring the older one back.
    .remedy = Put the certificate that is served into { $path } too, or name the file that is really installed: { $cli }
tls-mixed-addresses--installed-other = { $subject } serves quite another certificate than the one on disk
    .detail = Served: { $served }, valid until { $until }. In { $path }: { $installed }, valid until { $other }. They have no name in common.
    .remedy = Check whether { $path } belongs to this interface, and install the right certificate: { $cli }
tls-mixed-addresses--installed-none = None of the files goes with the certificate of { $subject }
    .detail = Served: { $served }. { $count ->
        [one] { $count } file was compared; it has none of its names.
       *[other] { $count } files were compared; none has any of its names.
    }
    .remedy = Name the file with the certificate of this server.
tls-mixed-addresses--earlier-ok = { $subject } serves the same certificate as in the bundle
    .detail = It is the one in { $path }, valid until { $until }.
tls-mixed-addresses--earlier-renewed = The certificate of { $subject } was renewed since the bundle
    .detail = In { $path }: { $installed }, valid until { $other }. Now: { $served }, valid until { $until }.
    .remedy = Nothing needs to be done, if the renewal was meant.
tls-mixed-addresses--earlier-older = { $subject } went back to an older certificate since the bundle
    .detail = In { $path }: { $installed }, valid until { $other }. Now: { $served }, valid until { $until }.
    .remedy = Install the newer certificate again: { $cli }
tls-mixed-addresses--odd-one = { $subject } differs from the other XSPs
    .detail = { $aspect ->
        [certificate] Here another certificate is shown ({ $own }) than by { $others } ({ $usual }), although each is valid for all these names.
        [issuer] Its certificate comes from { $own }; that of { $others } from { $usual }.
        [expiry] Its certificate ends on { $own }; those of { $others } all end on { $usual }.
        [length] It serves { $own } certificates; { $others } serve { $usual }.
        [versions] It offers { $own }; { $others } offer { $usual }.
        [client-auth] It differs from { $others } in asking for a client certificate ({ $own }; the others: { $usual }).
       *[accepted-names] It accepts other CA names for client certificates: { $own }. The others ({ $others }): { $usual }.
    }
    .remedy = Check whether this XSP was forgotten at the last change, and make it like the others.
tls-mixed-addresses--farm = The XSPs differ: { $subject }
    .detail = { $aspect ->
        [certificate] Here another certificate is shown ({ $own }) than by { $others } ({ $usual }), although each is valid for all these names.
        [issuer] The certificate comes from { $own }; that of { $others } from { $usual }.
        [expiry] The certificate ends on { $own }; that of { $others } on { $usual }.
        [length] Here { $own } certificates are served; by { $others } { $usual }.
        [versions] Here { $own } are offered; by { $others } { $usual }.
        [client-auth] They differ from { $others } in asking for a client certificate ({ $own }; there: { $usual }).
       *[accepted-names] Here these CA names are accepted for client certificates: { $own }. By { $others }: { $usual }.
    }
    .remedy = Check which of them is as it should be, and make them alike.
certs-webex-heading = Would Webex accept it?
certs-webex = { $both ->
    [yes-yes] Webex would accept { $target }. So would this machine (roots: { $store }).
    [yes-no] Webex would accept { $target }. This machine would not (roots: { $store }).
    [no-yes] Webex would not accept { $target }: { $reasons }. This machine would trust its certificate (roots: { $store }).
   *[no-no] Webex would not accept { $target }: { $reasons }. Neither would this machine (roots: { $store }).
    }
certs-webex-reason = { $check ->
    [cert-expired] a certificate has expired
    [cert-not-yet-valid] a certificate is not valid yet
    [cert-self-signed] the certificate is self-signed
    [cert-not-publicly-trusted] the certificate is not from a public CA
    [cert-host-name] the certificate is for another name
    [cert-weak-key] a key is too weak
    [cert-weak-signature] a signature is too weak
    [cert-key-usage] the certificate is not for servers
    [cert-revoked] a certificate is revoked
    [cert-malformed] a certificate is faulty
    [chain-incomplete] an intermediate certificate is not served
    [tls-protocol] TLS 1.2 is not offered
    [tls-cipher] the cipher is not one that Webex is known to offer
    [mtls-not-requested] no client certificate is asked for
   *[chain-invalid] the chain is not valid
    }
certs-table-state = State
certs-table-target = Target
certs-table-until = Valid until
certs-table-days = Days
certs-table-protocol = TLS
certs-table-issuer = Issuer
certs-reason = { $reason ->
    [dns] name not found
    [refused] refused
    [unreachable] no route
    [timeout-connect] no answer
    [timeout-handshake] silent
    [slow-peer] too slow
    [reset] connection closed
    [not-tls] not TLS
    [protocol-version] TLS version
    [internal] internal fault
   *[other] { $reason }
    }
certs-plugin-ok = { $count ->
    [one] { $count } chain is in order; it ends
   *[other] { $count } chains are in order; the first to end is that of { $subject }
    } in { $days ->
    [one] { $days } day
   *[other] { $days } days
    } ({ $when } UTC)
certs-plugin-none = nothing was checked
certs-progress = Connecting
certs-error-threshold = unknown threshold "{ $value }"
    .hint = Write days or hours, such as 30d or 36h, or a share of the lifetime, such as 33%.
certs-error-no-target = no target to check
    .hint = Name a server (xsp1.example.com, cti://xsp1.example.com) or a certificate file, or list the servers as [[xsp]] in the configuration.
certs-error-no-anchors = { $path } holds no trust anchor
    .hint = Name a file with CA certificates, or "mozilla" or "system".
certs-error-match = { $path } holds no certificate to compare with
    .hint = Name the file with the server certificate as it is installed.
certs-error-write-chain = no chain to write to { $path }
    .hint = Name exactly one server or file whose certificate can be read, and the missing certificates with --intermediates.
certs-system-roots = Not all roots of the operating system could be read: { $reason }
certs-chain-written = { $count ->
    [one] Chain with { $count } certificate written to { $path }. Install it with: { $cli }
   *[other] Chain with { $count } certificates written to { $path }. Install it with: { $cli }
    }
certs-chain-still-incomplete = The chain in { $path } is still incomplete: { $missing } is missing
    .hint = Get this certificate from the CA and name it with --intermediates.
help-certs--targets = HOST, HOST:PORT, https://, cti:// or auth://HOST[:PORT], or a certificate file; may end in #ip=ADDRESS. None: the [[xsp]] of the configuration
help-certs--trust = File or directory with the Webex CA chain that is installed as trust anchors for mutual TLS
help-certs--anchors = Trust these roots: a file, "mozilla" or "system"
help-certs--intermediates = Further CA certificates that may stand between server and root
help-certs--host = Check this name instead of the target's; for files the name under which they are served
help-certs--crl = File with certificate revocation lists
help-certs--max-depth = Allow at most this many intermediate certificates
help-certs--match = Compare with these certificate files or with an earlier bundle (file, directory, pattern, zip): is what was installed also served?
help-certs--write-chain = Write the corrected chain, in the right order, to this file
help-certs--aia = Fetch missing issuers over plain HTTP from where the certificates say they can be had, and say what would complete the chain
help-certs--output = Write to this file instead of standard output: replaced as a whole, readable by everybody (0644); for the textfile collector of the node exporter name it *.prom

## scan

help-extract--paths = Files, directories, archives or patterns; none or "-" reads standard input
extract-heading = { $kind ->
    [tracking-id] Tracking IDs
    [org] Organisation IDs
    [user-id] Webex user IDs
    [email] E-mail addresses
    [broadworks-user-id] BroadWorks user IDs
    [client-version] Webex App versions
    [broadworks-release] BroadWorks releases and patches
    [control-hub-build] Control Hub builds
    [error-code] Error codes
    [device-id] Device IDs
    [call-id] Call-IDs
    [time-frame] Time frame
   *[files] Read
    }
extract-role = { $role ->
    [customer] customer
    [partner] partner
    [user] affected user
    [other] someone else
   *[unknown] role unknown
    }
extract-seen = { $count ->
    [one] once, { $place }
   *[other] { $count } times, first { $place }
    }
extract-sure = { $evidence ->
    [label] certain: it stands behind a label
    [prefix] very likely: by its prefix
   *[shape] likely: by its shape
    }
extract-sure-label = certain: behind "{ $label }"
extract-time-frame = { $first } to { $last } (UTC)
extract-time-note = The first and the last time stamp near an error; without an error, of everything.
extract-nothing = Nothing that a service request asks for was found.
extract-files = { $files ->
    [one] one text
   *[other] { $files } texts
    } with { $lines ->
    [one] one line
   *[other] { $lines } lines
    }
extract-omitted = { $count ->
    [one] one sighting is not shown because there were too many different values
   *[other] { $count } sightings are not shown because there were too many different values
    }
    .hint = Read fewer files at a time, or use --format ndjson, which lists every hit.
extract-terminal = Paste the text, then press Ctrl-D on a line of its own.
extract-progress = Reading
extract-nothing-read = nothing could be read
    .hint = The messages above say what is wrong with each input.

## redact

redact-key-read = the redaction key { $path } cannot be read: { $reason }
    .hint = Check the path and the permissions, or leave out --key to use the key of this site.
redact-key-write = the redaction key { $path } cannot be created: { $reason }
    .hint = Make the directory writable, name a key with --key FILE, or use --fresh-key.
redact-key-length = { $path } is not a redaction key: { $bytes ->
        [one] it has { $bytes } byte
       *[other] it has { $bytes } bytes
    }; 32 bytes or 64 hexadecimal digits are needed
    .hint = Name the right file, or delete it so that a new key is made.
redact-key-permissions = the redaction key { $path } can be read by others (mode { $mode })
    .hint = Run: chmod 600 on this file. If others may have read it, delete it so that a new key is made.
redact-key-no-home = there is no home directory to keep the redaction key in
    .hint = Set HOME or XDG_STATE_HOME, name a key with --key FILE, or use --fresh-key.
redact-key-random = the operating system gives no random numbers: { $reason }
    .hint = Name an existing key with --key FILE.
redact-policy-kind = [redact] keep: there is no kind “{ $kind }”
    .hint = The kinds are: { $kinds }.
redact-policy-secret = [redact] keep: secrets of the kind “{ $kind }” cannot be kept
    .hint = Remove the entry. Secrets are always masked.
redact-policy-pattern = [redact] patterns: “{ $name }” is not a usable regular expression: { $reason }
    .hint = Correct the pattern, or remove it.
redact-policy-empty = [redact] patterns: “{ $name }” also matches empty text
    .hint = Write the pattern so that it matches at least one character, for example with + instead of *.
redact-error-binary = this is not a text file, so it cannot be searched for confidential data
    .hint = Unpack it first, or convert it to text. A screenshot can be attached with --attach.
redact-error-encoding = the encoding ({ $encoding }) cannot be read without loss
    .hint = Save the file as UTF-8.
redact-error-collision = two different values would get the same pseudonym
    .hint = Run it again with --fresh-key.
redact-error-read = it cannot be read to the end: { $reason }
    .hint = Check that the file is complete and that nothing changes it while it is read.
redact-error-certificate = entry { $number } is not a certificate
    .hint = Only certificates are passed on unchanged; remove everything else from the file.
redact-error-picture = this is not a picture (PNG, JPEG, GIF, WebP)
    .hint = Attach a picture of one of these formats, or a text file.
redact-error-map = this is a private map; it must not leave this machine
    .hint = Remove it from the list of files.
redact-map-read = the map { $path } cannot be read: { $reason }
    .hint = Name the file that was written with --map when the data was redacted.
redact-map-write = the map { $path } cannot be written: { $reason }
    .hint = Name a file in an existing directory that you may write to.
redact-map-format = { $path } is not a map of this program: { $reason }
    .hint = Name the file that was written with --map when the data was redacted.
help-redact--paths = Files or directories; none or “-”: standard input
help-redact--output = Write the redacted files into this new directory, under redacted names
help-redact--preview = Show every line that would change and count by kind; write nothing
help-redact--map = Also write the private map of pseudonyms to this file; never pass it on
help-redact--keep = A value to leave readable, or a whole kind as kind:NAME
help-redact--key = File with the key of the pseudonyms; else the site's own
help-redact--fresh-key = Use a new key, so that the result cannot be linked to others
help-restore--paths = The vendor's answer; none or “-”: standard input
help-restore--map = The private map that was written when the data was redacted
redact-source-read = { $file } cannot be read: { $reason }
    .hint = Check the name and the permissions.
redact-withheld = { $file } is withheld: { $reason }
redact-tree-not-empty = the directory { $path } is not empty
    .hint = Name a new directory with -o, so that old and new files are not mixed.
redact-tree-write = { $path } cannot be written: { $reason }
    .hint = Check the free space and the permissions of the output directory.
redact-writing = Redacting
redact-changed = { $file } changed after the first pass; values that were added since are replaced only where their label or shape tells what they are
    .hint = Redact it again when nothing writes to it, or redact a copy.
redact-error-encrypted = this file is encrypted (age), so it cannot be searched for confidential data
redact-map-recipient = “{ $recipient }” is not an age recipient
    .hint = A recipient begins with age1; “age-keygen -y KEYFILE” prints it.
redact-map-identity-read = the identity { $path } cannot be read: { $reason }
    .hint = Name the file that age-keygen wrote.
redact-map-identity-none = { $path } has no age identity
    .hint = Name the file that age-keygen wrote; it has a line that begins with AGE-SECRET-KEY-1.
redact-map-encrypted = the map { $path } is encrypted
    .hint = Name the file with your age identity: --identity FILE.
redact-map-undecryptable = none of the identities can decrypt the map { $path }
    .hint = Ask for whom it was encrypted, and name that identity with --identity.
redact-map-expired = the map { $path } should have been deleted on { $date }
    .hint = Delete it as soon as the case is closed; erase single persons with --forget.
redact-forgotten = { $count ->
        [one] { $count } pseudonym was
       *[other] { $count } pseudonyms were
    } erased from { $path }
redact-forgot-nothing = the map has nothing that stands for { $value }
    .hint = Give one value as it was written: an e-mail address, a phone number, a name, or the pseudonym.
help-redact--encrypt-to = Encrypt the map with age to this recipient (age1…); may be given several times
help-bundle--encrypt-to = Encrypt the bundle with age to this recipient (age1…), and the map too; may be given several times
help-bundle--encrypt-map-to = Encrypt only the map with age, to this recipient (age1…); may be given several times
help-bundle--sign = Sign the bundle with this OpenSSH private key; the signature is written beside it (.sig)
help-bundle--passphrase-file = File with the passphrase of the signing key; else W4B_SIGN_PASSPHRASE
help-verify--signer = Check the signature beside the bundle: file with the keys that may sign (allowed_signers of OpenSSH)
help-verify--signature = File with the signature; else the bundle’s name and .sig
help-inspect--identity = File with the age identity that opens an encrypted bundle; may be given several times
help-verify--identity = File with the age identity that opens an encrypted bundle; may be given several times
help-diff--identity = File with the age identity that opens an encrypted bundle; may be given several times
help-upload--identity = File with the age identity that opens an encrypted bundle; may be given several times
help-restore--identity = File with the age identity that decrypts the map
help-restore--forget = Erase this value from the map; may be given several times
redact-learning = First pass: collecting values
redact-map-written = The private map is in { $path }. Keep it; never pass it on.
redact-summary = { $redacted ->
        [one] { $redacted } value
       *[other] { $redacted } values
    } replaced in { $files ->
        [one] { $files } file
       *[other] { $files } files
    }, { $kept } kept as evidence
redact-heading-redacted = Replaced
redact-heading-kept = Kept as evidence
redact-restored = { $count ->
        [one] { $count } pseudonym
       *[other] { $count } pseudonyms
    } replaced by the real value
redact-restore-unknown = { $count ->
        [one] { $count } pseudonym is
       *[other] { $count } pseudonyms are
    } not in this map
    .hint = Use the map of the same bundle. Pseudonyms of another key cannot be turned back.
redact-kind = { $kind ->
        [tracking-id] tracking IDs
        [customer-org] customer organisation IDs
        [partner-org] partner organisation IDs
        [org] organisation IDs
        [user-id] Webex user IDs
        [broadworks-user-id] BroadWorks user IDs
        [email] e-mail addresses
        [client-version] client versions
        [broadworks-release] BroadWorks releases
        [control-hub-build] Control Hub builds
        [error-code] error codes
        [timestamp] times
        [call-id] Call-IDs
        [device-id] device IDs
        [fingerprint] fingerprints and serial numbers
        [token] access tokens
        [jwt] JSON web tokens
        [password] passwords
        [cookie] cookies and session IDs
        [sip-digest] SIP digest fields
        [signed-url] signed URL parameters
        [private-key] private keys
        [phone] phone numbers
        [person-name] names of persons
        [ip-address] IP addresses
        [mac-address] MAC addresses
        [host-name] own host names
        [custom] own patterns
       *[other] { $kind }
    }
redact-self-test-cases = the built-in cases cannot be read: { $reason }
    .hint = This is a fault of the program. Please report it.
bundle-redacted--files = { $redacted ->
        [one] { $redacted } value
       *[other] { $redacted } values
    } replaced in { $files ->
        [one] { $files } file
       *[other] { $files } files
    }
    .detail = Secrets are masked, personal data became pseudonyms.
    .remedy = { "" }
bundle-incomplete--withheld = { $subject } was withheld
    .detail = { $reason }
    .remedy = Convert the file to readable text and redact it again, or leave it out.
bundle-redacted--self-test-ok = { $group ->
        [secrets] Secrets are masked
        [personal] Personal data becomes pseudonyms
        [evidence] Evidence stays readable
        [negatives] Ordinary text is left alone
       *[withheld] Unreadable files are withheld
    }
    .detail = { $count ->
        [one] { $count } run passed.
       *[other] { $count } runs passed.
    }
    .remedy = { "" }
bundle-redacted--self-test-failed = Case { $subject } came out wrong ({ $form })
    .detail = { $group ->
        [secrets] Nothing leaked, but the text around the secret changed.
        [personal] Nothing leaked, but the pseudonym or the text around it is not what it should be.
        [evidence] Evidence was changed.
        [negatives] Ordinary text was changed.
       *[withheld] The file should have been withheld.
    }
    .remedy = Report it with the name of the case. Look at the preview before you share a bundle.
bundle-secret-left--self-test = Case { $subject } leaks ({ $form })
    .detail = { $group ->
        [secrets] A secret stayed readable.
        [personal] Personal data stayed readable.
       *[other] Something that must not leave was not stopped.
    }
    .remedy = Do not share bundles made by this program on this machine. Report it with the name of the case.

## case

case-fact--customer-org = Customer organisation ID
case-fact--partner-org = Partner organisation ID
case-fact--tracking-id = Tracking ID
case-fact--user-email = User's e-mail address
case-fact--client-version = Client version
case-fact--time-frame = Time frame

case-customer-org = Customer organisation ID is missing
    .detail = No organisation ID of the customer was given or found in the input. Cisco TAC asks for it first.
    .remedy = Partner Hub, Customers, open the customer's Control Hub, Account: copy the organisation ID. In a copied error block it stands behind “View Org ID”. Then give it with --customer-org.
case-customer-org--ok = Customer organisation ID: { $value }
    .detail = From { $source }.
case-customer-org--several = { $count ->
        [one] { $count } customer organisation ID
       *[other] { $count } different customer organisation IDs
    }
    .detail = Found: { $values }. A service request is about one customer.
    .remedy = Decide which customer the case is about and give it with --customer-org, or open one case for each customer.
case-customer-org--role = An organisation ID was found, but not whose it is
    .detail = Found without a label that says customer or partner: { $values }.
    .remedy = Compare with Partner Hub, Customers, the customer's Control Hub, Account. Give the customer's ID with --customer-org and your own with --partner-org.
case-partner-org = Partner organisation ID is missing
    .detail = No organisation ID of your own partner organisation was given or found in the input.
    .remedy = Sign in to Partner Hub with your own account, Account: copy the organisation ID. In a copied error block it stands behind “Logged-in User Org ID”. Then give it with --partner-org, or once for all in the configuration as [provider] partner_org.
case-partner-org--ok = Partner organisation ID: { $value }
    .detail = From { $source }.
case-partner-org--several = { $count ->
        [one] { $count } partner organisation ID
       *[other] { $count } different partner organisation IDs
    }
    .detail = Found: { $values }. You usually have one partner organisation.
    .remedy = Check in Partner Hub, Account, which one is yours and give it with --partner-org.
case-partner-org--same = Partner and customer organisation ID are the same
    .detail = Both are { $value }. That is right only when the fault is in your own organisation.
    .remedy = If the fault is at a customer, open this customer's Control Hub, Account, and give its ID with --customer-org.
case-tracking-id = No tracking ID
    .detail = No tracking ID was found in the input. It is needed only if the error message or the screen shows one.
    .remedy = Look at the error message again: press “Copy” or “Details” in Control Hub, or copy the whole error text. If a tracking ID is there, hand in the text with --text. If none is shown, go on without it.
case-tracking-id--ok = { $count ->
        [one] Tracking ID: { $value }
       *[other] { $count } tracking IDs, first { $value }
    }
    .detail = From { $source }.
case-tracking-id--outside = The tracking ID does not fit the time frame
    .detail = { $value } is from { $at }, the time frame is { $first } to { $last }.
    .remedy = Check whether the error text belongs to this fault. If so, correct the time frame with --since and --until.
case-user-email = User's e-mail address is missing
    .detail = No e-mail address of an affected user was given or found in the input.
    .remedy = Control Hub, Users, open the user: copy the e-mail address, then give it with --user-email. If everybody is affected, give one user as an example.
case-user-email--ok = User: { $value }
    .detail = From { $source }.
case-user-email--ok-id = User by Webex ID: { $value }
    .detail = From { $source }. TAC can find the user by this ID as well; the e-mail address makes it quicker.
case-user-email--broadworks = Only the BroadWorks ID of the user is known
    .detail = Known: { $value }. TAC searches by the e-mail address or by the Webex user ID.
    .remedy = Partner Hub, the onboarding template, Show User Status: find the row with this BroadWorks ID. Or Control Hub, Users. Then give the e-mail address with --user-email.
case-user-email--several = { $count ->
        [one] { $count } user's e-mail address
       *[other] { $count } different users' e-mail addresses
    }
    .detail = Found: { $values }.
    .remedy = Name the one user whose fault is described best with --user-email; the others can stay in the description.
case-client-version = Client version is not known
    .detail = No version of the Webex App was given or found. It is needed only if the fault shows in a client.
    .remedy = In the Webex App, profile picture, Help, About Webex (on a phone: Settings, About): copy the version and the platform, then give it with --client-version. If the fault shows only in Control Hub or Partner Hub, go on without it.
case-client-version--ok = Client version: { $value }
    .detail = From { $source }.
case-client-version--implausible = There is no such client version: { $value }
    .detail = Versions of the Webex App are made of year, month, patch and build, such as 44.3.0.28993. { $value } (from { $source }) does not fit that.
    .remedy = Read the version again in the Webex App: profile picture, Help, About Webex. Then give it with --client-version.
case-time-frame = Time of the fault is not known
    .detail = No time was given, and no time stamp near an error was found in the input.
    .remedy = Ask the user when it happened last and give it with --since and --until, with the time zone: 2026-11-22T10:00:00+01:00.
case-time-frame--ok = Time frame: { $first } to { $last }
    .detail = Times are in UTC.
case-time-frame--future = The time frame lies in the future
    .detail = It begins at { $first }, later than the time of this check, { $now }.
    .remedy = Check day, month and time zone, and give the time with --since and --until.
case-time-frame--reversed = The time frame ends before it begins
    .detail = It runs from { $first } to { $last }.
    .remedy = Swap or correct --since and --until.
case-time-frame--wide = The time frame is { $days } days long
    .detail = It runs from { $first } to { $last }. TAC can search its logs only for a short time.
    .remedy = Give the time of one occurrence, an hour or less, with --since and --until.

case-escalation--fix-first = { $count ->
        [one] Fix this first: { $count } finding on your side
       *[other] Fix this first: { $count } findings on your side
    }
    .next = Work through them in the order shown, then try again. Open a service request only if the fault stays.
case-escalation--wait = Wait: Webex has an open incident that fits
    .next = Subscribe to the incident on the status page and tell the customer. Check again when it is closed; escalate only if the fault stays.
case-escalation--incomplete = { $count ->
        [one] Incomplete: { $count } fact is missing or unclear
       *[other] Incomplete: { $count } facts are missing or unclear
    }
    .next = Get what is listed, then check again. TAC would ask for it.
case-escalation--ready = Ready for a service request
    .next = Make the bundle with “w4b-diag bundle”, open a case in Support Case Manager, paste the text of service-request.txt and upload the zip.

release-unsupported = { $subject }: BroadWorks { $release } is no longer supported
    .detail = { $kind ->
        [ended] Maintenance of release { $major } ended on { $ends }.
       *[n-2] Release { $current } is current; support covers it and the two major releases before it (N-2), so release { $major } is out.
    }
    .remedy = Plan the upgrade to release { $current }. Cisco may ask for it before it looks into the fault.
release-unsupported--ok = { $subject }: BroadWorks { $release } is supported
    .detail = Release { $major } is one of the supported releases, according to data of { $dated }.
release-unsupported--ends = { $subject }: support of BroadWorks { $release } ends on { $ends }
    .detail = Release { $current } is current.
    .remedy = Plan the upgrade before { $ends }.
release-unknown = { $subject }: support of BroadWorks “{ $release }” could not be judged
    .detail = { $reason ->
        [independent] It is a release-independent version; they are supported by date and not by major release, and the dates are not known here.
        [newer] Release { $major } is newer than the data of { $dated } that this program has.
       *[unreadable] The text is not a BroadWorks release such as 25.0, Rel_25.0_1.944 or 2022.11.
    }
    .remedy = { $reason ->
        [unreadable] Read the release with “bwshowver” on the server and give it with --broadworks-release.
       *[other] Compare with the life-cycle page of BroadWorks.
    }
check-fault-known = No error is known that is mended outside Webex
check-fault-unknown-code = Every error code is known
fault-known = { $meaning }
    .detail = { $cause } Found in { $source }.
    .remedy = { $steps }
fault-known--procedure = The text is about: { $meaning }
    .detail = Found in { $source }.
    .remedy = The steps: w4b-diag explain { $id }
fault-unknown-code = { $count ->
        [one] This error code is not in the catalogue: { $codes }
       *[other] These error codes are not in the catalogue: { $codes }
    }
    .detail = What is not known is not guessed.
    .remedy = Keep the whole error text with the code and the tracking ID; both go into the service request.
case-customer-org--ok-others = Customer organisation ID: { $value }
    .detail = As given ({ $source }). The input also names other customer organisations: { $values }.
    .remedy = Check that the texts and logs belong to this customer.
case-where--customer-org = Partner Hub › Customers › the customer's Control Hub › Account
case-where--partner-org = Partner Hub › Account
case-where--tracking-id = the error message: “Copy” or “Details”; only if it shows one
case-where--user-email = the customer's Control Hub › Users › the user
case-where--client-version = Webex App › profile picture › Help › About; only for faults of the app
case-where--time-frame = ask the user: day, time, time zone
help-case--tracking-id = Tracking ID that the error message or the screen shows
help-case--answers = Answers that “explain activation” or “explain order” wrote with --save
help-case--interactive = Ask on the terminal for what is missing
error-interactive = --interactive needs a terminal: there is nobody to ask
    .hint = Start the program on a terminal without redirecting input or standard error, or give the facts with flags such as --customer-org.
error-case-tracking = { $flag }: "{ $value }" is not a tracking ID
    .hint = A tracking ID looks like ATLAS_0a1b2c3d-1111-4222-8333-444455556666, or is 32 hexadecimal digits.
error-case-answers = { $path } is not a file of answers: { $reason }
    .hint = Write one with “w4b-diag explain activation --save FILE” or “explain order --save FILE”.
bundle-why-dialogue = Questions and answers of a guided dialogue
prompt-default = { $question } [{ $default }]:
prompt-open = { $question } (Enter: skip):
prompt-choices = { $question } ({ $choices })
prompt-number = Number { $choices }
prompt-yes-no = yes/no
prompt-error-offered = “{ $answer }” is not one of the answers
    .hint = Possible: { $offered }
prompt-error-date = “{ $answer }” is not a date
    .hint = Write year-month-day, for example 2026-11-22.
prompt-error-file = “{ $answer }” is not a file
    .hint = Give the path of a picture, or press Enter to go on.
prompt-error-partner-org = “{ $answer }” is your own partner organisation
    .hint = The organisation of the customer is asked for.
prompt-error-version = There is no client version “{ $answer }”
    .hint = Versions of the Webex App are made of year, month, patch and build, such as 46.10.0.33788.
prompt-error-time = “{ $answer }” is not a time
    .hint = Write 2026-11-20T10:00:00+01:00, or 2026-11-20 10:00 for UTC.
prompt-error-future = “{ $answer }” lies in the future
    .hint = Check day, month and time zone.
prompt-error-release = “{ $answer }” is not a BroadWorks release
    .hint = For example 25.0, Rel_25.0_1.944 or 2022.11; “bwshowver” on the server shows it.
dialogue-text = Paste the error text as it is shown; an empty line ends it.
dialogue-screenshot = Picture of the screen to attach (path):
dialogue-since = When did it begin? (2026-11-20 10:00 is UTC; else with time zone)
dialogue-until = Until when?
dialogue-release = BroadWorks release of the server “{ $role }”
dialogue-untrusted-emails = In the onboarding template, User Verification: is “Untrusted Emails” selected?
dialogue-share-link = Does “Share Link” there point to the activation link?
dialogue-retried = Has the user clicked “Try again” in the User Activation Portal once?
dialogue-user-status = What does “Show User Status” say of the user?
dialogue-state = { $state ->
        [provisioned] provisioned
        [pending] a requirement is pending
        [error] error
       *[absent] the user is not listed
    }
dialogue-onboarded = Is the organisation already in Control Hub (point of no return)?
dialogue-requested-start = Requested start date of the order (RSD)
dialogue-line = State of the order line in CCW:
dialogue-line-state = { $state ->
        [pending] Pending provisioning details
       *[closed] Closed
    }
dialogue-offer = What was ordered?
dialogue-offer-name = { $offer ->
        [a-flex] A-Flex or A-Flex-3 (closes after { $days } days)
       *[other] another collaboration offer (closes after { $days } days)
    }
dialogue-ccw-access = Can you resend the e-mail in CCW yourself?
dialogue-resend-failed = Was resending tried, and did it fail?
check-release-patch = The patches that Webex needs are installed, and the servers fit each other
release-patch--ok = { $subject }: { $patch } is installed
    .detail = { $purpose ->
        [flow-through] Flow-through provisioning needs it.
       *[other] Webex for BroadWorks needs it.
    }
release-patch--older = { $subject }: the patch level { $highest } is older than { $patch }
    .detail = { $purpose ->
        [flow-through] Flow-through provisioning needs { $patch }; the highest patch seen is { $highest }.
       *[other] Webex for BroadWorks needs { $patch }; the highest patch seen is { $highest }.
    }
    .remedy = List the patches on the server (Maintenance/Patching in the CLI). If it is missing, install { $patch } or the current patch bundle.
release-patch--unseen = { $subject }: { $patch } was not seen
    .detail = { $purpose ->
        [flow-through] Flow-through provisioning needs it. Later patches were seen (up to { $highest }), but each patch is installed for itself.
       *[other] Webex for BroadWorks needs it. Later patches were seen (up to { $highest }), but each patch is installed for itself.
    }
    .remedy = List the patches on the server (Maintenance/Patching in the CLI) and look for { $patch }.
release-patch--same = The servers have the same level: { $levels }
    .detail = Compared by release, and by the highest patch seen.
release-patch--differs = The servers differ: { $levels }
    .detail = Compared by release, and by the highest patch seen. That can be intended.
    .remedy = Compare with the compatibility matrix of BroadWorks. If one server was forgotten in an update, bring it to the level of the others.
check-unclear = unclear: { $value }
check-where = { $needed ->
        [yes] missing → { $place }
       *[no] none → { $place }
    }

## collect

progress-collect = collecting
error-case-org = { $flag }: "{ $value }" is not an organisation ID
    .hint = An organisation ID is 32 hexadecimal digits separated by hyphens, as Control Hub shows it under Account.
error-case-release = --broadworks-release: "{ $value }" is not ROLE=RELEASE
    .hint = For example: --broadworks-release as=25.0
error-case-email = { $flag }: "{ $value }" is not an e-mail address
    .hint = Give the address with which the user signs in to Webex, for example user@example.com.
error-case-time = configuration, [case] { $key }: "{ $value }" is not a time
    .hint = Write it as RFC 3339 with a time zone, for example 2026-11-20T08:00:00Z.
error-case-frame = the time frame ends before it begins
    .hint = Exchange --since and --until, or check their time zones.
error-case-nothing = there is nothing to look at
    .hint = Name an error text (--text FILE, "-" for standard input), a log, an export or an XSP, or a configuration with --config.
error-case-terminal = standard input is a terminal and nothing was typed
    .hint = Paste the error text and end it with Ctrl-D on a line of its own, or name a file.
error-xsp-address = configuration, [[xsp]] { $host }: "{ $address }" is not an IP address
    .hint = Write IPv4 or IPv6 addresses under "addresses", or leave the key out to ask DNS.
error-xsp-half-identity = configuration, [[xsp]] { $host }: client_cert and client_key belong together
    .hint = Name both files, or neither.
error-no-network = not asked: the network is switched off for this run
    .hint = Run again without --no-network, or give a saved answer as file.
error-collect-internal = a part of the program failed: { $part }
    .hint = The rest of the report stands. Please report this with the output of --verbose.
error-attachment-kind = not a picture; what cannot be scanned for secrets is not packed
    .hint = Attach PNG, JPEG, GIF or WebP. Texts, logs and archives go to --log or --text.
error-attachment-read = cannot be read: { $reason }
    .hint = Check the path and the permissions.
bundle-incomplete--input = Left out: { $subject }
    .detail = { $cause }
    .remedy = { $hint }
check-readiness = Ready for a service request?
check-value = { $value } ({ $source })
check-more = and { $count } more
check-time-frame = { $first } to { $last }
bundle-why-status = What the status page answered, as received
bundle-why-status-record = How the status page was asked, and what came of it
bundle-why-chain = Certificates as the server presented them
bundle-why-observation = What was seen at this endpoint
bundle-why-certificate = Certificate installed on the XSP
bundle-why-trust = Trust anchors for mutual TLS
bundle-why-users = User export, redacted
bundle-why-text = Error text, redacted
bundle-why-log = Log, redacted
bundle-why-attachment = Attachment; a picture cannot be scanned for secrets
bundle-why-problem = Could not be collected
bundle-why-request = Text to paste into the service request
bundle-why-markdown = The text of the service request as Markdown
bundle-why-html = The report as a page
bundle-why-json = The report for programs
bundle-why-handover = The same text in the language of the agent
bundle-reason-private-key = { $count -> 
    [one] the file also held a private key, which was not packed; replace that key if the file was shared
   *[other] the file also held { $count } private keys, which were not packed; replace those keys if the file was shared
 }
bundle-declined = nothing was written
bundle-map-written = The private map was written to { $path }; keep it, and never send it.
bundle-written = Bundle: { $path } ({ $files } files, { $kilobytes } kB). Paste service-request.txt into the service request and attach the zip.
bundle-encrypted = The bundle is encrypted. { $count ->
        [one] Only the holder of the secret key of { $recipients } can open it
       *[other] Only the holders of the secret keys of { $recipients } can open it
    }: age --decrypt --identity KEY --output { $zip } { $path }. Cisco TAC cannot, unless a key is theirs.
bundle-signed = Signature: { $path } (key { $key }). Send it along with the bundle.
bundle-ask = Pack these files? [y/N]
bundle-ask-yes = y yes
preview-title = What would be shared
preview-file = { $path } ({ $kilobytes } kB)
preview-withheld = left out: { $reason }
preview-redacted = redacted: { $count } × { $kind ->
    [tracking-id] tracking IDs
    [customer-org] customer organisation IDs
    [partner-org] partner organisation IDs
    [org] organisation IDs
    [user-id] user IDs
    [broadworks-user-id] BroadWorks user IDs
    [email] e-mail addresses
    [client-version] client versions
    [broadworks-release] BroadWorks releases
    [control-hub-build] Control Hub builds
    [error-code] error codes
    [timestamp] time stamps
    [call-id] Call-IDs
    [device-id] device IDs
    [fingerprint] fingerprints
    [token] access tokens
    [jwt] JSON web tokens
    [password] passwords and secrets
    [cookie] cookies and session IDs
    [sip-digest] SIP digest fields
    [signed-url] signed URL parameters
    [private-key] private keys
    [phone] phone numbers
    [person-name] names of persons
    [ip-address] IP addresses
    [mac-address] MAC addresses
    [host-name] host names
   *[custom] own patterns
 }
preview-also = Besides these, README.txt says how to read the bundle, and manifest.json lists every file with its SHA-256, source, time and redactions. Both are made while packing.
preview-total = { $files } files, { $kilobytes } kB, { $redactions } values redacted. Nothing was written.

## users

users-error-empty = the file is empty
    .hint = Export the list again: Partner Hub, the template, Show User Status, Export.
users-error-binary = the file is not text
    .hint = Save the spreadsheet as CSV (UTF-8) and hand in that file.
users-error-columns = the file has { $count } columns
    .hint = This is no list of users. Check which file was handed in.
users-error-read = cannot read { $path }: { $reason }
    .hint = Check the path and the rights of the file.
users-error-directory = { $path } is a directory
    .hint = Name the CSV file in it.
users-error-too-large = { $path } is too large: { $bytes } bytes
    .hint = Split the file or export fewer users.
users-summary = { $file }: { $kind ->
        [user-status] user status
        [bulk-users] bulk users
       *[unknown] kind not recognised
    }, { $count ->
        [one] { $count } row
       *[other] { $count } rows
    }
users-counts = provisioned { $provisioned } · pending { $pending } · stuck { $stuck } · failed { $failed } · not understood { $unknown }
users-group = { $count ->
        [one] { $count } user
       *[other] { $count } users
    }: { $cause }
users-group-more = { $count ->
        [one] … and { $count } more
       *[other] … and { $count } more
    }
users-cause-none = no error text
users-cause-pending = still pending
users-cause-stuck = pending for too long
users-cause-status = a status that is not understood
users-see = More: w4b-diag explain { $id }
users-action = { $action ->
        [delete-user] Correct what is wrong, then Partner Hub, Show User Status, three dots: Delete User; the user can onboard again.
        [change-package] Partner Hub, Show User Status, three dots: Change Package Type (or remove the package and assign it again).
        [retry-activation] Partner Hub, Show User Status, three dots: Retry Activation, with a valid e-mail address.
        [copy-error-text] Partner Hub, Show User Status, three dots: Copy Error Text; it belongs in the service request.
        [ask-user] Ask the user to enter or confirm the e-mail address; then Retry Activation.
        [wait] Wait several minutes and export again.
       *[none] Nothing has to be done.
    }
user-error = { $subject }: provisioning failed
    .detail = { $text ->
        [some] Line { $line }: { $error }
       *[none] Line { $line }, status “{ $status }”, without an error text.
    }
    .remedy = { users-action }
user-error--ok = No user failed, is pending or is there twice
    .detail = { $count ->
        [one] { $count } user in the file.
       *[other] { $count } users in the file.
    }
user-error--status = { $subject }: the status “{ $status }” is not understood
    .detail = Line { $line }. Whether this user works is not known.
    .remedy = Look it up in Partner Hub, Show User Status.
user-error--more = { $count ->
        [one] { $count } more failed user
       *[other] { $count } more failed users
    }
    .detail = They are not listed one by one here; the data of the report and --format csv have all of them.
    .remedy = Work through the causes in their groups.
user-pending = { $subject }: pending
    .detail = { $known ->
        [yes] Line { $line }, status “{ $status }” for { $minutes } minutes.
       *[no] Line { $line }, status “{ $status }”. Since when, the file does not say.
    }
    .remedy = { users-action }
user-pending--more = { $count ->
        [one] { $count } more pending user
       *[other] { $count } more pending users
    }
    .detail = They are not listed one by one here; the data of the report and --format csv have all of them.
    .remedy = Wait several minutes and export again.
user-stuck = { $subject }: pending for too long
    .detail = Line { $line }, status “{ $status }” for { $minutes } minutes. Provisioning takes several minutes.
    .remedy = { users-action }
user-stuck--more = { $count ->
        [one] { $count } more user pending for too long
       *[other] { $count } more users pending for too long
    }
    .detail = They are not listed one by one here; the data of the report and --format csv have all of them.
    .remedy = Retry the activation; if many are stuck, check the status page.
user-duplicate = { $field ->
        [email] The e-mail address { $value } is there twice
       *[broadworks_id] The BroadWorks ID { $value } is there twice
    }
    .detail = In lines { $earlier } and { $line }.
    .remedy = Only one user can have it. Find out which is right, and delete the other one.
user-duplicate--more = { $count ->
        [one] { $count } more duplicate
       *[other] { $count } more duplicates
    }
    .detail = They are not listed one by one here.
    .remedy = Sort the file by this column to see them.

csv-encoding = Line { $line } has characters that cannot be read
    .detail = They are shown as �; everything else was read.
    .remedy = Save the file as UTF-8 and check this line.
csv-encoding--open-quote = Line { $line }: a quotation mark is not closed
    .detail = The line was read without quotation marks, so no row is lost. Control Hub would swallow the rows behind it.
    .remedy = Close or remove the quotation mark in this line.
csv-encoding--cells = { $found ->
        [one] Line { $line } has { $found } cell instead of { $expected }
       *[other] Line { $line } has { $found } cells instead of { $expected }
    }
    .detail = The cells may stand in the wrong columns.
    .remedy = Look for a missing or surplus delimiter in this line; put cells with a delimiter in quotation marks.
csv-encoding--guessed = The encoding was guessed: { $encoding }
    .detail = The file has no byte order mark and is not UTF-8.
    .remedy = If letters look wrong, save the file as UTF-8.
csv-encoding--huge = Line { $line }, column “{ $column }”: a cell of { $bytes } bytes
    .detail = No field of a user is that long; perhaps a whole log was pasted.
    .remedy = Check this cell.
csv-encoding--header = No column of the header is understood
    .detail = Line { $line }: { $names }
    .remedy = Check whether this is a list of users, whether the first line is the header, and whether the delimiter is a comma, semicolon, tab or vertical bar.
csv-encoding--more = { $count ->
        [one] { $count } more fault in the file
       *[other] { $count } more faults in the file
    }
    .detail = They are not listed one by one here.
    .remedy = Correct the first ones and check again.
csv-missing-field = Line { $line }: { $field ->
        [email] the e-mail address
        [extension] extension or phone number
        [location] the location
        [jabber_calling] Jabber Calling
        [jabber_teams] Jabber with Webex Teams
       *[other] “{ $column }”
    } is missing
    .detail = { $why ->
        [always] Mandatory in every row.
       *[package] Mandatory for { $packages }.
    }
    .remedy = Fill in the column “{ $column }”, else the import gives an error.
csv-missing-field--column = The column for { $field ->
        [email] the e-mail address
        [extension] extension or phone number
        [location] the location
        [jabber_calling] Jabber Calling
       *[jabber_teams] Jabber with Webex Teams
    } is missing
    .detail = It is mandatory for the packages in this file.
    .remedy = Add the column; best begin with the CSV template that Control Hub offers for download.
csv-missing-field--site = Line { $line }: no preferred Webex site
    .detail = The import gives no error, but the user's meeting site causes trouble later.
    .remedy = Fill in the preferred Webex site for all packages except Webex Voice.
csv-missing-field--ok = No mandatory field is missing and no value is wrong
    .detail = { $count ->
        [one] { $count } row checked.
       *[other] { $count } rows checked.
    }
csv-missing-field--more = { $count ->
        [one] { $count } more missing field
       *[other] { $count } more missing fields
    }
    .detail = They are not listed one by one here.
    .remedy = Correct the first ones and check again.
csv-invalid-value--email = Line { $line }: “{ $value }” is no valid e-mail address
    .detail = Column “{ $column }”. It needs one @, a domain with a dot, no blanks and no accented letters.
    .remedy = Correct the address.
csv-invalid-value--email-plus = Line { $line }: the e-mail address { $value } contains a “+”
    .detail = Column “{ $column }”. With such an address starting a meeting fails.
    .remedy = Use an address without “+”.
csv-invalid-value--number = Line { $line }: “{ $value }” is no phone number
    .detail = Column “{ $column }”. Allowed are + in the first place, 7 to 15 digits, and -.
    .remedy = Write it as E.164, such as +4930123456.
csv-invalid-value--number-no-plus = Line { $line }: { $value } has no country code
    .detail = Column “{ $column }”. A number begins with + and the country code.
    .remedy = Write it as E.164, such as +4930123456.
csv-invalid-value--number-scientific = Line { $line }: a spreadsheet program spoilt the number { $value }
    .detail = Column “{ $column }”. The last digits are lost.
    .remedy = Format the column as text in the spreadsheet, fill in the numbers again and save.
csv-invalid-value--boolean = Line { $line }: “{ $value }” is neither TRUE nor FALSE
    .detail = Column “{ $column }”.
    .remedy = Write TRUE or FALSE.
csv-invalid-value--boolean-language = Line { $line }: “{ $value }” instead of TRUE or FALSE
    .detail = Column “{ $column }”. Spreadsheet programs translate TRUE and FALSE; Control Hub expects the English words.
    .remedy = Write TRUE or FALSE; format the column as text before.
csv-invalid-value--extension = Line { $line }: “{ $value }” is no extension
    .detail = Column “{ $column }”. An extension has digits only, at most ten.
    .remedy = Correct the extension.
csv-invalid-value--more = { $count ->
        [one] { $count } more invalid value
       *[other] { $count } more invalid values
    }
    .detail = They are not listed one by one here.
    .remedy = Correct the first ones and check again.
csv-package-conflict = Line { $line }: several packages at once: { $packages }
    .detail = A user has one wholesale package.
    .remedy = Leave TRUE at one package and set the others to FALSE.
csv-package-conflict--removal-incomplete = Line { $line }: neither removed nor assigned
    .detail = Some package columns are FALSE and the others are empty.
    .remedy = To delete the user, set all package columns to FALSE; to keep the user, set one to TRUE.
csv-package-conflict--base = Line { $line }: the base licence “{ $licence }” beside a package
    .detail = The user gets it in addition to the package.
    .remedy = If that is not wanted, set it to FALSE.
csv-package-conflict--removals = { $count ->
        [one] { $count } user will be deleted from the customer organisation
       *[other] { $count } users will be deleted from the customer organisation
    }
    .detail = All package columns of these rows are FALSE.
    .remedy = Check that this is intended.
csv-package-conflict--behaviour = At import choose “Add and remove services”
    .detail = Otherwise Basic Messaging, Basic Space Meetings and Call on Webex are assigned in addition to the package.
    .remedy = Control Hub, Users, Manage users, CSV add or modify, CSV import behaviour.
csv-package-conflict--more = { $count ->
        [one] { $count } more conflict of packages
       *[other] { $count } more conflicts of packages
    }
    .detail = They are not listed one by one here.
    .remedy = Correct the first ones and check again.
help-users--file = CSV file of Partner Hub or Control Hub; - reads standard input
help-users--exclude-provisioned = Leave out users that are provisioned
users-error-overwrite = { $path } is the original; the corrected copy is not written over it
    .hint = Give another file with --write-corrected.
users-error-no-import = { $path } is no bulk-user file: there is nothing to correct
    .hint = Only files to be imported into Control Hub are corrected; an export shows what is there.
users-corrected = { $count ->
        [one] Corrected copy: { $path } ({ $count } change)
       *[other] Corrected copy: { $path } ({ $count } changes)
    }
users-change = { $kind ->
        [delimiter] whole file: delimiter “{ $before }” → “{ $after }”
        [encoding] whole file: encoding { $before } → { $after }
        [cells] line { $line }: { $before } → { $after } cells, the new ones empty
       *[other] line { $line }, column “{ $column }”: “{ $before }” → “{ $after }”
    }
users-change-more = { $count ->
        [one] … and { $count } more change; --format json has all
       *[other] … and { $count } more changes; --format json has all
    }
users-corrected-left = { $count ->
        [0] Nothing is left to correct by hand.
        [one] { $count } problem is left that could only be guessed: correct it by hand and check the copy again.
       *[other] { $count } problems are left that could only be guessed: correct them by hand and check the copy again.
    }
help-users--write-corrected = Write a corrected copy of a bulk-user file: what can be corrected without guessing

## catalogue

catalogue-error-read = cannot read the catalogue { $path }: { $reason }
    .hint = Check [catalogue] dir in the configuration: it names a directory with *.toml files.
catalogue-error-syntax = the catalogue file { $path } is not valid: { $reason }
    .hint = Every [[entry]] needs id, owner and meaning; the files in the program's source show the form.
catalogue-error-twice = the catalogue file { $path } has the id { $id } a second time
    .hint = Give every entry its own id.
catalogue-error-too-large = { $path } is too large for a catalogue
    .hint = A file may have 1 MiB; a directory a thousand files.

catalogue-collect--provisioning = The user's BroadWorks ID and e-mail address, the customer's organisation ID, the template's name, the whole error text with tracking ID (Copy Error Text), and the PSLog of the Application Server around that time.
catalogue-collect--csv = The row of the CSV file (header included), the error list that Control Hub exports after the import, the tracking ID, and the customer's organisation ID.
catalogue-collect--client = The user's e-mail address, platform and version of the Webex App, the time, the code with its text as shown (screenshot), and the client's logs.
catalogue-collect--tls = The output of “w4b-diag certs” for the XSP, the time of the fault, and the lines of the XSP's log around it (XsiActionsLog, authenticationService log).
catalogue-collect--order = Order number, subscription ID, name and e-mail address of the provisioning contact, the order line's state, and screenshots.
catalogue-collect--nothing = Nothing; no service request is needed for this.
catalogue-collect--unknown = The code and its whole text as shown, tracking ID, time, the user's e-mail address, customer and partner organisation ID, and the version of the client that shows it.

catalogue-broadworks-id-taken = The BroadWorks user ID already belongs to another Webex user.
    .cause = The subscriber was onboarded before with this BroadWorks ID, perhaps with another e-mail address or in another customer organisation.
    .steps =
        Partner Hub, the onboarding template, Show User Status: search the BroadWorks ID.
        If the existing user is the right one, keep it; nothing has to be onboarded.
        If not, delete the old user there (Delete User), then onboard again with a valid e-mail address.
        If it is not listed, open a service request: it may be in an organisation that you cannot see.
    .collect = { catalogue-collect--provisioning }
catalogue-null-parameter = A mandatory value is empty in the provisioning request.
    .cause = The request came without a value that Webex needs, for example the e-mail address or the user's name.
    .steps =
        Compare the request or the user's data in BroadWorks with what the API asks for: user ID, enterprise, name, package, and an e-mail address if the template needs one.
        Fill in what is missing and send it again.
    .collect = { catalogue-collect--provisioning }
catalogue-parameter-size = A value in the provisioning request is too long or too short.
    .cause = One of the fields has more characters than allowed, or none.
    .steps =
        Look for an unusually long name, address or user ID in the user's data.
        Shorten it and send the request again.
    .collect = { catalogue-collect--provisioning }
catalogue-precheck-success = Not an error: the provisioning precheck succeeded.
    .cause = The subscriber would probably be provisioned without an error.
    .steps =
        Go on with the provisioning.
        The precheck provisions nothing itself.
    .collect = { catalogue-collect--nothing }
catalogue-wholesale-2560 = Webex could not do it at this moment; its own text says to look at the status page and to try again.
    .cause = A temporary fault on Webex's side.
    .steps =
        Check the status page: w4b-diag status
        If an incident is open, wait until it is closed.
        Try again. If it fails again with no incident open, open a service request.
    .collect = { catalogue-collect--provisioning }
catalogue-messaging-server = BroadWorks could not sign in to Webex to provision the user.
    .cause = User name, password or URL of Integrated IM&P on the Application Server do not equal the provisioning account, password and URL of the onboarding template.
    .steps =
        Partner Hub, Settings, BroadWorks Calling, View Templates: open the template and note provisioning account and URL.
        Compare them with the messaging service settings of Integrated IM&P on the Application Server. Set the password anew on both sides when in doubt.
        Assign Integrated IM&P to one user again and read the PSLog.
    .collect = { catalogue-collect--provisioning }
catalogue-url-exists = The e-mail address is already used as an address of another user.
    .cause = Another user, often an earlier one of the same person, has this address in BroadWorks or in Webex (409 Conflict).
    .steps =
        Control Hub of the customer, Users: search the e-mail address.
        Remove the older user, or use another e-mail address for the new one.
        Then try the activation again.
    .collect = { catalogue-collect--provisioning }
catalogue-extension-taken = The extension is already assigned to someone else.
    .cause = Another user, workspace or feature of the location has it. The error often names which.
    .steps =
        Find who has the extension (the number at the end of the error text, or Control Hub, Calling, Numbers).
        Choose a free extension or take it from the other one.
        Save or import again.
    .collect = { catalogue-collect--csv }
catalogue-services-not-authorized = The user has services that the new group is not authorised for.
    .cause = In a move to another group or location, the services in brackets are assigned to the user but not authorised in the target.
    .steps =
        Note the services in brackets at the end of the error.
        Authorise them in the target group, or unassign them from the user.
        Move the user again.
    .collect = { catalogue-collect--provisioning }
catalogue-outbound-proxy = Webex could not read the outbound proxy of the BroadWorks group.
    .cause = Seen together: CPAPI 25013 and “[Error 26088] Cloud PBX Console is not configured properly”. What is wrong in detail is not documented.
    .steps =
        Check whether it affects one group or all, and since when.
        Check the status page.
        Open a service request with both codes and the whole text.
    .collect = { catalogue-collect--provisioning }
catalogue-number-invalid = The phone number is invalid.
    .cause = Only + in the first place, digits and - are allowed; numbers are written as E.164, such as +4930123456.
    .steps =
        Correct the number: country code, no blanks, no letters. Spreadsheet programs like to turn it into 4,93012E+11: format the column as text.
        Check the file with “w4b-diag users FILE”, then import again.
    .collect = { catalogue-collect--csv }
catalogue-number-taken = The phone number is already assigned.
    .cause = Another user, workspace or feature has the number; it is not among the unassigned numbers of the location.
    .steps =
        Control Hub, Calling, Numbers: search the number and see who has it.
        Unassign it there, or choose a number that is unassigned.
        Import or save again.
    .collect = { catalogue-collect--csv }
catalogue-invitation-suppressed = No invitation was sent because the user got one within the last 24 hours.
    .cause = Webex sends at most one invitation e-mail a day to a user.
    .steps =
        Ask the user to look for the earlier invitation, also in spam.
        Send it again after 24 hours if needed.
    .collect = { catalogue-collect--nothing }
catalogue-licence-calling-mix = The licences Webex Calling Professional and Standard exclude each other.
    .cause = A user cannot have both, and Professional cannot be changed to Standard.
    .steps =
        Take one of the two out of the request or the CSV row.
        To go from Professional to Standard, remove the first and save before you assign the other.
    .collect = { catalogue-collect--csv }
catalogue-licence-needs-professional = The additional licence needs Webex Calling Professional.
    .cause = Attendant Console or Customer Experience Essentials cannot go with Webex Calling Standard, or a Professional licence is missing.
    .steps =
        Assign Webex Calling Professional to the user first.
        Then assign the additional licence.
    .collect = { catalogue-collect--csv }
catalogue-licence-messenger = Messenger licences cannot be managed this way.
    .cause = The request contains a Messenger licence, which is not supported for user management.
    .steps =
        Take the Messenger licence out of the request and send it again.
    .collect = { catalogue-collect--csv }
catalogue-licence-attendee-site = A meeting site in the request is not valid for attendees.
    .cause = One of the attendee site URLs is misspelt or does not belong to the organisation.
    .steps =
        Control Hub, Services, Meeting, Sites: compare the site's name letter by letter.
        Correct it and send the request again.
    .collect = { catalogue-collect--csv }
catalogue-licence-other = Licences in the request do not go together; what this code means exactly is not known here.
    .cause = The code belongs to the licence errors 400404 to 400413. Its text was not found in public documentation.
    .steps =
        Read the text that came with the code: it names the licences.
        Assign the licences one after the other to find the one that is refused.
        If the text does not help, open a service request.
    .collect = { catalogue-collect--csv }
catalogue-email-invalid = The e-mail address is invalid.
    .cause = It needs exactly one @, only permitted characters, and at most 161 characters before it.
    .steps =
        Correct the address: no blanks, no accented letters, one @.
        Check the file with “w4b-diag users FILE”, then import or save again.
    .collect = { catalogue-collect--csv }
catalogue-extension-invalid = The extension is invalid.
    .cause = An extension has digits 0 to 9 only, in the length that the location allows.
    .steps =
        Correct the extension in the CSV row or in the user's data.
        Check the length: Control Hub, Calling, the location's dialling settings.
    .collect = { catalogue-collect--csv }
catalogue-mobile-network = Mobile network integration is not set up for this user.
    .cause = The request expects a mobile integration that the user does not have.
    .steps =
        Set up mobile network integration for the user or leave it out of the request.
    .collect = { catalogue-collect--csv }
catalogue-email-or-extension-invalid = The e-mail address or the extension is invalid; which of the two, the code does not tell here.
    .cause = The code lies between WXC-4801 and WXC-4910, which stand for invalid e-mail addresses and extensions. Its own text was not found.
    .steps =
        Read the text beside the code.
        Check e-mail address (one @, permitted characters) and extension (digits only).
        Check the file with “w4b-diag users FILE”.
    .collect = { catalogue-collect--csv }
catalogue-licence-not-rolled-back = The user's package could not be changed and is now half changed.
    .cause = Control Hub changed the licence but not the user's attributes, or could not change the licence.
    .steps =
        Control Hub, Users, the user: remove the package and save.
        Assign the package again.
        Repeat the import for this user only.
    .collect = { catalogue-collect--csv }
catalogue-meeting-plus = Starting a meeting fails because the user's e-mail address contains a “+”.
    .cause = Addresses with “+” before the @ break the start of a meeting. The same codes may have other causes too.
    .steps =
        Look whether the user's e-mail address contains a “+”.
        If so, give the user an address without “+” and sign in again.
        If not, collect the logs and open a service request.
    .collect = { catalogue-collect--client }
catalogue-sign-in = A sign-in error of the Webex App; what exactly this code means is not known here.
    .cause = The codes 100006, 200016 and 200054 are on Cisco's list of end-user error codes; their texts were not found in what this program was made from. So nothing is claimed here.
    .steps =
        Look the code up in Cisco's troubleshooting guide (link below).
        Check that the XSP answers and that its certificates are in order: w4b-diag certs
        Check user name and password of the BroadWorks user, and the user's status in Partner Hub.
        Look into the XSP's authenticationService log and access_log at the time of the sign-in.
    .collect = { catalogue-collect--client }

catalogue-client-certificate-refused = One side refused the other's certificate in mutual TLS.
    .cause = Mostly the Webex CA chain is not installed as trust anchor on the XSP, is out of date, or was loaded unsplit; or the XSP sends a chain that Webex does not trust.
    .steps =
        Check with “w4b-diag certs cti://HOST --trust CombinedCertChain.txt”.
        Load root and issuing CA one by one: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Check that the Application Server lists the client: AS_CLI/System/ClientIdentity> get shows bwcticlient.webex.com
        Restart the interface if the release needs it, and check again.
    .collect = { catalogue-collect--tls }
catalogue-certificate-expired = A certificate has expired.
    .cause = The server certificate of the XSP, its chain, or a trust anchor is past its last day. The self-signed certificate made on first securing an interface is valid for one year.
    .steps =
        Find out which one: w4b-diag certs HOST and w4b-diag certs cti://HOST
        Request and install a new one, signed by a public CA, with its chain.
        Check again from outside.
    .collect = { catalogue-collect--tls }
catalogue-certificate-untrusted = A certificate is not trusted.
    .cause = The certificate is self-signed, of a private CA, or the intermediate certificates are not sent along.
    .steps =
        Check with “w4b-diag certs HOST”: it says which certificate is missing.
        The HTTP server certificate must be signed by a public CA; install the whole chain (chainFile).
        If the Webex CA chain is meant, install the current file from Partner Hub as trust anchor.
    .collect = { catalogue-collect--tls }
catalogue-certificate-host-name = The certificate is for another host name.
    .cause = The name in the URL is not among the certificate's alternative names.
    .steps =
        Compare the name in the cluster's URLs (Partner Hub) with the names in the certificate: w4b-diag certs HOST
        Request a certificate with all names, or correct the URL.
    .collect = { catalogue-collect--tls }
catalogue-tls-version = The two sides found no common TLS version or cipher.
    .cause = Webex speaks TLS 1.2 and does not go lower; an XSP that offers only older versions or other ciphers is refused.
    .steps =
        Check with “w4b-diag certs HOST”: it shows the offered versions and the cipher.
        Switch on TLS 1.2 and the ECDHE ciphers with AES-GCM in the XSP's SSL settings.
    .collect = { catalogue-collect--tls }
catalogue-email-elsewhere = The e-mail address already belongs to a Webex account outside this customer organisation.
    .cause = Webex lets an e-mail address belong to one account only. The user has a free account, or one in another organisation.
    .steps =
        Ask the user for another e-mail address, or whether the other account may go: its messages and files are lost with it.
        A free account is deleted by the user; an account in another organisation is removed by that organisation's administrator.
        Then in Partner Hub, Show User Status: “Retry Activation” for this user, with the e-mail address that is now free or the other one.
    .collect = { catalogue-collect--client }
catalogue-phone-services = The Webex App is signed in, but its phone services are not connected.
    .cause = The app did not get a BroadWorks token, could not fetch or read config-wxt.xml, or reaches no session border controller by SIP. With 1502 it is the token: the Authentication Service on the XSP, its certificates, or the way to it.
    .steps =
        Check the XSP and its certificates: w4b-diag certs HOST
        Look into the XSP's authenticationService log and access_log at that time; note the tracking ID of the request.
        Have the device type and config-wxt.xml checked for this user in BroadWorks.
        Have name, SRV records and ports of the session border controller checked from the user's network.
    .collect = { catalogue-collect--client }

catalogue-xsp-unreachable = The XSP was not reached.
    .cause = Nothing listens on the port, or a firewall lets Webex's address ranges through on 443 or 8012 only in part or not at all.
    .steps =
        Check with “w4b-diag certs HOST” and “w4b-diag certs cti://HOST” from outside your network.
        Compare the firewall with Webex's published address ranges, TCP 443 and 8012.
        Check on the XSP that the application runs.
    .collect = { catalogue-collect--tls }

catalogue-activation = Procedure: user activation with untrusted e-mails
    .cause = Users provision themselves by entering their e-mail address in the User Activation Portal. It fails when the template is not set up for it, or when the user's data do not fit.
    .steps =
        The user tries once more with “Try again” in the portal.
        If it fails again: sign in to Partner Hub; Customers (or Settings, BroadWorks Calling), View Templates; open the onboarding template of this user.
        Under User Verification, “Untrusted Emails” must be selected and the field “Share Link” must point to the activation link.
        Click “Show User Status” there: BroadWorks ID, package, and whether provisioned or what is pending.
        For a user with an error or a pending requirement, choose behind the three dots: “Retry Activation” (with a valid e-mail address), “Delete User” (when the configuration must change first), “Change Package Type”, or “Copy Error Text”.
        Export the list as CSV and have it judged: w4b-diag users FILE --exclude-provisioned
        Answer it step by step here: w4b-diag explain activation --untrusted-emails yes --share-link yes --retried yes --user-status error
    .collect = { catalogue-collect--provisioning }
catalogue-order = Procedure: the provisioning e-mail of an order
    .cause = The first e-mail goes to the provisioning contact on the requested start date (RSD). It can be sent again until the organisation is onboarded in Control Hub, the point of no return (PONR).
    .steps =
        Look in the spam folder; have webex_comm@webex.com allowed.
        Look at the order line in Cisco Commerce Workspace (CCW). No access? Ask the contact who placed the order.
        “Pending provisioning details”: click “Resend” beside the provisioning contact's e-mail, then “Yes”. The contact can be changed until the PONR.
        “Closed”: not provisioned in time (7 days for A-Flex and A-Flex-3, 30 days for other collaboration offers). Resend or edit through the page Cloud/SaaS subscriptions.
        After the PONR: no e-mail can be sent; the contact or the provisioning administrator signs in to https://admin.webex.com and completes the setup.
        If resending fails before the PONR: clear cache and cookies, another browser, incognito. Then open a case at https://www.cisco.com/go/cs: search “provisioning assistance”, “Open case”, request type “Resend provisioning email”, with screenshots.
        Answer it step by step here: w4b-diag explain order --line pending --offer a-flex --resend-failed no
    .collect = { catalogue-collect--order }
catalogue-bulk-users = Procedure: add, change or delete users by CSV
    .cause = More than 25 users, or changes to many, go through a CSV file; missing mandatory fields give errors.
    .steps =
        Partner Hub, Customers, the customer, Launch Control Hub; Users, Manage users, “CSV add or modify”.
        Mandatory: extension or phone number, and location, for Webex Calling, Webex Calling Standard and Webex Suite; Jabber Calling and Jabber with Webex Teams for all packages.
        Preferred Webex site for all packages except Webex Voice: without it there is no error, but the meeting site fails later.
        Choose “Add and remove services” at import, or Basic Messaging, Basic Space Meetings and Call on Webex are added as well.
        To delete a user, set all wholesale package columns to FALSE.
        Check the file before: w4b-diag users FILE
    .collect = { catalogue-collect--csv }
catalogue-manual-users = Procedure: add users by hand
    .cause = Up to 25 users of an existing customer can be added at a time without a file.
    .steps =
        Partner Hub, Customers, the customer, Launch Control Hub.
        Users, Manage users, “Manually add users”.
        Enter name, e-mail address and package of each user, at most 25, then Next and Close.
        For more than 25, use a CSV file: w4b-diag explain bulk-users
    .collect = { catalogue-collect--nothing }
catalogue-package-change = Procedure: change a user's package
    .cause = The package decides which services a user has.
    .steps =
        Partner Hub, Customers, open the customer's Control Hub; Users, the user.
        In the section Package click the arrow, choose the new package, click Change.
        If the new package is Webex Calling or Webex Suite, update the calling number too.
        In Webex for BroadWorks: in the template's user status behind the three dots “Change Package Type”, or through the provisioning API.
    .collect = { catalogue-collect--provisioning }
catalogue-user-status = Procedure: see and judge the status of users
    .cause = Provisioning runs in the background; only the list shows how it ended.
    .steps =
        Partner Hub, View Templates, the template, section User Verification: “Show User Status”.
        Switch on “Exclude provisioned users” to see only pending and failed ones.
        “Export” gives a CSV; have it judged: w4b-diag users FILE
    .collect = { catalogue-collect--provisioning }
catalogue-flow-through = Procedure: flow-through provisioning; success means started, not finished
    .cause = Assigning Integrated IM&P in BroadWorks calls Webex, which provisions in the background; the first user of an enterprise takes several minutes.
    .steps =
        Wait several minutes.
        Look for the customer and the user in Partner Hub's customer list: only that confirms it.
        If the user does not appear, look at “Show User Status” of the template and into the PSLog.
    .collect = { catalogue-collect--provisioning }
catalogue-remove-user = Procedure: take a user out of Webex
    .cause = How depends on how the user came in.
    .steps =
        Flow-through: unassign Integrated IM&P from the user in BroadWorks.
        CSV (wholesale): set all package columns to FALSE and import.
        A user that failed: “Delete User” in the template's user status.
    .collect = { catalogue-collect--nothing }
catalogue-cluster-template = Procedure: change or delete a BroadWorks cluster or an onboarding template
    .cause = A cluster cannot be deleted while a template is linked with it.
    .steps =
        Partner Hub (https://admin.webex.com), Settings, section BroadWorks Calling: “View Clusters” or “View Templates”.
        Open it, change what must be changed and save. Password fields left empty keep the current password.
        To delete a cluster, delete the templates linked with it first.
    .collect = { catalogue-collect--provisioning }
catalogue-trust-chain = Procedure: renew the Webex CA chain (trust anchors for mutual TLS)
    .cause = The XSP trusts Webex's client certificate through this chain; it must be renewed before it expires.
    .steps =
        Download the chain from Control Hub or Partner Hub (a text file such as CombinedCertChain2023.txt).
        Split it into files with one certificate each.
        Load each: XSP|ADP_CLI/Interface/CTI/SSLCommonSettings/ClientAuthentication/Trusts> updateTrust ALIAS FILE
        Old and new may stand side by side until Webex has changed over.
        Check: w4b-diag certs cti://HOST --trust FILE
    .collect = { catalogue-collect--tls }
catalogue-server-certificate = Procedure: renew the XSP's server certificate
    .cause = It must be signed by a public CA. The one generated when an interface is first secured is self-signed and valid for one year. Renewing it in time is up to you.
    .steps =
        Request a certificate from a public CA with all host names of the XSP.
        Load it with its key and chain, for example: CTI/CTIServer/SSLSettings/Certificates> sslUpdate IP keyFile<path> certificateFile<path> chainFile<path>
        Check from outside: w4b-diag certs HOST
    .collect = { catalogue-collect--tls }
catalogue-status-page = Procedure: is it Webex?
    .cause = If you changed nothing in Control Hub or BroadWorks before the fault, begin with the status page.
    .steps =
        Check now, or for the time of the fault: w4b-diag status --at TIME
        Subscribe to the incident on https://status.webex.com/ to hear of its end.
        If nothing is open, check your side: w4b-diag check
    .collect = { catalogue-collect--nothing }
catalogue-service-request = Procedure: open a service request with nothing missing
    .cause = The provider is the first contact of the end customer and escalates what it cannot solve.
    .steps =
        Collect: customer and partner organisation ID, tracking ID if one is shown, the user's e-mail address, client version if a client shows the fault, time frame.
        Let it be checked: w4b-diag check --text FILE
        Pack it: w4b-diag bundle --text FILE -o case.zip
        Open a case in Support Case Manager, paste service-request.txt, upload the zip.
    .collect = { catalogue-collect--unknown }
explain-error-stdin = cannot read standard input: { $reason }
    .hint = Pipe the error text in, or give it as an argument in quotes.
explain-heading-errors = Known errors
explain-heading-symptoms = What logs and clients say
explain-heading-procedures = Procedures
explain-heading-cause = Where it comes from
explain-heading-steps = What to do
explain-heading-collect = To collect for a service request
explain-heading-reference = Documented at
explain-list-hint = More on one of them: w4b-diag explain ID or CODE, or paste the whole error text.
explain-nothing = Nothing in the catalogue fits this text. That says nothing about the fault: the catalogue knows only what is documented.
explain-unknown-codes = { $count ->
        [one] The code { $codes } is not in the catalogue; what it means is not known here.
       *[other] The codes { $codes } are not in the catalogue; what they mean is not known here.
    }
explain-reason = { $kind ->
        [id] asked for by name
        [code] the code { $value }
        [phrase] the words “{ $value }”
       *[keywords] only the words { $value }
    }
explain-why = { $confidence ->
        [certain] Certain
        [likely] Likely
       *[possible] Perhaps
    }: { $reasons } [{ $id }]
explain-owner = To act: { $owner }

template-untrusted-emails = “Untrusted Emails” is not selected in the onboarding template
    .detail = Users who enter their e-mail address themselves cannot be activated this way.
    .remedy = Partner Hub, Customers (or Settings, BroadWorks Calling), View Templates, the template, User Verification: select “Untrusted Emails” and save. Then the user tries again.
template-untrusted-emails--ok = “Untrusted Emails” is selected in the onboarding template
    .detail = As needed.
template-untrusted-emails--unknown = Is “Untrusted Emails” selected in the onboarding template?
    .detail = Not answered.
    .remedy = Look: Partner Hub, Customers (or Settings, BroadWorks Calling), View Templates, the template, User Verification. Answer with --untrusted-emails yes or no.
template-share-link = The field “Share Link” does not point to the activation link
    .detail = Users do not get to the User Activation Portal.
    .remedy = Partner Hub, View Templates, the template, User Verification: let “Share Link” point to the activation link and save.
template-share-link--ok = The field “Share Link” points to the activation link
    .detail = As needed.
template-share-link--unknown = Does the field “Share Link” point to the activation link?
    .detail = Not answered.
    .remedy = Look: Partner Hub, View Templates, the template, User Verification. Answer with --share-link yes or no.
user-error--activated = The user is provisioned
    .detail = Nothing has to be done.
user-error--activation-template = The user failed, and the template is not right
    .detail = As long as the template is wrong, another try fails too.
    .remedy = Correct the template first. Then in “Show User Status”, three dots: “Retry Activation” with a valid e-mail address, or “Delete User” so that the user can start again.
user-error--activation-retry = The user failed once and has not tried again
    .detail = The portal offers “Try again”; a second try often works.
    .remedy = Ask the user to click “Try again” once. If it fails again, run this with --retried yes.
user-error--activation-choose = The user failed again: choose what to do
    .detail = The template is right or was not checked; now it is about this user.
    .remedy = Partner Hub, the template, “Show User Status”, three dots behind the user: “Copy Error Text” and look it up with w4b-diag explain; “Retry Activation” with a valid e-mail address; “Delete User” if the configuration must change first; “Change Package Type” if the package is wrong. If none helps, open a service request with the copied text.
user-error--activation-absent = The user is not on the list
    .detail = Webex has not heard of the user: BroadWorks has not sent the request, or another template is meant.
    .remedy = Check that Integrated IM&P is assigned to the user in BroadWorks and that its URL is the one of this template. Look into the PSLog of the Application Server.
user-error--activation-unknown = What does “Show User Status” say about the user?
    .detail = Not answered.
    .remedy = Look: Partner Hub, View Templates, the template, “Show User Status”. Answer with --user-status provisioned, pending, error or absent.
user-pending--activation = A requirement is pending for the user
    .detail = Webex waits for the user or is still at work; that takes several minutes.
    .remedy = If the user must enter or confirm an e-mail address, ask for it. Else wait several minutes and look again; then three dots, “Retry Activation”.

order-not-ready = The order line is pending: the provisioning is not done
    .detail = { $when ->
        [future] If nothing is done, the line closes on { $closes }.
        [past] It should have closed on { $closes }; look at the line again.
       *[unknown] The line closes 7 days (A-Flex, A-Flex-3) or 30 days (other collaboration offers) after the e-mail.
    }
    .remedy = { $access ->
        [no] Ask the contact who placed the order in CCW to resend the provisioning e-mail from the order line.
       *[yes] In CCW click “Resend” in the order line beside the provisioning contact's e-mail, then “Yes”. The contact can be changed there. Have webex_comm@webex.com allowed and look in spam first.
    }
order-not-ready--early = The provisioning e-mail is not due yet
    .detail = It is sent on the requested start date, { $start }.
    .remedy = Wait until then. Check now that the provisioning contact in the order is right.
order-not-ready--case = Resending the provisioning e-mail failed before the point of no return
    .detail = The e-mail can be sent until the organisation is onboarded in Control Hub.
    .remedy = Clear the browser's cache and cookies, try another browser, try incognito mode. If it still fails: https://www.cisco.com/go/cs, search “provisioning assistance”, “Open case”, request type “Resend provisioning email”, with screenshots.
order-not-ready--unknown = What is the state of the order line in CCW?
    .detail = Not answered.
    .remedy = Look at the line in Cisco Commerce Workspace, or ask the contact who placed the order. Answer with --line pending or --line closed, or --onboarded yes if the organisation is already in Control Hub.
order-closed = The order line is closed: the provisioning was not completed in time
    .detail = { $offer ->
        [known] For this offer the line closes { $days } days after the e-mail.
       *[unknown] The line closes 7 days (A-Flex, A-Flex-3) or 30 days (other collaboration offers) after the e-mail.
    } It can still be provisioned.
    .remedy = { $access ->
        [no] Ask the contact who placed the order to do this: open the order in CCW, follow the message that the provisioning is still pending (“Click here”) to the page Cloud/SaaS subscriptions, and click “Resend”.
       *[yes] Open the order in CCW, follow the message that the provisioning is still pending (“Click here”) to the page Cloud/SaaS subscriptions, change the contact if needed, and click “Resend”.
    }
order-past-no-return = The organisation is already onboarded: the e-mail can no longer be sent
    .detail = The order is mapped to the organisation in Control Hub; that is the point of no return.
    .remedy = The provisioning contact or the provisioning administrator signs in to https://admin.webex.com and completes the setup there.
help-explain--query = Error code, pasted text or name of a procedure; - reads standard input; nothing lists what is known
help-explain--untrusted-emails = Activation: “Untrusted Emails” is selected in the onboarding template (yes, no)
help-explain--share-link = Activation: “Share Link” points to the activation link (yes, no)
help-explain--retried = Activation: the user has clicked “Try again” once (yes, no)
help-explain--user-status = Activation: what “Show User Status” says
help-explain--line = Order: state of the order line in CCW
help-explain--offer = Order: what was ordered
help-explain--requested-start = Order: requested start date (2026-11-22)
help-explain--ccw-access = Order: you can resend in CCW yourself (yes, no)
help-explain--onboarded = Order: the organisation is already in Control Hub (yes, no)
help-explain--resend-failed = Order: resending was tried and failed (yes, no)
help-explain--answers = Answers that an earlier dialogue wrote with --save
help-explain--save = Write the answers to this file; hand it to check or bundle with --answers
catalogue-lint = { $fault ->
    [id] { $id }: an id has lower-case letters, digits and hyphens
    [unreachable] { $id }: neither a code nor a phrase leads to it
    [no-example] { $id }: it has no example
    [no-counter-example] { $id }: it has no counter-example
    [example-elsewhere] { $id }: the example “{ $text }” leads to { $other } first
    [example] { $id }: the example “{ $text }” does not lead to it
    [counter-example] { $id }: the counter-example “{ $text }” leads to it
    [code] { $id }: the code { $text } belongs to { $other } too
    [reference] { $id }: the reference { $text } does not begin with https://
   *[keywords] { $id }: keywords need two groups or more, none of them empty
    }
catalogue-lint-sum = { $entries ->
    [one] { $entries } entry
   *[other] { $entries } entries
    }, { $faults ->
    [0] no faults
    [one] { $faults } fault
   *[other] { $faults } faults
    }
help-explain--lint = Check the catalogue, your own entries included: rules, examples and counter-examples
explain-saved = The answers are in { $path }; hand them in with “w4b-diag bundle --answers”.

## bundle

bundle-why = { $part ->
    [readme] What this bundle is and how to read it
    [request] Text of the service request, ready to paste
    [report-html] The diagnosis for people
    [report-json] The diagnosis for programs
    [status] What the status page answered, as received
    [observation] What the TLS probe of the server saw
    [chain] Certificates as the server sent them
    [trust] Certificates that are installed as trust anchors
    [text] Error text as shown to the user
    [log] Log of the time of the fault
    [users] State of the users
    [picture] Screenshot, packed without being scanned
   *[attachment] Attachment
}
bundle-note = { $status ->
    [withheld] { $name } was withheld: { $reason }
    [failed] { $name } could not be collected: { $reason }
    [timed-out] { $name } was not collected in time: { $reason }
   *[interrupted] { $name } was not collected because it was stopped: { $reason }
}
bundle-readme-title = Diagnosis for Webex for BroadWorks: { $name }
bundle-readme-intro = This is a support bundle of a service provider that runs Webex for BroadWorks. Open report.html first: it says what is wrong, what to do, and what was ruled out.
bundle-readme-part = { $part ->
    [report] The diagnosis, for people. One page, opens in every browser, also without a network.
    [request] The text of the service request, in English.
    [markdown] The same text as Markdown.
    [data] The diagnosis, for programs.
    [manifest] Every file with its size, check sum and origin, what was masked in it, and what is missing and why.
    [status] What the status page answered, as received.
    [tls] For each server: the certificates as sent, and what the probe saw.
    [trust] The trust anchors for mutual TLS. Never a private key.
    [text] Error texts as shown.
    [logs] Logs.
    [users] Exports of users and their state.
    [attachments] Screenshots and other attachments.
   *[notes] Stand where a file could not be shared or collected, and say why.
}
bundle-readme-private = Passwords, tokens, keys, and the data of people who have nothing to do with the case are masked. The same value always has the same pseudonym. Organisation IDs, tracking IDs, versions, certificates and the one user concerned stay readable, because support needs them.
bundle-readme-check = w4b-diag verify checks that nothing was changed; w4b-diag restore turns pseudonyms in an answer back, on the machine that has the private map.
bundle-readme-encrypted = { $count ->
        [one] This bundle was passed on encrypted with age. Only the holder of the secret key of this recipient can open it:
       *[other] This bundle was passed on encrypted with age. Only the holders of the secret keys of these recipients can open it:
    }
bundle-readme-encrypted-how = The holder opens it with this command; inspect, verify, diff and upload take the encrypted file and --identity KEY:
error-bundle-write = cannot write { $path }: { $reason ->
    [full] the disk is full
    [no-directory] the directory does not exist
    [denied] permission denied
   *[other] { $words }
}
    .hint = { $reason ->
        [full] Free some space or name another place with -o. Nothing was left behind.
        [no-directory] Create the directory or name another place with -o.
        [denied] Name a directory that you may write to with -o.
       *[other] Name another place with -o. Nothing was left behind.
    }
error-bundle-redact = { $name } cannot be redacted: { $reason }
    .hint = The bundle was not written. Run w4b-diag self-test and report what it says.
error-bundle-secret = the finished bundle still held a secret in { $file } ({ $kinds }) and was removed
    .hint = Leave this file out, or add a pattern for it under [redact] in the configuration.
error-bundle-not-sealed = { $file } of the finished bundle is not what was written; the bundle was removed
    .hint = The disk or the memory may be faulty. Try again, and name another place with -o.
error-bundle-read = cannot read { $path }: { $reason }
    .hint = Check the name and the permissions.
error-bundle-encrypted = { $path } is encrypted
    .hint = Name the file with your age identity with --identity, or decrypt it first: age --decrypt.
error-bundle-undecryptable = { $path } cannot be opened with this identity
    .hint = Ask for whom it was encrypted. If it was for you, the file is damaged: ask for it again.
sign-error-read = cannot read { $path }: { $reason }
    .hint = Check the path and your permissions.
sign-error-not-a-key = { $path } is not a private key of OpenSSH
    .hint = Name the private key, not the file that ends in .pub. ssh-keygen -t ed25519 makes one; ssh-keygen -p converts one of the old PEM format.
sign-error-no-passphrase = the key { $path } is protected by a passphrase
    .hint = Name a file with the passphrase with --passphrase-file, or set W4B_SIGN_PASSPHRASE.
sign-error-wrong-passphrase = the passphrase does not open the key { $path }
    .hint = Check --passphrase-file or W4B_SIGN_PASSPHRASE.
sign-error-algorithm = cannot sign with { $path }, a key of type { $algorithm }
    .hint = Use an Ed25519 key or an ECDSA key on P-256 or P-384: ssh-keygen -t ed25519.
error-bundle-not-zip = { $path } is not a zip archive
    .hint = Name a bundle that was made with w4b-diag bundle.
error-bundle-broken = { $path } is damaged: { $words }
    .hint = Copy or download it again.
error-bundle-manifest = { $path } is not a bundle of w4b-diag: { $fault ->
    [missing] it has no manifest.json
    [several] it has more than one manifest.json
    [version] its manifest is of a version that this program does not know
    [changed] its manifest was changed
   *[unreadable] its manifest cannot be read
}
    .hint = Name a bundle that was made with w4b-diag bundle, or use a newer program.
bundle-tampered = { $subject } was changed after it was packed
    .detail = Its size or check sum is not the one in the manifest.
    .remedy = Do not rely on this bundle. Ask for it again, or make it again.
bundle-tampered--missing = { $subject } is missing
    .detail = The manifest lists it, but it is not in the zip.
    .remedy = Do not rely on this bundle. Ask for it again, or make it again.
bundle-tampered--extra = { $subject } does not belong to the bundle
    .detail = It is in the zip, but not in the manifest.
    .remedy = Do not open it. Ask for the bundle again, or make it again.
bundle-tampered--duplicate = { $subject } is in the zip more than once
    .detail = Which one is unpacked depends on the program.
    .remedy = Do not unpack it. Ask for the bundle again, or make it again.
bundle-tampered--name = The zip has an entry with an unsafe name: { $subject }
    .detail = Unpacked, it could be written somewhere else than expected or pretend to be another file.
    .remedy = Do not unpack it. Ask for the bundle again, or make it again.
bundle-tampered--manifest = { $reason ->
    [missing] { $subject } is missing
    [several] { $subject } is in the zip more than once
    [version] { $subject } is of an unknown version
    [changed] { $subject } was changed after it was packed
   *[unreadable] { $subject } cannot be read
}
    .detail = Without a sound manifest nothing in the bundle can be checked.
    .remedy = Do not rely on this bundle. Ask for it again, or make it again.
bundle-tampered--container = The zip { $subject } is not as it was written
    .detail = In the words of the program: { $reason }.
    .remedy = Copy or download it again. If that does not help, make it again.
bundle-tampered--ok = { $count ->
    [one] The file is as it was packed
   *[other] All { $count } files are as they were packed
}
    .detail = Size and check sum of every file are those of the manifest.
bundle-signature = { $subject } is signed with a key that is not in the list of signers
    .detail = The signature fits the file, but nobody in the list has the key { $key }.
    .remedy = Ask the sender on another way whether this is their key, and put it into the list only then.
bundle-signature--ok = { $subject } is signed by { $signer }
    .detail = The file is what was signed. Key: { $key }.
bundle-signature--out-of-time = { $subject } is signed by { $signer }, whose key is not valid at this time
    .detail = The list of signers limits the time of the key { $key }.
    .remedy = Ask the sender to sign with a current key, or correct the times in the list.
bundle-signature--changed = { $subject } is not the file that was signed
    .detail = The file was changed, or the signature is that of another file. Key of the signature: { $key }.
    .remedy = Do not rely on this bundle. Ask for the bundle and its signature again.
bundle-signature--missing = { $subject } has no signature
    .detail = The file with the signature is not there.
    .remedy = Ask the sender for the file that ends in .sig, or name it with --signature.
bundle-signature--unreadable = The signature of { $subject } cannot be read
    .detail = It is not a signature of OpenSSH, or of a kind of key that is not supported. Ed25519, ECDSA (P-256, P-384) and RSA are supported.
    .remedy = Ask the sender for the signature again.
bundle-signature--purpose = The signature of { $subject } was made for something else
    .detail = It is a signature for “{ $purpose }”, not for a bundle.
    .remedy = Ask the sender to sign the bundle with “w4b-diag bundle --sign”, or with “ssh-keygen -Y sign -n w4b-diag-bundle”.
bundle-secret-left = { $count ->
    [one] A secret is left in { $subject }
   *[other] { $count } secrets are left in { $subject }
}
    .detail = Kinds: { $kinds }.
    .remedy = Do not share this bundle. Make it again; if it happens again, leave the file out or add a pattern under [redact] in the configuration. Change the password or token if it was shared already.
bundle-secret-left--ok = { $count ->
    [one] No secret in the file
   *[other] No secret in the { $count } files
}
    .detail = Passwords, tokens, cookies and private keys were looked for again.
bundle-secret-left--unknown = { $subject } could not be scanned for secrets
    .detail = It is not text.
    .remedy = Look into it yourself before you share the bundle.
bundle-incomplete = { $status ->
    [partial] { $subject } is there in part
    [withheld] { $subject }: withheld
    [skipped] { $subject } was left out on purpose
    [timed-out] { $subject } was not collected in time
    [interrupted] { $subject } was not collected because it was stopped
   *[failed] { $subject } could not be collected
}
    .detail = { $reason }
    .remedy = Collect it in another way if support asks for it.
bundle-incomplete--core = { $subject } is not in the bundle
    .detail = Every complete bundle has this file.
    .remedy = Make the bundle again.
bundle-incomplete--ok = Nothing is missing
    .detail = Everything that was to be collected is there.
bundle-redacted = { $masked ->
    [one] { $masked } value is masked
   *[other] { $masked } values are masked
}
    .detail = { $kept ->
        [one] { $kept } value that support needs was kept.
       *[other] { $kept } values that support needs were kept.
    }
bundle-redacted--ok = { $masked ->
    [one] { $masked } value is masked
   *[other] { $masked } values are masked
}
    .detail = { $kept ->
        [one] { $kept } value that support needs was kept.
       *[other] { $kept } values that support needs were kept.
    }
diff-old = Old: { $name }, made at { $made }: { $escalation ->
    [fix-first] fix this first
    [wait] wait for Webex
    [incomplete] facts are missing
    [ready] ready for a service request
   *[none] { $verdict ->
        [ok] nothing wrong
        [warning] warnings
        [critical] critical findings
       *[unknown] could not be checked
    }
}
diff-new = New: { $name }, made at { $made }: { $escalation ->
    [fix-first] fix this first
    [wait] wait for Webex
    [incomplete] facts are missing
    [ready] ready for a service request
   *[none] { $verdict ->
        [ok] nothing wrong
        [warning] warnings
        [critical] critical findings
       *[unknown] could not be checked
    }
}
diff-keys = The two were made with different keys: pseudonyms in one cannot be compared with those in the other.
diff-nothing = Nothing changed.
diff-findings = Findings
diff-certificates = Certificates
diff-facts = Values
diff-files = Files
diff-finding = { $change ->
    [new] new: { $new }
    [worse] worse: { $old } → { $new }
    [better] better: { $old } → { $new }
   *[gone] gone: was { $old }
}
diff-certificate = { $subject }, serial number { $serial }, issued by { $issuer }, valid until { $date }
diff-fact = { $fact ->
    [customer_orgs] Customer organisation
    [partner_orgs] Partner organisation
    [tracking_ids] Tracking IDs
    [user_emails] User's e-mail
    [client_versions] Webex App versions
    [broadworks_releases] BroadWorks releases
    [control_hub_builds] Control Hub builds
    [error_codes] Error codes
    [incidents] Incidents
    [maintenances] Maintenances
    [reason] Why there is no answer
    [acceptable_cas] Accepted CA names
    [protocols_offered] TLS versions offered
   *[other] { $fact }
}
progress-upload = Uploading
upload-error-sr = “{ $sr }” is not the number of a service request
    .hint = Give the digits only, such as --sr 699123456. Support Case Manager shows the number.
upload-error-no-token = there is no upload token
    .hint = Put the token into a file that only you can read and name it with --token-file, or into the environment variable { $variable }. Support Case Manager generates it: open the case, Attachments, Generate Token.
upload-error-token-file = cannot read the token from { $path }: { $reason }
    .hint = The file must hold the token alone, on one line.
upload-error-url = “{ $url }” is not an HTTPS address without user name, password and query
    .hint = Write it as https://cxd.cisco.com/home/; the name of the file is appended.
upload-error-not-clean = { $name } was not uploaded: it is not as it was packed, or holds a secret
    .hint = Run w4b-diag verify to see what is wrong, and make the bundle again.
upload-error-file = cannot read { $path }: { $reason }
    .hint = Check the path and your rights.
upload-error-no-answer = nothing was uploaded: { $host } gave no answer ({ $cause }): { $reason }
    .hint = Check network, proxy (HTTPS_PROXY) and firewall towards { $host }, then run the same command again. A CA of your own is named with --ca-file.
upload-error-refused = nothing was uploaded: { $host } answered with { $status }
    .hint = { $status ->
        [401] { $likely ->
            [sr] The number of the service request is most likely wrong: it usually has nine digits. User name is the number, password is the token.
           *[token] The token is most likely wrong or expired: it is valid for 72 days and for this service request only. Generate a new one in Support Case Manager.
        }
        [403] The token is most likely wrong or expired: it is valid for 72 days and for this service request only. Generate a new one in Support Case Manager.
        [404] Check --url: there is no upload at this address.
        [413] The bundle is too large for this address. Make it smaller with --max-size.
       *[other] Try again later; if it stays so, attach the file in Support Case Manager.
    }
upload-error-consent = nothing was uploaded: nobody can be asked here
    .hint = Add --yes once you have seen what --preview shows.
upload-already = { $name } was already uploaded to { $sr } at { $at }; --again uploads it once more
upload-done = Uploaded { $name } to service request { $sr } (SHA-256 { $sha }){ $replaced ->
    [yes] ; it replaced a file of the same name
   *[no] {""}
}
upload-again = The upload failed and is tried again: { $reason }
bundle-error-max-size = there is no room: the zip would have { $fixed } without any log, and { $limit } were asked for
    .hint = Give a larger --max-size, or fewer files.
bundle-reason-no-answer = No usable answer: { $reason }
bundle-reason-no-room = Left out: no room within --max-size
bundle-reason-cut-around = Only the part around the error, from line { $line } on: --max-size
bundle-reason-cut-end = Only the end: --max-size
inspect-judged = Judged again as of { $at }
inspect-unreadable = It cannot be read in the bundle
    .hint = Run w4b-diag verify to see whether the bundle was changed.
inspect-gap = It was not packed: { $reason }
    .hint = Ask whoever made the bundle for it.
diff-since = Changed since the bundle was made
inspect-no-report = { $name } holds no report that can be read
    .hint = Run w4b-diag verify to see whether it was changed.
bundle-made = Made by { $tool } { $version } at { $made } on { $os }
bundle-contents = { $count ->
    [one] { $count } file, { $size } unpacked
   *[other] { $count } files, { $size } unpacked
}
bundle-gaps = Not there, or only in part
bundle-gap = { $path }: { $status ->
    [partial] in part
    [withheld] withheld
    [failed] failed
    [skipped] left out on purpose
    [timed-out] not in time
   *[interrupted] stopped
} – { $reason }
bundle-masked = Masked
bundle-kept = Kept, because support needs it
bundle-masked-count = { $count ->
    [one] { $count } masked
   *[other] { $count } masked
}
bundle-unscanned = not scanned

## plugin

plugin-subject = { $subject }: { $title }
plugin-until = { $title } (valid until { $when } UTC)
plugin-since = { $title } (since { $when } UTC)
plugin-more = { $first } (and { $count ->
    [one] { $count } more problem
   *[other] { $count } more problems
    })
plugin-cut = Left out here: { $lines ->
    [one] { $lines } line
   *[other] { $lines } lines
    }, { $values ->
    [one] { $values } performance value
   *[other] { $values } performance values
    }. A scheduler reads 8 KiB; --verbose prints everything.
plugin-timeout = no result within { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
    }
    .hint = Something does not answer: a name server, a server, a file system. Name fewer targets, or give more time with --timeout, below the limit of the scheduler.
check-plugin-ok = { $count ->
    [one] { $count } check passed, nothing wrong was found
   *[other] { $count } checks passed, nothing wrong was found
}
status-plugin-ok = { $count ->
    [0] no open incident and no maintenance
    [one] { $count } component works, no open incident and no maintenance
   *[other] { $count } components work, no open incident and no maintenance
}

## notify

notify-title = { $kind ->
    [reminder] Reminder: { $title }
    [recovered] Resolved: { $title }
   *[raised] { $title }
}
notify-over = Two runs in a row looked for it and did not find it any more.
notify-since = First seen: { $when } UTC
notify-until = { $past ->
    [yes] Was valid until { $when } UTC
   *[no] Valid until { $when } UTC
}
notify-where = Where: { $subjects }{ $more ->
    [0] {""}
   *[other] , and { $more } more
    }
notify-from = w4b-diag on { $host }, { $when } UTC
notify-test-title = Test message of w4b-diag
notify-test-detail = Messages arrive here. Nothing was checked.
notify-sent = Messages sent: { $count }
notify-error-none = the configuration has no destination for messages
    .hint = Add at least one [[notify]] with kind and url; docs/notifications.md has examples.
notify-error-secret = notify { $name }: { $from } holds nothing that could be used
    .hint = Set the environment variable, or write the secret into the file, on one line.
notify-error-url = notify { $name }: { $fault ->
    [missing] there is no address
    [insecure] the address is not encrypted, but a secret goes there
   *[other] the address cannot be used
    }
    .hint = Name url, url_env or url_file: https://… for web hooks, smtps://HOST or smtp://HOST for e-mail, without user name and password in it.
notify-error-mail = notify { $name }: "{ $key }" is missing or no e-mail address
    .hint = E-mail needs from and to; with user also password_env or password_file.
notify-error-twice = notify { $name } stands there twice
    .hint = Give each destination a name of its own.
notify-error-ca-file = notify { $name }: { $fault ->
    [empty] there is no certificate in the CA file { $path }
   *[unreadable] cannot read the CA file { $path }: { $reason }
    }
    .hint = Nothing was sent there. ca_file names a PEM file with at least one certificate.
notify-error-send = { $name }: the message did not reach { $host }: { $cause ->
    [dns] the name does not resolve
    [refused] nobody listens there
    [unreachable] there is no way to it
    [timeout] no answer in time
    [tls-untrusted] its certificate is not trusted
    [tls-date] its certificate is not valid now
    [tls-name] its certificate is for another name
    [http-status] it refuses
   *[other] the connection failed
    } ({ $reason })
    .hint = The next run tries again. Test with --notify-test; an own CA is named with ca_file.
notify-state-read = cannot read { $path }: { $reason }
    .hint = Nothing was sent. Give the user of this run access to the file.
notify-state-broken = { $path } is not a memory of notifications
    .hint = Nothing was sent. Name another file with --state, or move this one away: then everything is said again once.
notify-state-write = cannot write { $path }: { $reason }
    .hint = Nothing was sent, because every run would send it again. Free space on the disk, or name a file that can be written with --state.
notify-state-busy = another run is using { $path }
    .hint = It says what is new. Let runs not overlap.
notify-state-place = there is no directory for the memory of notifications
    .hint = Name a file with --state.
discover-read = cannot read the inventory { $path }: { $reason }
    .hint = Name a configuration (TOML), a CSV file of hosts, a JSON report, or a bundle.
discover-nothing = { $path } names no server
    .hint = A CSV file needs a column with hosts (host, server, fqdn, url, address); a report must come from certs or check.
discover-row = { $path }, row { $row }, left out: { $cause }
calendar-summary = { $element ->
    [leaf] Certificate of { $subject } expires
    [root] Root certificate of { $subject } expires
    [anchor] Webex trust anchor in { $subject } expires
   *[intermediate] Intermediate certificate of { $subject } expires
}
calendar-description = { $name } is valid until { $when } UTC. Issued by { $issuer }.
calendar-name = Webex for BroadWorks: certificates

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
html-todo = What to do
html-todo-none = Nothing has to be done.
html-certificates = Validity of the certificates
html-chart = The earliest end first. Strokes on a bar: where warning and critical begin. Dashed line: the day of the report, { $date }.
html-until = { $state ->
    [expired] expired { $date }
    [soon] only until { $date }
   *[valid] until { $date }
}
html-days = { $days ->
    [one] { $days } day left
   *[other] { $days } days left
}
html-skip = Skip to the content
html-timelines = Time lines
html-incidents = The fault, and incidents and maintenance near it
html-incidents-caption = Shaded: the time of the fault. Filled: overlaps it. Dashed: does not.
html-relation = { $relation ->
    [during] open when the fault happened
    [overlap] { $minutes ->
        [one] overlaps the fault by { $minutes } minute
       *[other] overlaps the fault by { $minutes } minutes
    }
    [before] { $minutes ->
        [one] ended { $minutes } minute before
       *[other] ended { $minutes } minutes before
    }
   *[after] { $minutes ->
        [one] began { $minutes } minute after
       *[other] began { $minutes } minutes after
    }
}
html-span = { $until ->
    [none] since { $from }, still open
   *[other] { $from } to { $until }
}
html-filter-severity = Severity:
html-filter-owner = Whose side:
html-filter-all = all
html-filter-none = No finding matches both filters.
html-copy = Copy
html-copy-value = Copy { $value }
html-copied = Copied
html-copy-all = Copy all facts
html-size = Size
html-size-about = about { $size }
html-redacted = Redacted
html-later = counted while packing; see manifest.json
html-masked = { $count } × { $kind ->
    [tracking-id] tracking IDs
    [customer-org] customer organisation IDs
    [partner-org] partner organisation IDs
    [org] organisation IDs
    [user-id] user IDs
    [broadworks-user-id] BroadWorks user IDs
    [email] e-mail addresses
    [client-version] client versions
    [broadworks-release] BroadWorks releases
    [control-hub-build] Control Hub builds
    [error-code] error codes
    [timestamp] time stamps
    [call-id] Call-IDs
    [device-id] device IDs
    [fingerprint] fingerprints
    [token] access tokens
    [jwt] JSON web tokens
    [password] passwords and secrets
    [cookie] cookies and session IDs
    [sip-digest] SIP digest fields
    [signed-url] signed URL parameters
    [private-key] private keys
    [phone] phone numbers
    [person-name] names of persons
    [ip-address] IP addresses
    [mac-address] MAC addresses
    [host-name] host names
   *[custom] own patterns
 }
html-facts = Facts of the case
html-files = Files of the bundle
html-files-caption = What is in this bundle beside this page
html-file = File

## service-request

sr-title-label = Title:
sr-title--error = Webex for BroadWorks: { $text } (error { $code })
sr-title--code = Webex for BroadWorks: error { $code }
sr-title--finding = Webex for BroadWorks: { $title }
sr-title--plain = Webex for BroadWorks: fault at a customer
sr-severity = { $level ->
    [s2] Suggested severity: S2 – the service is severely degraded for several users. Raise it to S1 if it is down and there is no way around it.
   *[s3] Suggested severity: S3 – one user or one function is affected and work goes on. Raise it to S2 if many users are affected, to S1 if the service is down.
}
sr-heading = { $section ->
    [impact] Business impact
    [case] Who and when
    [ids] Tracking IDs
    [versions] Versions
    [errors] Errors as shown
    [ours] Found on our side
    [webex] Points at Webex
    [ruled-out] Checked and ruled out
    [unchecked] Could not be checked
    [changes] What was changed before
    [missing] Still missing, and where to find it
   *[files] Attached files
}
sr-impact-blank = [Please fill in: how many users are affected, what they cannot do, since when, and whether there is a way around it.]
sr-changes-blank = [Please fill in: what was changed in Control Hub, Partner Hub or BroadWorks before the fault began, or “nothing”.]
sr-field = { $field ->
    [provider] Service provider
    [customer-org] Customer organisation ID
    [partner-org] Partner organisation ID
    [other-org] Other organisation ID
    [user] Affected user
    [broadworks-id] BroadWorks ID
    [webex-id] Webex user ID
    [time-frame] Time frame
    [client-version] Webex App
    [control-hub-build] Control Hub build
   *[broadworks-release] BroadWorks release
}
sr-time-frame = { $first } to { $last } (UTC)
sr-passed = { $check } ({ $count }): { $subjects }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
}
sr-more = { $count ->
    [one] and { $count } more; see report.json
   *[other] and { $count } more; see report.json
}
sr-more-files = and { $count } more; see manifest.json

## exporter

help-exporter = Watch the configured targets and serve their metrics to Prometheus
    .examples =
        w4b-diag exporter --config /etc/w4b-diag/config.toml
        w4b-diag exporter --listen :9812
        curl 'http://127.0.0.1:9812/probe?target=xsp1.example.net&module=cti'
help-exporter--listen = Address and port to listen on; ":9812" is every address; else [exporter] listen, else 127.0.0.1:9812
help-exporter--any-target = Let /probe ask targets that are not configured: whoever reaches the exporter can then connect from this machine to anywhere
exporter-listening = { $count ->
    [one] Watching { $count } target; metrics at { $address }, path /metrics
   *[other] Watching { $count } targets; metrics at { $address }, path /metrics
}
exporter-reloaded = The configuration was read again and is in use.
exporter-not-reloaded = The configuration cannot be used; the one before stays in use. { $reason }
exporter-not-read-again = Files that the configuration names cannot be read any more; what was read before stays in use. { $reason }
exporter-error-listen = "{ $text }" is not an address with a port
    .hint = Write for example 127.0.0.1:9812, or :9812 for every address of this machine.
exporter-error-bind = cannot listen on { $address }: { $kind ->
        [in-use] another program already does
        [denied] permission denied
        [not-available] this machine does not have that address
       *[other] { $reason }
    }
    .hint = Choose another address or port with --listen or [exporter] listen.
exporter-error-no-target = there is nothing to watch
    .hint = Name the servers as [[xsp]] in the configuration file, or allow any target with --any-target.
exporter-error-half-tls = in [exporter], tls_certificate and tls_key belong together
    .hint = Name both, or neither for plain HTTP.
exporter-error-tls = cannot serve HTTPS: { $reason }
    .hint = Name a certificate with its chain and the private key that belongs to it, both as PEM, in [exporter].
exporter-error-user = "{ $name }" cannot be a user name in [[exporter.user]]
    .hint = Each name must be there once, not empty, and without a colon.
exporter-http-unauthorized = Sign in with a user name and password of the exporter.
exporter-http-not-found = There is no such page. The page at / lists all of them.
exporter-http-method = Only these methods are answered here: { $allowed }
exporter-http-healthy = The exporter is running.
exporter-http-ready = Every target has been probed at least once.
exporter-http-not-ready = Some targets have not been probed yet.
exporter-http-reload-busy = A reload is already under way. Try again in a moment.
exporter-http-no-target = Name a target: /probe?target=HOST:PORT&module=https
exporter-http-module = There is no module "{ $module }". The modules are https, cti and auth.
exporter-http-bad-target = "{ $target }" is not a target of this module.
exporter-http-not-configured = { $target } is not one of the configured targets.
exporter-http-too-many = Too many targets that are not configured are being probed. Try again later.
exporter-page-title = w4b-diag exporter { $version }
exporter-page-targets = { $count ->
    [one] { $answering } of { $count } target answers.
   *[other] { $answering } of { $count } targets answer.
}
exporter-page-metrics = the metrics of all configured targets
exporter-page-sd = the configured targets, for HTTP service discovery
exporter-page-healthy = whether the exporter is running
exporter-page-ready = whether every target has been probed at least once
exporter-page-probe = the metrics of one target
