/** The CSS colour of a port type; a type that the page does not know looks like `any`. */
export function portColor(type: string): string {
  return `var(--port-${type.replace(/[^a-z]/g, "")}, var(--port-any))`;
}
