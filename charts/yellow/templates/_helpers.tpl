{{- define "yellow.name" -}}
{{- printf "%s" .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- define "yellow.selector" -}}
app.kubernetes.io/name: yellow
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}
{{- define "yellow.labels" -}}
{{ include "yellow.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: server
app.kubernetes.io/part-of: yellow
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}
{{- define "yellow.postgres" -}}
app.kubernetes.io/name: yellow-postgres
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}
