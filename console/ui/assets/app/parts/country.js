import { jsx as _jsx } from "react/jsx-runtime";
import { useMemo, useState } from "react";
import { Find } from "./form.js";
const codes = "AF AX AL DZ AS AD AO AI AQ AG AR AM AW AU AT AZ BS BH BD BB BY BE BZ BJ BM BT BO BQ BA BW BV BR IO BN BG BF BI KH CM CA CV KY CF TD CL CN CX CC CO KM CG CD CK CR CI HR CU CW CY CZ DK DJ DM DO EC EG SV GQ ER EE SZ ET FK FO FJ FI FR GF PF TF GA GM GE DE GH GI GR GL GD GP GU GT GG GN GW GY HT HM VA HN HK HU IS IN ID IR IQ IE IM IL IT JM JP JE JO KZ KE KI KP KR KW KG LA LV LB LS LR LY LI LT LU MO MG MW MY MV ML MT MH MQ MR MU YT MX FM MD MC MN ME MS MA MZ MM NA NR NP NL NC NZ NI NE NG NU NF MK MP NO OM PK PW PS PA PG PY PE PH PN PL PT PR QA RE RO RU RW BL SH KN LC MF PM VC WS SM ST SA SN RS SC SL SG SX SK SI SB SO ZA GS SS ES LK SD SR SJ SE CH SY TW TJ TZ TH TL TG TK TO TT TN TR TM TC TV UG UA AE GB US UM UY UZ VU VE VN VG VI WF EH YE ZM ZW";
const names = new Intl.DisplayNames("en-GB", { type: "region" });
export function countryName(code) {
    if (!code)
        return "";
    try {
        return names.of(code) ?? code;
    }
    catch {
        return code;
    }
}
export function Country({ value, onChange }) {
    const [text, setText] = useState(countryName(value));
    const all = useMemo(() => codes
        .split(" ")
        .map((id) => ({ id, text: countryName(id) }))
        .sort((a, b) => a.text.localeCompare(b.text)), []);
    const wanted = text.trim().toLowerCase();
    const exact = text === countryName(value);
    return (_jsx(Find, { label: "Country", name: "country", text: text, onText: (next) => {
            setText(next);
            if (!next)
                onChange("");
        }, options: exact ? all : all.filter((c) => c.text.toLowerCase().includes(wanted) || c.id.toLowerCase() === wanted), onChange: (code) => {
            onChange(code);
            setText(countryName(code));
        } }));
}
