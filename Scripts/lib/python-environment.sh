# shellcheck shell=bash
# A private Python, so that nothing is installed into the system's.

# Makes the virtual environment $1 unless it is there.
python_environment() {
    local venv=$1
    [[ -x $venv/bin/pip ]] && return
    say "making the Python environment ${venv##*/}"
    rm -rf "$venv"
    # The distribution's own, which python3-venv belongs to, whatever comes first on the path.
    /usr/bin/python3 -m venv "$venv" || fail "python3 -m venv failed; run 'make deps' first"
}

# Installs what the file $2 pins into the environment $1, once for each version of the file.
python_requirements() {
    local venv=$1 requirements=$2
    python_environment "$venv"
    cmp -s "$requirements" "$venv/installed.txt" && return
    say "installing Python packages: $(grep -v '^#' "$requirements" | xargs)"
    "$venv/bin/pip" --disable-pip-version-check install -q -r "$requirements" ||
        fail "pip could not install them; a network is needed the first time." \
            "Wheels in a folder do too: PIP_FIND_LINKS=folder make test"
    cp "$requirements" "$venv/installed.txt"
}
