package vehicle

import (
	"bytes"
	"crypto/sha256"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"math"
	"math/rand/v2"
	"testing"
)

func TestRenderIsDeterministic(t *testing.T) {
	seen := map[[32]byte]string{}
	for _, c := range []struct {
		name  string
		seed  uint64
		index int
		d     Difficulty
	}{
		{"first", 1, 0, Moderate()},
		{"next", 1, 1, Moderate()},
		{"same class", 1, 4, Moderate()},
		{"other seed", 2, 0, Moderate()},
		{"held out", HeldOutSeed(1), 0, Moderate()},
		{"easy", 1, 0, Easy()},
	} {
		a, label := Render(c.seed, c.index, c.d)
		b, again := Render(c.seed, c.index, c.d)
		assert.Equal(t, b.Pix, a.Pix, "%s: two renderings of the same picture differ", c.name)
		assert.Equal(t, again, label, "%s: two renderings of the same picture differ", c.name)
		assert.Equal(t, Label(c.index), label, "%s: label %d, bounds %v, opaque", c.name, label, a.Bounds())
		assert.Equal(t, Side, a.Bounds().Dx(), "%s: label %d, bounds %v, opaque", c.name, label, a.Bounds())
		assert.Equal(t, Side, a.Bounds().Dy(), "%s: label %d, bounds %v, opaque", c.name, label, a.Bounds())
		assert.True(t, a.Opaque(), "%s: label %d, bounds %v, opaque", c.name, label, a.Bounds())
		sum := sha256.Sum256(a.Pix)
		other, ok := seen[sum]
		assert.False(t, ok, "%s and %s are the same picture", c.name, other)
		seen[sum] = c.name
	}
}

// A change of these brightnesses is a change of the data sets: raise the
// version of their recipes. They leave room for another processor's rounding.
func TestRenderKeepsItsStream(t *testing.T) {
	for index, want := range []float64{124.21, 104.55, 108.30, 82.61} {
		img, _ := Render(1, index, Moderate())
		sum := 0.0
		for i, v := range img.Pix {
			if i%4 < 3 {
				sum += float64(v)
			}
		}
		assert.LessOrEqual(t, math.Abs(sum/(3*Side*Side)-want), 0.5, "picture %d: mean brightness", index)
	}
}

func TestLabelsAreBalanced(t *testing.T) {
	var count [Classes]int
	for i := range 200 {
		count[Label(i)]++
	}
	for label, n := range count {
		assert.Equal(t, 50, n, "%d of 200 pictures are a %s, want 50", n, Names()[label])
	}
	assert.Equal(t, [Classes]string{Bus: "bus", Car: "car", Truck: "truck", Van: "van"}, Names(), "names")
}

func TestInput(t *testing.T) {
	img, _ := Render(1, 0, Moderate())
	in := Input([]float32{7}, img)
	require.Len(t, in, 1+3*Side*Side, "%d values after the 1 there", len(in))
	require.Equal(t, float32(7), in[0], "%d values after the 1 there", len(in))
	for ch := range 3 {
		x, y := 13, 57
		want := float32(img.Pix[img.PixOffset(x, y)+ch])/127.5 - 1
		assert.Equal(t, want, in[1+ch*Side*Side+y*Side+x], "channel %d at %d,%d", ch, x, y)
	}
}

func TestDifficultyString(t *testing.T) {
	for _, c := range []struct {
		d    Difficulty
		want []string
	}{
		{Moderate(), []string{"moderate: ", "shift ±5 px", "scale 0.8 to 1.1", "rotation ±5°", "mirrored true",
			"6 objects behind of vividness 0.3", "2 objects of up to 8 px in front", "light 0.6 to 1.25",
			"sigma up to 12 of 255"}},
		{Easy(), []string{"easy: ", "mirrored false", "up to 0 objects"}},
	} {
		for _, want := range c.want {
			assert.Contains(t, c.d.String(), want, "%q lacks", c.d)
		}
	}
}

func TestDisturbancesAreDrawn(t *testing.T) {
	calm := Difficulty{ScaleMin: 1, ScaleMax: 1, GainMin: 1, GainMax: 1}
	for _, c := range []struct {
		name   string
		change func(*Difficulty)
	}{
		{"shift", func(d *Difficulty) { d.ShiftPixels = 6 }},
		{"scale", func(d *Difficulty) { d.ScaleMin = 0.5 }},
		{"rotation", func(d *Difficulty) { d.RotationDegrees = 8 }},
		{"clutter", func(d *Difficulty) { d.Clutter = 50 }},
		{"vividness", func(d *Difficulty) { d.Vividness = 1 }},
		{"occluders", func(d *Difficulty) { d.Occluders, d.OccluderPixels = 50, 8 }},
		{"light", func(d *Difficulty) { d.GainMin = 0.3 }},
		{"noise", func(d *Difficulty) { d.NoiseSigma = 30 }},
	} {
		d := calm
		c.change(&d)
		same := 0
		for index := range 8 {
			a, _ := Render(3, index, calm)
			b, _ := Render(3, index, d)
			if bytes.Equal(a.Pix, b.Pix) {
				same++
			}
		}
		assert.LessOrEqual(t, same, 2, "%s leaves %d of 8 pictures as they", c.name, same)
	}
}

func TestSilhouettes(t *testing.T) {
	ranges := [Classes]struct{ minLength, maxLength, minHeight, maxHeight float64 }{
		Bus: {66, 80, 26, 34}, Car: {48, 64, 19, 26}, Truck: {62, 80, 21, 37}, Van: {52, 66, 25, 32},
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 400 {
		label := Label(i)
		shapes, length := silhouette(r, label)
		height, want := 0.0, ranges[label]
		for _, s := range shapes {
			for _, q := range s.outline {
				require.GreaterOrEqual(t, q.x, float64(-3), "%s: point %v off its length %g or under the ground", Names()[label], q,
					length)
				require.LessOrEqual(t, q.x, length+3, "%s: point %v off its length %g or under the ground", Names()[label], q,
					length)
				require.GreaterOrEqual(t, q.y, -1e-9, "%s: point %v off its length %g or under the ground", Names()[label], q,
					length)
				height = max(height, q.y)
			}
		}
		assert.GreaterOrEqual(t, length, want.minLength, "%s: %g long and %g high", Names()[label], length, height)
		assert.LessOrEqual(t, length, want.maxLength, "%s: %g long and %g high", Names()[label], length, height)
		assert.GreaterOrEqual(t, height, want.minHeight, "%s: %g long and %g high", Names()[label], length, height)
		assert.LessOrEqual(t, height, want.maxHeight, "%s: %g long and %g high", Names()[label], length, height)
	}
}

func TestPoseInverse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		p := drawPose(r, Moderate(), 60, 64)
		q := point{in(r, 0, 60), in(r, 0, 30)}
		back := p.from(p.at(q))
		require.LessOrEqual(t, math.Hypot(back.x-q.x, back.y-q.y), 1e-9, "%v came back as %v from pose %+v", q, back, p)
	}
}

func TestParts(t *testing.T) {
	s := drawScene(5, Truck, Moderate())
	for _, c := range []struct {
		q    point // in lengths and heights of the vehicle
		want int
	}{
		{point{0.01, 0.01}, Truck * partsX * partsY},
		{point{0.99, 0.01}, Truck*partsX*partsY + partsX - 1},
		{point{0.99, 0.99}, (Truck+1)*partsX*partsY - 1},
		{point{-0.01, 0.5}, parts - 1},
		{point{1.01, 0.5}, parts - 1},
		{point{0.5, 1.01}, parts - 1},
		{point{0.5, -0.01}, parts - 1},
	} {
		assert.Equal(t, c.want, s.part(s.pose.at(point{c.q.x * s.length, c.q.y * s.height})), "part at %v", c.q)
	}
}
