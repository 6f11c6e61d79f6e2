/** Mantine told to look like Flowloft: every colour it draws comes from `shared/ui/tokens.css`. */
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
} from "@mantine/core";

const loft: MantineColorsTuple = [
  "#eaf6f3",
  "#d3ebe6",
  "#a9d9d0",
  "#7accbe",
  "#46b9a8",
  "#2b9d8d",
  "#178377",
  "#0f6b62",
  "#0b564f",
  "#07403b",
];
const brick: MantineColorsTuple = [
  "#fdeeec",
  "#fbe0dd",
  "#f6c0bb",
  "#f2a59d",
  "#f28b82",
  "#dd5b50",
  "#c73d32",
  "#b3261e",
  "#931d16",
  "#721510",
];

/** Warm greys by day, slate green by night, where Mantine asks for its own. */
const gray: MantineColorsTuple = [
  "#f8f7f2",
  "#f1efe8",
  "#e8e5db",
  "#dedacd",
  "#c9c5b6",
  "#a8a496",
  "#85836f",
  "#5d635c",
  "#3b4540",
  "#252d2a",
];
const dark: MantineColorsTuple = [
  "#d5dcd9",
  "#b3bdb9",
  "#8f9b96",
  "#6c7974",
  "#414b48",
  "#333c39",
  "#262d2b",
  "#191e1d",
  "#141918",
  "#0e1211",
];

export const theme = createTheme({
  colors: { loft, red: brick, gray, dark },
  primaryColor: "loft",
  primaryShade: { light: 7, dark: 4 },
  // What is filled is dark by day and light by night, which a colour chosen while drawing cannot know.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    return input.variant === "filled" ? { ...colors, color: "var(--on-accent)" } : colors;
  },
  white: "#fffefb",
  black: "#0c1614",
  fontFamily: "var(--font-text)",
  fontFamilyMonospace: "var(--font-mono)",
  headings: { fontFamily: "var(--font-text)", fontWeight: "620" },
  fontSizes: {
    xs: "var(--text-xs)",
    sm: "var(--text-sm)",
    md: "var(--text-md)",
    lg: "var(--text-lg)",
    xl: "var(--text-xl)",
  },
  spacing: {
    xs: "var(--space-2)",
    sm: "var(--space-3)",
    md: "var(--space-4)",
    lg: "var(--space-5)",
    xl: "var(--space-6)",
  },
  radius: {
    xs: "3px",
    sm: "var(--radius-sm)",
    md: "var(--radius-md)",
    lg: "var(--radius-lg)",
    xl: "18px",
  },
  defaultRadius: "md",
  shadows: {
    xs: "var(--shadow-1)",
    sm: "var(--shadow-1)",
    md: "var(--shadow-2)",
    lg: "var(--shadow-3)",
    xl: "var(--shadow-3)",
  },
  cursorType: "pointer",
  components: {
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    TextInput: { defaultProps: { size: "sm" } },
    Tooltip: {
      defaultProps: { openDelay: 350, withArrow: false, events: { hover: true, focus: true, touch: false } },
    },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4, blur: 2 } } },
    Menu: { defaultProps: { shadow: "lg", position: "bottom-end" } },
  },
});

const surfaces = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--ink)",
  "--mantine-color-dimmed": "var(--ink-faint)",
  "--mantine-color-placeholder": "var(--ink-faint)",
  "--mantine-color-anchor": "var(--accent-ink)",
  "--mantine-color-error": "var(--bad)",
  "--mantine-color-default": "var(--raised)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--ink)",
  "--mantine-color-default-border": "var(--line-strong)",
  "--mantine-color-loft-light": "var(--accent-soft)",
  "--mantine-color-loft-light-color": "var(--accent-ink)",
  "--mantine-color-red-light": "var(--bad-soft)",
  "--mantine-color-red-light-color": "var(--bad)",
  "--mantine-color-gray-outline": "var(--ink-soft)",
  "--mantine-color-gray-light-color": "var(--ink-soft)",
  "--mantine-color-gray-light-hover": "var(--hover)",
};

export const variables: CSSVariablesResolver = () => ({ variables: {}, light: surfaces, dark: surfaces });
