"""The command line: one file per noun; calls only ``app.wiring``."""
