package vehicle

import "fmt"

// Difficulty states the ranges from which a rendering's pose, light and
// disturbances are drawn, uniformly unless said otherwise.
type Difficulty struct {
	Name            string  // printed first by String
	ShiftPixels     float64 // largest shift from the centre, each axis, either way
	ScaleMin        float64 // smallest size factor
	ScaleMax        float64 // largest size factor
	RotationDegrees float64 // largest tilt, either way
	Mirror          bool    // half of the vehicles face left
	Clutter         int     // most objects behind the vehicle
	Vividness       float64 // share of free colour in things that are no vehicle; the rest is grey
	Occluders       int     // most objects in front of the vehicle
	OccluderPixels  float64 // largest width of such an object
	GainMin         float64 // darkest lighting factor
	GainMax         float64 // brightest lighting factor
	NoiseSigma      float64 // largest standard deviation of the Gaussian pixel noise, of 255
}

// Easy is nearly centred, evenly lit and unoccluded.
func Easy() Difficulty {
	return Difficulty{Name: "easy", ShiftPixels: 2, ScaleMin: 0.95, ScaleMax: 1.05, RotationDegrees: 1,
		Clutter: 2, Vividness: 0.2, GainMin: 0.9, GainMax: 1.1, NoiseSigma: 4}
}

// Moderate is the difficulty at which the classifier is fitted and measured.
func Moderate() Difficulty {
	return Difficulty{Name: "moderate", ShiftPixels: 5, ScaleMin: 0.8, ScaleMax: 1.1, RotationDegrees: 5, Mirror: true,
		Clutter: 6, Vividness: 0.3, Occluders: 2, OccluderPixels: 8, GainMin: 0.6, GainMax: 1.25, NoiseSigma: 12}
}

// String prints every range, so that a measurement can state its difficulty.
func (d Difficulty) String() string {
	return fmt.Sprintf(
		"%s: shift ±%g px, scale %g to %g, rotation ±%g°, mirrored %t, up to %d objects behind of vividness %g, "+
			"up to %d objects of up to %g px in front, light %g to %g, noise sigma up to %g of 255",
		d.Name, d.ShiftPixels, d.ScaleMin, d.ScaleMax, d.RotationDegrees, d.Mirror, d.Clutter, d.Vividness,
		d.Occluders, d.OccluderPixels, d.GainMin, d.GainMax, d.NoiseSigma)
}
