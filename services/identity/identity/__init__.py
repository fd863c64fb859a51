"""Users, sessions, accounts, verifications; Better Auth's wire contract; signs internal tokens."""
