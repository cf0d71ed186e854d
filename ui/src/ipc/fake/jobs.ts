//! Long work of the fake core: counts up, can be cancelled, ends with a result.

import type { AppError, JobView } from "../bindings.ts";

const TICK = 200;

export class FakeJobs {
  #jobs = new Map<string, JobView>();
  #next = 1;
  hear: (job: JobView) => void = () => undefined;

  list(): JobView[] {
    return [...this.#jobs.values()];
  }

  clear(): void {
    this.#jobs.clear();
  }

  cancel(id: string): void {
    const job = this.#jobs.get(id);
    if (job?.state === "running") this.#set({ ...job, state: "cancelled" });
  }

  start(what: string, total: number, bytes: number, ticks: number, end: () => unknown): JobView {
    const id = String(this.#next++);
    const job: JobView = {
      id,
      what,
      state: "running",
      done: 0,
      total,
      bytes_done: 0,
      bytes_total: bytes,
      seconds: 0,
      error: null,
      result: null,
    };
    this.#set(job);
    let tick = 0;
    const timer = setInterval(() => {
      const now = this.#jobs.get(id);
      if (!now || now.state !== "running") {
        clearInterval(timer);
        return;
      }
      tick += 1;
      const part = Math.min(1, tick / ticks);
      const moved = {
        ...now,
        done: Math.round(total * part),
        bytes_done: Math.round(bytes * part),
        seconds: (tick * TICK) / 1000,
      };
      if (part < 1) {
        this.#set(moved);
        return;
      }
      clearInterval(timer);
      try {
        this.#set({ ...moved, state: "done", result: end() });
      } catch (thrown) {
        this.#set({ ...moved, state: "failed", error: thrown as AppError });
      }
    }, TICK);
    return job;
  }

  #set(job: JobView): void {
    this.#jobs.set(job.id, job);
    this.hear(job);
  }
}
