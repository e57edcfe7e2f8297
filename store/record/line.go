package record

import (
	"errors"
	"maps"
	"slices"

	"drawbridge/directory"
)

// AppendAudit adds the fields of an audit line, except its number.
func AppendAudit(b []byte, a *directory.Audit) []byte {
	b = appendTime(b, a.Time)
	b = AppendText(b, a.Tenant)
	b = appendActor(b, a.Actor)
	b = AppendText(b, a.Action)
	b = appendSubject(b, a.Subject)
	b = AppendText(b, a.Outcome)
	b = AppendText(b, a.Rule)
	b = AppendText(b, a.Reason)
	b = appendTexts(b, a.Deviations)
	b = AppendText(b, a.Request)
	b = AppendText(b, a.Before)
	b = AppendText(b, a.After)
	b = AppendText(b, a.Address)
	b = appendBool(b, a.ChainStart)
	return append(b, a.Hash[:]...)
}

// ReadAudit takes the fields of an audit line.
func (d *Reader) ReadAudit(seq uint64) (directory.Audit, error) {
	a := d.unchained(seq)
	a.Address = d.Text()
	a.ChainStart = d.Byte() == 1
	a.Hash = d.hash()
	return a, d.End()
}

// ReadUnchainedAudit reads the fields of an audit line of a release without the chain.
func (d *Reader) ReadUnchainedAudit(seq uint64) (directory.Audit, error) {
	a := d.unchained(seq)
	return a, d.End()
}

func (d *Reader) unchained(seq uint64) directory.Audit {
	return directory.Audit{
		Seq: seq, Time: d.time(), Tenant: directory.TenantID(d.Text()), Actor: d.actor(), Action: directory.Action(d.Text()), Subject: d.subject(),
		Outcome: directory.Outcome(d.Text()), Rule: directory.Rule(d.Text()), Reason: d.Text(), Deviations: texts[string](d, nil), Request: d.Text(),
		Before: d.document(), After: d.document(),
	}
}

// AppendEvent adds the fields of an event, except its number.
func AppendEvent(b []byte, v *directory.Event) []byte {
	b = appendTime(b, v.Time)
	b = AppendText(b, v.Tenant)
	b = AppendText(b, v.Kind)
	b = appendSubject(b, v.Subject)
	b = appendActor(b, v.Actor)
	b = AppendText(b, v.Data)
	if v.Txn == "" && v.Verb == "" && v.Version == "" {
		return b // in the form of a release without these fields, so that such an event has the same bytes in every store
	}
	b = AppendText(b, v.Txn)
	b = AppendText(b, v.Verb)
	return AppendText(b, v.Version)
}

// ReadEvent takes the fields of an event.
func (d *Reader) ReadEvent(seq uint64) (directory.Event, error) {
	v := directory.Event{
		Seq: seq, Time: d.time(), Tenant: directory.TenantID(d.Text()), Kind: directory.EventKind(d.Text()),
		Subject: d.subject(), Actor: d.actor(), Data: d.document(),
	}
	if d.text != "" { // an older release ended here
		v.Txn, v.Verb, v.Version = d.Text(), directory.Verb(d.Text()), d.Text()
	}
	return v, d.End()
}

// AppendUsage adds the counts, with their dimensions, so that a later release may add a state.
func AppendUsage(b []byte, c *directory.Usage) []byte {
	b = AppendUint(b, directory.UserTypes)
	b = AppendUint(b, directory.States)
	for _, byState := range c.Users {
		for _, n := range byState {
			b = AppendUint(b, uint64(n))
		}
	}
	b = AppendUint(b, uint64(c.Gone))
	b = AppendUint(b, uint64(c.Groups))
	b = AppendUint(b, uint64(len(c.Resources)))
	for _, kind := range slices.Sorted(maps.Keys(c.Resources)) {
		b = AppendText(b, kind)
		b = AppendUint(b, uint64(c.Resources[kind]))
	}
	return b
}

// ReadUsage takes the counts.
func (d *Reader) ReadUsage() (directory.Usage, error) {
	var c directory.Usage
	types, states := d.Uint(), d.Uint()
	if types > directory.UserTypes || states > directory.States {
		return c, errors.New("it counts types or states that this release does not know")
	}
	for t := range types {
		for s := range states {
			c.Users[t][s] = int(d.Uint())
		}
	}
	c.Gone = int(d.Uint())
	c.Groups = int(d.Uint())
	if n := d.Uint(); n > 0 && !d.bad {
		c.Resources = make(map[directory.Kind]int)
		for range n {
			kind := directory.Kind(d.Text())
			c.Resources[kind] = int(d.Uint())
		}
	}
	return c, d.End()
}
