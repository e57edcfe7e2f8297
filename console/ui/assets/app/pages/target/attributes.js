const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const texts = {
    userName: "User name",
    displayName: "Display name",
    "name.formatted": "Full name",
    "name.familyName": "Last name",
    "name.givenName": "First name",
    "name.middleName": "Middle name",
    "name.honorificPrefix": "Title before the name",
    "name.honorificSuffix": "Suffix after the name",
    nickName: "Nickname",
    profileUrl: "Address of the profile",
    title: "Job title",
    userType: "Type of user",
    preferredLanguage: "Preferred language",
    locale: "Locale",
    timezone: "Time zone",
    [`${enterprise}:employeeNumber`]: "Employee number",
    [`${enterprise}:costCenter`]: "Cost centre",
    [`${enterprise}:organization`]: "Organization",
    [`${enterprise}:division`]: "Division",
    [`${enterprise}:department`]: "Department",
};
export const lists = {
    emails: "E-mail addresses",
    phoneNumbers: "Phone numbers",
    addresses: "Postal addresses",
};
const options = (of) => Object.entries(of).map(([id, about]) => ({ id, text: id, about }));
export const attributes = options({ ...texts, ...lists });
export const sources = options({ email: "Primary e-mail address", ...texts });
export function matching(all, text) {
    const wanted = text.trim().toLowerCase();
    if (all.some((o) => o.id === text))
        return all;
    return all.filter((o) => o.id.toLowerCase().includes(wanted) || o.about?.toLowerCase().includes(wanted));
}
export function wrongAttribute(rules, at) {
    const name = rules[at]?.attribute ?? "";
    if (!name)
        return undefined;
    if (!(name in texts) && !(name in lists))
        return `No attribute “${name}” is sent. Choose one of the list.`;
    return rules.findIndex((r) => r.attribute === name) < at ? "There is another rule for it already." : undefined;
}
export function wrongSource({ source }) {
    return !source || source === "email" || source in texts ? undefined : `There is no attribute “${source}”. Choose one of the list.`;
}
