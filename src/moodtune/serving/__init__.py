"""The service: an HTTP API and a page over a loaded model and a store of what listeners said."""
