{{- define "drawbridge.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "drawbridge.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "drawbridge.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "drawbridge.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "drawbridge.selector" -}}
app.kubernetes.io/name: {{ include "drawbridge.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "drawbridge.labels" -}}
{{ include "drawbridge.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "drawbridge.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "drawbridge.postgres" -}}
{{- if eq .Values.store.kind "postgres" -}}yes{{- end -}}
{{- end -}}

{{- /* The keys of the Secret that are used: variable and key, one a line. */ -}}
{{- define "drawbridge.secretFiles" -}}
{{- $keys := .Values.secrets.keys -}}
{{- if $keys.cursorSecret }}
DRAWBRIDGE_CURSOR_SECRET_FILE: {{ $keys.cursorSecret }}
{{- end }}
{{- if $keys.metricsToken }}
DRAWBRIDGE_METRICS_TOKEN_FILE: {{ $keys.metricsToken }}
{{- end }}
{{- if $keys.mailPassword }}
DRAWBRIDGE_MAIL_PASSWORD_FILE: {{ $keys.mailPassword }}
{{- end }}
{{- if $keys.oidcClientSecret }}
DRAWBRIDGE_API_OIDC_CLIENT_SECRET_FILE: {{ $keys.oidcClientSecret }}
{{- end }}
{{- if $keys.sealKey }}
DRAWBRIDGE_SEAL_KEY_FILE: {{ $keys.sealKey }}
{{- end }}
{{- if $keys.sealOldKey }}
DRAWBRIDGE_SEAL_OLD_KEY_FILE: {{ $keys.sealOldKey }}
{{- end }}
{{- if $keys.outboundProxy }}
DRAWBRIDGE_OUTBOUND_PROXY_FILE: {{ $keys.outboundProxy }}
{{- end }}
{{- if $keys.archiveSecretKey }}
DRAWBRIDGE_ARCHIVE_S3_SECRET_KEY_FILE: {{ $keys.archiveSecretKey }}
{{- end }}
{{- if $keys.archiveSessionToken }}
DRAWBRIDGE_ARCHIVE_S3_SESSION_TOKEN_FILE: {{ $keys.archiveSessionToken }}
{{- end }}
{{- if $keys.observeURL }}
DRAWBRIDGE_STORE_OBSERVE_URL_FILE: {{ $keys.observeURL }}
{{- end }}
{{- if include "drawbridge.postgres" . }}
DRAWBRIDGE_STORE_URL_FILE: {{ .Values.store.postgres.urlKey }}
{{- end }}
{{- end -}}

{{- define "drawbridge.env" -}}
- {name: DRAWBRIDGE_CONFIG, value: /etc/drawbridge/drawbridge.yaml}
- {name: DRAWBRIDGE_DATA, value: /data}
- {name: DRAWBRIDGE_LISTEN, value: "0.0.0.0:8080"}
- {name: DRAWBRIDGE_METRICS_LISTEN, value: "0.0.0.0:9090"}
{{- if and .Values.backup.enabled (not (include "drawbridge.postgres" .)) }}
- {name: DRAWBRIDGE_BACKUP_DIR, value: /backups}
- {name: DRAWBRIDGE_BACKUP_EVERY, value: {{ .Values.backup.every | quote }}}
- {name: DRAWBRIDGE_BACKUP_KEEP, value: {{ .Values.backup.keep | quote }}}
{{- end }}
{{- range $variable, $key := (include "drawbridge.secretFiles" . | fromYaml) }}
- {name: {{ $variable }}, value: {{ printf "/run/secrets/drawbridge/%s" $key | quote }}}
{{- end }}
{{- end -}}

{{- define "drawbridge.mounts" -}}
- {name: config, mountPath: /etc/drawbridge, readOnly: true}
- {name: data, mountPath: /data}
{{- if and .Values.backup.enabled (not (include "drawbridge.postgres" .)) }}
- {name: backups, mountPath: /backups}
{{- end }}
{{- if include "drawbridge.secretFiles" . | trim }}
- {name: secrets, mountPath: /run/secrets/drawbridge, readOnly: true}
{{- end }}
{{- end -}}

{{- define "drawbridge.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- /* The pod, the same for both kinds of store. */ -}}
{{- define "drawbridge.pod" -}}
{{- $files := include "drawbridge.secretFiles" . | trim -}}
metadata:
  annotations:
    # A changed configuration starts the pods again.
    checksum/config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  labels:
    {{- include "drawbridge.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "drawbridge.fullname" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- if include "drawbridge.postgres" . }}
  initContainers:
    # Brings the schema of the database up to date. It may run in several pods at once, and does nothing where nothing is to be done.
    - name: migrate
      image: {{ include "drawbridge.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [migrate, up]
      env:
        {{- include "drawbridge.env" . | nindent 8 }}
      volumeMounts:
        {{- include "drawbridge.mounts" . | nindent 8 }}
      securityContext:
        {{- include "drawbridge.securityContext" . | nindent 8 }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
  {{- end }}
  containers:
    - name: drawbridge
      image: {{ include "drawbridge.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve]
      env:
        {{- include "drawbridge.env" . | nindent 8 }}
      ports:
        - {name: http, containerPort: 8080}
        - {name: metrics, containerPort: 9090}
      # A store that is made its own by a newer release takes longer than a start: two minutes.
      startupProbe:
        httpGet: {path: /livez, port: metrics}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /livez, port: metrics}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: /readyz, port: metrics}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 2
      volumeMounts:
        {{- include "drawbridge.mounts" . | nindent 8 }}
      securityContext:
        {{- include "drawbridge.securityContext" . | nindent 8 }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
  volumes:
    - name: config
      configMap: {name: {{ include "drawbridge.fullname" . }}}
    {{- if $files }}
    - name: secrets
      secret:
        secretName: {{ required "secrets.existingSecret is needed for what secrets.keys and store.postgres name" .Values.secrets.existingSecret }}
        defaultMode: 0440
        items:
          {{- range $variable, $key := ($files | fromYaml) }}
          - {key: {{ $key | quote }}, path: {{ $key | quote }}}
          {{- end }}
    {{- end }}
    {{- if include "drawbridge.postgres" . }}
    - name: data
      emptyDir: {sizeLimit: 2Gi}
    {{- else if .Values.store.bolt.existingClaim }}
    - name: data
      persistentVolumeClaim: {claimName: {{ .Values.store.bolt.existingClaim }}}
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
  {{- else if include "drawbridge.postgres" . }}
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "drawbridge.selector" $ | nindent 10 }}
    {{- end }}
  {{- end }}
{{- end -}}

{{/* The ports that the server connects to: those of networkPolicy.egressPorts, and those that the configuration names. */}}
{{- define "drawbridge.egressPorts" -}}
{{- $ports := list }}
{{- range .Values.networkPolicy.egressPorts }}{{ $ports = append $ports (int .) }}{{ end }}
{{- $config := .Values.config | default dict }}
{{- with dig "mail" "port" 0 $config }}{{ $ports = append $ports (int .) }}{{ end }}
{{- range list (dig "api" "oidc" "issuer" "" $config) (dig "tls" "acme" "directory" "" $config) }}
{{- $port := regexFind ":[0-9]+$" (get (urlParse .) "host") | trimPrefix ":" }}
{{- if $port }}{{ $ports = append $ports (int $port) }}{{ end }}
{{- end }}
{{- $ports | uniq | toJson }}
{{- end }}
