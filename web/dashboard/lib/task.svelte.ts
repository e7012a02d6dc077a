/** Work that a button or a form starts: whether it runs, and what went wrong the last time. */
import { Problem } from "./problem";

export class Task {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);

  async run(work: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.problem = null;
    try {
      await work();
    } catch (error) {
      this.problem = Problem.caught(error);
    }
    this.busy = false;
  }

  /** Returns what a form does when it is submitted. */
  submit = (work: () => Promise<void>) => (event: SubmitEvent) => {
    event.preventDefault();
    return this.run(work);
  };
}
