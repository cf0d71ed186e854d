//! Starts the screens: theme, backend, application.

import { mount } from "svelte";
import App from "./App.svelte";
import { t } from "./i18n/index.ts";
import { useBackend } from "./ipc/backend.ts";
import { tauriBackend } from "./ipc/tauri.ts";
import { guardCopying } from "./session/copying.ts";
import "./theme/tokens.css";
import "./theme/base.css";

// The fake core is for development and the tests in a browser: the program is built without it
// (`vite.config.ts`), and has no other core than its own.
if (__FAKE_CORE__ && !("__TAURI_INTERNALS__" in window)) {
  const { fakeBackend, fakeOptions } = await import("./ipc/fake.ts");
  useBackend(fakeBackend(fakeOptions(location.search)));
} else {
  useBackend(tauriBackend());
}

const target = document.getElementById("app");
if (target) {
  document.title = t("app-name");
  guardCopying(window);
  mount(App, { target });
}
