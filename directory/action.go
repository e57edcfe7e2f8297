package directory

import (
	"slices"
	"strings"
)

// Action names what was done or refused in an audit line: a noun, a dot and a verb.
type Action string

// The actions on users.
const (
	ActionUserCreate           Action = "user.create"
	ActionUserUpdate           Action = "user.update"
	ActionUserSuspend          Action = "user.suspend"
	ActionUserRelease          Action = "user.release"
	ActionUserRestore          Action = "user.restore"
	ActionUserRecover          Action = "user.recover"
	ActionUserRecovered        Action = "user.recovered"
	ActionUserConvert          Action = "user.convert"
	ActionUserUnmanage         Action = "user.unmanage"
	ActionUserTransfer         Action = "user.transfer"
	ActionUserTransferUndo     Action = "user.transfer_undo"
	ActionUserTerminate        Action = "user.terminate"
	ActionUserDelete           Action = "user.delete"
	ActionUserDeletionNotice   Action = "user.deletion_notice"
	ActionUserInvite           Action = "user.invite"
	ActionUserInvitationRevoke Action = "user.invitation_revoke"
	ActionUserAccept           Action = "user.accept"
	ActionUserConfirm          Action = "user.confirm"
	ActionUserImport           Action = "user.import"
	ActionDeletionRequest      Action = "deletion.request"
	ActionDeletionApproved     Action = "deletion.approved"
	ActionDeletionRejected     Action = "deletion.rejected"
	ActionDeletionObsolete     Action = "deletion.obsolete"
)

// The actions on groups and other resources.
const (
	ActionGroupCreate       Action = "group.create"
	ActionGroupUpdate       Action = "group.update"
	ActionGroupMembers      Action = "group.members"
	ActionGroupUnmanage     Action = "group.unmanage"
	ActionGroupTransfer     Action = "group.transfer"
	ActionGroupTransferUndo Action = "group.transfer_undo"
	ActionGroupKeepGrants   Action = "group.keep_grants"
	ActionGroupDelete       Action = "group.delete"
)

// The actions on connections and their credentials.
const (
	ActionConnectionCreate         Action = "connection.create"
	ActionConnectionUpdate         Action = "connection.update"
	ActionConnectionRequest        Action = "connection.request"
	ActionConnectionHealth         Action = "connection.health"
	ActionConnectionDisconnect     Action = "connection.disconnect"
	ActionConnectionDisconnected   Action = "connection.disconnected"
	ActionConnectionSync           Action = "connection.sync"
	ActionConnectionCredential     Action = "connection.credential"
	ActionConnectionReseal         Action = "connection.reseal"
	ActionConnectionObserve        Action = "connection.observe"
	ActionConnectionObserveTake    Action = "connection.observe_take"
	ActionConnectionObserveUndo    Action = "connection.observe_undo"
	ActionConnectionObserveDrop    Action = "connection.observe_drop"
	ActionConnectionPromote        Action = "connection.promote"
	ActionConnectionPromoteStopped Action = "connection.promote_stopped"
	ActionConnectionPromoted       Action = "connection.promoted"
	ActionConnectionTransfer       Action = "connection.transfer"
	ActionConnectionTransferUndo   Action = "connection.transfer_undo"
	ActionConnectionTransferred    Action = "connection.transferred"
	ActionConnectionTransferForget Action = "connection.transfer_forget"
	ActionTokenCreate              Action = "token.create"
	ActionTokenIssue               Action = "token.issue"
	ActionTokenExpire              Action = "token.expire"
	ActionTokenExpiring            Action = "token.expiring" //nolint:gosec // the name of an action is no credential
	ActionTokenRevoke              Action = "token.revoke"
	ActionBrakeAlerted             Action = "brake.alerted"
	ActionBrakeHeld                Action = "brake.held"
	ActionBrakeHold                Action = "brake.hold"
	ActionBrakeWithdraw            Action = "brake.withdraw"
	ActionBrakeRelease             Action = "brake.release"
	ActionBrakeDiscard             Action = "brake.discard"
)

// The actions on tenants.
const (
	ActionTenantCreate      Action = "tenant.create"
	ActionTenantUpdate      Action = "tenant.update"
	ActionTenantEnter       Action = "tenant.enter"
	ActionTenantLeave       Action = "tenant.leave"
	ActionTenantUnlink      Action = "tenant.unlink"
	ActionTenantUnlinked    Action = "tenant.unlinked"
	ActionTenantTakeBack    Action = "tenant.take_back"
	ActionTenantLink        Action = "tenant.link"
	ActionTenantErase       Action = "tenant.erase"
	ActionTenantDelete      Action = "tenant.delete"
	ActionBundleConfirm     Action = "bundle.confirm"
	ActionBundleVoid        Action = "bundle.void"
	ActionAlertAcknowledge  Action = "alert.acknowledge"
	ActionSeatsSnapshot     Action = "seats.snapshot"
	ActionSeatsNotice       Action = "seats.notice"
	ActionSeatsGrow         Action = "seats.grow"
	ActionSeatsIdle         Action = "seats.idle"
	ActionSeatsRepairLedger Action = "seats.repair_ledger"
	ActionAppKeyCreate      Action = "appkey.create"
	ActionAppKeyRevoke      Action = "appkey.revoke"
	ActionEventsTrim        Action = "events.trim"
	ActionEventsArchive     Action = "events.archive"
	ActionAuditArchive      Action = "audit.archive"
	ActionTombstonesReduce  Action = "tombstones.reduce"
)

// The actions on the provider: operators, their links and keys, and the installation.
const (
	ActionOperatorCreate        Action = "operator.create"
	ActionOperatorUpdate        Action = "operator.update"
	ActionOperatorSuspend       Action = "operator.suspend"
	ActionOperatorRestore       Action = "operator.restore"
	ActionOperatorDelete        Action = "operator.delete"
	ActionOperatorFirstOwner    Action = "operator.first_owner"
	ActionOperatorInvitation    Action = "operator.invitation"
	ActionOperatorSignIn        Action = "operator.sign_in"
	ActionOperatorStepUp        Action = "operator.step_up"
	ActionOperatorOIDC          Action = "operator.oidc"
	ActionOperatorEndSessions   Action = "operator.end_sessions"
	ActionOperatorPassword      Action = "operator.password"
	ActionOperatorPasswordReset Action = "operator.password_reset"
	ActionOperatorForgot        Action = "operator.forgot"
	ActionOperatorEmailChange   Action = "operator.email_change"
	ActionOperatorMFABegin      Action = "operator.mfa_begin"
	ActionOperatorMFAEnrol      Action = "operator.mfa_enrol"
	ActionOperatorMFARemove     Action = "operator.mfa_remove"
	ActionOperatorMFAReset      Action = "operator.mfa_reset"
	ActionOperatorRecoveryCodes Action = "operator.recovery_codes"
	ActionOperatorSubscription  Action = "operator.subscription"
	ActionLinkFirstOwner        Action = "link.first_owner"
	ActionLinkInvitation        Action = "link.invitation"
	ActionLinkPasswordReset     Action = "link.password_reset"
	ActionLinkMFAReset          Action = "link.mfa_reset"
	ActionLinkEmailChange       Action = "link.email_change"
	ActionLinkMail              Action = "link.mail"
	ActionAPIKeyCreate          Action = "api_key.create"
	ActionAPIKeyRevoke          Action = "api_key.revoke" //nolint:gosec // the name of an action is no credential
	ActionProviderUpdate        Action = "provider.update"
	ActionProviderRequireMFA    Action = "provider.require_mfa"
	ActionRequestDenied         Action = "request.denied"
	ActionMailTest              Action = "mail.test"
	ActionMailRetry             Action = "mail.retry"
	ActionMailDrop              Action = "mail.drop"
	ActionBackupCreate          Action = "backup.create"
	ActionJobRun                Action = "job.run"
)

// The actions on targets.
const (
	ActionTargetCreate     Action = "target.create"
	ActionTargetUpdate     Action = "target.update"
	ActionTargetReseal     Action = "target.reseal"
	ActionTargetResume     Action = "target.resume"
	ActionTargetSync       Action = "target.sync"
	ActionTargetRelease    Action = "target.release"
	ActionTargetAlert      Action = "target.alert"
	ActionTargetHold       Action = "target.hold"
	ActionTargetQuarantine Action = "target.quarantine"
	ActionTargetRecover    Action = "target.recover"
	ActionTargetDelete     Action = "target.delete"
	ActionTargetAttach     Action = "target.attach"
	ActionTargetDetach     Action = "target.detach"
)

// The actions on Google projects.
const (
	ActionProjectCreate Action = "project.create"
	ActionProjectRotate Action = "project.rotate"
	ActionProjectReseal Action = "project.reseal"
	ActionProjectDelete Action = "project.delete"
	ActionProjectAttach Action = "project.attach"
	ActionProjectDetach Action = "project.detach"
)

// The actions on webhooks.
const (
	ActionWebhookCreate Action = "webhook.create"
	ActionWebhookUpdate Action = "webhook.update"
	ActionWebhookRotate Action = "webhook.rotate"
	ActionWebhookReseal Action = "webhook.reseal"
	ActionWebhookGap    Action = "webhook.gap"
	ActionWebhookPark   Action = "webhook.park"
	ActionWebhookResume Action = "webhook.resume"
	ActionWebhookDelete Action = "webhook.delete"
	ActionWebhookAttach Action = "webhook.attach"
	ActionWebhookDetach Action = "webhook.detach"
	ActionWebhookReplay Action = "webhook.replay"
	ActionWebhookSkip   Action = "webhook.skip"
)

// ActionInfo is an action with one sentence about it.
type ActionInfo struct {
	Action Action
	About  string
}

// Actions lists the actions, each with what happened. The actions on resources of kinds that a schema defines are not among them: see
// ResourceAction.
func Actions() []ActionInfo {
	return slices.Concat(userActions(), groupActions(), connectionActions(), tenantActions(), providerActions(), webhookActions(), targetActions(), projectActions())
}

func userActions() []ActionInfo {
	return []ActionInfo{
		{ActionUserCreate, "A user was created, by an identity provider or by a person."},
		{ActionUserUpdate, "Attributes of a user were changed."},
		{ActionUserSuspend, "A user was suspended."},
		{ActionUserRelease, "An operator ended the suspension of a user."},
		{ActionUserRestore, "A user lives again with the same id (L5)."},
		{ActionUserRecover, "A user was marked for recovery (L6)."},
		{ActionUserRecovered, "The recovery of a user was ended."},
		{ActionUserConvert, "A guest became a member, or a member a guest (L7)."},
		{ActionUserUnmanage, "A user is managed by no connection any more."},
		{ActionUserTransfer, "The management of a user moved to another connection (C14)."},
		{ActionUserTransferUndo, "The management of a user was given back to the connection before (C14)."},
		{ActionUserTerminate, "A user was suspended because the connection was disconnected with *terminate* (C10)."},
		{ActionUserDelete, "A user was deleted."},
		{ActionUserDeletionNotice, "The deletion of a suspended user was announced (D5)."},
		{ActionUserInvite, "A user was invited, or got another link (L1)."},
		{ActionUserInvitationRevoke, "The invitation of a user was revoked."},
		{ActionUserAccept, "A user accepted the invitation."},
		{ActionUserConfirm, "A user was confirmed (L2)."},
		{ActionUserImport, "Users came from a CSV file."},
		{ActionDeletionRequest, "An operator asked an Owner to delete a user (D3)."},
		{ActionDeletionApproved, "An Owner approved such a request."},
		{ActionDeletionRejected, "An Owner rejected such a request."},
		{ActionDeletionObsolete, "Such a request ended because the user was deleted without it."},
	}
}

func groupActions() []ActionInfo {
	return []ActionInfo{
		{ActionGroupCreate, "A group was created."},
		{ActionGroupUpdate, "Attributes of a group were changed."},
		{ActionGroupMembers, "Members of a group came or left."},
		{ActionGroupUnmanage, "A group is managed by no connection any more."},
		{ActionGroupTransfer, "The management of a group moved to another connection (C14)."},
		{ActionGroupTransferUndo, "The management of a group was given back to the connection before (C14)."},
		{ActionGroupKeepGrants, "What a mapped group granted became direct, because the connection was disconnected."},
		{ActionGroupDelete, "A group was deleted."},
	}
}

func connectionActions() []ActionInfo {
	return []ActionInfo{
		{ActionConnectionCreate, "A connection was created."},
		{ActionConnectionUpdate, "Settings of a connection were changed."},
		{ActionConnectionRequest, "A request was refused because the connection is not served."},
		{ActionConnectionHealth, "The health of a connection changed (C7)."},
		{ActionConnectionDisconnect, "An operator began to disconnect a connection (C10)."},
		{ActionConnectionDisconnected, "A connection was removed, with nothing left that it managed."},
		{ActionConnectionSync, "Runs of a pulled connection began to change nothing, for the reason that the line gives (C15)."},
		{ActionConnectionCredential, "The credential with which a connection is pulled was set."},
		{ActionConnectionReseal, "The credential of a pulled connection was sealed with another key."},
		{ActionConnectionObserve, "A connection began to write to a copy of the tenant (C9)."},
		{ActionConnectionObserveTake, "Another server, or the same one after a restart, went on with the observation of a connection."},
		{ActionConnectionObserveUndo, "A connection writes to the tenant again, because the tenant could not be copied."},
		{ActionConnectionObserveDrop, "What a connection wrote to the copy was dropped."},
		{ActionConnectionPromote, "An operator began to promote what a connection wrote to the copy."},
		{ActionConnectionPromoteStopped, "A promotion stopped before its end."},
		{ActionConnectionPromoted, "A promotion ended, and the connection writes to the tenant again."},
		{ActionConnectionTransfer, "An operator began to move users and groups to another connection (C14)."},
		{ActionConnectionTransferUndo, "An operator began to undo such a transfer."},
		{ActionConnectionTransferred, "A transfer, or its undoing, is complete."},
		{ActionConnectionTransferForget, "What was known of transfers of a connection was forgotten, because the connection was disconnected."},
		{ActionTokenCreate, "A credential was created."},
		{ActionTokenIssue, "An access token was issued to a client (C4)."},
		{ActionTokenExpire, "The end of a credential was set."},
		{ActionTokenExpiring, "The expiry of a credential was announced (C2)."},
		{ActionTokenRevoke, "A credential was revoked."},
		{ActionBrakeAlerted, "A connection removed unusually many (C8)."},
		{ActionBrakeHeld, "A connection removed unusually many, and its removals are held (C8)."},
		{ActionBrakeHold, "One removal was held."},
		{ActionBrakeWithdraw, "The identity provider took back a held removal."},
		{ActionBrakeRelease, "An operator released a held removal."},
		{ActionBrakeDiscard, "A held removal was discarded."},
	}
}

func tenantActions() []ActionInfo {
	return []ActionInfo{
		{ActionTenantCreate, "A tenant was created."},
		{ActionTenantUpdate, "Settings of a tenant were changed."},
		{ActionTenantEnter, "An operator entered a tenant (T5)."},
		{ActionTenantLeave, "An operator left a tenant."},
		{ActionTenantUnlink, "The hand-over of a tenant began (T6)."},
		{ActionTenantUnlinked, "The hand-over of a tenant was completed."},
		{ActionTenantTakeBack, "A tenant that was handed over is served again."},
		{ActionTenantLink, "A tenant came with a bundle from another installation (T2)."},
		{ActionTenantErase, "The data of a tenant that was handed over was erased."},
		{ActionTenantDelete, "A tenant was deleted (T9)."},
		{ActionBundleConfirm, "The new home of a tenant was confirmed to have its bundle."},
		{ActionBundleVoid, "A bundle was made void."},
		{ActionAlertAcknowledge, "An operator acknowledged an alert."},
		{ActionSeatsSnapshot, "The seats of a day were counted (B7)."},
		{ActionSeatsNotice, "It was announced that the seats are running out (B9)."},
		{ActionSeatsGrow, "A seat was bought because the limit was reached (B2)."},
		{ActionSeatsIdle, "Idle seats were reported (B10)."},
		{ActionSeatsRepairLedger, "The ledger of a tenant was corrected."},
		{ActionAppKeyCreate, "An application key was created."},
		{ActionAppKeyRevoke, "An application key was revoked."},
		{ActionEventsTrim, "Events were removed after the time that they are kept."},
		{ActionEventsArchive, "Events moved to the archive (E6)."},
		{ActionAuditArchive, "Audit lines moved to the archive (E6)."},
		{ActionTombstonesReduce, "Tombstones were reduced to ids and times (D6)."},
	}
}

func providerActions() []ActionInfo {
	return []ActionInfo{
		{ActionOperatorCreate, "An operator was created."},
		{ActionOperatorUpdate, "An operator was changed."},
		{ActionOperatorSuspend, "An operator was suspended."},
		{ActionOperatorRestore, "The suspension of an operator was ended."},
		{ActionOperatorDelete, "The account of an operator was ended for good."},
		{ActionOperatorFirstOwner, "The first Owner was registered."},
		{ActionOperatorInvitation, "An invited operator registered."},
		{ActionOperatorSignIn, "An operator signed in, or was refused."},
		{ActionOperatorStepUp, "An operator proved again who they are."},
		{ActionOperatorOIDC, "The groups of a single sign-on changed the role of an operator."},
		{ActionOperatorEndSessions, "Sessions of an operator were ended."},
		{ActionOperatorPassword, "An operator changed their password."},
		{ActionOperatorPasswordReset, "An operator set a new password with a link."},
		{ActionOperatorForgot, "A person asked for a link because of a forgotten password."},
		{ActionOperatorEmailChange, "The e-mail address of an operator was changed."},
		{ActionOperatorMFABegin, "An operator began to enrol a second factor."},
		{ActionOperatorMFAEnrol, "An operator enrolled a second factor."},
		{ActionOperatorMFARemove, "An operator removed their second factor."},
		{ActionOperatorMFAReset, "The second factor of an operator was reset with a link."},
		{ActionOperatorRecoveryCodes, "An operator made new recovery codes."},
		{ActionOperatorSubscription, "The mails that an operator wants were changed."},
		{ActionLinkFirstOwner, "The link for the first Owner was made."},
		{ActionLinkInvitation, "A link that registers an operator was made."},
		{ActionLinkPasswordReset, "A link that sets a new password was made."},
		{ActionLinkMFAReset, "A link that resets a second factor was made."},
		{ActionLinkEmailChange, "A link that confirms a new e-mail address was made."},
		{ActionLinkMail, "A mail with a link left for its operator."},
		{ActionAPIKeyCreate, "An operator created an API key."},
		{ActionAPIKeyRevoke, "An API key was revoked."},
		{ActionProviderUpdate, "The name, the support address or the logo of the provider was changed."},
		{ActionProviderRequireMFA, "It was changed whether every operator needs a second factor (O6)."},
		{ActionRequestDenied, "An operator asked for something that the role does not allow."},
		{ActionMailTest, "A test mail was sent."},
		{ActionMailRetry, "A mail is to be sent again."},
		{ActionMailDrop, "A mail was dropped."},
		{ActionBackupCreate, "A backup was made."},
		{ActionJobRun, "An operator ran a job."},
	}
}

func webhookActions() []ActionInfo {
	return []ActionInfo{
		{ActionWebhookCreate, "A webhook was created."},
		{ActionWebhookUpdate, "A webhook was changed."},
		{ActionWebhookRotate, "A webhook got a new secret."},
		{ActionWebhookReseal, "The secret of a webhook was sealed with another key of the installation."},
		{ActionWebhookGap, "The data of a tenant is deleted before a webhook got all of its events or lines; the receiver is told (E3)."},
		{ActionWebhookPark, "Deliveries to a webhook were given up (E3)."},
		{ActionWebhookResume, "Deliveries to a webhook go on."},
		{ActionWebhookDelete, "A webhook was deleted."},
		{ActionWebhookAttach, "A webhook gets the events of a tenant (C11)."},
		{ActionWebhookDetach, "A webhook gets the events of a tenant no more."},
		{ActionWebhookReplay, "Events of a tenant are delivered to a webhook again."},
		{ActionWebhookSkip, "An event was not delivered to a webhook, as an operator wanted."},
	}
}

// ResourceVerb is what is done to a resource of a kind that a schema defines.
type ResourceVerb string

// The values of ResourceVerb.
const (
	ResourceCreate   ResourceVerb = "create"
	ResourceUpdate   ResourceVerb = "update"
	ResourceUnmanage ResourceVerb = "unmanage"
	ResourceDelete   ResourceVerb = "delete"
)

// ResourceAction is the action on a resource of a kind that a schema defines, such as "device.update".
func ResourceAction(kind Kind, verb ResourceVerb) Action {
	return Action(strings.ToLower(string(kind)) + "." + string(verb))
}

// Known reports whether the program writes the action.
func (a Action) Known() bool {
	if slices.ContainsFunc(Actions(), func(i ActionInfo) bool { return i.Action == a }) {
		return true
	}
	noun, verb, _ := strings.Cut(string(a), ".")
	return noun != "" && slices.Contains([]ResourceVerb{ResourceCreate, ResourceUpdate, ResourceUnmanage, ResourceDelete}, ResourceVerb(verb))
}

func projectActions() []ActionInfo {
	return []ActionInfo{
		{ActionProjectCreate, "A Google project was added (C11)."},
		{ActionProjectRotate, "The key of a Google project was replaced."},
		{ActionProjectReseal, "The key of a Google project was sealed with another key of the installation."},
		{ActionProjectDelete, "A Google project was deleted. Connections that used it change nothing more."},
		{ActionProjectAttach, "Connections of a tenant may read their directories with a Google project (C11)."},
		{ActionProjectDetach, "Connections of a tenant may not use a Google project any more. Those that used it change nothing more."},
	}
}

func targetActions() []ActionInfo {
	return []ActionInfo{
		{ActionTargetCreate, "An application that people and groups are sent to was added (C16)."},
		{ActionTargetUpdate, "A target was changed or paused."},
		{ActionTargetReseal, "The credential of a target was sealed with another key of the installation."},
		{ActionTargetResume, "The pause or the quarantine of a target was ended."},
		{ActionTargetSync, "An operator asked for a run of a target now."},
		{ActionTargetRelease, "An operator released removals that the brake held for a target (C8)."},
		{ActionTargetAlert, "Unusually many removals were sent to a target (C8)."},
		{ActionTargetHold, "Unusually many removals for a target were held (C8)."},
		{ActionTargetQuarantine, "A target failed for everybody, and is only probed."},
		{ActionTargetRecover, "A target takes changes again."},
		{ActionTargetDelete, "A target was deleted. The application keeps what it has."},
		{ActionTargetAttach, "A target gets the people and groups of a tenant (C11)."},
		{ActionTargetDetach, "A target gets the people and groups of a tenant no more. The application keeps what it has."},
	}
}
