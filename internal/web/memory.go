package web

import "drawbridge/directory"

// What a request costs in memory at most, beside what it answers: measured with BenchmarkMemory of scim/server, on bodies of every shape
// that a client can send. A byte is there four times: in the buffer, in the parsed values, in the record and in what is written down
// of the change. A value takes a name, an interface and its share of a list that grows.
const (
	bytesFactor = 4
	valueCost   = 150
	requestCost = 16 << 10
)

// Cost is how much memory a request with a JSON body of this shape holds at most.
func Cost(s directory.Shape) int64 {
	return requestCost + bytesFactor*int64(s.Bytes) + valueCost*int64(s.Values)
}
