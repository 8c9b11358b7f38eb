# shellcheck shell=bash
# Pumice and another server on one machine, in one run, under the same loads of `bench serve`, one
# server at a time. The caller defines peer_name, peer_command (the line that starts it on PORT).
#
# Environment:
#   MODEL        the GGUF file Pumice serves (default: the demo model)
#   STREAMS      streams at once, a load for each (default: 1 8 16)
#   INPUT_LEN    prompts' tokens (default: 200)
#   OUTPUT_LEN   outputs' tokens (default: 64)
#   ROUNDS       requests for each stream (default: 4)
#   OUT          folder for the JSON reports (default: a new one in the system's)
#   LAUNCHER     what starts Pumice (default: .toolchain/bin/vkrun where there is one)
#   PUMICE_FLAGS further flags of `pumice serve`

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=/dev/null
. "$root/Scripts/lib/report.sh"

readonly PUMICE=$root/.build/release/pumice
server=

stop_server() {
    [[ -n $server ]] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}

# Starts the command $3... as server $1 on port $2 and waits until it lists its models.
start_server() {
    local name=$1 port=$2 log=$OUT/$1.log waited=0
    shift 2
    "$@" >"$log" 2>&1 &
    server=$!
    until curl -sf "http://127.0.0.1:$port/v1/models" >/dev/null; do
        kill -0 "$server" 2>/dev/null || fail "$name ended; its log is $log"
        ((waited++ < 600)) || fail "$name is not ready after 10 minutes; its log is $log"
        sleep 1
    done
}

# One line for each load: server, streams, output tokens a second, TTFT and TPOT medians, failures.
measure() {
    local name=$1 port=$2 streams report
    for streams in $STREAMS; do
        report=$OUT/$name-$streams.json
        # A load's prompts are both servers' and no other load's: none is in a prefix cache.
        "$PUMICE" bench serve --base-url "http://127.0.0.1:$port/v1" --max-concurrency "$streams" \
            --num-prompts $((streams * ROUNDS)) --seed "$streams" --input-len "$INPUT_LEN" \
            --output-len "$OUTPUT_LEN" --json "$report" >"${report%.json}.txt"
        python3 - "$name" "$streams" "$report" <<'PYTHON'
import json, sys
name, streams, path = sys.argv[1:]
with open(path) as file:
    results = json.load(file)["results"]
print(f"{name:<12} {streams:>3} streams {results['output_tokens_per_second']:10.2f} tok/s "
      f"TTFT {results['ttft_ms']['p50']:10.1f} ms  TPOT {results['tpot_ms']['p50']:8.1f} ms "
      f" failed {results['failed']}")
PYTHON
    done
}

compare() {
    local port=${PORT:-8571}
    local launcher=()
    MODEL=${MODEL:-$("$root/Scripts/fetch-model")}
    STREAMS=${STREAMS:-1 8 16} INPUT_LEN=${INPUT_LEN:-200} OUTPUT_LEN=${OUTPUT_LEN:-64}
    ROUNDS=${ROUNDS:-4} OUT=${OUT:-$(mktemp -d)}
    mkdir -p "$OUT"
    [[ -x $PUMICE ]] || fail "there is no $PUMICE; run make build"
    if [[ -n ${LAUNCHER:-} ]]; then
        launcher=("$LAUNCHER")
    elif [[ -x $root/.toolchain/bin/vkrun ]]; then
        launcher=("$root/.toolchain/bin/vkrun")
    fi
    trap stop_server EXIT
    # shellcheck disable=SC2086 # flags are words
    start_server pumice "$port" "${launcher[@]}" "$PUMICE" serve --model "$MODEL" --port "$port" \
        ${PUMICE_FLAGS:-}
    measure pumice "$port"
    stop_server
    # shellcheck disable=SC2154 # the caller's
    start_server "$peer_name" "$port" "${peer_command[@]}"
    measure "$peer_name" "$port"
    stop_server
    say "reports are in $OUT"
}
