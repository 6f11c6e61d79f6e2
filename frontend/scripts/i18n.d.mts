export function sentences(): Map<string, string>;
export function readCatalogue(): Record<string, string>;
