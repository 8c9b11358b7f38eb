{{/* The release's name, which every object carries. */}}
{{- define "pumice.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "pumice.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end -}}

{{- define "pumice.labels" -}}
{{ include "pumice.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "pumice.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "pumice.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "pumice.image" -}}
{{- $flavour := eq .Values.accelerator "nvidia" | ternary "nvidia" "universal" -}}
{{- $tag := default (printf "%s-%s" .Chart.AppVersion $flavour) .Values.image.tag -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository $tag -}}
{{- end -}}
{{- end -}}

{{/* The node resource of one GPU. */}}
{{- define "pumice.resourceName" -}}
{{- $names := dict "nvidia" "nvidia.com/gpu" "amd" "amd.com/gpu" "intel" "gpu.intel.com/i915" -}}
{{- default (get $names .Values.accelerator) .Values.gpu.resourceName -}}
{{- end -}}

{{/* Not empty when the pods compute on a GPU. */}}
{{- define "pumice.hasGPU" -}}
{{- if ne .Values.accelerator "cpu" }}true{{ end -}}
{{- end -}}

{{/* Not empty when the pods download the model. */}}
{{- define "pumice.downloads" -}}
{{- if or .Values.model.id .Values.model.idSecret }}true{{ end -}}
{{- end -}}

{{/* Not empty when the server itself may have to download. */}}
{{- define "pumice.serverDownloads" -}}
{{- if and (include "pumice.downloads" .) (eq .Values.model.downloadIn "serve") }}true{{ end -}}
{{- end -}}

{{/* Not empty when an autoscaler owns the number of pods. */}}
{{- define "pumice.isAutoscaled" -}}
{{- with .Values.autoscaling -}}
{{- if or .hpa.enabled .keda.enabled .httpAddOn.enabled }}true{{ end -}}
{{- end -}}
{{- end -}}

{{- define "pumice.leastPods" -}}
{{- if include "pumice.isAutoscaled" . -}}
{{- .Values.autoscaling.minReplicas -}}
{{- else -}}
{{- .Values.replicas -}}
{{- end -}}
{{- end -}}

{{- define "pumice.claimName" -}}
{{- default (printf "%s-model" (include "pumice.fullname" .)) .Values.model.volume.existingClaim -}}
{{- end -}}

{{/* Not empty when pipelines are kept on the model's volume. */}}
{{- define "pumice.cacheOnModelVolume" -}}
{{- if eq .Values.model.volume.type "pvc" -}}
{{- $known := or (include "pumice.downloads" .) (not .Values.model.volume.existingClaim) -}}
{{- if kindIs "bool" .Values.cache.onModelVolume | ternary .Values.cache.onModelVolume $known -}}
true
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "pumice.apiKeySecret" -}}
{{- default (printf "%s-api-key" (include "pumice.fullname" .)) .Values.auth.existingSecret -}}
{{- end -}}

{{- define "pumice.hasAPIKey" -}}
{{- if or .Values.auth.apiKey .Values.auth.existingSecret }}true{{ end -}}
{{- end -}}

{{/* What the pods speak: http or https. */}}
{{- define "pumice.scheme" -}}
{{- empty .Values.tls.existingSecret | ternary "http" "https" -}}
{{- end -}}

{{/* Probes ask by HTTP where nothing else is said. */}}
{{- define "pumice.probeScheme" -}}
{{- if .Values.tls.existingSecret }}, scheme: HTTPS{{ end -}}
{{- end -}}

{{- define "pumice.gracePeriod" -}}
{{- $needed := add .Values.preStopSeconds .Values.server.shutdownTimeout 15 -}}
{{- default $needed .Values.terminationGracePeriodSeconds -}}
{{- end -}}

{{/* Requests, waiting and running, that one pod should have. */}}
{{- define "pumice.targetRequests" -}}
{{- $share := div (mul .Values.engine.maxNumSeqs 8) 10 -}}
{{- default (max 1 $share) .Values.autoscaling.targetRequests -}}
{{- end -}}

{{/* The requests of all pods as one series. The monitors set both labels. */}}
{{- define "pumice.requestsQuery" -}}
{{- $labels := printf "namespace=%q,service=%q" .Release.Namespace (include "pumice.fullname" .) -}}
{{- printf "sum(vllm:num_requests_waiting{%s}) + sum(vllm:num_requests_running{%s})" $labels $labels -}}
{{- end -}}

{{- define "pumice.draVersion" -}}
{{- $version := .Capabilities.KubeVersion.Version -}}
{{- $known := semverCompare ">=1.34-0" $version | ternary "resource.k8s.io/v1" "resource.k8s.io/v1beta1" -}}
{{- default $known .Values.gpu.dra.apiVersion -}}
{{- end -}}

{{/* What an autoscaler may do in a minute: double, but take few away, whose streams must end. */}}
{{- define "pumice.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - type: Percent
      value: 100
      periodSeconds: 60
    - type: Pods
      value: 2
      periodSeconds: 60
scaleDown:
  stabilizationWindowSeconds: {{ .Values.autoscaling.scaleDownStabilization }}
  policies:
    - type: Percent
      value: {{ .Values.autoscaling.scaleDownPercent }}
      periodSeconds: 60
{{- end -}}
