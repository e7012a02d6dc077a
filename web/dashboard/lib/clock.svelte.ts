/** The time now, as reactive state, for ages and running minutes. */

class Now {
  second = $state(Date.now());

  constructor() {
    setInterval(() => {
      if (!document.hidden) this.second = Date.now();
    }, 1000);
    document.addEventListener("visibilitychange", () => (this.second = Date.now()));
  }
}

export const now = new Now();
