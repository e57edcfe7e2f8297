// Package metrics owns the list of all metrics and of their labels, and their registration: the other packages name a metric of the list,
// get it registered, and count. It counts nothing itself, and does not know what a metric is for.
package metrics
