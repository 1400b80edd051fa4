package modelcmd

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/edgeprune/edgeprune/experiments/internal/model"
	"github.com/urfave/cli/v2"
)

func (a *Commands) inspectCommand() *cli.Command {
	return &cli.Command{
		Name: "inspect", ArgsUsage: modelArgument,
		Usage: "show what is in a model and what each cut worth choosing sends, computes and holds",
		Description: "MACs are the multiplications and additions of one run. RAW, FP16 and INT8 are the bytes that a cut " +
			"sends\n" +
			"without a codec and with those; - is where one does not apply. TRAFFIC draws RAW: the first line is the model's\n" +
			"input, the last its output. Types that the file doesn't state are found by running the model; --no-run leaves " +
			"them open.\n\n" +
			"  edgeprune model inspect ssd-mobilenet-v1-300\n" +
			"  edgeprune model inspect detector.onnx --dim batch=1",
		Flags: append([]cli.Flag{
			DimFlag(), BoundFlag(), &cli.BoolFlag{
				Name: "all", Usage: "list every cut that was found, not only those worth choosing between",
			},
			noRunFlag(), jsonFlag(),
		}, InputFlags()...),
		Action: func(c *cli.Context) error {
			return a.showModel(c, func(m *model.Model) error {
				r, err := model.Describe(m, c.Bool("all"))
				if err != nil {
					return UserError(err)
				}
				if c.Bool("json") {
					return a.JSON(r)
				}
				return printReport(a.Stdout, r)
			})
		},
	}
}

func (a *Commands) cutsCommand() *cli.Command {
	return &cli.Command{
		Name: "cuts", ArgsUsage: modelArgument,
		Usage: "list all cuts, of one tensor or several, or those that filters leave",
		Description: "  edgeprune model cuts ssd-mobilenet-v1-300\n" +
			"  edgeprune model cuts ssd-mobilenet-v1-300 --max-bytes 100kB",
		Flags: append([]cli.Flag{
			DimFlag(), BoundFlag(), &cli.StringFlag{
				Name: "max-bytes", Usage: "`BYTES` that a cut may send at most, such as 50kB",
			},
			&cli.IntFlag{Name: "max-tensors", Usage: "`N` tensors that a cut may send at most"},
			&cli.StringFlag{Name: "after", Usage: "only cuts behind the `TENSOR`"},
			&cli.BoolFlag{Name: "least", Usage: "only the cuts that send the fewest bytes at their depth"},
			noRunFlag(), jsonFlag(),
		}, InputFlags()...),
		Action: func(c *cli.Context) error {
			return a.showModel(c, func(m *model.Model) error {
				r, err := model.Describe(m, true)
				if err != nil {
					return UserError(err)
				}
				found := len(r.Cuts)
				if r.Cuts, err = filtered(c, m, r.Cuts); err != nil {
					return err
				}
				if c.Bool("json") {
					return a.JSON(r.Cuts)
				}
				if err := printCuts(a.Stdout, r); err != nil {
					return err
				}
				fmt.Fprintf(a.Stdout, "%d of %d cuts%s\n", len(r.Cuts), found, incomplete(r))
				printWarnings(a.Stdout, r)
				return nil
			})
		},
	}
}

func incomplete(r *model.Report) string {
	if r.Complete {
		return ", all there are"
	}
	return "; the model has more: all of one tensor, all along the file's order and the cheapest at every depth are " +
		"here, but for those that send most in models of very many nodes side by side"
}

// withModel opens the model that the command names and hands it to do.
func (a *Commands) withModel(c *cli.Context, do func(*model.Model) error) error {
	return a.with(c, false, true, do)
}

// showModel is withModel for commands that look at a model, which need not be one that runs.
func (a *Commands) showModel(c *cli.Context, do func(*model.Model) error) error {
	return a.with(c, true, !c.Bool("no-run"), do)
}

func (a *Commands) with(c *cli.Context, show, probe bool, do func(*model.Model) error) error {
	l, err := a.Session(c)
	if err != nil {
		return err
	}
	defer l.Close()
	l.Show = show
	m, err := l.openModel(c.Context, probe)
	if err != nil {
		return err
	}
	return do(m)
}

func printReport(w io.Writer, r *model.Report) error {
	fmt.Fprintf(w, "%s: %s, format %d, %s, written by %s\n", r.Name, ByteText(r.SizeBytes), r.Format, opsets(r),
		orUnknown(r.Producer))
	fmt.Fprintf(w, "SHA-256 %s\n", r.SHA256)
	if r.OptimisedFor != "" {
		fmt.Fprintf(w, "optimised for %s, and runs only there\n", r.OptimisedFor)
	}
	for _, side := range []struct {
		name  string
		types []model.Type
	}{{"input", r.Inputs}, {"output", r.Outputs}} {
		for _, t := range side.types {
			size := ", " + ByteText(t.Bytes)
			if t.Bytes < 0 {
				size = ""
			}
			fmt.Fprintf(w, "%-7s %s %s%s%s\n", side.name, t.Name, t.Type, size, varies(t))
		}
	}
	fmt.Fprintf(w, "%d nodes, %s parameters, %s MACs\n", r.Nodes, count(r.Params), count(r.MACs))
	var ops []string
	for _, o := range r.Operators {
		ops = append(ops, fmt.Sprintf("%d %s", o.Count, o.Op))
	}
	for _, line := range wrapWords(strings.Join(ops, ", "), 110) {
		fmt.Fprintf(w, "  %s\n", line)
	}
	if r.Probed > 0 {
		fmt.Fprintf(w, "types of %d inner tensors, which the file doesn't state, come from running the model on %s\n",
			r.Probed, r.Ran)
	}
	printWarnings(w, r)
	if r.Unchained != "" {
		fmt.Fprintf(w, "no partition points: %s\n", r.Unchained)
	}
	if len(r.Cuts) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return printCuts(w, r)
}

// mostClaims is how many wrong shapes are listed.
const mostClaims = 8

// printWarnings says what is wrong with the model.
func printWarnings(w io.Writer, r *model.Report) {
	if n := len(r.Claims); n > 0 {
		fmt.Fprintf(w, "shapes that the file states wrongly (%d); those that a run showed are used:\n", n)
		for _, c := range r.Claims[:min(n, mostClaims)] {
			fmt.Fprintf(w, "  %s\n", c)
		}
		if n > mostClaims {
			fmt.Fprintf(w, "  and %d more; --json lists all\n", n-mostClaims)
		}
	}
	if r.NotRun != "" {
		fmt.Fprintf(w, "not run, so that what the file doesn't state stays unknown: %s\n", r.NotRun)
	}
	if r.Unsent != "" {
		fmt.Fprintf(w, "no cut sends tensors that can't cross between devices: %s\n", r.Unsent)
	}
	if r.Custom != "" {
		fmt.Fprintln(w, r.Custom)
	}
}

// printCuts prints the table of cuts.
func printCuts(w io.Writer, r *model.Report) error {
	most := int64(1)
	for _, c := range r.Cuts {
		most = max(most, c.Bytes)
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "POINT\tCUT\tTENSORS\tRAW\tFP16\tINT8\tMACS BEFORE\tBEHIND\tPARAMETERS BEFORE\tBEHIND\tTRAFFIC")
	notes, variable := false, false
	for _, c := range r.Cuts {
		point := "-"
		if c.Point >= 0 {
			point = fmt.Sprint(c.Point)
		}
		note := ""
		if c.Variable {
			note, variable = " ~"+seen(c), true
		}
		if c.BreaksFusion {
			note, notes = note+fmt.Sprintf(" !%s, better %s", strings.Join(c.Broken, ", "), orUnknown(c.Instead)), true
		}
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s%s\n", point, c.Name, len(c.Tensors),
			ByteText(c.Bytes), coded(c, c.FP16Bytes), coded(c, c.Int8Bytes), count(c.HeadMACs), count(c.TailMACs),
			count(c.HeadParams), count(c.TailParams),
			bar(c.Bytes, most, 24), note)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if variable {
		fmt.Fprintln(
			w,
			"~ variable: the shape of a tensor sent depends on the data, and was seen in the range given; the bytes are the "+
				"most that was seen",
		)
	}
	if notes {
		fmt.Fprintln(
			w, "! parts nodes that ONNX Runtime would compute as one, so that both parts together are slower than the whole",
		)
	}
	return nil
}

// bar draws n as a part of most, width characters wide, in eighths.
func bar(n, most int64, width int) string {
	if n < 0 {
		return "?"
	}
	eighths := int(float64(n) / float64(most) * float64(8*width))
	if eighths == 0 && n > 0 {
		eighths = 1
	}
	s := strings.Repeat("█", eighths/8)
	if eighths%8 > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[eighths%8-1])
	}
	return s
}

// seen lists the variable tensors of a cut with the range of their shapes.
func seen(c model.Cut) string {
	var list []string
	for _, t := range c.Tensors {
		if t.Varies != "" {
			list = append(list, t.Name+" "+t.Varies)
		}
	}
	return strings.Join(list, ", ")
}

func varies(t model.Type) string {
	if t.Varies == "" {
		return ""
	}
	return fmt.Sprintf(", variable with the data: seen %s, room for %s", t.Varies, t.Room)
}

func opsets(r *model.Report) string {
	var list []string
	for _, o := range r.Opsets {
		name := "opset"
		if o.Domain != "" {
			name = o.Domain
		}
		list = append(list, fmt.Sprintf("%s %d", name, o.Version))
	}
	return strings.Join(list, ", ")
}

func orUnknown(s string) string {
	return cmp.Or(s, "unknown")
}

// coded writes the bytes of a cut with a codec, "-" if no plan has it there.
func coded(c model.Cut, n int64) string {
	if n < 0 && c.Bytes >= 0 {
		return "-"
	}
	return ByteText(n)
}

// ByteText writes a number of bytes.
func ByteText(n int64) string {
	if n >= 0 && n < 10000 {
		return fmt.Sprintf("%d B", n)
	}
	return count(n) + "B"
}

// count writes a number with k, M or G; "?" for one that isn't known.
func count(n int64) string {
	for _, u := range []struct {
		from   int64
		unit   float64
		suffix string
	}{{1e9, 1e9, " G"}, {1e6, 1e6, " M"}, {1e4, 1e3, " k"}} {
		if n >= u.from {
			return fmt.Sprintf("%.3g%s", float64(n)/u.unit, u.suffix)
		}
	}
	if n < 0 {
		return "?"
	}
	return fmt.Sprint(n)
}

// wrapWords breaks text between words into lines of at most width characters.
func wrapWords(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
