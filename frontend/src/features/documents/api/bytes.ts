import { readError, transport } from "@/shared/api";

/** Sends bytes as they are; what the studio answers, or the error it tells. */
export async function sendBytes(method: "POST" | "PUT", path: string, body: Blob): Promise<unknown> {
  const response = await transport(
    new Request(`${window.location.origin}${path}`, {
      method,
      headers: { "Content-Type": "application/octet-stream" },
      body,
    }),
  );
  const told = await response.json();
  if (!response.ok) throw readError(response.status, told);
  return told;
}
