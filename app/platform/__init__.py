"""This machine: paths, whole files, locks, settings, logs and the network lock."""
