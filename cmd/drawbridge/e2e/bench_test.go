package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"drawbridge/cmd/drawbridge/app"
	"drawbridge/console/wire"
	"drawbridge/directory"
	"drawbridge/scim/emulator"
	"drawbridge/store"
	"drawbridge/store/bolt"
)

// BenchmarkAccess asks the access check over HTTP as a sign-in path does, with 8 connections, in tenants of a thousand and of a
// hundred thousand people, alone and while an identity provider writes with 4:
//
//	go test ./cmd/drawbridge/e2e -run '^$' -bench BenchmarkAccess -benchtime 5s
func BenchmarkAccess(b *testing.B) {
	for _, size := range []int{1_000, 100_000} {
		data := shortDir(b)
		p := serve(b, data)
		issued := makeTenant(b, p.operator, "acme", "okta", 0)
		key, err := p.operator.CreateAppKey(b.Context(), "acme", wire.AppKeyCreate{Name: "bench"})
		if err != nil {
			b.Fatal(err)
		}
		if err := p.end(b, syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
		crowd(b, data, "acme", size, func(u *directory.User) { u.State = directory.Active })
		b.Setenv("DRAWBRIDGE_LIMITS_APP_RATE", "0")
		p = serve(b, data)
		address := strings.TrimSuffix(p.base(b, ""), "/scim/v2/") + "/app/v1/tenants/acme/access?email="
		for _, writers := range []int{0, 4} {
			b.Run(fmt.Sprintf("%d/writers=%d", size, writers), func(b *testing.B) {
				stop := write(b, p.base(b, "acme"), issued.Token, writers)
				var mu sync.Mutex
				var all []time.Duration
				b.SetParallelism(4) // 8 on two cores
				b.RunParallel(func(pb *testing.PB) {
					var mine []time.Duration
					for i := 0; pb.Next(); i++ {
						began := time.Now()
						name, want := fmt.Sprintf("u%d@home.example", i*7919%size), `"allowed":true`
						if i%10 == 0 {
							name, want = "nobody@home.example", `"allowed":false`
						}
						status, text := fetch(b, http.MethodGet, address+name, key.Key, "")
						if status != http.StatusOK || !strings.Contains(text, want) {
							b.Errorf("%s: %d %s", name, status, text)
							return
						}
						mine = append(mine, time.Since(began))
					}
					mu.Lock()
					all = append(all, mine...)
					mu.Unlock()
				})
				stop()
				percentiles(b, all, "")
			})
		}
		if err := p.end(b, syscall.SIGTERM); err != nil {
			b.Fatal(err)
		}
	}
}

// percentiles reports the median and the slowest of a hundred, in milliseconds.
func percentiles(b *testing.B, all []time.Duration, of string) {
	b.Helper()
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(all[len(all)*p/100].Microseconds())/1000, fmt.Sprintf("p%d-ms%s", p, of))
	}
}

// write lets so many connections create people until stop, which gives how long each took.
func write(t testing.TB, base, token string, connections int) (stop func() []time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var writers sync.WaitGroup
	var mu sync.Mutex
	var all []time.Duration
	run := time.Now().UnixNano()
	for w := range connections {
		writers.Go(func() {
			var mine []time.Duration
			for i := 0; ctx.Err() == nil; i++ {
				began := time.Now()
				body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"w%d-%d-%d@acme.example","active":true}`, run, w, i)
				if status, text := fetch(t, http.MethodPost, base+"/Users", token, body); status != http.StatusCreated {
					t.Errorf("a write meanwhile: %d %s", status, text)
					break
				}
				mine = append(mine, time.Since(began))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, mine...)
		})
	}
	return func() []time.Duration {
		cancel()
		writers.Wait()
		return all
	}
}

// keptAlive has as many connections as a benchmark wants.
var keptAlive = sync.OnceValue(func() *http.Client { return emulator.NewHTTPClient(30*time.Second, nil) })

func fetch(t testing.TB, method, url, token, body string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/scim+json")
	res, err := keptAlive().Do(req)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer res.Body.Close()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return res.StatusCode, string(read)
}

// crowd writes many people into the store of a server that is stopped.
func crowd(t testing.TB, data, tenant string, n int, change func(*directory.User)) {
	t.Helper()
	st, err := bolt.Open(app.StorePath(data), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	now := time.Now()
	for first := 0; first < n; first += 1000 {
		all := directory.Change{Audit: []directory.Audit{{Time: now, Tenant: directory.TenantID(tenant), Action: "test.crowd", Outcome: directory.Done}}}
		for i := first; i < min(first+1000, n); i++ {
			u := directory.User{Version: 1, Created: now, Modified: now, UserName: fmt.Sprintf("u%d@acme.example", i), Emails: []string{fmt.Sprintf("u%d@home.example", i)}, Type: directory.TeamMember, AcceptedAt: now}
			u.ID = crowdID(i)
			u.Document = directory.Document(fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"emails":[{"value":%q}]}`, u.UserName, u.Emails[0]))
			change(&u)
			all.Users = append(all.Users, u)
		}
		if err := st.Update(t.Context(), directory.TenantID(tenant), nil, func(store.Reader) (directory.Change, error) { return all, nil }); err != nil {
			t.Fatal(err)
		}
	}
}

func crowdID(i int) directory.ID {
	return directory.ID{0: 1, 6: 0x70, 8: 0x80, 13: byte(i >> 16), 14: byte(i >> 8), 15: byte(i)}
}

// makeDue makes work for so many people due at once, in the company busy.
func makeDue(b *testing.B, data string, many int) {
	b.Helper()
	now := time.Now()
	crowd(b, data, "busy", 3*many, func(u *directory.User) {
		i := int(u.ID[13])<<16 | int(u.ID[14])<<8 | int(u.ID[15])
		u.State = directory.Suspended
		u.Suspension = &directory.Suspension{At: now.AddDate(0, 0, -40), By: directory.Actor{Kind: directory.ByIdP, ID: "busy"}}
		switch i / many {
		case 1: // announced only
			u.Suspension.At = now.AddDate(0, 0, -24)
		case 2:
			u.State, u.Suspension = directory.Active, nil
		}
	})
	st, err := bolt.Open(app.StorePath(data), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < many; first += 1000 {
		change := directory.Change{Audit: []directory.Audit{{Time: now, Tenant: "busy", Action: "test.due", Outcome: directory.Done}}}
		for i := first; i < first+1000; i++ {
			id := crowdID(i)
			notice, err := json.Marshal(directory.DeletionNotice{Suspended: now.AddDate(0, 0, -40), Step: 1, At: now.AddDate(0, 0, -2)})
			if err != nil {
				b.Fatal(err)
			}
			change.KVs = append(change.KVs, directory.KV{Kind: directory.DeletionKV, Key: id.String(), Value: notice})
			of := directory.ConnectionID(fmt.Sprintf("busy-%d", i/2))
			if i%2 == 0 {
				change.Connections = append(change.Connections, directory.Connection{ID: of, Tenant: "busy", Type: directory.Okta, Version: 1, Created: now, Modified: now})
			}
			change.Tokens = append(change.Tokens, directory.Token{
				ID: directory.TokenID(id.String()), Hash: [32]byte{1, byte(i >> 8), byte(i)}, Kind: directory.BearerToken, Tenant: "busy", Connection: of, Created: now, Expires: now.AddDate(0, 0, 5),
			})
		}
		if err := st.Update(b.Context(), "busy", nil, func(store.Reader) (directory.Change, error) { return change, nil }); err != nil {
			b.Fatal(err)
		}
	}
	if err := st.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkTenThousandDue makes work for ten thousand people due at once: deletions, announcements, seats of people who are not in the
// ledger, and credentials that expire. It measures how long a write of another company and of the same one takes meanwhile, with 2
// connections each, and how long without: go test ./cmd/drawbridge/e2e -run '^$' -bench BenchmarkTenThousandDue -benchtime 1x
func BenchmarkTenThousandDue(b *testing.B) {
	const many = 10_000
	data := shortDir(b)
	p := serve(b, data)
	quiet, busy := makeTenant(b, p.operator, "quiet", "okta", 0), makeTenant(b, p.operator, "busy", "okta", 0)
	days, off := 30, directory.BrakeOff
	if _, err := p.operator.UpdateTenant(b.Context(), "busy", "", wire.TenantUpdate{Overrides: &directory.Overrides{AutoDeleteDays: &days, Brake: &off}}); err != nil {
		b.Fatal(err)
	}
	both := func(until func()) (ofQuiet, ofBusy []time.Duration) {
		stopQuiet, stopBusy := write(b, p.base(b, "quiet"), quiet.Token, 2), write(b, p.base(b, "busy"), busy.Token, 2)
		until()
		return stopQuiet(), stopBusy()
	}
	report := func(when string, all []time.Duration) {
		slices.Sort(all)
		b.Logf("%s: %d writes, p50 %s, p99 %s, slowest %s", when, len(all), all[len(all)/2], all[len(all)*99/100], all[len(all)-1])
	}
	alone, alsoAlone := both(func() { time.Sleep(8 * time.Second) })
	report("nothing due, another company", alone)
	report("nothing due, the same company", alsoAlone)
	if err := p.end(b, syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}

	makeDue(b, data, many)

	for b.Loop() {
		p = serve(b, data)
		there, same := both(func() {
			for _, job := range []string{"snapshot", "token-notices", "auto-delete"} {
				began := time.Now()
				for { // the clock may have begun already
					done, err := p.operator.RunJob(b.Context(), job, false)
					if err == nil {
						b.Logf("%s: %d done by hand, over after %s", job, done.Done, time.Since(began).Round(time.Millisecond))
						break
					}
					if !strings.Contains(err.Error(), "running right now") {
						b.Fatal(err)
					}
					time.Sleep(20 * time.Millisecond)
				}
			}
		})
		report("all due, another company", there)
		report("all due, the same company", same)
		percentiles(b, there, "-other")
		percentiles(b, same, "-same")
	}
	seats, err := p.operator.Tenant(b.Context(), "busy")
	if err != nil || seats.Users["suspended"] != many {
		b.Errorf("%v, %v", seats.Users, err)
	}
	if err := p.end(b, syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
}
