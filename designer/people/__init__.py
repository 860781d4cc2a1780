"""The rooms about our own people: who there is, who leads whom, who is away, who takes over."""
