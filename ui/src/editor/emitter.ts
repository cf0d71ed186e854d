//! Events with typed payloads.

/** Listeners by event name; `E` maps names to payloads. */
export class Emitter<E> {
  readonly #listeners = new Map<keyof E, Set<(payload: never) => void>>();

  /** Calls `listener` at every such event; returns how to stop that. */
  on<K extends keyof E>(name: K, listener: (payload: E[K]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit<K extends keyof E>(name: K, payload: E[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      (listener as (payload: E[K]) => void)(payload);
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
