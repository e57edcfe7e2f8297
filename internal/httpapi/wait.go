package httpapi

import (
	"context"
	"time"

	"drawbridge/internal/limit"
)

// admissionLife is how long an admitted call may run before it is admitted again. Otherwise a revoked credential, a suspended operator or a
// reduced scope would still work while a client sends its body slowly or waits for events.
const admissionLife = time.Second

// Wait waits at most the given number of seconds for something to happen. If nothing does, or if the server stops, that is not a failure. Before the call
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
	unpark := c.Response.Park()
	_ = wait(waiting)
	c.crowded = unpark()
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

// admit decides whether the call may continue, with everything that is known of it.
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

// admitBody decides again when the body is read, and checks everything again if the body took long.
func (e *endpoint) admitBody(ctx context.Context, c *Call) error {
	if age, ok := limit.Age(c.admitted, e.cfg.Now()); !ok || age > admissionLife {
		return c.Readmit(ctx)
	}
	if e.cfg.AdmitBody == nil {
		return nil
	}
	return e.cfg.AdmitBody(ctx, c, &e.Operation, c.in)
}
