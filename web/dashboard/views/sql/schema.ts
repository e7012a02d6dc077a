/** The tables that queries read. */
import type { components } from "../../../api/rollcall";

export type Table = components["schemas"]["SchemaTable"];

/** Returns tables with the columns that match a search; all of a table if its name matches. */
export function search(tables: Table[], text: string): Table[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return tables;
  return tables.flatMap((table) => {
    if (table.name.includes(wanted)) return [table];
    const columns = table.columns.filter(({ name, meaning }) => name.includes(wanted) || meaning.toLowerCase().includes(wanted));
    return columns.length ? [{ ...table, columns }] : [];
  });
}
