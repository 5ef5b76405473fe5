# Debian's packages, for the scripts beside this one that install what the tests need. Read by them, not run.

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# from_debian PACKAGE ...: fails where there is no apt-get or no leave to use it.
from_debian() {
    command -v apt-get >/dev/null || return 1
    as_root true 2>/dev/null || return 1
    echo "Installing $* with apt-get ..."
    as_root apt-get -qq -o Acquire::Retries=3 update </dev/null >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 install "$@" \
        </dev/null >/dev/null
}
