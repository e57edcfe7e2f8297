package provision_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"drawbridge/bridge/bridgetest"
	"drawbridge/bridge/targets"
	"drawbridge/directory"
)

// world is a company that changes at random.
type world struct {
	*kit
	random *rand.Rand
	users  []directory.ID
	groups []directory.ID
	made   int
}

func pick[T any](w *world, all []T) (one T, ok bool) {
	if len(all) == 0 {
		return one, false
	}
	return all[w.random.IntN(len(all))], true
}

// change makes one random change. A change of a user who is gone fails, which is no matter of this test.
func (w *world) change() {
	ctx := w.T.Context()
	user, hasUser := pick(w, w.users)
	group, hasGroup := pick(w, w.groups)
	w.made++
	name := fmt.Sprintf("n%d", w.made)
	none := directory.Precondition{}
	switch n := w.random.IntN(15); {
	case n < 3 || !hasUser:
		if out, err := w.CreateUser(ctx, w.idp, person(name).Draft); err == nil {
			w.users = append(w.users, out.User.ID)
		}
	case n < 5:
		_, _ = w.EditUser(ctx, w.idp, user, none, bridgetest.SetTitle(name))
	case n == 5:
		_, _ = w.EditUser(ctx, w.idp, user, none, setName(name+"@acme.example"))
	case n == 6:
		_, _ = w.EditUser(ctx, w.idp, user, none, bridgetest.SetActive(false))
	case n == 7:
		_, _ = w.EditUser(ctx, w.idp, user, none, bridgetest.SetActive(true))
	case n == 8:
		_ = w.DeleteUser(ctx, w.idp, user, none)
	case n == 9 || !hasGroup:
		if out, err := w.CreateGroup(ctx, w.idp, bridgetest.Team("Team "+name)); err == nil {
			w.groups = append(w.groups, out.Group.ID)
		}
	case n < 12:
		_, _ = w.EditGroup(ctx, w.idp, group, none, bridgetest.Steps(bridgetest.Add(user)))
	case n == 12:
		_, _ = w.EditGroup(ctx, w.idp, group, none, bridgetest.Steps(bridgetest.Remove(user)))
	case n == 13:
		other, _ := pick(w, w.users)
		w.exchange(user, other)
	default:
		if w.random.IntN(4) == 0 {
			_ = w.DeleteGroup(ctx, w.idp, group, none)
		}
	}
}

// exchange lets two people exchange their names.
func (w *world) exchange(one, other directory.ID) {
	ctx, none := w.T.Context(), directory.Precondition{}
	a, err := w.User(ctx, w.idp, one)
	b, failed := w.User(ctx, w.idp, other)
	if one == other || err != nil || failed != nil {
		return
	}
	_, _ = w.EditUser(ctx, w.idp, one, none, setName(fmt.Sprintf("away-%d@acme.example", w.made)))
	_, _ = w.EditUser(ctx, w.idp, other, none, setName(a.User.UserName))
	_, _ = w.EditUser(ctx, w.idp, one, none, setName(b.User.UserName))
}

// faults answers a part of the requests wrongly: before they took effect, or after.
func (w *world) faults(random *rand.Rand) func(http.ResponseWriter, *http.Request, http.Handler) bool {
	var mu sync.Mutex
	return func(rw http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		mu.Lock()
		n := random.IntN(24)
		mu.Unlock()
		switch n {
		case 0:
			rw.Header().Set("Retry-After", "30")
			rw.WriteHeader(http.StatusServiceUnavailable)
		case 1:
			rw.WriteHeader(http.StatusTooManyRequests)
		case 2:
			rw.WriteHeader(http.StatusInternalServerError)
		case 3:
			pass.ServeHTTP(discard{header: http.Header{}}, r)
			rw.WriteHeader(http.StatusBadGateway)
		case 4:
			pass.ServeHTTP(discard{header: http.Header{}}, r)
			panic(http.ErrAbortHandler)
		case 5:
			panic(http.ErrAbortHandler)
		case 6:
			_, _ = rw.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"500","detail":"it failed"}`))
		case 7:
			if r.Method != http.MethodPost {
				return false
			}
			pass.ServeHTTP(discard{header: http.Header{}}, r)
			rw.WriteHeader(http.StatusCreated)
			_, _ = rw.Write([]byte(`{"userName":"nobody"}`))
		default:
			return false
		}
		return true
	}
}

// becomeEqual makes random changes with faults and restarts in between. After a quiet time both sides are equal, and another run sends nothing.
func becomeEqual(t *testing.T, seed uint64, prepare func(*kit)) {
	t.Helper()
	off := directory.BrakeOff
	random := rand.New(rand.NewPCG(seed, 1))
	w := &world{kit: start(t, func(o *directory.Overrides) { o.Brake = &off }), random: random}
	prepare(w.kit)
	w.target(func(d *targets.Draft) {
		if seed%2 == 1 {
			d.OnLeave = directory.LeaveDelete
		}
		if seed%4 == 3 {
			d.Profile = directory.PutTarget
		}
	})
	w.proxy.breaks(w.faults(rand.New(rand.NewPCG(seed, 2))))
	for range 60 {
		for range random.IntN(4) {
			w.change()
		}
		if random.IntN(3) == 0 {
			w.run()
		}
		w.later(time.Duration(random.IntN(600)) * time.Second)
		if random.IntN(15) == 0 {
			w.restart()
		}
	}
	w.proxy.breaks(nil)
	w.quiet()
	w.equal()
	w.proxy.writes()
	w.restart()
	w.sync(targets.Wish{Compare: true})
	w.quiet()
	w.equal()
	if got := w.proxy.writes(); len(got) > 0 {
		t.Errorf("another run sent %v", got)
	}
	if s := w.state().State; s.Pending != 0 || s.Error != "" || s.Parked != 0 {
		t.Errorf("state %+v", s)
	}
}

// After any sequence of changes and faults both sides are equal: before our own server, and the one of elimity-com.
func TestBothSidesBecomeEqual(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*kit){"own": func(*kit) {}, "elimity": (*kit).onElimity} {
		for seed := range uint64(8) {
			t.Run(fmt.Sprint(name, seed), func(t *testing.T) {
				t.Parallel()
				becomeEqual(t, seed, prepare)
			})
		}
	}
}
