//! `media://`: pixels for the window, as encoded pictures.
//!
//! `media://localhost/<nonce>/thumb/<project>/<item>` and
//! `media://localhost/<nonce>/tile/<project>/<item>/<level>/<x>/<y>?r=<rendering>`. The nonce is
//! the session's: an address dies when the vault locks, and none can be guessed. Answers are made
//! on threads of their own, the newest request first, because what was asked for last is what the
//! person looks at; the window's thread never waits.

mod address;
mod nonce;
mod threads;

use tauri::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use tauri::http::{HeaderValue, Response, StatusCode, Uri};
use vaultmark::journeys::view;

use crate::shell::{Shell, Viewing};
use crate::views::{Answer, AppError, Rendering};
use crate::window::ORIGIN;
use address::{Address, What};
use threads::Threads;

pub use nonce::Nonce;

/// The scheme.
pub const SCHEME: &str = "media";

/// What media requests are answered with.
type Picture = Response<Vec<u8>>;

/// The threads that answer media requests.
#[derive(Default)]
pub struct Pictures {
    threads: Threads,
}

impl Pictures {
    /// Answers a request on one of the threads; `respond` is called exactly once.
    pub fn answer(&self, shell: &Shell, uri: &Uri, respond: impl FnOnce(Picture) + Send + 'static) {
        let address = Address::parse(uri.path(), uri.query());
        let shell = shell.clone();
        self.threads.run(move |turn| {
            let answer = match (turn, address) {
                (threads::Turn::Dropped, _) => {
                    refused(StatusCode::SERVICE_UNAVAILABLE, "overtaken by newer requests")
                }
                (_, None) => refused(StatusCode::NOT_FOUND, "no such address"),
                (_, Some(address)) => picture(&shell, &address),
            };
            respond(answer);
        });
    }
}

fn picture(shell: &Shell, address: &Address) -> Picture {
    // A locked vault and a wrong nonce look the same.
    let Some(viewing) = shell.viewing().filter(|viewing| viewing.nonce.is(&address.nonce)) else {
        return refused(StatusCode::FORBIDDEN, "this address is no longer valid");
    };
    match look(&viewing, address) {
        Ok(Some((media_type, bytes))) => shown(media_type, bytes),
        Ok(None) => refused(StatusCode::NOT_FOUND, "there is no such picture"),
        Err(error) => refused(status(&error), &error.detail),
    }
}

/// The picture's media type and bytes.
fn look(viewing: &Viewing, address: &Address) -> Answer<Option<(&'static str, Vec<u8>)>> {
    let session = &viewing.session;
    let (project, item) = (address.project, address.item);
    match &address.what {
        What::Thumbnail => {
            let thumbnail = view::thumbnail(session, project, item)?;
            Ok(thumbnail.map(|bytes| ("image/jpeg", bytes)))
        }
        What::Tile { at, rendering } => {
            let first = view::pixels(session, project, item)?.rendering;
            let rendering = match rendering {
                Some(json) => Rendering::parse(json)?.over(first),
                None => first,
            };
            let tile = view::tile(session, project, item, *at, &rendering)?;
            Ok(Some((tile.encoding.media_type(), tile.bytes)))
        }
    }
}

fn status(error: &AppError) -> StatusCode {
    match error.kind.as_str() {
        "denied" => StatusCode::FORBIDDEN,
        "invalid" | "no_such_tile" | "no_project" => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn shown(media_type: &'static str, bytes: Vec<u8>) -> Picture {
    answer(StatusCode::OK, media_type, bytes)
}

fn refused(status: StatusCode, why: &str) -> Picture {
    answer(status, "text/plain; charset=utf-8", why.as_bytes().to_vec())
}

fn answer(status: StatusCode, media_type: &'static str, body: Vec<u8>) -> Picture {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    // Canvases may read what the window's own pages load, and nobody else.
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static(ORIGIN));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
