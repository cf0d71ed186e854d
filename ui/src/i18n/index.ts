//! Every string a person reads comes from here. Fluent messages in `en.ftl`; a missing one shows
//! its own id, so that a test and a reader both see it.

import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import source from "./en.ftl?raw";

const LOCALE = "en";

const bundle = new FluentBundle(LOCALE);
bundle.addResource(new FluentResource(source));

/** The message in the language of the window. */
export function t(id: string, values?: Record<string, FluentVariable>): string {
  const message = bundle.getMessage(id);
  if (!message?.value) return id;
  return bundle.formatPattern(message.value, values ?? null, []);
}

/** Whether there is a message of this name: for words that the core may add to. */
export function known(id: string): boolean {
  return bundle.hasMessage(id);
}

/** The message if there is one, else the core's own word. */
export function tOr(id: string, word: string, values?: Record<string, FluentVariable>): string {
  return known(id) ? t(id, values) : word;
}
