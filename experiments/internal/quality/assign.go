package quality

import "math"

// matrix returns the square matrix that holds at(i, j) for i < rows and
// j < cols, and 0 elsewhere.
func matrix(rows, cols int, at func(i, j int) float64) [][]float64 {
	n := max(rows, cols)
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
		for j := range m[i] {
			if i < rows && j < cols {
				m[i][j] = at(i, j)
			}
		}
	}
	return m
}

// assign returns, by row of a square cost matrix, the column that it is paired
// with in the cheapest assignment (the Hungarian method with potentials, in
// O(n^3)).
func assign(cost [][]float64) []int {
	n := len(cost)
	// Rows and columns count from 1; 0 is the unpaired row, and the start.
	rowPotential, colPotential := make([]float64, n+1), make([]float64, n+1)
	rowOf, cameFrom := make([]int, n+1), make([]int, n+1) // by column
	for row := 1; row <= n; row++ {
		rowOf[0] = row
		slack, visited := make([]float64, n+1), make([]bool, n+1)
		for j := range slack {
			slack[j] = math.Inf(1)
		}
		col := 0
		for rowOf[col] != 0 {
			visited[col] = true
			i, next, delta := rowOf[col], 0, math.Inf(1)
			for j := 1; j <= n; j++ {
				if visited[j] {
					continue
				}
				if reduced := cost[i-1][j-1] - rowPotential[i] - colPotential[j]; reduced < slack[j] {
					slack[j], cameFrom[j] = reduced, col
				}
				if slack[j] < delta {
					delta, next = slack[j], j
				}
			}
			for j := range slack {
				if visited[j] {
					rowPotential[rowOf[j]] += delta
					colPotential[j] -= delta
				} else {
					slack[j] -= delta
				}
			}
			col = next
		}
		for col != 0 { // flip the augmenting path
			rowOf[col] = rowOf[cameFrom[col]]
			col = cameFrom[col]
		}
	}
	colOf := make([]int, n)
	for j := 1; j <= n; j++ {
		colOf[rowOf[j]-1] = j - 1
	}
	return colOf
}
