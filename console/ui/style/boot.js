// Runs before the first paint, in any browser: it applies the theme that was chosen in this browser, and tells an old browser that it
// is one.
(() => {
	var root = document.documentElement;
	try {
		var theme = localStorage.getItem("drawbridge.theme");
		if (theme === "light" || theme === "dark") root.setAttribute("data-theme", theme);
		if (localStorage.getItem("drawbridge.density") === "compact") root.setAttribute("data-density", "compact");
	} catch (e) {
		// Storage is blocked: the system's theme is used.
	}
	var modules = typeof HTMLScriptElement !== "undefined" && HTMLScriptElement.supports && HTMLScriptElement.supports("importmap");
	var colours = window.CSS && CSS.supports && CSS.supports("color", "light-dark(#000, #fff)");
	if (modules && colours) return;
	document.addEventListener("DOMContentLoaded", () => {
		document.getElementById("root").setAttribute("hidden", "");
		document.getElementById("unsupported").removeAttribute("hidden");
	});
})();
