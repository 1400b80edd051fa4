// Package datasets fetches and generates the models, pictures and libraries that experiments use,
// into a cache; it may not run or time an experiment.
package datasets
