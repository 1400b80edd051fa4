package plan_test

import (
	"fmt"
	"os"

	"github.com/edgeprune/edgeprune/core/plan"
)

// A plan file and the model that it names become a plan: here with the last
// two actors of the model's chain on the server, and half precision between.
func ExampleCompile() {
	data, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := plan.Parse("testdata/good.yaml", data)
	if err != nil {
		fmt.Println(err)
		return
	}
	model, err := classifier()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := plan.Compile(file, plan.Models{"classifier": model})
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
