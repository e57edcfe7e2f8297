// One person: why they are in their state, what the next sync will do, and everything that can be done.

import { useList, useRead, useTrail } from "../../api/query.ts";
import type { Connection, User, Why } from "../../api/schema.ts";
import { Action, Card, Code, Fact, Facts, Head, More, Name, Nothing, Scroll, Tag, Time, To, useRights } from "../../parts/basic.tsx";
import { AsJSON, CopyLink } from "../../parts/json.tsx";
import { useCompanyNames } from "../../parts/names.tsx";
import { Rule } from "../../parts/rule.tsx";
import { actorName, Sentence } from "../../parts/sentence.tsx";
import { Sources } from "../../parts/sources.tsx";
import { View, Withheld } from "../../parts/state.tsx";
import { say, useQuick } from "../../parts/toast.tsx";
import { builtInGroups, exact, minute, plain, sentence, tidy } from "../../parts/words.ts";
import { to, useParams, useTitle } from "../../shell/place.ts";
import { NotBuiltIn } from "../group/list.tsx";
import { PersonDialog, type PersonVerb } from "./dialogs.tsx";
import PersonJournal from "./journal.tsx";
import { choicesFor } from "./menu.ts";
import { NextSync } from "./next.tsx";
import { idpName, nameOf, State, statement } from "./words.tsx";

export default function Person({ company, user: id }: { company: string; user: string }) {
	const user = useRead("get-user", { path: { tenant: company, user: id } });
	const name = useCompanyNames([company]).get(company) ?? company;
	useTitle(user.data ? `${nameOf(user.data)} · ${name}` : "Person");
	return (
		<View reading={user} what="The person" level={1}>
			{(u) => <PersonView key={u.id} company={company} user={u} />}
		</View>
	);
}

function PersonView({ company, user: u }: { company: string; user: User }) {
	const [params, set] = useParams();
	const rights = useRights();
	// The address names the action, so that the palette and others can link to it.
	const verb = (params.get("do") || undefined) as PersonVerb | undefined;
	const setVerb = (next: PersonVerb | undefined) => set({ do: next });
	const connection = useRead("get-connection", { path: { connection: u.connection ?? "" } }, { enabled: !!u.connection });
	const recovered = useQuick("recovered-user", () => say("The recovery is over."));
	const suspended = u.state === "suspended";
	return (
		<>
			<Head
				title={<Name text={nameOf(u)} />}
				badge={
					<>
						<State user={u} />
						<CopyLink to="this person" />
					</>
				}
				sub={
					<>
						<To href={to.company(company, "people")}>People</To> / <Name text={u.user_name} />
					</>
				}
			>
				{u.state === "awaiting_confirmation" && (
					<Action look="primary" icon="check" right="user.manage" onPress={() => setVerb("confirm")}>
						Confirm
					</Action>
				)}
				{u.state === "recovery" && (
					<Action
						icon="check"
						right="user.suspend"
						running={recovered.running}
						onPress={() => recovered.run({ path: { tenant: company, user: u.id } })}
					>
						Recovery is over
					</Action>
				)}
				{suspended ? (
					<Action look="primary" icon="play" right="user.suspend" onPress={() => setVerb("release")}>
						Release
					</Action>
				) : (
					<Action icon="pause" right="user.suspend" onPress={() => setVerb("suspend")}>
						Suspend
					</Action>
				)}
				<More label="More actions" look="plain" choices={choicesFor(u, setVerb)}>
					More
				</More>
			</Head>
			<WhyCard company={company} user={u} connection={connection.data} />
			<div className="columns-2-1">
				<div className="stack">
					<Profile company={company} user={u} />
					{rights.has("tenant.record") ? (
						<PersonJournal company={company} user={u.id} />
					) : (
						<Withheld title="Requests about this person" right="tenant.record" />
					)}
				</div>
				<div className="stack">
					<Groups company={company} user={u} />
					<SeatHistory company={company} user={u} />
					<History company={company} user={u} />
				</div>
			</div>
			<PersonDialog company={company} user={u} connection={connection.data} verb={verb} close={() => setVerb(undefined)} />
		</>
	);
}

const statedWords: Record<Why["statements"][number]["what"], string> = {
	active: "active",
	inactive: "inactive",
	deleted: "deleted",
	suspended: "suspended",
	accepted: "accepted",
	invited: "invited",
};

function WhyCard({ company, user: u, connection }: { company: string; user: User; connection: Connection | undefined }) {
	const why = useRead("why-user", { path: { tenant: company, user: u.id } });
	return (
		<Card title="Why" id="why">
			<View reading={why} rows={3}>
				{(w) => (
					<div className="why">
						<NextSync user={u} why={w} idp={idpName(connection?.type)} />
						{w.statements.length > 0 && (
							<ol className="ladder" aria-label="What was said, by whom and when">
								{[...w.statements]
									.sort((a, b) => b.at.localeCompare(a.at))
									.map((s, i) => (
										<li key={`${s.at}-${i}`} className={i === 0 ? "is-latest" : undefined}>
											<span className="ladder-who">{s.by.kind === "idp" ? idpName(connection?.type) : actorName(s.by)}</span>
											<span>
												<Tag tone={s.what === "active" || s.what === "accepted" ? "good" : s.what === "invited" ? "info" : "quiet"}>
													{statedWords[s.what]}
												</Tag>{" "}
												{sentence(s.text)}
											</span>
											<span className="faint" title={exact(s.at)}>
												{minute(s.at)}
											</span>
										</li>
									))}
							</ol>
						)}
						{w.attributes.map((a) => (
							<p className="faint" key={a.target}>
								{a.target} is {a.value ? tidy(a.value) : "empty"}, from {a.from || "no value"}
								{a.sent && a.sent !== a.value ? ` (sent: ${tidy(a.sent)})` : ""}.
							</p>
						))}
						{w.won ? (
							<p className="faint">
								Decided last
								{w.won.rule && (
									<>
										{" "}
										by <Rule id={w.won.rule} />
									</>
								)}
								: <Sentence line={w.won} /> (<Time at={w.won.time} />)
							</p>
						) : (
							<p className="faint">No rule decided about this person in the last {w.looked} lines of the audit trail.</p>
						)}
					</div>
				)}
			</View>
		</Card>
	);
}

/** A SCIM attribute as people read it. */
function shown(value: unknown): string {
	if (value === null || value === undefined || value === "") return "–";
	if (typeof value === "string") return tidy(value);
	if (typeof value === "number" || typeof value === "boolean") return String(value);
	if (Array.isArray(value))
		return value.map((v) => (typeof v === "object" && v && "value" in v ? shown((v as { value: unknown }).value) : shown(v))).join(", ");
	return Object.entries(value as object)
		.map(([k, v]) => `${k}: ${shown(v)}`)
		.join(", ");
}

function Profile({ company, user: u }: { company: string; user: User }) {
	const attributes = Object.entries(u.attributes ?? {}).filter(([name]) => !["schemas", "userName", "password"].includes(name));
	return (
		<Card title="Profile">
			<Facts>
				<Fact name="userName">
					<Code text={tidy(u.user_name)} what="the userName" />
				</Fact>
				<Fact name="E-mail">{u.emails.length ? u.emails.map(tidy).join(", ") : <Nothing>none</Nothing>}</Fact>
				<Fact name="Type">{u.type === "guest" ? "Guest" : "Member"}</Fact>
				<Fact name="Managed by">
					{u.connection ? <To href={to.connection(u.connection)}>{u.connection}</To> : <Nothing>no connection: local</Nothing>}
				</Fact>
				<Fact name="IdP says">
					{statement(u)} {u.stated_at && <Time at={u.stated_at} />}
				</Fact>
				{u.external_id && (
					<Fact name="externalId">
						<Code text={tidy(u.external_id)} what="the externalId" />
					</Fact>
				)}
				{u.accepted_at && <Fact name="Seat charged from">{exact(u.accepted_at)}</Fact>}
				<Fact name="id">
					<Code text={u.id} what="the id" />
				</Fact>
			</Facts>
			{attributes.length > 0 && (
				<details className="disclosure">
					<summary>Attributes as the client sent them</summary>
					<Scroll label="Attributes">
						<table className="mini">
							<tbody>
								{attributes.map(([name, value]) => (
									<tr key={name}>
										<th scope="row" className="mono">
											{name}
										</th>
										<td>
											<bdi>{shown(value)}</bdi>
										</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroll>
				</details>
			)}
			<AsJSON operation="get-user" path={{ tenant: company, user: u.id }} value={u} />
		</Card>
	);
}

function Groups({ company, user: u }: { company: string; user: User }) {
	const roles = u.roles ?? [];
	return (
		<Card title="Groups">
			{roles.length > 0 && (
				<ul className="todo">
					{roles.map((r) => (
						<li key={r.name}>
							<To href={to.group(company, r.name)}>{builtInGroups[r.name]}</To> <Tag tone="hold">Built in</Tag>
							<div className="faint">
								<Sources sources={r.sources} />
							</div>
						</li>
					))}
				</ul>
			)}
			{u.groups.length === 0 ? (
				roles.length === 0 && <p className="faint">In no group.</p>
			) : (
				<ul className="todo">
					{u.groups.map((g) => (
						<li key={g.id}>
							<To href={to.group(company, g.id)}>
								<Name text={g.display_name} short />
							</To>{" "}
							{g.indirect && <Tag>by another group</Tag>} {g.namesake && <NotBuiltIn />}
						</li>
					))}
				</ul>
			)}
		</Card>
	);
}

function SeatHistory({ company, user: u }: { company: string; user: User }) {
	const rights = useRights();
	const from = new Date(Date.now() - 365 * 86_400_000).toISOString().slice(0, 10);
	const until = new Date().toISOString().slice(0, 10);
	const ledger = useList(
		"list-ledger",
		{ path: { tenant: company }, query: { user: u.id, from, to: until } },
		{ enabled: rights.has("tenant.billing"), every: false },
	);
	if (!rights.has("tenant.billing")) return <Withheld title="Seat" right="tenant.billing" />;
	const mine = ledger.rows ?? [];
	return (
		<Card title="Seat">
			<View reading={ledger} rows={2}>
				{() =>
					mine.length === 0 ? (
						<p className="faint">No billable seat in the last year.</p>
					) : (
						<ul className="todo">
							{mine.map((l) => (
								<li key={l.from}>
									{minute(l.from)} – {l.to ? minute(l.to) : "now"}{" "}
									<span className="faint">{l.why ? `until ${plain(l.why).toLowerCase()}` : ""}</span>
								</li>
							))}
						</ul>
					)
				}
			</View>
		</Card>
	);
}

function History({ company, user: u }: { company: string; user: User }) {
	const rights = useRights();
	const audit = useTrail(
		"search-audit",
		{ path: { tenant: company }, query: { user: u.id, limit: 10 } },
		{ enabled: rights.has("tenant.record") },
	);
	if (!rights.has("tenant.record")) return <Withheld title="History" right="tenant.record" />;
	return (
		<Card title="History" actions={<To href={`${to.company(company, "audit")}?user=${encodeURIComponent(u.id)}`}>All</To>}>
			<View reading={audit} rows={4}>
				{() => (
					<ul className="feed">
						{(audit.rows ?? []).slice(0, 10).map((line) => (
							<li key={line.seq}>
								<Sentence line={line} />
								<span className="faint">
									<Time at={line.time} />
								</span>
							</li>
						))}
					</ul>
				)}
			</View>
		</Card>
	);
}
