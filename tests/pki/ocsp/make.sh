#!/bin/sh
# Makes an authority, a server certificate and OCSP responses about it, with OpenSSL 3. OpenSSL stamps responses with the
# present time, so the instant to judge as of is written to as-of.txt.
# Usage: cd tests/pki/ocsp && sh make.sh
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.key" 2>/dev/null; }
# cert NAME SUBJECT SERIAL EXTENSIONS
cert() {
    key "$1"
    printf '%s\n' "$4" >"$work/ext"
    openssl req -new -key "$work/$1.key" -subj "$2" -out "$work/csr"
    openssl x509 -req -in "$work/csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -set_serial "$3" -days 180 \
        -extfile "$work/ext" -out "$work/$1.pem" 2>/dev/null
}
leaf='basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
subjectAltName=DNS:xsp1.example.net,DNS:localhost,IP:127.0.0.1'

key ca
openssl req -x509 -new -key "$work/ca.key" -subj '/O=Example Trust/CN=Example OCSP Root' -days 3650 -out "$work/ca.pem" \
    -addext 'keyUsage=critical,keyCertSign,cRLSign' -addext 'subjectKeyIdentifier=hash'
cert leaf '/CN=xsp1.example.net' 0x1001 "$leaf"
cert other '/CN=xsp2.example.net' 0x1002 "$leaf"
cert responder '/O=Example Trust/CN=Example OCSP Responder' 0x1003 'extendedKeyUsage=OCSPSigning'
cert stranger '/O=Example Trust/CN=Example Stranger' 0x1004 'extendedKeyUsage=serverAuth'

until=$(date -u -d '+180 days' +%y%m%d%H%M%SZ)
entry() { printf '%s\t%s\t%s\t%s\tunknown\t/CN=%s\n' "$1" "$until" "$2" "$3" "$3"; }
entry V '' 1001 >"$work/good.txt"
entry V '' 1002 >>"$work/good.txt"
entry R "$(date -u +%y%m%d%H%M%SZ),keyCompromise" 1001 >"$work/revoked.txt"
entry V '' 1009 >"$work/empty.txt"

# answer NAME INDEX SIGNER CERTIFICATE
answer() {
    openssl ocsp -issuer "$work/ca.pem" -cert "$work/$4.pem" -reqout "$work/req" -no_nonce
    openssl ocsp -index "$work/$2.txt" -CA "$work/ca.pem" -rsigner "$work/$3.pem" -rkey "$work/$3.key" -reqin "$work/req" \
        -respout "$1.der" -ndays 7 >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}
answer good good ca leaf
answer revoked revoked ca leaf
answer unknown empty ca leaf
answer delegated good responder leaf
answer stranger good stranger leaf
answer other good ca other
cat "$work/ca.pem" >ca.pem
cat "$work/leaf.pem" "$work/ca.pem" >chain.pem
cat "$work/leaf.key" >leaf.key
date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ >as-of.txt
