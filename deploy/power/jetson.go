package power

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// totals are the rails that hold all others of a module or a board: INA238 at the input of a
// Thor board, INA3221 of a Nano with JetPack 4, and of Xavier NX, Orin Nano and Orin NX. AGX
// modules have none: the sum of their rails is taken.
var totals = []string{"VIN", "POM_5V_IN", "VDD_IN"}

// chipPeriod is how often an INA3221 has new values of three channels where its driver doesn't
// say: two conversions of 1.1 ms each per channel, 16 of them averaged (data sheet SBOS576,
// averaging and conversion times), rounded up.
const chipPeriod = 110 * time.Millisecond

// jetson finds the INA3221 and INA238 of a Jetson module and its board: through hwmon since
// JetPack 5 (kernel's Documentation/hwmon/ina3221.rst, ina238.rst), through iio in JetPack 4.
func jetson(root fs.FS) (Meter, []Missing) {
	chips, missing := hwmon(root)
	older, more := iio(root)
	chips, missing = append(chips, older...), append(missing, more...)
	if len(chips) == 0 {
		if len(missing) == 0 {
			missing = []Missing{{"ina3221, ina238", "there is no such chip below /sys/class/hwmon nor " +
				"/sys/bus/i2c/drivers/ina3221x; Jetson modules have them, the Nano of 2 GB doesn't"}}
		}
		return nil, missing
	}
	about := About{Of: "the device: sum of its rails"}
	var sources []source
	var names []string
	for _, c := range chips {
		names = append(names, c.name)
		if c.period > about.Period {
			about.Period, about.PeriodFrom = c.period, c.from
		}
		sources = append(sources, c.sources...)
	}
	about.Name = strings.Join(slices.Compact(names), "+")
	for _, t := range totals {
		i := slices.IndexFunc(sources, func(s source) bool { return s.rail.Label == t })
		if i < 0 {
			continue
		}
		for j := range sources {
			sources[j].rail.InTotal = j == i
		}
		about.Of = "the device: its rail " + t
		break
	}
	return newMeter(root, about, sources, nil), missing
}

// chip is one INA3221 or INA238.
type chip struct {
	name    string
	period  time.Duration
	from    string
	sources []source
}

func hwmon(root fs.FS) (chips []chip, missing []Missing) {
	for _, dir := range list(root, "sys/class/hwmon", "hwmon*") {
		name := text(root, dir+"/name")
		if name != "ina3221" && name != "ina238" {
			continue
		}
		c := chip{name: name}
		c.period, c.from = period(root, dir+"/update_interval", chipPeriod, "assumed from the data sheet")
		for n := 1; n <= 3; n++ { // further in* and curr* of the chip are sums and shunts
			s, why := channel(root, dir, name, n)
			if why != "" {
				missing = append(missing, Missing{fmt.Sprintf("%s, channel %d", name, n), why})
			}
			if s != nil {
				c.sources = append(c.sources, *s)
			}
		}
		chips = append(chips, c)
	}
	return chips, missing
}

// channel returns a rail of a chip in hwmon. It is nil without a reason where there is no
// such channel, or nothing is connected to it.
func channel(root fs.FS, dir, chip string, n int) (*source, string) {
	file := func(what string, rest string) string { return fmt.Sprintf("%s/%s%d_%s", dir, what, n, rest) }
	watts, volts, amps := file("power", "input"), file("in", "input"), file("curr", "input")
	label := text(root, file("in", "label"))
	unlabelled := label == ""
	switch {
	case label == "NC" || strings.Contains(strings.ToLower(label), "shunt"):
		return nil, ""
	case unlabelled && chip == "ina238" && n == 1 && strings.Contains(text(root, "proc/device-tree/model"), "Thor"):
		label = "VIN" // the chip at the input of the board has no label there
	case unlabelled:
		label = fmt.Sprintf("%s.%d", path.Base(dir), n)
	}
	s := source{rail: Rail{Label: label, InTotal: true}, files: []string{watts}, scale: 1e-6}
	if !exists(root, watts) {
		s.files = []string{volts, amps} // mV × mA
	}
	if enabled := file("in", "enable"); text(root, enabled) == "0" {
		return nil, fmt.Sprintf("rail %s is switched off: /%s is 0; write 1 to it", label, enabled)
	}
	for _, f := range s.files {
		if !exists(root, f) {
			if unlabelled {
				return nil, ""
			}
			return nil, fmt.Sprintf("rail %s has no /%s", label, f)
		}
	}
	s.rail.Source = sourceOf(s.files)
	return &s, ""
}

// iio finds the INA3221 of JetPack 4's kernel 4.9, whose driver is NVIDIA's own.
func iio(root fs.FS) (chips []chip, missing []Missing) {
	for _, bus := range list(root, "sys/bus/i2c/drivers/ina3221x", "*-*") {
		for _, dir := range list(root, bus, "iio:device*") {
			c := chip{name: "ina3221"}
			c.period, c.from = chipPeriod, "assumed from the data sheet"
			for n := range 3 {
				label := text(root, fmt.Sprintf("%s/rail_name_%d", dir, n))
				if label == "" || label == "NC" {
					continue
				}
				file := func(what string) string { return fmt.Sprintf("%s/in_%s%d_input", dir, what, n) }
				s := source{rail: Rail{Label: label, InTotal: true}, files: []string{file("power")}, scale: 1e-3} // mW
				if !exists(root, s.files[0]) {
					s.files, s.scale = []string{file("voltage"), file("current")}, 1e-6
				}
				if i := slices.IndexFunc(s.files, func(f string) bool { return !exists(root, f) }); i >= 0 {
					missing = append(missing, Missing{"ina3221, channel " + fmt.Sprint(n),
						fmt.Sprintf("rail %s has no /%s", label, s.files[i])})
					continue
				}
				s.rail.Source = sourceOf(s.files)
				c.sources = append(c.sources, s)
			}
			chips = append(chips, c)
		}
	}
	return chips, missing
}
