//! Keys of a toolbar: it is one stop of Tab, and arrow keys, Home and End walk through its buttons.
//! After the toolbar pattern of the WAI-ARIA Authoring Practices.

const BUTTONS = "button:not(:disabled)";

/** Attach to the element with the role. */
export function toolbar(node: HTMLElement): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  node.addEventListener("focusin", ({ target }) => stopAt(node, buttonAt(target)), { signal });
  node.addEventListener("keydown", (event) => walk(node, event), { signal });
  // Labels come and go, tools are shut for readers: there is always one to stop at.
  const keep = () => stopAt(node, node.querySelector(`${BUTTONS}[tabindex="0"]`));
  const changes = new MutationObserver(keep);
  changes.observe(node, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  keep();
  return () => {
    stop.abort();
    changes.disconnect();
  };
}

function stopAt(node: HTMLElement, wanted: Element | null): void {
  const stop = wanted ?? node.querySelector(BUTTONS);
  for (const button of node.querySelectorAll("button")) button.tabIndex = button === stop ? 0 : -1;
}

function walk(node: HTMLElement, event: KeyboardEvent): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const buttons = [...node.querySelectorAll<HTMLElement>(BUTTONS)];
  const at = buttons.findIndex((button) => button === buttonAt(event.target));
  const [back, on] = node.getAttribute("aria-orientation") === "vertical" ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const to = { [back]: at - 1, [on]: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  buttons[to]?.focus();
}

function buttonAt(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest("button") : null;
}
