package httpapi

import (
	"context"
	"time"

	"drawbridge/internal/limit"
)

// admissionLife is how long a call that was admitted may go on without being admitted again. A credential that was revoked, an operator
// who was suspended, and a scope that was reduced meanwhile would otherwise have an effect for as long as a client sends its body slowly
// or waits for news.
const admissionLife = time.Second

// Wait waits at most so many seconds for something to happen. It is no failure if nothing does, or if the server stops. Before the call
// is answered it is admitted again.
func (c *Call) Wait(ctx context.Context, seconds int, wait func(context.Context) error) {
	most := time.Duration(seconds) * time.Second
	c.Response.Extend(c.api.cfg.Now().Add(most + time.Minute))
	waiting, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	if stopping := c.api.cfg.Stopping; stopping != nil {
		defer context.AfterFunc(stopping, cancel)()
	}
	c.waited = true
	_ = wait(waiting)
}

// Readmit authenticates and admits the call again. Handlers that read a long body call it before they act.
func (c *Call) Readmit(ctx context.Context) error {
	if c.endpoint == nil || c.endpoint.Open {
		return nil
	}
	if c.Again != nil {
		who, err := c.Again()
		if err != nil {
			return err
		}
		c.Who = who
	}
	return c.endpoint.admit(ctx, c, c.in)
}

// admit decides whether the call may go on, with everything that is known of it.
func (e *endpoint) admit(ctx context.Context, c *Call, in any) error {
	c.admitted = e.cfg.Now()
	if e.cfg.Admit != nil {
		if err := e.cfg.Admit(ctx, c, &e.Operation, in); err != nil {
			return err
		}
	}
	if e.cfg.AdmitBody != nil && e.hasBody && c.bodyRead {
		return e.cfg.AdmitBody(ctx, c, &e.Operation, in)
	}
	return nil
}

// admitBody decides the same when the body is read, and everything again if the body took long.
func (e *endpoint) admitBody(ctx context.Context, c *Call) error {
	if age, ok := limit.Age(c.admitted, e.cfg.Now()); !ok || age > admissionLife {
		return c.Readmit(ctx)
	}
	if e.cfg.AdmitBody == nil {
		return nil
	}
	return e.cfg.AdmitBody(ctx, c, &e.Operation, c.in)
}
