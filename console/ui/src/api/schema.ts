// Made by scripts/schema.mjs from console/openapi.json. Do not edit.

export interface APIKey {
	address?: string;
	created: string;
	expires?: string;
	id: string;
	label?: string;
	last_used?: string;
	/** The first four characters of the random part. */
	prefix: string;
	revoked?: string;
	status: "live" | "expired" | "revoked";
}

export interface APIKeyCreate {
	/** Missing: never. */
	expires?: string;
	label?: string;
}

export interface APIKeyIssued {
	key: APIKey;
	/** Send it as a Bearer token. It is stored nowhere. */
	secret: string;
}

export interface Account {
	/** How the operator was authenticated: the unix socket, a session, or an API key. */
	auth_method: "local" | "session" | "key";
	/** Of a session: a cursor for list-changes. A page that reads something after this answer hears of everything that changes since. */
	changes?: string;
	/** A second factor is required and missing: until it is enrolled, nothing else is allowed. */
	enrol_only: boolean;
	/** Of a session: when it ends at the latest. */
	expires?: string;
	/** Of a session: when it ends if no request uses it before. Requests with Drawbridge-Background do not use it. */
	idle_until?: string;
	/** Missing for the local Owner. */
	operator?: Operator;
	/** Of a session: when dangerous operations need a proof again. */
	proved_until?: string;
	/** Dangerous operations are allowed without another proof. */
	recent_proof: boolean;
	rights: string[];
	role: string;
}

export interface AcknowledgeAlert {
	/** The key of the alert. */
	alert: string;
	note?: string;
	/** As it was when it was looked at: 412 if it has happened again since. Missing: however often. */
	times?: number;
	/** Snooze the alert: it is open again from then on. Within the next 90 days. Missing: it is acknowledged for good. */
	until?: string;
}

export interface Actor {
	id: string;
	kind: string;
	name?: string;
}

export interface Address {
	country?: string;
	lines?: string;
	locality?: string;
	postal_code?: string;
}

export interface AddressUpdate {
	country?: string;
	lines?: string;
	locality?: string;
	postal_code?: string;
}

export interface Alert {
	acknowledged?: string;
	acknowledged_by?: string;
	by: Actor;
	cleared?: string;
	/** Names it when it is acknowledged. */
	key: string;
	kind: "protected_group" | "brake" | "sync" | "token" | "seats" | "webhook" | "target";
	last: string;
	note?: string;
	raised: string;
	/** cleared: it settled by itself. snoozed: it is open again at until. */
	state: "open" | "acknowledged" | "snoozed" | "cleared";
	subject: Subject;
	tenant: string;
	tenant_name?: string;
	/** What happened last. */
	text: string;
	/** How often it happened since it was raised. */
	times: number;
	/** When a snoozed alert is open again. */
	until?: string;
}

export interface AppKey {
	/** Of the client that used it last. */
	address?: string;
	created: string;
	expires?: string;
	id: string;
	last_used?: string;
	/** The application. */
	name: string;
	/** The first four characters of the random part. */
	prefix: string;
	revoked?: string;
	status: "live" | "expired" | "revoked";
	tenant: string;
	user_agent?: string;
}

export interface AppKeyCreate {
	/** Missing: never. */
	expires?: string;
	/** The application. */
	name: string;
}

export interface ArchiveProof {
	/** Events in them. */
	events: number;
	/** The public keys that signed them. */
	keys: string[];
	/** Audit lines in them. */
	lines: number;
	segments: number;
}

export interface ArchiveStatus {
	/** Why it cannot be written now. Nothing is lost: what is not in the archive stays in the store. */
	error?: string;
	/** The installation, and every tenant that has something in the archive. */
	items: ArchiveTrail[];
	/** The public key (Ed25519, hexadecimal) of what is signed now. */
	key?: string;
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
	/** Where it is. Empty: there is none. */
	place: string;
}

export interface ArchiveTrail {
	audit: ArchivedPart;
	/** Why nothing of it moves now. */
	error?: string;
	events: ArchivedPart;
	/** Empty: the installation itself. */
	tenant: string;
}

export interface ArchivedPart {
	/** Of the files of the segments. */
	bytes: number;
	/** The earliest time of a line in the archive. */
	from?: string;
	/** The head of the last segment: the SHA-256 of its manifest. */
	head?: string;
	/** The number of the last line in the archive. The store has those after it. */
	last: number;
	/** How many lines this installation has moved there. */
	lines: number;
	/** When the last segment was moved. */
	moved?: string;
	segments: number;
	/** The latest. */
	to?: string;
}

export interface AttachedIntegration {
	kind: "webhook" | "channel" | "target" | "project";
	name: string;
}

export interface AttributeMapping {
	/** At most one for each target. */
	attributes: AttributeRule[];
	/** refuse: users whose addresses are in none of member_domains are refused. Missing: they are guests, as the tenant says (rule B4). */
	outside_domains?: "refuse" | "";
	/** Built-in groups that roles and entitlements of a user grant (rule G4). */
	roles?: RoleRule[] | null;
}

export interface AttributeRule {
	/** The value for everybody. */
	constant?: string;
	/** The value for users who have none at the source. */
	default?: string;
	/** The path of the attribute that is taken. Missing: constant. */
	source?: string;
	/** What is set. email is the address of type work; department is that of the enterprise extension. */
	target: "userName" | "email" | "userType" | "department";
}

export interface Audit {
	action: string;
	actor: Actor;
	address?: string;
	after?: Record<string, unknown>;
	before?: Record<string, unknown>;
	chain_start?: boolean;
	deviations?: string[] | null;
	hash?: string;
	outcome: string;
	reason?: string;
	request?: string;
	rule?: string;
	seq: number;
	subject: Subject;
	tenant: string;
	time: string;
}

export interface AuditCounts {
	/** How many of them are in the numbers. If it is less than tenants, ask again: the next answer has more. */
	counted: number;
	/** Since when: the beginning of a quarter of an hour. */
	from: string;
	/** Writes that a rule refused. */
	refused: number;
	/** The tenants of your scope. */
	tenants: number;
	users_created: number;
	users_suspended: number;
}

export interface AuditFound {
	/** Lines that are in the archive, and may match; archive=true searches them too. */
	archived?: ArchivedPart;
	items: Audit[];
	/** Send this as before to continue: the search ended before the beginning of the trail. Missing: there is no more. */
	next?: number;
}

export interface AuditHead {
	hash?: string;
	seq: number;
}

export interface AuditLines {
	/** Lines up to this number are in the archive, and those after the one asked for are missing here; archive=true reads them too. */
	archived?: number;
	items: Audit[];
	/** The number of the last line that there is. */
	last: number;
}

export interface AuditReport {
	/** What was found in the archive. Missing: it was not looked at. */
	archive?: ArchiveProof;
	/** The number of the last line that is in the archive and not in the store. */
	archived?: number;
	/** The first line that does not fit. */
	broken?: number;
	/** The line with which the hash chain begins; 0: it has not begun. */
	chain_start: number;
	/** How many lines of the hash chain fit. */
	checked: number;
	/** The last line that fits. Keep it elsewhere to prove later that nothing up to it was changed. */
	head: AuditHead;
	/** How many lines there should be. */
	lines: number;
	ok: boolean;
	/** Lines that were written before there was a chain. It does not protect them. */
	older: number;
	/** Empty: the installation itself. */
	tenant: string;
	/** What is wrong with it. */
	why?: string;
}

export interface AuditStream {
	/** How many failed since then. */
	attempts?: number;
	/** Lines that were not sent yet, or so lately that they would be sent again after a broken connection. */
	backlog: number;
	/** Lines that were written before are not sent. Missing: it has not begun. */
	begun?: string;
	/** Why the last attempt failed. Nothing is lost: the lines are in the trails. */
	error?: string;
	/** Missing: it does not fail. */
	failing_since?: string;
	name: "stdout" | "syslog";
	/** When it is tried again. */
	next_attempt?: string;
	/** When lines were last taken. */
	success?: string;
	/** Where the lines go. */
	to: string;
}

export interface AuditStreams {
	/** Those that the configuration names. */
	items: AuditStream[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface Backup {
	bytes: number;
	/** The file; the checksum is in a second file, with .sha256 appended to the name. */
	path: string;
	/** What the verification counted. Missing in a list. */
	report?: CheckReport;
	/** How long it took, verification included. */
	seconds?: number;
	sha256: string;
	/** The copy holds what was committed by then. */
	time: string;
}

export interface BackupCreate {
	/** A new file, or a folder, on the server's disk; only the local operator may name one. Missing: backup.dir. */
	to?: string;
}

export interface Backups {
	dir: string;
	/** Missing: no backups on schedule. */
	every?: string;
	/** The newest first. */
	items: Backup[];
	keep: number;
	/** Why the last backup failed. Missing: it did not. */
	last_failure?: string;
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
	/** A backup or a check that is under way. */
	running?: Progress;
}

export interface BulkConvert {
	/** The digest of a preview. Missing: this is a preview. */
	expect?: string;
	/** Of a suspension (rule L4). Missing: as the tenant says. */
	mode?: "yield" | "hold";
	/** For the audit trail. */
	reason?: string;
	/** Do it although users are refused, without them. */
	skip_refused?: boolean;
	type: "member" | "guest";
	/** Ids or userNames. One that is named twice counts once. */
	users: string[] | null;
}

export interface BulkReport {
	/** false: this is a preview, and nothing was written. */
	applied: boolean;
	/** How many users there are with each effect: change, unchanged, refuse. */
	counts: Record<string, number>;
	/** Of what is done, and to whom: give it as expect to do exactly that. */
	digest: string;
	/** In the order of the request. */
	rows: BulkRow[];
	seats: PreviewSeats;
}

export interface BulkRequest {
	/** The digest of a preview. Missing: this is a preview. */
	expect?: string;
	/** Of a suspension (rule L4). Missing: as the tenant says. */
	mode?: "yield" | "hold";
	/** For the audit trail. */
	reason?: string;
	/** Do it although users are refused, without them. */
	skip_refused?: boolean;
	/** Ids or userNames. One that is named twice counts once. */
	users: string[] | null;
}

export interface BulkRow {
	/** Of a refusal: why, and what to do. */
	detail?: string;
	effect: "change" | "unchanged" | "refuse";
	field?: string;
	/** Of a preview: what happens later, such as at the next sync. */
	notice?: string;
	/** Of a refusal, if a rule refuses. */
	rule?: string;
	/** Afterwards. Missing for users who are deleted or refused. */
	state?: string;
	/** Afterwards, likewise. */
	type?: string;
	/** The id. Missing: there is no such user. */
	user?: string;
	/** As in the request, if there is no such user. */
	user_name: string;
}

export interface BundleKey {
	public_key: string;
}

export interface Change {
	/** Kinds of event, such as user.suspended. None: something that makes no event. */
	kinds: string[];
	/** Not all kinds and subjects are named. */
	more?: boolean;
	/** What they are about: kind and id. */
	subjects: Subject[];
	tenant: string;
}

export interface Changes {
	/** For the next call. */
	cursor: string;
	items: Change[];
	/** There was no cursor, it was too old, or too much changed since: anything may have changed. */
	reset?: boolean;
}

export interface CheckReport {
	audit_lines: number;
	/** The length of the file. */
	bytes: number;
	/** Users that share a userName, which an older release took for different ones. Nothing is damaged; rename or delete all but one. */
	collisions?: string[] | null;
	events: number;
	/** What was looked at. */
	file: string;
	/** A sentence for everything that does not fit, at most 1000. */
	findings: string[];
	/** Pages that hold nothing; compact gives them back to the disk. */
	free_pages: number;
	/** Built-in groups too. */
	groups: number;
	memberships: number;
	/** There are no findings. */
	ok: boolean;
	pages: number;
	resources: number;
	tenants: number;
	tombstones: number;
	users: number;
}

export interface CodeRequest {
	code: string;
}

export interface Component {
	/** Why the part is not ready, or what needs attention although it is. */
	message?: string;
	name: string;
	ready: boolean;
	/** When the part last spoke. A report that is too old counts as not ready. */
	reported: string;
}

export interface ConfigurationSetting {
	/** What it means. */
	about: string;
	/** As in the file, with dots between the levels. */
	name: string;
	/** It is another one than the default. */
	set: boolean;
	/** As it is written in the file. A secret reads <secret>. */
	value: string;
}

export interface ConfirmBundle {
	/** SHA-256 of its manifest.json. */
	manifest: string;
}

export interface Connection {
	/** How users get attributes from what the identity provider sends (rule C13). Missing: they are what it sends. */
	attribute_mapping?: AttributeMapping;
	/** What the identity provider is given as its SCIM base URL. */
	base_url: string;
	created: string;
	/** It is being disconnected (C10). Missing: it is not. */
	ending?: Ending;
	/** What is read, for the type google-directory. */
	google?: Google;
	group_patch?: "resource" | "no_content";
	health: Health;
	/** Removals that the brake keeps for an operator. */
	held: number;
	last_request?: string;
	last_success?: string;
	/** Groups of the identity provider that grant a built-in group or the guest type. */
	mappings: GroupMapping[];
	modified: string;
	/** It is in observe mode (rule C9). Missing: its writes take effect. */
	observing?: Observing;
	/** Answers 503 with Retry-After. */
	paused: boolean;
	/** How many requests with an accepted credential came in each of the last 24 hours, the oldest hour first. The last one is the hour that runs. The type google-directory has none. */
	requests: number[];
	slug: string;
	tenant: string;
	/** In lists. */
	tenant_name?: string;
	tokens: Token[];
	type: "okta" | "entra" | "google" | "google-directory" | "onelogin" | "jumpcloud" | "rippling" | "ping" | "generic";
	unknown_members?: "refuse" | "ignore";
	/** Missing: as the type says. */
	unknown_paths?: "refuse" | "ignore";
	/** The mappings that match no group of the connection now, so that they give nothing. Only when one connection is asked for. */
	unmatched_mappings?: GroupMapping[] | null;
	user_patch?: "resource" | "no_content";
	version: number;
}

export interface ConnectionCheck {
	connection: string;
	ok: boolean;
	steps: ConnectionFinding[];
}

export interface ConnectionCreate {
	/** How users get attributes from what the identity provider sends (rule C13). */
	attribute_mapping?: AttributeMapping;
	/** The kind of the first credential (rule C4). Missing: bearer. */
	auth?: "bearer" | "basic" | "oauth";
	/** When the first credential ends (rule C2). Missing: never. */
	expires?: string;
	/** What to read, for the type google-directory, and the key for it. */
	google?: GoogleCreate;
	/** Missing: as the type says (rule C6). */
	group_patch?: "resource" | "no_content";
	/** Groups of the identity provider that grant a built-in group or the guest type (rule G4). */
	mappings?: GroupMapping[] | null;
	/** Part of the base URL, so it has the characters of a tenant's slug (rule T1). Missing: made from tenant and type. */
	slug?: string;
	/** The slug of the tenant (rule C3). */
	tenant: string;
	/** Which identity provider it is (rule C6). */
	type: "okta" | "entra" | "google" | "google-directory" | "onelogin" | "jumpcloud" | "rippling" | "ping" | "generic";
	/** Missing: as the type says (rule C6). */
	unknown_members?: "refuse" | "ignore";
	/** Missing: as the type says (rule C6). */
	unknown_paths?: "refuse" | "ignore";
	/** Missing: as the type says (rule C6). */
	user_patch?: "resource" | "no_content";
}

export interface ConnectionFinding {
	name: string;
	ok: boolean;
	/** What to do, in the words of the identity provider's console. */
	problem?: string;
	/** Why it was not tried. */
	skipped?: string;
	/** What may not be meant although it works, such as another company that reads the same directory. Only companies in your scope are named. */
	warning?: string;
}

export interface ConnectionSetup {
	base_url: string;
	setup: Setup;
	slug: string;
	/** For OAuth 2.0 client credentials. */
	token_url: string;
	type: string;
}

export interface ConnectionSummary {
	health: "never_connected" | "healthy" | "quiet" | "failing";
	last_success?: string;
	paused: boolean;
	slug: string;
	type: string;
}

export interface ConnectionUpdate {
	/** Takes the place of the whole mapping (rule C13), and is applied to the users of the connection at once. One without rules ends it. */
	attribute_mapping?: AttributeMapping;
	google?: GoogleUpdate;
	group_patch?: "resource" | "no_content" | "";
	/** Takes the place of all mappings. */
	mappings?: GroupMapping[];
	paused?: boolean;
	unknown_members?: "refuse" | "ignore" | "";
	unknown_paths?: "refuse" | "ignore" | "";
	user_patch?: "resource" | "no_content" | "";
}

export interface ConvertRequest {
	type: "member" | "guest";
}

export interface Converted {
	/** Who may decide otherwise, and when. */
	notice: string;
	user: User;
}

export interface Cost {
	/** Prorated: seats that came later. */
	added: string;
	/** The seats of the first day. */
	base: string;
	/** Prorated: seats that fell away. */
	credited: string;
	currency: string;
	/** For any number of seats. */
	flat: string;
	/** Some days have a price in another currency and are left out. */
	mixed?: boolean;
	/** Of the whole period. */
	projected: string;
	/** Flat, base and added less credited, of the days so far. */
	total: string;
}

export interface Deletion {
	due: string;
	suspended: string;
	user: string;
	user_name: string;
}

export interface DeletionDecision {
	answer?: string;
	/** Of an approval: although the identity provider still says active (rule D2). The reason of the request is the reason. */
	force?: boolean;
}

export interface DeletionRequest {
	answer?: string;
	by: Actor;
	created: string;
	decided_at?: string;
	decided_by?: string;
	expires: string;
	id: string;
	reason: string;
	status: "pending" | "approved" | "rejected" | "expired" | "obsolete";
	user: string;
	/** As it was when the request was filed. */
	user_name: string;
}

export interface DeletionRequestCreate {
	reason: string;
	/** The id of the user, or the userName. */
	user: string;
}

export interface Diagnosis {
	/** The identity provider that was played. */
	as: string;
	/** given: the identity provider's own. own: that of the copy. */
	credential: "given" | "own";
	failed: number;
	passed: number;
	/** What they need was not made. */
	skipped: number;
	steps: DoctorStep[];
	/** Its name. */
	title: string;
	/** The base URL. */
	url: string;
}

export interface Disconnect {
	/** Of the preview. 409 if what would be done is no longer what was shown. Not asked for when it has begun already. */
	digest?: string;
	/** finalise: users become local and stay what they are. terminate: users are suspended, and deleted by auto-delete. */
	mode: "finalise" | "terminate";
	reason?: string;
}

export interface Disconnected {
	connection: string;
	/** The connection is gone. false: the server continues by itself when the causes of the refusals are fixed. */
	done: boolean;
	/** Settled by this call. */
	groups: number;
	/** Who is left, because a rule says no. */
	left: RefusedPerson[];
	mode: "finalise" | "terminate";
	/** Settled by this call. */
	users: number;
}

export interface DisconnectedPerson {
	/** As it would be. */
	becomes: string;
	/** The identity provider deleted the user, who is kept in grace. */
	gone?: boolean;
	/** As it is now. */
	state: string;
	user: string;
	user_name: string;
}

export interface Disconnection {
	/** After this many days suspended users are deleted (D5). 0: never. */
	auto_delete_days: number;
	/** It has begun already; what is left is shown. Missing: not yet. */
	begun?: Ending;
	brake: "off" | "alert" | "hold";
	/** So many removals within an hour are usual here (C8). */
	brake_limit: number;
	connection: string;
	/** They are revoked at once. */
	credentials: number;
	/** Covers everything in here. Send it when you apply, so that what is done is what you saw. */
	digest: string;
	/** Whom the identity provider deleted; they stay in grace. */
	gone: number;
	/** At most 1000 of them. */
	grants: KeptGrant[];
	/** Roles by mapping that become roles of their own. */
	grants_kept: number;
	/** Roles by mapping that end with the people who had them. */
	grants_taken: number;
	/** They become local with their members. */
	groups: number;
	/** Removals that wait for an operator, and are dropped. */
	held: number;
	mode: "finalise" | "terminate";
	/** cursor of the next page of people. Missing: this was the last. */
	next?: string;
	/** A page of them, in the order of their ids. */
	people: DisconnectedPerson[];
	/** For whom a rule says no. Nothing is done as long as there is one. */
	refused: RefusedPerson[];
	/** Custom resources that become local. */
	resources: number;
	/** Who is suspended already, and stays so. */
	suspended: number;
	/** Who will be suspended now, and whose seats become free. */
	suspends: number;
	tenant: string;
	/** The suspensions go beyond it. They are announced and not held, since you decide. */
	unusual?: boolean;
	/** Whom the connection manages. */
	users: number;
}

export interface DoctorSession {
	/** How the identity provider authenticates. */
	auth: "bearer" | "basic" | "oauth";
	base_url: string;
	/** For OAuth 2.0 client credentials. */
	client_id?: string;
	/** When the session ends at the latest. It ends earlier when it is not used. */
	expires: string;
	/** Ends the session. */
	id: string;
	/** A secret that opens the copy and nothing else. The identity provider's own credential opens it, too. */
	secret: string;
	/** The value of the header Drawbridge-Doctor. It is shown this once. */
	session: string;
	/** The connection. */
	slug: string;
	/** For OAuth 2.0 client credentials. */
	token_url?: string;
	type: string;
	/** For HTTP Basic. */
	user_name?: string;
}

export interface DoctorStep {
	/** What the administrator sees of it at the identity provider. */
	console?: string;
	method: string;
	milliseconds: number;
	name: string;
	ok: boolean;
	phase: string;
	problems?: string[] | null;
	/** The rule, or the section of the RFC, that demands it. */
	rule?: string;
	/** Why it was not played. */
	skipped?: string;
	status?: number;
	url?: string;
}

export interface Ending {
	by: string;
	mode: "finalise" | "terminate";
	reason?: string;
	since: string;
}

export interface Enrolment {
	/** The URI as a picture, a data: URL with a PNG. */
	qr: string;
	/** To type in by hand. */
	secret: string;
	/** The same for a terminal. */
	text: string;
	uri: string;
}

export interface Event {
	actor: Actor;
	data?: Record<string, unknown>;
	kind: string;
	seq: number;
	subject: Subject;
	tenant: string;
	time: string;
	txn?: string;
	verb?: string;
	version?: string;
}

export interface Events {
	/** The cursor with which the application API gives what follows these events. Missing without an event, and for the installation, whose events no application reads. */
	cursor?: string;
	items: Event[];
	/** The number of the last event that there is. Give the number of the last event that you saw as after. */
	last: number;
	/** The number of the oldest event that is kept. */
	oldest: number;
}

export interface Exchange {
	/** Of the client. */
	address?: string;
	/** Masked, and cut if answer_cut says so. */
	answer?: string;
	answer_bytes?: number;
	answer_cut?: boolean;
	answer_headers?: Header[] | null;
	/** Masked, and cut if body_cut says so. */
	body?: string;
	/** How many were sent. */
	body_bytes?: number;
	body_cut?: boolean;
	/** Why the body is not kept. */
	body_note?: string;
	/** Missing in a gap that may be of any. */
	connection?: string;
	/** The request as a command, with $TOKEN in place of the credential. */
	curl?: string;
	/** What was done, as the audit trail calls it. */
	done?: string[] | null;
	effect?: "changed" | "unchanged" | "read" | "refused" | "failed";
	/** Why exchanges are missing here; then there is no request. */
	gap?: "busy" | "disk" | "rejected" | "throttled";
	/** Some of the request's. */
	headers?: Header[] | null;
	method?: string;
	/** From the header to the end of the answer. */
	milliseconds?: number;
	/** How many. */
	missed?: number;
	/** Things done beside those. */
	more?: number;
	/** The connection was in observe mode: the effect is on its copy of the tenant (rule C9). */
	observed?: boolean;
	/** As the metrics call it. */
	operation?: string;
	/** With the query, as the client wrote it. */
	path?: string;
	/** Leniencies that were applied; docs/quirks.md says what each means. */
	quirks?: string[] | null;
	/** Its id, as in the log, the audit trail and the answer's X-Request-Id. */
	request?: string;
	/** The rule that said no, or changed the outcome. */
	rule?: string;
	/** Per tenant, growing, with holes. */
	seq: number;
	status?: number;
	/** When the request began. */
	time: string;
	user_agent?: string;
	/** The sentence of the refusal. */
	why?: string;
}

export interface ForgotAnswer {
	detail: string;
}

export interface ForgotRequest {
	email: string;
}

export interface FoundUser {
	tenant: string;
	tenant_name: string;
	user: User;
}

export interface Google {
	/** The service account of a key of its own, which is sealed and never shown. Empty with a Google project. */
	account: string;
	/** The primary address of the administrator in whose name the directory is read. */
	admin: string;
	/** The customer ID. Missing: my_customer, the company of the administrator. */
	customer?: string;
	/** The Google project is not attached to the tenant any more: nothing is changed until the connection has a credential. */
	detached?: boolean;
	/** The addresses of the groups that are read. Empty: all. none alone: no group. */
	groups: string[];
	/** Google's name for that key. */
	key_id: string;
	/** A group in a group stays one, or its people are members. */
	nested: "keep" | "flatten";
	/** The Google project of the provider whose key is used (rule C11). Missing: the connection has a key of its own. */
	project?: string;
	/** Which users are read, in Google's syntax. Missing: everybody. */
	query?: string;
}

export interface GoogleCreate {
	/** The primary address of an administrator who may read users and groups. */
	admin?: string;
	/** The JSON key of a service account, as Google Cloud console made it. It is sealed, and never shown again. */
	credentials?: string;
	/** The customer ID. Missing: my_customer, the company of the administrator. */
	customer?: string;
	/** The addresses of the groups to read. Missing: all. none alone: no group. */
	groups?: string[] | null;
	/** Missing: keep. */
	nested?: "keep" | "flatten";
	/** A Google project that is attached to the tenant, in place of credentials (rule C11). */
	project?: string;
	/** Which users are read, in Google's syntax. Missing: everybody. */
	query?: string;
}

export interface GoogleProject {
	/** The service account. */
	account: string;
	/** The Unique ID of the account, which the company enters under domain-wide delegation. Missing: the key does not have it. */
	client_id?: string;
	created: string;
	id: string;
	/** When the key was given. */
	key_created: string;
	/** Google's name for the key. The key is sealed and never shown. */
	key_id: string;
	modified: string;
	name: string;
	/** The tenants of your scope that it is attached to (rule C11). */
	tenants: GoogleProjectShare[];
	/** The ETag. */
	version: number;
}

export interface GoogleProjectCreate {
	/** The JSON key of a service account, as Google Cloud console made it. It is sealed, and never shown again. */
	credentials: string;
	/** a-z, 0-9 and hyphen. It cannot be changed. */
	name: string;
	/** The tenants that it is attached to. An operator who does not have all tenants names one. */
	tenants?: string[] | null;
}

export interface GoogleProjectKey {
	/** The JSON key of a service account. It is sealed, and never shown again. */
	credentials: string;
}

export interface GoogleProjectShare {
	attached: string;
	/** Those of the tenant that use it. */
	connections: string[];
	tenant: string;
	tenant_name: string;
}

export interface GoogleUpdate {
	admin?: string;
	/** Takes the place of the key, or of the Google project. It is sealed, and never shown again. */
	credentials?: string;
	customer?: string;
	groups?: string[];
	nested?: "keep" | "flatten" | "";
	/** A Google project that is attached to the tenant (rule C11). It takes the place of the key, which is deleted. */
	project?: string;
	query?: string;
}

export interface Group {
	/** Only when one group is asked for. */
	attributes?: Record<string, unknown>;
	/** Missing for a group of the identity provider. */
	built_in?: "owners" | "administrators" | "team_members" | "security" | "provision_managers";
	/** The connection that manages the group. Missing: none. */
	connection?: string;
	created: string;
	display_name: string;
	external_id?: string;
	id: string;
	/** How many. */
	members: number;
	modified: string;
	/** The built-in group of the same name, which this group is not. Its members have the rights of that group only if a mapping of the connection gives them (rule G4). */
	namesake?: "owners" | "administrators" | "team_members" | "security" | "provision_managers";
	version: number;
}

export interface GroupCreate {
	display_name: string;
	external_id?: string;
}

export interface GroupMapping {
	display_name?: string;
	external_id?: string;
	grants?: string;
	guest?: boolean;
}

export interface GroupRef {
	display_name: string;
	id: string;
	/** By way of a nested group. */
	indirect?: boolean;
	/** The built-in group of the same name, which this group is not (rule G4). */
	namesake?: "owners" | "administrators" | "team_members" | "security" | "provision_managers";
}

export interface GroupUpdate {
	display_name?: string;
	external_id?: string;
}

export interface HandoverState {
	by?: string;
	confirmed?: string;
	/** When the data was taken away. */
	gone?: string;
	/** The sum of the manifest of the confirmed bundle. Missing: not confirmed. */
	manifest?: string;
	reason?: string;
	since?: string;
	status: "active" | "unlinking" | "unlinked" | "gone";
	tenant: string;
	/** It can be taken back until then, and the data is kept; longer while the bundle has not been confirmed. */
	until?: string;
}

export interface Header {
	name: string;
	value: string;
}

export interface Health {
	/** The last refusal, in a sentence. */
	last_error?: string;
	last_error_at?: string;
	/** Its id, as in the log, the audit trail and the journal. */
	last_error_request?: string;
	/** When that was announced. */
	since?: string;
	/** Since when the rest is not reliable, because the connection is no longer checked. Missing: it is fresh. */
	stale_since?: string;
	stale_why?: string;
	state: "never_connected" | "healthy" | "quiet" | "failing";
	why?: string;
}

export interface HealthSpan {
	/** Missing: from the beginning. */
	from?: string;
	reason?: string;
	state: "never_connected" | "healthy" | "quiet" | "failing";
}

export interface Held {
	action: "suspend" | "delete" | "auto_delete" | "remove_members" | "empty_group" | "delete_group";
	/** As it would be. */
	after: string;
	/** As it is now. */
	before: string;
	/** Who asked; *jobs for the clock. */
	connection: string;
	/** How many removals it comes to. */
	count: number;
	first: string;
	id: string;
	/** Names it when it is released or discarded. */
	key: string;
	kind: "User" | "Group";
	/** When it was asked for again. */
	last: string;
	/** There is nothing left to remove. */
	moot?: boolean;
	name: string;
	request?: string;
	times: number;
}

export interface HeldSummary {
	action: string;
	connection: string;
	first: string;
	name: string;
	/** How often it was asked for. */
	times: number;
}

export interface HeldTotal {
	/** People of the tenant who are active now. */
	active: number;
	/** Who asked; *jobs for the clock. */
	connection: string;
	/** When the first of them was asked for. */
	first: string;
	/** To lose members, or to be deleted. */
	groups: number;
	/** When one of them was asked for last. */
	last: string;
	/** People and groups of whom nothing is left to remove. */
	moot: number;
	/** To be suspended or deleted. */
	people: number;
	/** How many removals within an hour the brake lets pass (rule C8). */
	usual: number;
}

export interface IdentityProvider {
	/** The kinds of credential that the provider can use, the recommended one first. */
	auth: ("bearer" | "basic" | "oauth")[];
	/** How often a connection of the type is expected to send a request. Twice as long without one is an alarm (rule C7). */
	cadence_seconds: number;
	setup: Setup;
	/** The provider's own name. */
	title: string;
	type: "okta" | "entra" | "google" | "google-directory" | "onelogin" | "jumpcloud" | "rippling" | "ping" | "generic";
}

export interface Idle {
	at: string;
	guests: number;
	/** Guests who count as members. */
	guests_beyond: number;
	/** Users who occupy a seat and had no activity for idle_days; at most 1000, those first who were idle longest. */
	idle: IdleUser[];
	idle_count: number;
	/** The setting. 0: no user is reported as idle. */
	idle_days: number;
	included_guests: number;
	/** From when on mentions were noted. */
	noted_since?: string;
	/** The setting. 0: mentions are not noted. */
	orphan_days: number;
	/** The application has reported activity. Otherwise no user is reported as idle. */
	reported: boolean;
	/** The day of the last one; people are idle up to it. */
	reported_last?: string;
	/** The day of the first report. */
	reported_since?: string;
	/** The last report is more than a week old. */
	stale: boolean;
	/** In words. */
	summary: string;
	tenant: string;
	/** Live credentials unused for 90 days. */
	tokens: IdleToken[];
	/** Users whom the identity provider has not mentioned for orphan_days, although it sent requests; at most 1000. */
	unmentioned: IdleUser[];
	unmentioned_count: number;
}

export interface IdleToken {
	/** Missing: the key of an application. */
	connection?: string;
	created: string;
	id: string;
	last_used?: string;
	name?: string;
	prefix: string;
}

export interface IdleUser {
	connection?: string;
	days: number;
	id: string;
	/** The day on which the user was last seen. Missing: none is known. */
	last?: string;
	/** The day from which it is counted. */
	since: string;
	state: string;
	type: "member" | "guest";
	user_name: string;
}

export interface ImportChange {
	field: string;
	from?: string;
	to: string;
}

export interface ImportLine {
	changes?: ImportChange[] | null;
	effect: "create" | "invite" | "update" | "reactivate" | "unchanged" | "refuse";
	/** The column at fault. */
	field?: string;
	/** Of the table; the first line names the columns. */
	line: number;
	/** Why the row is refused. */
	message?: string;
	/** The rule that refuses the row. */
	rule?: string;
	/** Afterwards. */
	state?: string;
	/** The id, of an existing user. */
	user?: string;
	user_name: string;
}

export interface ImportReport {
	applied: boolean;
	/** How many rows create, invite, update, reactivate, leave unchanged or are refused. */
	counts: Record<string, number>;
	/** Names this very effect; give it as expect to apply it. */
	digest: string;
	lines: ImportLine[];
	seats: ImportSeats;
}

export interface ImportRequest {
	/** CSV in UTF-8, at most 2 MiB and 5000 rows, with commas, semicolons or tabs. The first line names the columns: user_name, email, given_name, family_name, display_name, external_id, type, state; connection and id may be there and are not read. */
	csv: string;
	/** The digest of a preview: apply the table if it still comes to exactly that. Missing: a preview, which writes nothing. */
	expect?: string;
	/** New users are invited, whatever the tenant's onboarding; a user with an expired invitation gets another. */
	invite?: boolean;
	/** Apply the other rows where some are refused. Missing: then nothing is done. */
	skip_refused?: boolean;
}

export interface ImportSeats {
	after: number;
	/** Occupied. */
	before: number;
	/** Seats that are bought for it, where seats_on_limit is grow. */
	bought?: number;
	/** 0: none. */
	limit: number;
}

export interface Inbox {
	/** How many items of each kind there are, for every requested kind. A kind without items is missing. */
	counts: Record<string, number>;
	items: InboxItem[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
	/** How many items there are, on all pages together. */
	total: number;
}

export interface InboxItem {
	/** Of held removals and of a credential. */
	connection?: string;
	/** How many removals are held, people are to be confirmed, or mails are parked. */
	count?: number;
	/** When the last credential ends, the request expires, or the data is deleted. Missing: it waits as long as it has to. */
	due?: string;
	/** Names the item as long as it waits. */
	id: string;
	kind: "held" | "deletion_request" | "credential" | "confirmation" | "handover" | "mail";
	/** The userName of whom a deletion request is about. */
	name?: string;
	/** Of a deletion request or a hand-over. */
	reason?: string;
	/** Missing where it is not known. */
	since?: string;
	/** The id of a deletion request. */
	subject?: string;
	/** Missing for mail, which is about the installation. */
	tenant?: string;
	tenant_name?: string;
}

export interface Introduction {
	/** Which logo there is; another one has another mark. Empty: none. GET /provider/logo.png?mark= is the picture. */
	logo?: string;
	/** As people know the provider. */
	name?: string;
	/** The e-mail address at which it helps. */
	support?: string;
}

export interface Invitation {
	accepted_at?: string;
	/** How many people were asked by mail to confirm. */
	asked: number;
	at?: string;
	by: Actor;
	/** Missing: never. */
	expires?: string;
	/** Where the mail with the link is. parked: the mail server refuses it; drawbridge mail list says why. */
	mail?: "waiting" | "parked" | "sent";
	/** sent: there is a link that works. ended: it was taken back, or the user was suspended. accepted: a confirmation is waited for. */
	status: "sent" | "expired" | "ended" | "accepted";
	/** The address that was invited. */
	to: string;
	user: User;
}

export interface Issued {
	/** none: the connection is read, and shows no credential. */
	auth: "bearer" | "basic" | "oauth" | "none";
	base_url: string;
	/** For OAuth 2.0 client credentials. */
	client_id?: string;
	/** Missing: never. */
	expires?: string;
	/** What happens to the older credential. */
	note?: string;
	/** The secret itself: a bearer token, a password or a client secret. It is kept nowhere. */
	secret: string;
	/** Where to enter all this. */
	setup: Setup;
	/** The connection. */
	slug: string;
	tenant: string;
	/** Names the credential when it is to be revoked. */
	token_id: string;
	/** For OAuth 2.0 client credentials. */
	token_url?: string;
	type: string;
	/** For HTTP Basic. */
	user_name?: string;
}

export interface IssuedAppKey {
	/** The URL of the tenant's application API, to which /events, /access and /people are appended. */
	base_url: string;
	/** Missing: never. */
	expires?: string;
	/** Names the key when it is to be revoked. */
	id: string;
	name: string;
	/** The secret itself, sent as a bearer token. It is kept nowhere. */
	secret: string;
	tenant: string;
}

export interface IssuedWebhook {
	/** It gets the events of all tenants, future ones too. */
	all: boolean;
	/** Events of your scope that were not delivered yet, wanted or not. */
	backlog: number;
	created: string;
	/** Kinds of event; user.* for all that begin so. Empty: all. */
	events: string[];
	/** Tenants of your scope whose next event was tried and not taken. */
	failing: number;
	failing_since?: string;
	/** events: signed events for a program. audit: signed audit lines for a program. The others are channels, whose messages are for people. */
	format: "events" | "audit" | "slack" | "teams" | "json";
	id: string;
	/** It gets the audit lines of the installation, too. */
	installation: boolean;
	last_success?: string;
	modified: string;
	name: string;
	/** Until when the secret before it signs as well. */
	old_secret_until?: string;
	/** Why it is failing or parked. */
	reason?: string;
	/** Verifies the signatures (Standard Webhooks). It is shown this once. Empty for a channel, which has none. */
	secret: string;
	/** When the present secret was made. */
	secret_created: string;
	/** Attempts in the last 24 hours, of your scope. */
	sent_24h: number;
	/** failing: the last attempt failed, and it is tried again. parked: it was given up, for one tenant at least, until an operator resumes it. */
	status: "active" | "failing" | "paused" | "parked";
	/** Of those, the ones that the receiver accepted. */
	taken_24h: number;
	/** Their names, in the same order; the slug of one whose name is not known. */
	tenant_names: string[];
	/** The tenants of your scope whose events it gets, unless it gets those of all. */
	tenants: string[];
	/** Only scheme and host of a channel, and for an operator who may not change it. */
	url: string;
	/** The ETag. */
	version: number;
}

export interface Job {
	about: string;
	/** Things that the last run did. */
	done: number;
	/** Of the last run. */
	error?: string;
	every_seconds: number;
	/** When it last began. Missing: not yet since the server started. */
	last_run?: string;
	last_success?: string;
	name: string;
	/** When this server looks next whether it is its turn. */
	next?: string;
	running: boolean;
	/** The other server that runs it now or ran it last, where several share a database. Missing: this one. */
	server?: string;
}

export interface JobLine {
	tenant: string;
	text: string;
}

export interface JobReport {
	/** How many things. */
	done: number;
	dry_run: boolean;
	/** What went wrong for some, while the others were done. */
	error?: string;
	job: string;
	/** The first thousand of them. */
	lines: JobLine[];
}

export interface Journal {
	items: Exchange[];
	/** Give this as before to go on. Missing: this is all. */
	next?: number;
}

export interface KeptGrant {
	/** The group of the identity provider that grants it. */
	by: string;
	/** The built-in group. */
	group: string;
	/** It becomes a grant of its own; otherwise it ends. */
	kept: boolean;
	user: string;
	user_name: string;
}

export interface LedgerLine {
	/** 48 hours after acceptance. */
	charge_due_by: string;
	from: string;
	/** Days of the period on which it was counted. */
	seat_days: number;
	/** Missing: it is open. */
	to?: string;
	type: "member" | "guest";
	user: string;
	user_name: string;
	/** It ended: suspended, deleted, converted. */
	why?: string;
}

export interface LinkInfo {
	email?: string;
	expires: string;
	kind: "first_owner" | "invitation" | "password_reset" | "mfa_reset" | "email_change";
	name?: string;
	/** What to do with it. */
	next: string;
}

export interface LinkRequest {
	/** email_change confirms new_email. */
	kind: "invitation" | "password_reset" | "mfa_reset" | "email_change";
	/** Show the link in the answer instead of mailing it, which only an Owner may. Where no mail is sent it is always shown. */
	show_link?: boolean;
}

export interface LinkUse {
	/** For first_owner alone. */
	email?: string;
	/** For first_owner alone. */
	first_name?: string;
	/** For first_owner alone. */
	last_name?: string;
	/** At least 12 characters (rule O9). Not for mfa_reset and email_change. */
	password?: string;
}

export interface Linked {
	/** They come without credentials. */
	connections: string[];
	data_region?: string;
	/** false: it was only looked at. */
	done: boolean;
	/** 0: none. */
	limit: number;
	/** How much there is, by kind. */
	lines: Record<string, number>;
	manifest: string;
	name: string;
	/** Seats in use. */
	occupied: number;
	plan: string;
	signed_by: string;
	software: string;
	/** Its slug here. */
	tenant: string;
	unlinked: string;
	/** Its slug there. */
	was: string;
}

export interface Mail {
	attempts: number;
	created: string;
	/** When it is tried next. */
	due?: string;
	/** Of the last attempt. */
	error?: string;
	id: string;
	kind: "notice" | "test";
	/** Since when it is not tried any more. */
	parked?: string;
	status: "waiting" | "parked";
	/** What it is about. Missing: the installation. */
	tenant?: string;
	to: string;
}

export interface MailTest {
	to: string;
}

export interface MappedAttribute {
	/** What everybody sees now. */
	before?: string;
	/** The path of the source, constant, or default. Missing: the source has no value, and there is no default. */
	from?: string;
	/** What the identity provider sent for it. */
	sent?: string;
	target: string;
	/** What the mapping makes of it. Missing: it has no value. */
	value?: string;
}

export interface MappingTrial {
	changed: number;
	/** Refused users first, then changed ones, then others. */
	items: TriedUser[];
	/** For each source, how many users have no value there. */
	missing: MissingFrom[];
	/** Why the mapping cannot be saved. Missing: it can. */
	refusal?: string;
	/** How many users with access the mapping refuses. Then it cannot be saved. */
	refused: number;
	/** How many users the mapping was tried on. */
	users: number;
}

export interface MappingTry {
	/** How many users are listed. */
	limit?: number;
	mapping: AttributeMapping;
	/** The id or the userName of one user of the tenant. Missing: those of the connection. */
	user?: string;
}

export interface Member {
	/** The name that people read. */
	display?: string;
	id: string;
	/** Why the member is in the group; more than one where several grants come together (rule G4). */
	sources: MemberSource[];
	/** Of a user. */
	state?: string;
	type: "User" | "Group";
	/** Of a user. */
	user_name?: string;
}

export interface MemberSource {
	/** The connection that manages the group that grants it, or the user. */
	connection?: string;
	/** Of the group that grants it. */
	display_name?: string;
	/** The id of the group that grants it. */
	group?: string;
	/** direct: put into the group itself, by hand or by the identity provider that manages the group. mapping: a group of an identity provider grants it. attribute: a role or an entitlement of the user grants it (rule C13). */
	kind: "direct" | "mapping" | "attribute";
}

export interface MissingFrom {
	source: string;
	target: string;
	users: number;
}

export interface OIDCMethod {
	/** The name of the provider, for a button. */
	label: string;
}

export interface Observation {
	/** How many users, groups and resources are different. */
	changes: number;
	connection: string;
	counts: ObservedCount[];
	/** Names the difference. A promotion sends it back. */
	digest?: string;
	/** The removals that the brake would hold (rule C8). */
	held: ObservedHeld[];
	/** Removals that the brake would hold and that are not in held. */
	held_more?: number;
	observing: Observing;
	/** False: the copy is being made, or a command was interrupted. Start it again, or drop it. */
	ready: boolean;
	/** The rules that refused writes of the identity provider. */
	refused: ObservedRefusal[];
	seats: ObservedSeats;
}

export interface ObservationPromote {
	/** The digest of the difference that was looked at (rule C9). */
	digest: string;
}

export interface ObservationStart {
	/** Another connection of the tenant. The copy shows what it manages as managed by no connection, so that a change of the identity provider can be rehearsed (rule C9). */
	take_over?: string;
}

export interface ObservedChange {
	/** What is different. */
	attributes: string[];
	effect: "create" | "restore" | "update" | "suspend" | "activate" | "remove" | "take_over";
	/** The connection that manages it in the tenant. Missing: none. */
	from?: string;
	id: string;
	/** Members who come to a group. */
	joins?: number;
	kind: string;
	/** Members who leave a group. */
	leaves?: number;
	/** By what the identity provider found the record: the attribute that it searched for, such as userName, externalId or emails.value. id: it used the id without a search. Missing for a record that would be created, and in what a promotion left. */
	matched_by?: string;
	/** The userName or the displayName. */
	name: string;
	/** People of the tenant who have an address of a user who would be created: perhaps they are one person. They stay, with their ids, and the identity provider would know the new user by a new id. */
	same?: ObservedSame[] | null;
	/** The name in the tenant, if it is another one. */
	was?: string;
}

export interface ObservedCount {
	effect: "create" | "restore" | "update" | "suspend" | "activate" | "remove" | "take_over";
	/** User, Group or the name of a resource type. */
	kind: string;
	number: number;
}

export interface ObservedHeld {
	action: string;
	kind: string;
	name: string;
}

export interface ObservedLeft {
	change: ObservedChange;
	reason: string;
}

export interface ObservedRefusal {
	/** Of the last one. */
	reason: string;
	rule: string;
	/** Of the last one. */
	subject: string;
	writes: number;
}

export interface ObservedSame {
	id: string;
	user_name: string;
}

export interface ObservedSeats {
	after: number;
	before: number;
	/** 0: there is none. */
	limit: number;
}

export interface Observing {
	/** Who put it into observe mode. */
	by: string;
	/** The difference is being brought into the tenant, and the identity provider is asked to wait. */
	promoting: boolean;
	since: string;
	/** The connection whose people it would take over. */
	take_over?: string;
}

export interface Operator {
	/** Future ones too. */
	all_tenants: boolean;
	api_access: boolean;
	/** Live ones. */
	api_keys: number;
	/** The operator has tenants outside your own scope, so that you can do nothing to them (rule O10). */
	beyond_your_scope?: boolean;
	created: string;
	email: string;
	first_name: string;
	id: string;
	last_name: string;
	last_sign_in?: string;
	mfa_enrolled: boolean;
	/** Of this operator, or of all. */
	mfa_required: boolean;
	modified: string;
	/** Replaces email once it is confirmed from there (rule O10). Missing: there is none. */
	new_email?: string;
	/** How many are left. */
	recovery_codes: number;
	role: "owner" | "administrator_billing" | "administrator" | "technician" | "help_desk" | "read_only";
	/** Live ones. */
	sessions: number;
	status: "pending" | "active" | "suspended";
	/** The scope, unless it is all tenants. Only tenants in your own scope are shown. */
	tenants: string[];
	version: number;
}

export interface OperatorCreate {
	/** Future ones too (rule O2). */
	all_tenants?: boolean;
	/** Whether the operator may make API keys (rule O5). Missing: off. */
	api_access?: boolean;
	/** Where the link of the invitation goes, and what the person signs in with (rule O3). */
	email: string;
	/** Of the person (rule O3). */
	first_name: string;
	/** Of the person (rule O3). */
	last_name: string;
	/** Whether a second factor is required (rule O6). */
	mfa_required?: boolean;
	/** What the operator may do (rule O1). */
	role: "owner" | "administrator_billing" | "administrator" | "technician" | "help_desk" | "read_only";
	/** Show the link in the answer instead of mailing it, which only an Owner may. Where no mail is sent it is always shown. */
	show_link?: boolean;
	/** The scope (rule O2). Missing: none. */
	tenants?: string[] | null;
}

export interface OperatorLink {
	expires: string;
	kind: "first_owner" | "invitation" | "password_reset" | "mfa_reset" | "email_change";
	/** The address to which the link goes. Missing where the link is shown. */
	mailed_to?: string;
	operator: Operator;
	/** The secret of the link. Give it to the person; it is kept nowhere. Missing where it is mailed. */
	secret?: string;
	/** Where the link is opened and used. Missing where it is mailed, and where the API is on the unix socket alone. */
	url?: string;
}

export interface OperatorPage {
	items: Operator[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
	/** Required of all operators. */
	require_mfa: boolean;
	/** Only one Owner, for example (rule O8). */
	warnings: string[];
}

export interface OperatorUpdate {
	/** Tenants that come into the scope; the others stay in it (rule O2). */
	add_tenants?: string[] | null;
	/** Future ones too (rule O2). */
	all_tenants?: boolean;
	/** Turning it off revokes the keys at once. */
	api_access?: boolean;
	/** What the person signs in with (rule O3). A new one takes effect once it is confirmed from there; the present one cancels the change (rule O10). */
	email?: string;
	/** Of the person (rule O3). */
	first_name?: string;
	/** Of the person (rule O3). */
	last_name?: string;
	/** Whether a second factor is required (rule O6). */
	mfa_required?: boolean;
	/** Tenants that leave the scope; the others stay in it (rule O2). */
	remove_tenants?: string[] | null;
	/** What the operator may do (rule O1). */
	role?: "owner" | "administrator_billing" | "administrator" | "technician" | "help_desk" | "read_only";
	/** Replaces the whole list. */
	tenants?: string[];
}

export interface Overrides {
	audit_days?: number;
	auto_delete_days?: number;
	billing_start?: string;
	brake?: string;
	confirm_domains?: string[];
	event_days?: number;
	guest_max_groups?: number;
	guest_user_types?: string[];
	idle_days?: number;
	included_guests?: number;
	included_seats?: number;
	invite_ttl_days?: number;
	journal_days?: number;
	journal_mb?: number;
	member_domains?: string[];
	on_delete?: string;
	onboarding?: string;
	orphan_days?: number;
	rehire?: string;
	replay?: string;
	seats_max?: number;
	seats_on_limit?: string;
	snapshot_time?: string;
	snapshot_zone?: string;
	suspension_manual?: string;
	tombstone_days?: number;
}

export interface Overview {
	/** Those that are open, the last ones first. */
	alerts: Alert[];
	/** The last lines, the newest first (rule E1). Missing without the right tenant.record. */
	audit?: Audit[] | null;
	/** Those that wait for an Owner (rule D3). */
	deletion_requests: DeletionRequest[];
	/** Removals that the brake keeps for an operator (rule C8). */
	held: HeldSummary[];
	/** Who works inside it now (rule T5). */
	inside: SupportSession[];
	/** Who has access (rule O2). Missing without the right operator.read. */
	operators?: Operator[] | null;
	/** Seats and connections with the health of their sync among it. */
	tenant: Tenant;
}

export interface PageAPIKey {
	/** The entries of this page. */
	items: APIKey[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageAlert {
	/** The entries of this page. */
	items: Alert[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageAppKey {
	/** The entries of this page. */
	items: AppKey[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageAudit {
	/** The entries of this page. */
	items: Audit[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageConfigurationSetting {
	/** The entries of this page. */
	items: ConfigurationSetting[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageConnection {
	/** The entries of this page. */
	items: Connection[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageDeletion {
	/** The entries of this page. */
	items: Deletion[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageDeletionRequest {
	/** The entries of this page. */
	items: DeletionRequest[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageFoundUser {
	/** The entries of this page. */
	items: FoundUser[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageGoogleProject {
	/** The entries of this page. */
	items: GoogleProject[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageGroup {
	/** The entries of this page. */
	items: Group[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageHeld {
	/** The entries of this page. */
	items: Held[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageHeldTotal {
	/** The entries of this page. */
	items: HeldTotal[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageIdentityProvider {
	/** The entries of this page. */
	items: IdentityProvider[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageInvitation {
	/** The entries of this page. */
	items: Invitation[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageJob {
	/** The entries of this page. */
	items: Job[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageLedgerLine {
	/** The entries of this page. */
	items: LedgerLine[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageMail {
	/** The entries of this page. */
	items: Mail[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageMember {
	/** The entries of this page. */
	items: Member[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageObservedChange {
	/** The entries of this page. */
	items: ObservedChange[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PagePlan {
	/** The entries of this page. */
	items: Plan[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageRoleInfo {
	/** The entries of this page. */
	items: RoleInfo[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageSchema {
	/** The entries of this page. */
	items: Schema[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageSession {
	/** The entries of this page. */
	items: Session[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageSetting {
	/** The entries of this page. */
	items: Setting[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageSettledHeld {
	/** The entries of this page. */
	items: SettledHeld[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageSnapshot {
	/** The entries of this page. */
	items: Snapshot[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageSubscription {
	/** The entries of this page. */
	items: Subscription[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageSupportSession {
	/** The entries of this page. */
	items: SupportSession[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageTarget {
	/** The entries of this page. */
	items: Target[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageTargetFailure {
	/** The entries of this page. */
	items: TargetFailure[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageTargetFinding {
	/** The entries of this page. */
	items: TargetFinding[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageTargetProgress {
	/** The entries of this page. */
	items: TargetProgress[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageTenantName {
	/** The entries of this page. */
	items: TenantName[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageToken {
	/** The entries of this page. */
	items: Token[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageTransfer {
	/** The entries of this page. */
	items: Transfer[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageTrimmed {
	/** The entries of this page. */
	items: Trimmed[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageUsage {
	/** The entries of this page. */
	items: Usage[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageUser {
	/** The entries of this page. */
	items: User[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageWebhook {
	/** The entries of this page. */
	items: Webhook[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageWebhookAttempt {
	/** The entries of this page. */
	items: WebhookAttempt[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PageWebhookProgress {
	/** The entries of this page. */
	items: WebhookProgress[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
}

export interface PasswordChange {
	present: string;
	/** At least 12 characters (rule O9). */
	wanted: string;
}

export interface Plan {
	billed_every?: string;
	currency?: string;
	custom_groups: boolean;
	flat_price?: number;
	guest_max_groups: number;
	included_guests: number;
	included_seats?: number;
	max_members: number;
	name: string;
	onboarding?: string;
	scim: boolean;
	seat_price?: number;
	title: string;
}

export interface Preview {
	/** When this was decided. It may be decided differently later. */
	at: string;
	/** The lines that the audit trail would get. None: the action would change nothing. */
	changes: PreviewChange[];
	/** The kinds of the events that applications would get. */
	events: string[];
	/** What happens later, such as at the next sync (rule L4). */
	notice?: string;
	/** Missing: the action has nothing to do with seats. */
	seats?: PreviewSeats;
}

export interface PreviewChange {
	action: string;
	after?: Record<string, unknown>;
	before?: Record<string, unknown>;
	reason?: string;
	/** The rule that shaped the decision. */
	rule?: string;
	subject: Subject;
}

export interface PreviewSeats {
	after: number;
	before: number;
	/** 0: none. */
	limit: number;
}

export interface Problem {
	/** The kind of failure, for programs. */
	code: string;
	/** A sentence that says what is wrong and what to do. */
	detail: string;
	/** Every field that is wrong, if there are several. */
	errors?: ProblemField[] | null;
	/** The field at fault. */
	field?: string;
	/** The id of the request, as in the log. */
	request?: string;
	/** Seconds. */
	retry_after?: number;
	/** The rule that said no. */
	rule?: string;
	status: number;
	title: string;
	/** A name for the kind of problem: urn:drawbridge:problem: and the code. */
	type?: string;
}

export interface ProblemField {
	field: string;
	message: string;
}

export interface Progress {
	done: number;
	/** Missing: unknown. */
	total?: number;
	/** What is being done: copy, pages, records. */
	what: string;
}

export interface Promotion {
	/** The connection has left observe mode. */
	done: boolean;
	/** What rules refuse. The connection stays in observe mode. */
	left: ObservedLeft[];
	/** Changes that are left and not listed. */
	more?: number;
	/** Records, by this request. */
	promoted: number;
}

export interface ProveRequest {
	code?: string;
	password: string;
}

export interface ProviderSettings {
	/** Which logo there is; another one has another mark. Empty: none. GET /provider/logo.png?mark= is the picture. */
	logo?: string;
	/** As people know the provider. */
	name?: string;
	/** A second factor is required of every operator, future ones too. */
	require_mfa: boolean;
	/** The e-mail address at which it helps. */
	support?: string;
	version: number;
}

export interface ProviderUpdate {
	/** A PNG or JPEG file in base64, of at most 256 KiB and 1024 pixels a side. It is kept as a PNG that fits 480 × 160 pixels. Empty: none. */
	logo?: string;
	/** Empty: none. */
	name?: string;
	/** By itself, without the others. */
	require_mfa?: boolean;
	/** An e-mail address. Empty: none. */
	support?: string;
}

export interface Reason {
	reason?: string;
}

export interface ReasonRequest {
	reason?: string;
}

export interface RecoveryCodes {
	/** Each can be used once instead of a code. They are stored nowhere. */
	codes: string[];
}

export interface RefusedPerson {
	reason: string;
	rule: string;
	user: string;
	user_name: string;
}

export interface Replication {
	/** A write is answered only when a standby has it. */
	commits_wait: boolean;
	/** store.require_sync: without such a standby the server is not ready. */
	required: boolean;
	/** How many standbys receive what is written. */
	standbys: number;
	/** Setting of the database. */
	synchronous_commit: string;
	/** Setting of the database. */
	synchronous_standby_names: string;
}

export interface Role {
	name: "owners" | "administrators" | "security" | "provision_managers";
	/** Why the user is in it; more than one where several grants come together (rule G4). */
	sources: MemberSource[];
}

export interface RoleInfo {
	rights: string[];
	role: string;
	title: string;
}

export interface RoleRule {
	/** The built-in group. */
	grants: "owners" | "administrators" | "security" | "provision_managers";
	/** The attribute of the user. */
	source: "roles" | "entitlements";
	/** One of its values, in any case. */
	value: string;
}

export interface Schema {
	/** The schema as RFC 7643 section 7 writes it. */
	definition: Record<string, unknown>;
	/** Of a new resource type, such as /Devices. */
	endpoint?: string;
	required?: boolean;
	/** User, Group, or the name of a new resource type. */
	resource_type: string;
	/** The id of the definition. */
	urn?: string;
}

export interface Seats {
	billable: number;
	/** Limit less occupied. Missing when there is no limit. */
	free?: number;
	/** Guests, those that are included in the plan, too. */
	guests: number;
	included_guests: number;
	/** 0: none. */
	limit: number;
	/** Members who occupy a seat. */
	members: number;
	/** Counts against the limit. */
	occupied: number;
	plan: string;
	/** 0: as many as the plan allows. */
	purchased: number;
	tenant: string;
	/** How many users there are in each state, members and guests together. */
	users: Record<string, number>;
}

export interface ServerStatus {
	/** It runs the jobs. */
	leader: boolean;
	/** Host, process and a random part. */
	name: string;
	/** It is the one that answers. */
	self: boolean;
}

export interface Session {
	address?: string;
	created: string;
	current: boolean;
	expires: string;
	id: string;
	last_used?: string;
	user_agent?: string;
}

export interface Setting {
	name: string;
	source: "tenant" | "plan" | "default";
	value: unknown;
}

export interface SettleHeld {
	/** Only those of this connection. */
	connection?: string;
	/** Missing: all. */
	keys?: string[] | null;
}

export interface SettledHeld {
	action: string;
	done: boolean;
	key: string;
	name: string;
	/** Why not: it stays held. */
	reason?: string;
}

export interface Setup {
	/** The way through the menus. */
	page: string;
	/** What else to choose, in order. */
	steps: string[];
	/** The button that tries the connection. */
	test: string;
	/** The provider's own name. */
	title: string;
	/** The field for a bearer token. */
	token: string;
	/** The field for the base URL. */
	url: string;
}

export interface SignInMethods {
	/** There is no operator yet: use the one-time link that the server printed when it started. */
	first_owner: boolean;
	/** A forgotten password can be reset by mail, at POST /session/forgot. */
	forgot: boolean;
	/** Through an OpenID provider, at GET /session/oidc. Missing: not configured. */
	oidc?: OIDCMethod;
	/** With e-mail address and password, at POST /session. */
	password: boolean;
	/** Who runs this installation. */
	provider: Introduction;
}

export interface SignInRequest {
	/** Of the second factor, or a recovery code. Asked for by 401 with the field code. */
	code?: string;
	email: string;
	password: string;
}

export interface Snapshot {
	at: string;
	billed: number;
	currency?: string;
	day: string;
	flat_price?: number;
	guests: number;
	late?: boolean;
	limit: number;
	members: number;
	plan: string;
	seat_price?: number;
	taken: string;
	zone: string;
}

export interface Statement {
	at: string;
	by: Actor;
	text: string;
	what: "active" | "inactive" | "deleted" | "suspended" | "accepted" | "invited";
}

export interface Status {
	/** Without the path of a connection. */
	base_url: string;
	/** The data folder. */
	data: string;
	parts: Component[];
	ready: boolean;
	started: string;
	store: StoreStatus;
	tenants: number;
	version: string;
	/** What needs attention: a tenant whose plan left the configuration, for example. */
	warnings: string[];
}

export interface StoreStatus {
	/** Of the PostgreSQL server, as it sees itself. */
	address?: string;
	kind: "file" | "postgresql";
	/** Why the database did not answer. */
	message?: string;
	/** Of a database that answered. */
	replication?: Replication;
	/** The servers that use the database now. */
	servers: ServerStatus[];
	/** Of the PostgreSQL server. */
	version?: string;
}

export interface Subject {
	id: string;
	kind: string;
	name?: string;
}

export interface Subscription {
	/** What can wait comes once a day. */
	daily: boolean;
	/** The default of the role; it was not changed. */
	default: boolean;
	email: string;
	/** Kinds of event; user.* for all that begin so; alert for all that raise an alert. None: nothing. */
	kinds: string[];
	operator: string;
	role: string;
	/** Missing ones are not told of. Empty: all of the scope, and the installation where the role may read its record. */
	tenants: string[];
	/** Mails go out. They do not while the operator is not active, lacks a second factor that is required, has an empty scope, or has chosen no events. */
	told: boolean;
	/** Of the operator; the ETag. */
	version: number;
}

export interface SubscriptionUpdate {
	/** Mail that can wait, as about refusals, comes once a day instead of every quarter of an hour. Mail about alerts never waits. */
	daily?: boolean;
	/** Kinds of event; user.* for all that begin so; alert for all that raise an alert. None: nothing. */
	kinds: string[];
	/** Tenants of the scope. Missing: all of it. */
	tenants?: string[] | null;
}

export interface SupportSession {
	name?: string;
	operator: string;
	reason?: string;
	since: string;
	until: string;
}

export interface SupportSessionRequest {
	/** When the session ends by itself (rule T5). Missing: 60. */
	minutes?: number;
	reason?: string;
}

export interface SuspendRequest {
	/** yield: the next sync that says active:true reactivates. hold: it stays until released (rule L4). Missing: as the tenant says. */
	mode?: "yield" | "hold";
	reason?: string;
}

export interface Suspended {
	/** A sentence about what the next sync will do. */
	notice: string;
	user: User;
}

export interface Suspension {
	at: string;
	by: Actor;
	mode?: string;
	reason?: string;
}

export interface SyncChange {
	action: string;
	detail?: string;
	/** The identity provider's own id. */
	external_id?: string;
	held?: boolean;
	id?: string;
	joined?: number;
	kind: "User" | "Group";
	left?: number;
	name: string;
	refused?: boolean;
	rule?: string;
}

export interface SyncCounts {
	/** Active people at the identity provider. */
	active: number;
	/** Records that no connection managed. */
	adopted: number;
	created: number;
	deleted: number;
	/** People who came twice in the list. */
	duplicates: number;
	/** Groups there that are read. */
	groups: number;
	groups_created: number;
	groups_deleted: number;
	groups_unchanged: number;
	groups_updated: number;
	/** Removals that the brake holds (rule C8). */
	held: number;
	/** Suspended and archived people there. */
	inactive: number;
	/** Memberships that began. */
	joined: number;
	/** Memberships that ended. */
	left: number;
	/** Memberships there that are read. */
	members: number;
	/** Gone at the identity provider, and waiting for another run to see it too (rule C15). */
	missing: number;
	/** Members outside the company, or in groups that are not read. */
	outside: number;
	reactivated: number;
	/** Writes that a rule refused. */
	refused: number;
	restored: number;
	/** What could not be taken over: a group that is too large, or in a circle. */
	skipped: number;
	suspended: number;
	unchanged: number;
	/** Not in the list, and there when asked for by id: nothing was done. */
	unlisted: number;
	updated: number;
}

export interface SyncForecast {
	/** Why the connection changes nothing now: its requests are refused, or it is in observe mode. Missing: it does. */
	blocked?: string;
	connection: string;
	/** Empty while the connection is blocked. */
	outcomes: SyncOutcome[];
	/** The server reads the directory of the identity provider. A run states active only after it has found the person inactive, and creates only a person who was deleted. */
	pulled?: boolean;
}

export interface SyncOutcome {
	/** Deleted by the identity provider, kept in grace. */
	gone?: boolean;
	/** The message to the identity provider when it is refused. */
	message?: string;
	/** created: another user with a new id. revived: another user, whom the connection had suspended or deleted, comes back. */
	result: "changed" | "unchanged" | "created" | "revived" | "deleted" | "refused";
	/** The rule that refuses. */
	rule?: string;
	/** The state of the user afterwards. Missing: refused, or deleted for good. */
	state?: "invited" | "awaiting_confirmation" | "active" | "suspended" | "recovery";
	/** active and inactive: a PATCH or PUT that states active. other: one that does not. create: a POST of the same user. delete: a DELETE. */
	write: "active" | "inactive" | "other" | "create" | "delete";
}

export interface SyncResult {
	/** At most 1000. */
	changes: SyncChange[];
	connection: string;
	counts: SyncCounts;
	milliseconds: number;
	/** Changes that are not in the list. */
	more: number;
	/** The connection is in observe mode: the run changed its copy of the tenant (rule C9). */
	observed?: boolean;
	/** void: the directory could not be read completely, so nothing was changed (rule C15). stopped: the run ended early, and the next one goes on. */
	outcome: "complete" | "void" | "stopped";
	/** Nothing was written. */
	preview: boolean;
	/** Why it is not complete. */
	reason?: string;
	/** To the identity provider. */
	requests: number;
	seats?: SyncSeats;
	started: string;
	tenant: string;
}

export interface SyncSeats {
	/** Only in a preview. */
	after?: number;
	before: number;
	/** 0: none. */
	limit: number;
}

export interface Target {
	/** It is attached to all tenants, future ones too. */
	all: boolean;
	client_id?: string;
	created: string;
	/** What happens to a record with the same name that it has already. */
	existing: "adopt" | "refuse";
	/** Groups that it has, by the last runs. */
	group_count: number;
	/** Removals that the brake holds (rule C8). */
	held: number;
	id: string;
	/** Of the last run that sent something. */
	last_success?: string;
	/** What is sent otherwise than it is here. Other attributes are sent as they are. */
	mapping: TargetRule[];
	modified: string;
	name: string;
	/** It gets people and no groups. */
	no_groups: boolean;
	/** What happens there to people who are deleted here or leave the scope. */
	on_leave: "deactivate" | "delete";
	/** Of these: it refused them, and they are not tried again before they change, or an operator resumes the target. */
	parked: number;
	/** People and groups that differ, parked and held ones included. */
	pending: number;
	/** Whom it gets. */
	people: "all" | "members" | "guests";
	/** What the application does differently. */
	profile: "generic" | "aws-identity-center" | "slack" | "github" | "gitlab" | "atlassian" | "put";
	/** Why it is failing or quarantined. */
	reason?: string;
	scope?: string;
	/** When the credential was given. */
	secret_created: string;
	/** The worst of its tenants. waiting: it has not run yet, or has no tenant. failing: the last run failed as a whole, and is tried again. quarantined: it fails for everybody and is only probed every hour. */
	status: "waiting" | "active" | "failing" | "quarantined" | "paused";
	/** When everything of all tenants that was due had been sent. */
	synced?: string;
	/** Their names, in the same order. */
	tenant_names: string[];
	/** The tenants of your scope that it is attached to (rule C11). */
	tenants: string[];
	/** Where an access token is fetched with client credentials. Missing: the credential is a bearer token. */
	token_url?: string;
	/** The base URL. Only scheme and host for an operator who may not change it. */
	url: string;
	/** People whom it has, by the last runs. */
	users: number;
	/** The ETag. */
	version: number;
}

export interface TargetCreate {
	/** It is attached to all tenants, future ones too, which needs an operator who has all of them. Not with tenants. */
	all?: boolean;
	/** For client credentials. */
	client_id?: string;
	/** Missing: adopt. */
	existing?: "adopt" | "refuse" | "";
	/** Ids or display names of groups of each of the tenants: it gets their members, and no other groups. Missing: everybody, and all groups. */
	groups?: string[] | null;
	/** What is sent otherwise than it is here. */
	mapping?: TargetRule[] | null;
	/** a-z, 0-9 and hyphen. It cannot be changed. */
	name: string;
	/** It gets people and no groups. */
	no_groups?: boolean;
	/** Missing: deactivate. */
	on_leave?: "deactivate" | "delete" | "";
	/** Nothing is sent before it is resumed, so that its plan can be looked at first. */
	paused?: boolean;
	/** Missing: all. */
	people?: "all" | "members" | "guests" | "";
	/** Missing: generic. */
	profile?: "generic" | "aws-identity-center" | "slack" | "github" | "gitlab" | "atlassian" | "put" | "";
	/** For client credentials. */
	scope?: string;
	/** The bearer token, or with token_url the client secret. It is sealed, and never shown again. */
	secret: string;
	/** The tenants that it is attached to. Missing: none yet, which needs an operator who has all of them. */
	tenants?: string[] | null;
	/** The token endpoint, for client credentials. */
	token_url?: string;
	/** The base URL, with https. /Users and /Groups are below it. */
	url: string;
}

export interface TargetDifference {
	id: string;
	kind: "User" | "Group";
	name: string;
	what: string;
}

export interface TargetFailure {
	error: string;
	id: string;
	kind: "User" | "Group";
	name: string;
	next?: string;
	parked?: string;
	/** waiting: it is tried again. parked: it is not, before it changes or an operator resumes the target. */
	status: "waiting" | "parked";
	tries: number;
}

export interface TargetFinding {
	detail: string;
	ok: boolean;
	what: string;
}

export interface TargetPreview {
	/** What others changed in the application. At most 1000. */
	differences: TargetDifference[];
	/** Removals that the brake would hold (rule C8). */
	held: number;
	/** Steps that are not in the list. */
	more: number;
	/** How many removals of access the steps come to. */
	removals: number;
	/** At most 1000. */
	steps: TargetStep[];
}

export interface TargetProgress {
	attached: string;
	/** When it was last read completely. */
	compared?: string;
	failing_since?: string;
	/** Groups that it has, by the last run. */
	group_count: number;
	/** The ids of groups: it gets their members, and no other groups. Empty: everybody, and all groups that are not built in. */
	groups: string[];
	/** Removals that the brake holds (rule C8). */
	held: number;
	/** Of the last run that sent something. */
	last_success?: string;
	/** When it is tried again. */
	next?: string;
	/** Of these: it refused them, and they are not tried again before they change, or an operator resumes the target. */
	parked: number;
	/** People and groups that differ, parked and held ones included. */
	pending: number;
	/** Why it is failing or quarantined. */
	reason?: string;
	/** waiting: it has not run yet. failing: the last run failed as a whole, and is tried again. quarantined: it fails for everybody and is only probed every hour. */
	status: "waiting" | "active" | "failing" | "quarantined" | "paused";
	/** When everything that was due had been sent. */
	synced?: string;
	target: string;
	tenant: string;
	tenant_name: string;
	/** People whom it has, by the last run. */
	users: number;
}

export interface TargetRule {
	/** The path of the attribute, such as displayName or name.givenName. */
	attribute: string;
	/** The value for everybody. */
	constant?: string;
	/** The path of the attribute that is sent in its place; email: the primary address. */
	source?: string;
}

export interface TargetShare {
	/** Ids or display names of groups: it gets their members, and no other groups. Missing: everybody, and all groups. */
	groups?: string[] | null;
}

export interface TargetStep {
	/** forget: the application has no record, so nothing is sent. */
	action: "create" | "adopt" | "update" | "deactivate" | "delete" | "forget";
	/** Those that would be sent. */
	attributes: string[];
	/** The brake would hold it. */
	held: boolean;
	id: string;
	/** Members that would be added, of those that the application has already. */
	join: number;
	kind: "User" | "Group";
	/** Members that would be removed. */
	leave: number;
	name: string;
	/** Members that the application does not have yet. They are added as soon as it has them. */
	waiting: number;
	/** It would not be tried now, because of this failure. */
	waits?: string;
}

export interface TargetSync {
	/** Read the application completely first, and set right what others changed there. */
	compare?: boolean;
	/** Let the removals happen that the brake holds: as many as the target shows as held (rule C8). */
	release?: number;
}

export interface TargetUpdate {
	/** Attaches it to all tenants, future ones too; false leaves those that it was attached to by name. */
	all?: boolean;
	/** Needs the secret, too. */
	client_id?: string;
	existing?: "adopt" | "refuse";
	/** Replaces the mapping. Empty: everything is sent as it is. */
	mapping?: TargetRule[];
	no_groups?: boolean;
	on_leave?: "deactivate" | "delete";
	/** Nothing is sent while it is paused. */
	paused?: boolean;
	people?: "all" | "members" | "guests";
	profile?: "generic" | "aws-identity-center" | "slack" | "github" | "gitlab" | "atlassian" | "put";
	scope?: string;
	/** Takes the place of the credential. */
	secret?: string;
	/** Needs the secret, too. */
	token_url?: string;
	/** Needs the secret, too. */
	url?: string;
}

export interface Tenant {
	account_manager?: string;
	address?: Address;
	/** How many are open: GET /tenants/{tenant}/alerts. */
	alerts: number;
	connections: ConnectionSummary[];
	created: string;
	/** In the provider's own books. */
	customer_number?: string;
	data_region?: string;
	/** Groups that are not built in. */
	groups: number;
	/** The last request of an identity provider that succeeded. Missing: none yet. */
	last_sync?: string;
	modified: string;
	name: string;
	/** For operators only: it is in no event and in no hand-over bundle. */
	note?: string;
	/** Settings that this tenant has of its own. */
	overrides?: Overrides;
	/** The name of a plan in the configuration. */
	plan: string;
	/** The plan is not in the configuration any more: nothing can be written, and identity providers get 503, until it is put back or another one is chosen (rule B5). */
	plan_missing?: boolean;
	seats: Seats;
	/** The name in URLs; never changed. */
	slug: string;
	status: "active" | "unlinked";
	tags: string[];
	/** How many users there are in each state. */
	users: Record<string, number>;
	/** Goes up with every change; the ETag. */
	version: number;
	website?: string;
}

export interface TenantCreate {
	account_manager?: string;
	address?: Address;
	customer_number?: string;
	/** Where the data is kept; a fact of its own beside the country (rule T2). */
	data_region?: string;
	/** As people know it (rule T1). */
	name: string;
	note?: string;
	/** Operators who get access, by id or e-mail address, beside the one who creates the tenant (rule T8). Needs the right operator.manage. */
	operators?: string[] | null;
	/** Settings that the tenant has of its own from the beginning. */
	overrides?: Overrides;
	/** The name of a plan (rule B5). Missing: the first one in the catalogue with SCIM. */
	plan?: string;
	/** Purchased seats (rule B8). 0: as many as the plan allows. */
	seats?: number;
	/** Missing: made from the name. Never changed later (rule T1). */
	slug?: string;
	tags?: string[] | null;
	website?: string;
}

export interface TenantDeletion {
	/** Live ones. */
	app_keys: number;
	/** A sentence on what becomes of the record. */
	archive: string;
	audit_lines: number;
	connections: string[];
	/** Live ones of connections: syncing stops with them. */
	credentials: number;
	/** false: nothing was done yet. */
	deleted: boolean;
	/** Give it as expect. Missing once it is done. */
	digest?: string;
	/** How many there ever were. */
	events: number;
	/** Groups that are not built in. */
	groups: number;
	/** Of the provider, which are detached (rule C11). */
	integrations: AttachedIntegration[];
	/** To be typed. Missing once the tenant is gone. */
	name?: string;
	/** Who have the tenant in an explicit scope. */
	operators: number;
	tenant: string;
	/** How many users there are in each state. */
	users: Record<string, number>;
}

export interface TenantDeletionRequest {
	/** The digest of the preview. */
	expect: string;
	/** The name of the company, as a person typed it (rule T9). */
	name: string;
	/** For the audit trail of the installation. */
	reason: string;
}

export interface TenantName {
	name: string;
	slug: string;
}

export interface TenantPage {
	/** The entries of this page. */
	items: Tenant[];
	/** Give this as cursor to get the next page. Missing on the last one. */
	next?: string;
	/** How many tenants match, on all pages together. */
	total: number;
}

export interface TenantUpdate {
	account_manager?: string;
	address?: AddressUpdate;
	customer_number?: string;
	data_region?: string;
	name?: string;
	note?: string;
	/** Replaces all overrides that the tenant has. */
	overrides?: Overrides;
	/** The name of a plan (rule B5). */
	plan?: string;
	/** Refused below the number that is occupied (rule B8). */
	seats?: number;
	/** Replaces all tags. */
	tags?: string[];
	website?: string;
}

export interface Timeline {
	/** In order, those without a request included. Journals are kept for a time: what was before is counted as nothing. */
	buckets: TimelineBucket[];
	from: string;
	/** In order. Each span ends where the next one begins. */
	health: HealthSpan[];
	/** From when on the counts are whole. It is later than from where too many exchanges came. */
	since: string;
	/** Seconds. */
	step: number;
	to: string;
}

export interface TimelineBucket {
	changed: number;
	failed: number;
	from: string;
	/** Requests that the journal could not keep. */
	missed: number;
	/** 95 of a hundred requests took no longer. */
	p95_milliseconds: number;
	read: number;
	refused: number;
	/** Requests whose credential was unknown, expired or revoked. */
	rejected: number;
	/** With a credential that was accepted. */
	requests: number;
	/** Requests beyond the rate limit. */
	throttled: number;
	/** Writes that found everything as it was to be. */
	unchanged: number;
}

export interface Token {
	/** Of the client that used it last. */
	address?: string;
	created: string;
	expires?: string;
	id: string;
	kind: "bearer" | "basic" | "client_secret" | "access_token";
	last_used?: string;
	/** The first four characters of the random part. */
	prefix: string;
	revoked?: string;
	status: "live" | "expired" | "revoked";
	user_agent?: string;
}

export interface TokenCreate {
	/** The kind of credential (rule C4). Missing: the kind of the newest credential of the connection, or bearer. */
	auth?: "bearer" | "basic" | "oauth";
	/** Missing: never. */
	expires?: string;
	/** How long the older credentials stay live (rule C2). 0: until they are revoked. */
	overlap_seconds?: number;
	/** The id of the credential that is revoked to make room. Two of a kind may be live: without this a third one is refused (rule C2). */
	replace?: string;
}

export interface Transcript {
	/** In the format of scim/testdata. Names, addresses, ids, numbers and every other text that may name a person or a company are replaced, the same text always by the same substitute. */
	text: string;
}

export interface Transfer {
	at: string;
	by: string;
	/** false: continue it. A job does so, too. */
	done: boolean;
	from: string;
	groups: number;
	id: string;
	/** Records that stayed where they were, or were not given back; the first hundred. */
	left: TransferLeft[];
	/** Others of them, which are not listed. */
	more?: number;
	/** Records that moved, and can be given back. */
	moved: number;
	/** Records that are still to be worked on. */
	pending: number;
	phase: "moving" | "moved" | "undoing" | "undone";
	scope: string;
	to: string;
	/** Who undid it. */
	undo_by?: string;
	/** How many were to move. */
	users: number;
}

export interface TransferItem {
	id: string;
	kind: "User" | "Group";
	name: string;
	/** What the next sync of the other connection will do to the user. For the first ten. */
	next?: string;
}

export interface TransferLeft {
	name: string;
	reason: string;
}

export interface TransferPlan {
	/** Covers everything in here. Send it when you start, so that what is done is what you saw. */
	digest: string;
	from: string;
	groups: number;
	/** The first hundred. */
	items: TransferItem[];
	/** What the next sync of the connection meets. */
	next_from: string;
	/** What moves, in words. */
	scope: string;
	/** What of the scope does not move, and why. */
	stays: TransferStay[];
	to: string;
	/** Names of the list that no user has. */
	unknown: string[];
	users: number;
}

export interface TransferScope {
	/** All users and groups of the connection. */
	all?: boolean;
	/** The id or the display name of a group: the group and its direct members. */
	group?: string;
	/** The slug of the connection that is to manage them. */
	to: string;
	/** The ids or userNames of users. */
	users?: string[] | null;
}

export interface TransferStart {
	/** All users and groups of the connection. */
	all?: boolean;
	/** Of the preview. */
	digest: string;
	/** The id or the display name of a group: the group and its direct members. */
	group?: string;
	/** The slug of the connection that is to manage them. */
	to: string;
	/** The ids or userNames of users. */
	users?: string[] | null;
}

export interface TransferStay {
	number: number;
	/** In a sentence. */
	reason: string;
	/** others: users whom the connection does not manage. gone: users whom its identity provider deleted. groups: groups that it does not manage. resources: custom resources. */
	what: "others" | "gone" | "groups" | "resources";
}

export interface TriedUser {
	attributes: MappedAttribute[];
	changes: boolean;
	id: string;
	/** Why the mapping refuses the user. Missing: it does not. */
	refused?: string;
	/** The built-in groups that roles and entitlements would grant. */
	roles?: string[] | null;
	/** As everybody sees it now. */
	userName: string;
}

export interface Trimmed {
	/** Forgotten, since they are older than event_days (E2). */
	events: number;
	/** Empty: the installation itself. */
	tenant: string;
	/** Reduced to the id and the times, since tombstone_days are over (D6). */
	tombstones: number;
}

export interface Usage {
	/** Missing where the plan has no price. */
	cost?: Cost;
	/** Days with a snapshot. */
	counted: number;
	/** In the books of the provider. */
	customer_number?: string;
	/** Of the period. */
	days: number;
	from: string;
	guest_days: number;
	/** The last day with a snapshot. */
	last?: string;
	/** Of those, taken late. */
	late: number;
	member_days: number;
	plan: string;
	/** The same for the whole period, as if every day to come were like the last. */
	projected: number;
	/** Sum of the billed seats of each day: members and the guests beyond those included. */
	seat_days: number;
	tenant: string;
	tenant_name: string;
	/** The last day, which counts too. */
	to: string;
	/** Seat days divided by the days so far. */
	usage: number;
}

export interface User {
	/** From when the seat is charged. */
	accepted_at?: string;
	/** As the identity provider reads it. */
	active: boolean;
	/** The SCIM attributes that the client sent. Only when one user is asked for. */
	attributes?: Record<string, unknown>;
	/** The connection that manages the user. Missing: none. */
	connection?: string;
	created: string;
	display_name?: string;
	emails: string[];
	external_id?: string;
	/** Deleted by the identity provider, kept in grace. */
	gone?: boolean;
	groups: GroupRef[];
	id: string;
	modified: string;
	/** The built-in groups that the user is in, beside Team Members. In lists, and when one user is asked for; not in the answers of actions (rule G4). */
	roles?: Role[] | null;
	state: "invited" | "awaiting_confirmation" | "active" | "suspended" | "recovery";
	stated_at?: string;
	/** The last thing that the connection said: active, inactive, deleted or none. */
	statement: string;
	suspension?: Suspension;
	type: "member" | "guest";
	user_name: string;
	version: number;
}

export interface UserCreate {
	display_name?: string;
	/** Missing: user_name, if that is one. */
	email?: string;
	external_id?: string;
	family_name?: string;
	given_name?: string;
	/** By invitation, however the tenant begins with people. */
	invite?: boolean;
	/** Missing: member. */
	type?: "member" | "guest";
	/** Usually the e-mail address. */
	user_name: string;
}

export interface UserUpdate {
	display_name?: string;
	email?: string;
	external_id?: string;
	family_name?: string;
	given_name?: string;
	user_name?: string;
}

export interface Visit {
	actions: Record<string, number>;
	actor: Actor;
	/** Of the client; local: the socket on the server itself. */
	address?: string;
	/** The operator entered the tenant explicitly. */
	entered: boolean;
	/** The number of the first audit line of the visit. */
	first: number;
	from: string;
	last: number;
	lines: number;
	more_subjects?: number;
	/** Given for the entering. */
	reason?: string;
	refused: number;
	/** What was touched, at most 20. */
	subjects: string[];
	to: string;
}

export interface VisitReport {
	/** false: the report goes back to since and no further; ask again with to. */
	complete: boolean;
	from?: string;
	/** The latest first. */
	items: Visit[];
	since?: string;
	tenant: string;
	to?: string;
}

export interface Webhook {
	/** It gets the events of all tenants, future ones too. */
	all: boolean;
	/** Events of your scope that were not delivered yet, wanted or not. */
	backlog: number;
	created: string;
	/** Kinds of event; user.* for all that begin so. Empty: all. */
	events: string[];
	/** Tenants of your scope whose next event was tried and not taken. */
	failing: number;
	failing_since?: string;
	/** events: signed events for a program. audit: signed audit lines for a program. The others are channels, whose messages are for people. */
	format: "events" | "audit" | "slack" | "teams" | "json";
	id: string;
	/** It gets the audit lines of the installation, too. */
	installation: boolean;
	last_success?: string;
	modified: string;
	name: string;
	/** Until when the secret before it signs as well. */
	old_secret_until?: string;
	/** Why it is failing or parked. */
	reason?: string;
	/** When the present secret was made. */
	secret_created: string;
	/** Attempts in the last 24 hours, of your scope. */
	sent_24h: number;
	/** failing: the last attempt failed, and it is tried again. parked: it was given up, for one tenant at least, until an operator resumes it. */
	status: "active" | "failing" | "paused" | "parked";
	/** Of those, the ones that the receiver accepted. */
	taken_24h: number;
	/** Their names, in the same order; the slug of one whose name is not known. */
	tenant_names: string[];
	/** The tenants of your scope whose events it gets, unless it gets those of all. */
	tenants: string[];
	/** Only scheme and host of a channel, and for an operator who may not change it. */
	url: string;
	/** The ETag. */
	version: number;
}

export interface WebhookAttempt {
	/** The begin of the body of the answer. */
	answer?: string;
	at: string;
	attempt: number;
	error?: string;
	/** The header webhook-id, the same with each attempt. */
	id: string;
	kind: string;
	/** How long it took. */
	millis: number;
	ok: boolean;
	/** The number of the event; 0: a test. */
	seq: number;
	/** Of HTTP; 0: there was no answer. */
	status: number;
	/** Missing: a test. */
	tenant?: string;
	/** Missing: a test, or the installation. */
	tenant_name?: string;
}

export interface WebhookCreate {
	/** It gets the events of all tenants, future ones too. Needs an operator who has all of them. */
	all?: boolean;
	/** Kinds of event; user.* for all that begin so. Missing: all; of a channel those that need action. A channel also knows alert, for all that raise an alert. */
	events?: string[] | null;
	/** audit: the lines of audit trails, signed, for a program; needs who may read them. slack: an incoming webhook of Slack. teams: a workflow of Microsoft Teams that takes a webhook request. json: a plain JSON object. These are channels: their messages are for people, and their URL is sealed. Missing: events, signed, for a program. */
	format?: "events" | "audit" | "slack" | "teams" | "json";
	/** With the format audit: the audit lines of the installation, too. Needs an operator who has all tenants. */
	installation?: boolean;
	/** a-z, 0-9 and hyphen. It cannot be changed. */
	name: string;
	/** The tenants whose events it gets. */
	tenants?: string[] | null;
	/** Where events are sent: HTTPS at a public address, or what outbound.allow opens. */
	url: string;
}

export interface WebhookProgress {
	/** Failed ones, of that event. */
	attempts: number;
	backlog: number;
	/** The number of the last event that was delivered, or passed over because it is not wanted. */
	cursor: number;
	/** Events, since the webhook was attached. */
	delivered: number;
	error?: string;
	/** The number of the event that the receiver does not take. */
	failing_event?: number;
	failing_since?: string;
	/** The number of the last event that there is. */
	last: number;
	last_success?: string;
	next_attempt?: string;
	status: "active" | "failing" | "paused" | "parked";
	/** _installation: the audit lines of the installation. */
	tenant: string;
	/** Missing: the installation. */
	tenant_name?: string;
}

export interface WebhookReplay {
	/** The number of the first event. Or give since. */
	from?: number;
	/** The time of the first event. Or give from. */
	since?: string;
	/** Whose events. _installation: the audit lines of the installation. */
	tenant: string;
}

export interface WebhookRotate {
	/** How long the present secret signs as well. Missing: 24. */
	overlap_hours?: number;
}

export interface WebhookSkip {
	/** The number of the event that fails. */
	seq: number;
	/** Whose event. _installation: an audit line of the installation. */
	tenant: string;
}

export interface WebhookUpdate {
	/** true: all tenants. */
	all?: boolean;
	/** Replaces the kinds of event. Empty: all. */
	events?: string[];
	/** Whether it gets the audit lines of the installation, too. */
	installation?: boolean;
	/** true: nothing is sent until it is resumed; the events wait in the feed. */
	paused?: boolean;
	/** Replaces the tenants. A new one sends what happens from now on. */
	tenants?: string[];
	url?: string;
}

export interface Why {
	/** Where the attributes came from that the mapping of the connection sets (rule C13). */
	attributes: MappedAttribute[];
	/** How many lines of the audit trail were looked through for won, the latest ones. */
	looked: number;
	/** What the next sync will do. */
	next: string;
	/** What was said about the user, by whom and when. */
	statements: Statement[];
	/** What each write of the identity provider would do to the user now. It is what next is made of. */
	syncs: SyncForecast[];
	user: User;
	/** The last line of the audit trail in which a rule decided about the user. Missing: none in the lines that were looked through. */
	won?: Audit;
}

/** What each operation takes and gives. dry: it can be asked what it would do. */
export interface Operations {
	/** Acknowledge or snooze an alert */
	"acknowledge-alert": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: AcknowledgeAlert;
		answer: Alert;
		dry: false;
	};
	/** Put a user into a group */
	"add-member": {
		path: { tenant: string; group: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Approve a deletion request */
	"approve-deletion-request": {
		path: { tenant: string; request: string; };
		query: { dry_run?: boolean; };
		body: DeletionDecision;
		answer: DeletionRequest;
		dry: true;
	};
	/** Copy a connection for doctor */
	"begin-doctor": {
		path: { connection: string; };
		query: Record<never, never>;
		body: undefined;
		answer: DoctorSession;
		dry: false;
	};
	/** Begin to enrol a second factor */
	"begin-mfa": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: Enrolment;
		dry: false;
	};
	/** Sign in through the OpenID provider */
	"begin-oidc": {
		path: Record<never, never>;
		query: { fresh?: boolean; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Do one thing to many users: confirm */
	"bulk-confirm-users": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: BulkRequest;
		answer: BulkReport;
		dry: false;
	};
	/** Do one thing to many users: convert */
	"bulk-convert-users": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: BulkConvert;
		answer: BulkReport;
		dry: false;
	};
	/** Do one thing to many users: delete */
	"bulk-delete-users": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: BulkRequest;
		answer: BulkReport;
		dry: false;
	};
	/** Do one thing to many users: invite */
	"bulk-invite-users": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: BulkRequest;
		answer: BulkReport;
		dry: false;
	};
	/** Do one thing to many users: release */
	"bulk-release-users": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: BulkRequest;
		answer: BulkReport;
		dry: false;
	};
	/** Do one thing to many users: suspend */
	"bulk-suspend-users": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: BulkRequest;
		answer: BulkReport;
		dry: false;
	};
	/** Set one's own password */
	"change-password": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: PasswordChange;
		answer: undefined;
		dry: false;
	};
	/** Check a connection that is read */
	"check-connection": {
		path: { connection: string; };
		query: Record<never, never>;
		body: undefined;
		answer: ConnectionCheck;
		dry: false;
	};
	/** Look at every page and record of the store */
	"check-store": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: CheckReport;
		dry: false;
	};
	/** Check a target */
	"check-target": {
		path: { target: string; };
		query: Record<never, never>;
		body: undefined;
		answer: PageTargetFinding;
		dry: false;
	};
	/** Confirm to hold the bundle of a tenant */
	"confirm-bundle": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: ConfirmBundle;
		answer: HandoverState;
		dry: false;
	};
	/** End the enrolment with a code */
	"confirm-mfa": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: CodeRequest;
		answer: RecoveryCodes;
		dry: false;
	};
	/** Confirm a user who has accepted an invitation */
	"confirm-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: User;
		dry: true;
	};
	/** Continue a transfer */
	"continue-transfer": {
		path: { connection: string; transfer: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Transfer;
		dry: false;
	};
	/** Make a guest a member, or a member a guest */
	"convert-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: ConvertRequest;
		answer: Converted;
		dry: true;
	};
	/** Count what happened in all tenants */
	"count-audit": {
		path: Record<never, never>;
		query: { from?: string; };
		body: undefined;
		answer: AuditCounts;
		dry: false;
	};
	/** Make a key for an application */
	"create-app-key": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: AppKeyCreate;
		answer: IssuedAppKey;
		dry: false;
	};
	/** Back up the store */
	"create-backup": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: BackupCreate;
		answer: Backup;
		dry: false;
	};
	/** Create a connection */
	"create-connection": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: ConnectionCreate;
		answer: Issued;
		dry: false;
	};
	/** Ask for the deletion of a user */
	"create-deletion-request": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: DeletionRequestCreate;
		answer: DeletionRequest;
		dry: false;
	};
	/** Add a Google project */
	"create-google-project": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: GoogleProjectCreate;
		answer: GoogleProject;
		dry: false;
	};
	/** Make a group of one's own */
	"create-group": {
		path: { tenant: string; };
		query: { dry_run?: boolean; };
		body: GroupCreate;
		answer: Group;
		dry: true;
	};
	/** Make an API key */
	"create-my-api-key": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: APIKeyCreate;
		answer: APIKeyIssued;
		dry: false;
	};
	/** Add an operator */
	"create-operator": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: OperatorCreate;
		answer: OperatorLink;
		dry: false;
	};
	/** Make a one-time link */
	"create-operator-link": {
		path: { operator: string; };
		query: Record<never, never>;
		body: LinkRequest;
		answer: OperatorLink;
		dry: false;
	};
	/** Add a target */
	"create-target": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: TargetCreate;
		answer: Target;
		dry: false;
	};
	/** Create a tenant */
	"create-tenant": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: TenantCreate;
		answer: Tenant;
		dry: false;
	};
	/** Make a new credential */
	"create-token": {
		path: { connection: string; };
		query: Record<never, never>;
		body: TokenCreate;
		answer: Issued;
		dry: false;
	};
	/** Make a user by hand */
	"create-user": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: UserCreate;
		answer: User;
		dry: false;
	};
	/** Make a webhook */
	"create-webhook": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: WebhookCreate;
		answer: IssuedWebhook;
		dry: false;
	};
	/** Delete a Google project */
	"delete-google-project": {
		path: { project: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Delete a group for good */
	"delete-group": {
		path: { tenant: string; group: string; };
		query: { dry_run?: boolean; force?: boolean; reason?: string; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** End the account of an operator for good */
	"delete-operator": {
		path: { operator: string; };
		query: { dry_run?: boolean; reason?: string; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Delete a target */
	"delete-target": {
		path: { target: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Delete a tenant with everything in it */
	"delete-tenant": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: TenantDeletionRequest;
		answer: TenantDeletion;
		dry: false;
	};
	/** Delete a user for good */
	"delete-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; force?: boolean; reason?: string; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Delete a webhook */
	"delete-webhook": {
		path: { webhook: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Detach a Google project from a tenant */
	"detach-google-project": {
		path: { project: string; tenant: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Detach a target from a tenant */
	"detach-target": {
		path: { target: string; tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Drop held removals */
	"discard-held": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: SettleHeld;
		answer: PageSettledHeld;
		dry: false;
	};
	/** Disconnect a connection for good */
	"disconnect-connection": {
		path: { connection: string; };
		query: Record<never, never>;
		body: Disconnect;
		answer: Disconnected;
		dry: false;
	};
	/** Take a mail out of the outbox */
	"drop-mail": {
		path: { mail: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Drop what an observed connection wrote */
	"drop-observation": {
		path: { connection: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** End a doctor session */
	"end-doctor": {
		path: { connection: string; session: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Sign out somewhere */
	"end-my-session": {
		path: { session: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Come back from the OpenID provider */
	"end-oidc": {
		path: Record<never, never>;
		query: { code?: string; state?: string; error?: string; error_description?: string; error_uri?: string; iss?: string; session_state?: string; scope?: string; authuser?: string; hd?: string; prompt?: string; };
		body: undefined;
		answer: Account;
		dry: false;
	};
	/** Sign an operator out everywhere */
	"end-operator-sessions": {
		path: { operator: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Enter a tenant */
	"enter-tenant": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: SupportSessionRequest;
		answer: SupportSession;
		dry: false;
	};
	/** Export lines of the audit trails of all tenants as csv */
	"export-all-audit-csv": {
		path: Record<never, never>;
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Export lines of the audit trails of all tenants as jsonl */
	"export-all-audit-jsonl": {
		path: Record<never, never>;
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Export lines of the audit trail of a tenant as csv */
	"export-audit-csv": {
		path: { tenant: string; };
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; archive?: boolean; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Export lines of the audit trail of a tenant as jsonl */
	"export-audit-jsonl": {
		path: { tenant: string; };
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; archive?: boolean; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Who held a billable seat, as a table */
	"export-ledger": {
		path: { tenant: string; };
		query: { from?: string; to?: string; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Operators as a table */
	"export-operators": {
		path: Record<never, never>;
		query: { q?: string; role?: "owner" | "administrator_billing" | "administrator" | "technician" | "help_desk" | "read_only"; status?: "pending" | "active" | "suspended"; mfa?: "enrolled" | "not_enrolled" | "missing"; tenant?: string; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Export lines of the audit trail of the installation itself as csv */
	"export-provider-audit-csv": {
		path: Record<never, never>;
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; archive?: boolean; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Export lines of the audit trail of the installation itself as jsonl */
	"export-provider-audit-jsonl": {
		path: Record<never, never>;
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; archive?: boolean; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** The daily counts as a table */
	"export-snapshots": {
		path: { tenant: string; };
		query: { from?: string; to?: string; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Usage and cost as a table */
	"export-usage": {
		path: Record<never, never>;
		query: { from?: string; to?: string; tenant?: string; q?: string; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Users as a table */
	"export-users": {
		path: { tenant: string; };
		query: { q?: string; active?: "true" | "false"; state?: "invited" | "awaiting_confirmation" | "active" | "suspended" | "recovery"; type?: "member" | "guest"; connection?: string; managed?: "true" | "false"; group?: string; statement?: "none" | "active" | "inactive" | "deleted"; suspension?: "yield" | "hold"; gone?: boolean; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Ask for a link that sets a new password */
	"forgot-password": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: ForgotRequest;
		answer: ForgotAnswer;
		dry: false;
	};
	/** Show what is in the archive */
	"get-archive": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: ArchiveStatus;
		dry: false;
	};
	/** Fetch the hand-over bundle of a tenant */
	"get-bundle": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Show the public key of this installation's bundles */
	"get-bundle-key": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: BundleKey;
		dry: false;
	};
	/** Show a connection */
	"get-connection": {
		path: { connection: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Connection;
		dry: false;
	};
	/** Show what to enter at the identity provider */
	"get-connection-setup": {
		path: { connection: string; };
		query: Record<never, never>;
		body: undefined;
		answer: ConnectionSetup;
		dry: false;
	};
	/** Read one request and its answer */
	"get-exchange": {
		path: { connection: string; request: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Exchange;
		dry: false;
	};
	/** Show a Google project */
	"get-google-project": {
		path: { project: string; };
		query: Record<never, never>;
		body: undefined;
		answer: GoogleProject;
		dry: false;
	};
	/** Show a group */
	"get-group": {
		path: { tenant: string; group: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Group;
		dry: false;
	};
	/** Show how far a hand-over is */
	"get-handover": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: HandoverState;
		dry: false;
	};
	/** Report idle seats and orphans */
	"get-idle": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Idle;
		dry: false;
	};
	/** List what waits for an operator */
	"get-inbox": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; kind?: "held" | "deletion_request" | "credential" | "confirmation" | "handover" | "mail"; tenant?: string; };
		body: undefined;
		answer: Inbox;
		dry: false;
	};
	/** Say what a one-time link is for */
	"get-link": {
		path: { link: string; };
		query: Record<never, never>;
		body: undefined;
		answer: LinkInfo;
		dry: false;
	};
	/** Show who asks, and what they may do */
	"get-me": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: Account;
		dry: false;
	};
	/** Show your own mail subscription */
	"get-my-subscription": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: Subscription;
		dry: false;
	};
	/** Show what an observed connection would change */
	"get-observation": {
		path: { connection: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Observation;
		dry: false;
	};
	/** Show an operator */
	"get-operator": {
		path: { operator: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Operator;
		dry: false;
	};
	/** Show the settings of the installation */
	"get-provider": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: ProviderSettings;
		dry: false;
	};
	/** The logo of the provider */
	"get-provider-logo": {
		path: Record<never, never>;
		query: { mark?: string; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Count seats */
	"get-seats": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Seats;
		dry: false;
	};
	/** Show the running server */
	"get-status": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: Status;
		dry: false;
	};
	/** Show the mail subscription of an operator */
	"get-subscription": {
		path: { operator: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Subscription;
		dry: false;
	};
	/** Show a target */
	"get-target": {
		path: { target: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Target;
		dry: false;
	};
	/** Show a tenant */
	"get-tenant": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Tenant;
		dry: false;
	};
	/** Show everything about a tenant in one place */
	"get-tenant-overview": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Overview;
		dry: false;
	};
	/** Show what came from a connection, step by step */
	"get-timeline": {
		path: { connection: string; };
		query: { from?: string; to?: string; step?: number; };
		body: undefined;
		answer: Timeline;
		dry: false;
	};
	/** Copy one request and its answer without names */
	"get-transcript": {
		path: { connection: string; request: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Transcript;
		dry: false;
	};
	/** Add up usage and cost */
	"get-usage": {
		path: Record<never, never>;
		query: { from?: string; to?: string; tenant?: string; q?: string; cursor?: string; limit?: number; };
		body: undefined;
		answer: PageUsage;
		dry: false;
	};
	/** Show a user */
	"get-user": {
		path: { tenant: string; user: string; };
		query: Record<never, never>;
		body: undefined;
		answer: User;
		dry: false;
	};
	/** Show a webhook */
	"get-webhook": {
		path: { webhook: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Webhook;
		dry: false;
	};
	/** Make a suspension stay */
	"hold-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: Suspended;
		dry: true;
	};
	/** Import users from a table, or see what it would do */
	"import-users": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: ImportRequest;
		answer: ImportReport;
		dry: false;
	};
	/** Leave a tenant */
	"leave-tenant": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Take a company in from its bundle */
	"link-tenant": {
		path: Record<never, never>;
		query: { slug?: string; plan?: string; trust?: string; dry_run?: boolean; };
		body: undefined;
		answer: Linked;
		dry: false;
	};
	/** List the alerts of all tenants in the scope */
	"list-alerts": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; past?: boolean; state?: "open" | "snoozed" | "acknowledged" | "cleared"; kind?: "protected_group" | "brake" | "sync" | "token" | "seats" | "webhook" | "target"; q?: string; };
		body: undefined;
		answer: PageAlert;
		dry: false;
	};
	/** List the keys of a tenant's applications */
	"list-app-keys": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageAppKey;
		dry: false;
	};
	/** Read the audit trail of a tenant */
	"list-audit": {
		path: { tenant: string; };
		query: { after?: number; limit?: number; wait?: number; archive?: boolean; };
		body: undefined;
		answer: AuditLines;
		dry: false;
	};
	/** Show how sending audit lines to a SIEM goes */
	"list-audit-streams": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: AuditStreams;
		dry: false;
	};
	/** Preview auto-delete */
	"list-auto-deletions": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageDeletion;
		dry: false;
	};
	/** List backups */
	"list-backups": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: Backups;
		dry: false;
	};
	/** Wait for changes in all tenants */
	"list-changes": {
		path: Record<never, never>;
		query: { cursor?: string; wait?: number; };
		body: undefined;
		answer: Changes;
		dry: false;
	};
	/** Show the configuration of the server */
	"list-configuration": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageConfigurationSetting;
		dry: false;
	};
	/** List the types of identity provider */
	"list-connection-types": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageIdentityProvider;
		dry: false;
	};
	/** List connections */
	"list-connections": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; tenant?: string; q?: string; type?: "okta" | "entra" | "google" | "google-directory" | "onelogin" | "jumpcloud" | "rippling" | "ping" | "generic"; health?: "never_connected" | "healthy" | "quiet" | "failing"; sort?: "slug" | "tenant" | "type" | "health" | "last_success"; dir?: "asc" | "desc"; };
		body: undefined;
		answer: PageConnection;
		dry: false;
	};
	/** List deletion requests */
	"list-deletion-requests": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; status?: "pending" | "approved" | "rejected" | "expired" | "obsolete"; q?: string; sort?: "created" | "user_name" | "status"; dir?: "asc" | "desc"; };
		body: undefined;
		answer: PageDeletionRequest;
		dry: false;
	};
	/** Read the events of a tenant */
	"list-events": {
		path: { tenant: string; };
		query: { after?: number; limit?: number; wait?: number; };
		body: undefined;
		answer: Events;
		dry: false;
	};
	/** List Google projects */
	"list-google-projects": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageGoogleProject;
		dry: false;
	};
	/** List groups */
	"list-groups": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; q?: string; sort?: "created" | "display_name" | "built_in"; dir?: "asc" | "desc"; };
		body: undefined;
		answer: PageGroup;
		dry: false;
	};
	/** List held removals */
	"list-held": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; connection?: string; };
		body: undefined;
		answer: PageHeld;
		dry: false;
	};
	/** Sum up held removals */
	"list-held-totals": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; connection?: string; };
		body: undefined;
		answer: PageHeldTotal;
		dry: false;
	};
	/** List who is invited or awaits confirmation */
	"list-invitations": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; status?: "sent" | "expired" | "ended" | "accepted"; };
		body: undefined;
		answer: PageInvitation;
		dry: false;
	};
	/** List the jobs */
	"list-jobs": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageJob;
		dry: false;
	};
	/** Read the request journal of a connection */
	"list-journal": {
		path: { connection: string; };
		query: { user?: string; status?: string; effect?: "changed" | "unchanged" | "read" | "refused" | "failed"; from?: string; to?: string; before?: number; after?: number; limit?: number; };
		body: undefined;
		answer: Journal;
		dry: false;
	};
	/** List who held a billable seat */
	"list-ledger": {
		path: { tenant: string; };
		query: { from?: string; to?: string; cursor?: string; limit?: number; user?: string; };
		body: undefined;
		answer: PageLedgerLine;
		dry: false;
	};
	/** List the mails that wait */
	"list-mails": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageMail;
		dry: false;
	};
	/** List the members of a group */
	"list-members": {
		path: { tenant: string; group: string; };
		query: { cursor?: string; limit?: number; q?: string; };
		body: undefined;
		answer: PageMember;
		dry: false;
	};
	/** List one's API keys */
	"list-my-api-keys": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageAPIKey;
		dry: false;
	};
	/** List where one is signed in */
	"list-my-sessions": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageSession;
		dry: false;
	};
	/** List what an observed connection would change */
	"list-observed-changes": {
		path: { connection: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageObservedChange;
		dry: false;
	};
	/** List the API keys of an operator */
	"list-operator-api-keys": {
		path: { operator: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageAPIKey;
		dry: false;
	};
	/** List where an operator is signed in */
	"list-operator-sessions": {
		path: { operator: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageSession;
		dry: false;
	};
	/** List operators */
	"list-operators": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; q?: string; role?: "owner" | "administrator_billing" | "administrator" | "technician" | "help_desk" | "read_only"; status?: "pending" | "active" | "suspended"; mfa?: "enrolled" | "not_enrolled" | "missing"; tenant?: string; sort?: "created" | "name" | "email" | "role" | "status"; dir?: "asc" | "desc"; };
		body: undefined;
		answer: OperatorPage;
		dry: false;
	};
	/** List the plans */
	"list-plans": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PagePlan;
		dry: false;
	};
	/** Read the audit trail of the installation itself */
	"list-provider-audit": {
		path: Record<never, never>;
		query: { after?: number; limit?: number; wait?: number; archive?: boolean; };
		body: undefined;
		answer: AuditLines;
		dry: false;
	};
	/** Read the events of the installation itself */
	"list-provider-events": {
		path: Record<never, never>;
		query: { after?: number; limit?: number; wait?: number; };
		body: undefined;
		answer: Events;
		dry: false;
	};
	/** Show the table of roles and rights */
	"list-roles": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageRoleInfo;
		dry: false;
	};
	/** List the schemas that a tenant has of its own */
	"list-schemas": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageSchema;
		dry: false;
	};
	/** Show every setting of a tenant with its source */
	"list-settings": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageSetting;
		dry: false;
	};
	/** List the ways to sign in */
	"list-sign-in-methods": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: SignInMethods;
		dry: false;
	};
	/** List the daily counts of seats */
	"list-snapshots": {
		path: { tenant: string; };
		query: { from?: string; to?: string; cursor?: string; limit?: number; };
		body: undefined;
		answer: PageSnapshot;
		dry: false;
	};
	/** List the mail subscriptions of operators */
	"list-subscriptions": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageSubscription;
		dry: false;
	};
	/** List who works inside a tenant now */
	"list-support-sessions": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageSupportSession;
		dry: false;
	};
	/** List who could not be sent */
	"list-target-failures": {
		path: { target: string; tenant: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageTargetFailure;
		dry: false;
	};
	/** Show how far a target is */
	"list-target-progress": {
		path: { target: string; };
		query: { cursor?: string; limit?: number; tenant?: string; };
		body: undefined;
		answer: PageTargetProgress;
		dry: false;
	};
	/** List targets */
	"list-targets": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageTarget;
		dry: false;
	};
	/** List the alerts of a tenant */
	"list-tenant-alerts": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; past?: boolean; state?: "open" | "snoozed" | "acknowledged" | "cleared"; kind?: "protected_group" | "brake" | "sync" | "token" | "seats" | "webhook" | "target"; };
		body: undefined;
		answer: PageAlert;
		dry: false;
	};
	/** Read the request journal of a tenant */
	"list-tenant-journal": {
		path: { tenant: string; };
		query: { user?: string; status?: string; effect?: "changed" | "unchanged" | "read" | "refused" | "failed"; from?: string; to?: string; before?: number; after?: number; limit?: number; };
		body: undefined;
		answer: Journal;
		dry: false;
	};
	/** Look up the names of tenants */
	"list-tenant-names": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; slugs?: string; };
		body: undefined;
		answer: PageTenantName;
		dry: false;
	};
	/** List tenants */
	"list-tenants": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; q?: string; status?: "active" | "unlinked"; plan?: string; health?: "never_connected" | "healthy" | "quiet" | "failing"; tag?: string; alerts?: "open"; sort?: "slug" | "name" | "status" | "seats" | "last_sync" | "alerts"; dir?: "asc" | "desc"; };
		body: undefined;
		answer: TenantPage;
		dry: false;
	};
	/** List the credentials of a connection */
	"list-tokens": {
		path: { connection: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageToken;
		dry: false;
	};
	/** List the transfers from and to a connection */
	"list-transfers": {
		path: { connection: string; };
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageTransfer;
		dry: false;
	};
	/** List users */
	"list-users": {
		path: { tenant: string; };
		query: { cursor?: string; limit?: number; q?: string; active?: "true" | "false"; state?: "invited" | "awaiting_confirmation" | "active" | "suspended" | "recovery"; type?: "member" | "guest"; connection?: string; managed?: "true" | "false"; group?: string; statement?: "none" | "active" | "inactive" | "deleted"; suspension?: "yield" | "hold"; gone?: boolean; sort?: "created" | "user_name" | "display_name" | "state"; dir?: "asc" | "desc"; };
		body: undefined;
		answer: PageUser;
		dry: false;
	};
	/** Report who entered a tenant */
	"list-visits": {
		path: { tenant: string; };
		query: { from?: string; to?: string; kinds?: string; };
		body: undefined;
		answer: VisitReport;
		dry: false;
	};
	/** List the last attempts */
	"list-webhook-deliveries": {
		path: { webhook: string; };
		query: { cursor?: string; limit?: number; tenant?: string; failed?: boolean; kind?: string; from?: string; to?: string; };
		body: undefined;
		answer: PageWebhookAttempt;
		dry: false;
	};
	/** Show how far events were delivered */
	"list-webhook-progress": {
		path: { webhook: string; };
		query: { cursor?: string; limit?: number; tenant?: string; status?: "active" | "failing" | "paused" | "parked"; };
		body: undefined;
		answer: PageWebhookProgress;
		dry: false;
	};
	/** List webhooks */
	"list-webhooks": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; };
		body: undefined;
		answer: PageWebhook;
		dry: false;
	};
	/** Load a schema */
	"load-schema": {
		path: { tenant: string; };
		query: { discard?: boolean; };
		body: Schema;
		answer: Schema;
		dry: false;
	};
	/** Make new recovery codes */
	"new-recovery-codes": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: CodeRequest;
		answer: RecoveryCodes;
		dry: false;
	};
	/** Preview a disconnection */
	"preview-disconnect": {
		path: { connection: string; };
		query: { mode?: "finalise" | "terminate"; cursor?: string; limit?: number; };
		body: undefined;
		answer: Disconnection;
		dry: false;
	};
	/** Show what a run would do */
	"preview-target": {
		path: { target: string; tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: TargetPreview;
		dry: false;
	};
	/** Show what the deletion of a tenant takes away */
	"preview-tenant-deletion": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: TenantDeletion;
		dry: false;
	};
	/** Preview a move of users and groups to another connection */
	"preview-transfer": {
		path: { connection: string; };
		query: Record<never, never>;
		body: TransferScope;
		answer: TransferPlan;
		dry: false;
	};
	/** Promote what an observed connection wrote */
	"promote-observation": {
		path: { connection: string; };
		query: Record<never, never>;
		body: ObservationPromote;
		answer: Promotion;
		dry: false;
	};
	/** Prove again who you are */
	"prove-session": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: ProveRequest;
		answer: undefined;
		dry: false;
	};
	/** Begin to recover a user's account */
	"recover-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: User;
		dry: true;
	};
	/** End a recovery */
	"recovered-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: User;
		dry: true;
	};
	/** Reject a deletion request */
	"reject-deletion-request": {
		path: { tenant: string; request: string; };
		query: { dry_run?: boolean; };
		body: DeletionDecision;
		answer: DeletionRequest;
		dry: true;
	};
	/** Take a group away from its connection */
	"release-group-management": {
		path: { tenant: string; group: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Do held removals after all */
	"release-held": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: SettleHeld;
		answer: PageSettledHeld;
		dry: false;
	};
	/** End a suspension */
	"release-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: User;
		dry: true;
	};
	/** Take a user away from its connection */
	"release-user-management": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Take a user out of a group */
	"remove-member": {
		path: { tenant: string; group: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Remove one's second factor */
	"remove-mfa": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: CodeRequest;
		answer: undefined;
		dry: false;
	};
	/** Remove a schema */
	"remove-schema": {
		path: { tenant: string; urn: string; };
		query: { discard?: boolean; };
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Deliver events again */
	"replay-webhook": {
		path: { webhook: string; };
		query: Record<never, never>;
		body: WebhookReplay;
		answer: WebhookProgress;
		dry: false;
	};
	/** Send an invitation again */
	"resend-invitation": {
		path: { tenant: string; user: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Invitation;
		dry: false;
	};
	/** Reset your own mail subscription to the default of the role */
	"reset-my-subscription": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: Subscription;
		dry: false;
	};
	/** Reset the mail subscription of an operator to the default of the role */
	"reset-subscription": {
		path: { operator: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Subscription;
		dry: false;
	};
	/** End the suspension of an operator */
	"restore-operator": {
		path: { operator: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: Operator;
		dry: true;
	};
	/** Resume a target */
	"resume-target": {
		path: { target: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Target;
		dry: false;
	};
	/** Resume a webhook */
	"resume-webhook": {
		path: { webhook: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: Webhook;
		dry: true;
	};
	/** Try a mail again now */
	"retry-mail": {
		path: { mail: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Revoke the key of an application */
	"revoke-app-key": {
		path: { tenant: string; key: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** End the link of an invitation */
	"revoke-invitation": {
		path: { tenant: string; user: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Invitation;
		dry: false;
	};
	/** Revoke one's API key */
	"revoke-my-api-key": {
		path: { key: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Revoke an API key of an operator */
	"revoke-operator-api-key": {
		path: { operator: string; key: string; };
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Revoke a credential */
	"revoke-token": {
		path: { connection: string; token: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: undefined;
		dry: true;
	};
	/** Replace the key of a Google project */
	"rotate-google-project": {
		path: { project: string; };
		query: Record<never, never>;
		body: GoogleProjectKey;
		answer: GoogleProject;
		dry: false;
	};
	/** Give a webhook a new secret */
	"rotate-webhook": {
		path: { webhook: string; };
		query: Record<never, never>;
		body: WebhookRotate;
		answer: IssuedWebhook;
		dry: false;
	};
	/** Let doctor play the identity provider */
	"run-doctor": {
		path: { connection: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Diagnosis;
		dry: false;
	};
	/** Run a job at once */
	"run-job": {
		path: { job: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: JobReport;
		dry: false;
	};
	/** Search the audit trails of all tenants */
	"search-all-audit": {
		path: Record<never, never>;
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; cursor?: string; limit?: number; };
		body: undefined;
		answer: PageAudit;
		dry: false;
	};
	/** Search the audit trail of a tenant */
	"search-audit": {
		path: { tenant: string; };
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; archive?: boolean; before?: number; limit?: number; };
		body: undefined;
		answer: AuditFound;
		dry: false;
	};
	/** Search the audit trail of the installation itself */
	"search-provider-audit": {
		path: Record<never, never>;
		query: { actor?: string; kind?: "idp" | "operator" | "policy" | "system" | "user"; user?: string; action?: string; outcome?: "done" | "refused"; address?: string; request?: string; from?: string; to?: string; archive?: boolean; before?: number; limit?: number; };
		body: undefined;
		answer: AuditFound;
		dry: false;
	};
	/** Find people in all tenants */
	"search-users": {
		path: Record<never, never>;
		query: { cursor?: string; limit?: number; q?: string; address?: string; state?: "invited" | "awaiting_confirmation" | "active" | "suspended" | "recovery"; type?: "member" | "guest"; gone?: boolean; };
		body: undefined;
		answer: PageFoundUser;
		dry: false;
	};
	/** Change your own mail subscription */
	"set-my-subscription": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: SubscriptionUpdate;
		answer: Subscription;
		dry: false;
	};
	/** Change the mail subscription of an operator */
	"set-subscription": {
		path: { operator: string; };
		query: Record<never, never>;
		body: SubscriptionUpdate;
		answer: Subscription;
		dry: false;
	};
	/** Attach a Google project to a tenant */
	"share-google-project": {
		path: { project: string; tenant: string; };
		query: Record<never, never>;
		body: undefined;
		answer: GoogleProject;
		dry: false;
	};
	/** Attach a target to a tenant */
	"share-target": {
		path: { target: string; tenant: string; };
		query: Record<never, never>;
		body: TargetShare;
		answer: TargetProgress;
		dry: false;
	};
	/** Sign in */
	"sign-in": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: SignInRequest;
		answer: Account;
		dry: false;
	};
	/** Sign out */
	"sign-out": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: undefined;
		answer: undefined;
		dry: false;
	};
	/** Pass over an event */
	"skip-webhook-event": {
		path: { webhook: string; };
		query: Record<never, never>;
		body: WebhookSkip;
		answer: WebhookProgress;
		dry: false;
	};
	/** Put a connection into observe mode */
	"start-observation": {
		path: { connection: string; };
		query: Record<never, never>;
		body: ObservationStart;
		answer: Observation;
		dry: false;
	};
	/** Move the management of users and groups to another connection */
	"start-transfer": {
		path: { connection: string; };
		query: Record<never, never>;
		body: TransferStart;
		answer: Transfer;
		dry: false;
	};
	/** Suspend an operator */
	"suspend-operator": {
		path: { operator: string; };
		query: { dry_run?: boolean; };
		body: ReasonRequest;
		answer: Operator;
		dry: true;
	};
	/** Suspend a user */
	"suspend-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: SuspendRequest;
		answer: Suspended;
		dry: true;
	};
	/** Read a directory now */
	"sync-connection": {
		path: { connection: string; };
		query: { preview?: boolean; };
		body: undefined;
		answer: SyncResult;
		dry: false;
	};
	/** Compare and send now */
	"sync-target": {
		path: { target: string; tenant: string; };
		query: Record<never, never>;
		body: TargetSync;
		answer: TargetProgress;
		dry: false;
	};
	/** Take a hand-over back */
	"take-back-tenant": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: Reason;
		answer: HandoverState;
		dry: false;
	};
	/** Send a mail that says that mail works */
	"test-mail": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: MailTest;
		answer: Mail;
		dry: false;
	};
	/** Send a test message */
	"test-webhook": {
		path: { webhook: string; };
		query: Record<never, never>;
		body: undefined;
		answer: WebhookAttempt;
		dry: false;
	};
	/** Take away what all tenants keep no longer */
	trim: {
		path: Record<never, never>;
		query: { dry_run?: boolean; };
		body: undefined;
		answer: PageTrimmed;
		dry: false;
	};
	/** Take away what a tenant keeps no longer */
	"trim-tenant": {
		path: { tenant: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: Trimmed;
		dry: false;
	};
	/** Try an attribute mapping before saving it */
	"try-attribute-mapping": {
		path: { connection: string; };
		query: Record<never, never>;
		body: MappingTry;
		answer: MappingTrial;
		dry: false;
	};
	/** Undo a transfer */
	"undo-transfer": {
		path: { connection: string; transfer: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Transfer;
		dry: false;
	};
	/** Hand a tenant over */
	"unlink-tenant": {
		path: { tenant: string; };
		query: Record<never, never>;
		body: Reason;
		answer: HandoverState;
		dry: false;
	};
	/** Change a connection */
	"update-connection": {
		path: { connection: string; };
		query: { dry_run?: boolean; };
		body: ConnectionUpdate;
		answer: Connection;
		dry: true;
	};
	/** Change the name of a group */
	"update-group": {
		path: { tenant: string; group: string; };
		query: { dry_run?: boolean; };
		body: GroupUpdate;
		answer: Group;
		dry: true;
	};
	/** Change an operator */
	"update-operator": {
		path: { operator: string; };
		query: { dry_run?: boolean; };
		body: OperatorUpdate;
		answer: Operator;
		dry: true;
	};
	/** Change the settings of the installation */
	"update-provider": {
		path: Record<never, never>;
		query: Record<never, never>;
		body: ProviderUpdate;
		answer: ProviderSettings;
		dry: false;
	};
	/** Change a target */
	"update-target": {
		path: { target: string; };
		query: Record<never, never>;
		body: TargetUpdate;
		answer: Target;
		dry: false;
	};
	/** Change a tenant */
	"update-tenant": {
		path: { tenant: string; };
		query: { dry_run?: boolean; };
		body: TenantUpdate;
		answer: Tenant;
		dry: true;
	};
	/** Change a user whom no connection manages */
	"update-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: UserUpdate;
		answer: User;
		dry: true;
	};
	/** Change a webhook */
	"update-webhook": {
		path: { webhook: string; };
		query: { dry_run?: boolean; };
		body: WebhookUpdate;
		answer: Webhook;
		dry: true;
	};
	/** Use a one-time link */
	"use-link": {
		path: { link: string; };
		query: Record<never, never>;
		body: LinkUse;
		answer: Operator;
		dry: false;
	};
	/** Verify the audit trail of a tenant */
	"verify-audit": {
		path: { tenant: string; };
		query: { seq?: number; archive?: boolean; hash?: string; };
		body: undefined;
		answer: AuditReport;
		dry: false;
	};
	/** Verify the audit trail of the installation itself */
	"verify-provider-audit": {
		path: Record<never, never>;
		query: { seq?: number; archive?: boolean; hash?: string; };
		body: undefined;
		answer: AuditReport;
		dry: false;
	};
	/** Say why a user is in their state */
	"why-user": {
		path: { tenant: string; user: string; };
		query: Record<never, never>;
		body: undefined;
		answer: Why;
		dry: false;
	};
	/** Let the next sync end a suspension */
	"yield-user": {
		path: { tenant: string; user: string; };
		query: { dry_run?: boolean; };
		body: undefined;
		answer: Suspended;
		dry: true;
	};
}

/** Method and path of each operation; the path is below /api/v1. */
export const routes: Record<keyof Operations, string> = {
	"acknowledge-alert": "POST /tenants/{tenant}/alerts/acknowledge",
	"add-member": "PUT /tenants/{tenant}/groups/{group}/members/{user}",
	"approve-deletion-request": "POST /tenants/{tenant}/deletion-requests/{request}/approve",
	"begin-doctor": "POST /connections/{connection}/doctor",
	"begin-mfa": "POST /me/mfa",
	"begin-oidc": "GET /session/oidc",
	"bulk-confirm-users": "POST /tenants/{tenant}/users/bulk/confirm",
	"bulk-convert-users": "POST /tenants/{tenant}/users/bulk/convert",
	"bulk-delete-users": "POST /tenants/{tenant}/users/bulk/delete",
	"bulk-invite-users": "POST /tenants/{tenant}/users/bulk/invite",
	"bulk-release-users": "POST /tenants/{tenant}/users/bulk/release",
	"bulk-suspend-users": "POST /tenants/{tenant}/users/bulk/suspend",
	"change-password": "PUT /me/password",
	"check-connection": "POST /connections/{connection}/check",
	"check-store": "POST /checks",
	"check-target": "POST /targets/{target}/check",
	"confirm-bundle": "POST /tenants/{tenant}/bundle/confirm",
	"confirm-mfa": "POST /me/mfa/confirm",
	"confirm-user": "POST /tenants/{tenant}/users/{user}/confirm",
	"continue-transfer": "POST /connections/{connection}/transfers/{transfer}/continue",
	"convert-user": "POST /tenants/{tenant}/users/{user}/convert",
	"count-audit": "GET /audit/counts",
	"create-app-key": "POST /tenants/{tenant}/appkeys",
	"create-backup": "POST /backups",
	"create-connection": "POST /connections",
	"create-deletion-request": "POST /tenants/{tenant}/deletion-requests",
	"create-google-project": "POST /google-projects",
	"create-group": "POST /tenants/{tenant}/groups",
	"create-my-api-key": "POST /me/api-keys",
	"create-operator": "POST /operators",
	"create-operator-link": "POST /operators/{operator}/links",
	"create-target": "POST /targets",
	"create-tenant": "POST /tenants",
	"create-token": "POST /connections/{connection}/tokens",
	"create-user": "POST /tenants/{tenant}/users",
	"create-webhook": "POST /webhooks",
	"delete-google-project": "DELETE /google-projects/{project}",
	"delete-group": "DELETE /tenants/{tenant}/groups/{group}",
	"delete-operator": "DELETE /operators/{operator}",
	"delete-target": "DELETE /targets/{target}",
	"delete-tenant": "POST /tenants/{tenant}/deletion",
	"delete-user": "DELETE /tenants/{tenant}/users/{user}",
	"delete-webhook": "DELETE /webhooks/{webhook}",
	"detach-google-project": "DELETE /google-projects/{project}/tenants/{tenant}",
	"detach-target": "DELETE /targets/{target}/tenants/{tenant}",
	"discard-held": "POST /tenants/{tenant}/held/discard",
	"disconnect-connection": "POST /connections/{connection}/disconnect",
	"drop-mail": "DELETE /mails/{mail}",
	"drop-observation": "DELETE /connections/{connection}/observation",
	"end-doctor": "DELETE /connections/{connection}/doctor/{session}",
	"end-my-session": "DELETE /me/sessions/{session}",
	"end-oidc": "GET /session/oidc/callback",
	"end-operator-sessions": "DELETE /operators/{operator}/sessions",
	"enter-tenant": "POST /tenants/{tenant}/support-session",
	"export-all-audit-csv": "GET /audit/all.csv",
	"export-all-audit-jsonl": "GET /audit/all.jsonl",
	"export-audit-csv": "GET /tenants/{tenant}/audit.csv",
	"export-audit-jsonl": "GET /tenants/{tenant}/audit.jsonl",
	"export-ledger": "GET /tenants/{tenant}/ledger.csv",
	"export-operators": "GET /operators.csv",
	"export-provider-audit-csv": "GET /audit.csv",
	"export-provider-audit-jsonl": "GET /audit.jsonl",
	"export-snapshots": "GET /tenants/{tenant}/snapshots.csv",
	"export-usage": "GET /usage.csv",
	"export-users": "GET /tenants/{tenant}/users.csv",
	"forgot-password": "POST /session/forgot",
	"get-archive": "GET /audit/archive",
	"get-bundle": "GET /tenants/{tenant}/bundle",
	"get-bundle-key": "GET /bundle-key",
	"get-connection": "GET /connections/{connection}",
	"get-connection-setup": "GET /connections/{connection}/setup",
	"get-exchange": "GET /connections/{connection}/journal/{request}",
	"get-google-project": "GET /google-projects/{project}",
	"get-group": "GET /tenants/{tenant}/groups/{group}",
	"get-handover": "GET /tenants/{tenant}/handover",
	"get-idle": "GET /tenants/{tenant}/idle",
	"get-inbox": "GET /inbox",
	"get-link": "GET /links/{link}",
	"get-me": "GET /me",
	"get-my-subscription": "GET /me/subscription",
	"get-observation": "GET /connections/{connection}/observation",
	"get-operator": "GET /operators/{operator}",
	"get-provider": "GET /provider",
	"get-provider-logo": "GET /provider/logo.png",
	"get-seats": "GET /tenants/{tenant}/seats",
	"get-status": "GET /status",
	"get-subscription": "GET /operators/{operator}/subscription",
	"get-target": "GET /targets/{target}",
	"get-tenant": "GET /tenants/{tenant}",
	"get-tenant-overview": "GET /tenants/{tenant}/overview",
	"get-timeline": "GET /connections/{connection}/timeline",
	"get-transcript": "GET /connections/{connection}/journal/{request}/transcript",
	"get-usage": "GET /usage",
	"get-user": "GET /tenants/{tenant}/users/{user}",
	"get-webhook": "GET /webhooks/{webhook}",
	"hold-user": "POST /tenants/{tenant}/users/{user}/hold",
	"import-users": "POST /tenants/{tenant}/users/import",
	"leave-tenant": "DELETE /tenants/{tenant}/support-session",
	"link-tenant": "POST /tenants/link",
	"list-alerts": "GET /alerts",
	"list-app-keys": "GET /tenants/{tenant}/appkeys",
	"list-audit": "GET /tenants/{tenant}/audit",
	"list-audit-streams": "GET /audit/streams",
	"list-auto-deletions": "GET /tenants/{tenant}/auto-deletions",
	"list-backups": "GET /backups",
	"list-changes": "GET /changes",
	"list-configuration": "GET /configuration",
	"list-connection-types": "GET /connection-types",
	"list-connections": "GET /connections",
	"list-deletion-requests": "GET /tenants/{tenant}/deletion-requests",
	"list-events": "GET /tenants/{tenant}/events",
	"list-google-projects": "GET /google-projects",
	"list-groups": "GET /tenants/{tenant}/groups",
	"list-held": "GET /tenants/{tenant}/held",
	"list-held-totals": "GET /tenants/{tenant}/held/totals",
	"list-invitations": "GET /tenants/{tenant}/invitations",
	"list-jobs": "GET /jobs",
	"list-journal": "GET /connections/{connection}/journal",
	"list-ledger": "GET /tenants/{tenant}/ledger",
	"list-mails": "GET /mails",
	"list-members": "GET /tenants/{tenant}/groups/{group}/members",
	"list-my-api-keys": "GET /me/api-keys",
	"list-my-sessions": "GET /me/sessions",
	"list-observed-changes": "GET /connections/{connection}/observation/changes",
	"list-operator-api-keys": "GET /operators/{operator}/api-keys",
	"list-operator-sessions": "GET /operators/{operator}/sessions",
	"list-operators": "GET /operators",
	"list-plans": "GET /plans",
	"list-provider-audit": "GET /audit",
	"list-provider-events": "GET /events",
	"list-roles": "GET /roles",
	"list-schemas": "GET /tenants/{tenant}/schemas",
	"list-settings": "GET /tenants/{tenant}/settings",
	"list-sign-in-methods": "GET /session/methods",
	"list-snapshots": "GET /tenants/{tenant}/snapshots",
	"list-subscriptions": "GET /subscriptions",
	"list-support-sessions": "GET /tenants/{tenant}/support-sessions",
	"list-target-failures": "GET /targets/{target}/tenants/{tenant}/failures",
	"list-target-progress": "GET /targets/{target}/progress",
	"list-targets": "GET /targets",
	"list-tenant-alerts": "GET /tenants/{tenant}/alerts",
	"list-tenant-journal": "GET /tenants/{tenant}/journal",
	"list-tenant-names": "GET /tenant-names",
	"list-tenants": "GET /tenants",
	"list-tokens": "GET /connections/{connection}/tokens",
	"list-transfers": "GET /connections/{connection}/transfers",
	"list-users": "GET /tenants/{tenant}/users",
	"list-visits": "GET /tenants/{tenant}/visits",
	"list-webhook-deliveries": "GET /webhooks/{webhook}/deliveries",
	"list-webhook-progress": "GET /webhooks/{webhook}/progress",
	"list-webhooks": "GET /webhooks",
	"load-schema": "POST /tenants/{tenant}/schemas",
	"new-recovery-codes": "POST /me/mfa/recovery-codes",
	"preview-disconnect": "GET /connections/{connection}/disconnect",
	"preview-target": "POST /targets/{target}/tenants/{tenant}/preview",
	"preview-tenant-deletion": "GET /tenants/{tenant}/deletion",
	"preview-transfer": "POST /connections/{connection}/transfers/preview",
	"promote-observation": "POST /connections/{connection}/observation/promote",
	"prove-session": "POST /session/prove",
	"recover-user": "POST /tenants/{tenant}/users/{user}/recover",
	"recovered-user": "POST /tenants/{tenant}/users/{user}/recovered",
	"reject-deletion-request": "POST /tenants/{tenant}/deletion-requests/{request}/reject",
	"release-group-management": "POST /tenants/{tenant}/groups/{group}/release-management",
	"release-held": "POST /tenants/{tenant}/held/release",
	"release-user": "POST /tenants/{tenant}/users/{user}/release",
	"release-user-management": "POST /tenants/{tenant}/users/{user}/release-management",
	"remove-member": "DELETE /tenants/{tenant}/groups/{group}/members/{user}",
	"remove-mfa": "POST /me/mfa/remove",
	"remove-schema": "DELETE /tenants/{tenant}/schemas/{urn}",
	"replay-webhook": "POST /webhooks/{webhook}/replay",
	"resend-invitation": "POST /tenants/{tenant}/users/{user}/invitation",
	"reset-my-subscription": "DELETE /me/subscription",
	"reset-subscription": "DELETE /operators/{operator}/subscription",
	"restore-operator": "POST /operators/{operator}/restore",
	"resume-target": "POST /targets/{target}/resume",
	"resume-webhook": "POST /webhooks/{webhook}/resume",
	"retry-mail": "POST /mails/{mail}/retry",
	"revoke-app-key": "DELETE /tenants/{tenant}/appkeys/{key}",
	"revoke-invitation": "DELETE /tenants/{tenant}/users/{user}/invitation",
	"revoke-my-api-key": "DELETE /me/api-keys/{key}",
	"revoke-operator-api-key": "DELETE /operators/{operator}/api-keys/{key}",
	"revoke-token": "DELETE /connections/{connection}/tokens/{token}",
	"rotate-google-project": "PUT /google-projects/{project}/key",
	"rotate-webhook": "POST /webhooks/{webhook}/rotate",
	"run-doctor": "POST /connections/{connection}/doctor/run",
	"run-job": "POST /jobs/{job}/run",
	"search-all-audit": "GET /audit/all",
	"search-audit": "GET /tenants/{tenant}/audit/search",
	"search-provider-audit": "GET /audit/search",
	"search-users": "GET /users",
	"set-my-subscription": "PUT /me/subscription",
	"set-subscription": "PUT /operators/{operator}/subscription",
	"share-google-project": "PUT /google-projects/{project}/tenants/{tenant}",
	"share-target": "PUT /targets/{target}/tenants/{tenant}",
	"sign-in": "POST /session",
	"sign-out": "DELETE /session",
	"skip-webhook-event": "POST /webhooks/{webhook}/skip",
	"start-observation": "POST /connections/{connection}/observation",
	"start-transfer": "POST /connections/{connection}/transfers",
	"suspend-operator": "POST /operators/{operator}/suspend",
	"suspend-user": "POST /tenants/{tenant}/users/{user}/suspend",
	"sync-connection": "POST /connections/{connection}/sync",
	"sync-target": "POST /targets/{target}/tenants/{tenant}/sync",
	"take-back-tenant": "POST /tenants/{tenant}/take-back",
	"test-mail": "POST /mails/test",
	"test-webhook": "POST /webhooks/{webhook}/test",
	trim: "POST /trim",
	"trim-tenant": "POST /tenants/{tenant}/trim",
	"try-attribute-mapping": "POST /connections/{connection}/attribute-mapping/try",
	"undo-transfer": "POST /connections/{connection}/transfers/{transfer}/undo",
	"unlink-tenant": "POST /tenants/{tenant}/unlink",
	"update-connection": "PATCH /connections/{connection}",
	"update-group": "PATCH /tenants/{tenant}/groups/{group}",
	"update-operator": "PATCH /operators/{operator}",
	"update-provider": "PATCH /provider",
	"update-target": "PATCH /targets/{target}",
	"update-tenant": "PATCH /tenants/{tenant}",
	"update-user": "PATCH /tenants/{tenant}/users/{user}",
	"update-webhook": "PATCH /webhooks/{webhook}",
	"use-link": "POST /links/{link}",
	"verify-audit": "GET /tenants/{tenant}/audit/verify",
	"verify-provider-audit": "GET /audit/verify",
	"why-user": "GET /tenants/{tenant}/users/{user}/why",
	"yield-user": "POST /tenants/{tenant}/users/{user}/yield",
};

/** Operations that take an Idempotency-Key. */
export const creates: ReadonlySet<string> = new Set([
	"begin-mfa",
	"create-app-key",
	"create-backup",
	"create-connection",
	"create-deletion-request",
	"create-google-project",
	"create-group",
	"create-my-api-key",
	"create-operator",
	"create-operator-link",
	"create-target",
	"create-tenant",
	"create-token",
	"create-user",
	"create-webhook",
	"enter-tenant",
	"test-mail",
]);
