/** Keys of the whole page. Views add their own while they are shown. */

import { untrack } from "svelte";

export interface Key {
  /** "?", "/", "g n" for g and then n. */
  keys: string;
  does: string;
  run: () => void;
}

class Keys {
  /** All keys that work now, for the list that `?` opens. */
  list = $state.raw<Key[]>([]);
  private pending = "";
  private timer = 0;

  /** Adds keys. Returns the function that removes them. */
  add(keys: Key[]): () => void {
    this.list = [...untrack(() => this.list), ...keys];
    return () => (this.list = this.list.filter((key) => !keys.includes(key)));
  }

  handle = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || document.querySelector("dialog[open]")) return;
    const pressed = this.pending ? `${this.pending} ${event.key}` : event.key;
    clearTimeout(this.timer);
    this.pending = "";
    const found = this.list.findLast((key) => key.keys === pressed);
    if (found) {
      event.preventDefault();
      found.run();
    } else if (this.list.some((key) => key.keys.startsWith(`${event.key} `))) {
      this.pending = event.key;
      this.timer = window.setTimeout(() => (this.pending = ""), 1200);
    }
  };
}

export const keys = new Keys();
addEventListener("keydown", keys.handle);
