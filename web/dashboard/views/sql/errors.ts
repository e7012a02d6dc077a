/** Where in the query an error is. */

const NAMED = [/no such (?:column|table|function): (?:[a-z_]+\.)?([\w."]+?)[.:]?(?:\s|$)/i, /near "((?:[^"]|"")+)"/, /ambiguous column name: ([\w.]+)/, /unrecognized token: "([^"]+)/, /^`?(\w+)`? (?:is not|cannot)/];

/** Returns the place of the name that the message complains of; null if it names none or the query does not have it. */
export function placeOf(message: string, query: string): { from: number; to: number } | null {
  for (const pattern of NAMED) {
    const name = message.match(pattern)?.[1]?.replace(/[.:]$/, "");
    if (!name) continue;
    const place = find(query, name) ?? find(query, name.split(".").at(-1)!);
    if (place) return place;
  }
  return null;
}

function find(query: string, name: string): { from: number; to: number } | null {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const word = /^\w/.test(name) ? `(?<![\\w])${escaped}(?![\\w])` : escaped;
  // Texts and comments are skipped: what is wrong is in the SQL itself.
  const pattern = new RegExp(`'(?:[^']|'')*'|--[^\\n]*|/\\*[\\s\\S]*?\\*/|(${word})`, "gi");
  for (const match of query.matchAll(pattern)) if (match[1] !== undefined) return { from: match.index, to: match.index + match[0].length };
  return null;
}
