package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// importRows is how many rows one table may have.
const importRows = 5000

// crowd makes one company with n people.
func (s *stage) crowd(ctx context.Context, people int) error {
	s.day(days-1, 8)
	if _, err := s.hire(ctx, recruit{"Ada", "Lovelace", "owner", object{"all_tenants": true}, false}); err != nil {
		return err
	}
	if err := s.found(ctx, object{"slug": "acme", "name": "Acme Worldwide", "plan": "business"}); err != nil {
		return err
	}
	for n := 0; n < people; n += importRows {
		var table strings.Builder
		table.WriteString("user_name,email,given_name,family_name\n")
		for i := n; i < min(n+importRows, people); i++ {
			given, family, _ := strings.Cut(person(i), " ")
			fmt.Fprintf(&table, "p%06d@acme.example,p%06d@acme.example,%s,%s\n", i, i, given, family)
		}
		in := object{"csv": table.String()}
		preview, err := s.do(ctx, http.MethodPost, "/tenants/acme/users/import", in)
		if err != nil {
			return err
		}
		in["expect"] = preview["digest"]
		if _, err := s.do(ctx, http.MethodPost, "/tenants/acme/users/import", in); err != nil {
			return err
		}
	}
	return nil
}

// many makes n companies.
func (s *stage) many(ctx context.Context, companies int) error {
	s.day(days-1, 8)
	if _, err := s.hire(ctx, recruit{"Ada", "Lovelace", "owner", object{"all_tenants": true}, false}); err != nil {
		return err
	}
	var wait sync.WaitGroup
	errs := make(chan error, 16)
	for worker := range cap(errs) {
		wait.Go(func() {
			for i := worker; i < companies; i += cap(errs) {
				in := object{"slug": fmt.Sprintf("company-%05d", i), "name": fmt.Sprintf("%s %s %05d", families()[i%len(families())], department(i), i), "plan": "business", "seats": 10 + i%90}
				if err := s.found(ctx, in); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wait.Wait()
	close(errs)
	return <-errs
}
