package graph

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"strings"
	"testing"
)

var u8 = TokenType{Elem: "uint8", Shape: []int64{4}}

// newGraph joins actors by FIFOs written "a>b" or "a>b delay capacity" (one
// digit each); actors appear in order of first mention.
func newGraph(fifos ...string) *Graph {
	g := &Graph{}
	actor := func(name string) int {
		if g.Actor(name) < 0 {
			g.Actors = append(g.Actors, Actor{Name: name, Kind: StaticProcessing, Pos: Pos{"app.yaml", 10 + len(g.Actors), 3}})
		}
		return g.Actor(name)
	}
	for i, s := range fifos {
		delay, capacity := 0, 2
		if len(s) > 3 {
			delay, capacity = int(s[4]-'0'), int(s[6]-'0')
		}
		from, to := actor(s[:1]), actor(s[2:3])
		a, b := &g.Actors[from], &g.Actors[to]
		a.Out = append(a.Out, Port{Name: "o" + string(rune('0'+i)), LRL: 1, URL: 1, Type: u8})
		b.In = append(b.In, Port{Name: "i" + string(rune('0'+i)), LRL: 1, URL: 1, Type: u8})
		g.FIFOs = append(g.FIFOs, FIFO{From: from, OutPort: len(a.Out) - 1, To: to, InPort: len(b.In) - 1,
			Delay: delay, Capacity: capacity, Pos: Pos{"app.yaml", 50 + i, 5}})
	}
	return g
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name  string
		graph *Graph
		spoil func(g *Graph)
		rule  error
		words string // what the message must hold
	}{
		{"empty name", newGraph("a>b"), func(g *Graph) { g.Actors[0].Name = "" }, ErrName, "app.yaml:10:3"},
		{"bad name", newGraph("a>b"), func(g *Graph) { g.Actors[0].Name = "a b" }, ErrName, `"a b"`},
		{"same name", newGraph("a>b"), func(g *Graph) { g.Actors[1].Name = "a" }, ErrName, "actors 0 and 1"},
		{"bad port name", newGraph("a>b"), func(g *Graph) { g.Actors[1].In[0].Name = "*" }, ErrName,
			"input port 0 of actor b"},
		{"same port name", newGraph("a>b", "a>c"), func(g *Graph) { g.Actors[0].Out[1].Name = "o0" }, ErrName,
			"output port a.o0"},
		{"negative rate", newGraph("a>b"), func(g *Graph) { g.Actors[0].Out[0].LRL = -1 }, ErrRate, "a.o0: lrl -1, url 1"},
		{"rate 0", newGraph("a>b"), func(g *Graph) { g.Actors[0].Out[0].LRL, g.Actors[0].Out[0].URL = 0, 0 }, ErrRate,
			"url 0"},
		{"limits crossed", newGraph("a>b"), func(g *Graph) { g.Actors[0].Out[0].LRL = 2 }, ErrRate, "lrl 2, url 1"},
		{"variable rate", newGraph("a>b"), func(g *Graph) { g.Actors[0].Out[0].LRL = 0 }, ErrKind,
			"a of kind processing has ports of variable rate: o0"},
		{"asymmetric", newGraph("a>b"), func(g *Graph) { g.Actors[1].In[0].LRL, g.Actors[1].In[0].URL = 2, 2 }, ErrAsymmetric,
			"app.yaml:50:5: FIFO a.o0->b.i0"},
		{"types differ", newGraph("a>b"), func(g *Graph) { g.Actors[1].In[0].Type.Shape = []int64{5} }, ErrType,
			"uint8[4] at its producer, uint8[5]"},
		{"no type", newGraph("a>b"), func(g *Graph) { g.Actors[1].In[0].Type = TokenType{} }, ErrTokenType, "b.i0"},
		{"port without FIFO", newGraph("a>b"), func(g *Graph) { g.FIFOs = nil }, ErrUnconnected,
			"input port b.i0: joined to 0"},
		{"port with two FIFOs", newGraph("a>b", "a>c"), func(g *Graph) { g.FIFOs[1].OutPort = 0 }, ErrUnconnected,
			"output port a.o0: joined to 2"},
		{"no such actor", newGraph("a>b"), func(g *Graph) { g.FIFOs[0].To = 7 }, ErrUnconnected, "actors 0 and 7"},
		{"no such port", newGraph("a>b"), func(g *Graph) { g.FIFOs[0].InPort = -1 }, ErrUnconnected,
			"input port -1 of actor b"},
		{"capacity below rate", newGraph("a>b 0 0"), nil, ErrCapacity, "at least 1"},
		{"capacity below delay", newGraph("a>b 3 2"), nil, ErrCapacity, "at least 3"},
		{"negative delay", newGraph("a>b"), func(g *Graph) { g.FIFOs[0].Delay = -1 }, ErrCapacity, "-1 delay"},
		{"cycle", newGraph("s>a", "a>b", "b>c", "c>a"), nil, ErrDeadlock, "app.yaml:51:5: cycle a -> b -> c -> a"},
		{"self-loop", newGraph("a>a"), nil, ErrDeadlock, "cycle a -> a"},
		{"self-loop without room", newGraph("a>a 1 1"), nil, ErrCapacity, "a.o0->a.i0 has no room"},
		{"full FIFO beside an empty one", newGraph("a>b", "a>b 1 1"), nil, ErrCapacity, "cycle a -> b -> a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.spoil != nil {
				c.spoil(c.graph)
			}
			err := Validate(c.graph)
			require.ErrorIs(t, err, c.rule, "got %v; want %q and the rule", err, c.words)
			assert.Contains(t, err.Error(), c.words, "got %v; want %q and the rule", err, c.words)
		})
	}
}

func TestValidateAccepts(t *testing.T) {
	for _, fifos := range [][]string{
		{"a>b", "b>c"},
		{"a>b", "a>c", "b>d", "c>d"},
		{"a>b", "b>a 1 1"},
		{"a>b", "b>c", "c>a 3 3", "a>c 0 1"},
		{"a>a 1 2"},
		{},
	} {
		assert.NoError(t, Validate(newGraph(fifos...)), fifos)
	}
}

func TestValidateReportsAll(t *testing.T) {
	g := newGraph("a>b", "b>c")
	g.Actors[0].Name = "!"
	g.Actors[1].In[0].Type.Shape = []int64{9}
	g.FIFOs[1].Capacity = 0
	err := Validate(g)
	for _, rule := range []error{ErrName, ErrType, ErrCapacity} {
		assert.ErrorIs(t, err, rule, "%q is missing from:\n", rule)
	}
	two := newGraph("a>b", "b>a", "c>d", "d>c")
	n := strings.Count(Validate(two).Error(), ": cycle ")
	assert.Equal(t, 2, n, "got %d cycles, want 2:\n%v", n, Validate(two))
}

func TestDelayBelowRateIsNotEnough(t *testing.T) {
	g := newGraph("a>b", "b>a 2 5")
	p, q := &g.Actors[1].Out[0], &g.Actors[0].In[0]
	p.LRL, p.URL, q.LRL, q.URL = 3, 3, 3, 3
	assert.ErrorIs(t, Validate(g), ErrDeadlock, "2 delay tokens at rate 3")
	g.FIFOs[1].Delay = 3
	assert.NoError(t, Validate(g), "3 delay tokens at rate 3")
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		fifos []string
		want  string
	}{
		{[]string{"a>b", "b>c"}, "abc"},
		{[]string{"c>a", "b>a"}, "cba"}, // indices follow first mention: c, a, b
		{[]string{"s>x", "s>y", "x>z", "y>z", "z>s 1 1"}, "sxyz"},
	} {
		g := newGraph(c.fifos...)
		order, err := Order(g)
		require.NoError(t, err)
		var got strings.Builder
		for _, a := range order {
			got.WriteString(g.Actors[a].Name)
		}
		assert.Equal(t, c.want, got.String(), c.fifos)
	}
	_, err := Order(newGraph("a>b", "b>a"))
	require.ErrorIs(t, err, ErrDeadlock, "cycle")
	assert.Contains(t, err.Error(), "a -> b -> a", "cycle")
}

func TestTokenType(t *testing.T) {
	for _, s := range []string{"float32[1,3,300,300]", "uint8[1]", "bytes[65536]", "int64[2]", "float32[1,0,8]"} {
		tt, err := ParseTokenType(s)
		require.NoError(t, err)
		assert.Equal(t, s, tt.String())
	}
	for _, s := range []string{"", "float32", "float32[", "double[1]", "bytes[1,2]", "bytes[0]", "uint8[-1]",
		"uint8[1x]"} {
		_, err := ParseTokenType(s)
		assert.ErrorIs(t, err, ErrTokenType, s)
	}
	tt := TokenType{Elem: "float16", Shape: []int64{2, 3}}
	assert.EqualValues(t, 6, tt.Elements(), "%s: %d elements, %d bytes", tt, tt.Elements(), tt.Bytes())
	assert.EqualValues(t, 12, tt.Bytes(), "%s: %d elements, %d bytes", tt, tt.Elements(), tt.Bytes())
	assert.False(t, tt.Variable(), "%s: %d elements, %d bytes", tt, tt.Elements(), tt.Bytes())
	none := TokenType{Elem: "float32", Shape: []int64{1, 0, 8}}
	assert.Zero(t, none.Bytes())
	v := (TokenType{Elem: Opaque, Shape: []int64{9}})
	require.True(t, v.Variable(), "%s: %d bytes", v, v.Bytes())
	assert.EqualValues(t, 9, v.Bytes(), "%s: %d bytes", v, v.Bytes())
}

func TestGraphNames(t *testing.T) {
	g := newGraph("a>b")
	assert.Equal(t, "a.o0->b.i0", g.FIFOName(0))
	assert.Equal(t, []int{1, -1}, []int{g.Actor("b"), g.Actor("x")})
	assert.Empty(t, (Pos{}).String(), "a zero Pos must print nothing, a file alone its name")
	assert.Equal(t, "x", (Pos{File: "x"}).String(), "a zero Pos must print nothing, a file alone its name")
}
