/** The address in the browser as reactive state. */
import { match, type Route } from "./routes";
import { shared } from "./filters";

class Address {
  path = $state(location.pathname);
  search = $state(location.search);
  hash = $state(location.hash);
  route: Route = $derived(match(this.path));
  query = $derived(new URLSearchParams(this.search));

  /** Reads the browser's address again. */
  read = () => {
    this.path = location.pathname;
    this.search = location.search;
    this.hash = location.hash;
  };

  /** Goes to a path of this site. Filters that views share stay, unless the path has its own query. */
  go(to: string, { replace = false } = {}) {
    history[replace ? "replaceState" : "pushState"](null, "", to);
    this.read();
    if (!replace) scrollTo(0, 0);
  }

  /** Changes parameters of the query; null and "" remove one, a list sets several of one name. */
  set(changes: Record<string, string | string[] | null>, { replace = false } = {}) {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
      query.delete(name);
      for (const one of Array.isArray(value) ? value : value ? [value] : []) query.append(name, one);
    }
    history[replace ? "replaceState" : "pushState"](null, "", `${location.pathname}${suffix(query)}${location.hash}`);
    this.read();
  }

  /** Returns the address of a view with the filters that views share. */
  keep(path: string): string {
    return path + suffix(shared(this.query));
  }
}

const suffix = (query: URLSearchParams) => (query.size ? `?${readable(query)}` : "");

/** Slashes, colons and commas need no escape in a query, and people read addresses. */
const readable = (query: URLSearchParams) => query.toString().replace(/%2F/gi, "/").replace(/%3A/gi, ":").replace(/%2C/gi, ",");

export const address = new Address();

addEventListener("popstate", address.read);
addEventListener("hashchange", address.read);

/** Follows links to views without loading the page again. Other links are left to the browser. */
addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a[href]");
  if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute("download")) return;
  if (link.origin !== location.origin || match(link.pathname).view === "missing") return;
  if (link.pathname === location.pathname && link.hash && link.search === location.search) return;
  event.preventDefault();
  address.go(link.pathname + link.search + link.hash);
});
