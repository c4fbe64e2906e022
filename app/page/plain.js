// Markdown of ours as plain text: the first emphasis and the fence around arguments are ours for certain (what they hold
// has no fence as long), the rest is shown exactly as it is.

export function plain(markdown) {
  return markdown.replace(/\*\*(.+?)\*\*/, "$1").replace(/^(`{3,})yaml\n([\s\S]*?)\n\1$/m, "$2");
}
