"""Floor 4: the HTTP surface. It translates; no rule about contacts lives here."""
