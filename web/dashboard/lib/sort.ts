/** The order of a table's rows in the address: a column's key, after a `-` if it descends. */
export interface Sort {
  key: string;
  order: "asc" | "desc";
}

/** Reads an order by one of the `known` columns; `usual` if it is none. */
export function readSort(value: string | null, known: object, usual: Sort): Sort {
  const key = value?.replace(/^-/, "") ?? "";
  return Object.hasOwn(known, key) ? { key, order: value!.startsWith("-") ? "desc" : "asc" } : usual;
}

export const writeSort = ({ key, order }: Sort) => (order === "desc" ? `-${key}` : key);
