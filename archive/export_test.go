package archive

// FolderFailed is the error of a folder for one of its file system.
func FolderFailed(folder string, err error) error { return NewFolder(folder).failed("written", err) }
