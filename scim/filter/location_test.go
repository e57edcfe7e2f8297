package filter

import (
	"strings"
	"testing"

	"drawbridge/directory"
	"drawbridge/scim"
)

// A located filter finds among records without URLs exactly what the original filter finds among the same records with them (F76).
func TestLocatedFilterFindsTheSameRecords(t *testing.T) {
	t.Parallel()
	const base = "https://scim.example.test/scim/v2/acme-gen"
	c, err := scim.NewCatalog(nil)
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"01a20110-f0a5-76ea-8b26-448db27b89b3", "01a20110-f0ab-76f3-a67e-eea10f957843", "f1a20110-f0ab-76f3-a67e-eea10f957843"}
	element := func(kind, endpoint, id string, links bool) directory.Attributes {
		out := directory.Attributes{{Name: "value", Value: id}, {Name: "type", Value: kind}}
		if links {
			out = append(out, directory.Attribute{Name: "$ref", Value: base + endpoint + id})
		}
		return out
	}
	records := func(t *scim.ResourceType, links bool) (all []directory.Record) {
		for i, id := range ids {
			meta := directory.Attributes{{Name: "resourceType", Value: t.Name}}
			if links {
				meta = append(meta, directory.Attribute{Name: "location", Value: base + t.Endpoint + "/" + id})
			}
			r := directory.Attributes{{Name: "id", Value: id}, {Name: "meta", Value: meta}}
			switch {
			case i == 0: // without members and groups
			case t == c.Group:
				r = append(r, directory.Attribute{Name: "members", Value: []any{element("User", "/Users/", ids[0], links), element("Group", "/Groups/", ids[i], links)}})
			default:
				r = append(r, directory.Attribute{Name: "groups", Value: []any{element("direct", "/Groups/", ids[i], links)}})
			}
			all = append(all, tree{r})
		}
		return all
	}
	var urls []string
	for _, whole := range []string{base + "/Users/" + ids[0], base + "/Groups/" + ids[1], "https://elsewhere.test/Users/" + ids[0]} {
		slash := strings.LastIndex(whole, "/")
		urls = append(urls, whole, whole[:slash], whole[:slash+1], whole[:slash+7], whole[slash:], whole[slash-3:], whole[slash+1:], whole[slash+9:], whole[8:slash+9], strings.ToUpper(whole), whole+"0")
	}
	urls = append(urls, "", "/", "a", "z")
	tried, met := 0, 0
	for _, kind := range []*scim.ResourceType{c.User, c.Group} {
		references := map[*scim.ResourceType]string{c.User: "groups", c.Group: "members"}[kind]
		var filters []string
		for _, op := range []string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"} {
			for _, url := range urls {
				for _, form := range []string{`meta.location OP "URL"`, `meta[location OP "URL"]`, `not (meta.location OP "URL") and id pr`, `REF.$ref OP "URL"`, `REF[$ref OP "URL"]`, `REF[not ($ref OP "URL") and value pr]`} {
					filters = append(filters, strings.NewReplacer("OP", op, "URL", url, "REF", references).Replace(form))
				}
			}
		}
		for _, form := range []string{
			`meta.location pr`, `meta.location eq null`, `meta.location ne null`, `meta[location pr]`, `REF.$ref pr`, `REF.$ref eq null`, `REF.$ref ne null`, `REF[$ref pr]`,
			`meta.resourceType eq "User"`, `meta.resourceType ne "User"`, `not (meta.resourceType sw "Gr")`, `meta[resourceType eq "Group" or location pr]`,
		} {
			filters = append(filters, strings.ReplaceAll(form, "REF", references))
		}
		bare, full := records(kind, false), records(kind, true)
		for _, text := range filters {
			e, err := Parse(kind, text, nil)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			located := Locate(e, kind, base)
			for i := range bare {
				want := directory.Match(e, full[i])
				if got := directory.Match(located, bare[i]); got != want {
					t.Errorf("%s of %s %d: %v, want %v by way of %#v", text, kind.Name, i, got, want, located)
				}
				if want && Never(located) {
					t.Errorf("%s matches, and Never says that it does not", text)
				}
				if tried++; want {
					met++
				}
			}
		}
	}
	if met < tried/10 || met > tried*9/10 {
		t.Errorf("%d of %d conditions match: this proves little", met, tried)
	}
}

func TestFilterThatMatchesNothingIsKnown(t *testing.T) {
	t.Parallel()
	c, err := scim.NewCatalog(nil)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][2]bool{ // of users, of groups
		`meta.resourceType eq "User"`:                                  {false, true},
		`meta.resourceType eq "Group" and id pr`:                       {true, false},
		`meta.resourceType eq "Group" or userName pr`:                  {false, false},
		`not (meta.resourceType eq "Group")`:                           {false, true},
		`userName eq "x"`:                                              {false, true},
		`userName eq "x" or members pr`:                                {false, false},
		`not (userName eq "x")`:                                        {false, false},
		`meta.resourceType eq "Device"`:                                {true, true},
		`not (meta.resourceType pr) and id pr`:                         {false, false},
		`meta.resourceType eq "User" and meta.resourceType eq "Group"`: {true, true},
	} {
		for i, kind := range []*scim.ResourceType{c.User, c.Group} {
			e, err := ParseAny(c, kind, text, nil)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if got := Never(Locate(e, kind, "https://scim.example.test")); got != want[i] {
				t.Errorf("%s of %s: %v, want %v", text, kind.Name, got, want[i])
			}
		}
	}
}
