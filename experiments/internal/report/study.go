package report

import "github.com/edgeprune/edgeprune/experiments/internal/record"

// Study is what the page of a study shows.
type Study struct {
	Name, Machine, Date string
	Seed                uint64
	Run                 *record.Run
	About               string   // what it asks
	Kicker              string   // how its results came about
	Notes               []string // about single results
	Answer              []string
	Facts               []Fact
	Assumed             []string
	Tables              []Table
}

// WriteStudy is Write for a study.
func WriteStudy(path string, s *Study, paths []string) error {
	p := &Page{
		Title: s.Name, Kicker: s.Kicker, Lead: s.Answer, Facts: s.Facts, Tables: s.Tables,
		Notes:  append(noted("note", s.Notes), noted("assumed", s.Assumed)...),
		Method: []Section{made(s.Run, s.Machine, s.Date, s.Seed, nil)},
	}
	if s.About != "" {
		p.Method = append([]Section{{Title: "What the study asks", Lines: []string{s.About}}}, p.Method...)
	}
	var err error
	if p.Figures, err = FiguresOf(path, paths); err != nil {
		return err
	}
	return WritePage(path, p)
}
