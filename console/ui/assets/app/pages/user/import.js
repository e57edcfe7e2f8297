import { Fragment as _Fragment, jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useState } from "react";
import { failureOf } from "../../api/client.js";
import { useAction } from "../../api/query.js";
import { Action, Card, Name, Note, Scroll, Tag } from "../../parts/basic.js";
import { FileDrop } from "../../parts/file.js";
import { Chips, FormBox, Refusal, TextInput, Tick } from "../../parts/form.js";
import { Rule } from "../../parts/rule.js";
import { say } from "../../parts/toast.js";
import { count, many } from "../../parts/words.js";
const effects = {
    create: { text: "Create", tone: "good" },
    invite: { text: "Invite", tone: "info" },
    update: { text: "Change", tone: "info" },
    reactivate: { text: "Reactivate", tone: "good" },
    unchanged: { text: "Unchanged", tone: "quiet" },
    refuse: { text: "Refused", tone: "bad" },
};
const template = "user_name,email,given_name,family_name,display_name,external_id,type,state\nada@example.com,ada@example.com,Ada,Lovelace,Ada Lovelace,,member,active\n";
const largest = 2 << 20;
function cell(value) {
    const text = String(value);
    return `"${(/^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
function save(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
export default function Import({ company }) {
    const [csv, setCSV] = useState("");
    const [file, setFile] = useState();
    const [invite, setInvite] = useState(false);
    const [skip, setSkip] = useState(false);
    const [report, setReport] = useState();
    const [moved, setMoved] = useState(false);
    const [local, setLocal] = useState();
    const preview = useAction("import-users");
    const apply = useAction("import-users");
    const body = { csv, invite: invite || undefined, skip_refused: skip || undefined };
    const take = async (next) => {
        setLocal(undefined);
        preview.clear();
        setReport(undefined);
        setFile(undefined);
        if (next.size > largest) {
            setLocal(failureOf(new Error("The file is larger than 2 MiB. Split it into several tables.")));
            return;
        }
        try {
            const text = new TextDecoder("utf-8", { fatal: true }).decode(await next.arrayBuffer());
            const not = text.trim() === "" ? "The file is empty." : text.includes("\0") ? "The file is no table: it has bytes that no text has." : "";
            if (not) {
                setLocal(failureOf(new Error(not)));
                return;
            }
            setCSV(text);
            setFile(next);
        }
        catch {
            setLocal(failureOf(new Error("The file is not UTF-8, so that letters would get lost. Save it as “CSV UTF-8” and choose it again.")));
        }
    };
    const look = async () => {
        setMoved(false);
        setLocal(undefined);
        const seen = await preview.run({ path: { tenant: company }, body });
        if (seen)
            setReport(seen);
    };
    const run = async () => {
        if (!report)
            return;
        const done = await apply.run({ path: { tenant: company }, body: { ...body, expect: report.digest } });
        if (done) {
            setReport(done);
            if (done.applied)
                say("The table is imported.");
            return;
        }
        const fresh = await preview.run({ path: { tenant: company }, body });
        if (fresh && fresh.digest !== report.digest) {
            setReport(fresh);
            setMoved(true);
            apply.clear();
        }
    };
    const again = () => {
        if (report?.applied) {
            setCSV("");
            setFile(undefined);
        }
        setReport(undefined);
        preview.clear();
        apply.clear();
    };
    if (report) {
        const idle = Object.entries(report.counts).every(([effect, n]) => n === 0 || effect === "unchanged" || effect === "refuse");
        return (_jsxs("div", { className: "stack", children: [report.applied ? (_jsx(Note, { tone: "good", children: "The table is imported. What was done with each row is listed below." })) : moved ? (_jsx(Note, { tone: "warn", children: "The company changed meanwhile, so that the table would do something else now. Nothing was done. This is the new preview." })) : (_jsx(Note, { children: "This is a preview. Nothing is done yet." })), _jsx(Preview, { report: report }), apply.failure && _jsx(Refusal, { failure: apply.failure }), _jsxs("div", { className: "form-foot", children: [_jsx(Action, { look: "quiet", onPress: again, children: report.applied ? "Import another table" : "Back" }), !report.applied && (_jsx(Action, { look: "primary", right: "user.manage", running: apply.running, onPress: () => void run(), not: report.lines.length === 0
                                ? "The table has no row below its first line."
                                : (report.counts.refuse ?? 0) > 0 && !skip
                                    ? "Some rows are refused. Go back and choose to leave them out, or change the table."
                                    : idle
                                        ? "Nothing would change."
                                        : undefined, children: "Import" }))] })] }));
    }
    return (_jsxs("div", { className: "narrow", children: [_jsxs("p", { className: "page-sub", children: ["A table of people in CSV, at most 2 MiB and 5000 rows. Its first line names the columns: ", _jsx("code", { children: "user_name" }), ", ", _jsx("code", { children: "email" }), ",", " ", _jsx("code", { children: "given_name" }), ", ", _jsx("code", { children: "family_name" }), ", ", _jsx("code", { children: "display_name" }), ", ", _jsx("code", { children: "external_id" }), ", ", _jsx("code", { children: "type" }), ",", " ", _jsx("code", { children: "state" }), "."] }), _jsx("div", { children: _jsx(Action, { small: true, icon: "download", onPress: () => save("people-template.csv", template), children: "Template" }) }), _jsxs(FormBox, { failure: local ?? preview.failure, submit: () => void look(), children: [_jsx(FileDrop, { label: "A table", about: "A file that ends in .csv", accept: ".csv,.txt,text/csv,text/plain", file: file, take: (next) => void take(next) }), _jsx(TextInput, { label: "Or paste it", name: "csv", value: csv, onChange: setCSV, lines: 8, required: true, mono: true, placeholder: template.split("\n")[0] }), _jsx(Tick, { label: "Invite new people", about: "Each gets a mail with a link, whatever the company's setting says.", checked: invite, onChange: setInvite }), _jsx(Tick, { label: "Leave refused rows out", about: "Otherwise nothing is done while one row is refused.", checked: skip, onChange: setSkip }), _jsx("div", { className: "form-foot", children: _jsx(Action, { submit: true, look: "primary", right: "user.manage", running: preview.running, children: "Preview" }) })] })] }));
}
function Preview({ report }) {
    const [effect, setEffect] = useState("");
    const { seats } = report;
    const shown = report.lines.filter((l) => !effect || l.effect === effect);
    const refused = report.lines.filter((l) => l.effect === "refuse");
    const rows = shown.slice(0, 500);
    return (_jsxs(_Fragment, { children: [_jsxs("div", { className: "row row-split", children: [_jsx(Chips, { label: "Effect", value: effect, onChange: setEffect, options: [
                            { id: "", text: "All", count: report.lines.length },
                            ...Object.entries(effects)
                                .filter(([id]) => report.counts[id])
                                .map(([id, e]) => ({ id, text: e.text, count: report.counts[id] })),
                        ] }), refused.length > 0 && (_jsx(Action, { small: true, icon: "download", onPress: () => save("refused.csv", `line,user_name,rule,message\n${refused.map((l) => [l.line, l.user_name, l.rule ?? "", l.message ?? ""].map(cell).join(",")).join("\n")}\n`), children: "Refused rows" }))] }), _jsxs("p", { children: ["Seats: ", _jsx("strong", { className: "number", children: count(seats.before) }), " \u2192 ", _jsx("strong", { className: "number", children: count(seats.after) }), " of", " ", seats.limit ? count(seats.limit) : "no limit", seats.bought ? `, ${many(seats.bought, "seat is", "seats are")} bought` : ""] }), _jsx(Card, { flush: true, children: _jsx(Scroll, { label: "Rows", children: _jsxs("table", { className: "mini mini-wide", children: [_jsx("thead", { children: _jsxs("tr", { children: [_jsx("th", { scope: "col", className: "cell-end", children: "Line" }), _jsx("th", { scope: "col", children: "Person" }), _jsx("th", { scope: "col", children: "Effect" }), _jsx("th", { scope: "col", children: "What changes, or why not" })] }) }), _jsx("tbody", { children: rows.map((l) => (_jsxs("tr", { children: [_jsx("td", { className: "cell-end number", children: l.line }), _jsx("th", { scope: "row", children: _jsx(Name, { text: l.user_name || "–", short: true }) }), _jsx("td", { children: _jsx(Tag, { tone: effects[l.effect].tone, children: effects[l.effect].text }) }), _jsxs("td", { className: "loose", children: [l.message && (_jsxs(_Fragment, { children: [l.message, " ", l.rule && _jsx(Rule, { id: l.rule })] })), l.changes?.map((c) => (_jsxs("span", { className: "change", children: [c.field, ": ", c.from && _jsx("del", { className: "was", children: c.from }), " ", _jsx("ins", { className: "becomes", children: c.to })] }, c.field)))] })] }, l.line))) })] }) }) }), shown.length > rows.length && (_jsxs("p", { className: "faint", children: ["The first ", count(rows.length), " of ", count(shown.length), " rows are shown."] }))] }));
}
