# shellcheck shell=bash
# Packages of Debian's newer suites, unpacked into a private folder: a private apt state reads the
# lists, `dpkg -x` unpacks, nothing is installed. What is unpacked brings its own C library and
# starts through that library's own loader, so it runs on older distributions.

readonly NEWER_SUITES=(trixie trixie-backports)

# The mirror that this system already uses when it is Debian, whatever the format of its sources.
debian_mirror() {
    if [[ -n ${PUMICE_DEBIAN_MIRROR:-} ]]; then
        printf '%s\n' "${PUMICE_DEBIAN_MIRROR%/}"
        return
    fi
    local mirror=""
    if [[ $(os_release ID) == debian ]]; then
        mirror=$(apt-get update --print-uris 2>/dev/null |
            sed -n "s|^'\(.*\)/dists/$(os_release VERSION_CODENAME)/InRelease'.*|\1|p" |
            head -n 1)
    fi
    printf '%s\n' "${mirror:-http://deb.debian.org/debian}"
}

debian_keyring() {
    local keyring
    for keyring in /usr/share/keyrings/debian-archive-keyring.{pgp,gpg}; do
        [[ -r $keyring ]] && printf '%s\n' "$keyring" && return
    done
    fail "the keys of Debian's archive are missing: install debian-archive-keyring"
}

# One field of /etc/os-release, such as ID or VERSION_CODENAME.
os_release() {
    # shellcheck source=/dev/null
    (. /etc/os-release && printf '%s\n' "${!1:-}")
}

# Writes the private apt configuration below $1 and exports APT_CONFIG. The system's own settings
# (proxies, say) still apply; its sources, lists, pins and installed packages do not.
use_private_apt() {
    local state=$1 mirror keyring suite
    mirror=$(debian_mirror)
    keyring=$(debian_keyring)
    mkdir -p "$state"/lists/partial "$state"/cache/archives/partial
    : >"$state/status"
    for suite in "${NEWER_SUITES[@]}"; do
        printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite"
    done >"$state/sources.list"
    cat >"$state/apt.conf" <<END
Dir::Etc::sourcelist "$state/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$state/lists";
Dir::State::status "$state/status";
Dir::Cache "$state/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
END
    export APT_CONFIG=$state/apt.conf
}

# Prints name=version of the packages named and of all they depend on, less those that only matter
# to an installed system.
package_closure() {
    apt-get install -s --no-install-recommends -t trixie-backports "$@" |
        sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p' |
        grep -vE '^(adduser|debconf|dpkg|libpam[^=]*|passwd|perl[^=]*|tar|sysvinit-utils)='
}

# Downloads packages ($2...) and everything they need and unpacks them below $1.
unpack_newer_packages() {
    local prefix=$1 state closure archive
    shift
    state=$(mktemp -d "$prefix.apt.XXXXXX")
    # shellcheck disable=SC2064 # the folder's name now, not at exit
    trap "rm -rf '$state' '$prefix'" EXIT
    use_private_apt "$state"
    say "reading the package lists of Debian ${NEWER_SUITES[*]}"
    apt-get -q update || offline
    mapfile -t closure < <(package_closure "$@")
    ((${#closure[@]} > 0)) || fail "Debian ${NEWER_SUITES[*]} has no installable $*"
    say "downloading ${#closure[@]} packages"
    (cd "$state/cache/archives" && apt-get -q download "${closure[@]}") || offline
    say "unpacking"
    mkdir -p "$prefix"
    for archive in "$state"/cache/archives/*.deb; do dpkg -x "$archive" "$prefix"; done
    printf '%s\n' "${closure[@]}" >"$prefix/versions"
    rm -rf "$state"
    trap - EXIT
    unset APT_CONFIG
}

offline() {
    fail "Debian's archive cannot be reached; a network is needed for the first 'make deps'." \
        "Behind a mirror, name it: PUMICE_DEBIAN_MIRROR=http://mirror/debian make deps" \
        "Or do without the newer compiler and driver: PUMICE_STOCK=1 make deps"
}
