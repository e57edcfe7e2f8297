// What a target gets otherwise than it is here: another attribute, the same value for everybody, or nothing.

import type { TargetRule } from "../../api/schema.ts";
import { Action, IconAction } from "../../parts/basic.tsx";
import { Find, Pick, TextInput } from "../../parts/form.tsx";
import { attributes, lists, matching, sources, wrongAttribute, wrongSource } from "./attributes.ts";

/** What can be sent as an attribute. */
function waysOf(attribute: string) {
	const many = attribute in lists ? "It has several values." : undefined;
	const unique = attribute === "userName" ? "Each person needs another one." : undefined;
	return [
		{ id: "source", text: "Another attribute", not: many },
		{ id: "constant", text: "A constant", not: many ?? unique },
		{ id: "nothing", text: "Nothing", not: unique },
	];
}

function wayOf(r: TargetRule): string {
	if (r.constant !== undefined) return "constant";
	return r.source !== undefined ? "source" : "nothing";
}

/** A rule in words. */
export function ruleText(r: TargetRule): string {
	if (r.source) return `${r.attribute} from ${r.source}`;
	return r.constant ? `${r.attribute} is “${r.constant}”` : `${r.attribute} is not sent`;
}

interface RulesProps {
	rules: TargetRule[];
	set: (rules: TargetRule[]) => void;
	not?: string;
}

export function Rules({ rules, set, not }: RulesProps) {
	const put = (i: number, rule: TargetRule) => set(rules.map((r, j) => (i === j ? rule : r)));
	return (
		<fieldset className="field rules">
			<legend className="label">Attributes that are sent otherwise</legend>
			<p className="about">
				Every other attribute is sent as it is here. An attribute is named by its path, such as displayName or name.givenName; the source
				email is the primary address.
			</p>
			{rules.map((r, i) => (
				<div className="rule" key={i}>
					<Find
						label="Attribute"
						name={`attribute-${i}`}
						text={r.attribute}
						onText={(attribute) => put(i, attribute in lists ? { attribute } : { ...r, attribute })}
						options={matching(attributes, r.attribute)}
						onChange={(attribute) => put(i, attribute in lists ? { attribute } : { ...r, attribute })}
						wrong={wrongAttribute(rules, i)}
						placeholder="userName"
						required
						not={not}
						free
					/>
					<Pick
						label="What is sent"
						name={`way-${i}`}
						value={wayOf(r)}
						onChange={(way) => put(i, { attribute: r.attribute, ...(way === "nothing" ? {} : { [way]: "" }) })}
						options={waysOf(r.attribute)}
						required
						not={not}
					/>
					{r.source !== undefined && (
						<Find
							label="From"
							name={`source-${i}`}
							text={r.source}
							onText={(source) => put(i, { attribute: r.attribute, source })}
							options={matching(sources, r.source)}
							onChange={(source) => put(i, { attribute: r.attribute, source })}
							wrong={wrongSource(r)}
							placeholder="email"
							required
							not={not}
							free
						/>
					)}
					{r.constant !== undefined && (
						<TextInput
							label="Value"
							name={`constant-${i}`}
							value={r.constant}
							onChange={(constant) => put(i, { attribute: r.attribute, constant })}
							maxLength={200}
							required
							not={not}
						/>
					)}
					{!not && (
						<IconAction
							icon="trash"
							label={`Remove the rule for ${r.attribute || "it"}`}
							onPress={() => set(rules.filter((_, j) => j !== i))}
						/>
					)}
				</div>
			))}
			<div>
				<Action icon="plus" small not={not} onPress={() => set([...rules, { attribute: "", source: "" }])}>
					Add a rule
				</Action>
			</div>
		</fieldset>
	);
}
