package planfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/edgeprune/edgeprune/core/plan"
)

// Expanded returns the file with the copies that its counts ask for; f itself if they ask for
// none. Its places are those of what was copied. f is not changed, and both share what copies
// have in common. The copies of device d are d-2, d-3 and so on, and so are those of links and of
// instances; a counted instance without a name gets its endpoint's. So names stay as they are
// when there are more.
//
// Of a mix, each copy takes the part that is furthest behind its share of the copies so far, the
// first of several. So the shares are exact to less than one copy, for any seed, and a copy's part
// stays as it is when there are more. Links of the mix that no copy takes are left out.
func (f *File) Expanded() (*File, error) {
	groups, err := f.groups()
	if err != nil || len(groups) == 0 {
		return f, err
	}
	x := newExpansion(f)
	for i := range groups {
		if err := x.copies(&groups[i]); err != nil {
			return nil, err
		}
	}
	x.drop(groups)
	return x.to, nil
}

// written says what an expanded file's parts are copies of, by their indices.
type written struct{ devices, links, instances []int }

// expansion makes copies.
type expansion struct {
	of, to *File
	links  map[string][]int // by device: those at it, as written
	uses   map[string]int   // of written devices, by name: how many copies have taken them
	linked []int            // of written links: how many have taken them
	names  map[string]bool  // of devices, links and instances, each after what it is of
}

func newExpansion(f *File) *expansion {
	to := *f
	p := &to.Platform
	p.Devices, p.Links, to.Instances = slices.Clone(p.Devices), slices.Clone(p.Links), slices.Clone(f.Instances)
	to.written = &written{upTo(len(p.Devices)), upTo(len(p.Links)), upTo(len(f.Instances))}
	x := &expansion{
		of: f, to: &to, links: map[string][]int{}, uses: map[string]int{}, linked: make([]int, len(p.Links)),
		names: map[string]bool{},
	}
	for i := range p.Devices {
		p.Devices[i].Count = 0
		x.names["device "+p.Devices[i].Name] = true
	}
	for i := range p.Links {
		x.names["link "+p.Links[i].Name] = true
		for _, d := range p.Links[i].Between {
			x.links[d] = append(x.links[d], i)
		}
	}
	for i := range to.Instances {
		to.Instances[i].Count, to.Instances[i].Mix = 0, nil
		x.names["instance "+to.Instances[i].Name] = true
	}
	return x
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// copies makes those of a group.
func (x *expansion) copies(g *group) error {
	taken := make([]int, len(g.mix))
	for _, i := range g.instances {
		if in := &x.to.Instances[i]; in.Name == "" && g.n > 1 {
			in.Name = x.of.Platform.Devices[g.devices[0]].Name
			x.names["instance "+in.Name] = true
		}
	}
	for n := 1; n <= g.n; n++ {
		var s *Share
		if len(g.mix) > 0 {
			s = &g.mix[behind(g.mix, taken, n)]
		}
		if err := x.copy(g, s, n); err != nil {
			return err
		}
	}
	return nil
}

// behind returns the part of a mix that copy n takes, and counts it.
func behind(mix []Share, taken []int, n int) int {
	most, at := -1.0, 0
	for i := range mix {
		if lacks := mix[i].Share*float64(n) - float64(taken[i]); lacks > most+1e-9 {
			most, at = lacks, i
		}
	}
	taken[at]++
	return at
}

// moves are the devices that a copy has in place of those of the mapping.
type moves [][2]string

// unit returns a unit, device.unit, as the copy has it.
func (m moves) unit(unit string) string {
	for _, move := range m {
		if rest, ok := strings.CutPrefix(unit, move[0]+"."); ok {
			return move[1] + "." + rest
		}
	}
	return unit
}

func (m moves) device(name string) string {
	for _, move := range m {
		if move[0] == name {
			return move[1]
		}
	}
	return name
}

// copy makes copy n of a group, by a part of its mix if it has one.
func (x *expansion) copy(g *group, s *Share, n int) error {
	var mapped, linked moves // what the mapping and the links name
	for _, at := range g.devices {
		name := x.of.Platform.Devices[at].Name
		class := name
		if s != nil {
			class = x.of.class(g, s)
		}
		to, err := x.device(g, class)
		if err != nil {
			return err
		}
		mapped, linked = append(mapped, [2]string{name, to}), append(linked, [2]string{class, to})
	}
	if s != nil {
		for _, at := range x.of.linksOf(g, s) {
			l := &x.of.Platform.Links[at]
			if err := x.link(g, at, moves{{l.Between[x.of.endOf(l)], linked[0][1]}}); err != nil {
				return err
			}
		}
	} else {
		for i, move := range linked {
			for _, at := range x.links[move[0]] {
				between := x.of.Platform.Links[at].Between
				if slices.ContainsFunc(linked[:i], func(m [2]string) bool { return slices.Contains(between, m[0]) }) {
					continue // it joins two of the copied devices
				}
				if err := x.link(g, at, linked); err != nil {
					return err
				}
			}
		}
	}
	for _, at := range g.instances {
		if err := x.instance(g, at, n, mapped); err != nil {
			return err
		}
	}
	return nil
}

// name returns that of the copy of something, which must be new.
func (x *expansion) name(g *group, what, of string, n int) (string, error) {
	name := fmt.Sprintf("%s-%d", of, n)
	if x.names[what+" "+name] {
		return "", x.of.Errorf(g.path+".count", "%w: copy %d of %s %s would be named %s, as another is; rename "+
			"that", ErrMapping, n,
			what, of, name)
	}
	x.names[what+" "+name] = true
	return name, nil
}

// device returns the name of the next copy of a device, the first of which is itself.
func (x *expansion) device(g *group, class string) (string, error) {
	x.uses[class]++
	n := x.uses[class]
	if n == 1 {
		return class, nil
	}
	name, err := x.name(g, "device", class, n)
	if err != nil {
		return "", err
	}
	at := x.of.Platform.Device(class)
	d := x.to.Platform.Devices[at]
	d.Name, d.CopyOf = name, class
	x.to.Platform.Devices = append(x.to.Platform.Devices, d)
	x.to.written.devices = append(x.to.written.devices, at)
	return name, nil
}

// link makes the next copy of a link, the first of which is itself.
func (x *expansion) link(g *group, at int, to moves) error {
	x.linked[at]++
	l := x.of.Platform.Links[at]
	between := []string{to.device(l.Between[0]), to.device(l.Between[1])}
	if x.linked[at] == 1 {
		x.to.Platform.Links[at].Between = between
		return nil
	}
	name, err := x.name(g, "link", l.Name, x.linked[at])
	if err != nil {
		return err
	}
	l.CopyOf, l.Name, l.Between = l.Name, name, between
	x.to.Platform.Links = append(x.to.Platform.Links, l)
	x.to.written.links = append(x.to.written.links, at)
	return nil
}

// instance makes copy n of an instance, the first of which is itself.
func (x *expansion) instance(g *group, at, n int, to moves) error {
	in := x.to.Instances[at]
	in.Mapping = slices.Clone(x.of.Instances[at].Mapping)
	for m := range in.Mapping {
		in.Mapping[m].Unit = to.unit(in.Mapping[m].Unit)
	}
	if b := x.of.Instances[at].Fallback; b != nil {
		in.Fallback = &Fallback{After: b.After, Unit: to.unit(b.Unit)}
	}
	if n == 1 {
		x.to.Instances[at] = in
		return nil
	}
	name, err := x.name(g, "instance", in.Name, n)
	if err != nil {
		return err
	}
	in.CopyOf, in.Name = in.Name, name
	x.to.Instances = append(x.to.Instances, in)
	x.to.written.instances = append(x.to.written.instances, at)
	return nil
}

// drop leaves out the links of mixes that no copy has taken.
func (x *expansion) drop(groups []group) {
	p, w := &x.to.Platform, x.to.written
	var links []plan.Link
	var from []int
	for i := range p.Links {
		unused := i < len(x.linked) && x.linked[i] == 0 && slices.ContainsFunc(groups, func(g group) bool {
			return slices.ContainsFunc(g.mix, func(s Share) bool { return s.Link == p.Links[i].Name })
		})
		if !unused {
			links, from = append(links, p.Links[i]), append(from, w.links[i])
		}
	}
	p.Links, w.links = links, from
}

// path returns the YAML path of a part of an expanded file as it was written.
func (w *written) path(path string) string {
	for _, of := range []struct {
		prefix string
		at     []int
	}{{"$.instances[", w.instances}, {"$.platform.devices[", w.devices}, {"$.platform.links[", w.links}} {
		rest, ok := strings.CutPrefix(path, of.prefix)
		if !ok {
			continue
		}
		var i int
		if _, err := fmt.Sscanf(rest, "%d]", &i); err == nil && i < len(of.at) {
			_, rest, _ = strings.Cut(rest, "]")
			return fmt.Sprintf("%s%d]%s", of.prefix, of.at[i], rest)
		}
	}
	return path
}
