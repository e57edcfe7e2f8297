package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"drawbridge/console/wire"
)

// part is a copy that is not yet finished.
type part struct {
	path  string
	bytes int64
	sum   string
}

// copy writes the store to a separate file in the folder. If it fails, nothing is left there.
func (b *backups) copy(ctx context.Context, dir, name string) (*part, error) {
	f, err := b.create(dir, "."+name+".*"+partSuffix)
	if err != nil {
		return nil, unwritten(dir, err)
	}
	total := int64(0)
	if info, err := os.Stat(b.file); err == nil {
		total = info.Size()
	}
	sum := sha256.New()
	count := &counter{total: total, hear: b.progress}
	err = b.store.Backup(ctx, io.MultiWriter(f, sum, count))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unwritten(filepath.Join(dir, name), err)
	}
	return &part{path: f.Name(), bytes: count.done, sum: hex.EncodeToString(sum.Sum(nil))}, nil
}

// finish gives the copy its name and puts the checksum beside it, the checksum first: a copy without one is never seen.
func (p *part) finish(path string) error {
	line := p.sum + "  " + filepath.Base(path) + "\n" // as sha256sum writes and reads it
	if err := writeNew(path+sumSuffix, []byte(line)); err != nil {
		return err
	}
	if err := renameNew(p.path, path); err != nil {
		return errors.Join(err, os.Remove(path+sumSuffix))
	}
	return syncDir(filepath.Dir(path))
}

// counter counts what passes through it.
type counter struct {
	done, total int64
	hear        listener
}

func (c *counter) Write(b []byte) (int, error) {
	c.done += int64(len(b))
	c.hear.hear(wire.Progress{What: "copy", Done: c.done, Total: c.total})
	return len(b), nil
}

// maxSumFile is more than a checksum and a name need.
const maxSumFile = 8 << 10

// readSum reads a checksum as sha256sum writes it: 64 hexadecimal digits, followed by any text.
func readSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, maxSumFile))
	if err != nil {
		return "", err
	}
	sum, _, _ := bytes.Cut(bytes.TrimLeft(text, "\\"), []byte(" "))
	return parseSum(string(bytes.TrimSpace(sum)))
}

func parseSum(text string) (string, error) {
	if raw, err := hex.DecodeString(text); err != nil || len(raw) != sha256.Size {
		return "", errors.New("a SHA-256 checksum has 64 hexadecimal digits")
	}
	return strings.ToLower(text), nil
}
