// Text of the manual for the console.

/** A cell of the page as plain text: no references to other pages, no commands, no marks. */
export function plain(cell) {
	return cell
		.replace(/ \(\[[^\]]*\]\([^)]*\)\)/g, "")
		.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
		.replace(/ \(`drawbridge [^)]*\)/g, "")
		.replace(/[`*]/g, "")
		.replace(/\btenant(s?)\b/g, (_, many) => (many ? "companies" : "company"))
		.replace(/company \(company\)/g, "company")
		.trim();
}
