#!/bin/sh
# Installs the latest release of Wares, or another version, on Linux or macOS:
#
#   sh install.sh [--version VERSION] [--to FOLDER]
#
# Downloads the archive for this system, compares it with the checksum of the release, and copies the program to FOLDER.
# Default: ~/.local/bin. WARES_RELEASES is the address of the releases; the copy of this script in a release contains it.
set -eu

releases=${WARES_RELEASES:-@RELEASES@}

fail() {
    echo "install.sh: $*" >&2
    exit 1
}

# Prints the name of this system in Rust.
target() {
    system=$(uname -s)
    machine=$(uname -m)
    # A shell that macOS translates from Intel's instructions.
    if [ "$system" = Darwin ] && [ "$(sysctl -n sysctl.proc_translated 2> /dev/null)" = 1 ]; then
        machine=arm64
    fi
    case $machine in
    x86_64 | amd64) machine=x86_64 ;;
    arm64 | aarch64) machine=aarch64 ;;
    *) fail "there is no program for $machine: build it with cargo" ;;
    esac
    case $system in
    Linux) echo "$machine-unknown-linux-gnu" ;;
    Darwin) echo "$machine-apple-darwin" ;;
    *) fail "there is no program for $system. On Windows, use WSL" ;;
    esac
}

# download URL FILE
download() {
    if command -v curl > /dev/null; then
        curl --fail --silent --show-error --location --proto-redir =https --output "$2" "$1" || fail "can't download $1"
    elif command -v wget > /dev/null; then
        wget --quiet --output-document="$2" "$1" || fail "can't download $1"
    else
        fail "curl or wget is required"
    fi
}

# Prints the SHA-256 of a file.
checksum() {
    if command -v sha256sum > /dev/null; then
        sha256sum "$1"
    elif command -v shasum > /dev/null; then
        shasum -a 256 "$1"
    else
        fail "sha256sum or shasum is required"
    fi | cut -d ' ' -f 1
}

# A function, so that nothing is executed if the script is received in part.
main() {
    version=
    folder=
    while [ $# -gt 0 ]; do
        case $1 in
        --version) version=${2-} ;;
        --to) folder=${2-} ;;
        *) fail "unknown argument: $1" ;;
        esac
        [ -n "${2-}" ] || fail "$1 requires a value"
        shift 2
    done
    if [ -z "$folder" ]; then
        [ -n "${HOME-}" ] || fail "name a folder with --to"
        folder=$HOME/.local/bin
    fi
    case $releases in
    http://* | https://*) ;;
    *) fail "set WARES_RELEASES to the address of the releases" ;;
    esac
    target=$(target)
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 1' HUP INT TERM

    if [ -n "$version" ]; then
        from=$releases/download/v${version#v}
    else
        from=$releases/latest/download
    fi
    download "$from/SHA256SUMS" "$scratch/SHA256SUMS"
    line=$(grep -E "^[0-9a-f]{64} [ *]wares-[0-9A-Za-z.+-]+-$target\.tar\.gz\$" "$scratch/SHA256SUMS") ||
        fail "the release has no program for $target"
    expected=${line%% *}
    archive=wares-${line#*wares-}
    version=${archive#wares-}
    version=${version%-"$target".tar.gz}
    # Not from `latest`, which may be another release by now.
    download "$releases/download/v$version/$archive" "$scratch/$archive"
    [ "$(checksum "$scratch/$archive")" = "$expected" ] ||
        fail "$archive does not have the checksum of the release: nothing was installed"

    tar -xzf "$scratch/$archive" -C "$scratch"
    program=$scratch/${archive%.tar.gz}/wares
    installed=$("$program" --version) ||
        fail "the program does not run on this system. On Linux it requires the GNU C library 2.35 or later"
    mkdir -p "$folder"
    # Renamed, so that a running program is not overwritten.
    cp "$program" "$folder/.wares.$$"
    chmod 755 "$folder/.wares.$$"
    mv -f "$folder/.wares.$$" "$folder/wares"

    echo "Installed $installed as $folder/wares"
    case :$PATH: in
    *:"$folder":*) ;;
    *) echo "Add the folder to PATH: export PATH=\"$folder:\$PATH\"" ;;
    esac
}

main "$@"
