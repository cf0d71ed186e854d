//! Long lists: only the rows on screen are in the document. A rune around TanStack's virtualizer.

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from "@tanstack/virtual-core";

interface Options {
  count: () => number;
  /** Height of a row (or width of a column) in pixels. */
  size: () => number;
  horizontal?: boolean;
  overscan?: number;
  /** Where to start. */
  offset?: number;
  scrolled?: (offset: number) => void;
}

export class VirtualList {
  items = $state.raw<readonly VirtualItem[]>([]);
  total = $state(0);
  #virtualizer: Virtualizer<HTMLElement, HTMLElement>;
  #element: HTMLElement | null = null;
  #options: Options;

  constructor(options: Options) {
    this.#options = options;
    this.#virtualizer = new Virtualizer(this.#settings());
  }

  /** Attach to the element that scrolls. */
  attach = (element: HTMLElement): (() => void) => {
    this.#element = element;
    const unmount = this.#virtualizer._didMount();
    $effect(() => {
      this.#virtualizer.setOptions(this.#settings());
      this.#virtualizer.measure();
      this.#virtualizer._willUpdate();
      this.#publish();
    });
    return () => {
      unmount();
      this.#element = null;
    };
  };

  show(index: number): void {
    if (index >= 0) this.#virtualizer.scrollToIndex(index, { align: "auto" });
  }

  #settings() {
    return {
      count: this.#options.count(),
      estimateSize: () => this.#options.size(),
      horizontal: this.#options.horizontal ?? false,
      overscan: this.#options.overscan ?? 4,
      initialOffset: this.#options.offset ?? 0,
      getScrollElement: () => this.#element,
      scrollToFn: elementScroll<HTMLElement>,
      observeElementRect,
      observeElementOffset,
      onChange: () => {
        this.#publish();
        this.#options.scrolled?.(this.#virtualizer.scrollOffset ?? 0);
      },
    };
  }

  #publish(): void {
    this.items = this.#virtualizer.getVirtualItems();
    this.total = this.#virtualizer.getTotalSize();
  }
}
