"""Files to pages: every file is read in a limited child process of its own."""
