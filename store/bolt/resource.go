package bolt

import (
	"strings"

	"drawbridge/directory"
)

func (w *writer) oldResource(id directory.ID) (*directory.Resource, error) {
	record := w.reader.get(resources, id[:])
	if record == nil {
		return nil, nil
	}
	v := new(directory.Resource)
	if err := decodeResource(v, id[:], record, transact); err != nil {
		return nil, w.reader.damaged("resource", id, err)
	}
	return v, nil
}

func (w *writer) putResource(v *directory.Resource) error {
	old, err := w.oldResource(v.ID)
	if err != nil {
		return err
	}
	if err := w.countResource(old, v); err != nil {
		return err
	}
	if err := w.reindex(resourceKeys(old), resourceKeys(v)); err != nil {
		return err
	}
	return w.put(resources, v.ID[:], encodeResource(v))
}

func (w *writer) removeResource(id *directory.ID) error {
	old, err := w.oldResource(*id)
	if err != nil || old == nil {
		return err
	}
	if err := w.countResource(old, nil); err != nil {
		return err
	}
	if err := w.reindex(resourceKeys(old), nil); err != nil {
		return err
	}
	return w.remove(resources, id[:])
}

func (w *writer) countResource(old, now *directory.Resource) error {
	if old != nil && now != nil && old.Kind == now.Kind {
		return nil
	}
	c, err := w.changedCounts()
	if err != nil {
		return err
	}
	if old != nil {
		kind := directory.Kind(strings.Clone(string(old.Kind))) // a map may keep the key of the last assignment, and this one aliases the file
		if c.Resources[kind]--; c.Resources[kind] == 0 {
			delete(c.Resources, kind)
		}
		if len(c.Resources) == 0 {
			c.Resources = nil
		}
	}
	if now != nil {
		if c.Resources == nil {
			c.Resources = make(map[directory.Kind]int)
		}
		c.Resources[now.Kind]++
	}
	return nil
}
