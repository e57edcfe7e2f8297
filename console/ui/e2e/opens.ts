// What opens above a page, found in the source: dialogs, side panels, menus and lists of choices.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseSync } from "vite";

const source = new URL("../src/", import.meta.url).pathname;

/** The elements that open something, and the attribute that names it. */
const names: Record<string, string> = {
	Box: "title",
	Confirm: "title",
	SecretBox: "title",
	Dialog: "aria-label",
	More: "label",
	ListBox: "",
};

type Node = { type: string; [key: string]: any };

/**
 * One line for each: the file, the component, and the name that it has on the page, with … for what is known only there.
 * "user/dialogs Suspend: Suspend …?"
 */
export function whatOpens(): string[] {
	const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".tsx"));
	return files.flatMap((file) => {
		const short = relative(source, join(source, file))
			.replace(/^pages\//, "")
			.replace(/\.tsx$/, "");
		const found: string[] = [];
		walk(parseSync(file, readFileSync(join(source, file), "utf8")).program as Node, "", (tag, component, element) => {
			// The parts of a dialog are in every dialog.
			if (!(tag in names) || short === "parts/dialog") return;
			const attribute = element.openingElement.attributes.find((a: Node) => a.type === "JSXAttribute" && a.name.name === names[tag]);
			// A menu has the name of its button, which is the text on it or else its label.
			const named = tag === "More" && element.children.length ? joined(element.children.map(textsOf)) : textsOf(attribute?.value);
			const texts = [...new Set(named.filter(Boolean))].join(" | ");
			found.push(tag === "ListBox" ? `${short} ${component}` : `${short} ${component}: ${texts}`);
		});
		return found;
	});
}

/** What the accessible name must look like. */
export function patternOf(line: string): RegExp {
	const texts = line.replace(/^[^:]*:?\s*/, "").split(" | ");
	const escaped = texts.map((t) => t.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("…", ".*"));
	return new RegExp(`^(${escaped.join("|")})$`);
}

function walk(node: Node, component: string, visit: (tag: string, component: string, element: Node) => void) {
	if (node.type === "FunctionDeclaration") component = node.id?.name ?? component;
	if (node.type === "JSXElement") visit(node.openingElement.name.name ?? "", component, node);
	for (const value of Object.values(node)) {
		for (const child of Array.isArray(value) ? value : [value]) {
			if (child && typeof child === "object" && typeof child.type === "string") walk(child, component, visit);
		}
	}
}

/** The texts that an expression can give. */
function textsOf(node: Node | null | undefined): string[] {
	switch (node?.type) {
		case "Literal":
			return [String(node.value ?? "")];
		case "JSXText":
			return [node.value.replace(/\s*\n\s*/g, "")];
		case "JSXExpressionContainer":
		case "ParenthesizedExpression":
			return textsOf(node.expression);
		case "JSXFragment":
			return joined(node.children.map(textsOf));
		case "TemplateLiteral":
			return joined(
				node.quasis.flatMap((q: Node, i: number) => [
					[q.value.cooked],
					...(i < node.expressions.length ? [textsOf(node.expressions[i])] : []),
				]),
			);
		case "ConditionalExpression":
			return [...textsOf(node.consequent), ...textsOf(node.alternate)];
		case "JSXEmptyExpression":
			return [""];
		default:
			return ["…"];
	}
}

function joined(parts: string[][]): string[] {
	return parts.reduce((all, texts) => all.flatMap((before) => texts.map((text) => before + text)), [""]);
}
