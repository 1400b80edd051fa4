package starter

import (
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/edgeprune/edgeprune/core/codec"
	"github.com/edgeprune/edgeprune/core/plan/compile"
	"github.com/edgeprune/edgeprune/experiments/internal/model"
)

// mostCuts is how many cuts a comment lists at most.
const mostCuts = 40

// inner returns the cuts that part the model: not its input and not its output.
func inner(r *model.Report) []model.Cut {
	var list []model.Cut
	for _, c := range r.Cuts {
		if c.Point > 0 && c.Point < len(r.Cuts)-1 {
			list = append(list, c)
		}
	}
	return list
}

// cutTable lists the cuts as a comment.
func cutTable(r *model.Report) string {
	list := inner(r)
	if len(list) == 0 {
		return "#   none: the model runs as a whole\n"
	}
	var b strings.Builder
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "#   CUT\tBYTES\tINT8\tWORK BEFORE\tNOTE")
	for i, c := range list {
		if i == mostCuts {
			fmt.Fprintf(tw, "#   and %d more\n", len(list)-i)
			break
		}
		note := ""
		if c.BreaksFusion {
			note = "parts what ONNX Runtime computes as one"
		}
		work := "-"
		if r.MACs > 0 && c.HeadMACs >= 0 {
			work = fmt.Sprintf("%.0f %%", 100*float64(c.HeadMACs)/float64(r.MACs))
		}
		fmt.Fprintf(tw, "#   %s\t%s\t%s\t%s\t%s\n", oneLine(c.Name), count(c.Bytes), count(c.Int8Bytes), work, note)
	}
	_ = tw.Flush() // into memory, which takes all
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func count(bytes int64) string {
	if bytes < 0 {
		return "-"
	}
	return fmt.Sprint(bytes)
}

// guess names the last actor on the endpoint in a first try: behind the cut that sends least
// of those with no more than half of the work before it, which parts no fusion; of all cuts
// where there is none such. Of a model that can't be cut, it is the actor before it.
func guess(m *compile.Model, r *model.Report, before string) string {
	best, least, suits := "", int64(-1), false
	for _, c := range inner(r) {
		if c.Bytes < 0 || c.Point >= len(m.Cuts) {
			continue
		}
		good := !c.BreaksFusion && c.HeadMACs >= 0 && 2*c.HeadMACs <= r.MACs
		if best == "" || good && !suits || good == suits && c.Bytes < least {
			best, least, suits = net+"/"+m.Cuts[c.Point].Name, c.Bytes, good
		}
	}
	if best == "" {
		return before
	}
	return best
}

// mostStudied is how many cuts a study varies at most.
const mostStudied = 12

// studied lists the last actors on the endpoint that a study varies: those of all cuts, or of
// some that are spread evenly over the model.
func studied(m *compile.Model, r *model.Report, before string) string {
	list := inner(r)
	n := min(len(list), mostStudied)
	var names []string
	for i := range n {
		c := list[i*(len(list)-1)/max(n-1, 1)]
		names = append(names, yamlText(net+"/"+m.Cuts[c.Point].Name))
	}
	if n == 0 {
		return before
	}
	return strings.Join(names, ", ")
}

// codecs lists those that apply at every cut.
func codecs(r *model.Report) string {
	list := []string{codec.None}
	if len(inner(r)) == 0 {
		return list[0]
	}
	fp16, int8 := true, true
	for _, c := range inner(r) {
		fp16, int8 = fp16 && c.FP16Bytes >= 0, int8 && c.Int8Bytes >= 0
	}
	if fp16 {
		list = append(list, codec.FP16)
	}
	if int8 {
		list = append(list, codec.Int8)
	}
	return strings.Join(list, ", ")
}

// shown is a model's name without the folders that it lies in.
func shown(from string) string { return path.Base(filepath.ToSlash(from)) }

// plain are texts that YAML takes for nothing else.
var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./+-]*$`)

// yamlText writes a text, in quotes where YAML may take it for something else.
func yamlText(s string) string {
	switch strings.ToLower(s) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return strconv.Quote(s)
	}
	if plain.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}

// oneLine keeps a text within a comment of one line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
