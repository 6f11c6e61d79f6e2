/** The pages that a menu leads to, told once by the application to whoever offers them elsewhere. */

export interface Place {
  path: string;
  title: string;
  icon: string;
}

let known: Place[] = [];

export function tellPlaces(places: Place[]): void {
  known = places;
}

export function places(): Place[] {
  return known;
}
