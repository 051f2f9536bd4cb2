#!/usr/bin/env bash
# Runs the audit of the GitHub Action: installs the package, audits, and writes SARIF, outputs and the job's summary, also
# where a gate is not passed. Its exit code is that of the audit. Everything comes by the environment (INPUT_*), as action.yml says.
set -uo pipefail

out=${INPUT_OUT:-pareidolia-audit}
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

# One package, or several packed ones by spaces.
read -r -a packages <<<"${INPUT_PACKAGE:-pareidolia@latest}"
if ! npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$home" "${packages[@]}" >&2; then
  echo "::error title=Pareidolia::${packages[*]} could not be installed" >&2
  exit 1
fi

words=(audit)
while IFS= read -r model; do if [ -n "$model" ]; then words+=("$model"); fi; done <<<"${INPUT_MODEL:-}"
add() { if [ -n "$2" ]; then words+=("$1" "$2"); fi; }
add --images "${INPUT_IMAGES:-}"
add --data "${INPUT_DATA:-}"
add --labels "${INPUT_LABELS:-}"
add --outliers "${INPUT_OUTLIERS:-}"
add --threshold "${INPUT_THRESHOLD:-}"
add --budget "${INPUT_BUDGET:-}"
add --fail-on "${INPUT_FAIL_ON:-}"
add --baseline "${INPUT_BASELINE:-}"
add --config "${INPUT_CONFIG:-}"
while IFS= read -r word; do if [ -n "$word" ]; then words+=("$word"); fi; done <<<"${INPUT_ARGUMENTS:-}"
words+=(--out "$out")

node "$home/node_modules/pareidolia/bin/pareidolia.js" "${words[@]}"
code=$?

tell() { if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "$1" >>"$GITHUB_OUTPUT"; fi; }
there() { if [ -f "$out/$2" ]; then tell "$1=$out/$2"; else tell "$1="; fi; }
if [ "$code" -eq 0 ]; then tell passed=true; else tell passed=false; fi
there sarif audit.sarif
if [ -f "$out/audit.json" ]; then
  there result audit.json
  there report report.html
else
  there result comparison.json
  there report comparison.html
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  for summary in "$out/summary.md" "$out/comparison.md"; do
    if [ -f "$summary" ]; then cat "$summary" >>"$GITHUB_STEP_SUMMARY"; fi
  done
fi
case $code in
  0) ;;
  3) echo "::error title=Pareidolia::A gate of the audit is not passed; the summary says which" >&2 ;;
  *) echo "::error title=Pareidolia::The audit ended with exit code $code" >&2 ;;
esac
exit "$code"
