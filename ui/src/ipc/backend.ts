//! The only door to the core. Screens call `backend()` and never know what answers: the shell's
//! commands in the window, an in-memory core in a plain browser.

import type { AppError, Commands, JobView, Rendering, SessionView } from "./bindings.ts";

export type * from "./bindings.ts";

/** What the core says without being asked. */
export interface CoreEvents {
  job: JobView;
  locked: null;
  "project-changed": { project: string };
}

/** A tile of an item's pyramid: level 0 is full resolution, x and y count tiles. */
export interface TileAddress {
  project: string;
  item: string;
  level: number;
  x: number;
  y: number;
}

export interface Backend extends Commands {
  /** Hears one kind of event until the returned function is called. */
  listen<K extends keyof CoreEvents>(event: K, hear: (payload: CoreEvents[K]) => void): () => void;
  /** Where an item's thumbnail can be loaded from. */
  thumbnail(session: SessionView, project: string, item: string): string;
  /** Where a tile can be loaded from, rendered as asked. */
  tile(session: SessionView, at: TileAddress, rendering: Rendering): string;
}

let current: Backend | null = null;

/** Chooses what answers. Called once at the start, and by tests. */
export function useBackend(backend: Backend): void {
  current = backend;
}

/** The door. */
export function backend(): Backend {
  if (!current) throw new Error("no backend has been chosen");
  return current;
}

/** What was thrown, as the core words its errors. */
export function asAppError(thrown: unknown): AppError {
  if (typeof thrown === "object" && thrown !== null && "kind" in thrown && "detail" in thrown) {
    return thrown as AppError;
  }
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { kind: "internal", detail, remedy: null };
}

/** 128 random bits as 32 hexadecimal digits: the id of something new. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
