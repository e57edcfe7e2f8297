// Which attributes that the identity provider sends become userName, e-mail, userType and department. A mapping is tried on the people of
// the connection before it is applied.

import { useState } from "react";
import { useAction } from "../../api/query.ts";
import type { AttributeRule, Connection, MappingTrial, RoleRule } from "../../api/schema.ts";
import { Action, Card, IconAction, Note, Scroll, Tag, useLack } from "../../parts/basic.tsx";
import { Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { FormBox, Pick, Refusal, TextInput, Tick } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { builtInGroups, count, many, sentence, tidy } from "../../parts/words.ts";

const targets = [
	{ id: "userName", text: "userName" },
	{ id: "email", text: "E-mail", about: "The address of type work." },
	{ id: "userType", text: "userType" },
	{ id: "department", text: "Department" },
];

const groups = [
	{ id: "owners", text: "Owners" },
	{ id: "administrators", text: "Administrators" },
	{ id: "security", text: "Security" },
	{ id: "provision_managers", text: "Provision Managers" },
];

interface Draft {
	attributes: AttributeRule[];
	roles: RoleRule[];
	refuse: boolean;
}

function draftOf(c: Connection): Draft {
	return {
		attributes: c.attribute_mapping?.attributes ?? [],
		roles: c.attribute_mapping?.roles ?? [],
		refuse: c.attribute_mapping?.outside_domains === "refuse",
	};
}

/** The rules in words. */
function textOf(d: Draft): string {
	return [
		...d.attributes.map((r) => `${r.target} ${r.constant === undefined ? `from ${r.source}` : `is “${r.constant}”`}`),
		...d.roles.map((r) => `${r.source} “${r.value}” grants ${builtInGroups[r.grants] ?? r.grants}`),
		...(d.refuse ? ["people outside the domains are refused"] : []),
	].join("; ");
}

export function Attributes({ connection: c }: { connection: Connection }) {
	const lack = useLack("connection.manage");
	const { base, form: draft, set: setDraft, dirty, begin } = useDraft(c, draftOf);
	const [user, setUser] = useState("");
	const [trial, setTrial] = useState<MappingTrial>();
	const attempt = useAction("try-attribute-mapping");
	const update = useAction("update-connection", () => say("Applied."));
	const change = (next: Draft) => {
		setDraft(next);
		setTrial(undefined);
	};
	const put = (i: number, part: Partial<AttributeRule>) =>
		change({ ...draft, attributes: draft.attributes.map((r, j) => (i === j ? { ...r, ...part } : r)) });
	const mapping = { attributes: draft.attributes, roles: draft.roles, outside_domains: draft.refuse ? ("refuse" as const) : ("" as const) };
	const run = async () => {
		const done = await attempt.run({ path: { connection: c.slug }, body: user ? { mapping, user } : { mapping } });
		if (done) setTrial(done);
	};
	const stale = update.failure?.status === 412 && c.version !== base.version;
	const apply = async (version: number) => {
		const made = await update.run({ path: { connection: c.slug }, version, body: { attribute_mapping: mapping } });
		if (!made) return;
		begin(made);
		setTrial(undefined);
	};
	const free = targets.filter((t) => !draft.attributes.some((r) => r.target === t.id));
	const add = () =>
		change({ ...draft, attributes: [...draft.attributes, { target: (free[0]?.id ?? "userName") as AttributeRule["target"] }] });
	return (
		<Card title="Attributes" id="attributes">
			<p className="page-sub">
				The attributes that everybody sees can come from other attributes of the identity provider. The identity provider itself still reads
				what it sent.
			</p>
			<FormBox failure={stale ? undefined : update.failure} submit={() => void apply(base.version)}>
				{draft.attributes.length === 0 && (
					<Empty
						icon="group"
						title="No rule"
						action={
							<Action icon="plus" not={lack} onPress={add}>
								Add a rule
							</Action>
						}
					>
						People have the attributes that the identity provider sends.
					</Empty>
				)}
				{draft.attributes.map((r, i) => (
					<Rule
						key={r.target}
						rule={r}
						at={i}
						lack={lack}
						options={targets.filter((t) => t.id === r.target || free.includes(t))}
						put={(part) => put(i, part)}
						remove={() => change({ ...draft, attributes: draft.attributes.filter((_, j) => j !== i) })}
					/>
				))}
				{draft.roles.map((r, i) => (
					<Role
						key={i}
						rule={r}
						at={i}
						lack={lack}
						put={(part) => change({ ...draft, roles: draft.roles.map((x, j) => (i === j ? { ...x, ...part } : x)) })}
						remove={() => change({ ...draft, roles: draft.roles.filter((_, j) => j !== i) })}
					/>
				))}
				<div>
					<Action
						icon="plus"
						small
						not={lack}
						onPress={() => change({ ...draft, roles: [...draft.roles, { source: "roles", value: "", grants: "administrators" }] })}
					>
						Grant a role
					</Action>
				</div>
				<Tick
					label="Refuse people with no address in the domains of the company"
					name="outside"
					checked={draft.refuse}
					onChange={(refuse) => change({ ...draft, refuse })}
					not={lack}
					about="Otherwise they are guests, as the settings of the company say."
				/>
				<TextInput
					label="Try it on"
					name="user"
					value={user}
					onChange={setUser}
					not={lack}
					about="The userName of one person. Empty: the people of this connection."
				/>
				{attempt.failure && <Refusal failure={attempt.failure} />}
				{trial && <Trial trial={trial} />}
				{stale && (
					<Versions
						rows={[{ label: "Rules", mine: textOf(draft), theirs: textOf(draftOf(c)) }]}
						keep={() => void apply(c.version)}
						take={() => {
							update.clear();
							begin(c);
						}}
					/>
				)}
				<div className="form-foot form-foot-split">
					{draft.attributes.length > 0 && (
						<Action icon="plus" not={lack ?? (free.length ? undefined : "Every attribute has a rule.")} onPress={add}>
							Add a rule
						</Action>
					)}
					<Action not={lack} running={attempt.running} onPress={() => void run()}>
						Try
					</Action>
					<Action submit look="primary" not={lack ?? (dirty ? undefined : "Nothing was changed.")} running={update.running}>
						Apply
					</Action>
				</div>
			</FormBox>
		</Card>
	);
}

interface RuleProps {
	rule: AttributeRule;
	at: number;
	lack: string | undefined;
	options: { id: string; text: string }[];
	put: (part: Partial<AttributeRule>) => void;
	remove: () => void;
}

function Rule({ rule: r, at, lack, options, put, remove }: RuleProps) {
	const fixed = r.target === "userType" || r.target === "department";
	return (
		<div className="mapping">
			<Pick
				label="Attribute"
				name={`target-${at}`}
				value={r.target}
				onChange={(target) => put({ target: target as AttributeRule["target"], constant: undefined, default: undefined })}
				required
				not={lack}
				options={options}
			/>
			<TextInput
				label={fixed ? "From, or =constant" : "From"}
				name={`source-${at}`}
				value={r.constant === undefined ? (r.source ?? "") : `=${r.constant}`}
				onChange={(text) =>
					put(
						fixed && text.startsWith("=")
							? { constant: text.slice(1), source: undefined, default: undefined }
							: { source: text, constant: undefined },
					)
				}
				required
				not={lack}
			/>
			{fixed && r.constant === undefined ? (
				<TextInput
					label="Otherwise"
					name={`default-${at}`}
					value={r.default ?? ""}
					onChange={(text) => put({ default: text || undefined })}
					not={lack}
				/>
			) : (
				<span />
			)}
			<IconAction icon="trash" label="Remove this rule" right="connection.manage" onPress={remove} />
		</div>
	);
}

interface RoleProps {
	rule: RoleRule;
	at: number;
	lack: string | undefined;
	put: (part: Partial<RoleRule>) => void;
	remove: () => void;
}

function Role({ rule: r, at, lack, put, remove }: RoleProps) {
	return (
		<div className="mapping">
			<Pick
				label="Built-in group"
				name={`grants-${at}`}
				value={r.grants}
				onChange={(grants) => put({ grants: grants as RoleRule["grants"] })}
				required
				not={lack}
				options={groups}
			/>
			<Pick
				label="For people with"
				name={`role-source-${at}`}
				value={r.source}
				onChange={(source) => put({ source: source as RoleRule["source"] })}
				required
				not={lack}
				options={[
					{ id: "roles", text: "A role" },
					{ id: "entitlements", text: "An entitlement" },
				]}
			/>
			<TextInput label="Value" name={`role-value-${at}`} value={r.value} onChange={(value) => put({ value })} required not={lack} />
			<IconAction icon="trash" label="Take this role out" right="connection.manage" onPress={remove} />
		</div>
	);
}

function Trial({ trial: t }: { trial: MappingTrial }) {
	return (
		<section className="stack" aria-label="What the rules would do" role="status">
			<Note tone={t.refusal ? "bad" : "good"}>
				{t.refusal
					? sentence(t.refusal)
					: `Tried on ${many(t.users, "person", "people")}: ${count(t.changed)} would change. Nothing was changed yet.`}
			</Note>
			{t.missing.map((m) => (
				<Note key={m.target} tone="warn">
					{many(m.users, "person has", "people have")} no value at {m.source}.
				</Note>
			))}
			{t.items.some((u) => u.attributes.length > 0) && (
				<Scroll label="People">
					<table className="table">
						<thead>
							<tr>
								<th scope="col">Person</th>
								<th scope="col">Attribute</th>
								<th scope="col">Now</th>
								<th scope="col">Then</th>
								<th scope="col">From</th>
							</tr>
						</thead>
						<tbody>
							{t.items.flatMap((u) =>
								u.attributes.map((a) => (
									<tr key={`${u.id} ${a.target}`}>
										<td>
											{tidy(u.userName)} {u.refused && <Tag tone="bad">refused</Tag>}
										</td>
										<td>{a.target}</td>
										<td>{a.before ? tidy(a.before) : "–"}</td>
										<td>{a.value ? tidy(a.value) : "–"}</td>
										<td>{a.from || "–"}</td>
									</tr>
								)),
							)}
						</tbody>
					</table>
				</Scroll>
			)}
		</section>
	);
}
