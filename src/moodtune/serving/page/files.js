// Giving somebody a file or a text to take away.

/** Hand `blob` to the browser as a download called `name`. */
export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** A name that every file system takes, from any text. */
export function fileName(text, ending) {
  const safe = text.replace(/[^\p{L}\p{N} .,_-]+/gu, " ").replace(/\s+/g, " ").trim().slice(0, 60);
  return `${safe.replace(/^\.+/, "") || "moodtune"}.${ending}`;
}
