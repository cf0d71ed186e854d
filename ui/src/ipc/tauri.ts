//! The core behind the shell's commands. Every command takes its arguments by name; the table says
//! the names in the order of the contract.

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Backend, CoreEvents } from "./backend.ts";
import type { Commands } from "./bindings.ts";

const ARGUMENTS = {
  vault_front: ["path"],
  vault_create: ["request"],
  vault_unlock: ["path", "name", "passphrase"],
  vault_lock: [],
  session: [],
  activity: [],
  browse: ["path"],
  projects: [],
  project_create: ["name", "marking"],
  items: ["project", "query"],
  item_ids: ["project", "query"],
  folders: ["project"],
  labels: ["project"],
  label_save: ["project", "label"],
  label_delete: ["project", "label"],
  item_open: ["project", "item"],
  edit: ["project", "item", "gesture", "edits"],
  undo: ["project"],
  redo: ["project"],
  undo_state: ["project"],
  history: ["project", "item"],
  setting_get: ["project", "key"],
  setting_set: ["project", "key", "value"],
  import_plan: ["project", "paths"],
  import_run: ["project", "token"],
  formats: [],
  annotations_import: ["project", "format", "path", "strict"],
  export_plan: ["request"],
  export_run: ["request"],
  bundle_verify: ["path", "signers"],
  bundle_receive: ["path", "accept_fingerprint", "name"],
  jobs: [],
  job_cancel: ["id"],
  check: [],
  manual_pages: [],
  manual_page: ["slug"],
  manual_search: ["words"],
  security: [],
} as const satisfies Record<keyof Commands, readonly string[]>;

/** The shell expects camel case for the names of arguments. */
function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The window's backend. */
export function tauriBackend(): Backend {
  const commands = Object.fromEntries(
    Object.entries(ARGUMENTS).map(([command, names]) => [
      command,
      (...values: unknown[]) =>
        invoke(command, Object.fromEntries(names.map((name, at) => [camel(name), values[at]]))),
    ]),
  ) as unknown as Commands;
  return {
    ...commands,
    listen(event, hear) {
      let stopped = false;
      let stop: (() => void) | null = null;
      void listen<CoreEvents[typeof event]>(event, ({ payload }) => hear(payload)).then((off) => {
        if (stopped) off();
        else stop = off;
      });
      return () => {
        stopped = true;
        stop?.();
      };
    },
    thumbnail: (session, project, item) => `${session.media_base}/thumb/${project}/${item}`,
    tile: (session, at, rendering) =>
      `${session.media_base}/tile/${at.project}/${at.item}/${at.level}/${at.x}/${at.y}` +
      `?r=${encodeURIComponent(JSON.stringify(rendering))}`,
  };
}
