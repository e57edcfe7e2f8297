// The number of a rule, with what the rule says.

import { useEffect, useState } from "react";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";

/** Names a rule. What it says is loaded when it is asked for. */
export function Rule({ id }: { id: string }) {
	return (
		<DialogTrigger>
			<Button className="rule-number">Rule {id}</Button>
			<Popover className="popover" placement="bottom start">
				<Dialog className="rule-text" aria-label={`Rule ${id}`}>
					<Text id={id} />
				</Dialog>
			</Popover>
		</DialogTrigger>
	);
}

function Text({ id }: { id: string }) {
	const [text, setText] = useState("…");
	useEffect(() => {
		let here = true;
		import("./rules.ts").then(
			({ rules }) => here && setText(rules[id] ?? "This version of the console does not know it."),
			() => here && setText("What it says could not be loaded. Load the page again."),
		);
		return () => {
			here = false;
		};
	}, [id]);
	return (
		<p>
			<strong>{id}</strong> {text}
		</p>
	);
}
