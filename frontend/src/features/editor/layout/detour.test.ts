import { describe, expect, it } from "vitest";
import type { CanvasNode } from "../store/canvasElements";
import { detour } from "./detour";

const SIZE = { width: 232, height: 140 };

function card(id: string, x: number, y: number): CanvasNode {
  return { id, type: "node", position: { x, y }, data: { shape: { ...SIZE, outputs: [] } } } as never;
}

const ends = { source: "a", target: "c", sourceX: 232, sourceY: 70, targetX: 700, targetY: 70 };
const outer = [card("a", 0, 0), card("c", 700, 0)];

describe("a wire past other cards", () => {
  it("goes straight where nothing is in its way", () => {
    expect(detour([...outer, card("b", 350, 200)], ends)).toBeNull();
  });

  it("goes around the card between its ends, on the nearer side, and past the next one too", () => {
    expect(detour([...outer, card("b", 350, -20)], ends)?.y).toBe(136);
    const both = [...outer, card("b", 350, -20), card("d", 350, 130)];
    expect(detour(both, ends)?.y).toBe(-36);
  });

  it("goes around a card that reaches over the one it ends at", () => {
    const near = { ...ends, sourceX: 232, sourceY: 70, targetX: 450, targetY: 190 };
    const stacked = [card("a", 0, 0), card("b", 300, 0), card("c", 450, 150)];
    const way = detour(stacked, near);
    expect(way?.y).toBe(156);
    expect(way?.path).toContain("L426,156");
  });
});
