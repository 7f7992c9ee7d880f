{{- /* One rule as YAML, its links led to where the values say. */ -}}
{{- define "headroom.rule" -}}
{{- toYaml .rule
    | replace "https://docs.example/headroom/runbooks" .values.runbooks
    | replace "https://grafana.example" .values.dashboards -}}
{{- end -}}

{{- /* The expression of a limit with those of the values before it, for what has a limit by the default. It begins
with what it is the limit of. */ -}}
{{- define "headroom.limit" -}}
{{- $default := .expr | trim -}}
{{- $limited := regexFind "^[a-zA-Z_:][a-zA-Z0-9_:]*" $default -}}
{{- range .limits -}}
({{ $limited }}{{ with .match }}{{ printf "{%s}" . }}{{ end }} * 0 + {{ .value }} and (
{{ $default }}
))
or
{{ end -}}
{{- ternary $default .expr (not (empty .limits)) -}}
{{- end -}}

{{- /* Likewise: the workers of the workloads in the values, then of all others. */ -}}
{{- define "headroom.actualWorkers" -}}
{{- range $workload, $who := .workloads -}}
{{- $series := "" -}}
{{- if $who.group -}}
{{- $target := "" -}}
{{- with $who.target }}{{ $target = printf ", target=%s" (quote .) }}{{ end -}}
{{- $series = printf "group:headroom_workers_live:max{group=%s%s}" ($who.group | quote) $target -}}
{{- else -}}
{{- $series = printf "kube_deployment_status_replicas_ready{deployment=%s, namespace=%s}" ($who.deployment | quote) ($who.namespace | quote) -}}
{{- end -}}
max by (workload) (label_replace({{ $series }}, "workload", {{ $workload | quote }}, "", ""))
or
{{ end -}}
{{- .expr -}}
{{- end -}}
