"""The child process that owns models and index: its protocol, the child and its supervisor."""
