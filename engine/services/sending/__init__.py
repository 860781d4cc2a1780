"""Whether messages may go, asked of the stored policy; and the policy itself."""
