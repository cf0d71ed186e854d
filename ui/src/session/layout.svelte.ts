//! How much room there is, in the interface's own units: a small window and a large scale are the
//! same to a layout.

import { preferences } from "./preferences.svelte.ts";

const COMPACT_WIDTH = 960;
const SHORT_HEIGHT = 560;

class Layout {
  #width = $state(1280);
  #height = $state(720);

  /** Side panels lie over the content instead of beside it. */
  compact = $derived(this.#width / preferences.wishes.scale < COMPACT_WIDTH);
  /** The filmstrip folds away. */
  short = $derived(this.#height / preferences.wishes.scale < SHORT_HEIGHT);

  measure(): void {
    this.#width = innerWidth;
    this.#height = innerHeight;
  }
}

export const layout = new Layout();
