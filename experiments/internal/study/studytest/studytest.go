// Package studytest is a small study without models for tests. Only tests may import it.
package studytest

// Plan is a plan file of a camera whose frames cross a link to a server, in three stages.
const Plan = `plan: pipeline
application:
  name: pipeline
  actors:
    - {name: camera, kernel: random, out: [{port: frame, type: "uint8[100,100,3]"}]}
    - {name: shrink, kernel: first, in: [{port: frame}], out: [{port: small, type: "float32[50,50]"}]}
    - {name: detect, kernel: second, in: [{port: small}], out: [{port: boxes, type: "float32[20]"}]}
    - {name: sink, kernel: sink, in: [{port: boxes}]}
  fifos:
    - {from: camera.frame, to: shrink.frame}
    - {from: shrink.small, to: detect.small}
    - {from: detect.boxes, to: sink.boxes}
platform:
  name: lab
  devices:
    - name: cam
      role: endpoint
      units: [{name: cpu, slowdown: 2}]
      power: {idle: 2W, units: {cpu: 3W}, send: 1W, receive: 1W}
    - {name: server, role: server, units: [{name: cpu}]}
  links:
    - {name: wifi, between: [cam, server], bandwidth_bytes_per_sec: 1MB/s, latency: 1ms}
instances:
  - mapping: [{unit: cam.cpu, through: camera}, {unit: server.cpu}]
workload: {kind: single-stream, frames: 10, warmup: 1}
`

// Assumed are the costs of its firings, as a study writes them.
const Assumed = "assumed: {camera: 1ms, shrink: 2ms, detect: 5ms, sink: 100us, encode: 1ms, decode: 1ms}\n"
