"""Training and export; needs the ``train`` extra and is never imported at run time."""
