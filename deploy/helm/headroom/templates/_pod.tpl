{{- /* What the Deployment's pod and that of `helm test` have in common. */ -}}
{{- define "headroom.podSpec" -}}
serviceAccountName: {{ include "headroom.serviceAccount" . | quote }}
automountServiceAccountToken: false
# Variables for every Service of the namespace: headroom-redis would look like a setting of headroom.
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: config
    configMap:
      name: {{ include "headroom.configMap" . }}
  {{- with .Values.secretFiles }}
  - name: secrets
    projected:
      defaultMode: 0440
      sources:
        {{- range . }}
        - secret:
            name: {{ .secret | quote }}
            items: [{ key: {{ .key | quote }}, path: {{ .file | quote }} }]
        {{- end }}
  {{- end }}
  {{- with .Values.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* A flag that a value stands for would be there twice, which the exporter refuses, or not be known to the rest. */ -}}
{{- define "headroom.extraArgs" -}}
{{- $values := dict "--config.file" "config or existingConfigMap" "--log.level" "log.level" "--log.format" "log.format" "--web.enable-lifecycle" "enableLifecycle" "--web.telemetry-path" "telemetryPath" -}}
{{- range $arg := .Values.extraArgs }}
{{- with get $values (splitList "=" $arg | first) }}
{{- fail (printf "extraArgs: %s has a value of its own; set %s instead" (splitList "=" $arg | first) .) }}
{{- end }}
- {{ $arg | quote }}
{{- end }}
{{- end -}}

{{- define "headroom.container" -}}
name: headroom
image: "{{ required "image.repository says where your build of the image stands, and is empty" .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ default .Chart.AppVersion .Values.image.tag }}{{ end }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
resources: {{- toYaml .Values.resources | nindent 2 }}
{{- with .Values.env }}
env: {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - name: config
    mountPath: /etc/headroom
    readOnly: true
  {{- if .Values.secretFiles }}
  - name: secrets
    mountPath: /run/secrets/headroom
    readOnly: true
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
