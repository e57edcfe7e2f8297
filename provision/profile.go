package provision

import "drawbridge/directory"

// profile is what an application does differently.
type profile struct {
	maxMembers   int  // how many members one PATCH may change
	showsMembers bool // a group that is read has its members
	patches      bool // it has PATCH; otherwise records are read, changed and put
}

// profileOf gives the profile of a target.
func profileOf(name directory.TargetProfile) profile {
	switch name {
	case directory.AWSTarget:
		return profile{maxMembers: 100, patches: true}
	case directory.PutTarget:
		return profile{showsMembers: true}
	}
	return profile{maxMembers: 100, showsMembers: true, patches: true}
}
