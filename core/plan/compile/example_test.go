package compile_test

import (
	"fmt"

	"github.com/edgeprune/edgeprune/core/graph"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/core/plan/planfile"
	"github.com/edgeprune/edgeprune/core/plan/plantest"
)

// A plan file and the model that it names become a plan: here with the last
// two actors of the model's chain on the server, and half precision between.
func ExampleCompile() {
	file, err := planfile.Parse("good.yaml", []byte(plantest.GoodYAML))
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := plantest.Classifier()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := compile.Compile(file, compile.Models{"classifier": model})
	if err != nil {
		fmt.Println(err)
		return
	}
	for a, actor := range p.Graph.Actors {
		fmt.Printf("%s: %s\n", p.DeviceOf(a).Name, actor.Name)
	}
	for f, link := range p.Routes {
		if link >= 0 {
			fmt.Printf("%s: %s, %s\n", p.Platform.Links[link].Name, p.Graph.FIFOName(f), p.Graph.Type(f))
		}
	}
	fmt.Println("emulated:", p.Emulated())
	// Output:
	// camera-box: camera
	// camera-box: normalise
	// camera-box: net[0:1]
	// server: net[1:3]
	// camera-box: encode(net[0:1].relu0)
	// server: decode(net[0:1].relu0)
	// server: sink
	// wired: encode(net[0:1].relu0).out->decode(net[0:1].relu0).in, float16[1,4,8,8]
	// wired: sink.done->camera.go, uint8[1]
	// emulated: true
}

// A file of an application alone becomes a graph without platform. The detector runs
// only when the motion detector's control token says 1.
func ExampleGraph() {
	file, err := planfile.Parse("gated.yaml", []byte(`
application:
  name: gated
  actors:
    - {name: camera, kernel: camera, out: [{port: look, type: "uint8[96,96,3]"}, {port: frame, type: "uint8[96,96,3]"}]}
    - {name: motion, kernel: motion, kind: configuration, configures: [gate, detect, track], in: [{port: frame}]}
    - name: gate
      kernel: gate
      kind: dynamic
      in: [{port: frame}]
      out: [{port: moving, type: "uint8[96,96,3]", rate: [0, 1]}]
    - name: detect
      kernel: detect
      kind: dynamic-processing
      in: [{port: frame, rate: [0, 1]}]
      out: [{port: boxes, type: "float32[10,4]", rate: [0, 1]}]
    - name: track
      kernel: track
      kind: dynamic
      state: true
      in: [{port: boxes, rate: [0, 1]}]
      out: [{port: tracks, type: "bytes[4096]"}]
    - {name: sink, kernel: sink, in: [{port: tracks}]}
  fifos:
    - {from: camera.look, to: motion.frame}
    - {from: camera.frame, to: gate.frame}
    - {from: gate.moving, to: detect.frame}
    - {from: detect.boxes, to: track.boxes}
    - {from: track.tracks, to: sink.tracks}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := compile.Graph(file, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	part := graph.DPGs(g)[0]
	fmt.Printf("%s lets %d actors run or rest, at rates from %d to %d\n", g.Actors[part.Config].Name, len(part.Members()),
		part.LRL, part.URL)
	for f := range g.FIFOs {
		fmt.Println(g.FIFOName(f))
	}
	// Output:
	// motion lets 3 actors run or rest, at rates from 0 to 1
	// camera.look->motion.frame
	// camera.frame->gate.frame
	// gate.moving->detect.frame
	// detect.boxes->track.boxes
	// track.tracks->sink.tracks
	// motion.control0->gate.control
	// motion.control1->detect.control
	// motion.control2->track.control
}
