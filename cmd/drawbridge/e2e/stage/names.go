package main

// person gives names that look like those of a company, the same ones every time.
func person(n int) string {
	return givens()[n%len(givens())] + " " + families()[(n/len(givens())*7+n*3)%len(families())]
}

func givens() []string {
	return []string{
		"Mira", "Lee", "Noor", "Jonas", "Priya", "Tomás", "Ingrid", "Kofi", "Yuki", "Elena", "Marcus", "Fatima", "Owen", "Sofia", "Ravi", "Hannah", "Luca", "Amara", "Felix",
		"Zoë", "Diego", "Nadia", "Pavel", "Chloe", "Samuel", "Leila", "Henrik", "Aisha", "Bruno", "Mei", "Oscar", "Tara", "Victor", "Rosa", "Simon", "Ida", "Karim", "Julia",
		"Anders", "Wanjiru",
	}
}

func families() []string {
	return []string{
		"Okafor", "O'Neil", "Ünal", "Lindqvist", "Sharma", "Herrera", "Bauer", "Mensah", "Tanaka", "Petrova", "Reid", "Rahman", "Hughes", "Rossi", "Iyer", "Cohen", "Moretti",
		"Diallo", "Weber", "Visser", "Castillo", "Haddad", "Novák", "Martin", "Adeyemi", "Karimi", "Nilsson", "Hussain", "Almeida", "Chen", "Wright", "Gallagher", "Popescu",
		"Delgado", "Fischer", "Sørensen", "Nasser", "Kowalska", "Holm", "Kamau", "Brandt", "Silva", "Byrne",
	}
}

func title(n int) string {
	all := []string{"Engineer", "Analyst", "Designer", "Account manager", "Support", "Director", "Accountant"}
	return all[n%len(all)]
}

func department(n int) string {
	all := []string{"R&D", "Finance", "Sales", "Operations"}
	return all[n%len(all)]
}

// arabic gives names that are written from right to left.
func arabic(n int) string {
	return []string{"ليلى حداد", "عمر المصري", "نور الهاشمي", "سامي خوري", "هند العلي", "يوسف قاسم"}[n]
}
