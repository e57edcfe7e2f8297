// Which groups of the identity provider grant a built-in group, or make guests.

import { useAction } from "../../api/query.ts";
import type { Connection, GroupMapping } from "../../api/schema.ts";
import { Action, IconAction, Note, useLack } from "../../parts/basic.tsx";
import { Versions } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/draft.ts";
import { FormBox, Pick, TextInput } from "../../parts/form.tsx";
import { Empty } from "../../parts/state.tsx";
import { say } from "../../parts/toast.tsx";
import { builtInGroups } from "../../parts/words.ts";

const grants = [
	{ id: "owners", text: "Owners", about: "May do everything in the company." },
	{ id: "administrators", text: "Administrators" },
	{ id: "security", text: "Security" },
	{ id: "provision_managers", text: "Provision Managers", about: "May confirm people." },
	{ id: "team_members", text: "Team Members", about: "Every member is in it without a mapping." },
	{ id: "guest", text: "Guest", about: "Its members are guests." },
];

function text(m: GroupMapping): string {
	return `${m.display_name || m.external_id || "?"} → ${m.guest ? "Guest" : (builtInGroups[m.grants ?? ""] ?? m.grants)}`;
}

export function Mapping({ connection: c }: { connection: Connection }) {
	const lack = useLack("connection.manage");
	const { base, form: rows, set: setRows, dirty, begin } = useDraft(c, (read) => read.mappings);
	const update = useAction("update-connection", () => say("Saved."));
	const put = (i: number, change: Partial<GroupMapping>) => setRows(rows.map((r, j) => (i === j ? { ...r, ...change } : r)));
	const save = async (version: number) => {
		const made = await update.run({ path: { connection: c.slug }, version, body: { mappings: rows } });
		if (made) begin(made);
	};
	const stale = update.failure?.status === 412 && c.version !== base.version;
	const powerful = rows.some((r) => r.grants === "owners" || r.grants === "administrators");
	const add = () => setRows([...rows, { display_name: "", grants: "administrators" }]);
	return (
		<div className="stack">
			<p className="page-sub">
				A group of the identity provider can grant a built-in group of the company, or make its members guests. Grants of several groups add
				up.
			</p>
			<FormBox failure={stale ? undefined : update.failure} submit={() => void save(base.version)}>
				{rows.length === 0 && (
					<Empty
						icon="group"
						title="No mapping"
						action={
							<Action icon="plus" not={lack} onPress={add}>
								Add a mapping
							</Action>
						}
					>
						No person gets a built-in group from this connection.
					</Empty>
				)}
				{rows.map((r, i) => (
					<div className="mapping" key={i}>
						<Pick
							label="By"
							name={`by-${i}`}
							value={r.external_id !== undefined && !r.display_name ? "external_id" : "display_name"}
							onChange={(by) =>
								put(
									i,
									by === "external_id"
										? { external_id: r.display_name ?? "", display_name: undefined }
										: { display_name: r.external_id ?? "", external_id: undefined },
								)
							}
							required
							not={lack}
							options={[
								{ id: "display_name", text: "Name of the group" },
								{ id: "external_id", text: "externalId" },
							]}
						/>
						<TextInput
							label="Group"
							name={`group-${i}`}
							value={r.display_name ?? r.external_id ?? ""}
							onChange={(value) =>
								put(i, r.external_id !== undefined && r.display_name === undefined ? { external_id: value } : { display_name: value })
							}
							required
							not={lack}
						/>
						<Pick
							label="Grants"
							name={`grants-${i}`}
							value={r.guest ? "guest" : (r.grants ?? "")}
							onChange={(g) => put(i, g === "guest" ? { guest: true, grants: undefined } : { guest: undefined, grants: g })}
							required
							not={lack}
							options={grants}
						/>
						<IconAction
							icon="trash"
							label="Remove this mapping"
							right="connection.manage"
							onPress={() => setRows(rows.filter((_, j) => j !== i))}
						/>
					</div>
				))}
				{powerful && (
					<Note tone="warn">
						A person who is put into such a group at the identity provider gets power over the company. Each change raises an alert.
					</Note>
				)}
				{stale && (
					<Versions
						rows={[{ label: "Mappings", mine: rows.map(text).join("; "), theirs: c.mappings.map(text).join("; ") }]}
						keep={() => void save(c.version)}
						take={() => {
							update.clear();
							begin(c);
						}}
					/>
				)}
				{(rows.length > 0 || dirty) && (
					<div className="form-foot form-foot-split">
						<Action icon="plus" not={lack} onPress={add}>
							Add a mapping
						</Action>
						<Action submit look="primary" not={lack ?? (dirty ? undefined : "Nothing was changed.")} running={update.running}>
							Save
						</Action>
					</div>
				)}
			</FormBox>
		</div>
	);
}
