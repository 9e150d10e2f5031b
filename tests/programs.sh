#!/bin/sh
# Sees to it that the programs named, of `node`, `npm`, `chromium`, `pgbouncer`, `etcd`, `haproxy` and `ip`, are there for the
# tests. As root it installs what is missing from the machine's own Debian package sources, whose signatures apt checks. When
# one is not to be had, the last line on stderr is one sentence that says why.
set -eu
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin"

fail() {
    printf '%s\n' "The tests need Node.js 20 or later with npm, Chromium, PgBouncer, etcd, HAProxy and iproute2, but $1." >&2
    exit 1
}

missing=
for program in "$@"; do
    command -v "$program" >/dev/null && continue
    case $program in
        node) missing="$missing nodejs" ;;
        etcd) missing="$missing etcd-server" ;;
        ip) missing="$missing iproute2" ;;
        *) missing="$missing $program" ;;
    esac
done

if [ -n "$missing" ]; then
    advice="install Debian's${missing}, or run the tests as root once"
    [ "$(id -u)" = 0 ] || fail "these are missing: $advice"
    command -v apt-get >/dev/null || fail "without apt-get these can't be fetched:$missing"
    printf '%s\n' "Installing$missing for the tests." >&2
    # A source that cannot be reached matters only when the package is not found for it.
    apt-get -qq update >&2 || true
    # shellcheck disable=SC2086 # One argument each.
    apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install $missing >&2 ||
        fail "these can't be installed:$missing"
fi

case " $* " in
    *" node "*) ;;
    *) exit ;;
esac
version=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
[ "${version:-0}" -ge 20 ] || fail "the one here is Node.js ${version:-unknown}: install a later one"
