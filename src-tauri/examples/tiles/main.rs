//! A window that shows all tiles of one image, one after the other, as the program makes them; it tells
//! how long that took, and ends. With the seal and without it: the benchmarks hold one against the
//! other.
//!
//! `tiles VAULT PERSON ITEM DECODER sealed|open`, and the passphrase on standard input.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tauri::http::{Response, StatusCode};
use tauri::{WebviewUrl, WebviewWindowBuilder};
use vaultmark::crypto::Passphrase;
use vaultmark::journeys::{library, projects, view};
use vaultmark::model::{ItemId, ProjectId};
use vaultmark::store::LockedVault;
use vaultmark::store::project::ItemQuery;
use vaultmark::{DecoderProgram, Session, WipingAllocator, ambient, contain};

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator::new();

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What is shown.
struct Shown {
    session: Session,
    project: ProjectId,
    item: ItemId,
}

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [vault, person, name, decoder, seal] = &words[..] else {
        return Err("five words are needed".into());
    };
    match seal.as_str() {
        "sealed" => contain::seal_network()?,
        // The baseline has neither.
        _ => ALLOCATOR.leave_as_it_was(true),
    }
    let shown = Arc::new(open(vault, person, name, decoder)?);
    tauri::Builder::default()
        .register_asynchronous_uri_scheme_protocol("media", move |context, request, responder| {
            let path = request.uri().path();
            if let Some(told) = path.strip_prefix("/told/") {
                #[allow(clippy::print_stdout)] // for whoever measures
                {
                    println!("{told}");
                }
                context.app_handle().exit(0);
                return;
            }
            let numbers: Vec<u32> = path.split('/').filter_map(|part| part.parse().ok()).collect();
            let shown = Arc::clone(&shown);
            std::thread::spawn(move || responder.respond(answer(&shown, &numbers)));
        })
        .setup(|app| {
            WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
                .inner_size(1280.0, 800.0)
                .incognito(true)
                .devtools(false)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!("examples/tiles/tauri.conf.json"))?;
    Ok(())
}

/// Signs in and finds the item.
fn open(vault: &str, person: &str, name: &str, decoder: &str) -> Outcome<Shown> {
    let mut passphrase = String::new();
    io::stdin().read_line(&mut passphrase)?;
    let passphrase = Passphrase::new(passphrase.trim_end().to_owned());
    let locked = LockedVault::open(vault.as_ref(), ambient::system())?;
    let decoder = DecoderProgram { program: PathBuf::from(decoder), workers: 2 };
    let session = Session::unlock(locked, person, &passphrase, ambient::system(), decoder)
        .map_err(|(_, error)| error)?;
    let project = projects::list(&session)?
        .projects
        .first()
        .ok_or("the vault has no project")?
        .info
        .identity
        .id;
    let query = ItemQuery { text: Some(name.to_owned()), ..ItemQuery::default() };
    let item = *library::ids(&session, project, &query)?.first().ok_or("there is no such item")?;
    Ok(Shown { session, project, item })
}

/// The tile of that level, column and row.
fn answer(shown: &Shown, numbers: &[u32]) -> Response<Vec<u8>> {
    let tile = || -> Outcome<(&'static str, Vec<u8>)> {
        let at: [u32; 3] = numbers.try_into()?;
        let Shown { session, project, item } = shown;
        let rendering = view::pixels(session, *project, *item)?.rendering;
        let tile = view::tile(session, *project, *item, at, &rendering)?;
        Ok((tile.encoding.media_type(), tile.bytes))
    };
    let (status, kind, body) = match tile() {
        Ok((kind, bytes)) => (StatusCode::OK, kind, bytes),
        Err(error) => (StatusCode::NOT_FOUND, "text/plain", error.to_string().into_bytes()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", tauri::http::HeaderValue::from_static(kind));
    headers.insert("cache-control", tauri::http::HeaderValue::from_static("no-store"));
    response
}
