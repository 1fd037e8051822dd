package explore

// cacheLines is how far apart what two workers write must lie. A line that both
// write goes to and fro between their processors, at the price of a whole step
// each time; lines are fetched in pairs.
const cacheLines = 128

// apart returns n zero values for one worker to write, with room behind them
// so that nothing of another worker's, which is allocated likewise, lies on
// the same lines.
func apart[T any](n int) []T { return make([]T, n, n+cacheLines)[:n:n] }
