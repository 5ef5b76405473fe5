#!/bin/sh
# Sees to it that the tests have a browser, where that can be: install_browser.sh PYTHON
# Leaves a machine alone that has one; never fails, because the tests say themselves what is missing.
set -u

python=$1
. "$(dirname "$0")/debian.sh"

found() {
    "$python" -m tests.browser >/dev/null 2>&1
}

from_playwright() {
    echo "Installing Playwright's Chromium ..."
    "$python" -m playwright install chromium </dev/null >/dev/null
}

found && exit 0
# Whoever names a browser wants that one.
[ -z "${CHROMIUM:-}" ] || exit 0
from_debian chromium && found && exit 0
from_playwright && found && exit 0
echo "No browser could be installed. Install Chromium or Chrome, or name one with CHROMIUM=." >&2
exit 0
