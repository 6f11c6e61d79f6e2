/** A log as a terminal shows it: of a line that was written over, such as a bar of progress, what was written last. */
export function asShown(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .split("\n")
    .map((line) => {
      const written = line.replace(/\r+$/, "");
      return written.slice(written.lastIndexOf("\r") + 1);
    })
    .join("\n");
}
