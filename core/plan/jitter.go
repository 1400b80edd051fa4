package plan

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/edgeprune/edgeprune/core/nearest"
)

// JitterKind says how the times of tokens on a link vary.
type JitterKind string

// The kinds of jitter.
const (
	NoJitter JitterKind = "none"
	// Empirical: every token differs from the median of its size as one that was measured did;
	// its link needs a profile.
	Empirical JitterKind = "empirical"
	// ConstantJitter adds Mean to the time of flight of every token.
	ConstantJitter JitterKind = "constant"
	// NormalJitter adds a normal draw of Mean and Stddev; a flight takes no less than no time, so
	// that draws below -flight count as that.
	NormalJitter JitterKind = "normal"
	// GammaJitter adds a draw of the gamma distribution with Mean and Stddev, which is never
	// negative: of shape (Mean/Stddev)² and scale Stddev²/Mean.
	GammaJitter JitterKind = "gamma"
)

// Jitter says by how much tokens differ in their time of flight, which is from a token's last
// byte leaving the sender's side of the link to the token's arrival. Every token is drawn by
// its number, with the plan's seed and the name of its FIFO. Tokens don't overtake each other:
// one arrives no earlier than those sent before it to the same device. In YAML and JSON it is
// the kind alone, or a mapping. The simulator only has it.
type Jitter struct {
	Kind   JitterKind    `yaml:"kind" json:"kind"`
	Mean   time.Duration `yaml:"mean,omitempty" json:"mean_ns,omitempty"`
	Stddev time.Duration `yaml:"stddev,omitempty" json:"stddev_ns,omitempty"`
}

// plainJitter is Jitter without methods.
type plainJitter Jitter

// UnmarshalYAML reads a kind or a mapping.
func (j *Jitter) UnmarshalYAML(decode func(any) error) error {
	var kind string
	if decode(&kind) == nil {
		*j = Jitter{Kind: JitterKind(kind)}
		return nil
	}
	return decode((*plainJitter)(j))
}

// plain returns the kind if there is nothing else.
func (j Jitter) plain() any {
	if j.Mean == 0 && j.Stddev == 0 {
		return string(j.Kind)
	}
	return plainJitter(j)
}

// MarshalYAML writes what UnmarshalYAML reads.
func (j Jitter) MarshalYAML() (any, error) { return j.plain(), nil }

// MarshalJSON writes what UnmarshalJSON reads.
func (j Jitter) MarshalJSON() ([]byte, error) { return json.Marshal(j.plain()) }

// UnmarshalJSON reads a kind or an object.
func (j *Jitter) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*j = Jitter{}
		return json.Unmarshal(data, &j.Kind)
	}
	return json.Unmarshal(data, (*plainJitter)(j))
}

// IsZero reports whether nothing is said.
func (j Jitter) IsZero() bool { return j == Jitter{} }

// None reports whether there is no jitter.
func (j *Jitter) None() bool { return j.Kind == "" || j.Kind == NoJitter }

// Check returns what is wrong with it as it is written.
func (j *Jitter) Check() error {
	figures := j.Mean != 0 || j.Stddev != 0
	switch j.Kind {
	case "", NoJitter, Empirical, ConstantJitter, NormalJitter, GammaJitter:
	default:
		return fmt.Errorf("jitter %q; expected none, empirical, constant, normal or gamma%s", j.Kind,
			nearest.Hint(j.Kind, []JitterKind{NoJitter, Empirical, ConstantJitter, NormalJitter, GammaJitter}))
	}
	switch {
	case j.Kind == "" && figures:
		return fmt.Errorf("jitter has no kind; expected constant, normal or gamma, such as {kind: gamma, mean: 3ms, " +
			"stddev: 2ms}")
	case (j.Kind == NoJitter || j.Kind == Empirical) && figures:
		return fmt.Errorf("%s jitter has no mean and no stddev; remove them", j.Kind)
	case !(j.Mean >= 0 && j.Mean <= MaxLinkTime && j.Stddev >= 0 && j.Stddev <= MaxLinkTime):
		return fmt.Errorf("jitter of mean %v and stddev %v; expected times from 0 to %v", j.Mean, j.Stddev, MaxLinkTime)
	case j.Kind == ConstantJitter && j.Stddev != 0:
		return fmt.Errorf("constant jitter has no stddev; remove it, or take kind: normal or gamma")
	case j.Kind == GammaJitter && j.Mean == 0 && j.Stddev != 0:
		return fmt.Errorf("gamma jitter of mean 0 and stddev %v; give a mean above 0, such as mean: 3ms", j.Stddev)
	case j.Kind == GammaJitter && j.Stddev > maxSpread*j.Mean:
		return fmt.Errorf("gamma jitter of mean %v and stddev %v; a stddev of more than %d means is hardly ever anything "+
			"but 0",
			j.Mean, j.Stddev, maxSpread)
	}
	return nil
}

// maxSpread is how many means the standard deviation of gamma jitter is at most.
const maxSpread = 10
