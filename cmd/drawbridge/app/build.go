package app

import (
	"runtime/debug"
	"slices"

	"drawbridge/store/bolt"
)

// Build says which program this is. Commit and Date come from the linker in a release, otherwise from what Go writes into a program that
// is built in a checkout.
type Build struct {
	Version     string `json:"version"`
	Commit      string `json:"commit"`       // "unknown" if the build did not set it
	Date        string `json:"date"`         // of the commit, RFC 3339; "unknown" if the build did not set it
	StoreFormat int    `json:"store_format"` // the format of the file that this program writes
}

// NewBuild completes what the linker said; "" means unknown.
func NewBuild(version, commit, date string) Build {
	if commit == "" {
		commit = buildSetting("vcs.revision")
	}
	if date == "" {
		date = buildSetting("vcs.time")
	}
	return Build{Version: version, Commit: commit, Date: date, StoreFormat: bolt.Format()}
}

func buildSetting(key string) string {
	if build, ok := debug.ReadBuildInfo(); ok {
		i := slices.IndexFunc(build.Settings, func(s debug.BuildSetting) bool { return s.Key == key })
		if i >= 0 {
			return build.Settings[i].Value
		}
	}
	return "unknown"
}
