"""Runtimes of models: llama.cpp, the ONNX embedder, the catalog and the library on disk."""
