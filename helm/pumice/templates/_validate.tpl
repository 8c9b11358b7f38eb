{{/* Values that each are well-formed but contradict one another. Each ends with a sentence that says
what to do; the schema refuses the rest. */}}
{{- define "pumice.validate" -}}
{{- $v := .Values -}}
{{- $scaling := $v.autoscaling -}}
{{- if and $scaling.hpa.enabled (or $scaling.keda.enabled $scaling.httpAddOn.enabled) -}}
{{- fail "autoscaling.hpa and KEDA (autoscaling.keda, autoscaling.httpAddOn) are both enabled; KEDA makes a HorizontalPodAutoscaler of its own, so enable one of them." -}}
{{- end -}}
{{- if and (include "pumice.isAutoscaled" .) (gt (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- fail (printf "autoscaling.minReplicas (%v) is greater than autoscaling.maxReplicas (%v)." $scaling.minReplicas $scaling.maxReplicas) -}}
{{- end -}}
{{- if and (include "pumice.isAutoscaled" .) (eq (int $scaling.minReplicas) 0) (not $scaling.httpAddOn.enabled) -}}
{{- fail "autoscaling.minReplicas is 0, but the pods' own metric dies with the last pod, and nothing would start one again. Enable autoscaling.httpAddOn, or set minReplicas to 1." -}}
{{- end -}}
{{- if and $scaling.httpAddOn.enabled (not $scaling.httpAddOn.hosts) -}}
{{- fail "autoscaling.httpAddOn is enabled; set autoscaling.httpAddOn.hosts to the host names clients use, by which the interceptor knows the model." -}}
{{- end -}}
{{- if and $scaling.httpAddOn.enabled $scaling.keda.enabled (eq $scaling.httpAddOn.api "HTTPScaledObject") -}}
{{- fail "An HTTPScaledObject makes a ScaledObject of its own. Disable autoscaling.keda, or set autoscaling.httpAddOn.api to InterceptorRoute, whose ScaledObject takes both triggers." -}}
{{- end -}}
{{- if and (has $v.accelerator (list "amd" "intel")) (kindIs "invalid" $v.gpu.renderGroup) -}}
{{- fail (printf "accelerator is %s; set gpu.renderGroup to the group id of the nodes' render devices (on a node: stat -c %%g /dev/dri/renderD128), or to none where every user may open them." $v.accelerator) -}}
{{- end -}}
{{- if and $v.engine.layerSplit (not (include "pumice.splitsModel" .)) -}}
{{- fail "engine.layerSplit splits the model over several GPUs; set gpu.count to their number." -}}
{{- end -}}
{{- if and $v.engine.layerSplit (ne (len (splitList "," $v.engine.layerSplit)) (int $v.gpu.count)) -}}
{{- fail (printf "engine.layerSplit is %q; it must have a number for each of the %v GPUs of gpu.count." $v.engine.layerSplit $v.gpu.count) -}}
{{- end -}}
{{- if and $v.gpu.dra.enabled (eq $v.accelerator "cpu") -}}
{{- fail "gpu.dra.enabled asks for a GPU, but accelerator is cpu." -}}
{{- end -}}
{{- if and $v.gpu.dra.enabled (semverCompare "<1.32-0" .Capabilities.KubeVersion.Version) -}}
{{- fail (printf "gpu.dra.enabled needs Kubernetes 1.32 or later; this cluster has %s." .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- if and $v.model.id $v.model.idSecret -}}
{{- fail "Set model.id or model.idSecret, not both." -}}
{{- end -}}
{{- if not (or (include "pumice.downloads" .) $v.model.path) -}}
{{- fail "There is no model. Set model.id to a hub's repository or a URL, or model.path to a file of the volume." -}}
{{- end -}}
{{- if and (include "pumice.downloads" .) $v.model.path -}}
{{- fail "model.path names a file that is there already, and model.id one to download; set one of them." -}}
{{- end -}}
{{- if and $v.model.path (eq $v.model.volume.type "emptyDir") -}}
{{- fail "model.path names a file, but an emptyDir is empty. Set model.volume.type to pvc or image, or model.id to what to download." -}}
{{- end -}}
{{- if and $v.model.path (eq $v.model.volume.type "pvc") (not $v.model.volume.existingClaim) -}}
{{- fail "model.path names a file, but a claim that the chart makes is empty. Set model.volume.existingClaim, or model.id to what to download." -}}
{{- end -}}
{{- if eq $v.model.volume.type "image" -}}
{{- if not $v.model.volume.image -}}
{{- fail "model.volume.type is image; set model.volume.image to the OCI image's reference." -}}
{{- end -}}
{{- if include "pumice.downloads" . -}}
{{- fail "An image volume is read-only; nothing can be downloaded into it. Set model.path to the model's file in the image." -}}
{{- end -}}
{{- if semverCompare "<1.33-0" .Capabilities.KubeVersion.Version -}}
{{- fail (printf "model.volume.type image needs Kubernetes 1.33 or later; this cluster has %s." .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- end -}}
{{- if and $v.auth.apiKey $v.auth.existingSecret -}}
{{- fail "Set auth.apiKey or auth.existingSecret, not both." -}}
{{- end -}}
{{- if and $v.tls.existingSecret $scaling.httpAddOn.enabled -}}
{{- fail "tls.existingSecret makes the pods speak HTTPS, but KEDA's interceptor (autoscaling.httpAddOn) asks them by HTTP; end TLS before it, at the Ingress or Gateway." -}}
{{- end -}}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) -}}
{{- fail "httpRoute is enabled; set httpRoute.parentRefs to the Gateway it attaches to." -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) -}}
{{- fail "ingress is enabled; set ingress.hosts." -}}
{{- end -}}
{{- if and $v.inferencePool.enabled (not $v.inferencePool.endpointPicker) -}}
{{- fail "inferencePool is enabled; set inferencePool.endpointPicker to the name and port of the endpoint picker's Service." -}}
{{- end -}}
{{- if and $v.monitoring.serviceMonitor.enabled $v.monitoring.podMonitor.enabled -}}
{{- fail "monitoring.serviceMonitor and monitoring.podMonitor are both enabled; every request would count twice, so enable one of them." -}}
{{- end -}}
{{- if and $scaling.keda.enabled (eq $scaling.keda.trigger "prometheus") (not $scaling.keda.prometheus.query) (not (or $v.monitoring.serviceMonitor.enabled $v.monitoring.podMonitor.enabled)) -}}
{{- fail "autoscaling.keda asks Prometheus, which knows nothing of these pods. Enable monitoring.serviceMonitor or monitoring.podMonitor, set autoscaling.keda.prometheus.query for a scrape of your own, or set autoscaling.keda.trigger to metrics-api." -}}
{{- end -}}
{{- $needed := add $v.preStopSeconds $v.server.shutdownTimeout -}}
{{- if and $v.terminationGracePeriodSeconds (le (int $v.terminationGracePeriodSeconds) (int $needed)) -}}
{{- fail (printf "terminationGracePeriodSeconds (%v) cuts running streams: it must exceed preStopSeconds + server.shutdownTimeout (%v)." $v.terminationGracePeriodSeconds $needed) -}}
{{- end -}}
{{- end -}}
