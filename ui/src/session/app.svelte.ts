//! What the core last said about vault, session and project, and where in the window a person is.

import {
  asAppError,
  backend,
  type AppError,
  type CreatedVault,
  type ProjectView,
  type ProjectsView,
  type SecurityView,
  type SessionView,
  type VaultFront,
} from "../ipc/backend.ts";
import { highest } from "../theme/marking.ts";
import { jobs } from "./jobs.svelte.ts";
import { library } from "./library.svelte.ts";
import { preferences } from "./preferences.svelte.ts";

export const PLACES = [
  "projects",
  "library",
  "annotate",
  "exchange",
  "manual",
  "security",
  "settings",
] as const;
export type Place = (typeof PLACES)[number];

/** Places that only make sense inside a project. */
const NEEDS_PROJECT: readonly Place[] = ["library", "annotate"];
/** Places that show nothing of other projects. */
const INSIDE_PROJECT = NEEDS_PROJECT;

export type Stage = "starting" | "setup" | "locked" | "open" | "broken";
export type Saving = "saved" | "saving" | "failed";

class App {
  stage = $state<Stage>("starting");
  front = $state.raw<VaultFront | null>(null);
  session = $state.raw<SessionView | null>(null);
  project = $state.raw<ProjectView | null>(null);
  place = $state<Place>("projects");
  /** Item that Annotate shows; kept when another place is visited. */
  item = $state<string | null>(null);
  /** Page and anchor that the manual shows. */
  manual = $state.raw<{ slug: string; anchor: string }>({ slug: "", anchor: "" });
  saving = $state<Saving>("saved");
  /** Why the vault was locked from outside the screen. */
  lockReason = $state<string | null>(null);
  /** A refusal that no screen has a place for. */
  problem = $state.raw<AppError | null>(null);
  /** Markings of the projects whose names have been listed. */
  listed = $state.raw<readonly string[]>([]);
  security = $state.raw<SecurityView | null>(null);
  lastInput = $state(Date.now());
  /** Resolves when everything that was handed over to be kept has been answered. */
  settled: () => Promise<unknown> = () => Promise.resolve();
  paletteOpen = $state(false);
  keysOpen = $state(false);
  #stop: (() => void)[] = [];

  /**
   * What the banners show: inside a project its own marking, elsewhere the highest of what may be on
   * screen.
   */
  get marking(): string | null {
    const { project, session } = this;
    if (!session) return this.front?.marking ?? null;
    if (project && INSIDE_PROJECT.includes(this.place)) return project.marking;
    return highest([session.marking, project?.marking, ...this.listed]);
  }

  /** Asks the core where we are. */
  async start(path: string | null = null): Promise<void> {
    try {
      this.front = await backend().vault_front(path);
      this.lockReason = this.front.locked_because;
      if (this.front.look && !this.session) preferences.takeUp(this.front.look);
      const session = await backend().session();
      if (session) await this.opened(session);
      else this.stage = this.front.exists ? "locked" : "setup";
    } catch (thrown) {
      this.problem = asAppError(thrown);
      this.stage = "broken";
    }
  }

  /** A vault is open: listens to it and shows its projects. */
  async opened(session: SessionView): Promise<void> {
    this.session = session;
    this.problem = null;
    this.lockReason = null;
    this.lastInput = Date.now();
    this.#listen();
    jobs.start();
    this.place = "projects";
    this.stage = "open";
    // The status line's; it tries every forbidden call, which takes a moment.
    backend()
      .security()
      .then((view) => (this.security = view))
      .catch(() => (this.security = null));
    const { projects, damaged } = await this.list();
    const only = projects.length === 1 && damaged.length === 0 ? projects[0] : undefined;
    if (only) await this.enter(only);
  }

  /** Goes on after the recovery sheet has been written down. */
  async created(vault: CreatedVault): Promise<void> {
    this.front = await backend().vault_front(vault.session.vault_path);
    await this.opened(vault.session);
  }

  /** The projects, as they are listed anywhere. */
  async list(): Promise<ProjectsView> {
    const all = await backend().projects();
    this.listed = all.projects.map(({ marking }) => marking);
    return all;
  }

  /** Makes a project the one that Library and Annotate show. */
  async enter(project: ProjectView): Promise<void> {
    if (this.project?.id !== project.id) {
      this.item = null;
      library.open(project.id);
    }
    this.project = project;
    await preferences.load(project.id);
  }

  /** Drops the keys, once the last gesture is durable. The core then ends this page for a new one. */
  async lock(): Promise<void> {
    // A note that is being typed becomes a gesture when its field is left.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    const patience = new Promise((resolve) => setTimeout(resolve, SAVING_PATIENCE));
    await Promise.race([this.settled(), patience]);
    await backend().vault_lock();
    await this.#closed();
  }

  /** Whether the person may do what the permission says, in the vault or in the open project. */
  can(permission: Permission): boolean {
    if (this.session?.permissions.includes(permission)) return true;
    return (this.project?.roles ?? []).some((role) => ROLE_PERMISSIONS[role]?.includes(permission));
  }

  /** Whether a place can be visited now. */
  reachable(place: Place): boolean {
    return this.project !== null || !NEEDS_PROJECT.includes(place);
  }

  /** Visits a place. */
  go(place: Place): void {
    if (this.stage === "open" && this.reachable(place)) this.place = place;
  }

  /** Opens an item in Annotate. */
  annotate(item: string): void {
    this.item = item;
    this.go("annotate");
  }

  /** Opens a page of the manual. */
  read(slug: string, anchor = ""): void {
    this.manual = { slug, anchor };
    this.go("manual");
  }

  /** A person is there. For the time that is shown: the core has a clock of its own, and other ears. */
  touched(): void {
    const now = Date.now();
    if (now - this.lastInput >= TICK) this.lastInput = now;
  }

  async refreshProject(): Promise<void> {
    const id = this.project?.id;
    if (!id) return;
    const fresh = (await this.list()).projects.find((project) => project.id === id);
    if (fresh && this.project?.id === id) this.project = fresh;
  }

  #listen(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [
      backend().listen("locked", () => void this.#closed()),
      backend().listen("project-changed", ({ project }) => {
        if (project !== this.project?.id) return;
        library.refresh();
        void this.refreshProject().catch(() => undefined);
      }),
    ];
  }

  async #closed(): Promise<void> {
    if (this.stage !== "open") return;
    for (const stop of this.#stop) stop();
    this.#stop = [];
    const path = this.session?.vault_path ?? null;
    this.session = null;
    this.project = null;
    this.listed = [];
    this.item = null;
    this.saving = "saved";
    this.paletteOpen = false;
    this.keysOpen = false;
    library.close();
    jobs.stop();
    preferences.forget();
    this.stage = "locked";
    await this.start(path);
  }
}

/** Milliseconds between two inputs that are told apart. */
const TICK = 1000;
/** Milliseconds that locking waits for what is being saved. */
const SAVING_PATIENCE = 3000;

export type Permission =
  | "project.read"
  | "project.create"
  | "media.import"
  | "annotation.edit"
  | "schema.edit"
  | "annotation.import"
  | "export.request"
  | "export.approve"
  | "bundle.receive"
  | "vault.check"
  | "audit.read"
  | "vault.administer";

/** What roles permit: only to explain and to dim controls. The core asks its own policy. */
const ROLE_PERMISSIONS: Readonly<Record<string, readonly Permission[]>> = {
  viewer: ["project.read"],
  annotator: ["project.read", "annotation.edit"],
  reviewer: ["project.read"],
  manager: ["project.read", "media.import", "schema.edit", "annotation.import", "vault.check"],
  exporter: ["project.read", "export.request"],
  approver: ["project.read", "export.approve"],
  officer: ["vault.administer", "project.create", "bundle.receive", "vault.check"],
  auditor: ["audit.read"],
};

export const app = new App();
