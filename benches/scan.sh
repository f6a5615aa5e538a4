#!/bin/sh
# Extraction and redaction against what else there is, in one run on one machine.
#
#   benches/scan.sh [MiB]        256 unless said; needs rg, hyperfine, pigz, GNU time; sos if it is to be compared
#
# Rates are in MB/s (10^6 bytes), medians of the runs. The peers are given the task that they do best: `rg` one UUID
# pattern (no labels, no other kinds), `sos clean` a piece of the log, because it is slow.
set -eu
mebibytes=${1:-256}
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here"
cargo build --release --quiet
tool=$here/target/release/w4b-diag
cargo bench --quiet --bench scan -- --write "$work" "$mebibytes"

uuid='[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
seconds() { # median of three runs of a command
    hyperfine --warmup 1 --runs 3 --shell sh --ignore-failure --export-json "$work/t.json" "$1" >/dev/null 2>&1
    sed -n 's/^ *"median": \([0-9.e-]*\),*$/\1/p' "$work/t.json"
}
show() { # name, bytes, seconds, seconds of the peer
    awk -v n="$1" -v b="$2" -v s="$3" -v p="${4:-$3}" \
        'BEGIN { printf "%-34s %9.3f s %9.1f MB/s   %7.1f times the peer\n", n, s, b / s / 1e6, p / s }'
}
echo "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
for log in dense sparse; do
    file=$work/$log.log
    bytes=$(wc -c <"$file")
    peer=$(seconds "rg -o '$uuid' $file >/dev/null")
    show "$log: rg -o, one UUID pattern" "$bytes" "$peer"
    show "$log: extract" "$bytes" "$(seconds "$tool -q extract --format json $file >/dev/null")" "$peer"
    show "$log: extract --threads 1" "$bytes" "$(seconds "$tool -q --threads 1 extract --format json $file >/dev/null")" "$peer"
    show "$log: redact" "$bytes" "$(seconds "$tool -q redact $file >/dev/null")" "$peer"
    gzip -1 <"$file" >"$file.gz"
    inflate=$(seconds "gzip -dc $file.gz >/dev/null")
    show "$log.gz: gzip -dc" "$bytes" "$inflate"
    show "$log.gz: pigz -dc" "$bytes" "$(seconds "pigz -dc $file.gz >/dev/null")" "$inflate"
    show "$log.gz: extract" "$bytes" "$(seconds "$tool -q extract --format json $file.gz >/dev/null")" "$inflate"
    rm "$file.gz"
done

if command -v sos >/dev/null; then
    # As it lies in a report: a tree that sos takes for one of its own.
    tree=$work/sosreport-host1-2026-01-02-abcdefg
    mkdir -p "$tree/sos_logs" "$tree/sos_reports" "$tree/var/log" "$work/out"
    head -c 2000000 "$work/dense.log" >"$tree/var/log/messages"
    echo '{}' >"$tree/sos_reports/manifest.json"
    echo host1 >"$tree/hostname"
    start=$(date +%s.%N)
    sos clean --batch --no-update --tmp-dir "$work/out" "$tree" >/dev/null 2>&1 || echo "sos clean failed: its time says nothing"
    clean=$(echo "$(date +%s.%N) $start" | awk '{ print ($1 - $2) / 2000000 }')
    bytes=$(wc -c <"$work/dense.log")
    whole=$(awk -v c="$clean" -v b="$bytes" 'BEGIN { print c * b }')
    show "dense: sos clean (from 2 MB)" "$bytes" "$whole"
    both=$(seconds "$tool -q extract --format json $work/dense.log >/dev/null; $tool -q redact $work/dense.log >/dev/null")
    show "dense: extract, then redact" "$bytes" "$both" "$whole"
fi

echo "peak memory, KiB:"
memory() { /usr/bin/time -f "%M" "$@" 2>&1 >/dev/null | tail -1; }
echo "  extract dense      $(memory "$tool" -q extract --format json "$work/dense.log")"
echo "  redact dense       $(memory "$tool" -q redact "$work/dense.log")"
rm -f "$work"/*.log
for command in extract redact; do
    echo "  $command 1 GiB in one line  $(head -c 1073741824 /dev/zero | tr '\0' 'a' | memory "$tool" -q "$command" -)"
done
echo "hostile texts (64 MiB and its half and quarter):"
cargo bench --quiet --bench scan -- 64
