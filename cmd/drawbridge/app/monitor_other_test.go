//go:build !linux

package app

func slowMonitorHere() {}
