// Package source has the built-in kernels that frames come from: image-folder, stream,
// tensor and video. How pictures become frames is said by package picture. It may not know of models.
package source
