import { jsx as _jsx, jsxs as _jsxs } from "react/jsx-runtime";
import { useRef, useState } from "react";
import { Icon } from "./icon.js";
import { bytes } from "./words.js";
export function FileDrop({ label, about, accept, file, take, }) {
    const input = useRef(null);
    const [over, setOver] = useState(false);
    const drag = (on) => (event) => {
        event.preventDefault();
        setOver(on);
    };
    return (_jsxs("label", { className: `drop${over ? " is-over" : ""}`, onDragOver: drag(true), onDragLeave: drag(false), onDrop: (event) => {
            event.preventDefault();
            setOver(false);
            const dropped = event.dataTransfer.files[0];
            if (dropped)
                take(dropped);
        }, children: [_jsx("input", { ref: input, type: "file", className: "visually-hidden", accept: accept, onChange: (event) => {
                    const chosen = event.target.files?.[0];
                    if (chosen)
                        take(chosen);
                    event.target.value = "";
                } }), _jsx(Icon, { name: "upload", size: 20 }), _jsxs("span", { children: [_jsx("span", { className: "drop-label", children: file ? file.name : label }), _jsx("span", { className: "about", children: file ? bytes(file.size) : `${about}. Drop it here, or choose it.` })] })] }));
}
