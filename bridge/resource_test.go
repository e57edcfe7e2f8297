package bridge_test

import (
	"testing"

	"drawbridge/bridge"
	"drawbridge/directory"
)

func device(serial string) directory.ResourceEdit {
	return func(*directory.Resource) (directory.ResourceDraft, error) {
		a := directory.Attributes{{Name: "serial", Value: serial}}
		return directory.ResourceDraft{ExternalID: serial, Document: a.Document()}, nil
	}
}

func TestCustomResourcesAreWrittenLikeUsers(t *testing.T) {
	t.Parallel()
	k := start(t)
	acme := k.NewTenant("acme", 0)
	okta, entra := k.NewIdP(acme, "acme-okta"), k.NewIdP(acme, "acme-entra")
	none := directory.Precondition{}
	made, err := k.CreateResource(bg, okta, "Device", device("s1"))
	k.OK(err)
	if made.Effect != bridge.Created || made.Resource.Version != 1 {
		t.Errorf("%+v", made)
	}
	id := made.Resource.ID
	same, err := k.EditResource(bg, okta, bridge.ResourceKey{Kind: "Device", ID: id}, none, device("s1"))
	k.OK(err)
	if same.Effect != bridge.Unchanged {
		t.Errorf("%+v", same)
	}
	changed, err := k.EditResource(bg, okta, bridge.ResourceKey{Kind: "Device", ID: id}, none, device("s2"))
	k.OK(err)
	if changed.Effect != bridge.Changed || changed.Resource.Version != 2 {
		t.Errorf("%+v", changed)
	}
	_, err = k.EditResource(bg, entra, bridge.ResourceKey{Kind: "Device", ID: id}, none, device("s3"))
	k.Fails(err, directory.Refused, "L9")
	_, err = k.Resource(bg, okta, "Badge", id)
	k.Fails(err, directory.NotFound, "")
	page, err := k.ListResources(bg, entra, "Device", directory.Query{Count: 10}, func(r *directory.Resource) error {
		if r.ID != id {
			t.Errorf("%+v", r)
		}
		return nil
	})
	k.OK(err)
	if page.Total != 1 {
		t.Errorf("%+v", page)
	}
	k.OK(k.ReleaseManagement(bg, k.Op, acme, "Device", id))
	k.OK(k.DeleteResource(bg, entra, "Device", id, none))
	_, err = k.Resource(bg, okta, "Device", id)
	k.Fails(err, directory.NotFound, "")
}
