package record

import (
	"encoding/binary"
	"time"

	"drawbridge/directory"
)

// The flags of an exchange.
const (
	bodyCut = 1 << iota
	answerCut
	observed
)

// AppendExchange adds the fields of an exchange of the request journal, except its number and its tenant. Times are kept to the microsecond.
func AppendExchange(b []byte, e *directory.Exchange) []byte {
	b = binary.AppendVarint(b, e.Time.UnixMicro())
	b = binary.AppendVarint(b, int64(e.Took))
	flags := 0
	if e.BodyCut {
		flags |= bodyCut
	}
	if e.AnswerCut {
		flags |= answerCut
	}
	if e.Observed {
		flags |= observed
	}
	for _, n := range [...]int{flags, e.Status, e.BodySize, e.AnswerSize, e.More, e.Missed} {
		b = AppendUint(b, uint64(max(n, 0)))
	}
	for _, text := range [...]string{
		string(e.Connection), e.Request, e.Address, e.Agent, e.Method, e.Path, e.Operation, e.BodyNote, string(e.Effect), string(e.Rule), e.Why, string(e.Gap),
	} {
		b = AppendText(b, text)
	}
	b = AppendText(AppendText(b, e.Body), e.Answer)
	b = appendTexts(appendTexts(b, e.Quirks), e.Done)
	return appendHeaders(appendHeaders(b, e.Headers), e.Answers)
}

func appendHeaders(b []byte, headers []directory.Header) []byte {
	b = AppendUint(b, uint64(len(headers)))
	for _, h := range headers {
		b = AppendText(AppendText(b, h.Name), h.Value)
	}
	return b
}

// ReadExchange takes the fields of an exchange.
func (d *Reader) ReadExchange() (directory.Exchange, error) {
	var e directory.Exchange
	e.Time = time.UnixMicro(d.int()).UTC()
	e.Took = time.Duration(d.int())
	flags := 0
	for _, n := range [...]*int{&flags, &e.Status, &e.BodySize, &e.AnswerSize, &e.More, &e.Missed} {
		*n = int(d.Uint())
	}
	e.BodyCut, e.AnswerCut, e.Observed = flags&bodyCut != 0, flags&answerCut != 0, flags&observed != 0
	e.Connection = directory.ConnectionID(d.Text())
	for _, text := range [...]*string{&e.Request, &e.Address, &e.Agent, &e.Method, &e.Path, &e.Operation, &e.BodyNote} {
		*text = d.Text()
	}
	e.Effect, e.Rule, e.Why, e.Gap = directory.Effect(d.Text()), directory.Rule(d.Text()), d.Text(), directory.Gap(d.Text())
	e.Body, e.Answer = d.document(), d.document()
	e.Quirks, e.Done = texts[string](d, nil), texts[string](d, nil)
	e.Headers, e.Answers = d.headers(), d.headers()
	return e, d.End()
}

func (d *Reader) headers() (all []directory.Header) {
	for n := d.Uint(); n > 0 && !d.bad; n-- {
		all = append(all, directory.Header{Name: d.Text(), Value: d.Text()})
	}
	return all
}
