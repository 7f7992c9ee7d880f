#!/bin/sh
# promtool_check.sh PAGE: promtool must find nothing at all to say about the page.
# Exit 77 (skipped) where there is no promtool.
if ! command -v promtool >/dev/null 2>&1; then
  echo "skipped: promtool is not installed (Debian package: prometheus)"
  exit 77
fi
[ -s "$1" ] || { echo "no page at $1"; exit 1; }
said=$(promtool check metrics <"$1" 2>&1)
status=$?
[ "$status" -eq 0 ] && [ -z "$said" ] && exit 0
printf 'promtool check metrics: exit %s\n%s\n' "$status" "$said"
exit 1
