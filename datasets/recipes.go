package datasets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/edgeprune/edgeprune/datasets/facemodel"
	"github.com/edgeprune/edgeprune/datasets/tfjs"
)

const (
	facePackage    = "npm: @vladmandic/face-api 1.7.15"
	facePackageDir = "@vladmandic/face-api/"
	photographs    = "face-photographs"
)

// runtimeLibraries by GOARCH.
var runtimeLibraries = map[string]packageFile{
	"amd64": {"onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1",
		"d8aff4aa8abee8fb2abb2f2f2459ffc94461e781e41b9f7c072829dd0d470221"},
	"arm64": {"onnxruntime-node/bin/napi-v6/linux/arm64/libonnxruntime.so.1",
		"c36bc200e7e6c093b8abb0b34590fbdd8c52fd3fb5e33795b9523ffdde2fce0f"},
}

var (
	faceWeights = packageFile{facePackageDir + "model/ssd_mobilenetv1_model.bin",
		"2835640602d53718aa6ae9a42896327eaa21beefed056c218d32ca7d79e1e2f8"}
	faceManifest = packageFile{facePackageDir + "model/ssd_mobilenetv1_model-weights_manifest.json",
		"888f744dffbc84f5f060d1f8427d9742341943a2dfaaf9205d10029b7e7a2955"}
	facePhotographs = []packageFile{
		{facePackageDir + "demo/sample1.jpg", "8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51"},
		{facePackageDir + "demo/sample2.jpg", "7d2b60ae6f13bf30f422e04df87451081a02c83de469056f25afb44b7000c691"},
		{facePackageDir + "demo/sample3.jpg", "8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936"},
		{facePackageDir + "demo/sample4.jpg", "729efa5923061d40eb4ed5f267a18cc7b8ba6f852bb2757b16d8b7e4937476fc"},
		{facePackageDir + "demo/sample5.jpg", "6d45095ebb182d8f975c0790e0e4eefd86fbb40609cf4b271776d92e12662938"},
		{facePackageDir + "demo/sample6.jpg", "9baad80f9d5e306fb9b8c0913d44445f1e95848df317530efb03d0934c57ba87"},
	}
)

func runtimeRecipe() recipe {
	return recipe{
		name: "onnxruntime", what: "ONNX Runtime 1.27.0 library for this machine's processor (no GPU)",
		licence: "MIT", source: "npm: onnxruntime-node 1.27.0", version: "1 " + runtime.GOARCH, needs: []string{packages},
		build: func(_ context.Context, s *Store, dir string) error {
			f, ok := runtimeLibraries[runtime.GOARCH]
			if !ok {
				return fmt.Errorf("no ONNX Runtime library for processor %s; give your own by EDGEPRUNE_ORT_LIB", runtime.GOARCH)
			}
			return s.place(f, dir, "libonnxruntime.so.1")
		},
	}
}

func photographsRecipe() recipe {
	return recipe{
		name: photographs, what: "six photographs of 3 to 5 people, sample1.jpg to sample6.jpg",
		licence: "MIT", source: facePackage, version: "1", needs: []string{packages}, pictures: true,
		build: func(_ context.Context, s *Store, dir string) error {
			for _, f := range facePhotographs {
				if err := s.place(f, dir, filepath.Base(f.path)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func faceModelRecipe(inputSize int) recipe {
	return recipe{
		name:    fmt.Sprintf("ssd-mobilenet-v1-%d", inputSize),
		maker:   "Vladimir Mandic",
		what:    fmt.Sprintf("SSD-MobileNet-v1 face detector, input %d x %d, as model.onnx", inputSize, inputSize),
		licence: "MIT", source: facePackage, version: "1", needs: []string{packages},
		build: func(_ context.Context, s *Store, dir string) error {
			weights, err := s.take(faceWeights)
			if err != nil {
				return err
			}
			manifest, err := s.take(faceManifest)
			if err != nil {
				return err
			}
			tensors, err := tfjs.Read(manifest, weights)
			if err != nil {
				return err
			}
			model, err := facemodel.Build(tensors, inputSize)
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "model.onnx"), model, 0o644)
		},
	}
}
