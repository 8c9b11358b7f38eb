# shellcheck shell=bash
# The distribution's own packages. dpkg is asked first, so a second run needs no rights and no
# network.

# shellcheck disable=SC2034 # used by the scripts that read this file
readonly SYSTEM_PACKAGES=(
    # Building: the Vulkan headers, the shader compiler as a library, libcurl, a linker, and what
    # the Swift toolchain itself loads.
    libvulkan-dev glslang-dev libshaderc-dev libcurl4-openssl-dev pkg-config g++ make git
    libncurses6
    # Running: the loader and Mesa's drivers, lavapipe among them.
    libvulkan1 mesa-vulkan-drivers ca-certificates
    # Testing: compiler and tools by name, the validation layer, Python for the real clients.
    glslc spirv-tools vulkan-validationlayers python3 python3-venv zstd shellcheck
    # Bringing newer packages: the keys that Debian signs its suites with, on Ubuntu too.
    debian-archive-keyring
)

missing_system_packages() {
    local package status
    for package in "$@"; do
        # shellcheck disable=SC2016 # the dollar sign is dpkg-query's
        status=$(dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null) || true
        [[ $status == installed* ]] || printf '%s\n' "$package"
    done
}

install_system_packages() {
    local missing
    mapfile -t missing < <(missing_system_packages "$@")
    ((${#missing[@]} > 0)) || return 0

    local install="apt-get install -y --no-install-recommends ${missing[*]}"
    local sudo=()
    if ((EUID != 0)); then
        can_use_sudo || fail "packages are missing, and this user may not install them." \
            "Run as root: apt-get update && $install"
        sudo=(sudo)
    fi

    say "installing ${#missing[@]} packages: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${sudo[@]}" apt-get -q update || fail "the package lists cannot be read; is there a network?" \
        "By hand, as root: apt-get update && $install"
    # shellcheck disable=SC2086 # one word per package is meant
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive $install ||
        fail "apt could not install them. By hand, as root:" "apt-get update && $install"
}

# A password can only be asked for where there is somebody to type it.
can_use_sudo() {
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]
}
