"""The migrations of the store, run by `moodtune.serving.store.migrating`."""
