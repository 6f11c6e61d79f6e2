/** Data type of a kind on its way from the palette to the canvas. */
export const KIND_DRAG = "application/x-flowloft-kind";
