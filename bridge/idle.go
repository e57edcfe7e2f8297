package bridge

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"drawbridge/bridge/record"
	"drawbridge/bridge/txn"
	"drawbridge/directory"
	"drawbridge/internal/limit"
	"drawbridge/policy"
	"drawbridge/store"
)

const (
	mostActivity   = 1000        // entries of one report
	activityAhead  = time.Minute // how far the clock of an application may be ahead
	unusedAfter    = 90          // days after which a credential counts as unused
	staleAfter     = 7           // days after which the report says that the application has fallen silent
	idleHour       = 8           // hour of Monday at which the weekly report is due, in the zone of the tenant
	idleNames      = 20          // people whom the weekly report names
	mostMentions   = 200_000     // users who are remembered as mentioned today
	mentionsAtOnce = 500
	askAgain       = 5 * time.Minute // whether a tenant wants mentions noted
)

// Activity is what an application reports about one person: that the person was active. One of User and Email names the person.
type Activity struct {
	User  directory.ID
	Email string
	At    time.Time // zero: now
}

// ActivityReceipt says what became of a report.
type ActivityReceipt struct {
	Recorded  int   // people whose last day of activity moved forward
	Unchanged int   // entries that said nothing new
	Unknown   []int // entries of an unknown person, or of an address that several people have
}

// ReportActivity records on which day people were last active (B10), as the downstream application reports it. Only the day is kept,
// and a known day is not written again. Invalid, with the entry in Field, for more than 1000 entries, for an entry without a
// person, and for a time in the future; then nothing is recorded.
func (s *Service) ReportActivity(ctx context.Context, app directory.Application, all []Activity) (ActivityReceipt, error) {
	now := s.instant()
	if len(all) > mostActivity {
		return ActivityReceipt{}, &directory.Error{Code: directory.Invalid, Field: "items", Rule: "B10", Message: fmt.Sprintf("a report has at most %d entries", mostActivity)}
	}
	for i := range all {
		a := &all[i]
		if a.User.IsZero() == (a.Email == "") {
			return ActivityReceipt{}, &directory.Error{Code: directory.Invalid, Field: fmt.Sprintf("items[%d].user_id", i), Rule: "B10", Message: "name the person by user_id or by email, one of them"}
		}
		if a.At.Sub(now) > activityAhead {
			return ActivityReceipt{}, &directory.Error{Code: directory.Invalid, Field: fmt.Sprintf("items[%d].at", i), Rule: "B10", Message: fmt.Sprintf(
				"the time %s is not yet: here it is %s", a.At.UTC().Format(time.RFC3339), now.Format(time.RFC3339))}
		}
	}
	var out ActivityReceipt
	var news []directory.KV
	look := func(t *tenantTx) (err error) {
		out, err = t.activity(all)
		news = t.Change.KVs
		return err
	}
	p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "activity"}, Tenant: app.Tenant}
	err := s.read(ctx, p, func(r store.Reader) error { return look(s.begin(r, p, now)) })
	if err != nil || len(news) == 0 { // most reports say nothing new, and wait for no writer
		return out, err
	}
	err = s.write(ctx, p, look)
	return out, err
}

// activity puts the days of a report into the Change.
func (t *tenantTx) activity(all []Activity) (out ActivityReceipt, err error) {
	if _, err := t.Reader.Tenant(); err != nil {
		return out, err
	}
	days := map[directory.ID]directory.Day{}
	for i := range all {
		u, found, err := record.FindUser(t.Reader, all[i].Email, all[i].User)
		if err != nil {
			return out, err
		}
		if found != 1 {
			out.Unknown = append(out.Unknown, i)
			continue
		}
		at := all[i].At
		if at.IsZero() || at.After(t.Now) {
			at = t.Now
		}
		days[u.ID] = max(days[u.ID], directory.DayOf(at.UTC()))
	}
	out.Recorded, err = t.recordSeen(directory.ActivityKV, days)
	out.Unchanged = len(all) - len(out.Unknown) - out.Recorded
	return out, err
}

// recordSeen notes on which day people were last seen, if it differs, and that such reports exist.
func (t *tenantTx) recordSeen(kind directory.KVKind, days map[directory.ID]directory.Day) (news int, err error) {
	ids := sortedIDs(days)
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = id.String()
	}
	old, err := txn.GetAll[directory.Day](t.Reader, kind, keys)
	if err != nil {
		return news, err
	}
	for i, id := range ids {
		if days[id] <= old[keys[i]] {
			continue
		}
		news++
		if err := t.Set(kind, keys[i], days[id]); err != nil {
			return news, err
		}
	}
	span, _, err := txn.Get[directory.Span](t.Reader, kind, directory.SpanKey)
	today := directory.DayOf(t.Now)
	if err != nil || span.Last >= today {
		return news, err
	}
	if span.Last = today; span.Since == "" {
		span.Since = today
	}
	return news, t.Set(kind, directory.SpanKey, span)
}

// mentions remembers whom identity providers have mentioned today, until the next Flush.
type mentions struct {
	mu     sync.Mutex
	day    directory.Day
	seen   map[mention]bool // false: not written yet
	fresh  int
	ignore map[directory.TenantID]time.Time // tenants that do not count mentions, and when their setting was read
}

type mention struct {
	tenant directory.TenantID
	user   directory.ID
}

// mention notes that an identity provider has written or read a user. A dry run mentions no person.
func (s *Service) mention(p directory.Principal, id directory.ID) {
	if !txn.FromIdP(p) || p.Report.Dry() || id.IsZero() {
		return
	}
	m := &s.mentions
	m.mu.Lock()
	defer m.mu.Unlock()
	now := s.instant()
	if limit.Within(m.ignore[p.Tenant], now, askAgain) {
		return
	}
	day := directory.DayOf(now)
	if m.seen == nil || day != m.day && m.fresh == 0 || len(m.seen) > mostMentions {
		m.seen, m.fresh = map[mention]bool{}, 0
	}
	m.day = day
	key := mention{p.Tenant, id}
	if _, known := m.seen[key]; !known {
		m.seen[key] = false
		m.fresh++
	}
}

// unwanted drops the mentions of a tenant, and those of the next minutes, too.
func (m *mentions) unwanted(tenant directory.TenantID, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ignore == nil {
		m.ignore = map[directory.TenantID]time.Time{}
	}
	m.ignore[tenant] = now
	for key, written := range m.seen {
		if key.tenant != tenant {
			continue
		}
		if delete(m.seen, key); !written {
			m.fresh--
		}
	}
}

// take gives whom to write down, by tenant.
func (m *mentions) take() (day directory.Day, fresh map[directory.TenantID][]directory.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fresh = map[directory.TenantID][]directory.ID{}
	if m.fresh == 0 {
		return m.day, fresh
	}
	for key, written := range m.seen {
		if !written {
			m.seen[key] = true
			fresh[key.tenant] = append(fresh[key.tenant], key.user)
		}
	}
	m.fresh = 0
	return m.day, fresh
}

// flushMentions stores whom identity providers have mentioned, for tenants that count it (orphan_days). A failure loses the mentions of
// half a minute; a later one of the same day does as well.
func (s *Service) flushMentions(ctx context.Context) error {
	day, fresh := s.mentions.take()
	for tenant, users := range fresh {
		p := directory.Principal{Actor: directory.Actor{Kind: directory.BySystem, ID: "mentions"}, Tenant: tenant}
		wanted := false
		err := s.read(ctx, p, func(r store.Reader) error {
			found, err := r.Tenant()
			wanted = err == nil && found.Status == directory.TenantActive && policy.Resolve(s.defaults, directory.Plan{}, found.Overrides).OrphanDays > 0
			return err
		})
		if err != nil && !txn.IsNotFound(err) {
			return err
		}
		if !wanted {
			s.mentions.unwanted(tenant, s.instant())
			continue
		}
		for part := range slices.Chunk(users, mentionsAtOnce) {
			days := make(map[directory.ID]directory.Day, len(part))
			for _, id := range part {
				days[id] = day
			}
			err := s.write(ctx, p, func(t *tenantTx) error {
				if _, err := t.Reader.Tenant(); err != nil {
					return err
				}
				for _, id := range part { // a user who was deleted meanwhile is skipped
					if _, ok, err := txn.Optional(t.Reader.User(id)); err != nil || !ok {
						delete(days, id)
					}
				}
				_, err := t.recordSeen(directory.MentionKV, days)
				return err
			})
			if err != nil && !txn.IsNotFound(err) {
				return err
			}
		}
	}
	return nil
}

// IdleUser is a user who occupies a seat and may not need it.
type IdleUser struct {
	ID         directory.ID
	UserName   string
	Type       directory.UserType
	State      directory.State
	Connection directory.ConnectionID
	Last       directory.Day // of the activity, or of the mention; "": none known
	Since      directory.Day // from when on it is counted
	Days       int           // days up to the last report, or to the last request of the connection
}

// IdleToken is a live credential that has not been used for long.
type IdleToken struct {
	ID         directory.TokenID
	Connection directory.ConnectionID // "": the key of an application
	Name       string
	Prefix     string
	Created    time.Time
	Last       time.Time // zero: never
}

// IdleReport lists seats and credentials that a tenant may not need (B10).
type IdleReport struct {
	Tenant         directory.TenantID
	At             time.Time
	IdleDays       int            // the setting; 0: idle users are not reported
	Reported       directory.Span // the days with reports of activity; zero: there is none, and Idle is empty instead of a guess
	Stale          bool           // the last report is more than a week old
	Idle           []IdleUser     // the longest idle users first
	OrphanDays     int            // the setting; 0: mentions are not noted
	Noted          directory.Span // over which days mentions were noted
	Unmentioned    []IdleUser
	Guests         int // guests who occupy a seat
	IncludedGuests int
	Tokens         []IdleToken // unused for 90 days
}

// GuestsBeyond is how many guests count as members (B3).
func (r *IdleReport) GuestsBeyond() int { return max(0, r.Guests-r.IncludedGuests) }

// Empty reports whether there is nothing that needs attention.
func (r *IdleReport) Empty() bool {
	return len(r.Idle)+len(r.Unmentioned)+len(r.Tokens)+r.GuestsBeyond() == 0
}

// Idle reports idle seats and orphans of a tenant (B10). NotFound.
func (s *Service) Idle(ctx context.Context, p directory.Principal, tenant directory.TenantID) (IdleReport, error) {
	p, err := txn.ForOperator(p, tenant)
	if err != nil {
		return IdleReport{}, err
	}
	tokens, heard, err := s.unusedCredentials(ctx, p, tenant)
	if err != nil {
		return IdleReport{}, err
	}
	var out IdleReport
	err = s.read(ctx, p, func(r store.Reader) error {
		out, err = s.idleReport(r, tokens, heard)
		return err
	})
	return out, err
}

// contact is when a connection was last heard from.
type contact struct {
	day  directory.Day // of its last request, or of its last complete run
	runs bool          // it is pulled
}

// unusedCredentials gives the live credentials that have not been used for long, and when each connection was last heard from.
func (s *Service) unusedCredentials(ctx context.Context, p directory.Principal, tenant directory.TenantID) ([]IdleToken, map[directory.ConnectionID]contact, error) {
	connections, err := s.Connections(ctx, p, tenant)
	if err != nil {
		return nil, nil, err
	}
	keys, err := record.ReadAppKeys(ctx, s.txn, s.uses, tenant)
	if err != nil {
		return nil, nil, err
	}
	now := s.instant()
	var out []IdleToken
	look := func(tokens []directory.Token, uses []directory.Use) {
		for i := range tokens {
			t := &tokens[i]
			if t.Kind == directory.AccessToken || !t.Live(now) {
				continue
			}
			idle := IdleToken{ID: t.ID, Connection: t.Connection, Name: t.Name, Prefix: t.Prefix, Created: t.Created}
			if at := slices.IndexFunc(uses, func(u directory.Use) bool { return u.Token == t.ID }); at >= 0 {
				idle.Last = uses[at].Last
			}
			last := idle.Last
			if last.Before(t.Created) {
				last = t.Created
			}
			if now.Sub(last) >= unusedAfter*24*time.Hour {
				out = append(out, idle)
			}
		}
	}
	heard := map[directory.ConnectionID]contact{}
	for i := range connections {
		c := &connections[i]
		look(c.Tokens, c.Uses)
		if !c.LastSuccess.IsZero() {
			heard[c.Connection.ID] = contact{directory.DayOf(c.LastSuccess.UTC()), c.Connection.Type.Pulled()}
		}
	}
	look(keys.Keys, keys.Uses)
	return out, heard, nil
}

func (s *Service) idleReport(r store.Reader, tokens []IdleToken, heard map[directory.ConnectionID]contact) (IdleReport, error) {
	tenant, seats, err := s.seats(r)
	if err != nil {
		return IdleReport{}, err
	}
	plan, _ := policy.FindPlan(s.plans, tenant.Plan)
	settings := policy.Resolve(s.defaults, plan, tenant.Overrides)
	out := IdleReport{
		Tenant: tenant.ID, At: s.instant(), IdleDays: settings.IdleDays, OrphanDays: settings.OrphanDays,
		Guests: seats.Guests, IncludedGuests: seats.IncludedGuests, Tokens: tokens,
	}
	if out.Reported, _, err = txn.Get[directory.Span](r, directory.ActivityKV, directory.SpanKey); err != nil {
		return out, err
	}
	if out.Noted, _, err = txn.Get[directory.Span](r, directory.MentionKV, directory.SpanKey); err != nil {
		return out, err
	}
	out.Stale = out.Reported.Last != "" && out.Reported.Last.Until(directory.DayOf(out.At)) > staleAfter
	if (out.IdleDays == 0 || out.Reported.Since == "") && (out.OrphanDays == 0 || out.Noted.Since == "") {
		return out, nil
	}
	err = userBatches(r, directory.Query{}, func(users []directory.User) error { return out.add(r, users, heard) })
	for _, list := range [][]IdleUser{out.Idle, out.Unmentioned} {
		slices.SortStableFunc(list, func(a, b IdleUser) int { return strings.Compare(string(a.Since), string(b.Since)) })
	}
	return out, err
}

// add adds the users who are idle or unmentioned. heard says when each connection was last heard from.
func (r *IdleReport) add(from store.Reader, users []directory.User, heard map[directory.ConnectionID]contact) error {
	keys := kvKeys(users)
	active, err := txn.GetAll[directory.Day](from, directory.ActivityKV, keys)
	if err != nil {
		return err
	}
	mentioned, err := txn.GetAll[directory.Day](from, directory.MentionKV, keys)
	if err != nil {
		return err
	}
	for i := range users {
		u, key := &users[i], keys[i]
		if !policy.Occupied(u.State) {
			continue
		}
		who := func(last, since, until directory.Day) IdleUser {
			return IdleUser{
				ID: u.ID, UserName: strings.Clone(u.UserName), Type: u.Type, State: u.State, Connection: directory.ConnectionID(strings.Clone(string(u.Connection))),
				Last: last, Since: since, Days: since.Until(until),
			}
		}
		if since, idle := policy.Idle(u, active[key], r.Reported, r.IdleDays); idle {
			r.Idle = append(r.Idle, who(active[key], since, r.Reported.Last))
		}
		last, by := mentioned[key], heard[u.Connection]
		if by.runs && u.ExternalID != "" { // each complete run reads everybody whom it knows by the externalId
			last = max(last, by.day)
		}
		if since, orphan := policy.Unmentioned(u, last, r.Noted, by.day, r.OrphanDays); orphan {
			r.Unmentioned = append(r.Unmentioned, who(last, since, by.day))
		}
	}
	return nil
}

// AnnounceIdle announces the report of a tenant, once in each week that begins on a Monday at 8 in the zone of the tenant, if
// there is something to tell (B10). announced says that it was announced, or, with RunDry, would be; then nothing is written. NotFound.
func (s *Service) AnnounceIdle(ctx context.Context, p directory.Principal, tenant directory.TenantID, how directory.Run) (report IdleReport, announced bool, err error) {
	p, err = txn.ForOperator(p, tenant)
	if err != nil {
		return IdleReport{}, false, err
	}
	due := false
	err = s.read(ctx, p, func(r store.Reader) error {
		_, due, err = s.idleDue(r)
		return err
	})
	if err != nil || !due {
		return IdleReport{}, false, err
	}
	tokens, heard, err := s.unusedCredentials(ctx, p, tenant)
	if err != nil {
		return IdleReport{}, false, err
	}
	err = s.read(ctx, p, func(r store.Reader) error {
		report, err = s.idleReport(r, tokens, heard)
		return err
	})
	if err != nil || how.Dry() || report.Empty() {
		return report, err == nil && !report.Empty(), err
	}
	// The report reads all people, so it is made outside the write, which other writes wait for.
	err = s.write(ctx, p, func(t *tenantTx) error {
		announced = false
		week, due, err := s.idleDue(t.Reader)
		if err != nil || !due {
			return err
		}
		announced = true
		found, err := t.Reader.Tenant()
		if err != nil {
			return err
		}
		data := report.data(week)
		line := t.Line(directory.ActionSeatsIdle, tenantSubject(&found))
		line.Rule, line.After = "B10", txn.Document(data)
		t.Audit(line)
		t.Event(directory.SeatsIdle, tenantSubject(&found), data)
		return t.Set(directory.IdleKV, string(week), t.Now)
	})
	return report, announced && err == nil, err
}

// idleDue gives the Monday of the week of the report, and whether the report is due. A week that was announced is never due again, whatever
// the clock did meanwhile.
func (s *Service) idleDue(r store.Reader) (week directory.Day, due bool, err error) {
	at, err := s.billing(r)
	if err != nil {
		return "", false, err
	}
	local := at.now.In(at.zone).Add(-idleHour * time.Hour)
	week = directory.DayOf(local).Add(-(int(local.Weekday()) + 6) % 7)
	_, known, err := txn.Optional(r.KV(directory.IdleKV, string(week)))
	return week, !known, err
}

// data is the data of the event: numbers, and the first names.
func (r *IdleReport) data(week directory.Day) directory.Attributes {
	return directory.Attributes{
		{Name: "week", Value: string(week)},
		{Name: "idle", Value: txn.Number(len(r.Idle))},
		{Name: "idle_days", Value: txn.Number(r.IdleDays)},
		{Name: "unmentioned", Value: txn.Number(len(r.Unmentioned))},
		{Name: "orphan_days", Value: txn.Number(r.OrphanDays)},
		{Name: "guests_beyond", Value: txn.Number(r.GuestsBeyond())},
		{Name: "tokens_unused", Value: txn.Number(len(r.Tokens))},
		{Name: "reason", Value: r.Sentence()},
	}
}

// Sentence is the report in words.
func (r *IdleReport) Sentence() string {
	var parts []string
	people := func(list []IdleUser, what string) {
		if len(list) == 0 {
			return
		}
		var names []string
		for i := range list[:min(len(list), idleNames)] {
			names = append(names, list[i].UserName)
		}
		if more := len(list) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("and %d more", more))
		}
		parts = append(parts, fmt.Sprintf("%d %s (%s)", len(list), what, strings.Join(names, ", ")))
	}
	switch {
	case r.IdleDays == 0:
	case r.Reported.Since == "":
		parts = append(parts, "no activity data has been reported")
	case r.Stale:
		parts = append(parts, "activity was last reported on "+string(r.Reported.Last))
	}
	people(r.Idle, fmt.Sprintf("without activity for %d days", r.IdleDays))
	people(r.Unmentioned, fmt.Sprintf("not mentioned by the identity provider for %d days", r.OrphanDays))
	if n := r.GuestsBeyond(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d guests beyond the %d that are included", n, r.IncludedGuests))
	}
	if n := len(r.Tokens); n > 0 {
		parts = append(parts, fmt.Sprintf("%d credentials unused for %d days", n, unusedAfter))
	}
	return strings.Join(parts, "; ")
}
