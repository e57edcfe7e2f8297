// What the pages do in the browser: the search, for which index.js has every section of the manual as text, links of headings, and the list of pages.
"use strict";
(function () {
	const up = document.body.dataset.up;
	const box = document.getElementById("search");
	const found = document.getElementById("found");
	const article = document.querySelector("article");

	// score is how well a section fits: every word must be in it, and one in a heading counts for more.
	function score(section, words) {
		const heading = (section.title + " " + section.heading).toLowerCase();
		const text = section.text.toLowerCase();
		let sum = 0;
		for (const word of words) {
			const inHeading = heading.includes(word), count = text.split(word).length - 1;
			if (!inHeading && count === 0) return 0;
			sum += (inHeading ? 10 : 0) + Math.min(count, 5);
		}
		return sum;
	}

	// excerpt is the text around the first word.
	function excerpt(text, words) {
		const at = Math.max(0, ...words.map((word) => text.toLowerCase().indexOf(word)));
		const from = at > 60 ? text.lastIndexOf(" ", at - 60) + 1 : 0;
		const end = text.length > from + 200 ? text.lastIndexOf(" ", from + 200) : text.length;
		return (from > 0 ? "… " : "") + text.slice(from, end > at ? end : from + 200) + (end < text.length ? " …" : "");
	}

	function show() {
		const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
		found.replaceChildren();
		found.hidden = words.length === 0;
		article.hidden = words.length > 0;
		if (words.length === 0) return;
		const hits = sections.map((s) => [score(s, words), s]).filter(([n]) => n > 0).sort((a, b) => b[0] - a[0]).slice(0, 30);
		if (hits.length === 0) {
			found.append(Object.assign(document.createElement("li"), { textContent: "Nothing in the manual has all of these words." }));
		}
		for (const [, s] of hits) {
			const item = document.createElement("li"), link = document.createElement("a"), small = document.createElement("small");
			link.href = up + s.page + (s.anchor ? "#" + s.anchor : "");
			link.textContent = s.heading === s.title ? s.title : s.title + " – " + s.heading;
			link.addEventListener("click", () => { box.value = ""; show(); });
			small.textContent = excerpt(s.text, words);
			item.append(link, small);
			found.append(item);
		}
	}
	// On a narrow screen the list of pages would be above the text. Elsewhere it shows where the reader is.
	if (matchMedia("(max-width: 50rem)").matches) document.querySelector("nav details").open = false;
	else document.querySelector("nav .here")?.scrollIntoView({ block: "nearest" });
	for (const heading of article.querySelectorAll("h2[id], h3[id]")) {
		const link = document.createElement("a");
		link.className = "anchor";
		link.href = "#" + heading.id;
		link.textContent = "#";
		link.setAttribute("aria-label", "Link to " + heading.textContent);
		heading.append(link);
	}
	box.addEventListener("input", show);
	document.addEventListener("keydown", (e) => {
		if (e.key === "/" && document.activeElement !== box) { e.preventDefault(); box.focus(); }
		if (e.key === "Escape" && document.activeElement === box) { box.value = ""; show(); }
	});
})();
