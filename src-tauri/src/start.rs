//! Starting: where the decoder lies, which vault is meant, the framework's builder.

use std::path::PathBuf;
use std::sync::Arc;

use tauri::{Emitter as _, Manager as _, RunEvent};
use vaultmark::DecoderProgram;

use crate::events::{Event, Tell};
use crate::shell::Shell;
use crate::views::Look;
use crate::{engine, idle, media, registry, side_doors, sign_in_again, window};

/// The command-line program, which decodes images in processes of its own.
const DECODER: &str = if cfg!(windows) { "vaultmark.exe" } else { "vaultmark" };

/// The variable in which the program that starts anew tells why the vault was locked.
pub(crate) const LOCKED_BECAUSE: &str = "VAULTMARK_LOCKED_BECAUSE";
/// The variable in which it tells how the window looked.
pub(crate) const LOOK: &str = "VAULTMARK_WINDOW_LOOK";
/// The reasons that there are.
const REASONS: &[&str] = &["idle", "screen"];

/// What can go wrong before there is a window: a sentence for whoever started the program.
pub type StartError = Box<dyn std::error::Error>;

/// What the program was started with.
#[derive(Debug, Clone)]
pub struct Start {
    /// How images are decoded.
    pub decoder: DecoderProgram,
    /// The vault that is meant, if one was named.
    pub vault: Option<PathBuf>,
    /// Why the vault was locked before the program started anew, where it was not the person's wish.
    pub locked_because: Option<String>,
    /// How the window looked before the program started anew.
    pub look: Option<Look>,
}

impl Start {
    /// The decoder beside this program; the vault from the first argument or `VAULTMARK_VAULT`.
    ///
    /// # Errors
    /// Where the decoder is missing: without it no image could be shown.
    pub fn from_environment() -> Result<Self, StartError> {
        let here = std::env::current_exe()?;
        let program = here.with_file_name(DECODER);
        if !program.is_file() {
            return Err(format!(
                "{} is missing: the window decodes images with it. Install both programs in one folder",
                program.display()
            )
            .into());
        }
        let named = std::env::args_os().nth(1).or_else(|| std::env::var_os("VAULTMARK_VAULT"));
        let vault = named.filter(|path| !path.is_empty()).map(std::path::absolute).transpose()?;
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let told = std::env::var(LOCKED_BECAUSE).ok();
        let locked_because = told.filter(|reason| REASONS.contains(&reason.as_str()));
        let look = std::env::var(LOOK).ok().and_then(|told| Look::parse(&told));
        Ok(Self { decoder: DecoderProgram { program, workers }, vault, locked_because, look })
    }
}

/// Opens the window and stays until it is closed.
///
/// # Errors
/// Where the framework can't start, for want of a display as a rule.
pub fn run(context: tauri::Context, start: Start) -> Result<(), StartError> {
    let app = tauri::Builder::default()
        .invoke_handler(registry::handler())
        .register_asynchronous_uri_scheme_protocol(media::SCHEME, |context, request, responder| {
            let shell = context.app_handle().state::<Shell>();
            shell.pictures().answer(&shell, request.uri(), move |answer| {
                responder.respond(answer);
            });
        })
        .setup(move |app| {
            let shell = Shell::new(start, tell(app.handle().clone()));
            idle::watch(&shell)?;
            app.manage(shell.clone());
            let window = window::open(app.handle(), shell.look())?;
            idle::input::hear(&window, &shell)?;
            #[cfg(target_os = "linux")]
            crate::toolkit::remember(&window)?;
            side_doors::guard(&window, &shell)?;
            engine::watch(&window, &shell)?;
            Ok(())
        })
        .build(context)?;
    app.run(|app, event| {
        // The closing checkpoint is written and the keys are gone before the process ends.
        if let RunEvent::Exit = event {
            app.state::<Shell>().lock();
        }
    });
    Ok(())
}

/// Events go to the one window.
fn tell(app: tauri::AppHandle) -> Tell {
    Arc::new(move |event| {
        // A window that is closing hears nothing more; there is nobody left to tell.
        let _ = match event {
            Event::Job(job) => app.emit("job", job),
            Event::Locked => {
                let heard = app.emit("locked", ());
                side_doors::clear();
                engine::tear_down();
                heard
            }
            Event::Closed(closed) => {
                engine::begin_anew(closed, &app.state::<Shell>());
                Ok(())
            }
            Event::Copy(copied, alive) => {
                side_doors::copy(copied, alive);
                Ok(())
            }
            Event::SignInAgain(question) => {
                sign_in_again::ask(question, &app.state::<Shell>());
                Ok(())
            }
            Event::Print(alive) => {
                side_doors::print(alive);
                Ok(())
            }
            Event::ProjectChanged(changed) => app.emit("project-changed", changed),
            Event::Appearance(dark) => {
                app.set_theme(window::drawn(dark));
                Ok(())
            }
        };
    })
}
