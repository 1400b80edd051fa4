package graph

// Frames relates the numbers of a FIFO's tokens to frames, which are graph
// iterations from 0. Tokens are numbered from the first delay token on; a FIFO of
// variable rate has as many numbers per frame as its upper limit.
type Frames struct {
	Rate  int // token numbers per firing, at least 1
	Delay int // delay tokens
}

// Frames returns how the tokens of FIFO f relate to frames.
func (g *Graph) Frames(f int) Frames {
	_, url := g.Rate(f)
	return Frames{Rate: url, Delay: g.FIFOs[f].Delay}
}

// OfToken returns the producer's firing that made a token, which is no delay token.
func (f Frames) OfToken(seq uint64) int64 { return (int64(seq) - int64(f.Delay)) / int64(f.Rate) }

// OfAck returns the consumer's last firing that an acknowledgement of all tokens
// before seq covers; -1 if it covers none.
func (f Frames) OfAck(seq uint64) int64 { return int64(seq)/int64(f.Rate) - 1 }

// First returns the number of the first token that the producer's firing makes.
func (f Frames) First(firing int64) uint64 { return uint64(f.Delay) + uint64(firing)*uint64(f.Rate) }
