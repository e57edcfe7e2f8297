package app

import (
	"context"
	"fmt"
	"os"

	"drawbridge/console/wire"
	"drawbridge/directory"
)

// Compacted says what a compact has brought.
type Compacted struct {
	File   string `json:"file"`
	Before int64  `json:"bytes_before"`
	After  int64  `json:"bytes_after"`
}

// Compact writes a copy of a store file without its free room. The new file is checked and compared with the old one, key by key, before it
// replaces it.
func Compact(ctx context.Context, file string, hear func(wire.Progress)) (Compacted, error) {
	p, err := thisProgram()
	if err != nil {
		return Compacted{}, err
	}
	out, err := p.compact(ctx, file, hear)
	return out, forCommand(err)
}

func (p program) compact(ctx context.Context, file string, hear listener) (Compacted, error) {
	out := Compacted{File: file}
	err := replace(file, func(part string) (bool, error) {
		if _, err := p.run(ctx, hear, "compact", file, part); err != nil {
			return false, err
		}
		report, err := p.verified(ctx, hear, "compare", file, part)
		if err != nil {
			return false, err
		}
		if len(report.Findings) > 0 {
			return false, &directory.Error{
				Code:    directory.Internal,
				Message: fmt.Sprintf("the store %s has %d faults and was left as it is; see `drawbridge check`. The first: %s", file, len(report.Findings), report.Findings[0]),
			}
		}
		if out.Before, err = size(file); err != nil {
			return false, err
		}
		if out.After, err = size(part); err != nil {
			return false, err
		}
		return true, nil
	})
	return out, err
}

func size(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
