// A choice of companies, found by typing: the server is asked, a few at a time. And what a list over all companies says without one.

import { type ReactNode, useState } from "react";
import { useRead } from "../api/query.ts";
import { useSession } from "../shell/session.tsx";
import { IconAction, Name } from "./basic.tsx";
import { Find, type Option } from "./form.tsx";
import { Empty } from "./state.tsx";
import { tidy } from "./words.ts";

/** One company. */
export function CompanyFind({ value, onChange, label = "Company" }: { value: string; onChange: (slug: string) => void; label?: string }) {
	const [text, setText] = useState(value);
	const { options, loading } = useCompanies(text === value ? "" : text);
	return (
		<Find
			label={label}
			name="tenant"
			text={text}
			onText={(next) => {
				setText(next);
				if (!next) onChange("");
			}}
			options={options}
			loading={loading}
			onChange={(slug) => {
				setText(slug);
				onChange(slug);
			}}
			required
			placeholder="Name or slug"
		/>
	);
}

/** Several companies. */
export function CompanyList({ value, onChange, not }: { value: string[]; onChange: (slugs: string[]) => void; not?: string }) {
	const [text, setText] = useState("");
	const { options, loading } = useCompanies(text);
	return (
		<div className="field">
			{!not && (
				<Find
					label="Add a company"
					name="tenants"
					text={text}
					onText={setText}
					options={options.map((o) => (value.includes(o.id) ? { ...o, not: "It is in the list already." } : o))}
					loading={loading}
					onChange={(slug) => {
						if (!value.includes(slug)) onChange([...value, slug].sort());
						setText("");
					}}
					placeholder="Name or slug"
				/>
			)}
			{value.length > 0 ? (
				<ul className="picked" aria-label="Companies that are chosen">
					{value.map((slug) => (
						<li key={slug}>
							<span className="mono">{slug}</span>
							{!not && <IconAction icon="close" label={`Take ${slug} out`} onPress={() => onChange(value.filter((s) => s !== slug))} />}
						</li>
					))}
				</ul>
			) : (
				<p className="about">No company is chosen.</p>
			)}
		</div>
	);
}

function useCompanies(text: string): { options: Option[]; loading: boolean } {
	const found = useRead("list-tenants", { query: { q: text.trim(), limit: 20 } }, { every: false, keep: true });
	return { options: (found.data?.items ?? []).map((t) => ({ id: t.slug, text: tidy(t.name), about: t.slug })), loading: found.isFetching };
}

/** Slugs of companies, shortened. */
export function CompanySlugs({ slugs }: { slugs: string[] }) {
	return (
		<>
			{slugs.slice(0, 3).map((s, i) => (
				<span key={s}>
					{i > 0 && ", "}
					<Name text={s} short />
				</span>
			))}
			{slugs.length > 3 && ` and ${slugs.length - 3} more`}
		</>
	);
}

/** Why a list over all companies is empty: the operator has access to none, or otherwise what is inside. */
export function OrNoCompany({ children }: { children: ReactNode }) {
	const { operator } = useSession();
	if (operator.all_tenants || operator.tenants.length > 0) return children;
	return (
		<Empty icon="building" title="You have access to no company">
			An Owner gives you access under Administrators.
		</Empty>
	);
}
