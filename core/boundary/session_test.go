package boundary

import (
	"fmt"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

var (
	stateNames = map[string]State{"connecting": Connecting, "open": Open, "asking": Asking, "checking": Checking}
	inputNames = map[string]Input{
		"reconnect": Reconnect, "gap": Gap, "retry": Retry, "overdue": Overdue,
		"hello-stale": HelloStale, "hello-unaware": HelloUnaware, "hello-restarted": HelloRestarted,
		"hello-current": HelloCurrent, "hello-answer": HelloAnswer, "hello-renewed": HelloRenewed,
	}
	actionNames = map[string]Action{
		"adopt": Adopt, "positions": Positions, "answer": Answer, "reply": Reply, "ask": Ask, "check": Check,
		"-": 0,
	}
)

// row is a line of the table in the package comment.
type row struct {
	state State
	in    Input
	next  State
	do    Action
}

// documented reads the table.
func documented(t *testing.T) []row {
	t.Helper()
	b, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	var rows []row
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(strings.TrimPrefix(line, "//\t"))
		if !strings.HasPrefix(line, "//\t") || words[0] == "state" {
			continue
		}
		r := row{stateNames[words[0]], inputNames[words[1]], stateNames[words[2]], 0}
		for _, w := range words[3:] {
			do, ok := actionNames[w]
			require.True(t, ok, "%q: no action %q", line, w)
			r.do |= do
		}
		rows = append(rows, r)
	}
	return rows
}

// session returns one in the given state, whose own epoch is 10, whose peer's is
// 20, and which has asked its third question, which repeats the second.
func session(s State) Session { return Session{own: 10, peer: 20, state: s, asked: 3, first: 2} }

// hello returns one that Classify takes for the given input.
func hello(in Input, ask uint32) *Hello {
	h := &Hello{From: 20, To: 10, Ask: ask}
	switch in {
	case HelloStale:
		h.From = 19
	case HelloUnaware:
		h.To = 9
	case HelloRestarted:
		h.From, h.To = 21, 9
	case HelloAnswer:
		h.Re = 2
	case HelloRenewed:
		h.From = 21
	case Reconnect, Gap, Retry, Overdue:
		return nil
	}
	return h
}

// TestTable walks all transitions that the package comment documents.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range documented(t) {
		name := fmt.Sprintf("state %d, input %d", r.state, r.in)
		assert.False(t, seen[name], "%s is documented twice", name)
		seen[name] = true
		for _, ask := range []uint32{0, 7} {
			s, h := session(r.state), hello(r.in, ask)
			if h != nil {
				assert.Equal(t, r.in, s.Classify(h), "%s: its hello counts as input", name)
			}
			got := s.Step(r.in, h)
			want := r.do &^ Reply
			if r.do&Reply != 0 && ask != 0 {
				want |= Answer
			}
			assert.Equal(t, r.next, s.State(), "%s: got state %d, actions %05b; want state %d, actions %05b", name, s.State(),
				got, r.next, want)
			assert.Equal(t, want, got, "%s: got state %d, actions %05b; want state %d, actions %05b", name, s.State(), got,
				r.next, want)
			assert.Equal(t, (r.do&Adopt != 0), s.Peer() == 21, "%s: peer %d", name, s.Peer())
			asked := s.asked == 4
			assert.Equal(t, (r.do&(Ask|Check) != 0), asked, "%s: question %d", name, s.asked)
			assert.Equal(t, !asked || r.in == Retry, s.Repeats(), "%s: a question repeats the one before", name)
		}
	}
	assert.Len(t, seen, int(states)*int(inputs), "%d transitions are documented; there", len(seen))
}

func TestHello(t *testing.T) {
	s := NewSession(5)
	h := s.Hello(s.Step(Reconnect, nil))
	assert.EqualValues(t, 5, h.From, "first question")
	assert.EqualValues(t, 0, h.To, "first question")
	assert.EqualValues(t, 1, h.Ask, "first question")
	assert.EqualValues(t, 0, h.Re, "first question")
	first := &Hello{From: 8, Ask: 4}
	h = s.Hello(s.Step(s.Classify(first), first))
	assert.EqualValues(t, 8, h.To, "to a newcomer that asks")
	assert.EqualValues(t, 2, h.Ask, "to a newcomer that asks")
	assert.EqualValues(t, 4, h.Re, "to a newcomer that asks")
	assert.True(t, s.Current(8, 5), "messages of and for other incarnations must not be current")
	require.False(t, s.Current(7, 5), "messages of and for other incarnations must not be current")
	require.False(t, s.Current(8, 4), "messages of and for other incarnations must not be current")
	assert.False(t, s.Current(0, 5), "messages of and for other incarnations must not be current")
	answer := &Hello{From: 8, To: 5, Re: 2}
	do := s.Step(s.Classify(answer), answer)
	assert.Equal(t, Positions, do, "answer: got actions %05b, state", do)
	assert.Equal(t, Open, s.State(), "answer: got actions %05b, state", do)
	s.Restart(6)
	assert.Equal(t, Connecting, s.State(), "after a restart: state %d, peer", s.State())
	require.False(t, s.Current(8, 5), "after a restart: state %d, peer", s.State())
	assert.EqualValues(t, 8, s.Peer(), "after a restart: state %d, peer", s.State())
}

// TestTwoSessionsOpen lets two sessions exchange Hellos over a connection that loses,
// doubles and reorders, with restarts: when it is quiet at last, both are open,
// and each knows the other's present incarnation.
func TestTwoSessionsOpen(t *testing.T) {
	for seed := range uint64(5000) {
		rng := rand.New(rand.NewPCG(seed, 0))
		ends := []*Session{{own: 1}, {own: 1}}
		var onWay []Hello
		var to []int
		send := func(i int, do Action) {
			if do&(Ask|Check|Answer) == 0 {
				return
			}
			for range rng.IntN(3) {
				onWay, to = append(onWay, ends[i].Hello(do)), append(to, 1-i)
			}
		}
		for step := range 400 {
			i := rng.IntN(2)
			switch {
			case step < 100 && rng.IntN(20) == 0:
				epoch := ends[i].own + 1
				*ends[i] = NewSession(epoch)
				send(i, ends[i].Step(Reconnect, nil))
			case len(onWay) > 0 && rng.IntN(3) > 0:
				k := rng.IntN(len(onWay))
				h, at := onWay[k], to[k]
				onWay, to = append(onWay[:k], onWay[k+1:]...), append(to[:k], to[k+1:]...)
				send(at, ends[at].Step(ends[at].Classify(&h), &h))
			default:
				in := Retry
				if step < 200 && rng.IntN(3) == 0 {
					in = Overdue
				}
				send(i, ends[i].Step(in, nil))
			}
			if step == 0 {
				send(0, ends[0].Step(Reconnect, nil))
				send(1, ends[1].Step(Reconnect, nil))
			}
		}
		for i, s := range ends {
			require.Equal(t, Open, s.State(), "seed %d: end %d is in state %d and takes the peer for incarnation %d", seed, i,
				s.State(), s.Peer())
			require.Equal(t, ends[1-i].own, s.Peer(), "seed %d: end %d is in state %d and takes the peer for incarnation %d",
				seed, i, s.State(), s.Peer())
		}
	}
}

func TestAccept(t *testing.T) {
	for _, c := range []struct {
		seq, prev, arrived, committed, capacity uint64
		want                                    Verdict
	}{
		{5, 5, 5, 3, 3, Take},
		{4, 4, 5, 3, 3, Duplicate},
		{6, 6, 5, 3, 9, Missing},
		{6, 5, 5, 3, 9, Take}, // number 5 was left out
		{6, 3, 5, 3, 9, Take},
		{6, 6, 6, 3, 3, NoCredit},
		{0, 0, 0, 0, 1, Take},
	} {
		assert.Equal(t, c.want, Accept(c.seq, c.prev, c.arrived, c.committed, c.capacity))
	}
}
