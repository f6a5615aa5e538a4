#!/usr/bin/env bash
# Makes the certificates under certs/ anew. They are checked in, so nobody needs to run this; it documents how they
# were made. Dates are fixed, because the sample case is always judged as of 2026-11-22T09:00:00Z (w4b-diag.toml).
# Private keys live in a temporary directory and are thrown away. Needs OpenSSL 3.0 or newer.
set -euo pipefail
cd "$(dirname "$0")"
out=$PWD/certs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
cd "$work"

cat > ca.cnf <<'CNF'
[ca]
default_ca = any
[any]
dir = .
new_certs_dir = .
database = index.txt
default_md = sha256
policy = policy
copy_extensions = none
unique_subject = no
string_mask = utf8only
[policy]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[sub]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, digitalSignature, keyCertSign, cRLSign
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[xsp1]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:xsp1.example.net
subjectKeyIdentifier = hash
[xsp2]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:xsp2.example.net
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
certificatePolicies = 2.23.140.1.2.2
CNF
: > index.txt

# issue NAME SUBJECT EXTENSIONS FROM TO SERIAL [ISSUER]   (without an issuer: self-signed)
issue() {
    local name=$1 subject=$2 extensions=$3 from=$4 to=$5 serial=$6 issuer=${7-}
    openssl req -new -newkey rsa:2048 -nodes -keyout "$name.key" -out "$name.csr" -subj "$subject" -utf8 2>/dev/null
    echo "$serial" > "$name.serial"
    local signer=(-selfsign -keyfile "$name.key")
    [ -z "$issuer" ] || signer=(-cert "$issuer.pem" -keyfile "$issuer.key")
    openssl ca -batch -notext -config <(sed "s/^dir = .*/&\nserial = $name.serial/" ca.cnf) "${signer[@]}" \
        -in "$name.csr" -out "$name.pem" -extensions "$extensions" -startdate "$from" -enddate "$to" 2>/dev/null
}

# The Webex CA chain, shaped like the file from Partner Hub: an issuing CA that expires four weeks after the case.
issue webex-root '/O=Example Cloud (sample, not Cisco)/CN=Internal Private Root' root 20210301000000Z 20310301000000Z 5A3C0E11D2B44F01
issue webex-sub '/O=Example Cloud (sample, not Cisco)/CN=Internal Private TLS SubCA' sub 20231220000000Z 20261220000000Z 5A3C0E11D2B44F02 webex-root
cat webex-root.pem webex-sub.pem > "$out/CombinedCertChain-sample.txt"

# xsp1: what securing an interface for the first time generates, self-signed for one year.
issue xsp1 '/O=Example Telecom/CN=xsp1.example.net' xsp1 20260210080000Z 20270210080000Z 31A7C95D0E6F2B01
cp xsp1.pem "$out/xsp1.pem"

# xsp2: shaped like a public certificate (199 days, leaf and intermediate), two weeks before its end.
issue public-root '/C=XX/O=Example Trust Services/CN=Example Trust Services Root R1' root 20200101000000Z 20400101000000Z 4C11D7A2900F3E01
issue public-sub '/C=XX/O=Example Trust Services/CN=Example Trust Services TLS CA 7' sub 20240101000000Z 20340101000000Z 4C11D7A2900F3E02 public-root
issue xsp2 '/C=XX/O=Example Telecom/CN=xsp2.example.net' xsp2 20260520000000Z 20261205000000Z 6F20B8D14A7C9E03 public-sub
cat xsp2.pem public-sub.pem > "$out/xsp2-chain.pem"
cp public-root.pem "$out/example-public-root.pem"
