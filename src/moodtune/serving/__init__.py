"""The service: an HTTP API and a page over a loaded model, and the store of what it remembers."""
