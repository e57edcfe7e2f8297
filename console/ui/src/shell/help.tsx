// Help: the keys that the console understands, the rules by number, and whom to ask.

import { useEffect, useState } from "react";
import { useRead } from "../api/query.ts";
import { Name, Scroll } from "../parts/basic.tsx";
import { Box } from "../parts/dialog.tsx";
import { Toggle } from "../parts/form.tsx";
import { useProvider } from "../parts/logo.tsx";
import { keysOn, pages, setKeys } from "./keys.ts";

const keys: [keys: string[], text: string][] = [
	[["Ctrl", "K"], "Search over everything, or jump to a page (⌘ K on a Mac)"],
	[["/"], "Search on this page"],
	[["?"], "This list"],
	...Object.entries(pages).map(([key, [, text]]): [string[], string] => [["G", key.toUpperCase()], text]),
	[["↑", "↓"], "The row before or after, in a table"],
	[["Home", "End"], "The first or the last row, in a table"],
	[["Shift"], "With a click on the second of two boxes: select all rows between them"],
	[["Esc"], "Close a dialog or a menu"],
];

export default function Help({ close }: { close: () => void }) {
	const [on, setOn] = useState(keysOn());
	const provider = useProvider();
	const status = useRead("get-status", {}, { every: false });
	return (
		<Box title="Help" open close={close} wide>
			<h3>Keys</h3>
			<table className="mini">
				<tbody>
					{keys.map(([names, text]) => (
						<tr key={text}>
							<th scope="row">{text}</th>
							<td className="cell-word">
								{names.map((name) => (
									<kbd key={name}>{name}</kbd>
								))}
							</td>
						</tr>
					))}
				</tbody>
			</table>
			<Toggle
				label="Shortcuts of single keys"
				about="/, ? and G with a letter, in this browser."
				on={on}
				onChange={(next) => {
					setKeys(next);
					setOn(next);
				}}
			/>
			<Rules />
			{provider?.support && (
				<p>
					Ask {provider.name ? <Name text={provider.name} /> : "your provider"}:{" "}
					<a href={`mailto:${provider.support}`}>{provider.support}</a>
				</p>
			)}
			{status.data && <p className="faint">Drawbridge {status.data.version}</p>}
		</Box>
	);
}

/** What the rules say that messages and audit lines name by their number. */
function Rules() {
	const [open, setOpen] = useState(false);
	const [rules, setRules] = useState<[string, string][]>();
	useEffect(() => {
		if (!open) return;
		let here = true;
		import("../parts/rules.ts").then(
			(found) => here && setRules(Object.entries(found.rules)),
			() => here && setRules([["", "They could not be loaded. Load the page again."]]),
		);
		return () => {
			here = false;
		};
	}, [open]);
	return (
		<details className="disclosure" onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary>Rules by number</summary>
			{rules && (
				<Scroll label="Rules" high>
					<table className="mini">
						<tbody>
							{rules.map(([id, text]) => (
								<tr key={id}>
									<th scope="row" className="rule-id">
										{id}
									</th>
									<td>{text}</td>
								</tr>
							))}
						</tbody>
					</table>
				</Scroll>
			)}
		</details>
	);
}
