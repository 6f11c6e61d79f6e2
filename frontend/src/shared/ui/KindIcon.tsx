import icons from "virtual:kind-icons";
import { createElement } from "react";

interface Props {
  /** Name of a Tabler icon, as the catalogue tells it. */
  name: string;
  size?: number;
  stroke?: number;
}

/** An icon named by data: a kind, a template or a page. One that the build did not find shows a box. */
export function KindIcon({ name, size = 18, stroke = 1.75 }: Props) {
  const parts = icons[name] ?? icons.box ?? [];
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={stroke}
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {parts.map(([tag, attributes]) =>
        createElement(tag, { ...attributes, key: JSON.stringify(attributes) }),
      )}
    </svg>
  );
}
