#!/bin/sh
# A support bundle, redaction included, against plain packing of the same logs, in one run on one machine.
#
#   benches/pack.sh [MiB]        256 unless said; needs zip, pigz, 7z, GNU time; sos if it is to be compared
#
# Half of the logs has about two identities a line, the other half is of an ordinary server. The others only compress;
# `bundle` reads them for facts, redacts, compresses, and then reads the zip back, hashes it and looks for secrets.
# Wall time is the best of three runs, taken in turns; CPU time and memory are those of that run.
set -eu
mebibytes=${1:-256}
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here"
cargo build --release --quiet
tool=$here/target/release/w4b-diag
export XDG_STATE_HOME="$work/state" XDG_CONFIG_HOME="$work/config" XDG_CACHE_HOME="$work/cache"
mkdir "$work/logs"
cargo bench --quiet --bench scan -- --write "$work/logs" $((mebibytes / 2))
bytes=$(cat "$work"/logs/*.log | wc -c)

run() { # name, output file, command: adds a line "name wall user+sys KiB bytes" to the results
    name=$1 output=$2
    shift 2
    rm -f "$output"
    # What earlier runs wrote is not to be written back during this one.
    sync
    command time -f '%e %U %S %M' -o "$work/time" "$@" >/dev/null 2>"$work/errors" || {
        echo "$name failed:" >&2
        cat "$work/errors" >&2
        exit 1
    }
    # shellcheck disable=SC2046
    set -- $(tail -1 "$work/time")
    echo "$name $1 $(echo "$2 $3" | awk '{ print $1 + $2 }') $4 $(wc -c <"$output")" >>"$work/results"
}
for _ in 1 2 3; do
    # 1: something was left out, here the status page, which was not asked.
    run bundle "$work/bundle.zip" sh -c \
        "$tool -q --threads 2 bundle --no-network --yes --log $work/logs -o $work/bundle.zip || [ \$? -eq 1 ]"
    run zip-6 "$work/zip.zip" sh -c "cd $work/logs && zip -6 -q -r $work/zip.zip ."
    run pigz-p2 "$work/pigz.gz" sh -c "cat $work/logs/*.log | pigz -6 -p 2 -c >$work/pigz.gz"
    run 7z "$work/7z.zip" sh -c "cd $work/logs && 7z a -tzip -mx=5 -mmt=2 -bso0 -bsp0 $work/7z.zip ."
done
echo "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $bytes bytes of logs"
sort -k1,1 -k2,2n "$work/results" | awk -v b="$bytes" '
    !($1 in wall) { wall[$1] = $2; cpu[$1] = $3; memory[$1] = $4; size[$1] = $5 }
    END {
        printf "%-10s %8s %8s %9s %10s %8s %12s\n", "", "wall s", "CPU s", "MB/s wall", "peak MiB", "bytes %", "times zip -6"
        split("bundle zip-6 pigz-p2 7z", names, " ")
        for (i = 1; i <= 4; i++) {
            n = names[i]
            printf "%-10s %8.2f %8.2f %9.1f %10.1f %8.2f %12.2f\n", n, wall[n], cpu[n], b / wall[n] / 1e6, \
                memory[n] / 1024, 100 * size[n] / b, wall["zip-6"] / wall[n]
        }
    }'

if command -v sos >/dev/null; then
    # As it lies in a report, and a small piece of it: sos takes minutes for what the others do in a second.
    tree=$work/sosreport-host1-2026-01-02-abcdefg
    mkdir -p "$tree/sos_logs" "$tree/sos_reports" "$tree/var/log" "$work/out"
    for log in "$work"/logs/*.log; do head -c 1000000 "$log" >"$tree/var/log/$(basename "$log")"; done
    echo '{}' >"$tree/sos_reports/manifest.json"
    echo host1 >"$tree/hostname"
    command time -f '%e %U %S %M' -o "$work/time" sos clean --batch --no-update --tmp-dir "$work/out" "$tree" \
        >/dev/null 2>&1 || echo "sos clean failed: its time says nothing"
    tail -1 "$work/time" | awk -v b="$bytes" '{
        printf "sos clean  %8.1f s for 2 MB (CPU %.1f s, %.0f MiB): about %.0f s for all, without packing\n", \
            $1, $2 + $3, $4 / 1024, $1 * b / 2000000 }'
fi
