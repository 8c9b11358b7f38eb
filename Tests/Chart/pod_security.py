"""Kubernetes' Pod Security Standard "restricted", as the API server's own admission checks it."""

VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
    "projected", "secret"}


def violations(pod):
    """What of a PodSpec the level "restricted" refuses, as a list of sentences."""
    return [*_pod_violations(pod), *(
        f"{container['name']}: {sentence}"
        for group in ("initContainers", "containers", "ephemeralContainers")
        for container in pod.get(group, ())
        for sentence in _container_violations(container, pod.get("securityContext", {})))]


def _pod_violations(pod):
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(field):
            yield f"{field} is set"
    for volume in pod.get("volumes", ()):
        kinds = set(volume) - {"name"}
        if not kinds <= VOLUMES:
            yield f"volume {volume['name']} is a {', '.join(kinds)}"
    if pod.get("securityContext", {}).get("sysctls"):
        yield "sysctls are set"


def _container_violations(container, pod):
    own = container.get("securityContext", {})
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    capabilities = own.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", ()):
        yield "does not drop ALL capabilities"
    if set(capabilities.get("add", ())) - {"NET_BIND_SERVICE"}:
        yield "adds capabilities"
    if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
        yield "runAsNonRoot is not true"
    if 0 in (own.get("runAsUser"), pod.get("runAsUser")):
        yield "runs as root"
    profile = own.get("seccompProfile", pod.get("seccompProfile", {})).get("type")
    if profile not in ("RuntimeDefault", "Localhost"):
        yield "has no seccomp profile"
    if own.get("procMount", "Default") != "Default":
        yield "changes procMount"
    if any(port.get("hostPort") for port in container.get("ports", ())):
        yield "uses a host port"
