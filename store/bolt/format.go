package bolt

// Format is the version of the layout that this program writes.
func Format() int { return fileFormat }
