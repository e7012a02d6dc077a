/** What is typed, once the reader pauses. */
export class Settled {
  value = $state("");

  constructor(typed: () => string, milliseconds: number) {
    $effect(() => {
      const text = typed().trim();
      const timer = setTimeout(() => (this.value = text), milliseconds);
      return () => clearTimeout(timer);
    });
  }
}
