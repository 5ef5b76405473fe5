#!/bin/sh
# Sees to it that checks of pages which others made are there, where that can be: install_tools.sh FOLDER [java]
# FOLDER says which, in a package.json and its lock. Marks it when all is there; never fails, because the tests say
# themselves what is missing.
set -u

folder=$1
# Node knows the certificates that it brings along; a network may have its own among the system's.
system=/etc/ssl/certs/ca-certificates.crt
[ -n "${NODE_EXTRA_CA_CERTS:-}" ] || [ ! -f "$system" ] || export NODE_EXTRA_CA_CERTS="$system"
. "$(dirname "$0")/debian.sh"

runs_npm() {
    npm --version >/dev/null 2>&1
}

runs_java() {
    java -version >/dev/null 2>&1
}

from_npm() {
    echo "Installing the locked packages of npm into $folder ..."
    # Nothing of theirs runs while they are installed.
    npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >/dev/null
}

runs_npm || from_debian npm
if [ "${2:-}" = java ] && ! runs_java; then
    from_debian default-jre-headless
    runs_java || { echo "No Java could be installed. Install Java 17 or newer." >&2; exit 0; }
fi
if runs_npm && from_npm; then
    touch "$folder/node_modules/.installed"
else
    echo "Nothing could be installed from npm into $folder. Install npm, and connect to the network." >&2
fi
exit 0
