//! Starts the screens: theme, backend, application.

import { mount } from "svelte";
import App from "./App.svelte";
import { t } from "./i18n/index.ts";
import { useBackend } from "./ipc/backend.ts";
import "./theme/tokens.css";
import "./theme/base.css";

const inWindow = "__TAURI_INTERNALS__" in window;

if (inWindow) {
  const { tauriBackend } = await import("./ipc/tauri.ts");
  useBackend(tauriBackend());
} else {
  const { fakeBackend, fakeOptions } = await import("./ipc/fake.ts");
  useBackend(fakeBackend(fakeOptions(location.search)));
}

const target = document.getElementById("app");
if (target) {
  document.title = t("app-name");
  mount(App, { target });
}
