package study

import "errors"

// What is wrong with a study.
var (
	ErrStudy    = errors.New("bad study")
	ErrBase     = errors.New("bad base")
	ErrFactor   = errors.New("bad factor")
	ErrDesign   = errors.New("bad design")
	ErrMetric   = errors.New("no such metric")
	ErrQuestion = errors.New("bad question")
	ErrFigure   = errors.New("bad figure")
)
