#!/bin/sh
# A throw-away CA and a server certificate for 127.0.0.1: certificates.sh FOLDER
#
# Leaves ca.pem, server.pem and server.key there.
set -eu
cd "$1"

quietly() {
    "$@" 2>openssl.log || { cat openssl.log >&2; exit 1; }
}

new_key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
# shellcheck disable=SC2086
quietly openssl req -x509 $new_key -keyout ca.key -out ca.pem -days 2 -subj "/CN=Bench CA"
# shellcheck disable=SC2086
quietly openssl req $new_key -keyout server.key -out server.csr -subj "/CN=127.0.0.1"
printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' >server.ext
quietly openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial \
    -extfile server.ext -days 2 -out server.pem
