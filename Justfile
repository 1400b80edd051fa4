# Every recipe starts with `just NAME`, or with `npx -y rust-just NAME` where just is absent.

set shell := ["bash", "-euo", "pipefail", "-c"]

just := quote(just_executable()) + " --justfile " + quote(justfile())

# List the recipes
[private]
default:
    @{{ just }} --list --unsorted

# Reproduce the experiments: data, profile, calibration, both drivers, tables and figures (--quick, --full)
reproduce *ARGS: build
    bin/edgeprune reproduce {{ ARGS }}

# Run the what-if studies of experiments/studies in simulation, into results/studies
studies *ARGS: build
    #!/usr/bin/env bash
    set -euo pipefail
    for study in experiments/studies/*/study.yaml; do
        bin/edgeprune study run "$study" {{ ARGS }}
    done

# What the cuts of two experiments give away of the frames, with 200 samples; --codecs all takes all codecs (long)
leakage *ARGS: build
    bin/edgeprune leakage experiments/vehicle-classification {{ ARGS }}
    bin/edgeprune leakage experiments/ssd-tracking {{ ARGS }}

# Ask for the best by five objectives, with and without limits, of three experiments; prints the answers in sentences
explore *ARGS: build
    #!/usr/bin/env bash
    set -euo pipefail
    {{ just }} _explore '^[^:]*: (Run|No mapping)|^(Run|No mapping)' "" {{ ARGS }}

# The same for three objectives without raw frames, and measure the N best and the baselines until it is settled which is best (an hour or more)
explore-confirm N="3" *ARGS: build
    #!/usr/bin/env bash
    set -euo pipefail
    {{ just }} _explore '^Measured: ' "{{ N }}" {{ ARGS }}

_explore SHOWN CONFIRM *ARGS:
    #!/usr/bin/env bash
    set -euo pipefail
    ask() { # experiment, flags; an answer that no mapping keeps the limits is one
        echo "explore $*"
        local status=0
        out=$(bin/edgeprune explore "$@" {{ ARGS }} </dev/null) || status=$?
        grep -E {{ quote(SHOWN) }} <<<"$out" || [ "$status" -ne 0 ]
        [ "$status" -eq 0 ] || { [ "$status" -eq 2 ] && grep -q 'No mapping' <<<"$out"; }
    }
    while read -r name limit; do
        if [ -n {{ quote(CONFIRM) }} ]; then
            for objective in "--minimise latency" "--minimise endpoint_time" "--maximise throughput"; do
                ask "experiments/$name" $objective --no-raw --confirm {{ quote(CONFIRM) }}
            done
            continue
        fi
        for objective in "--minimise latency" "--minimise endpoint_time" "--maximise throughput" "--minimise traffic" \
            "--minimise leakage"; do
            ask "experiments/$name" $objective
            ask "experiments/$name" $objective --no-raw --limit "$limit"
        done
    done <<'EOF'
    vehicle-classification latency<=40ms
    ssd-tracking latency<=400ms
    nanodet-devices latency<=250ms
    EOF

# Run every test; fetches the data sets first
test: build datasets
    go test -timeout 20m ./...

# Run the tests of packages with goroutines under the race detector, one package at a time, as it slows them down
# and some wait for real time; fetches ONNX Runtime first
race: (datasets "onnxruntime")
    go test -race -p 1 -timeout 20m ./deploy/agent ./deploy/casequeue ./deploy/clock ./deploy/coordinator ./deploy/journal \
        ./deploy/kernel/source ./deploy/local ./deploy/metrics ./deploy/models ./deploy/node ./deploy/shape ./deploy/testbed ./deploy/transport \
        ./experiments/internal/measure ./experiments/internal/serve ./experiments/cli/studycmd

# Check format, go vet, lint and import rules, lock files and notebooks
lint: _format _locks _notebooks
    go vet ./...
    go vet -tags hosts ./deploy/testbed/hoststest ./deploy/testbed/kerneltcp ./experiments/cli/hosts
    go vet -tags qemu ./experiments/cli/arm64
    go vet -tags simgrid ./sim/simgrid
    go vet -tags tutorial ./experiments/tutorial
    go vet -tags shells ./experiments/cli
    go vet -tags browser ./experiments/internal/report/... ./experiments/internal/serve ./experiments/cli/comparecmd
    go tool -modfile=.ci/lint/go.mod golangci-lint run
    go tool -modfile=.ci/lint/go.mod golangci-lint run --build-tags hosts ./deploy/testbed/hoststest/... ./deploy/testbed/kerneltcp/... ./experiments/cli/hosts/...
    go tool -modfile=.ci/lint/go.mod golangci-lint run --build-tags qemu ./experiments/cli/arm64/...
    go tool -modfile=.ci/lint/go.mod golangci-lint run --build-tags simgrid ./sim/simgrid/...
    go tool -modfile=.ci/lint/go.mod golangci-lint run --build-tags tutorial ./experiments/tutorial/...
    go tool -modfile=.ci/lint/go.mod golangci-lint run --build-tags browser ./experiments/internal/report/... ./experiments/internal/serve/... ./experiments/cli/comparecmd/...

# Build bin/edgeprune
build:
    go build -buildvcs=auto -o bin/edgeprune .

# Build bin/nats-server, the NATS server of a testbed of several machines
nats-server:
    go build -o bin/nats-server github.com/nats-io/nats-server/v2

# Build bin/edgeprune-linux-arm64, for 64-bit Arm devices as Jetson modules (installs Debian packages if missing)
build-arm64: (_debian "gcc-aarch64-linux-gnu" "libc6-dev-arm64-cross")
    CGO_ENABLED=1 GOOS=linux GOARCH=arm64 CC=aarch64-linux-gnu-gcc \
        go build -buildvcs=auto -o bin/edgeprune-linux-arm64 .

# Run agents of that program under QEMU and compare their results with native ones (installs Debian packages if missing)
test-arm64: build build-arm64 (datasets "onnxruntime" "vehicle-classifier" "vehicle-renderings") (_debian "qemu-user-static" "libc6-arm64-cross" "libstdc++6-arm64-cross")
    timeout 20m go test -tags qemu -count=1 -v -timeout 15m ./experiments/cli/arm64

# Print the ratios that the budgets are about
bench: bench-engine bench-check bench-fused bench-boundary bench-memory

# The same ratios here and at revision REV, run in turns ROUNDS times, compared by benchstat
bench-against REV ROUNDS="3": datasets
    #!/usr/bin/env bash
    set -euo pipefail
    dir=$(mktemp -d)
    trap 'git worktree remove --force "$dir/old" 2>/dev/null || true; rm -rf "$dir"' EXIT
    git worktree add --quiet --detach "$dir/old" {{ quote(REV) }}
    here=$PWD
    bench() { # checkout, file of results
        cd "$1"
        { go test -run '^$' -bench . -benchmem -timeout 10m ./core/engine ./core/graph/analysis ./sim ./deploy/node
            go test -run '^$' -bench 'FusedRatio|BoundaryRatio|MemoryRatio' -benchtime 1x -timeout 10m ./deploy/benchmarks
        } | grep -E '^(Benchmark|goos|goarch|cpu|FAIL|panic)' >>"$2" # what they print besides would part the table
        cd "$here"
    }
    for round in $(seq {{ ROUNDS }}); do
        echo "round $round of {{ ROUNDS }}" >&2
        bench "$dir/old" "$dir/before"
        bench "$here" "$dir/now"
    done
    cat "$dir/before" "$dir/now" | grep -E '^Benchmark' >&2
    go run golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da -ignore pkg "$dir/before" "$dir/now"

# Time and allocations per firing of the engine, the simulator and a node; time to analyse a graph
bench-engine: (_bench "." "-benchmem" "./core/engine" "./core/graph/analysis" "./sim" "./deploy/node")

# Compare searches of mappings with exhaustive ones: 1,000 random graphs, platforms and goals, and how far heuristics are off
explore-exact:
    go test -count=1 -timeout 10m -v -run '^Test(Exact|Keep|LeastCut|LocalSearch|LocalSearchOfNetworks)$' ./core/explore | grep -v '^=== '

# Time to decide, on one core: every cut of SSD-MobileNet under three codecs, NanoDet on three devices, 1,000 nodes on two
bench-explore: (datasets "ssd-mobilenet-v1-300")
    GOMAXPROCS=1 go test -run '^$' -bench . -benchtime 3x -timeout 10m ./experiments/cli/searched

# Firings per second of the simulator against SimGrid's, in turns, ROUNDS times, and the ends of 50 random plans (installs Debian packages if missing)
bench-sim ROUNDS="3": (_debian "libsimgrid-dev" "g++")
    go test -count=1 -tags simgrid -run '^Test(PlansEndTogether|Speed)$' -timeout 60m -v ./sim/simgrid -rounds {{ ROUNDS }}

# Peak memory of simulating 10,000 endpoints, with a tenth of FRAMES frames and with all of them (some minutes)
bench-sim-memory FRAMES="1000":
    #!/usr/bin/env bash
    set -euo pipefail
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
    go test -c -o "$dir/sim.test" ./sim
    ulimit -v 2621440 # of which Go reserves more than half at its start
    for frames in $(({{ FRAMES }} / 10)) {{ FRAMES }}; do
        "$dir/sim.test" -test.run '^$' -test.bench '^BenchmarkMemory$' -test.benchtime 1x -test.timeout 60m -sim.frames "$frames" |
            grep -E '^Benchmark'
    done

# Simulate and deploy, on this machine, a link with a bandwidth over time, a shared Wi-Fi cell and a half-duplex link; prints how far both are apart, and the load
shared-links *ARGS: build
    #!/usr/bin/env bash
    set -euo pipefail
    for plan in traced cell half-duplex; do
        uptime
        bin/edgeprune run "experiments/shared-links/$plan.yaml" {{ ARGS }}
    done

# Compare simulated queues, networks of them and periods with theory, and print the table
theory:
    go test -count=1 -run Theory -v -timeout 10m ./sim

# Measure firings of two experiments here, fit the cost models to half of the samples, and print how far they are from the other half
cost-models FRAMES="400": (datasets "onnxruntime" "ssd-mobilenet-v1-300" "face-clip" "vehicle-classifier" "vehicle-renderings")
    EDGEPRUNE_COST_MODELS={{ FRAMES }} go test -count=1 -v -run '^TestCostModels$' -timeout 30m ./experiments/cli

# Time to merge the records of ten devices with 100,000 events each
bench-merge: (_bench "Merge" "" "./core/trace")

# A study on this machine and over workers of which some are killed, and the server once: equal results, and how fast
study-farm CASES="10000" WORKERS="4" KILLS="10":
    EDGEPRUNE_FARM={{ CASES }},{{ WORKERS }},{{ KILLS }} go test -count=1 -timeout 20m -v -run TestStudyFarmKills ./experiments/cli

# Cases per second of a study on one core: a single stream of 40 frames of ssd-tracking
bench-study:
    #!/usr/bin/env bash
    set -euo pipefail
    export GOMAXPROCS=1
    {{ just }} _bench Study "-benchtime=5000x" ./experiments/cli/studycmd

# Leakage of one cut of SSD-MobileNet with 200 samples on CORES cores, at three depths: seconds, and those of the processor
bench-leakage CORES="1": (datasets "onnxruntime" "ssd-mobilenet-v1-300" "face-clip" "vehicle-renderings")
    #!/usr/bin/env bash
    set -euo pipefail
    export GOMAXPROCS={{ CORES }}
    {{ just }} _bench Leakage "-benchtime=1x" ./experiments/cli

# Time to analyse SSD-MobileNet's plan
bench-check: datasets (_bench "AnalyzeSSD" "-benchtime=100x" "./experiments/cli")

# A fused local run against ONNX Runtime in a loop
bench-fused: datasets (_bench "FusedRatio" "-benchtime=1x" "./deploy/benchmarks")

# One boundary over NATS against a hand-written TCP pair
bench-boundary: datasets (_bench "BoundaryRatio" "-benchtime=1x" "./deploy/benchmarks")

# Transport time of a token with permissions, probes, TLS and sealing against without, and an idle agent's traffic
bench-tls: (_bench "TLS" "-benchtime=1x" "./deploy/benchmarks")

# An agent's memory against its model and FIFO bounds
bench-memory: datasets (_bench "MemoryRatio" "-benchtime=1x" "./deploy/benchmarks")

# Time to upload and fetch 100 MB over 2 MB/s, and 21 MB over 2 Mbit/s, against bytes by bandwidth (five minutes)
bench-transfer: (_bench "Transfer" "-benchtime=1x" "./deploy/models")

# Head and tail at every cut of SSD-MobileNet and NanoDet, as they are and as optimised here, against the whole (six minutes)
bench-cuts: (datasets "onnxruntime" "ssd-mobilenet-v1-300" "nanodet") (_bench "CutsRatio" "-benchtime=1x" "./deploy/benchmarks")

# Memory and speed of splitting a generated model of 3 GB, against its size and cp (needs 10 GB on disk)
bench-split: (_bench "SplitRatio" "-benchtime=1x" "./deploy/benchmarks")

# Time and peak memory of inspect, cuts, verify --heads 1 and check on models of up to 80,000 nodes and plans of up to 10,000 actors; ONLY picks, as 'model_cuts/deep' does
bench-size ONLY="": (datasets "onnxruntime")
    go test -run '^$' -bench {{ quote("Size/" + ONLY) }} -benchtime 1x -timeout 60m ./deploy/benchmarks

# Run the boundary protocol, and delivery over it, RUNS times through crashes, lost connections and fallbacks, by seed
protocol RUNS="100000" SEED="1":
    go test -count=1 -timeout 60m -v -run 'TestFaults|TestFallback|TestBroken|TestTokensInChunks|TestTraces' \
        ./core/engine ./deploy/delivery -protocol.runs {{ RUNS }} -protocol.seed {{ SEED }}

# Try the comparison of clocks on CASES random runs of devices with clocks of their own, and on as many with a jump
clocks CASES="10000":
    go test -count=1 -timeout 60m -v ./core/trace/clocks -cases {{ CASES }}

# Run the tests of several hosts, made of namespaces, with clocks and links of their own; ONLY picks (Linux, root, iproute2, util-linux)
hosts ONLY=".": (datasets "onnxruntime" "ssd-mobilenet-v1-300" "face-clip" "vehicle-classifier" "vehicle-renderings")
    EDGEPRUNE_HOSTS_REQUIRED=yes go test -count=1 -p 1 -tags hosts -run {{ quote(ONLY) }} -v -timeout 60m \
        ./deploy/testbed/hoststest ./experiments/cli/hosts

# The quick ones of these tests; what can't run on this machine is left out, and says why
hosts-quick:
    go test -count=1 -p 1 -tags hosts -short -v -timeout 10m ./deploy/testbed/hoststest ./experiments/cli/hosts

# Tokens over the kernel's TCP (Reno and CUBIC), where packets are delayed and dropped, against losses of model tcp (Linux, root, iproute2; minutes)
tcp-losses:
    go test -count=1 -tags hosts -v -timeout 20m ./deploy/testbed/kerneltcp

# Profile and run an EXPERIMENT on hosts as real devices: one slowed by a processor quota, links of 11.2 and 2.3 MB/s by the kernel; prints the errors of predictions from stored profiles (EFFORT quick, standard or full)
testbed EXPERIMENT="ssd-tracking" EFFORT="quick": (datasets "onnxruntime" "ssd-mobilenet-v1-300" "face-clip")
    EDGEPRUNE_HOSTS_REQUIRED=yes go test -count=1 -tags hosts -run '^TestRealExperiment$' -v -timeout 120m \
        ./experiments/cli/hosts -real {{ EXPERIMENT }} -real.effort {{ EFFORT }}

# Simulate tokens over links that the kernel's tbf limits, alone and shared by two endpoints, from probes of these links, then send them; prints the errors, worst first (CONTROL: TCP's congestion control, reno, or what the machine permits in namespaces; 6 minutes; Linux, root)
kernel-links CONTROL="reno":
    EDGEPRUNE_HOSTS_REQUIRED=yes go test -count=1 -tags hosts -run '^TestKernel(Links|Medium)$' -v -timeout 20m \
        ./experiments/cli/hosts -kernel.control {{ CONTROL }}

# Draw N faults of links, agents, servers and disks from a SEED, in runs of ssd-tracking on hosts, for at most TIME; nothing may be lost, doubled or reordered
faults N="200" SEED="1" TIME="60m": (datasets "onnxruntime" "ssd-mobilenet-v1-300" "face-clip")
    EDGEPRUNE_HOSTS_REQUIRED=yes go test -count=1 -tags hosts -run '^TestDrawnFaults$' -v -timeout 120m \
        ./experiments/cli/hosts -faults {{ N }} -faults.seed {{ SEED }} -faults.for {{ TIME }}

# Fuzz every fuzz target for a TIME
fuzz TIME="60s":
    #!/usr/bin/env bash
    set -euo pipefail
    grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u | while read -r dir; do
        for target in $(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | cut -c6-); do
            echo "== $dir $target"
            go test "$dir" -run '^$' -fuzz "^$target\$" -fuzztime {{ TIME }} -fuzzminimizetime 1s
        done
    done

# Statements that the tests of the model of computation cover, in per cent
coverage:
    go test -count=1 -cover ./core/graph/... ./core/engine ./core/boundary

# Kill each agent and the NATS server N times in runs of ssd-tracking; nothing may be lost, doubled or reordered
kills N="20": (datasets "onnxruntime" "ssd-mobilenet-v1-300" "face-clip")
    EDGEPRUNE_KILLS={{ N }} go test -count=1 -run '^TestKills$' -v -timeout 60m ./experiments/cli

# Speed and allocations of the boundary codecs, in plain Go and as kernels
bench-codecs: datasets (_bench "Coder|Dense" "-benchtime=40x" "./deploy/coder" "./deploy/kernel/builtin")

# Compare the boundary codecs on the tensors of the experiments that cut a model: bytes, speed, error, effect on results
codecs *ARGS: build
    bin/edgeprune codecs experiments/ssd-tracking {{ ARGS }}
    bin/edgeprune codecs experiments/vehicle-classification {{ ARGS }}

# Test WebGPU against the CPU: on this machine's GPU, or on a software Vulkan driver, which is unpacked into the cache
webgpu: (datasets "onnxruntime")
    #!/usr/bin/env bash
    set -euo pipefail
    if bin/edgeprune doctor | grep -Eq '^provider +webgpu +usable' && bin/edgeprune doctor | grep -Eq '^Vulkan device .*GPU$'; then
        EDGEPRUNE_WEBGPU=1 go test -count=1 -v -timeout 10m -run 'WebGPU' ./deploy/ort ./deploy/local ./deploy/kernel/builtin
        for model in vehicle-classifier ssd-mobilenet-v1-300 nanodet; do
            bin/edgeprune model providers --provider webgpu "$model"
        done
        exit 0
    fi
    cache=${EDGEPRUNE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edgeprune}
    dir=$cache/vulkan-software
    {{ just }} _vulkan_software "$dir" || { echo "WebGPU is not tested: no software Vulkan driver can be had here" >&2; exit 0; }
    export LD_LIBRARY_PATH=$dir${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} VK_ICD_FILENAMES=$dir/swiftshader.json
    export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$dir} EDGEPRUNE_WEBGPU=1
    bin/edgeprune doctor | grep -E '^(library|provider|Vulkan device)'
    go test -count=1 -v -timeout 10m -run 'WebGPU' ./deploy/ort ./deploy/local ./deploy/kernel/builtin

# Test sources on files and streams of the loopback interface, decoded by ffmpeg (installs the Debian package if missing)
streams:
    #!/usr/bin/env bash
    set -euo pipefail
    command -v ffmpeg >/dev/null || {{ just }} _debian ffmpeg ||
        { echo "streams are not tested: ffmpeg can't be had here" >&2; exit 0; }
    EDGEPRUNE_FFMPEG=1 go test -count=1 -v -timeout 10m -run 'Stream|FrameRate|FFmpeg' ./deploy/kernel/source

# Test completion at the prompts of bash, zsh and fish (installs Debian packages if missing)
completion: (_debian "zsh" "fish")
    go test -count=1 -tags shells -run '^TestCompletion' -v -timeout 10m ./experiments/cli

# Test reports in a headless Chromium, those named by $EDGEPRUNE_REPORTS too, and keep its pictures of them in $EDGEPRUNE_SCREENSHOTS where that is set (installs the Debian package if missing)
browser:
    #!/usr/bin/env bash
    set -euo pipefail
    command -v chromium google-chrome >/dev/null || {{ just }} _debian chromium
    go test -count=1 -tags browser -run 'InBrowser$' -v -timeout 15m ./experiments/internal/report ./experiments/internal/serve ./experiments/cli/comparecmd

# Compare OpenVINO with the CPU on SSD-MobileNet, whole and cut (fetches 84 MB from PyPI; amd64)
openvino: (datasets "onnxruntime-openvino" "ssd-mobilenet-v1-300")
    #!/usr/bin/env bash
    set -euo pipefail
    lib=${EDGEPRUNE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edgeprune}/onnxruntime-openvino/libonnxruntime.so.1
    bin/edgeprune --ort "$lib" doctor | grep -E '^(library|provider)'
    bin/edgeprune --ort "$lib" model providers --at pw6 --provider openvino:device_type=CPU:num_of_threads=1 ssd-mobilenet-v1-300

# Compare CUDA and TensorRT with the CPU on SSD-MobileNet (fetches ONNX Runtime for NVIDIA's GPUs from PyPI; amd64, CUDA 12)
cuda *PROVIDERS="cuda": (datasets "onnxruntime-gpu" "ssd-mobilenet-v1-300")
    #!/usr/bin/env bash
    set -euo pipefail
    lib=${EDGEPRUNE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edgeprune}/onnxruntime-gpu/libonnxruntime.so.1
    bin/edgeprune --ort "$lib" doctor | grep -E '^(library|provider)'
    for p in {{ PROVIDERS }}; do
        bin/edgeprune --ort "$lib" model providers --at pw6 --provider "$p" ssd-mobilenet-v1-300
    done

# Unpack Debian's Vulkan loader and SwiftShader into a folder, without installing them.
_vulkan_software DIR:
    #!/usr/bin/env bash
    set -euo pipefail
    dir={{ quote(DIR) }}
    [ ! -e "$dir/swiftshader.json" ] || exit 0
    command -v apt-get >/dev/null && [ "$(dpkg --print-architecture)" = amd64 ] || { echo "Debian on amd64 is needed" >&2; exit 1; }
    temp=$(mktemp -d)
    trap 'rm -rf "$temp"' EXIT
    cd "$temp"
    if ! apt-get download libvulkan1 chromium-common; then # lists may be old
        if [ "$(id -u)" -eq 0 ]; then apt-get update; else sudo -n apt-get update; fi
        apt-get download libvulkan1 chromium-common
    fi
    for deb in *.deb; do dpkg -x "$deb" unpacked; done
    mkdir -p "$dir"
    cp -L unpacked/usr/lib/x86_64-linux-gnu/libvulkan.so.1 unpacked/usr/lib/chromium/libvk_swiftshader.so "$dir"
    sed "s#\"library_path\": *\"[^\"]*\"#\"library_path\": \"$dir/libvk_swiftshader.so\"#" \
        unpacked/usr/lib/chromium/vk_swiftshader_icd.json >"$dir/swiftshader.json.new"
    mv "$dir/swiftshader.json.new" "$dir/swiftshader.json"

# Format the Go files
fmt:
    gofmt -w $(find . -name '*.go' -not -path './results/*' -not -path '*/node_modules/*')

# Remove what was built; results/ and the cache of data sets stay
clean:
    rm -rf bin dist
    find . -name '*.test' -type f -not -path './.git/*' -delete

# Do what the chapters of experiments/tutorial say, in fresh folders, and print the transcript (some 5 minutes on a quiet machine); ONLY picks a chapter by its number
tutorial ONLY="": build nats-server (datasets "onnxruntime" "ssd-mobilenet-v1-300" "face-clip" "vehicle-classifier" "vehicle-renderings")
    go test -count=1 -tags tutorial -run '^TestTutorial$/^{{ ONLY }}' -v -timeout 60m ./experiments/tutorial

# Execute the notebooks on results/ into results/notebooks/; makes small results where there are none (installs Debian packages if missing)
notebooks: build (_debian "jupyter-nbconvert" "python3-ipykernel" "jupyter-client" "python3-pandas" "python3-matplotlib")
    #!/usr/bin/env bash
    set -euo pipefail
    export EDGEPRUNE_RESULTS=$(realpath -m "${EDGEPRUNE_RESULTS:-results}")
    mkdir -p "$EDGEPRUNE_RESULTS"
    /usr/bin/python3 -m unittest discover notebooks
    there() { compgen -G "$EDGEPRUNE_RESULTS/$1" >/dev/null; }
    if ! there '*/*/sweep.json'; then
        {{ just }} datasets onnxruntime vehicle-classifier vehicle-renderings
        bin/edgeprune run experiments/vehicle-classification --quick
    fi
    there 'studies/*/*/cases.csv' || bin/edgeprune study run experiments/studies/energy-latency/study.yaml
    PYDEVD_DISABLE_FILE_VALIDATION=1 /usr/bin/jupyter nbconvert --to notebook --execute --output-dir "$EDGEPRUNE_RESULTS/notebooks" notebooks/*.ipynb

# Fetch and build the named data sets, or all
datasets *NAMES: build
    bin/edgeprune datasets get {{ NAMES }}

# Check every model that was built here with the ONNX checker (installs a Debian package if missing)
check-onnx: datasets (_debian "python3-onnx")
    #!/usr/bin/python3
    import os, pathlib, sys
    import onnx
    cache = os.environ.get("EDGEPRUNE_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "edgeprune")
    models = sorted(pathlib.Path(cache).rglob("*.onnx"))
    models = [m for m in models if "node_modules" not in m.parts]
    if not models:
        sys.exit(f"no model in {cache}; run: edgeprune datasets get")
    for model in models:
        if onnx.load(str(model), load_external_data=False).producer_name != "edgeprune":
            continue  # another maker's file, taken as it is
        onnx.checker.check_model(str(model), full_check=True)
        print(f"valid: {model}")

# Cut public and generated models at every cut and compare with the whole (fetches some 170 MB, installs a Debian package if missing)
verify-models *ARGS: build (_debian "libonnx-testdata")
    #!/usr/bin/env bash
    set -euo pipefail
    generated=$(mktemp -d)
    trap 'rm -rf "$generated"' EXIT
    go run ./experiments/internal/model/generate "$generated"
    bin/edgeprune model verify ssd-mobilenet-v1-300 ssd-mobilenet-v1-512 nanodet vehicle-classifier vehicle-head vehicle-tail \
        ocr-detection ocr-recognition ocr-direction detypify blazeface-128 blazeface-256 \
        "$generated" /usr/share/libonnx-testdata/data {{ ARGS }}

# Ask ONNX Runtime at every cut of public models what it breaks, and compare with the marks (half an hour; fetches NanoDet, 145 MB, and smaller ones)
check-fusions: (datasets "onnxruntime" "ssd-mobilenet-v1-300" "nanodet" "vehicle-classifier" "detypify" "blazeface-128" "blazeface-256" "ocr-direction" "ocr-detection" "ocr-recognition")
    #!/usr/bin/env bash
    set -euo pipefail
    cache=${EDGEPRUNE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/edgeprune}
    d=p2o.DynamicDimension
    list=
    for m in ssd-mobilenet-v1-300 nanodet vehicle-classifier detypify blazeface-128 blazeface-256 \
        "ocr-direction $d.0=1 $d.1=48 $d.2=192" "ocr-detection $d.0=1 $d.1=64 $d.2=64" "ocr-recognition $d.0=1 $d.1=320"; do
        read -r name sizes <<<"$m"
        list+="$cache/$name/model.onnx $sizes,"
    done
    EDGEPRUNE_FUSIONS=$list go test -count=1 -run '^TestFusionMarks$' -v -timeout 60m ./deploy/ort

# Install the C compiler and Node on Debian, whichever is missing; Go comes from its makers
setup-debian:
    #!/usr/bin/env bash
    set -euo pipefail
    need=()
    command -v gcc >/dev/null || need+=(gcc)
    [ -e /usr/include/stdlib.h ] || need+=(libc6-dev)
    command -v node >/dev/null || need+=(nodejs)
    command -v npm >/dev/null || need+=(npm)
    [ ${#need[@]} -eq 0 ] || {{ just }} _debian "${need[@]}"
    command -v go >/dev/null || { echo "Go is missing: install Go 1.26 or later; Debian's may be older" >&2; exit 1; }

# Run the benchmarks of a pattern, and fail if there is none.
_bench PATTERN FLAG +PACKAGES:
    #!/usr/bin/env bash
    set -euo pipefail
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    go test -run '^$' -bench '{{ PATTERN }}' {{ FLAG }} -timeout 10m {{ PACKAGES }} | tee "$log"
    grep -q '^Benchmark' "$log" || { echo "no benchmark matches {{ PATTERN }} in {{ PACKAGES }}" >&2; exit 1; }

_format:
    #!/usr/bin/env bash
    set -euo pipefail
    bad=$(find . -name '*.go' -not -path './results/*' -not -path '*/node_modules/*' -exec gofmt -l {} +)
    [ -z "$bad" ] || { printf 'not formatted, run just fmt:\n%s\n' "$bad" >&2; exit 1; }

_locks:
    #!/usr/bin/env bash
    set -euo pipefail
    bad=$(find . -name node_modules -prune -o -name .git -prune -o -name '*-lock.json' -exec grep -l '"resolved"' {} + || true)
    [ -z "$bad" ] || { printf 'lock files must not hold resolved addresses, install with --omit-lockfile-registry-resolved:\n%s\n' "$bad" >&2; exit 1; }

_notebooks:
    #!/usr/bin/env bash
    set -euo pipefail
    bad=$(grep -lE '"execution_count": *[0-9]|"outputs": *\[ *$|"outputs": *\[ *\{' notebooks/*.ipynb || true)
    [ -z "$bad" ] || { printf 'notebooks are stored without outputs:\n%s\n' "$bad" >&2; exit 1; }

# Install the Debian packages that are missing.
_debian +PACKAGES:
    #!/usr/bin/env bash
    set -euo pipefail
    missing=()
    for p in {{ PACKAGES }}; do
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
    done
    [ ${#missing[@]} -gt 0 ] || exit 0
    command -v apt-get >/dev/null || { echo "install by your system's package manager what Debian calls: ${missing[*]}" >&2; exit 1; }
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "as root, run: apt-get install ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    ${as_root[@]+"${as_root[@]}"} apt-get update
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
