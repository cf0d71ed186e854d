//! The types and commands that cross to the core.

// The IPC contract: what src-tauri's generated bindings will look like. Every command returns a Promise and
// rejects with AppError. Ids are 32 hex digits. Times are ISO strings. u64 cross as number (safe below 2^53).
export type AppError = { kind: string; detail: string; remedy: string | null };     // sentences

export type VaultFront = { path: string; exists: boolean; marking: string | null; banner: string | null; automation: boolean; suggested_path: string };
export type SessionView = { person: string; roles: string[]; permissions: string[]; marking: string; export_policy: "single" | "two"; idle_lock_minutes: number; last_sign_in: string | null; failures_since: number; media_base: string /* e.g. "media://localhost/<nonce>" */; vault_path: string; signer_fingerprint: string };
export type NewVaultRequest = { path: string; officer: string; passphrase: string; marking: string; export_policy: "single" | "two" };
export type CreatedVault = { session: SessionView; recovery_sheet: string; recovery_fingerprint: string };
export type ProjectView = { id: string; name: string; marking: string; items: number; annotations: number; done: number; created: string; roles: string[] };
export type LabelView = { id: string; name: string; color: string; key: number | null; count: number };
export type LabelRequest = { id: string | null; name: string; color: string; key: number | null };
export type ItemState = "new" | "in_progress" | "done" | "flagged";
export type ItemQuery = { text: string | null; label: string | null; folder: string | null; state: ItemState | null; sort: "path" | "number" | "annotations" | "size"; descending: boolean; offset: number; limit: number };
export type ItemRow = { id: string; name: string; folder: string; width: number; height: number; format: string; size: number; annotations: number; flagged: boolean; done: boolean; has_media: boolean; has_thumbnail: boolean };  // thumbnail at `${media_base}/thumb/${project}/${id}`
export type ItemPage = { rows: ItemRow[]; total: number };
export type FolderView = { path: string; items: number };
export type AnnotationView = { id: string; label: string; shape: unknown /* Shape JSON of the editor */; z_order: number; flagged: boolean; occluded: boolean; truncated: boolean; locked: boolean; hidden: boolean; note: string; source: string };
export type LevelView = { width: number; height: number };
export type OpenItem = { id: string; name: string; folder: string; note: string; flagged: boolean; done: boolean; width: number; height: number; bands: number; sample: string; format: string; size: number; content: string; orientation: number; levels: LevelView[]; tile_size: number; lossless: boolean; needs_stretch: boolean; has_media: boolean; annotations: AnnotationView[]; revision: number };
// a tile: `${media_base}/tile/${project}/${item}/${level}/${x}/${y}?r=${encodeURIComponent(JSON.stringify(rendering))}`
export type Rendering = { bands: [number, number, number] | null; low: number | null; high: number | null /* percentiles */; brightness: number; contrast: number; gamma: number; invert: boolean };
// One part set to one value. `create` carries the whole annotation (id made by the UI from crypto.getRandomValues).
export type EditRequest =
  | { op: "create"; id: string; label: string; shape: unknown; z_order: number }
  | { op: "presence"; id: string; present: boolean }
  | { op: "geometry"; id: string; shape: unknown }
  | { op: "label"; id: string; label: string }
  | { op: "note"; id: string; note: string }
  | { op: "flag"; id: string; flag: "flagged" | "occluded" | "truncated" | "locked" | "hidden"; on: boolean }
  | { op: "z_order"; id: string; z_order: number }
  | { op: "item_note"; note: string } | { op: "item_flagged"; on: boolean } | { op: "item_done"; on: boolean };
export type Committed = { change: string; seq: number; saved_at: string; items: string[]; undo: StepView | null; redo: StepView | null };
export type StepView = { gesture: string; items: string[] };
export type HistoryRow = { seq: number; time: string; author: string; gesture: string; intent: string; parts: string[] };
export type BrowseEntry = { name: string; path: string; folder: boolean; size: number | null };
export type BrowseView = { path: string; parent: string | null; entries: BrowseEntry[]; places: { name: string; path: string }[] };
export type ImportPlan = { token: string; new_files: number; new_bytes: number; duplicates: number; refused: { path: string; reason: string }[]; refused_total: number; sample: string[] };
export type ImportReport = { imported: number; duplicates: number; refused: { path: string; reason: string }[]; bytes: number; seconds: number; cancelled: boolean };
export type ReadReportView = { read: number; refused: { file: string; line: number | null; reason: string }[]; refused_total: number; notes: { file: string; line: number | null; what: string }[]; created_labels: string[] };
export type FormatView = { name: string; title: string; reads: boolean; writes: boolean };
export type ExportRequest = { project: string; formats: string[]; media: boolean; history: boolean; marking: string; justification: string; seal_to: string[]; to: string; passphrase: string /* signing in again */ };
export type ExportPlan = { items: number; annotations: number; bytes: number; losses: { format: string; what: string; count: number; consequence: string }[]; refused: string | null };
export type ExportReport = { path: string; bytes: number; bundle: string; sha512: string; fingerprint: string; audit_code: string; verified: boolean };
export type VerifyReport = { ok: boolean; bundle: string; marking: string; project: string; project_id: string; items: number; annotations: number; media: boolean; changes: number; signer: string; fingerprint: string; trusted: boolean; findings: string[]; created: string };
export type ManualPage = { slug: string; title: string; html: string };
export type ManualHit = { slug: string; anchor: string; title: string; heading: string; excerpt: string };
export type SecurityView = { version: string; vault: string | null; checks: { name: string; state: "ok" | "warning" | "unknown"; seen: string; remedy: string | null }[]; algorithms: { name: string; value: string }[]; allowed_signers_line: string | null };
export type CheckReport = { findings: { what: string; place: string; problem: string; remedy: string }[]; blobs: number; changes: number };
export type JobView = { id: string; title: string; state: "running" | "done" | "failed" | "cancelled"; done: number; total: number; bytes_done: number; bytes_total: number; seconds: number; error: AppError | null; result: unknown | null };

export interface Commands {
  vault_front(path: string | null): Promise<VaultFront>;
  vault_create(request: NewVaultRequest): Promise<CreatedVault>;
  vault_unlock(path: string, name: string, passphrase: string): Promise<SessionView>;
  vault_lock(): Promise<void>;
  session(): Promise<SessionView | null>;
  activity(): Promise<void>;                       // resets the idle clock; called at most every 30 s on input
  browse(path: string | null): Promise<BrowseView>;
  projects(): Promise<ProjectView[]>;
  project_create(name: string, marking: string): Promise<ProjectView>;
  items(project: string, query: ItemQuery): Promise<ItemPage>;
  item_ids(project: string, query: ItemQuery): Promise<string[]>;
  folders(project: string): Promise<FolderView[]>;
  labels(project: string): Promise<LabelView[]>;
  label_save(project: string, label: LabelRequest): Promise<LabelView[]>;
  label_delete(project: string, label: string): Promise<LabelView[]>;      // refused while annotations use it
  item_open(project: string, item: string): Promise<OpenItem>;
  edit(project: string, item: string, gesture: string, edits: EditRequest[]): Promise<Committed>;   // durable when it resolves
  undo(project: string): Promise<Committed>;  redo(project: string): Promise<Committed>;
  undo_state(project: string): Promise<{ undo: StepView | null; redo: StepView | null }>;
  history(project: string, item: string): Promise<HistoryRow[]>;
  setting_get(project: string, key: string): Promise<string | null>; setting_set(project: string, key: string, value: string): Promise<void>;
  import_plan(project: string, paths: string[]): Promise<JobView>;          // job.result: ImportPlan
  import_run(project: string, token: string): Promise<JobView>;             // job.result: ImportReport
  formats(): Promise<FormatView[]>;
  annotations_import(project: string, format: string, path: string, strict: boolean): Promise<JobView>;  // result: ReadReportView
  export_plan(request: ExportRequest): Promise<ExportPlan>;
  export_run(request: ExportRequest): Promise<JobView>;                      // result: ExportReport
  bundle_verify(path: string, signers: string | null): Promise<JobView>;     // result: VerifyReport
  bundle_receive(path: string, accept_fingerprint: string | null, name: string | null): Promise<JobView>;  // result: ProjectView
  jobs(): Promise<JobView[]>; job_cancel(id: string): Promise<void>;
  check(): Promise<JobView>;                                                 // result: CheckReport
  manual_pages(): Promise<{ slug: string; title: string }[]>; manual_page(slug: string): Promise<ManualPage>; manual_search(words: string): Promise<ManualHit[]>;
  security(): Promise<SecurityView>;
}
// events (backend.listen): "job" JobView (at most ~5/s a job) · "locked" {reason} · "project-changed" {project}
