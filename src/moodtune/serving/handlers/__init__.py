"""The routes, a module per family; each handler reads, works in one hop, and answers."""
