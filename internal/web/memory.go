package web

import "drawbridge/directory"

// The memory that a request needs at most, without its answer: measured with BenchmarkMemory of scim/server, on bodies of every shape
// that a client can send. Each byte exists four times: in the buffer, in the parsed values, in the record and in the recorded
// change. A value costs a name, an interface and its share of a growing list.
const (
	bytesFactor = 4
	valueCost   = 150
	requestCost = 16 << 10
)

// Cost is the maximum memory of a request with a JSON body of this shape.
func Cost(s directory.Shape) int64 {
	return requestCost + bytesFactor*int64(s.Bytes) + valueCost*int64(s.Values)
}
