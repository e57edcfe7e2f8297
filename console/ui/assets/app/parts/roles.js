const ranks = ["owner", "administrator_billing", "administrator", "technician", "help_desk", "read_only"];
export function above(role, other) {
    return ranks.indexOf(role) < ranks.indexOf(other);
}
