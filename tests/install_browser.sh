#!/bin/sh
# Sees to it that the tests have a browser, where that can be: install_browser.sh PYTHON
# Leaves a machine alone that has one; never fails, because the tests say themselves what is missing.
set -u

python=$1

found() {
    "$python" -m tests.browser >/dev/null 2>&1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

from_debian() {
    command -v apt-get >/dev/null || return 1
    as_root true 2>/dev/null || return 1
    echo "Installing Chromium with apt-get ..."
    as_root apt-get -qq -o Acquire::Retries=3 update </dev/null >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 install chromium \
        </dev/null >/dev/null
}

from_playwright() {
    echo "Installing Playwright's Chromium ..."
    "$python" -m playwright install chromium </dev/null >/dev/null
}

found && exit 0
# Whoever names a browser wants that one.
[ -z "${CHROMIUM:-}" ] || exit 0
from_debian && found && exit 0
from_playwright && found && exit 0
echo "No browser could be installed. Install Chromium or Chrome, or name one with CHROMIUM=." >&2
exit 0
