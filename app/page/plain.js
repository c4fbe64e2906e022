// Markdown of ours as plain text: only the first emphasis is ours for certain, the rest is shown exactly as it is.

export function plain(markdown) {
  return markdown.replace(/\*\*(.+?)\*\*/, "$1");
}
