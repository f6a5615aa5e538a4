#!/bin/sh
# Makes the test certificates anew, with OpenSSL 3. Keys are kept only where a test needs them (servers).
# Usage: sh make.sh [DIRECTORY]
set -eu
cd "${1:-.}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# key NAME [ec|rsa1024|rsa2048]
key() {
    case "${2:-ec}" in
    ec) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/$1.key" 2>/dev/null ;;
    rsa*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${2#rsa}" -out "$work/$1.key" 2>/dev/null ;;
    esac
}

# "openssl ca" is the one command of every OpenSSL that takes both dates.
cat >"$work/ca.cnf" <<EOF
[ca]
default_ca = authority
[authority]
database = $work/index.txt
new_certs_dir = $work
default_md = sha256
policy = any
rand_serial = yes
unique_subject = no
email_in_dn = no
[any]
countryName = optional
organizationName = optional
commonName = supplied
EOF
: >"$work/index.txt"

# cert NAME SUBJECT ISSUER|self NOT_BEFORE NOT_AFTER EXTENSIONS
cert() {
    printf '%s\n' "$6" >"$work/$1.ext"
    openssl req -new -key "$work/$1.key" -subj "$2" -out "$work/$1.csr"
    if [ "$3" = self ]; then
        set -- "$@" -selfsign -keyfile "$work/$1.key"
    else
        set -- "$@" -cert "$work/$3.crt" -keyfile "$work/$3.key"
    fi
    name=$1 from=$4 to=$5
    shift 6
    openssl ca -config "$work/ca.cnf" -batch -notext -preserveDN -in "$work/$name.csr" "$@" -startdate "$from" \
        -enddate "$to" -extfile "$work/$name.ext" -out "$work/$name.crt" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
}

root='basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash'
sub='basicConstraints=critical,CA:TRUE,pathlen:0
keyUsage=critical,keyCertSign,cRLSign,digitalSignature
extendedKeyUsage=serverAuth,clientAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
authorityInfoAccess=caIssuers;URI:http://ca.example.com/root.cer'
leaf() {
    printf '%s\n' "basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
authorityInfoAccess=caIssuers;URI:http://ca.example.com/issuing.cer
subjectAltName=$1"
}

# A public authority that does not exist: trusted only where a test says so (--anchors public-root.pem).
key root && cert root '/C=NO/O=Example Trust/CN=Example Public Root' self 20200101000000Z 20450101000000Z "$root"
key issuing && cert issuing '/C=NO/O=Example Trust/CN=Example Issuing CA 1' root 20230101000000Z 20430101000000Z "$sub"
# The same name with another key, as after a renewal.
key issuing2 && cert issuing2 '/C=NO/O=Example Trust/CN=Example Issuing CA 1' root 20240101000000Z 20440101000000Z "$sub"
key other && cert other '/C=NO/O=Example Widgets/CN=Example Unrelated CA' self 20200101000000Z 20450101000000Z "$root"

names='DNS:xsp1.example.net,DNS:localhost,IP:127.0.0.1,IP:::1'
key xsp && cert xsp '/CN=xsp1.example.net' issuing 20261001000000Z 20270401000000Z "$(leaf "$names")"
key expired && cert expired '/CN=xsp1.example.net' issuing 20250101000000Z 20250701000000Z "$(leaf "$names")"
key wronghost && cert wronghost '/CN=other.example.net' issuing 20261001000000Z 20270401000000Z "$(leaf DNS:other.example.net)"
key weak rsa1024 && cert weak '/CN=xsp1.example.net' issuing 20261001000000Z 20270401000000Z "$(leaf "$names")"
key long && cert long '/CN=xsp1.example.net' issuing 20261001000000Z 20281001000000Z "$(leaf "$names")"
key client && cert client '/CN=xsp1.example.net' issuing 20261001000000Z 20270401000000Z \
    "$(leaf "$names" | sed s/serverAuth/clientAuth/)"
# What an interface makes of itself when it is secured for the first time.
key selfsigned rsa2048 && cert selfsigned '/O=Example Telecom/CN=xsp1.example.net' self 20260301000000Z 20270301000000Z \
    'subjectKeyIdentifier=hash'
key private && cert private '/CN=xsp1.example.net' other 20261001000000Z 20270401000000Z "$(leaf "$names")"

cat "$work/root.crt" >public-root.pem
cat "$work/other.crt" >private-root.pem
cat "$work/issuing.crt" >issuing-ca.pem
cat "$work/xsp.crt" "$work/issuing.crt" >complete.pem
cat "$work/xsp.crt" >incomplete.pem
cat "$work/xsp.crt" "$work/root.crt" "$work/issuing.crt" >wrong-order.pem
cat "$work/issuing.crt" "$work/xsp.crt" >leaf-last.pem
cat "$work/xsp.crt" "$work/issuing.crt" "$work/root.crt" >with-root.pem
cat "$work/xsp.crt" "$work/issuing.crt" "$work/issuing.crt" "$work/other.crt" >strays.pem
cat "$work/xsp.crt" "$work/issuing2.crt" >other-key.pem
cat "$work/expired.crt" "$work/issuing.crt" >expired.pem
cat "$work/wronghost.crt" "$work/issuing.crt" >wrong-host.pem
cat "$work/weak.crt" "$work/issuing.crt" >weak-key.pem
cat "$work/long.crt" "$work/issuing.crt" >too-long.pem
cat "$work/client.crt" "$work/issuing.crt" >client-only.pem
cat "$work/selfsigned.crt" >self-signed-one-year.pem
cat "$work/private.crt" "$work/other.crt" >private-chain.pem
cat "$work/xsp.key" >complete.key
cat "$work/selfsigned.key" >self-signed-one-year.key

# The chain of a cloud that shows client certificates: two generations, each with a root and an issuing CA.
generation() { # NUMBER FROM TO
    key "wroot$1" && cert "wroot$1" "/O=Example Cloud/CN=Internal Private Root $1" self "$2" "$3" "$root"
    key "wsub$1" && cert "wsub$1" "/O=Example Cloud/CN=Internal Private TLS SubCA $1" "wroot$1" "$2" "$3" \
        "$(printf '%s\n' "$sub" | sed s/serverAuth,//)"
}
generation 2023 20230101000000Z 20270101000000Z
generation 2026 20260101000000Z 20310101000000Z
cat "$work/wroot2023.crt" "$work/wsub2023.crt" >webex-2023.txt
cat "$work/wroot2026.crt" "$work/wsub2026.crt" >webex-2026.txt
cat webex-2023.txt webex-2026.txt >webex-both.txt
cat "$work/wroot2026.crt" >webex-2026-root.pem
cat "$work/wsub2026.crt" >webex-2026-sub.pem
{ cat webex-2026.txt; cat "$work/selfsigned.key"; } >webex-with-key.txt
