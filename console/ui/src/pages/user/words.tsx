// The state of a person, in a few words.

import type { User } from "../../api/schema.ts";
import { Badge, Tag } from "../../parts/basic.tsx";
import { tidy, typeTitle, userStates } from "../../parts/words.ts";

/** The name by which people know a person. */
export function nameOf(u: Pick<User, "display_name" | "user_name">): string {
	return tidy(u.display_name || u.user_name);
}

/** Why a person is in their state, in about four words. */
export function reasonOf(u: User): string {
	if (u.gone) return "deleted by the identity provider";
	if (!u.suspension) return "";
	const by = u.suspension.by;
	const who =
		by.kind === "idp"
			? `by ${u.connection ?? "its connection"}`
			: by.kind === "system" || by.kind === "policy"
				? "by a rule"
				: `by ${tidy(by.name || "an operator")}`;
	return who;
}

export function State({ user }: { user: User }) {
	const reason = reasonOf(user);
	return (
		<span className="state">
			<Badge word={userStates[user.state]} /> {user.gone && <Tag>gone</Tag>}{" "}
			{user.suspension?.mode === "hold" && <Tag tone="hold">held</Tag>}
			{reason && <span className="faint"> {reason}</span>}
		</span>
	);
}

/** What the identity provider said last. */
export function statement(u: User): string {
	switch (u.statement) {
		case "active":
			return "active";
		case "inactive":
			return "inactive";
		case "deleted":
			return "deleted";
		default:
			return "nothing";
	}
}

/** A connection by the name of its identity provider. */
export function idpName(type: string | undefined): string {
	return type ? typeTitle(type) : "The identity provider";
}
