import { flushSync } from "svelte";

/** Light or dark: the system's choice, unless the reader made one. The name is shared with the reference's pages. */

export type Theme = "light" | "dark" | "system";
const KEY = "rollcall-theme";

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const print = matchMedia("print");

class ThemeChoice {
  chosen = $state<Theme>(stored());
  private systemDark = $state(dark.matches);
  /** Whether the page is being printed: paper is light, and everything is on it. */
  printing = $state(print.matches);
  /** What is shown. Charts draw again when it changes. */
  shown = $derived<"light" | "dark">(this.printing ? "light" : this.chosen === "system" ? (this.systemDark ? "dark" : "light") : this.chosen);

  constructor() {
    dark.addEventListener("change", () => (this.systemDark = dark.matches));
    // The browser takes the page's picture after this event, so that drawing must not wait.
    print.addEventListener("change", () => flushSync(() => (this.printing = print.matches)));
    this.apply();
  }

  choose(theme: Theme) {
    this.chosen = theme;
    try {
      if (theme === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme);
    } catch {
      // Without storage, the choice lasts until the page is closed.
    }
    this.apply();
  }

  /** Switches to the other one. */
  toggle = () => this.choose(this.shown === "dark" ? "light" : "dark");

  private apply() {
    if (this.chosen === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.chosen;
  }
}

export const theme = new ThemeChoice();

const probe = document.createElement("span");

/** Returns tokens as colours that a canvas understands, for the theme that is shown. */
export function colours<Name extends string>(...names: Name[]): Record<Name, string> {
  void theme.shown;
  if (!probe.isConnected) document.body.append(probe);
  probe.hidden = true;
  return Object.fromEntries(
    names.map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, getComputedStyle(probe).color];
    }),
  ) as Record<Name, string>;
}
