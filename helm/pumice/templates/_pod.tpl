{{- define "pumice.containerSecurity" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
{{- $writable := .Values.readOnlyRootFilesystem }}
readOnlyRootFilesystem: {{ kindIs "bool" $writable | ternary $writable (ne .Values.accelerator "nvidia") }}
{{- end -}}

{{- define "pumice.mounts" -}}
- name: model
  mountPath: /models
  {{- if not (include "pumice.serverDownloads" .) }}
  readOnly: true
  {{- end }}
{{- if include "pumice.cacheOnModelVolume" . }}
- name: model
  mountPath: /cache
  subPath: pumice-cache
{{- else }}
- name: cache
  mountPath: /cache
{{- end }}
- name: tmp
  mountPath: /tmp
{{- if .Values.shmSize }}
- name: shm
  mountPath: /dev/shm
{{- end }}
{{- end -}}

{{/* What the server alone reads: secrets are files, which change while it runs. */}}
{{- define "pumice.serverMounts" -}}
{{- if .Values.model.chatTemplate }}
- name: chat-template
  mountPath: /etc/pumice/chat
  readOnly: true
{{- end }}
{{- if include "pumice.hasAPIKey" . }}
- name: api-keys
  mountPath: /etc/pumice/keys
  readOnly: true
{{- end }}
{{- if .Values.tls.existingSecret }}
- name: tls
  mountPath: /etc/pumice/tls
  readOnly: true
{{- end }}
{{- with .Values.server.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "pumice.resources" -}}
{{- $resources := deepCopy .Values.resources -}}
{{- if include "pumice.hasGPU" . -}}
{{- if .Values.gpu.dra.enabled -}}
{{- $_ := set $resources "claims" (list (dict "name" "gpu")) -}}
{{- else -}}
{{- $gpu := dict (include "pumice.resourceName" .) (int .Values.gpu.count) -}}
{{- $_ := set $resources "limits" (merge $gpu (default (dict) $resources.limits)) -}}
{{- end -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}

{{/* Containers that run before the server. */}}
{{- define "pumice.initContainers" -}}
{{- if .Values.preflight }}
- name: preflight
  image: {{ include "pumice.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [devices]
  env:
    {{- include "pumice.environment" . | nindent 4 }}
  resources:
    {{- include "pumice.resources" . | nindent 4 }}
  securityContext:
    {{- include "pumice.containerSecurity" . | nindent 4 }}
  volumeMounts:
    {{- include "pumice.mounts" . | nindent 4 }}
{{- end }}
{{- if and (include "pumice.downloads" .) (eq .Values.model.downloadIn "init") }}
- name: pull
  image: {{ include "pumice.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [pull, {{ include "pumice.modelArgument" . | quote }}, --download-dir, /models]
  env:
    - name: HOME
      value: /tmp
    {{- with include "pumice.downloadEnvironment" . }}
    {{- . | trim | nindent 4 }}
    {{- end }}
  resources:
    requests:
      cpu: 500m
      memory: 256Mi
    limits:
      memory: 1Gi
  securityContext:
    allowPrivilegeEscalation: false
    capabilities:
      drop: [ALL]
    readOnlyRootFilesystem: true
  volumeMounts:
    - name: model
      mountPath: /models
    - name: tmp
      mountPath: /tmp
{{- end }}
{{- end -}}

{{- define "pumice.volumes" -}}
- name: model
  {{- with .Values.model.volume }}
  {{- if eq .type "pvc" }}
  persistentVolumeClaim:
    claimName: {{ include "pumice.claimName" $ }}
  {{- else if eq .type "image" }}
  image:
    reference: {{ .image }}
    pullPolicy: IfNotPresent
  {{- else }}
  emptyDir:
    sizeLimit: {{ .size }}
  {{- end }}
  {{- end }}
{{- if not (include "pumice.cacheOnModelVolume" .) }}
- name: cache
  emptyDir:
    sizeLimit: {{ .Values.cache.size }}
{{- end }}
- name: tmp
  emptyDir:
    sizeLimit: 1Gi
{{- with .Values.shmSize }}
- name: shm
  emptyDir:
    medium: Memory
    sizeLimit: {{ . }}
{{- end }}
{{- if .Values.model.chatTemplate }}
- name: chat-template
  configMap:
    name: {{ include "pumice.fullname" . }}-chat-template
{{- end }}
{{- if include "pumice.hasAPIKey" . }}
- name: api-keys
  secret:
    secretName: {{ include "pumice.apiKeySecret" . }}
    defaultMode: 0440
    items:
      - key: {{ .Values.auth.secretKey }}
        path: {{ .Values.auth.secretKey }}
{{- end }}
{{- with .Values.tls.existingSecret }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with .Values.server.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "pumice.tolerations" -}}
{{- $tolerations := .Values.tolerations -}}
{{- if and (include "pumice.hasGPU" .) .Values.gpu.tolerateTaint -}}
{{- $taint := dict "key" (include "pumice.resourceName" .) "operator" "Exists" "effect" "NoSchedule" -}}
{{- $tolerations = append $tolerations $taint -}}
{{- end -}}
{{- if $tolerations }}{{ toYaml $tolerations }}{{ end -}}
{{- end -}}
