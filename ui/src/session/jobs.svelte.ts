//! Long work: what runs, how far it is, and who waits for its result.

import { backend, type AppError, type JobView } from "../ipc/backend.ts";

/** How often running jobs are asked for, in case an event was missed. */
const POLL = 1500;

class Jobs {
  list = $state.raw<readonly JobView[]>([]);
  /** Jobs whose report has not been looked at. */
  trayOpen = $state(false);
  #waiting = new Map<string, (job: JobView) => void>();
  #stop: (() => void) | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  running = $derived(this.list.filter((job) => job.state === "running"));

  start(): void {
    this.stop();
    this.#stop = backend().listen("job", (job) => this.#heard(job));
    this.#timer = setInterval(() => {
      if (this.running.length > 0) void this.#ask();
    }, POLL);
    void this.#ask();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#waiting.clear();
    this.list = [];
    this.trayOpen = false;
  }

  /** Follows a job to its end; rejects with its error. `null` when it was cancelled. */
  async run<T>(started: Promise<JobView>, progress?: (job: JobView) => void): Promise<T | null> {
    const answer = await started;
    this.#heard(answer);
    // It may have ended before the command's own answer came: then that end counts.
    const job = this.list.find(({ id }) => id === answer.id) ?? answer;
    progress?.(job);
    const ended =
      job.state !== "running"
        ? job
        : await new Promise<JobView>((resolve) => {
            this.#waiting.set(job.id, (now) => {
              progress?.(now);
              if (now.state === "running") return;
              this.#waiting.delete(job.id);
              resolve(now);
            });
          });
    if (ended.state === "failed") throw ended.error ?? LOST;
    return ended.state === "cancelled" ? (ended.result as T | null) : (ended.result as T);
  }

  cancel(id: string): void {
    backend()
      .job_cancel(id)
      .catch(() => undefined);
  }

  /** Takes a finished job off the tray. */
  dismiss(id: string): void {
    this.list = this.list.filter((job) => job.id !== id || job.state === "running");
    this.#dismissed.add(id);
  }
  #dismissed = new Set<string>();

  #heard(job: JobView): void {
    if (this.#dismissed.has(job.id) && job.state !== "running") return;
    const at = this.list.findIndex((one) => one.id === job.id);
    // An event may overtake the command's own answer: what has ended stays ended.
    const known = this.list[at];
    if (known && known.state !== "running" && job.state === "running") return;
    this.list = at < 0 ? [job, ...this.list] : this.list.with(at, job);
    this.#waiting.get(job.id)?.(job);
  }

  async #ask(): Promise<void> {
    try {
      for (const job of await backend().jobs()) this.#heard(job);
    } catch {
      // A locked vault has no jobs to tell of; the event of locking says so elsewhere.
    }
  }
}

const LOST: AppError = { kind: "internal", detail: "The job ended without saying why.", remedy: null };

export const jobs = new Jobs();
