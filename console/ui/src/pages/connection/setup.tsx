// What the administrator of an identity provider enters, in the words of its own console.

import type { Issued, Setup } from "../../api/schema.ts";
import { Code, Fact, Facts } from "../../parts/basic.tsx";
import { Secrets } from "../../parts/dialog.tsx";
import { exact } from "../../parts/words.ts";

/** Base URL and secret, with the fields they go into. */
export function Credential({ issued }: { issued: Issued }) {
	const secrets = [
		{
			label: issued.auth === "oauth" ? "Client secret" : issued.auth === "basic" ? "Password" : issued.setup.token || "Token",
			text: issued.secret,
			what: "the secret",
		},
	];
	return (
		<>
			<div className="secret">
				<span className="label">{issued.setup.url || "Base URL"}</span>
				<Code text={issued.base_url} what="the base URL" block />
			</div>
			{issued.user_name && (
				<div className="secret">
					<span className="label">User name</span>
					<Code text={issued.user_name} what="the user name" block />
				</div>
			)}
			{issued.client_id && (
				<div className="secret">
					<span className="label">Client ID</span>
					<Code text={issued.client_id} what="the client ID" block />
				</div>
			)}
			{issued.token_url && (
				<div className="secret">
					<span className="label">Token URL</span>
					<Code text={issued.token_url} what="the token URL" block />
				</div>
			)}
			<Secrets secrets={secrets} />
			{issued.expires && <p className="about">It ends {exact(issued.expires)}. You get a notice 30, 14, 7 and 1 days before.</p>}
			{issued.note && <p className="about">{issued.note}</p>}
		</>
	);
}

/** Where it goes in the identity provider's console. */
export function Steps({ setup }: { setup: Setup }) {
	return (
		<div className="setup">
			<h3>In {setup.title}</h3>
			<Facts>
				<Fact name="Page">{setup.page}</Fact>
				<Fact name="Base URL goes into">{setup.url}</Fact>
				<Fact name="Secret goes into">{setup.token}</Fact>
				<Fact name="Test with">{setup.test}</Fact>
			</Facts>
			{setup.steps.length > 0 && (
				<ol className="consequences numbered">
					{setup.steps.map((s) => (
						<li key={s}>{s}</li>
					))}
				</ol>
			)}
		</div>
	);
}
