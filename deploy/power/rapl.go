package power

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// raplPeriod is how often the counters of processors are brought up to date: about every
// millisecond (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 3B,
// section 15.10.3).
const raplPeriod = time.Millisecond

// rapl finds the energy counters of processors: the kernel's powercap zones, of Intel's and
// AMD's processors alike, or else the older amd_energy of hwmon. Packages and memory that lies
// outside of them are the total; a zone within a package is in it already.
func rapl(root fs.FS) (Meter, []Missing) {
	const dir = "sys/class/powercap"
	about := About{Name: "rapl", Of: "processor packages, and their memory where it is counted: not the whole machine",
		Period: raplPeriod, PeriodFrom: "Intel's manual"}
	var sources []source
	var missing []Missing
	for _, zone := range slices.Concat(list(root, dir, "intel-rapl:*"), list(root, dir, "amd-rapl:*")) {
		label, file := text(root, zone+"/name"), zone+"/energy_uj"
		if label == "" {
			continue
		}
		inTotal := strings.HasPrefix(label, "package") || label == "dram"
		if parent, _, within := cutLast(zone); within && !strings.HasPrefix(label, "package") {
			label = text(root, parent+"/name") + "/" + label
		}
		wrap, err := number(root, zone+"/max_energy_range_uj", 1e-6)
		if err == nil {
			_, err = number(root, file, 1e-6)
		}
		if err != nil {
			missing = append(missing, Missing{"rapl, " + label, mend(err).Error()})
			continue
		}
		sources = append(sources, source{
			rail:  Rail{Label: label, Counter: true, WrapJoules: wrap, Source: "/" + file, InTotal: inTotal},
			files: []string{file}, scale: 1e-6,
		})
	}
	if len(sources) == 0 && len(missing) == 0 {
		sources = amdEnergy(root)
	}
	if len(sources) == 0 && len(missing) == 0 {
		missing = []Missing{{"rapl", "there is no zone below /" + dir + "; load the module intel_rapl_msr (modprobe " +
			"intel_rapl_msr), which virtual machines mostly lack"}}
	}
	return newMeter(root, about, sources, mend), missing
}

// cutLast parts intel-rapl:0:1 into the zone that it lies in, intel-rapl:0, and the rest.
func cutLast(zone string) (parent, rest string, within bool) {
	if strings.Count(zone, ":") < 2 {
		return "", "", false
	}
	i := strings.LastIndexByte(zone, ':')
	return zone[:i], zone[i+1:], true
}

// amdEnergy finds the counters of sockets that the driver amd_energy shows; those of cores lie
// within. The driver counts in 64 bits, which don't wrap.
func amdEnergy(root fs.FS) []source {
	var sources []source
	for _, dir := range list(root, "sys/class/hwmon", "hwmon*") {
		if text(root, dir+"/name") != "amd_energy" {
			continue
		}
		for _, file := range list(root, dir, "energy*_label") {
			label, input := text(root, file), strings.TrimSuffix(file, "_label")+"_input"
			if strings.HasPrefix(label, "Esocket") && exists(root, input) {
				sources = append(sources, source{
					rail:  Rail{Label: label, Counter: true, Source: "/" + input, InTotal: true},
					files: []string{input}, scale: 1e-6,
				})
			}
		}
	}
	return sources
}

// mend says how a counter becomes readable.
func mend(err error) error {
	if !denied(err) {
		return err
	}
	return fmt.Errorf("%w: since Linux 5.10 only root may read it, as it can give secrets away (CVE-2020-8694); run as "+
		"root, or on a machine of your own: sudo chmod -R a+r /sys/class/powercap/*/energy_uj", err)
}
