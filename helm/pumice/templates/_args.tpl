{{/* The arguments of `pumice serve`: flags that are set, spelled as the server spells them. */}}
{{- define "pumice.modelArgument" -}}
{{- if .Values.model.idSecret -}}
$(PUMICE_MODEL)
{{- else -}}
{{- default (printf "/models/%s" (trimPrefix "/" .Values.model.path)) .Values.model.id -}}
{{- end -}}
{{- end -}}

{{/* Not empty where a pod has several GPUs. */}}
{{- define "pumice.splitsModel" -}}
{{- if and (ne .Values.accelerator "cpu") (gt (int .Values.gpu.count) 1) }}true{{ end -}}
{{- end -}}

{{- define "pumice.serveArguments" -}}
- serve
- --model
- {{ include "pumice.modelArgument" . | quote }}
{{- if include "pumice.downloads" . }}
- --download-dir
- /models
{{- end }}
- --device
- {{ eq .Values.accelerator "cpu" | ternary "cpu" "gpu" }}
{{- if include "pumice.splitsModel" . }}
- --pipeline-parallel-size
- {{ int64 .Values.gpu.count | quote }}
{{- with .Values.engine.layerSplit }}
- --layer-split
- {{ . | quote }}
{{- end }}
{{- end }}
- --host
- "0.0.0.0"
- --port
- {{ .Values.server.port | quote }}
{{- with .Values.model.servedNames }}
- --served-model-name
{{- range . }}
- {{ . | quote }}
{{- end }}
{{- end }}
{{- if .Values.model.chatTemplate }}
- --chat-template
- /etc/pumice/chat/chat-template.jinja
{{- end }}
{{- range $flag, $value := dict
    "--max-model-len" .Values.engine.maxModelLen
    "--max-num-seqs" .Values.engine.maxNumSeqs
    "--max-num-batched-tokens" .Values.engine.maxNumBatchedTokens
    "--num-gpu-blocks" .Values.engine.numGpuBlocks
    "--block-size" .Values.engine.blockSize
    "--max-num-queued-reqs" .Values.engine.maxNumQueuedReqs
    "--max-num-queued-tokens" .Values.engine.maxNumQueuedTokens
    "--request-timeout" .Values.server.requestTimeout
    "--shutdown-timeout" .Values.server.shutdownTimeout
    "--sse-keep-alive-interval" .Values.server.sseKeepAliveInterval }}
{{- if not (kindIs "invalid" $value) }}
- {{ $flag }}
- {{ int64 $value | quote }}
{{- end }}
{{- end }}
{{- with .Values.engine.gpuMemoryUtilization }}
- --gpu-memory-utilization
- {{ . | quote }}
{{- end }}
- --kv-cache-dtype
- {{ .Values.engine.kvCacheDtype }}
{{- with .Values.engine.quantization }}
- --quantization
- {{ . }}
{{- end }}
- --scheduling-policy
- {{ .Values.engine.schedulingPolicy }}
{{- if not .Values.engine.prefixCaching }}
- --no-enable-prefix-caching
{{- end }}
{{- if .Values.engine.batchInvariant }}
- --batch-invariant
{{- end }}
{{- if include "pumice.hasAPIKey" . }}
- --api-key-file
- {{ printf "/etc/pumice/keys/%s" .Values.auth.secretKey | quote }}
{{- end }}
{{- if .Values.tls.existingSecret }}
- --tls-certificate
- /etc/pumice/tls/tls.crt
- --tls-key
- /etc/pumice/tls/tls.key
{{- end }}
- --log-level
- {{ .Values.server.logLevel }}
{{- with .Values.server.allowedOrigins }}
- --allowed-origins
{{- range . }}
- {{ . | quote }}
{{- end }}
{{- end }}
{{- with .Values.server.extraArgs }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A model's id that is a secret. */}}
{{- define "pumice.modelEnvironment" -}}
{{- with .Values.model.idSecret }}
- name: PUMICE_MODEL
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end -}}

{{/* What a download reads: the hub and its token. */}}
{{- define "pumice.downloadEnvironment" -}}
{{- include "pumice.modelEnvironment" . }}
{{- with .Values.model.hub.endpoint }}
- name: HF_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with .Values.model.hub.tokenSecret }}
- name: HF_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .name }}
      key: {{ .key }}
{{- end }}
{{- end -}}

{{/* Which drivers the Vulkan loader takes, and where pipelines and shaders are kept. */}}
{{- define "pumice.environment" -}}
- name: HOME
  value: /tmp
- name: XDG_CACHE_HOME
  value: /cache
- name: MESA_SHADER_CACHE_DIR
  value: /cache
{{- if eq .Values.accelerator "cpu" }}
- name: VK_LOADER_DRIVERS_SELECT
  value: "*lvp*"
{{- else }}
- name: VK_LOADER_DRIVERS_DISABLE
  value: "*lvp*"
{{- end }}
{{- if include "pumice.serverDownloads" . }}
{{- with include "pumice.downloadEnvironment" . }}
{{ . | trim }}
{{- end }}
{{- else if include "pumice.downloads" . }}
{{- with include "pumice.modelEnvironment" . }}
{{ . | trim }}
{{- end }}
# What the init container brought is what is served: no hub is asked, and no token is here.
- name: HF_HUB_OFFLINE
  value: "1"
{{- end }}
{{- with .Values.server.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}
