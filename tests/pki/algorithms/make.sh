#!/bin/sh
# Makes chains of a root and a server certificate with signatures that not every library can verify, with OpenSSL 3.
# Usage: cd tests/pki/algorithms && sh make.sh
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# chain NAME HASH KEY-OPTIONS...
chain() {
    name=$1 hash=$2
    shift 2
    for who in root leaf; do openssl genpkey "$@" -out "$work/$who.key" 2>/dev/null; done
    openssl req -x509 -new -key "$work/root.key" $hash -subj "/O=Example Trust/CN=Example $name Root" -not_before 20260101000000Z \
        -days 3650 -out "$work/root.pem" -addext 'keyUsage=critical,keyCertSign,cRLSign' 2>/dev/null ||
        openssl req -x509 -new -key "$work/root.key" $hash -subj "/O=Example Trust/CN=Example $name Root" -days 3650 \
            -out "$work/root.pem" -addext 'keyUsage=critical,keyCertSign,cRLSign'
    printf '%s\n' 'basicConstraints=critical,CA:FALSE' 'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth' \
        'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid' 'subjectAltName=DNS:xsp1.example.net' >"$work/ext"
    openssl req -new -key "$work/leaf.key" -subj '/CN=xsp1.example.net' -out "$work/csr"
    openssl x509 -req -in "$work/csr" -CA "$work/root.pem" -CAkey "$work/root.key" $hash -days 180 -extfile "$work/ext" \
        -out "$work/leaf.pem" 2>/dev/null
    cat "$work/root.pem" >"$name-root.pem"
    cat "$work/leaf.pem" >"$name.pem"
}
chain p521-sha256 -sha256 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
chain p521-sha512 -sha512 -algorithm EC -pkeyopt ec_paramgen_curve:P-521
chain ed25519 '' -algorithm ED25519
chain ed448 '' -algorithm ED448
chain p256-sha512 -sha512 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
chain pss '-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest' -algorithm RSA -pkeyopt rsa_keygen_bits:2048
chain pss-key -sha256 -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048
date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ >as-of.txt
