/** What may be attached to a message, and why something may not. */
import { listed, t } from "@/shared/i18n";
import { formatBytes } from "@/shared/lib/format";
import type { Takes } from "./facts";

export const LARGEST = 20 * 1024 * 1024;
export const AT_ONCE = 10;

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const DOCUMENTS = ["pdf", "docx", "pptx", "xlsx", "csv", "md", "html", "htm", "txt", "json", "epub", "ipynb"];

export const isPicture = (type: string) => PICTURES.includes(type);

function isDocument(name: string): boolean {
  return DOCUMENTS.includes(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
}

/** For the browser's own dialogue. */
export function accepted(takes: Takes): string {
  const documents = DOCUMENTS.map((ending) => `.${ending}`);
  if (takes === "pictures") return PICTURES.join(",");
  return takes === "documents" ? documents.join(",") : [...PICTURES, ...documents].join(",");
}

/** Why a file is not taken; undefined where it is. */
export function refusal(
  file: { name: string; type: string; size: number },
  takes: Takes,
): string | undefined {
  const { name } = file;
  if (takes === "none") return t("{name}: this flow takes no files.", { name });
  if (file.size === 0) return t("{name} is empty.", { name });
  if (file.size > LARGEST)
    return t("{name} has {size}; at most {most} are taken.", {
      name,
      size: formatBytes(file.size),
      most: formatBytes(LARGEST),
    });
  const picture = isPicture(file.type);
  if (takes === "pictures" && !picture)
    return t("{name}: this flow takes pictures only (PNG, JPEG, GIF, WebP).", { name });
  if (takes === "documents" && !isDocument(name))
    return t("{name}: this flow takes documents only ({list}).", { name, list: listed(DOCUMENTS) });
  if (!picture && !isDocument(name))
    return t("{name}: pictures and documents are taken ({list}).", { name, list: listed(DOCUMENTS) });
  return undefined;
}
