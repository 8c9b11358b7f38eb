# shellcheck shell=bash
# shellcheck disable=SC2154 # `toolchain` and `PROGRAMS` are those of Scripts/deps
# The small scripts in .toolchain/bin.

# Puts what it reads into .toolchain/bin/$1 at once, so that a wrapper in use never changes halfway.
write_wrapper() {
    cat >"$toolchain/bin/.$1.new"
    chmod +x "$toolchain/bin/.$1.new"
    mv "$toolchain/bin/.$1.new" "$toolchain/bin/$1"
}

# A wrapper that starts the unpacked program $1 with the C library it was built for.
write_program() {
    write_wrapper "$1" <<END
#!/bin/sh
# Made by Scripts/deps.
set -eu
here=\$(CDPATH='' cd -- "\$(dirname -- "\$0")/../newer/usr" && pwd)
lib=\$here/lib/$2
exec "\$lib"/ld-linux-*.so.* --argv0 "$1" --library-path "\$lib" "\$here/bin/$1" "\$@"
END
}

# vkrun on the unpacked driver: its loader, its layers, its C library. Where the processor has
# vectors of 512 bits the driver is told to use them, unless somebody said otherwise; it would take
# 256.
write_vkrun_newer() {
    local prefix=$toolchain/newer version
    version=$(sed -n 's/^mesa-vulkan-drivers=//p' "$prefix/versions")
    write_wrapper vkrun <<END
#!/bin/sh
# Made by Scripts/deps. vkrun PROGRAM ARGUMENTS...: runs a program (not a script) on the newer
# lavapipe. What it starts itself runs on the system's libraries, and so cannot use this driver.
set -eu
here=\$(CDPATH='' cd -- "\$(dirname -- "\$0")/.." && pwd)
lib=\$here/newer/usr/lib/$1
program=\$(command -v -- "\$1") || { echo "vkrun: there is no program \$1" >&2; exit 127; }
name=\$1
shift
export VK_DRIVER_FILES="\$here/newer/usr/share/vulkan/icd.d/lvp_icd.json"
export VK_LAYER_PATH="\$here/newer/usr/share/vulkan/explicit_layer.d"
: "\${MESA_SHADER_CACHE_DIR:=\$here/shader-cache-$version}"
export MESA_SHADER_CACHE_DIR
if grep -qw avx512f /proc/cpuinfo 2>/dev/null; then
    export LP_NATIVE_VECTOR_WIDTH="\${LP_NATIVE_VECTOR_WIDTH:-512}"
fi
exec "\$lib"/ld-linux-*.so.* --argv0 "\$name" --library-path "\$lib" "\$program" "\$@"
END
}

# The same command on the system's own lavapipe.
write_vkrun_stock() {
    local version
    # shellcheck disable=SC2016 # the dollar sign is dpkg-query's
    version=$(dpkg-query -W -f='${Version}\n' mesa-vulkan-drivers | head -n 1)
    write_wrapper "$1" <<END
#!/bin/sh
# Made by Scripts/deps. Runs a program on the system's lavapipe, whatever other drivers there are.
set -eu
here=\$(CDPATH='' cd -- "\$(dirname -- "\$0")/.." && pwd)
for icd in /usr/share/vulkan/icd.d/lvp_icd*.json; do break; done
export VK_DRIVER_FILES="\$icd"
: "\${MESA_SHADER_CACHE_DIR:=\$here/shader-cache-$version}"
export MESA_SHADER_CACHE_DIR
exec "\$@"
END
}

# Cheap, so every run writes them: a change here needs no new download.
write_wrappers() {
    local triplet=$1 program
    mkdir -p "$toolchain/bin"
    write_vkrun_stock vkrun-stock
    if [[ -e $toolchain/newer/usr/lib/$triplet/libvulkan_lvp.so ]]; then
        write_vkrun_newer "$triplet"
    else
        write_vkrun_stock vkrun
    fi
    for program in "${PROGRAMS[@]}"; do
        if [[ -e $toolchain/newer/usr/bin/$program ]]; then
            write_program "$program" "$triplet"
        else
            rm -f "$toolchain/bin/$program"
        fi
    done
}
