//! Commands called through the real handler and the real capabilities, without a window.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, mpsc};

use serde_json::{Value, json};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, Manager as _, WebviewWindow, WebviewWindowBuilder};
use vaultmark::DecoderProgram;
use vaultmark::crypto::Passphrase;

use crate::events::Event;
use crate::start::Start;
use crate::{Needs, ROWS, Shell, registry, window};

/// A window's program without its window.
struct Page {
    // The window lives as long as its program.
    _app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    shell: Shell,
    heard: Arc<Mutex<Vec<Event>>>,
    /// What the person types when asked to sign in again, the last first; declines once there is no more.
    typed: Arc<Mutex<Vec<&'static str>>>,
}

fn page() -> Page {
    let heard: Arc<Mutex<Vec<Event>>> = Arc::default();
    let typed: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let (ear, hand) = (Arc::clone(&heard), Arc::clone(&typed));
    let start = Start {
        decoder: DecoderProgram { program: PathBuf::from("/nonexistent/vaultmark"), workers: 1 },
        vault: None,
        locked_because: None,
        look: None,
    };
    let tell = move |event: Event| {
        ear.lock().unwrap().push(event.clone());
        if let Event::SignInAgain(question) = event {
            let typed = hand.lock().unwrap().pop();
            question.answer(typed.map(|typed| Passphrase::new(typed.into())));
        }
    };
    let shell = Shell::new(start, Arc::new(tell));
    let app = mock_builder()
        .invoke_handler(registry::handler())
        .build(tauri::generate_context!(test = true))
        .unwrap();
    app.manage(shell.clone());
    let window =
        WebviewWindowBuilder::new(&app, window::LABEL, Default::default()).build().unwrap();
    Page { _app: app, window, shell, heard, typed }
}

impl Page {
    fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.into(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: window::ORIGIN.parse().unwrap(),
            body: InvokeBody::Json(arguments),
            headers: Default::default(),
            invoke_key: INVOKE_KEY.to_string(),
        };
        get_ipc_response(&self.window, request).map(|body| body.deserialize().unwrap())
    }

    /// The status of a media request.
    fn picture(&self, address: &str) -> u16 {
        let (tell, told) = mpsc::channel();
        let answer = move |answer: tauri::http::Response<Vec<u8>>| {
            assert_eq!(answer.headers()["access-control-allow-origin"], window::ORIGIN);
            tell.send(answer.status().as_u16()).unwrap();
        };
        self.shell.pictures().answer(&self.shell, &address.parse().unwrap(), answer);
        told.recv().unwrap()
    }

    fn kind(&self, command: &str, arguments: Value) -> String {
        let error = self.call(command, arguments).unwrap_err();
        error["kind"].as_str().map_or_else(|| error.to_string(), Into::into)
    }
}

impl Page {
    /// Makes a vault with one project; the project's id.
    fn vault_with_project(&self, vault: &std::path::Path) -> String {
        let request = json!({"path": vault, "officer": "Ada",
            "passphrase": "correct horse battery staple", "marking": "UNCLASSIFIED",
            "export_policy": "single", "copy_seconds": 30, "drag_out": false, "print": false});
        self.call("vault_create", json!({"request": request})).unwrap();
        let roads = json!({"name": "Roads", "marking": "UNCLASSIFIED"});
        let project = self.call("project_create", roads).unwrap();
        project["id"].as_str().unwrap().to_owned()
    }

    /// Why a command, or the job that it starts, is refused; `None` where it is not.
    fn refusal(&self, command: &str, arguments: Value) -> Option<String> {
        let error = match self.call(command, arguments) {
            Err(error) => error,
            Ok(job) if job["id"].is_string() && job["state"].is_string() => {
                self.finished(&job)["error"].clone()
            }
            Ok(_) => return None,
        };
        (!error.is_null())
            .then(|| error["kind"].as_str().map_or_else(|| error.to_string(), Into::into))
    }

    /// Commands without arguments ignore what they are given; all others refuse.
    fn refuses_garbage(&self, command: &str) {
        for arguments in garbage() {
            let answer = self.call(command, arguments);
            assert!(answer.is_err() || self.call(command, json!({})).is_ok(), "{command}");
        }
    }

    /// Waits for a job; what became of it.
    fn finished(&self, job: &Value) -> Value {
        let start = std::time::Instant::now();
        loop {
            assert!(start.elapsed().as_secs() < 30, "{job} does not end");
            let jobs = self.call("jobs", json!({})).unwrap();
            let one = jobs.as_array().unwrap().iter().find(|one| one["id"] == job["id"]).unwrap();
            if one["state"] != "running" {
                return one.clone();
            }
            std::thread::yield_now();
        }
    }
}

const ID: &str = "0123456789abcdef0123456789abcdef";

/// Well-formed arguments for every command that asks the policy.
fn arguments(command: &str) -> Value {
    let query = json!({"text": null, "label": null, "folder": null, "state": null, "sort": "path",
        "descending": false, "offset": 0, "limit": 10});
    let label = json!({"id": null, "name": "car", "color": "#ffffff", "key": null});
    let request = json!({"project": ID, "formats": ["coco"], "media": false, "history": false,
        "marking": "UNCLASSIFIED", "justification": "test", "sealTo": [], "seal_to": [],
        "to": "/tmp/never.bag.zip"});
    match command {
        "projects" | "check" | "security" => json!({}),
        "project_create" => json!({"name": "one", "marking": "UNCLASSIFIED"}),
        "items" | "item_ids" => json!({"project": ID, "query": query}),
        "label_save" => json!({"project": ID, "label": label}),
        "label_delete" => json!({"project": ID, "label": ID}),
        "item_open" | "history" => json!({"project": ID, "item": ID}),
        "edit" => json!({"project": ID, "item": ID, "gesture": "box",
            "edits": [{"op": "item_done", "on": true}]}),
        "setting_get" => json!({"project": ID, "key": "theme"}),
        "setting_set" => json!({"project": ID, "key": "theme", "value": "dark"}),
        "import_plan" => json!({"project": ID, "paths": ["/tmp"]}),
        "import_run" => json!({"project": ID, "token": ID}),
        "annotations_import" => {
            json!({"project": ID, "format": "coco", "path": "/tmp/x.json", "strict": false})
        }
        "export_plan" | "export_run" => json!({"request": request}),
        "bundle_verify" => json!({"path": "/tmp/x.zip", "signers": null}),
        "bundle_receive" => {
            json!({"path": "/tmp/x.zip", "signers": null, "acceptFingerprint": null, "acceptOtherRecipient": false, "name": null})
        }
        _ => json!({"project": ID}),
    }
}

#[test]
fn nothing_that_asks_the_policy_works_while_the_vault_is_locked() {
    let page = page();
    for row in ROWS.iter().filter(|row| matches!(row.needs, Needs::Asks(_))) {
        if row.command == "security" {
            continue; // The page is for everybody; what asks is the trust entry on it.
        }
        assert_eq!(page.kind(row.command, arguments(row.command)), "locked", "{}", row.command);
    }
    let security = page.call("security", json!({})).unwrap();
    assert_eq!(security["allowed_signers_line"], Value::Null);
    assert_eq!(page.call("session", json!({})).unwrap(), Value::Null);
}

/// What no screen ever sends.
fn garbage() -> Vec<Value> {
    let long = "x".repeat(1 << 20);
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    vec![
        json!(null),
        json!([]),
        json!({"project": null, "request": 7, "query": "x", "path": 1, "edits": {}}),
        json!({"project": long, "item": long, "label": long, "path": long, "slug": long, "words": long,
            "token": long, "id": long, "key": long, "value": long, "name": long, "passphrase": long}),
        json!({"project": deep, "query": deep, "request": deep, "label": deep, "edits": deep}),
        json!({"project": "../../etc", "item": "\u{0}", "path": "relative", "format": "<script>"}),
    ]
}

#[test]
fn garbage_is_refused_and_nothing_breaks() {
    let page = page();
    for row in ROWS {
        page.refuses_garbage(row.command);
    }
    assert!(page.call("manual_pages", json!({})).is_ok());
}

#[test]
fn garbage_and_strange_ids_leave_an_open_vault_as_it_was() {
    let page = page();
    let folder = tempfile::tempdir().unwrap();
    let project = page.vault_with_project(&folder.path().join("vault"));
    let before = page.call("projects", json!({})).unwrap();
    for row in ROWS.iter().filter(|row| matches!(row.needs, Needs::Asks(_))) {
        page.refuses_garbage(row.command);
        // Well formed, of a project, then of an item or a label, that is not there.
        let strange = arguments(row.command);
        if !strange.to_string().contains(ID) {
            continue;
        }
        assert!(page.refusal(row.command, strange.clone()).is_some(), "{}", row.command);
        let mut half = strange;
        half["project"] = json!(project);
        if half["request"].is_null() && half.to_string().contains(ID) && row.command != "history" {
            assert!(page.refusal(row.command, half).is_some(), "{}", row.command);
        }
    }
    let nothing = page.call("history", json!({"project": project, "item": ID})).unwrap();
    assert_eq!(nothing, json!([]), "of an item that is not there");
    let after = page.call("projects", json!({})).unwrap();
    assert_eq!(before, after);
    let check = page.finished(&page.call("check", json!({})).unwrap());
    assert_eq!(check["result"]["findings"], json!([]), "{check}");
}

#[test]
fn a_plan_is_carried_out_once_and_dies_with_the_session() {
    let page = page();
    let folder = tempfile::tempdir().unwrap();
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).unwrap();
    let vault = folder.path().join("vault");
    let project = page.vault_with_project(&vault);
    let plan = || {
        let planned =
            page.call("import_plan", json!({"project": project, "paths": [pictures]})).unwrap();
        let planned = page.finished(&planned);
        json!({"project": project, "token": planned["result"]["token"]})
    };
    let run = plan();
    assert_eq!(page.refusal("import_run", run.clone()), None);
    assert_eq!(page.refusal("import_run", run).as_deref(), Some("stale_plan"), "replayed");

    let kept = plan();
    page.call("vault_lock", json!({})).unwrap();
    let again = json!({"path": vault, "name": "Ada", "passphrase": "correct horse battery staple"});
    page.call("vault_unlock", again).unwrap();
    let refusal = page.refusal("import_run", kept);
    assert_eq!(refusal.as_deref(), Some("stale_plan"), "of the session before");
}

#[test]
fn only_rows_of_the_registry_can_be_called() {
    let page = page();
    for command in [
        "greet",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "plugin:path|resolve_directory",
        "plugin:event|emit",
        "plugin:app|version",
        "plugin:resources|close",
        "plugin:shell|open",
    ] {
        assert!(page.call(command, json!({})).is_err(), "{command}");
    }
}

#[test]
fn a_vault_is_made_locked_unlocked_and_its_old_addresses_die() {
    let page = page();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault").display().to_string();
    let front = page.call("vault_front", json!({"path": path})).unwrap();
    assert_eq!(front["exists"], false);

    let request = json!({"path": path, "officer": "Ada", "passphrase": "correct horse battery staple",
        "marking": "UNCLASSIFIED", "export_policy": "single", "copy_seconds": 0,
        "drag_out": false, "print": false});
    let made = page.call("vault_create", json!({"request": request})).unwrap();
    assert!(made["recovery_sheet"].as_str().unwrap().starts_with("AGE-SECRET-KEY-1"));
    let first_base = made["session"]["media_base"].as_str().unwrap().to_owned();
    assert_eq!(made["session"]["person"], "Ada");

    let project =
        page.call("project_create", json!({"name": "Roads", "marking": "UNCLASSIFIED"})).unwrap();
    let project = project["id"].as_str().unwrap().to_owned();
    let label = json!({"id": null, "name": "car", "color": "", "key": 1});
    let labels = page.call("label_save", json!({"project": project, "label": label})).unwrap();
    assert_eq!(labels[0]["name"], "car");
    assert!(matches!(page.heard.lock().unwrap().last(), Some(Event::ProjectChanged(_))));

    let of = |base: &str| format!("{base}/thumb/{project}/{ID}");
    assert_eq!(page.picture(&of(&first_base)), 404, "no such item");
    assert_eq!(page.picture(&of(&first_base.replace(|c: char| c.is_ascii_digit(), "0"))), 403);

    page.call("vault_lock", json!({})).unwrap();
    assert_eq!(page.kind("projects", json!({})), "locked");
    assert_eq!(page.picture(&of(&first_base)), 403);
    let front = page.call("vault_front", json!({"path": null})).unwrap();
    assert_eq!((&front["exists"], &front["marking"]), (&json!(true), &json!("UNCLASSIFIED")));

    let unlock = |passphrase: &str| json!({"path": path, "name": "Ada", "passphrase": passphrase});
    assert_eq!(page.kind("vault_unlock", unlock("wrong, but long enough")), "wrong_credential");
    let session = page.call("vault_unlock", unlock("correct horse battery staple")).unwrap();
    assert_ne!(session["media_base"], first_base.as_str());
    assert_eq!(page.picture(&of(&first_base)), 403, "an address of the session before");
    assert_eq!(page.picture(&of(session["media_base"].as_str().unwrap())), 404);
    assert_eq!(session["failures_since"], 1);
    let projects = page.call("projects", json!({})).unwrap();
    assert_eq!(projects["projects"][0]["name"], "Roads");

    // Nobody for the policy's time: locked, and the window is told why.
    let much_later = crate::idle::Moment::now().later(std::time::Duration::from_secs(3600));
    page.shell.tick(&much_later);
    assert_eq!(page.kind("projects", json!({})), "locked");
    let heard = page.heard.lock().unwrap();
    let [.., Event::Locked, Event::Closed(closed)] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(closed.reason.as_deref(), Some("idle"));
    assert_eq!(closed.vault.display().to_string(), path);
    drop(heard);
    let nowhere = page.call("vault_front", json!({"path": "/nowhere/at/all"})).unwrap();
    assert_eq!(
        (&nowhere["exists"], &nowhere["missing_parent"]),
        (&json!(false), &json!("/nowhere/at"))
    );
    // The page that comes then is a new one, and asks; it looks as the one before.
    let look = json!({"theme": "contrast", "percent": 150});
    page.call("appearance", json!({"look": look})).unwrap();
    assert_eq!(
        page.kind("appearance", json!({"look": {"theme": "dark", "percent": 0}})),
        "invalid"
    );
    let front = page.call("vault_front", json!({"path": null})).unwrap();
    assert_eq!((&front["locked_because"], &front["look"]), (&json!("idle"), &look));
    page.call("vault_unlock", unlock("correct horse battery staple")).unwrap();
    page.call("vault_lock", json!({})).unwrap();
    let front = page.call("vault_front", json!({"path": null})).unwrap();
    assert_eq!(front["locked_because"], Value::Null, "the person wished it");
}

#[test]
fn a_sign_in_whose_page_has_ended_opens_nothing_for_the_next_one() {
    let page = page();
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    page.vault_with_project(&vault);
    page.call("vault_lock", json!({})).unwrap();
    let passphrase = vaultmark::crypto::Passphrase::new("correct horse battery staple".into());
    let asked = page.shell.page();
    assert!(!page.shell.page_gone(), "nothing is open");
    let refused = page.shell.unlock(vault.clone(), "Ada", &passphrase, asked).unwrap_err();
    assert_eq!(refused.kind, "locked");
    assert_eq!(page.call("session", json!({})).unwrap(), Value::Null);
    // The next page signs in as ever; and what it opened is known to be its own.
    page.shell.unlock(vault, "Ada", &passphrase, page.shell.page()).unwrap();
    assert!(page.shell.page_gone(), "open, by the page that has ended");
}

#[test]
fn text_is_copied_and_pages_are_printed_as_the_policy_says() {
    let page = page();
    let folder = tempfile::tempdir().unwrap();
    let text = || json!({"text": "a fingerprint"});
    let printed = || json!({"page": "manual"});
    assert_eq!(page.kind("copy_text", text()), "locked");
    assert_eq!(page.kind("print_page", printed()), "locked");
    let make = |name: &str, seconds: u32, print: bool| {
        let request = json!({"path": folder.path().join(name), "officer": "Ada",
            "passphrase": "correct horse battery staple", "marking": "UNCLASSIFIED",
            "export_policy": "single", "copy_seconds": seconds, "drag_out": false, "print": print});
        page.call("vault_create", json!({"request": request}))
    };
    assert_eq!(make("long", 601, false).unwrap_err()["kind"], "invalid");

    let made = make("shut", 0, false).unwrap();
    assert_eq!(
        (&made["session"]["copy_seconds"], &made["session"]["may_print"]),
        (&json!(0), &json!(false))
    );
    for (command, words) in [("copy_text", text()), ("print_page", printed())] {
        assert_eq!(page.kind(command, words.clone()), "no_gesture");
        page.shell.heard();
        assert_eq!(page.kind(command, words), "side_door_shut");
    }
    assert!(page.heard.lock().unwrap().is_empty(), "nothing was handed over");
    page.call("vault_lock", json!({})).unwrap();

    make("open", 7, true).unwrap();
    assert_eq!(page.kind("copy_text", text()), "no_gesture");
    page.shell.heard();
    page.call("copy_text", text()).unwrap();
    assert_eq!(page.kind("copy_text", text()), "no_gesture", "one by each key");
    let copied = match page.heard.lock().unwrap().last() {
        Some(Event::Copy(copied, alive)) => {
            assert!(alive.load(std::sync::atomic::Ordering::Acquire));
            copied.clone()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!((copied.text.as_str(), copied.stays.as_secs()), ("a fingerprint", 7));
    assert!(!format!("{copied:?}").contains("fingerprint"), "not for logs");
    page.shell.heard();
    page.call("print_page", printed()).unwrap();
    assert!(matches!(page.heard.lock().unwrap().last(), Some(Event::Print(_))));
    page.shell.heard();
    assert_eq!(page.kind("copy_text", json!({"text": "x".repeat(200_000)})), "invalid");
    assert!(page.call("print_page", json!({"page": "annotate"})).is_err(), "no such page");
}

#[test]
fn an_export_is_asked_about_past_the_page_and_carries_the_projects_marking() {
    let page = page();
    let folder = tempfile::tempdir().unwrap();
    let project = page.vault_with_project(&folder.path().join("vault"));
    // A path that hides where it leads.
    let (shown, real) = (folder.path().join("shown"), folder.path().join("real"));
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &shown).unwrap();
    let (path, to) = (shown.join("../shown/out.bag.zip"), real.join("out.bag.zip"));
    let request = |marking: &str| {
        json!({"request": {"project": project, "formats": [], "media": false, "history": false,
            "marking": marking, "justification": "test\u{202e}", "seal_to": [], "to": path,
            // A page that knows it gains nothing.
            "passphrase": "correct horse battery staple"}})
    };
    let asked = || {
        let heard = page.heard.lock().unwrap();
        let questions = heard.iter().filter_map(|event| match event {
            Event::SignInAgain(question) => Some(question.clone()),
            _ => None,
        });
        questions.collect::<Vec<_>>()
    };
    // What the policy refuses nobody is asked about.
    let planned = page.call("export_plan", request("SECRET")).unwrap();
    assert!(planned["refused"]["detail"].as_str().unwrap().contains("`SECRET`"), "{planned}");
    assert_eq!(page.kind("export_run", request("SECRET")), planned["refused"]["kind"]);
    assert!(asked().is_empty());

    assert_eq!(page.kind("export_run", request("UNCLASSIFIED")), "cancelled");
    page.typed.lock().unwrap().push("not the right one, but long");
    assert_eq!(page.kind("export_run", request("UNCLASSIFIED")), "cancelled");
    assert!(!to.exists());
    let questions = asked();
    let complaints = questions.iter().map(|question| question.complaint.is_some());
    assert_eq!(complaints.collect::<Vec<_>>(), [false, false, true]);
    let said = |name| {
        let mut lines = questions[0].facts.lines.iter();
        lines.find(|(word, _)| *word == name).unwrap().1.as_str()
    };
    let real = real.canonicalize().unwrap().join("out.bag.zip");
    assert_eq!((said("File"), said("Project")), (real.to_str().unwrap(), "Roads"));
    assert_eq!((said("Marking"), said("Reason")), ("UNCLASSIFIED", "test\u{fffd}"));
    assert_eq!(said("Content"), "0 items, 0 annotations; without media, without former states");
    assert!(said("Sealed to").starts_with("nobody"));
    assert_eq!(said("Formats"), "native");
    assert!(!format!("{questions:?}").contains("Roads"), "not for logs");

    page.typed.lock().unwrap().push("correct horse battery staple");
    let job = page.call("export_run", request("UNCLASSIFIED")).unwrap();
    assert_eq!(page.finished(&job)["error"], Value::Null);
    assert!(to.exists());

    // Three wrong ones lock the account, and the asking ends.
    page.typed.lock().unwrap().extend(["wrong, but long enough"; 5]);
    assert_eq!(page.kind("export_run", request("UNCLASSIFIED")), "account_locked");
}
