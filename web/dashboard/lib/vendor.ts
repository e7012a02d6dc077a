/** Changes through the vendors' own operations, which Rollcall serves as well. Their errors have shapes of their own. */
import { report } from "./client";
import { Problem } from "./problem";

interface VendorError {
  message?: string;
  errors?: { field?: string; description?: string; message?: string }[];
}

/** Returns all that a vendor's error says. */
export function vendorMessage(error: VendorError): string {
  const details = (error.errors ?? []).map(({ field, description, message }) => description ?? (field ? `${field}: ${message}` : message)).filter(Boolean);
  return details.length ? details.join(". ") : (error.message ?? "");
}

/** Sends a change. Throws a `Problem` that names what is wrong. */
export async function change(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<void> {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error) => {
    throw Problem.caught(error);
  });
  if (response.ok) return;
  const found = (await response.json().catch(() => ({}))) as VendorError;
  const problem = Problem.of(response, vendorMessage(found));
  report(problem);
  throw problem;
}
