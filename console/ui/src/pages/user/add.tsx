// Adding a person by hand.

import { useState } from "react";
import { useLocation } from "wouter";
import { useAction } from "../../api/query.ts";
import type { Overview } from "../../api/schema.ts";
import { Box } from "../../parts/dialog.tsx";
import { Choose, FormBox, Submit, TextInput, Tick } from "../../parts/form.tsx";
import { say } from "../../parts/toast.tsx";
import { count } from "../../parts/words.ts";
import { to } from "../../shell/place.ts";
import { nameOf } from "./words.tsx";

const empty = { user_name: "", email: "", given: "", family: "", type: "member", invite: false };

export function AddPerson({ company, overview, open, close }: { company: string; overview: Overview; open: boolean; close: () => void }) {
	const [form, setForm] = useState(empty);
	const [own, setOwn] = useState(false);
	const [, go] = useLocation();
	const create = useAction("create-user");
	const put = (change: Partial<typeof empty>) => setForm((old) => ({ ...old, ...change }));
	const { seats } = overview.tenant;
	const full = seats.limit > 0 && seats.occupied >= seats.limit;
	const run = async () => {
		const name = `${form.given.trim()} ${form.family.trim()}`.trim();
		const made = await create.run({
			path: { tenant: company },
			body: {
				user_name: form.user_name.trim() || form.email.trim(),
				email: form.email.trim() || undefined,
				given_name: form.given.trim() || undefined,
				family_name: form.family.trim() || undefined,
				display_name: name || undefined,
				type: form.type as "member",
				invite: form.invite || undefined,
			},
		});
		if (!made) return;
		say(form.invite ? `${nameOf(made)} is invited.` : `${nameOf(made)} is added.`);
		setForm(empty);
		setOwn(false);
		close();
		go(to.person(company, made.id));
	};
	return (
		<Box
			title="Add a person"
			sub={
				seats.limit ? `${count(seats.occupied)} of ${count(seats.limit)} seats in use${full ? ": there is no free one" : ""}` : undefined
			}
			open={open}
			close={() => {
				create.clear();
				close();
			}}
			firm
		>
			<FormBox failure={create.failure} submit={run}>
				<div className="columns">
					<TextInput
						label="First name"
						name="given_name"
						value={form.given}
						onChange={(given) => put({ given })}
						maxLength={200}
						autoFocus
					/>
					<TextInput label="Last name" name="family_name" value={form.family} onChange={(family) => put({ family })} maxLength={200} />
				</div>
				<TextInput
					label="E-mail"
					name="email"
					type="email"
					value={form.email}
					onChange={(email) => put(own ? { email } : { email, user_name: email })}
					required
				/>
				<TextInput
					label="userName"
					name="user_name"
					value={form.user_name}
					onChange={(user_name) => {
						setOwn(true);
						put({ user_name });
					}}
					required
					about="The name to sign in with. An identity provider finds the person by it."
				/>
				<Choose
					label="Type"
					name="type"
					value={form.type}
					onChange={(type) => put({ type })}
					required
					options={[
						{ id: "member", text: "Member" },
						{ id: "guest", text: "Guest", about: `${count(seats.included_guests)} guests are included in the plan.` },
					]}
				/>
				<Tick
					label="Invite by e-mail"
					about="The person accepts with a link and is confirmed then. Otherwise the company's setting decides."
					checked={form.invite}
					onChange={(invite) => put({ invite })}
				/>
				<Submit running={create.running} cancel={close} right="user.manage">
					Add
				</Submit>
			</FormBox>
		</Box>
	);
}
