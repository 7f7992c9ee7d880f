{{- /* A duration of Prometheus, 1m30s, in milliseconds; the schema holds it to ms, s, m and h. */ -}}
{{- define "headroom.milliseconds" -}}
{{- $in := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 -}}
{{- $sum := 0 -}}
{{- range regexFindAll "[0-9]+[a-z]+" . -1 -}}
{{- /* Without leading zeros, which would make the number an octal one. */ -}}
{{- $sum = add $sum (mul (regexFind "[1-9][0-9]*" . | int64) (get $in (regexFind "[a-z]+" .))) -}}
{{- end -}}
{{- $sum -}}
{{- end -}}
