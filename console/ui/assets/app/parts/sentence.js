import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { Name } from "./basic.js";
import { CompanyName } from "./names.js";
import { builtInGroups, healthStates, localDay, plain, tidy } from "./words.js";
const verbs = {
    "alert.acknowledge": "acknowledged the alert",
    "api_key.create": "created the API key",
    "api_key.revoke": "revoked the API key",
    "appkey.create": "created the application key",
    "appkey.revoke": "revoked the application key",
    "audit.archive": "moved old audit lines to the archive, of",
    "backup.create": "made the backup",
    "brake.alerted": "reported unusually many removals by",
    "brake.discard": "discarded the held removal of",
    "brake.held": "held unusually many removals by",
    "brake.hold": "held the removal of",
    "brake.release": "released the held removal of",
    "brake.withdraw": "withdrew the held removal of",
    "bundle.confirm": "confirmed the bundle of",
    "bundle.void": "voided the bundle of",
    "connection.create": "created the connection",
    "connection.credential": "set the credential of the connection",
    "connection.disconnect": "began to disconnect",
    "connection.disconnected": "disconnected",
    "connection.health": "recorded a new state of the connection",
    "connection.observe": "began to observe",
    "connection.observe_drop": "dropped what was observed of",
    "connection.observe_take": "went on with the observation of",
    "connection.observe_undo": "could not observe",
    "connection.promote": "began to promote",
    "connection.promote_stopped": "stopped the promotion of",
    "connection.promoted": "promoted",
    "connection.request": "sent a request to",
    "connection.reseal": "sealed again the credential of",
    "connection.transfer": "began to move people from",
    "connection.transfer_undo": "began to give people back to",
    "connection.transferred": "completed a move of people from",
    "connection.transfer_forget": "forgot what was moved from or to",
    "connection.sync": "could not read the people of",
    "connection.update": "changed the connection",
    "deletion.approved": "approved the deletion of",
    "deletion.obsolete": "ended the request to delete",
    "deletion.rejected": "rejected the deletion of",
    "deletion.request": "asked for the deletion of",
    "events.archive": "moved old events to the archive, of",
    "events.trim": "removed old events of",
    "group.create": "created the group",
    "group.delete": "deleted the group",
    "group.keep_grants": "kept the grants of the group",
    "group.members": "changed the members of",
    "group.transfer": "moved to another connection",
    "group.transfer_undo": "gave back to the connection before",
    "group.unmanage": "released the management of the group",
    "group.update": "changed the group",
    "job.run": "ran the job",
    "link.email_change": "made a link for a new e-mail address of",
    "link.first_owner": "made the link for the first Owner",
    "link.invitation": "made an invitation for",
    "link.mail": "sent a link by mail",
    "link.mfa_reset": "made a link that resets the second factor of",
    "link.password_reset": "made a link for a new password for",
    "mail.drop": "dropped the mail",
    "mail.retry": "sent again the mail",
    "mail.test": "sent a test mail",
    "operator.create": "added the administrator",
    "operator.email_change": "changed the e-mail address of",
    "operator.end_sessions": "ended sessions of",
    "operator.delete": "ended the account of",
    "operator.first_owner": "registered the first Owner",
    "operator.forgot": "asked for a new password for",
    "operator.invitation": "registered the administrator",
    "operator.mfa_begin": "began to enrol a second factor for",
    "operator.mfa_enrol": "enrolled a second factor for",
    "operator.mfa_remove": "removed the second factor of",
    "operator.mfa_reset": "reset the second factor of",
    "operator.oidc": "changed by single sign-on the role of",
    "operator.password": "set the password of",
    "operator.password_reset": "set a new password for",
    "operator.recovery_codes": "made new recovery codes for",
    "operator.restore": "restored the administrator",
    "operator.sign_in": "signed in as",
    "operator.step_up": "proved again to be",
    "operator.subscription": "changed the mails of",
    "operator.suspend": "suspended the administrator",
    "operator.update": "changed the administrator",
    "project.attach": "attached the Google project",
    "project.create": "added the Google project",
    "project.delete": "deleted the Google project",
    "project.detach": "detached the Google project",
    "project.reseal": "sealed again the key of the Google project",
    "project.rotate": "replaced the key of the Google project",
    "provider.update": "changed who is",
    "provider.require_mfa": "changed the requirement of a second factor for",
    "request.denied": "asked for",
    "seats.grow": "bought seats for",
    "seats.idle": "reported idle seats of",
    "seats.notice": "sent a notice about the seats of",
    "seats.repair_ledger": "corrected the ledger of",
    "seats.snapshot": "counted the seats of",
    "tenant.create": "added the company",
    "tenant.delete": "deleted the company",
    "tenant.enter": "entered",
    "tenant.erase": "erased",
    "tenant.leave": "left",
    "tenant.link": "linked the company",
    "tenant.take_back": "took back the company",
    "tenant.unlink": "began to hand over",
    "tenant.unlinked": "handed over",
    "tenant.update": "changed the company",
    "token.create": "created the credential",
    "token.expire": "set the end of the credential",
    "token.expiring": "announced the end of the credential",
    "token.issue": "issued the credential",
    "token.revoke": "revoked the credential",
    "tombstones.reduce": "reduced old tombstones of",
    "user.accept": "accepted the invitation of",
    "user.confirm": "confirmed",
    "user.convert": "converted",
    "user.create": "created",
    "user.delete": "deleted",
    "user.deletion_notice": "announced the deletion of",
    "user.import": "imported",
    "user.invitation_revoke": "revoked the invitation of",
    "user.invite": "invited",
    "user.recover": "marked for recovery",
    "user.recovered": "ended the recovery of",
    "user.release": "released the suspension of",
    "user.restore": "restored",
    "user.suspend": "suspended",
    "user.terminate": "terminated",
    "user.transfer": "moved to another connection",
    "user.transfer_undo": "gave back to the connection before",
    "user.unmanage": "released the management of",
    "user.update": "changed",
    "target.alert": "sent unusually many removals to the target",
    "target.attach": "attached the target",
    "target.create": "added the target",
    "target.delete": "deleted the target",
    "target.detach": "detached the target",
    "target.hold": "held removals for the target",
    "target.quarantine": "put into quarantine the target",
    "target.recover": "took out of quarantine the target",
    "target.release": "released held removals for the target",
    "target.reseal": "sealed again the credential of the target",
    "target.resume": "resumed the target",
    "target.sync": "asked for a run of the target",
    "target.update": "changed the target",
    "webhook.attach": "attached the webhook",
    "webhook.create": "created the webhook",
    "webhook.delete": "deleted the webhook",
    "webhook.detach": "detached the webhook",
    "webhook.gap": "noted what was not delivered to the webhook",
    "webhook.park": "gave up deliveries to the webhook",
    "webhook.replay": "delivered events again to the webhook",
    "webhook.reseal": "sealed again the secret of the webhook",
    "webhook.resume": "resumed the webhook",
    "webhook.rotate": "rotated the secret of the webhook",
    "webhook.skip": "skipped an event of the webhook",
    "webhook.update": "changed the webhook",
};
const actorKinds = {
    idp: "Identity provider",
    operator: "Operator",
    policy: "Rule",
    system: "Server",
    user: "Person",
};
export function actorKind(kind) {
    return actorKinds[kind] ?? plain(kind);
}
export function actorName(actor) {
    if (actor.kind === "system")
        return "The server";
    if (actor.kind === "policy")
        return "A rule";
    if (actor.kind === "operator" && actor.id === "local")
        return "The local Owner";
    if (actor.kind === "idp")
        return tidy(actor.id || actor.name || "An identity provider");
    return tidy(actor.name || actor.id);
}
const subjectKinds = { User: "Person", tenant: "Company", operator: "Administrator", token: "Credential" };
export function nounOf(kind) {
    return subjectKinds[kind] ?? plain(kind);
}
export function SubjectName({ line }) {
    const { subject, tenant } = line;
    const slug = subject.kind === "tenant" ? subject.id : subject.id ? "" : tenant;
    if (!subject.name && slug)
        return _jsx(CompanyName, { slug: slug });
    const day = line.action === "seats.snapshot" && /^\d{4}-\d\d-\d\d$/.test(subject.name || subject.id);
    if (day)
        return _jsx(Name, { text: localDay(subject.name || subject.id), short: true });
    const text = builtInGroups[subject.id] ?? builtInGroups[subject.name ?? ""] ?? tidy(subject.name || subject.id);
    return _jsx(Name, { text: text || "this installation", short: true });
}
export function verbOf(action) {
    return verbs[action] ?? plain(action.replace(".", ": ")).toLowerCase();
}
export function Sentence({ line }) {
    const refused = line.outcome === "refused";
    const own = line.action === "operator.sign_in" && line.actor.id === line.subject.id;
    const health = line.action === "connection.health" ? healthStates[String(line.after?.to)]?.text.toLowerCase() : undefined;
    const verb = health ? "found the connection" : verbOf(line.action);
    return (_jsxs("span", { className: "sentence", children: [_jsx("strong", { children: _jsx(Name, { text: actorName(line.actor), short: true }) }), " ", refused ? _jsxs("span", { className: "refused", children: ["was refused: ", verb] }) : own ? "signed in" : verb, !own && (_jsxs(_Fragment, { children: [" ", _jsx(SubjectName, { line: line }), health && ` ${health}`] })), line.reason && (_jsxs(_Fragment, { children: [". ", _jsx("span", { className: "faint", children: tidy(line.reason) })] }))] }));
}
export function Difference({ before, after }) {
    const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].sort();
    if (!names.length)
        return null;
    return (_jsxs("table", { className: "diff", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", children: "What" }), _jsx("th", { scope: "col", children: "Before" }), _jsx("th", { scope: "col", children: "After" })] }) }), _jsx("tbody", { children: names.map((name) => (_jsxs("tr", { children: [_jsx("th", { scope: "row", children: name }), _jsx("td", { className: "diff-before", children: shown(before?.[name]) }), _jsx("td", { className: "diff-after", children: shown(after?.[name]) })] }, name))) })] }));
}
function shown(value) {
    if (value === undefined || value === null || value === "")
        return "–";
    if (typeof value === "string")
        return tidy(value);
    return JSON.stringify(value);
}
