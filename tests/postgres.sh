#!/bin/sh
# Finds a PostgreSQL server, version 15 or later, for the tests, and fetches one when the machine has
# none. The last line on stdout is the folder that holds its `initdb` and `postgres`; nothing else
# has to be set to run them. A private copy has all programs of the server and of its clients.
# Without a server the last line on stderr is one sentence that says why.
#
# WARES_TEST_POSTGRES_BIN  that folder, to choose it by hand; or `download`, to pass over an
#                          installed server and use the private copy.
#
# The private copy lies in /var/tmp/wares-postgres-<uid> (in $TMPDIR where /var/tmp cannot be
# written). It comes from the machine's own Debian package sources, whose signatures apt checks. It
# is unpacked, not installed: any user can do that and nothing of the system changes, while
# installing the package would also create a database cluster and run it as a service.
set -eu
umask 022
export LC_ALL=C

fail() {
    advice=${2:-install PostgreSQL, or name the folder of its programs in WARES_TEST_POSTGRES_BIN}
    printf '%s\n' "The tests need PostgreSQL 15 or later, but $1: $advice." >&2
    exit 1
}

use_if_usable() {
    [ -x "$1/initdb" ] && [ -x "$1/postgres" ] && "$1/initdb" --version >/dev/null 2>&1 || return 0
    version=$("$1/postgres" --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
    [ "${version:-0}" -ge 15 ] || return 0
    cd "$1" && pwd
    exit
}

count_files() { find "$1" ! -type d ! -path "$1/files" 2>/dev/null | wc -l; }

# Some systems delete old files from the folder that the copy lies in, one by one.
use_if_whole() {
    [ "$(cat "$1/files" 2>/dev/null)" != "$(count_files "$1")" ] || use_if_usable "$1/bin"
}

case ${WARES_TEST_POSTGRES_BIN:-} in
    '')
        for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV); do
            use_if_usable "$bin"
        done
        for program in initdb postgres; do
            if path=$(command -v "$program"); then
                # The folder that the program is linked into may hold just one of the two.
                use_if_usable "$(dirname "$(readlink -f "$path")")"
                use_if_usable "$(dirname "$path")"
            fi
        done
        ;;
    download) ;;
    *)
        use_if_usable "$WARES_TEST_POSTGRES_BIN"
        fail "$WARES_TEST_POSTGRES_BIN holds none that runs" "correct or unset WARES_TEST_POSTGRES_BIN"
        ;;
esac

command -v apt-get >/dev/null || fail "none is installed, and without apt-get none can be fetched"
# The server has the name of this folder built in, so a private copy of it would be no use.
[ -e /usr/share/zoneinfo/UTC ] || fail "the time zones it needs are missing" "install the package tzdata"

home=/var/tmp
[ -w "$home" ] || home=${TMPDIR:-/tmp}
home=$home/wares-postgres-$(id -u)
mkdir "$home" 2>/dev/null || true
# Anyone may create a folder of this name there, and programs are going to be run from it.
if [ -L "$home" ] || [ ! -d "$home" ] || [ ! -O "$home" ] || [ ! -w "$home" ]; then
    fail "none is installed, and $home, where a private copy belongs, is no folder of this user's own"
fi
copy=$home/postgres
exec 9>"$home/lock"
flock 9
use_if_whole "$copy"

printf '%s\n' "Fetching a private copy of PostgreSQL to $copy for the tests." >&2
# Left by a run that was interrupted.
rm -rf "$home"/new.*
new=$(mktemp -d "$home/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$new/apt/lists/partial" "$new/apt/cache/archives/partial" "$new/packages" "$new/copy/bin"
log=$home/log
: >"$log"

private() {
    tool=$1
    shift
    "$tool" -qq -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Dir::State::Lists="$new/apt/lists" \
        -o Dir::Cache="$new/apt/cache" -o Acquire::Retries=3 -o Acquire::Languages=none "$@" 2>>"$log"
}

give_up() {
    tail -n 20 "$log" >&2
    fail "none is installed, and $1"
}

# A source that cannot be reached matters only when the package is not found for it.
private apt-get update >>"$log" || true
server=$(private apt-cache pkgnames postgresql- | grep -x 'postgresql-[0-9]*' | sort -V | tail -n 1)
version=${server#postgresql-}
[ "$version" -ge 15 ] 2>/dev/null || give_up "none is to be had from this machine's package sources"

# The server, its clients and the libraries they need that the machine lacks, as `name=version`. The
# C library has to be the machine's own. Left out are the compiler's libraries, for queries compiled
# as they run, which the tests turn off, and what serves installed clusters.
packages=$(private apt-get --simulate --reinstall --no-install-recommends install "$server" "postgresql-client-$version" |
    awk -v server="$server" -v client="postgresql-client-$version" '
        $1 != "Inst" || $2 !~ /^lib/ && $2 != server && $2 != client || $2 ~ /^lib(c6|llvm|perl|z3)|-perl$/ { next }
        { print $2 "=" substr($3 ~ /^\[/ ? $4 : $3, 2) }')
[ -n "$packages" ] || give_up "its packages need something that is not to be had"
# shellcheck disable=SC2086 # One argument each.
(cd "$new/packages" && private apt-get download $packages >>"$log") ||
    give_up "a package of it cannot be downloaded"
for package in "$new"/packages/*.deb; do
    dpkg-deb -x "$package" "$new/copy" 2>>"$log" || give_up "a package of it cannot be unpacked"
done

folders=$(cd "$new/copy" && find . -path './*lib/*/*.so.*' | sed "s,^\.\(.*\)/[^/]*$,$copy\1," | sort -u)
libraries=$(printf '%s' "$folders" | tr '\n' ':')
for path in "$new/copy/usr/lib/postgresql/$version/bin"/*; do
    program=$(basename "$path")
    cat >"$new/copy/bin/$program" <<END
#!/bin/sh
LD_LIBRARY_PATH='$libraries' exec '$copy/usr/lib/postgresql/$version/bin/$program' "\$@"
END
    chmod 755 "$new/copy/bin/$program"
done
count_files "$new/copy" >"$new/copy/files"
rm -rf "$copy"
mv "$new/copy" "$copy"
use_if_whole "$copy"
give_up "the private copy in $copy does not run here"
