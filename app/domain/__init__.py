"""What Pincite talks about: frozen models, typed errors and ports. Imports no other room."""
