// Package limit limits what one client can take from the others: how often it may ask ([Limiter]), how many requests it may have open at
// once ([Slots]), how much memory its requests may hold ([Budget]), how many of them may compute at once ([Gate]), and how many entries it
// may have in a table ([Map]).
//
// Every table of the process that clients can fill is a Map, and every throttle is a Limiter, so the same two questions are answered in one
// place. First: what happens when it is full? The least recently used entry is removed, and no owner can have more than its share. Second:
// what happens when the clock jumps? See [Age]. The caller passes the time in; the package never reads a clock.
//
// It owns how limits are counted. It does not own names, numbers and error texts: those belong to the callers. docs/limits.md lists all
// limits.
package limit
