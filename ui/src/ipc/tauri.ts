//! The core behind the shell's commands, as they are generated.

import { listen } from "@tauri-apps/api/event";
import type { Backend, CoreEvents } from "./backend.ts";
import { commands } from "./bindings.ts";

/** The window's backend. */
export function tauriBackend(): Backend {
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
