/// <reference types="vite/client" />

declare module "virtual:kind-icons" {
  const icons: Record<string, [tag: string, attributes: Record<string, string>][] | undefined>;
  export default icons;
}
